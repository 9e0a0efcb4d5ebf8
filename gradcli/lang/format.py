"""A script in its canonical form, with its comments and blank lines.

A comment on a line of its own stays before the statement that follows it, one at the end of a line
stays at that line. Those inside of brackets come before the statement, whose text is one line.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import NamedTuple

from gradcli.errors import InternalError
from gradcli.lang.expectations import comments
from gradcli.lang.lexer import SCRIPT_LIMITS, TextLimits, Token
from gradcli.lang.parser import parse
from gradcli.lang.printer import Printer, write
from gradcli.lang.source import Source, Span
from gradcli.lang.syntax import Block, Statement, same
from gradcli.lang.trampoline import Steps

BLANK_LINES = 2  # that are kept of several


def formatted(source: Source, *, limits: TextLimits = SCRIPT_LIMITS) -> str:
    """The canonical text; lines end as the first one did."""
    tree = parse(source, limits=limits)
    notes = comments(source)
    lines = Layout(source, printed(tree, source)).lines(notes)
    text = "".join(line + "\n" for line in lines)
    check(source, tree, notes, text, limits)
    crlf = source.text.partition("\n")[0].endswith("\r")
    return text.replace("\n", "\r\n") if crlf else text


def printed(tree: Block, source: Source) -> Marking:
    printer = Marking()
    if "f'" in write(tree, printer) and "{" in source.text:
        # A brace on the line could turn the derivative f' into an f-string.
        write(tree, printer := Marking(guard_f=True))
    return printer


def check(source: Source, tree: Block, notes: list[Token], text: str, limits: TextLimits) -> None:
    """A file must say the same afterwards, and keep its comments."""
    again = Source(text, source.name)
    kept = sorted(note.value.rstrip() for note in comments(again))
    if kept != sorted(note.value.rstrip() for note in notes) or not same(
        parse(again, limits=limits), tree
    ):
        raise InternalError(
            f"the canonical form of '{source.name}' would say something else",
            hint="this is a defect of gradcli; please report it with the file",
        )


class Marking(Printer):
    """A printer that remembers where the text of each statement begins, in their order."""

    def __init__(self, *, guard_f: bool = False) -> None:
        super().__init__(guard_f=guard_f)
        self.marks: list[tuple[int, Span]] = []

    def statement(self, node: Statement) -> Steps[None]:
        self.marks.append((len(self.pieces), node.span))
        yield super().statement(node)


class Mark(NamedTuple):
    """A statement: where it stands in the source, and its first line in the canonical text."""

    span: Span
    line: int


class Layout:
    """Where comments and blank lines go among the lines that a printer wrote."""

    def __init__(self, source: Source, printer: Marking) -> None:
        self.source = source
        self.text = "".join(printer.pieces).split("\n") if printer.pieces else []
        self.marks: list[Mark] = []
        line = at = 0
        for index, span in printer.marks:
            line += sum(piece.count("\n") for piece in printer.pieces[at:index])
            at = index
            self.marks.append(Mark(span, line))
        self.starts = [mark.span.start for mark in self.marks]
        self.gaps: dict[int, int] = {}  # empty lines right before a line
        self.before: dict[int, list[str]] = {}  # comments, and empty lines, before those
        self.behind: dict[int, list[str]] = {}  # comments that end a block, behind a line
        self.ends: dict[int, str] = {}  # comments at the ends of lines

    def lines(self, notes: list[Token]) -> list[str]:
        for mark in self.marks:
            self.gaps[mark.line] = self.blank_lines(mark.span.start)
        for note in notes:
            self.place(note)
        found: list[str] = []
        for number, line in enumerate([*self.text, ""]):
            found += self.before.get(number, [])
            found += [""] * self.gaps.get(number, 0)
            found.append(f"{line}  {self.ends.get(number, '')}".rstrip())
            found += self.behind.get(number, [])
        del found[-1]
        while found and not found[0]:
            del found[0]
        return found

    def place(self, note: Token) -> None:
        at = bisect_left(self.starts, note.start)
        previous = self.marks[at - 1] if at else None
        following = self.marks[at] if at < len(self.marks) else None
        own_line = self.column(note.start) is not None
        if previous is not None and self.within(note, previous, following):
            self.put_inside(previous, note)
        elif previous is None or (own_line and not self.belongs_to(previous, following, note)):
            self.put_before(following, note)
        elif own_line:
            lines = self.behind.setdefault(previous.line, [])
            lines += [""] * self.blank_lines(note.start)
            lines.append(self.indented(previous.line, note))
        else:
            self.put_at_end(previous, note)

    def within(self, note: Token, mark: Mark, following: Mark | None) -> bool:
        """Whether a comment stands in a statement that holds no other, so in its brackets."""
        holds = following is not None and following.span.end <= mark.span.end
        return note.start < mark.span.end and not holds

    def put_inside(self, mark: Mark, note: Token) -> None:
        lines = self.before.setdefault(mark.line, [])
        lines += [""] * self.gaps.pop(mark.line, 0)
        lines.append(self.indented(mark.line, note))

    def put_before(self, mark: Mark | None, note: Token) -> None:
        line = mark.line if mark is not None else len(self.text)
        lines = self.before.setdefault(line, [])
        lines += [""] * self.blank_lines(note.start)
        lines.append(self.indented(line, note))

    def put_at_end(self, mark: Mark, note: Token) -> None:
        line = mark.line
        if "\n" in self.source.text[mark.span.end : note.start]:
            # It stands behind a clause, such as `else:`: the next line that begins no statement.
            taken = {each.line for each in self.marks}
            line = next(n for n in range(line, len(self.text) + 1) if n not in taken)
        if line in self.ends:
            earlier = self.ends[line]
            self.before.setdefault(line, []).append(self.indentation(line) + earlier)
        self.ends[line] = note.value.rstrip()

    def belongs_to(self, previous: Mark, following: Mark | None, note: Token) -> bool:
        """Whether a comment on a line of its own ends the block that the statement is in."""
        inner = self.column(previous.span.start) or 0
        outer = (self.column(following.span.start) or 0) if following is not None else 0
        return inner > outer and (self.column(note.start) or 0) >= inner

    def indentation(self, line: int) -> str:
        text = self.text[line] if line < len(self.text) else ""
        return text[: len(text) - len(text.lstrip())]

    def indented(self, line: int, note: Token) -> str:
        return self.indentation(line) + note.value.rstrip()

    def column(self, start: int) -> int | None:
        """How far in its line something stands, if no statement stands before it."""
        before = self.source.text[self.source.text.rfind("\n", 0, start) + 1 : start]
        return None if before.strip(" \t;") else len(before)

    def blank_lines(self, start: int) -> int:
        """How many empty lines to keep above the line that begins with what stands at `start`."""
        if self.column(start) is None:
            return 0
        above = self.source.text[: self.source.text.rfind("\n", 0, start) + 1]
        count = above[len(above.rstrip(" \t\r\n")) :].count("\n") - 1
        return max(0, min(count, BLANK_LINES))
