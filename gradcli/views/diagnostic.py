"""Errors and warnings as text with carets, or as objects."""

from __future__ import annotations

from typing import Any
from unicodedata import east_asian_width

from gradcli.errors import GradcliError, Location
from gradcli.lang.characters import visible

RED, YELLOW, BOLD, DIM, RESET = "\x1b[31m", "\x1b[33m", "\x1b[1m", "\x1b[2m", "\x1b[0m"

# How much of a long line is shown: so many characters on either side of the place.
AROUND = 50
# Characters of a message that are shown.
LONGEST = 4000
# Calls of a trace that are shown: the innermost and the outermost.
INNER, OUTER = 3, 2


def around_of(columns: int | None) -> int:
    """Characters on either side of a place that fit a terminal, behind the number of a line."""
    return AROUND if columns is None else max(8, min(AROUND, (columns - 8) // 2))


def error_text(
    error: GradcliError, *, color: bool = False, in_file: bool = False, around: int = AROUND
) -> str:
    """`error: …`, where, the line with carets, the calls that led there, the hint.

    In a file it begins `name:line:column: error: …`, which is what editors find their way by.
    A text without a name is the one just typed.
    """
    message, location, hint, calls = error.message, error.location, error.hint, call_lines(error)
    return message_text(
        "error", RED, message, location, hint, calls, color=color, in_file=in_file, around=around
    )


def warning_text(
    message: str,
    location: Location | None,
    *,
    color: bool = False,
    in_file: bool = False,
    around: int = AROUND,
) -> str:
    return message_text(
        "warning", YELLOW, message, location, None, [], color=color, in_file=in_file, around=around
    )


def call_lines(error: GradcliError) -> list[str]:
    """A line for each call that the error came out of, the innermost first."""
    lines = []
    for call in error.trace:
        place = call.location
        written = visible(place.text[place.column - 1 : place.end_column - 1], 60)
        where = f" at {visible(place.name, LONGEST)}:{place.line}:{place.column}"
        where = where if place.name else ""
        lines.append(f"  in {visible(call.function, 60)}, called{where}: {written}")
    if len(lines) > INNER + OUTER + 1:
        more = len(lines) - INNER - OUTER
        lines[INNER:-OUTER] = [f"  … {more} more calls …"]
    return lines


def message_text(
    label: str,
    paint: str,
    message: str,
    location: Location | None,
    hint: str | None,
    calls: list[str],
    *,
    color: bool,
    in_file: bool,
    around: int,
) -> str:
    def painted(code: str, text: str) -> str:
        return f"{code}{text}{RESET}" if color else text

    lines = [f"{painted(paint + BOLD, label)}: {visible(message, LONGEST)}"]
    if location is not None:
        excerpt, indent, carets = pointed(location, around)
        margin = " " * len(str(location.line))
        place = f"{visible(location.name, LONGEST)}:{location.line}:{location.column}"
        if in_file:
            lines[0] = f"{place}: {lines[0]}"
        elif location.name:
            lines.append(f"  {place}")
        lines.append(f"{painted(DIM, f'{location.line} |')} {excerpt}")
        lines.append(f"{painted(DIM, f'{margin} |')} {' ' * indent}{painted(paint, carets)}")
    lines += calls
    if hint:
        lines.append(f"hint: {visible(hint, LONGEST)}")
    return "\n".join(lines)


def pointed(location: Location, around: int = AROUND) -> tuple[str, int, str]:
    """The part of the line around a place, the width before the place, and its carets."""
    start, end = location.column - 1, location.end_column - 1
    first = max(0, start - around)
    last = min(len(location.text), start + around)
    before = ("…" if first else "") + visible(location.text[first:start], LONGEST)
    inside = visible(location.text[start : min(end, last)], LONGEST)
    after = visible(location.text[min(end, last) : last], LONGEST) + (
        "…" if last < len(location.text) else ""
    )
    before, inside, after = (text.replace("\t", " ") for text in (before, inside, after))
    return before + inside + after, width(before), "^" * max(1, width(inside))


def width(text: str) -> int:
    """Columns on a terminal: wide characters take two."""
    return sum(2 if east_asian_width(c) in "WF" else 1 for c in text)


def error_object(error: GradcliError) -> dict[str, Any]:
    """An error for tools; places count from 1, and are null where there are none.

    `calls`, the innermost first, is there if the error came out of functions of the program.
    """
    location = error.location
    found: dict[str, Any] = {
        "kind": error.kind,
        "message": visible(error.message, LONGEST),
        "line": location.line if location else None,
        "column": location.column if location else None,
        "end_column": location.end_column if location else None,
        "hint": visible(error.hint, LONGEST) if error.hint else None,
        "status": int(error.status),
    }
    if error.trace:
        found["calls"] = [
            {
                "function": visible(call.function, LONGEST),
                "line": call.location.line,
                "column": call.location.column,
            }
            for call in error.trace
        ]
    return {"schema": 1, "error": found}
