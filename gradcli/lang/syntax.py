"""The tree that the parser builds, the printer prints and the compiler reads.

A node is a few slots and a span into the text as it was written; a node in parentheses has the
span of what stands inside them. Operators are normalised (`**` is `^`, `≈` is `~=`, juxtaposition
is `*` with an empty `operator_span`), and so are names (NFKC, `π` is `pi`).

Nodes compare by identity; `same` compares structure. Nothing here walks a tree by recursion.
"""

# ruff: noqa: RUF023 (slots stand in the order of the constructor, not of the alphabet)
from __future__ import annotations

from typing import ClassVar, TypeAlias

from gradcli.lang.source import Span


class Node:
    """Base of all nodes. `__slots__` of a subclass, in order, are its constructor's arguments."""

    __slots__: ClassVar[tuple[str, ...]] = ("span",)
    span: Span

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.span.start}:{self.span.end}>"


# ---- atoms --------------------------------------------------------------------------------------


class Number(Node):
    """A literal: an int of 64 bits, else a float (inf if it is too large), or an imaginary."""

    __slots__ = ("value", "text")

    def __init__(self, value: complex, text: str, span: Span) -> None:
        self.value = value
        self.text = text
        self.span = span


class String(Node):
    __slots__ = ("value",)

    def __init__(self, value: str, span: Span) -> None:
        self.value = value
        self.span = span


class Field(Node):
    """`{value:spec}` in an f-string; the span includes the braces."""

    __slots__ = ("value", "spec")

    def __init__(self, value: Expression, spec: str, span: Span) -> None:
        self.value = value
        self.spec = spec
        self.span = span


class FString(Node):
    """An f-string: no two neighbouring parts are texts, and no text is empty."""

    __slots__ = ("parts",)

    def __init__(self, parts: list[str | Field], span: Span) -> None:
        self.parts = parts
        self.span = span


class Constant(Node):
    """`True`, `False` or `None`."""

    __slots__ = ("value",)

    def __init__(self, value: bool | None, span: Span) -> None:
        self.value = value
        self.span = span


class Dots(Node):
    """`...`, inside an index only."""

    __slots__ = ()

    def __init__(self, span: Span) -> None:
        self.span = span


class Name(Node):
    __slots__ = ("name",)

    def __init__(self, name: str, span: Span) -> None:
        self.name = name
        self.span = span


# ---- collections --------------------------------------------------------------------------------


class Tuple(Node):
    __slots__ = ("items",)

    def __init__(self, items: list[Expression], span: Span) -> None:
        self.items = items
        self.span = span


class List(Node):
    """A list; `[1, 2; 3, 4]` is a list of lists."""

    __slots__ = ("items",)

    def __init__(self, items: list[Expression], span: Span) -> None:
        self.items = items
        self.span = span


class Dict(Node):
    __slots__ = ("keys", "values")

    def __init__(self, keys: list[Expression], values: list[Expression], span: Span) -> None:
        self.keys = keys
        self.values = values
        self.span = span


# ---- postfix ------------------------------------------------------------------------------------


class Keyword(Node):
    """`name=value` in a call."""

    __slots__ = ("name", "value")

    def __init__(self, name: str, value: Expression, span: Span) -> None:
        self.name = name
        self.value = value
        self.span = span


class Call(Node):
    __slots__ = ("function", "arguments", "keywords")

    def __init__(
        self,
        function: Expression,
        arguments: list[Expression],
        keywords: list[Keyword],
        span: Span,
    ) -> None:
        self.function = function
        self.arguments = arguments
        self.keywords = keywords
        self.span = span


class Slice(Node):
    """`start:stop:step`, inside an index only: as the index or as an item of its tuple."""

    __slots__ = ("start", "stop", "step")

    def __init__(
        self,
        start: Expression | None,
        stop: Expression | None,
        step: Expression | None,
        span: Span,
    ) -> None:
        self.start = start
        self.stop = stop
        self.step = step
        self.span = span


