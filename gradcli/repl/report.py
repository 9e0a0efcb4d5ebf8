"""What a person sees: values, and errors under the text that was typed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from textwrap import TextWrapper
from typing import Any

from gradcli.engine import display
from gradcli.engine.tensor import Tensor
from gradcli.errors import GradcliError, Interrupted, Location
from gradcli.lang.dialects import active
from gradcli.lang.session import Caution
from gradcli.lang.text import show
from gradcli.repl.host import Host
from gradcli.repl.settings import Settings
from gradcli.views.diagnostic import (
    RED,
    RESET,
    around_of,
    error_text,
    pointed,
    warning_text,
    width,
)

NARROWEST = 20
# Options of the command line in hints, and what they are called here.
OURS = {
    "--limit ": ":limits ",
    "--strict": ":set strict on",
    "gradcli eval gives": ":check shows",
}


# What a message begins with, in colour or without.
LABEL = re.compile(r"(?:\x1b\[\d+m)*(?:error|warning|note|hint)(?:\x1b\[0m)?: ")
INDENT = "  "


class Report:
    """Writes results to standard output and the rest to standard error.

    columns  of the terminal, None where there is none
    typed    the line that was typed on it, from its `column`; None if it was no single line
    below    whether what is written next stands right below it
    """

    def __init__(self, host: Host, settings: Settings) -> None:
        self.settings = settings
        environment = host.environment
        self.stdout, self.stderr = environment.stdout, environment.stderr
        self.environment = environment
        self.columns: int | None = None
        self.typed: str | None = None
        self.column = 0
        self.below = False

    def begin(self, text: str, column: int) -> None:
        """A text was typed on the terminal, from this column."""
        self.typed = None if "\n" in text.rstrip() else text.rstrip()
        self.column = column
        self.below = True

    def shift(self, text: str) -> None:
        """Only this end of the line is read as statements."""
        if self.typed is not None:
            self.column += width(self.typed.removesuffix(text))
            self.typed = text

    @property
    def color(self) -> bool:
        return self.environment.colored(self.settings["color"], self.stderr)

    @property
    def around(self) -> int:
        """Characters of a line that fit on either side of a place in it, behind its number."""
        return around_of(self.columns)

    def write(self, text: str) -> None:
        """What the program prints."""
        self.below = False
        self.stdout.write(text)

    def say(self, text: str) -> None:
        self.write(f"{text}\n")

    def table(self, rows: Sequence[tuple[str, ...]]) -> None:
        self.say(table(rows, self.columns))

    def note(self, text: str) -> None:
        """A message, after all that was written before it."""
        self.below = False
        self.stdout.flush()
        if self.columns is not None:
            text = "\n".join(folded(line, self.columns) for line in text.split("\n"))
        print(text, file=self.stderr, flush=True)

    def value(self, value: Any) -> None:
        self.say(self.shown(value))

    def shown(self, value: Any) -> str:
        """A value as the prompt shows it: of a large tensor its corners, its shape and dtype; where
        a framework was imported, as that shows it."""
        if type(value) is not Tensor or active.dialect is not None:
            return show(value, self.settings.digits)
        columns = max(self.columns or display.WIDTH, NARROWEST)
        return display.describe(
            value,
            self.settings.digits,
            self.settings["dtype"],
            columns=columns,
            with_shape=value.size > display.MOST,
        )

    def warning(self, caution: Caution) -> None:
        location = None
        if caution.place is not None:
            found = caution.place.source.locate(caution.place.span)
            location = None if self.names_typed(found) else found  # it quotes what was typed
        text = warning_text(caution.message, location, color=self.color, around=self.around)
        self.note(text)

    def error(self, error: GradcliError) -> None:
        """In the words of the prompt; carets under the typed text, or under a copy of its line."""
        if isinstance(error, Interrupted):
            self.note("interrupted")
            return
        for option, ours in OURS.items():
            error.hint = error.hint and error.hint.replace(option, ours)
        if error.location is not None and (carets := self.carets(error.location)):
            error.location = None
            self.note(carets)
        self.note(error_text(error, color=self.color, around=self.around))

    def names_typed(self, location: Location) -> bool:
        return not location.name and location.text == self.typed

    def carets(self, location: Location) -> str | None:
        """A line of carets, if the text stands right above and its line was not wrapped."""
        if not (self.below and self.names_typed(location) and "\t" not in location.text):
            return None
        if self.columns is None or self.column + width(location.text) >= self.columns:
            return None
        before = width(location.text[: location.column - 1])
        _, _, marks = pointed(location)
        blanks = " " * (self.column + before)
        return f"{blanks}{RED}{marks}{RESET}" if self.color else blanks + marks


def broken(text: str, columns: int) -> list[str]:
    """The lines of a text, broken between words alone."""
    return TextWrapper(columns, break_long_words=False, break_on_hyphens=False).wrap(text)


def folded(line: str, columns: int) -> str:
    """A line of a message on as many lines as it needs, broken between words."""
    label = LABEL.match(line)
    if label is None or width(line) <= columns:
        return line
    first, *rest = broken(line[label.end() :], columns - len(INDENT) - len("warning"))
    return ("\n" + INDENT).join([label[0] + first, *rest])


def table(rows: Sequence[tuple[str, ...]], columns: int | None) -> str:
    """Columns of one width, the last as long as it is, or folded to fit on a terminal."""
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    before = sum(widths[:-1]) + 2 * (len(widths) - 1)
    room = None if columns is None else columns - before - 1
    lines = []
    for row in rows:
        head = "  ".join(
            text + " " * (size - width(text)) for text, size in zip(row[:-1], widths, strict=False)
        )
        if room is None or width(row[-1]) <= room:
            lines.append(f"{head}  {row[-1]}".rstrip())
        elif room >= NARROWEST:
            lines.append(f"{head}  " + f"\n{' ' * before}".join(broken(row[-1], room)))
        else:
            below = broken(row[-1], max(NARROWEST, (columns or 0) - 5))
            lines.append("\n    ".join([head.rstrip(), *below]))
    return "\n".join(lines)
