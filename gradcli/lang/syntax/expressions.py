"""The nodes of expressions."""

# ruff: noqa: RUF023 (slots stand in the order of the constructor, not of the alphabet)
from __future__ import annotations

from typing import TypeAlias

from gradcli.lang.source import Span
from gradcli.lang.syntax.node import Node

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
    """`{key: value}`; without a key `**value`, the items of another dict."""

    __slots__ = ("keys", "values")

    def __init__(self, keys: list[Expression | None], values: list[Expression], span: Span) -> None:
        self.keys = keys
        self.values = values
        self.span = span


class Starred(Node):
    """`*values`: among targets, arguments and the items of a list or tuple; `**` in a call."""

    __slots__ = ("stars", "value")

    def __init__(self, stars: str, value: Expression, span: Span) -> None:
        self.stars = stars
        self.value = value
        self.span = span


class Clause(Node):
    """`for target in iterable if test if test` in a comprehension."""

    __slots__ = ("target", "iterable", "tests")

    def __init__(
        self, target: Expression, iterable: Expression, tests: list[Expression], span: Span
    ) -> None:
        self.target = target
        self.iterable = iterable
        self.tests = tests
        self.span = span


class Comprehension(Node):
    """`[item for …]`, `(item for …)`, or `{key: item for …}`: `kind` is the bracket that opens."""

    __slots__ = ("kind", "key", "item", "clauses")

    def __init__(
        self,
        kind: str,
        key: Expression | None,
        item: Expression,
        clauses: list[Clause],
        span: Span,
    ) -> None:
        self.kind = kind
        self.key = key
        self.item = item
        self.clauses = clauses
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
    """`stars` are those of `*rest` and `**options`; after a nameless `*` names must be given."""

    __slots__ = ("name", "default", "stars")

    def __init__(self, name: str, default: Expression | None, span: Span, stars: str = "") -> None:
        self.name = name
        self.default = default
        self.span = span
        self.stars = stars


class Lambda(Node):
    __slots__ = ("parameters", "body")

    def __init__(self, parameters: list[Parameter], body: Expression, span: Span) -> None:
        self.parameters = parameters
        self.body = body
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
    | Comprehension
    | Starred
)
