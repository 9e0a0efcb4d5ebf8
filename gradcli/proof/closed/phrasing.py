"""Labelled sums as expressions of the language."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from gradcli.lang.syntax import Attribute, Compare, Expression, Index, List, Number
from gradcli.proof.closed.items import Item
from gradcli.proof.closed.networks import Network
from gradcli.proof.closed.terms import (
    ARRAY,
    EIGENVECTORS,
    EYE,
    LARGEST,
    LEAST,
    LEFT,
    OF_ORDER,
    RIGHT,
    SIZE,
    UNIT,
    Base,
    Factor,
    Labels,
    NoFormula,
    Poly,
    Term,
    is_function,
    rational,
)
from gradcli.proof.closed.trees import (
    NOWHERE,
    binary,
    call,
    column,
    integer,
    literal,
    name,
    negative,
    powered,
)

# Lists are no longer than this.
LISTED = 9
COMPARISONS = {"eq": "==", "gt": ">", "ge": ">=", "lt": "<", "le": "<="}

# ---- sums ---------------------------------------------------------------------------------------


def phrase(poly: Poly) -> Expression:
    """A Poly with at most two axes; it may have fewer if its terms name fewer."""
    if len(poly.dims) > 2:
        raise NoFormula("a part of it has more than two axes")
    found = listed(poly)
    if found is not None:
        return found
    tree: Expression | None = None
    terms = sorted(poly.terms, key=order)
    for term in terms:
        network = Network(abs(term.coefficient), [item_of(factor) for factor in term.factors])
        part = spread(network.tree(), axes_of(term), len(poly.dims))
        if tree is None:
            tree = negative(part) if term.coefficient < 0 else part
        else:
            tree = binary("-" if term.coefficient < 0 else "+", tree, part)
    return integer(0) if tree is None else tree


def listed(poly: Poly) -> Expression | None:
    """What has rows of an identity of few rows in every term, as a list of its elements or rows."""
    n = poly.dims[0] if poly.dims else 0
    if not poly.terms or not 0 < n <= LISTED:
        return None
    rows: list[list[Term]] = [[] for _ in range(n)]
    for c, factors in poly.terms:
        unit = next((f for f in factors if is_unit(f, 0)), None)
        if unit is None:
            return None
        assert isinstance(unit.base, Base)
        rest = tuple(
            f._replace(labels=tuple(n - (n > 0) for n in f.labels))
            for f in factors
            if f is not unit
        )
        rows[unit.base.static[0]].append(Term(c, rest))
    return List([row(terms, poly.dims[1:]) for terms in rows], NOWHERE)


def is_unit(f: Factor, axis: int) -> bool:
    """Is it a row of an identity whose length is a number?"""
    return is_function(f.base, UNIT) and f.labels == (axis,) and not f.base.static[1]


def row(terms: list[Term], dims: tuple[int, ...]) -> Expression:
    if not terms and dims and dims[0] <= LISTED:
        return List([integer(0)] * dims[0], NOWHERE)
    named = {n for _, factors in terms for f in factors for n in f.labels if n >= 0}
    if dims and not named:
        raise NoFormula("a row of it is the same number throughout")
    return phrase(Poly(dims, tuple(terms), -1))


def order(term: Term) -> tuple[bool, bool, int, list[Labels]]:
    """Positive terms first, as they were met, transposes after what they are of; numbers last."""
    met = max((f.base.number for f in term.factors), default=0)
    labels = [tuple(map(abs, f.labels)) for f in term.factors]
    return term.coefficient < 0, not term.factors, met, labels


def axes_of(term: Term) -> Labels:
    return tuple(sorted({n for f in term.factors for n in f.labels if n >= 0}))


def spread(tree: Expression, axes: Labels, rank: int) -> Expression:
    """A column among matrices needs a second axis; all else is broadcast as it is."""
    return column(tree) if rank == 2 and axes == (0,) else tree


# ---- bases --------------------------------------------------------------------------------------


def base_tree(base: Base | Poly) -> Expression:
    if isinstance(base, Poly):
        return phrase(base)
    special = SPECIAL.get(base.name)
    if special is not None:
        return special(base)
    if not base.arguments:
        return name(base.name)
    arguments = [phrase(x) for x in base.arguments]
    if len(base.arguments) > 1:
        rank = len(base.dims)
        pairs = zip(arguments, base.arguments, strict=True)
        arguments = [spread(tree, tuple(named_axes(x)), rank) for tree, x in pairs]
    if base.name in COMPARISONS:
        return Compare(arguments[0], [(COMPARISONS[base.name], arguments[1])], NOWHERE)
    if base.name in OF_ORDER:
        return call(base.name, integer(base.static[0]), *arguments)
    if base.static:
        raise NoFormula(f"{base.name} has parameters")
    return call(base.name, *arguments)


def named_axes(poly: Poly) -> list[int]:
    return sorted({n for term in poly.terms for n in axes_of(term)})


def eye_tree(base: Base) -> Expression:
    return call(EYE, length(base.static) if base.static else integer(base.dims[0]))


def unit_tree(base: Base) -> Expression:
    k, place = base.static
    rows = length(place) if place else integer(base.dims[0])
    return Index(call(EYE, rows), integer(k), NOWHERE)


def size_tree(base: Base) -> Expression:
    return length(base.static[0])


def length(place: tuple[str, int]) -> Expression:
    """How long an axis of a symbol is."""
    symbol, axis = place
    if axis == 0:
        return call("len", name(symbol))
    return Index(Attribute(name(symbol), "shape", NOWHERE, NOWHERE), integer(axis), NOWHERE)


def array_tree(base: Base) -> Expression:
    def nested(values: object) -> Expression:
        if isinstance(values, tuple):
            return List([nested(value) for value in values], NOWHERE)
        assert isinstance(values, float)
        size: float | int = int(abs(values)) if values.is_integer() else abs(values)
        tree = Number(size, repr(size), NOWHERE)
        return negative(tree) if values < 0 else tree

    return nested(base.static)


def norm_tree(base: Base) -> Expression:
    order = rational(base.static[0])
    if order is None:
        raise NoFormula("a norm of an odd order")
    return call("norm", phrase(base.arguments[0]), literal(order))


def power_tree(base: Base) -> Expression:
    a, b = (phrase(x) for x in base.arguments)
    return binary("^", a, b)


def part_of(function: str, k: int) -> Callable[[Base], Expression]:
    """One of the several results of a function."""
    return lambda base: Index(call(function, phrase(base.arguments[0])), integer(k), NOWHERE)


def extreme_of(function: str) -> Callable[[Base], Expression]:
    def tree(base: Base) -> Expression:
        x = phrase(base.arguments[0])
        return Compare(x, [("==", call(function, x))], NOWHERE)

    return tree


SPECIAL: dict[str, Callable[[Base], Expression]] = {
    EIGENVECTORS: part_of("eigh", 1),
    LEFT: part_of("svd", 0),
    "singular values": part_of("svd", 1),
    RIGHT: part_of("svd", 2),
    LARGEST: extreme_of("max"),
    LEAST: extreme_of("min"),
    EYE: eye_tree,
    UNIT: unit_tree,
    SIZE: size_tree,
    ARRAY: array_tree,
    "norm_p": norm_tree,
    "pow": power_tree,
}


def item_of(factor: Factor) -> Item:
    """A factor as a tree; a negative power divides; the root of a sum of squares is a norm."""
    base, power, labels = factor
    if len(labels) > 2:
        raise NoFormula("a part of it has more than two axes")
    below = power < 0
    power = abs(power)
    whole = power.numerator if power.denominator == 2 else 0
    vector = root_of_squares(base) if whole % 2 else None
    if vector is not None:
        return Item(
            [powered(call("norm", base_tree(vector)), Fraction(whole))], labels, below=below
        )
    return Item([powered(base_tree(base), power)], labels, below=below, base=base, power=power)


def root_of_squares(base: Base | Poly) -> Base | Poly | None:
    """x, if this is the sum of the squares of its elements."""
    if not isinstance(base, Poly) or base.dims or len(base.terms) != 1:
        return None
    c, factors = base.terms[0]
    if c != 1 or len(factors) != 1 or factors[0].power != 2:
        return None
    labels = factors[0].labels
    return factors[0].base if len(set(labels)) == len(labels) > 0 else None
