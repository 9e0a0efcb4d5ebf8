"""`x.grad  #=> 6.0`: a comment that says what an expression shows, and holds to its digits."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from gradcli.errors import ParseError
from gradcli.lang.compiler import Code
from gradcli.lang.lexer import Token, tokens
from gradcli.lang.source import Source, Span
from gradcli.lang.vm import instructions

MARK = "#=>"
NUMBER = re.compile(r"(?<![\w.])[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[-+]?[0-9]+)?(?![0-9])")
PLACE = f"it ends the line of an expression that stands outside of blocks: x^2  {MARK} 9.0"
# How far a number may be off whatever its digits say: its last bits differ between machines.
LAST_BITS = 1e-15


class Expectation(NamedTuple):
    """The text after the mark, and where it stands; an empty one stands behind the mark."""

    text: str
    span: Span


def comments(source: Source) -> list[Token]:
    return [token for token in tokens(source, tolerant=True) if token.kind == "comment"]


def expectations(source: Source, codes: Sequence[Code]) -> dict[Span, Expectation]:
    """The expectations of a text, by the statements that they follow on their lines."""
    if MARK not in source.text:
        return {}
    found: dict[Span, Expectation] = {}
    rows = iter(codes)
    before: Code | None = None
    following = next(rows, None)
    for comment in comments(source):
        if not comment.value.startswith(MARK):
            continue
        while following is not None and following.place.span.end <= comment.start:
            before, following = following, next(rows, None)
        if before is None or not ends_with(source, before, comment):
            error = ParseError(f"'{MARK}' stands behind no expression", hint=PLACE)
            raise source.blame(error, comment.span)
        text = comment.value.removeprefix(MARK).strip()
        start = comment.value.index(text, len(MARK)) + comment.start
        found[before.place.span] = Expectation(text, Span(start, start + len(text)))
    return found


def ends_with(source: Source, code: Code, comment: Token) -> bool:
    """Whether a statement is an expression, and the comment ends its line."""
    between = source.text[code.place.span.end : comment.start]
    return code.instructions[-1][0] is instructions.finish and not between.strip(" \t;")


def rewritten(source: Source, texts: Mapping[Span, str]) -> str:
    """The text of a source with other texts at the places of expectations, else as it was."""
    pieces: list[str] = []
    at = 0
    for span, text in sorted(texts.items()):
        blank = "" if span.start < span.end or source.text[span.start - 1] == " " else " "
        pieces += source.text[at : span.start], blank, text
        at = span.end
    return "".join([*pieces, source.text[at:]])


def holds(expected: str, shown: str) -> bool:
    """Whether `shown` is what was expected: the same text but for blanks and the kind of quotes,
    and the same numbers.

    A number agrees to the digits that are written: 3.14 is π. One without decimals, or with `.0`
    alone, is whole and means exactly that.
    """
    ours, theirs = NUMBER.findall(expected), NUMBER.findall(shown)
    if len(ours) != len(theirs) or bare(expected) != bare(shown):
        return False
    return all(agrees(ours[at], float(theirs[at])) for at in range(len(ours)))


def bare(text: str) -> str:
    """A text with its numbers and blanks taken out, and one kind of quotes."""
    return "".join(NUMBER.sub("0", text).split()).replace('"', "'")


def agrees(written: str, number: float) -> bool:
    """Whether a number rounds to the one that is written.

    >>> agrees("0.333", 1 / 3), agrees("0.334", 1 / 3), agrees("4.0", 4.01), agrees("4.00", 4.001)
    (True, False, False, True)
    """
    mantissa, _, exponent = written.partition("e")
    decimals = mantissa.partition(".")[2]
    whole = decimals in ("", "0")
    half = 0.0 if whole else 0.5 * 10.0 ** (int(exponent or 0) - len(decimals))
    target = float(written)
    return number == target or math.isclose(number, target, rel_tol=LAST_BITS, abs_tol=half)
