"""Statements out of lines as they arrive, as a pipe or a prompt delivers them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from gradcli.lang.lexer import unfinished
from gradcli.lang.source import BYTE_ORDER_MARK, Source

BLOCK = re.compile(rb"[ \t]*(?:@|(?:if|for|while|try|with|def|class|async)\b)")
# What begins a line that still belongs to the block before it.
CLAUSE = re.compile(rb"[ \t]*(?:elif|else|except|finally)\b")
EMPTY = re.compile(rb"[ \t]*(?:#.*)?\r?\n?")
QUIET = re.compile(rb"""[^"'#\\]*""")


class Piece(NamedTuple):
    """Lines that belong together, and the number of the first."""

    data: bytes
    first_line: int


class Feed:
    """Collects lines until they are whole: brackets and strings closed, a block behind its end.

    most  bytes of a piece; what is longer is passed on as it is, for somebody to refuse
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.size = 0
        self.lines: list[bytes] = []
        self.first = 1  # the number of the first of them
        self.depth = 0  # brackets open at their end, while no string or comment makes it unsure
        self.sure = True
        self.block = False

    def add(self, line: bytes) -> Iterator[Piece]:
        """The pieces that this line completes; a block, when the line is not of it any more."""
        if self.block and self.ends_block(line):
            yield self.piece()
        if not self.lines:
            line = line.removeprefix(BYTE_ORDER_MARK) if self.first == 1 else line
            self.block = BLOCK.match(line) is not None
        self.lines.append(line)
        self.size += len(line)
        self.sure = self.sure and QUIET.fullmatch(line) is not None
        if self.sure:
            self.depth += sum(line.count(c) for c in b"([{") - sum(line.count(c) for c in b")]}")
        if self.size > self.most or not (self.block or self.open()):
            yield self.piece()

    def end(self) -> Iterator[Piece]:
        """What is left when no more lines come."""
        if self.lines:
            yield self.piece()

    def piece(self) -> Piece:
        piece = Piece(b"".join(self.lines), self.first)
        self.first += len(self.lines)
        self.lines = []
        self.size, self.depth, self.sure, self.block = 0, 0, True, False
        return piece

    def open(self) -> bool:
        """Whether a bracket, a string or a backslash waits for more."""
        if self.sure:
            return self.depth > 0
        text = b"".join(self.lines).decode(errors="replace").rstrip("\r\n")
        return unfinished(Source(text))

    def ends_block(self, line: bytes) -> bool:
        """Whether a line stands no deeper than the block's first, and begins no clause of it."""
        if (
            EMPTY.fullmatch(line)
            or CLAUSE.match(line)
            or indentation(line) > indentation(self.lines[0])
        ):
            return False
        decorator = self.lines[-1].lstrip().startswith(b"@")
        return not decorator and not self.open()


def indentation(line: bytes) -> int:
    return len(line) - len(line.lstrip(b" \t"))
