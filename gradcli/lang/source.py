"""A text and places in it."""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property
from typing import NamedTuple, TypeVar

from gradcli.errors import GradcliError, Location, ParseError

E = TypeVar("E", bound=GradcliError)

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Span(NamedTuple):
    """Half-open range of characters in a source text."""

    start: int
    end: int

    def to(self, other: Span) -> Span:
        """From the start of this span to the end of `other`."""
        return Span(self.start, other.end)


class Source:
    """A named text. Lines end with LF or CRLF and with nothing else.

    first_line  the number of its first line in what it is a piece of
    """

    def __init__(self, text: str, name: str = "expression", first_line: int = 1) -> None:
        self.text = text
        self.name = name
        self.first_line = first_line

    @cached_property
    def line_starts(self) -> list[int]:
        starts = [0]
        at = self.text.find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = self.text.find("\n", at + 1)
        return starts

    def locate(self, span: Span) -> Location:
        """The first line that `span` touches, and its columns there."""
        row = bisect_right(self.line_starts, span.start) - 1
        start = self.line_starts[row]
        stop = self.text.find("\n", start)
        line = self.text[start : stop if stop >= 0 else len(self.text)].removesuffix("\r")
        column = span.start - start
        end = max(min(span.end - start, len(line)), column + 1)
        return Location(self.name, self.first_line + row, column + 1, end + 1, line)

    def slice(self, span: Span) -> str:
        return self.text[span.start : span.end]

    def blame(self, error: E, span: Span) -> E:
        """`error`, with its place."""
        error.location = self.locate(span)
        return error


def decode(data: bytes, name: str, first_line: int = 1) -> Source:
    """The text of a file: strict UTF-8, a byte order mark at its start allowed."""
    data = data.removeprefix(BYTE_ORDER_MARK)
    try:
        return Source(data.decode(), name, first_line)
    except UnicodeDecodeError as error:
        before = len(data[: error.start].decode())
        readable = Source(data.decode(errors="replace"), name, first_line)
        refusal = ParseError(
            f"byte 0x{data[error.start]:02x} is not UTF-8", hint="save the file as UTF-8"
        )
        raise readable.blame(refusal, Span(before, before + 1)) from None
