"""The nodes of statements: simple ones, and those that hold others."""

# ruff: noqa: RUF023 (slots stand in the order of the constructor, not of the alphabet)
from __future__ import annotations

from typing import TypeAlias

from gradcli.lang.source import Span
from gradcli.lang.syntax.expressions import Expression, Parameter
from gradcli.lang.syntax.node import Node

# ---- simple statements --------------------------------------------------------------------------


class ExpressionStatement(Node):
    __slots__ = ("value",)

    def __init__(self, value: Expression, span: Span) -> None:
        self.value = value
        self.span = span


class Assign(Node):
    """`a = b = value` has two targets: names, indexes, attributes, and tuples or lists of them."""

    __slots__ = ("targets", "value")

    def __init__(self, targets: list[Expression], value: Expression, span: Span) -> None:
        self.targets = targets
        self.value = value
        self.span = span


class AugmentedAssign(Node):
    """`target += value` has the operator `+`."""

    __slots__ = ("target", "operator", "value")

    def __init__(self, target: Expression, operator: str, value: Expression, span: Span) -> None:
        self.target = target
        self.operator = operator
        self.value = value
        self.span = span


class Define(Node):
    """A function in one line: `f(x, n=2) = x^n`."""

    __slots__ = ("name", "parameters", "body", "name_span")

    def __init__(
        self,
        name: str,
        parameters: list[Parameter],
        body: Expression,
        name_span: Span,
        span: Span,
    ) -> None:
        self.name = name
        self.parameters = parameters
        self.body = body
        self.name_span = name_span
        self.span = span


class Def(Node):
    """`def name(parameters):` and what follows; a docstring is the first statement."""

    __slots__ = ("decorators", "name", "parameters", "body", "name_span")

    def __init__(
        self,
        decorators: list[Expression],
        name: str,
        parameters: list[Parameter],
        body: Block,
        name_span: Span,
        span: Span,
    ) -> None:
        self.decorators = decorators
        self.name = name
        self.parameters = parameters
        self.body = body
        self.name_span = name_span
        self.span = span


class ClassDef(Node):
    """`class name(base):` and its methods; names that it assigns belong to all of its instances."""

    __slots__ = ("name", "bases", "body", "name_span")

    def __init__(
        self, name: str, bases: list[Expression], body: Block, name_span: Span, span: Span
    ) -> None:
        self.name = name
        self.bases = bases
        self.body = body
        self.name_span = name_span
        self.span = span


class Return(Node):
    __slots__ = ("value",)

    def __init__(self, value: Expression | None, span: Span) -> None:
        self.value = value
        self.span = span


class Word(Node):
    """`pass`, `break` or `continue`."""

    __slots__ = ("word",)

    def __init__(self, word: str, span: Span) -> None:
        self.word = word
        self.span = span


class Delete(Node):
    __slots__ = ("targets",)

    def __init__(self, targets: list[Expression], span: Span) -> None:
        self.targets = targets
        self.span = span


class Assert(Node):
    __slots__ = ("test", "message")

    def __init__(self, test: Expression, message: Expression | None, span: Span) -> None:
        self.test = test
        self.message = message
        self.span = span


class Raise(Node):
    """`raise value`, or `raise` alone where an error is being handled."""

    __slots__ = ("value",)

    def __init__(self, value: Expression | None, span: Span) -> None:
        self.value = value
        self.span = span


class Alias(Node):
    """`name as other` in an import; `other` is empty without it."""

    __slots__ = ("name", "other")

    def __init__(self, name: str, other: str, span: Span) -> None:
        self.name = name
        self.other = other
        self.span = span


class Import(Node):
    """`import a.b as c, d`, or, of the names of one module, `from module import a as b, c`."""

    __slots__ = ("module", "names")

    def __init__(self, module: str | None, names: list[Alias], span: Span) -> None:
        self.module = module
        self.names = names
        self.span = span


# ---- statements that hold others ----------------------------------------------------------------


class Block(Node):
    __slots__ = ("statements",)

    def __init__(self, statements: list[Statement], span: Span) -> None:
        self.statements = statements
        self.span = span


class If(Node):
    """`if` and each `elif` are a test and a block."""

    __slots__ = ("branches", "orelse")

    def __init__(
        self, branches: list[tuple[Expression, Block]], orelse: Block | None, span: Span
    ) -> None:
        self.branches = branches
        self.orelse = orelse
        self.span = span


class While(Node):
    __slots__ = ("test", "body", "orelse")

    def __init__(self, test: Expression, body: Block, orelse: Block | None, span: Span) -> None:
        self.test = test
        self.body = body
        self.orelse = orelse
        self.span = span


class For(Node):
    __slots__ = ("target", "iterable", "body", "orelse")

    def __init__(
        self,
        target: Expression,
        iterable: Expression,
        body: Block,
        orelse: Block | None,
        span: Span,
    ) -> None:
        self.target = target
        self.iterable = iterable
        self.body = body
        self.orelse = orelse
        self.span = span


class With(Node):
    """`with context as target, …:`; most contexts have no target."""

    __slots__ = ("contexts", "body")

    def __init__(
        self, contexts: list[tuple[Expression, Expression | None]], body: Block, span: Span
    ) -> None:
        self.contexts = contexts
        self.body = body
        self.span = span


class Handler(Node):
    """`except kinds as name:`; without kinds it takes every error, without a name that is empty."""

    __slots__ = ("kinds", "name", "body")

    def __init__(self, kinds: Expression | None, name: str, body: Block, span: Span) -> None:
        self.kinds = kinds
        self.name = name
        self.body = body
        self.span = span


class Try(Node):
    __slots__ = ("body", "handlers", "orelse", "final")

    def __init__(
        self,
        body: Block,
        handlers: list[Handler],
        orelse: Block | None,
        final: Block | None,
        span: Span,
    ) -> None:
        self.body = body
        self.handlers = handlers
        self.orelse = orelse
        self.final = final
        self.span = span


Simple: TypeAlias = (
    ExpressionStatement
    | Assign
    | AugmentedAssign
    | Define
    | Return
    | Word
    | Delete
    | Assert
    | Raise
    | Import
)
Statement: TypeAlias = Simple | Def | ClassDef | If | While | For | With | Try
