"""Labelled sums as expressions of the language."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from gradcli.lang.syntax import Attribute, Compare, Expression, Index, List, Number
from gradcli.proof.closed.networks import Item, Network
from gradcli.proof.closed.terms import (
    EYE,
    SIZE,
    UNIT,
    Base,
    Factor,
    Labels,
    NoFormula,
    Poly,
    Term,
)
from gradcli.proof.closed.trees import (
    NOWHERE,
    binary,
    call,
    column,
    integer,
    name,
    negative,
    powered,
)

COMPARISONS = {"gt": ">", "ge": ">=", "lt": "<", "le": "<="}

# ---- sums ---------------------------------------------------------------------------------------


def phrase(poly: Poly) -> Expression:
    """A Poly with at most two axes; it may have fewer if its terms name fewer."""
    if len(poly.dims) > 2:
        raise NoFormula("a part of it has more than two axes")
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
    return length(base.static)


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
        tree = Number(abs(values), repr(abs(values)), NOWHERE)
        return negative(tree) if values < 0 else tree

    return call("tensor", nested(base.static))


def power_tree(base: Base) -> Expression:
    a, b = (phrase(x) for x in base.arguments)
    return binary("^", a, b)


SPECIAL: dict[str, Callable[[Base], Expression]] = {
    EYE: eye_tree,
    UNIT: unit_tree,
    SIZE: size_tree,
    "array": array_tree,
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
