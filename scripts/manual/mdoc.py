"""Pages in the language of mdoc(7)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from manual.texts import Block, Example, Item, Paragraph

CODE = re.compile(r"`([^`]+)`")
SENTENCE = re.compile(r"(?<=[\w)\]`][.:;?]) (?=[A-Z`(])")
PAGE = re.compile(r"gradcli-\w+\(\d\)")
AS_IT_IS = {"\\": "\\e", "^": "\\(ha", "~": "\\(ti"}
# What a formatter would make typographical in text that is to be typed.
TYPED = {"\\": "\\e", "-": "\\-", "'": "\\(aq", "`": "\\(ga", "^": "\\(ha", "~": "\\(ti"}


def plain(text: str) -> str:
    """In ASCII, which every formatter reads."""
    return "".join(c if c.isascii() else f"\\[u{ord(c):04X}]" for c in text)


def typed(text: str) -> str:
    """A text that people copy, on a line of its own."""
    escaped = plain("".join(TYPED.get(c, c) for c in text))
    return f"\\&{escaped}" if escaped.startswith(".") else escaped


def argument(text: str) -> str:
    """The same as one argument of a macro."""
    return '"' + typed(text).replace('"', "\\(dq") + '"'


def prose(text: str) -> list[str]:
    """A paragraph, each sentence on a line of its own; `code` in bold, without hyphenation."""
    return [line_of(sentence) for sentence in SENTENCE.split(text)]


def line_of(sentence: str) -> str:
    pieces = CODE.split(sentence)
    for k, piece in enumerate(pieces):
        if k % 2:
            pieces[k] = rf"\fB\%{typed(piece)}\fR"
        else:
            for char, escape in AS_IT_IS.items():
                pieces[k] = pieces[k].replace(char, escape)
            pieces[k] = PAGE.sub(lambda page: rf"\%{typed(page[0])}", plain(pieces[k]))
    line = "".join(pieces)
    return f"\\&{line}" if line.startswith((".", "'")) else line


def literal(lines: Iterable[str]) -> list[str]:
    return [".Bd -literal -offset indent", *(typed(line) or "\\&" for line in lines), ".Ed"]


def body(blocks: Iterable[Block]) -> list[str]:
    """Blocks one after the other; neighbouring entries are one list."""
    lines: list[str] = []
    listing = False
    for k, block in enumerate(blocks):
        if listing and not isinstance(block, Item):
            lines.append(".El")
            listing = False
        if isinstance(block, Item):
            if not listing:
                lines.append(".Bl -tag -width Ds")
            listing = True
            lines += [f".It Sy {argument(block.term)}", *prose(block.text)]
        elif isinstance(block, Paragraph):
            lines += [*([".Pp"] if k else []), *prose(block.text)]
        elif isinstance(block, Example):
            lines += literal(block.lines)
    return [*lines, ".El"] if listing else lines


def head(title: str, section: int, date: str, name: str, description: str) -> list[str]:
    return [
        '.\\" Written by scripts/man.py: do not edit.',
        f".Dd {date}",
        f".Dt {title} {section}",
        ".Os gradcli",
        ".Sh NAME",
        f".Nm {name}",
        f".Nd {description}",
    ]


def references(names: Iterable[str]) -> list[str]:
    """`gradcli-eval.1 …` as the cross references of SEE ALSO."""
    pairs = sorted(tuple(name.rsplit(".", 1))[::-1] for name in names)
    lines = [f".Xr {name} {section} ," for section, name in pairs]
    return [".Sh SEE ALSO", *lines[:-1], lines[-1].removesuffix(" ,")]


def page(lines: Iterable[str]) -> str:
    return "\n".join(lines) + "\n"
