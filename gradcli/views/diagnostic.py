"""Errors and warnings as text with carets, or as objects."""

from __future__ import annotations

from typing import Any
from unicodedata import east_asian_width

from gradcli.errors import GradcliError, Location
from gradcli.lang.characters import visible

RED, YELLOW, BOLD, DIM, RESET = "\x1b[31m", "\x1b[33m", "\x1b[1m", "\x1b[2m", "\x1b[0m"

# How much of a long line is shown: the columns around the place.
BEFORE, AFTER = 50, 50
# Characters of a message that are shown.
LONGEST = 4000


def error_text(error: GradcliError, *, color: bool = False, in_file: bool = False) -> str:
    """`error: …`, where, the line with carets, the hint; in a file, `name:line:column: error: …`.

    The latter is what editors find their way by.
    """
    message, location, hint = error.message, error.location, error.hint
    return message_text("error", RED, message, location, hint, color=color, in_file=in_file)


def warning_text(
    message: str, location: Location | None, *, color: bool = False, in_file: bool = False
) -> str:
    return message_text("warning", YELLOW, message, location, None, color=color, in_file=in_file)


def message_text(
    label: str,
    paint: str,
    message: str,
    location: Location | None,
    hint: str | None,
    *,
    color: bool,
    in_file: bool,
) -> str:
    def painted(code: str, text: str) -> str:
        return f"{code}{text}{RESET}" if color else text

    lines = [f"{painted(paint + BOLD, label)}: {visible(message, LONGEST)}"]
    if location is not None:
        excerpt, indent, carets = pointed(location)
        margin = " " * len(str(location.line))
        place = f"{visible(location.name, LONGEST)}:{location.line}:{location.column}"
        if in_file:
            lines[0] = f"{place}: {lines[0]}"
        else:
            lines.append(f"  {place}")
        lines.append(f"{painted(DIM, f'{location.line} |')} {excerpt}")
        lines.append(f"{painted(DIM, f'{margin} |')} {' ' * indent}{painted(paint, carets)}")
    if hint:
        lines.append(f"hint: {visible(hint, LONGEST)}")
    return "\n".join(lines)


def pointed(location: Location) -> tuple[str, int, str]:
    """The part of the line around a place, the width before the place, and its carets."""
    start, end = location.column - 1, location.end_column - 1
    first = max(0, start - BEFORE)
    last = min(len(location.text), start + AFTER)
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
    """An error for tools; places count from 1, and are null where there are none."""
    location = error.location
    return {
        "schema": 1,
        "error": {
            "kind": error.kind,
            "message": visible(error.message, LONGEST),
            "line": location.line if location else None,
            "column": location.column if location else None,
            "end_column": location.end_column if location else None,
            "hint": visible(error.hint, LONGEST) if error.hint else None,
            "status": int(error.status),
        },
    }
