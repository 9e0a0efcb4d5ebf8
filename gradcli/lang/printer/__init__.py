"""Trees to text: the canonical form, which shows how gradcli read what was typed.

`parse(canonical(tree))` is the same tree. Blanks stand around every operator but `^`, and
parentheses only where the tree needs them. Numbers are shown with the value they were read as.
"""

from __future__ import annotations

from gradcli.lang.printer.statements import Printer
from gradcli.lang.syntax import Block, Expression, Statement
from gradcli.lang.trampoline import run

__all__ = ["Printer", "canonical", "write"]


def canonical(tree: Block | Statement | Expression) -> str:
    """The text of a tree, a line for each statement."""
    text = write(tree, Printer())
    if "f'" in text and "{" in text:
        # A brace on the line could turn the derivative f' into an f-string.
        text = write(tree, Printer(guard_f=True))
    return text


def write(tree: Block | Statement | Expression, printer: Printer) -> str:
    if isinstance(tree, Block):
        run(printer.block(tree))
    elif isinstance(tree, Statement):
        run(printer.statement(tree))
    else:
        run(printer.bare(tree))
    return "".join(printer.pieces)
