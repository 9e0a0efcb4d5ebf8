"""Sums in which complements are written out: sigmoid(-u) as 1 - sigmoid(u), where that cancels."""

from __future__ import annotations

from gradcli.proof.closed.algebra import Algebra
from gradcli.proof.closed.terms import ONE, Factor, Poly, Term, content, is_function


def complemented(algebra: Algebra, poly: Poly) -> Poly:
    """Products are distributed over sums, and of two complements the one with the positive argument
    stays."""
    axes = tuple(range(len(poly.dims)))
    found = algebra.poly(poly.dims, ())
    for coefficient, factors in poly.terms:
        number = algebra.number(coefficient, poly.dims)
        parts = [(written_out(algebra, f), f.labels) for f in factors]
        found = algebra.add(found, algebra.contract([(number, axes), *parts], axes, expand=True))
    return found


def written_out(algebra: Algebra, f: Factor) -> Poly:
    """A factor as a sum."""
    base, power, _ = f
    if isinstance(base, Poly):
        return algebra.power(complemented(algebra, base), power)
    if is_function(base, "sigmoid") and power == 1 and content(base.arguments[0]) < 0:
        opposite = algebra.base("sigmoid", [algebra.scale(base.arguments[0], -1)], dims=base.dims)
        return algebra.add(algebra.number(1, base.dims), algebra.scale(algebra.whole(opposite), -1))
    labels = tuple(range(len(base.dims)))
    return algebra.poly(base.dims, [Term(ONE, (Factor(base, power, labels),))])
