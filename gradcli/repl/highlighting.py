"""Colours of the text being typed, from the language's own lexer."""

from __future__ import annotations

from collections.abc import Callable

from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.lexers import Lexer
from prompt_toolkit.styles import Style

from gradcli.lang.lexer import KEYWORDS, Token, tokens
from gradcli.lang.source import Source

STYLE = Style.from_dict(
    {
        "prompt": "bold ansigreen",
        "continued": "ansibrightblack",
        "keyword": "bold ansimagenta",
        "number": "ansicyan",
        "string": "ansiyellow",
        "comment": "italic ansibrightblack",
        "function": "ansiblue",
        "constant": "ansicyan",
        "variable": "",
        "operator": "",
        "error": "underline ansired",
        "command": "bold ansiblue",
        "bottom-toolbar": "noreverse ansibrightblack",
        "bottom-toolbar.set": "noreverse ansiyellow",
        "bottom-toolbar.hint": "noreverse ansidefault",
        "bottom-toolbar.here": "noreverse bold underline ansidefault",
        "auto-suggestion": "ansibrightblack",
        "matching-bracket.cursor": "bold",
        "matching-bracket.other": "bold ansicyan underline",
    }
)
KINDS = {
    "number": "number",
    "string": "string",
    'f"': "string",
    "ftext": "string",
    "f-end": "string",
    "fspec": "string",
    "comment": "comment",
    "error": "error",
}
WORDS = KEYWORDS - {"True", "False", "None"}


class MathLexer(Lexer):
    """kind_of  says of a name whether it is a function, a constant, a variable or nothing"""

    def __init__(self, kind_of: Callable[[str], str]) -> None:
        self.kind_of = kind_of

    def lex_document(self, document: Document) -> Callable[[int], StyleAndTextTuples]:
        lines = self.lines(document.text)
        return lambda number: lines[number] if number < len(lines) else []

    def lines(self, text: str) -> list[StyleAndTextTuples]:
        """Styled pieces of each line; together they are the text."""
        lines: list[StyleAndTextTuples] = [[]]
        for style, piece in self.pieces(text):
            first, *rest = piece.split("\n")
            lines[-1].append((style, first))
            lines += [[(style, line)] for line in rest]
        return lines

    def pieces(self, text: str) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        offset = at = 0
        if text.startswith(":"):
            offset = at = len(text.split(maxsplit=1)[0])
            found.append(("class:command", text[:at]))
        for token in tokens(Source(text[offset:]), tolerant=True):
            start, end = token.start + offset, token.end + offset
            if start >= at:  # an error may stand over what was read before it
                found += [("", text[at:start]), (self.style(token), text[start:end])]
                at = end
        return [*found, ("", text[at:])]

    def style(self, token: Token) -> str:
        if token.kind == "name":
            kind = self.kind_of(token.value)
        elif token.kind in WORDS:
            kind = "keyword"
        elif token.kind in KEYWORDS:
            kind = "constant"
        else:
            kind = KINDS.get(token.kind, "operator")
        return f"class:{kind}" if kind else ""