class Index(Node):
    """`value[index]`; `x[1, 2]` and `x[(1, 2)]` are the same tree."""

    __slots__ = ("value", "index")

    def __init__(self, value: Expression, index: Expression, span: Span) -> None:
        self.value = value
        self.index = index
        self.span = span


class Attribute(Node):
    __slots__ = ("value", "name", "name_span")

    def __init__(self, value: Expression, name: str, name_span: Span, span: Span) -> None:
        self.value = value
        self.name = name
        self.name_span = name_span
        self.span = span


class Prime(Node):
    """`f'` or `A'`; `f''` is a prime of a prime."""

    __slots__ = ("value",)

    def __init__(self, value: Expression, span: Span) -> None:
        self.value = value
        self.span = span


# ---- operators ----------------------------------------------------------------------------------


class Unary(Node):
    """`-`, `+`, `~` or `not`."""

    __slots__ = ("operator", "operand")

    def __init__(self, operator: str, operand: Expression, span: Span) -> None:
        self.operator = operator
        self.operand = operand
        self.span = span


class Binary(Node):
    """`^ * / // % @ + - & |`."""

    __slots__ = ("operator", "left", "right", "operator_span")

    def __init__(
        self,
        operator: str,
        left: Expression,
        right: Expression,
        operator_span: Span,
        span: Span,
    ) -> None:
        self.operator = operator
        self.left = left
        self.right = right
        self.operator_span = operator_span
        self.span = span


class Compare(Node):
    """A chain: `a < b <= c` has the rest `[("<", b), ("<=", c)]`."""

    __slots__ = ("first", "rest")

    def __init__(self, first: Expression, rest: list[tuple[str, Expression]], span: Span) -> None:
        self.first = first
        self.rest = rest
        self.span = span


class Logical(Node):
    """`and` or `or` of two or more operands."""

    __slots__ = ("operator", "operands")

    def __init__(self, operator: str, operands: list[Expression], span: Span) -> None:
        self.operator = operator
        self.operands = operands
        self.span = span


class Conditional(Node):
    """`body if test else orelse`."""

    __slots__ = ("test", "body", "orelse")

    def __init__(self, test: Expression, body: Expression, orelse: Expression, span: Span) -> None:
        self.test = test
        self.body = body
        self.orelse = orelse
        self.span = span


class Parameter(Node):
    __slots__ = ("name", "default")

    def __init__(self, name: str, default: Expression | None, span: Span) -> None:
        self.name = name
        self.default = default
        self.span = span


class Lambda(Node):
    __slots__ = ("parameters", "body")

    def __init__(self, parameters: list[Parameter], body: Expression, span: Span) -> None:
        self.parameters = parameters
        self.body = body
        self.span = span


# ---- statements ---------------------------------------------------------------------------------


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


class Block(Node):
    __slots__ = ("statements",)

    def __init__(self, statements: list[Statement], span: Span) -> None:
        self.statements = statements
        self.span = span


Expression: TypeAlias = (
    Number
    | String
    | FString
    | Constant
    | Dots
    | Name
    | Tuple
    | List
    | Dict
    | Call
    | Index
    | Slice
    | Attribute
    | Prime
    | Unary
    | Binary
    | Compare
    | Logical
    | Conditional
    | Lambda
)
Statement: TypeAlias = ExpressionStatement | Assign | AugmentedAssign | Define


def same(a: object, b: object) -> bool:
    """Whether two trees say the same, wherever they stand and however their numbers are spelt."""
    pairs = [(a, b)]
    while pairs:
        a, b = pairs.pop()
        if type(a) is not type(b):
            return False
        if isinstance(a, Node):
            pairs += [(getattr(a, slot), getattr(b, slot)) for slot in structure(type(a))]
        elif isinstance(a, list | tuple) and isinstance(b, list | tuple):
            if len(a) != len(b):
                return False
            pairs += zip(a, b, strict=True)
        elif a != b:
            return False
    return True


def structure(node: type[Node]) -> tuple[str, ...]:
    """The slots that make the tree: all but spans and the spelling of numbers."""
    return tuple(slot for slot in node.__slots__ if slot != "text" and not slot.endswith("_span"))
