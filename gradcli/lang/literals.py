"""The values of literals: numbers, and strings with their escapes."""

from __future__ import annotations

import re

LARGEST = 2**63 - 1
BASES = {"x": (16, "hexadecimal"), "b": (2, "binary"), "o": (8, "octal")}

ESCAPE = (
    r"(?s)\\(?:(\r?\n)|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(0(?![0-9])|.))|\r\n"
)
FSTRING_ESCAPE = ESCAPE + r"|([{}])\6"
BRACES = r"([{}])\1"
ESCAPED = {
    "\\": "\\",
    "'": "'",
    '"': '"',
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
    "0": "\0",
}


class EscapeError(Exception):
    """An escape that means nothing: its place in the body of the string, and why."""

    def __init__(self, start: int, end: int, reason: str) -> None:
        super().__init__(reason)
        self.start = start
        self.end = end
        self.reason = reason


def number(text: str) -> complex:
    """The value of a literal: integers of more than 64 bits become floats, and those may be inf."""
    if len(text) < 19 and text.isdigit():
        return int(text)
    text = text.replace("_", "").lower()
    base, _ = BASES.get(text[1:2], (10, ""))
    if base != 10:
        integer = int(text[2:], base)
    elif text.isdigit():
        integer = int(text)
    elif text[-1] == "j":
        return complex(0.0, float(text[:-1]))
    else:
        return float(text)
    if integer <= LARGEST:
        return integer
    try:
        return float(integer)
    except OverflowError:
        return float("inf")


def string(body: str, *, raw: bool = False, braces: bool = False) -> str:
    """The value of what stands between the quotes; `braces` are doubled in an f-string."""
    if raw:
        body = body.replace("\r\n", "\n")
        return re.sub(BRACES, r"\1", body) if braces else body
    if "\\" in body or "\r" in body or braces:
        return re.sub(FSTRING_ESCAPE if braces else ESCAPE, unescape, body)
    return body


def unescape(found: re.Match[str]) -> str:
    newline, *codes, char = found.groups()[:5]
    if newline:
        return ""
    if char is None:
        if not any(codes):
            return found[0][-1]  # a doubled brace, or the LF of CRLF
        code = int(next(filter(None, codes)), 16)
        if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
            raise EscapeError(*found.span(), "is no character")
        return chr(code)
    if char not in ESCAPED:
        raise EscapeError(*found.span(), "is no escape")
    return ESCAPED[char]
