"""Making expressions of the language."""

from __future__ import annotations

from fractions import Fraction

from gradcli.lang.lexer import tokens
from gradcli.lang.printer import canonical
from gradcli.lang.source import Source, Span
from gradcli.lang.syntax import (
    Binary,
    Call,
    Constant,
    Expression,
    Index,
    Keyword,
    Name,
    Number,
    Prime,
    Slice,
    Tuple,
    Unary,
)

NOWHERE = Span(0, 0)


def cost(tree: Expression) -> int:
    """How long a formula is: its tokens, parentheses and all; a number of many digits counts as
    several."""
    kinds = [(t.kind, len(t.value)) for t in tokens(Source(canonical(tree)))]
    read = [(kind, length) for kind, length in kinds if kind not in ("newline", "end")]
    return sum(1 + max(0, n - 4) // 3 if kind == "number" else 1 for kind, n in read)


# ---- trees --------------------------------------------------------------------------------------


def name(text: str) -> Expression:
    return Name(text, NOWHERE)


def call(function: str, *arguments: Expression, axis: int | None = None) -> Expression:
    keywords = [] if axis is None else [Keyword("axis", integer(axis), NOWHERE)]
    return Call(name(function), list(arguments), keywords, NOWHERE)


def binary(operator: str, left: Expression, right: Expression) -> Expression:
    return Binary(operator, left, right, NOWHERE, NOWHERE)


def integer(value: int) -> Expression:
    return Number(value, str(value), NOWHERE)


def literal(value: Fraction) -> Expression:
    """A number that is not negative: a decimal where it is a short one, else a quotient."""
    if value.denominator == 1:
        return integer(value.numerator)
    decimal = float(value)
    if Fraction(repr(decimal)) == value and value.denominator > 9:
        return Number(decimal, repr(decimal), NOWHERE)
    return binary("/", integer(value.numerator), integer(value.denominator))


def prime(tree: Expression) -> Expression:
    """The transpose; that of a transpose is what it was of."""
    return tree.value if isinstance(tree, Prime) else Prime(tree, NOWHERE)


def negative(tree: Expression) -> Expression:
    """A product is negated at its front."""
    if isinstance(tree, Binary) and tree.operator in "*/@":
        return binary(tree.operator, negative(tree.left), tree.right)
    return Unary("-", tree, NOWHERE)


def powered(tree: Expression, power: Fraction) -> Expression:
    if power == 1:
        return tree
    if power == Fraction(1, 2):
        return call("sqrt", tree)
    return binary("^", tree, literal(power))


def column(tree: Expression) -> Expression:
    """A vector with a second axis of length 1."""
    index = Tuple([Slice(None, None, None, NOWHERE), Constant(None, NOWHERE)], NOWHERE)
    return Index(tree, index, NOWHERE)
