"""What people write of a page: paragraphs, lists and examples under headings.

    HEADING            a line in capitals
    text               a paragraph, up to a blank line; `code` between backticks
    * TERM: text       an entry of a list; its further lines begin with two blanks
        literal        with four blanks: an example, up to the next line with fewer

An example is `$ COMMAND` with what it prints, a script with `#=>`, a dialogue with `grad> `, or
settings of config.toml: all of them are run by the tests.
"""

from __future__ import annotations

import re
from typing import NamedTuple

HEADING = re.compile(r"[A-Z][A-Z ]+")
ITEM = re.compile(r"\* (.+?): (.*)")
INDENT = "    "


class Paragraph(NamedTuple):
    text: str


class Item(NamedTuple):
    """An entry of a list."""

    term: str
    text: str


class Example(NamedTuple):
    """`line` is the number of its first line in the text."""

    lines: tuple[str, ...]
    line: int

    @property
    def kind(self) -> str:
        """command, dialogue, script or settings."""
        first = self.lines[0]
        if first.startswith("$ "):
            return "command"
        if first.startswith("grad> "):
            return "dialogue"
        if any("#=>" in line for line in self.lines):
            return "script"
        return "settings"


Block = Paragraph | Item | Example


class Section(NamedTuple):
    heading: str
    blocks: tuple[Block, ...]


def sections(text: str) -> list[Section]:
    """The parts of a text, in order."""
    found: list[tuple[str, list[Block]]] = []
    lines = text.splitlines()
    at = 0
    while at < len(lines):
        line = lines[at]
        if not line.strip():
            at += 1
        elif HEADING.fullmatch(line):
            found.append((line, []))
            at += 1
        elif not found:
            raise ValueError(f"line {at + 1} stands before the first heading")
        else:
            block, at = block_at(lines, at)
            found[-1][1].append(block)
    return [Section(heading, tuple(blocks)) for heading, blocks in found]


def block_at(lines: list[str], at: int) -> tuple[Block, int]:
    """The block that begins with a line, and the number of the line behind it."""
    start = at
    if lines[at].startswith(INDENT):
        while at < len(lines) and (lines[at].startswith(INDENT) or not lines[at].strip()):
            at += 1
        literal = [line.removeprefix(INDENT) for line in lines[start:at]]
        while not literal[-1]:
            literal.pop()
        return Example(tuple(literal), start), at
    item = ITEM.fullmatch(lines[at])
    at += 1
    while at < len(lines) and lines[at].strip() and continues(lines[at], in_item=item is not None):
        at += 1
    if item is not None:
        return Item(item[1], " ".join([item[2], *map(str.strip, lines[start + 1 : at])])), at
    return Paragraph(" ".join(lines[start:at])), at


def continues(line: str, *, in_item: bool) -> bool:
    if ITEM.fullmatch(line) or HEADING.fullmatch(line) or line.startswith(INDENT):
        return False
    return line.startswith("  ") if in_item else True


def examples(text: str) -> list[Example]:
    """All examples of a text."""
    return [
        block
        for section in sections(text)
        for block in section.blocks
        if isinstance(block, Example)
    ]


class Command(NamedTuple):
    """A command line of an example, and what it prints."""

    line: str
    printed: tuple[str, ...]


def commands(example: Example) -> list[Command]:
    found: list[tuple[str, list[str]]] = []
    for line in example.lines:
        if line.startswith("$ "):
            found.append((line.removeprefix("$ "), []))
        else:
            found[-1][1].append(line)
    return [Command(line, tuple(printed)) for line, printed in found]
