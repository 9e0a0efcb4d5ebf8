"""What a quote begins: a prime, a string, or an f-string with its texts and fields."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from gradcli.errors import GradcliError
from gradcli.lang import literals
from gradcli.lang.characters import continues_name, visible

if TYPE_CHECKING:
    from gradcli.lang.lexer import Lexer, Token

PREFIXES = ("f", "r", "fr", "rf")
PRIMED = ("name", ")", "]", "prime")


def read(lexer: Lexer, start: int) -> int:
    """A prime, a string, or the start of an f-string: returns where to go on."""
    text, mark, prefix = lexer.text, lexer.text[start], ""
    last = lexer.tokens[-1] if lexer.tokens else None
    if last and last.end == start and last.kind in PRIMED:
        word = text[last.start : start] if last.kind == "name" else ""
        bare = word != "" and not (len(lexer.tokens) > 1 and lexer.tokens[-2].kind == ".")
        if mark == "'" and not (word == "f" and bare and opens_fstring(text, start)):
            lexer.add("prime", mark, start, start + 1)
            return start + 1
        if bare:
            prefix = prefix_of(lexer, word.lower(), last)
    first = start - len(prefix)
    quote = mark * 3 if text.startswith(mark * 3, start) else mark
    begin = start + len(quote)
    if "f" in prefix:
        token = lexer.add('f"', text[first:begin], first, begin)
        lexer.fstrings.append((token, quote, "r" in prefix))
        return fstring_text(lexer, begin)
    end = end_of_text(lexer, quote, begin, raw=False, braces=False)
    if not text.startswith(quote, end):
        raise unterminated(lexer, quote, first, end)
    value = string_value(lexer, begin, end, raw="r" in prefix, braces=False)
    lexer.add("string", value, first, end + len(quote))
    return end + len(quote)


def prefix_of(lexer: Lexer, word: str, token: Token) -> str:
    """The prefix of the string after `token`, which is taken back if it is one."""
    if word in ("b", "br", "rb", "u"):
        lexer.tokens.pop()
        raise lexer.refuse(
            f"strings have no prefix {word!r}", *token.span, hint="write the quotes alone"
        )
    if word not in PREFIXES:
        return ""
    lexer.tokens.pop()
    return word


def fstring_text(lexer: Lexer, at: int) -> int:
    """The text of an f-string up to its next field or its end."""
    text = lexer.text
    token, quote, raw = lexer.fstrings[-1]
    end = end_of_text(lexer, quote, at, raw=raw, braces=True)
    if value := string_value(lexer, at, end, raw=raw, braces=True):
        lexer.add("ftext", value, at, end)
    if text.startswith(quote, end):
        lexer.fstrings.pop()
        lexer.add("f-end", quote, end, end + len(quote))
        return end + len(quote)
    if text.startswith("{", end):
        lexer.open.append(lexer.add("f{", "{", end, end + 1))
        return end + 1
    lexer.fstrings.pop()
    if text.startswith("}", end):
        raise lexer.refuse("a single '}' in an f-string", end, end + 1, hint="write it twice")
    raise unterminated(lexer, quote, token.start, end)


def end_of_text(lexer: Lexer, quote: str, at: int, *, raw: bool, braces: bool) -> int:
    found = inside(quote, raw, braces).match(lexer.text, at)
    return found.end() if found else at


def string_value(lexer: Lexer, start: int, end: int, *, raw: bool, braces: bool) -> str:
    lexer.check_limit("string", "a string", start, end)
    lexer.check_marks(start, end)
    try:
        return literals.string(lexer.text[start:end], raw=raw, braces=braces)
    except literals.EscapeError as bad:
        if lexer.tolerant:
            return lexer.text[start:end]
        escape = visible(lexer.text[start + bad.start : start + bad.end])
        raise lexer.refuse(
            f"'{escape}' {bad.reason}",
            start + bad.start,
            start + bad.end,
            hint=r"a backslash itself is written \\",
        ) from None


def unterminated(lexer: Lexer, quote: str, start: int, end: int) -> GradcliError:
    lexer.unfinished = len(quote) == 3
    hint = f"close it with {quote}"
    if quote == "'" and lexer.text[start] == "f":
        hint = "a prime before a name needs an operator between: f' * x"
    elif quote == "'" and lexer.text[start - 1 : start] == " ":
        hint += "; a prime follows its function or matrix without a blank"
    return lexer.refuse("this string is never closed", start, end, hint=hint)


def opens_fstring(text: str, at: int) -> bool:
    """Whether the quote at `at`, directly after a bare `f`, opens an f-string or is a prime."""
    following = text[at + 1 : at + 2]
    if following and (following in "\\{" or continues_name(following)):
        return True
    closing = text.find("'", at + 1)
    field = text.find("{", at + 1, max(closing, 0))
    return field >= 0 and text.find("\n", at + 1, field) < 0


@cache
def inside(quote: str, raw: bool, braces: bool) -> re.Pattern[str]:
    """What may stand in a string before its quote, or before a field; never reads a place twice."""
    mark = quote[0]
    stops = mark + ("" if len(quote) == 3 else r"\n") + ("{}" if braces else "")
    plain = rf"[^\\{stops}]*+"
    special = [r"\\(?:\r\n|[^{}]|(?=[{}]))" if raw and braces else r"\\(?:\r\n|.)"]
    if braces:
        special.append(r"\{\{|\}\}")
    if len(quote) == 3:
        special.append(f"{mark}(?!{mark * 2})")
    return re.compile(f"{plain}(?:(?:{'|'.join(special)}){plain})*+", re.DOTALL)
