"""Statements as text: a line for each, blocks indented by four blanks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradcli.lang.printer.expressions import ExpressionPrinter
from gradcli.lang.syntax import (
    Assert,
    Assign,
    AugmentedAssign,
    Block,
    ClassDef,
    Def,
    Define,
    Delete,
    Expression,
    ExpressionStatement,
    For,
    If,
    Import,
    Raise,
    Return,
    Statement,
    Try,
    While,
    With,
    Word,
)
from gradcli.lang.trampoline import Steps


class Printer(ExpressionPrinter):
    """Writes blocks; the first line of one is not indented, for what stands before it."""

    def __init__(self, *, guard_f: bool = False) -> None:
        super().__init__(guard_f=guard_f)
        self.margin = "\n"

    def block(self, tree: Block) -> Steps[None]:
        for number, each in enumerate(tree.statements):
            if number:
                self.put(self.margin)
            yield self.statement(each)

    def statement(self, node: Statement) -> Steps[None]:
        yield STATEMENTS[type(node)](self, node)

    def suite(self, tree: Block) -> Steps[None]:
        self.put(":")
        outside = self.margin
        self.margin += "    "
        self.put(self.margin)
        yield self.block(tree)
        self.margin = outside

    def headed(self, word: str, tree: Block | None) -> Steps[None]:
        """`else:` and its like, if there is a block."""
        if tree:
            self.put(self.margin + word)
            yield self.suite(tree)

    # ---- simple statements ----------------------------------------------------------------------

    def value(self, node: ExpressionStatement) -> Steps[None]:
        yield self.bare(node.value)

    def assign(self, node: Assign) -> Steps[None]:
        for target in node.targets:
            yield self.bare(target)
            self.put(" = ")
        yield self.bare(node.value)

    def augmented(self, node: AugmentedAssign) -> Steps[None]:
        yield self.bare(node.target)
        self.put(f" {node.operator}= ")
        yield self.bare(node.value)

    def define(self, node: Define) -> Steps[None]:
        self.put(f"{node.name}(")
        yield self.parameters(node.parameters)
        self.put(") = ")
        yield self.bare(node.body)

    def give_back(self, node: Return) -> Steps[None]:
        self.put("return")
        if node.value:
            self.put(" ")
            yield self.bare(node.value)

    def raising(self, node: Raise) -> Steps[None]:
        self.put("raise")
        if node.value:
            self.put(" ")
            yield self.expression(node.value)

    def lone_word(self, node: Word) -> Steps[None]:
        self.put(node.word)
        return
        yield

    def delete(self, node: Delete) -> Steps[None]:
        self.put("del ")
        yield self.items(node.targets)

    def asserting(self, node: Assert) -> Steps[None]:
        self.put("assert ")
        yield self.expression(node.test)
        if node.message:
            self.put(", ")
            yield self.expression(node.message)

    def importing(self, node: Import) -> Steps[None]:
        self.put(f"from {node.module} import " if node.module else "import ")
        self.put(
            ", ".join(
                f"{each.name} as {each.other}" if each.other else each.name for each in node.names
            )
        )
        return
        yield

    # ---- statements that hold others ------------------------------------------------------------

    def choice(self, node: If) -> Steps[None]:
        word = "if "
        for test, body in node.branches:
            self.put(word)
            yield self.expression(test)
            yield self.suite(body)
            word = self.margin + "elif "
        yield self.headed("else", node.orelse)

    def while_loop(self, node: While) -> Steps[None]:
        self.put("while ")
        yield self.expression(node.test)
        yield self.suite(node.body)
        yield self.headed("else", node.orelse)

    def for_loop(self, node: For) -> Steps[None]:
        self.put("for ")
        yield self.bare(node.target)
        self.put(" in ")
        yield self.bare(node.iterable)
        yield self.suite(node.body)
        yield self.headed("else", node.orelse)

    def with_block(self, node: With) -> Steps[None]:
        for number, (context, name) in enumerate(node.contexts):
            self.put(", " if number else "with ")
            yield self.expression(context)
            if name:
                self.put(" as ")
                yield self.expression(name)
        yield self.suite(node.body)

    def attempt(self, node: Try) -> Steps[None]:
        self.put("try")
        yield self.suite(node.body)
        for each in node.handlers:
            self.put(f"{self.margin}except")
            yield from self.caught(each.kinds, each.name)
            yield self.suite(each.body)
        yield self.headed("else", node.orelse)
        yield self.headed("finally", node.final)

    def caught(self, kinds: Expression | None, name: str) -> Steps[None]:
        if kinds:
            self.put(" ")
            yield self.expression(kinds)
        if name:
            self.put(f" as {name}")

    def definition(self, node: Def) -> Steps[None]:
        for each in node.decorators:
            self.put("@")
            yield self.expression(each)
            self.put(self.margin)
        self.put(f"def {node.name}(")
        yield self.parameters(node.parameters)
        self.put(")")
        yield self.suite(node.body)

    def class_definition(self, node: ClassDef) -> Steps[None]:
        self.put(f"class {node.name}(")
        yield self.items(node.bases)
        self.put(")")
        yield self.suite(node.body)


STATEMENTS: dict[type, Callable[[Printer, Any], Steps[None]]] = {
    ExpressionStatement: Printer.value,
    Assign: Printer.assign,
    AugmentedAssign: Printer.augmented,
    Define: Printer.define,
    Return: Printer.give_back,
    Raise: Printer.raising,
    Word: Printer.lone_word,
    Delete: Printer.delete,
    Assert: Printer.asserting,
    Import: Printer.importing,
    If: Printer.choice,
    While: Printer.while_loop,
    For: Printer.for_loop,
    With: Printer.with_block,
    Try: Printer.attempt,
    ClassDef: Printer.class_definition,
    Def: Printer.definition,
}
