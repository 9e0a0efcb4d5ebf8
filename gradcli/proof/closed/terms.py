"""Sums of products of tensors with indices: what a gradient's program is read into.

A `Poly` is a sum of terms; a term is a number times factors; a factor is a base to a power with a
label on each of its axes. Labels 0, 1, … are the axes of the Poly, negative ones are summed over:

    (A x)_0  =  A_{0,-1} x_{-1}

Transposes, traces, diagonals, outer products and broadcasts are no operations here but ways of
labelling, so they simplify themselves. A term need not name every axis: it is the same along those
that it does not.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from functools import reduce
from typing import Any, NamedTuple, TypeAlias, TypeGuard

Labels = tuple[int, ...]
Dims = tuple[int, ...]
Coefficient: TypeAlias = Fraction
ONE, HALF = Fraction(1), Fraction(1, 2)
EYE, UNIT, SIZE, ARRAY = "eye", "unit", "size", "array"
# Of decompositions the vectors, and over which axes the products of two of them are 0 or 1.
EIGENVECTORS, LEFT, RIGHT = "eigenvectors", "left singular vectors", "right singular vectors"
ORTHONORMAL = {EIGENVECTORS: (0, 1), LEFT: (0,), RIGHT: (1,)}
# Functions of all of a tensor whose elements add up to 1: softmax(x), and x == max(x), min(x).
LARGEST, LEAST = "largest", "least"
SHARES = ("softmax", LARGEST, LEAST)
# Functions that are called with an order before their argument.
OF_ORDER = ("polygamma", "jv", "yv", "iv", "kv")
# More than this makes no formula that anybody reads.
TERMS, DEPTH = 200, 60


class NoFormula(Exception):
    """There is no short formula, or none that this algebra can find; says why."""


class Base:
    """A symbol, or a function of Polys, as an indivisible tensor. Equal bases are one object.

    number     the order in which bases were met
    depth      how many of them are inside each other
    symmetric  whether it is a matrix that is its transpose, once that has been asked
    """

    __slots__ = ("arguments", "depth", "dims", "name", "number", "static", "symmetric")

    def __init__(
        self, name: str, arguments: tuple[Poly, ...], static: Any, dims: Dims, number: int
    ) -> None:
        self.name = name
        self.arguments = arguments
        self.static = static
        self.dims = dims
        self.number = number
        self.depth: int = 1 + max((x.depth for x in arguments), default=0)
        self.symmetric: bool | None = None


class Factor(NamedTuple):
    base: Base | Poly
    power: Fraction
    labels: Labels


class Term(NamedTuple):
    coefficient: Coefficient
    factors: tuple[Factor, ...]


class Poly:
    """A sum of terms of one shape. Equal Polys of one algebra are one object."""

    __slots__ = ("depth", "dims", "number", "symmetric", "terms")

    def __init__(self, dims: Dims, terms: tuple[Term, ...], number: int) -> None:
        self.dims = dims
        self.terms = terms
        self.number = number
        inner = [f.base.depth for term in terms for f in term.factors]
        self.depth: int = 1 + max(inner, default=0)
        self.symmetric: bool | None = None

    @property
    def constant(self) -> Coefficient | None:
        """The number that every element is, if they are one."""
        if not self.terms:
            return Fraction(0)
        if len(self.terms) == 1 and not self.terms[0].factors:
            return self.terms[0].coefficient
        return None

    @property
    def lone(self) -> Factor | None:
        """Its one factor, if it is that and nothing else."""
        if len(self.terms) == 1 and self.terms[0].coefficient == 1:
            factors = self.terms[0].factors
            return factors[0] if len(factors) == 1 else None
        return None


def exact_power(c: Coefficient, n: Fraction) -> Coefficient | None:
    if n.denominator == 1:
        return Fraction(c**n.numerator)
    return ONE if c == 1 else None


def is_eye(base: Base | Poly) -> bool:
    return isinstance(base, Base) and base.name == EYE


def is_function(base: Base | Poly, name: str) -> TypeGuard[Base]:
    return isinstance(base, Base) and base.name == name


def inverted(base: Base | Poly, by: str = "inv") -> Base | Poly | None:
    """The base that this is the inverse of."""
    if not isinstance(base, Base) or base.name != by:
        return None
    matrix = base.arguments[0]
    lone = matrix.lone
    if lone is not None and lone.power == 1 and lone.labels == (0, 1):
        return lone.base
    return matrix


def relabelled(labels: Labels, move: Mapping[int, int]) -> Labels:
    return tuple(move.get(label, label) for label in labels)


def mentioned(poly: Poly) -> Labels:
    """The axes that its terms name."""
    found = {n for term in poly.terms for f in term.factors for n in f.labels if n >= 0}
    return tuple(sorted(found))


def content(poly: Poly) -> Fraction:
    """The number that all coefficients are multiples of; negative if all of them are."""
    coefficients = [term.coefficient for term in poly.terms]
    if not coefficients:
        return ONE
    numerator = reduce(math.gcd, (abs(c.numerator) for c in coefficients))
    denominator = reduce(math.lcm, (c.denominator for c in coefficients))
    size = Fraction(numerator, denominator)
    return -size if all(c < 0 for c in coefficients) else size


def rational(number: float, tolerance: float = 0.0) -> Fraction | None:
    """A fraction of small numbers, or a short decimal, if that is what the float is."""
    near = Fraction(number).limit_denominator(1000)
    if abs(float(near) - number) <= tolerance * abs(number):
        return near
    if not tolerance and len(repr(number)) <= 12:
        return Fraction(repr(number))
    return None
