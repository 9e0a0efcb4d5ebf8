"""Sums with their common factors in front: A'A x - A'b is A'(A x - b)."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from gradcli.proof.closed.algebra import Algebra
from gradcli.proof.closed.phrasing import phrase
from gradcli.proof.closed.terms import (
    ONE,
    Base,
    Factor,
    Labels,
    NoFormula,
    Poly,
    Term,
    content,
    relabelled,
)
from gradcli.proof.closed.trees import cost


class Handle(NamedTuple):
    """A factor that terms may share: its labels, where summed ones count as equal."""

    base: Base | Poly
    power: Fraction
    labels: Labels


def factored(algebra: Algebra, poly: Poly, *, pack: bool = True) -> Poly:
    """Greedily, the factor that most terms share first; then inside what is left of them.

    pack  scalars that sum over labels are one factor each
    """
    poly = with_parts_factored(algebra, poly, pack)
    while len(poly.terms) > 1:
        shared = sharing(algebra, poly)
        if shared is None:
            break
        poly = shared
    return poly


def shorter(algebra: Algebra, poly: Poly) -> Poly:
    """With common factors in front, unless that makes it longer."""
    found = factored(algebra, poly)
    try:
        return found if found is poly or length_of(found) < length_of(poly) else poly
    except NoFormula:  # a part of it can be written only together with others
        return found


def length_of(poly: Poly) -> int:
    return cost(phrase(poly))


def with_parts_factored(algebra: Algebra, poly: Poly, pack: bool) -> Poly:
    """The sums inside, and the arguments of functions, factored."""
    terms = []
    for coefficient, factors in poly.terms:
        c, done = coefficient, []
        for base, power, labels in factors:
            if isinstance(base, Poly):
                inner = shorter(algebra, base)
                size, factor = algebra.factor(inner, power, labels)
                done.append(factor)
                c *= size
            elif base.arguments:
                arguments = [shorter(algebra, x) for x in base.arguments]
                same = algebra.base(base.name, arguments, base.static, base.dims)
                done.append(Factor(same, power, labels))
            else:
                done.append(Factor(base, power, labels))
        terms.append(algebra.term(c, packed(algebra, done) if pack else done))
    return algebra.poly(poly.dims, terms)


def packed(algebra: Algebra, factors: list[Factor]) -> list[Factor]:
    """Scalars that sum over labels as one factor each, beside others."""
    groups = components(factors)
    if len(groups) < 2:
        return factors
    found: list[Factor] = []
    for group in groups:
        if any(n >= 0 for f in group for n in f.labels) or not any(f.labels for f in group):
            found += group
        else:
            scalar = algebra.poly((), [algebra.term(ONE, group)])
            found.append(Factor(scalar, ONE, ()))
    return found


def components(factors: list[Factor]) -> list[list[Factor]]:
    """Factors that are connected by summed labels."""
    groups: list[tuple[set[int], list[Factor]]] = []
    for f in factors:
        labels = {n for n in f.labels if n < 0}
        members = [f]
        apart = []
        for group in groups:
            if group[0] & labels:
                labels |= group[0]
                members = group[1] + members
            else:
                apart.append(group)
        groups = [*apart, (labels, members)]
    return [members for _, members in groups]


def handles(term: Term) -> Iterator[tuple[Handle, Factor]]:
    """The factors of a term, and those with a lower whole power inside them."""
    for f in term.factors:
        place: dict[int, int] = {}
        for n in f.labels:
            if n < 0:
                place.setdefault(n, -1 - len(place))
        labels = relabelled(f.labels, place)
        yield Handle(f.base, f.power, labels), f
        if f.power > 1 and f.power.denominator == 1 and all(n >= 0 for n in f.labels):
            yield Handle(f.base, ONE, labels), f


def sharing(algebra: Algebra, poly: Poly) -> Poly | None:
    """The sum with one common factor in front of some of its terms; None if no two share any."""
    found: dict[Handle, dict[int, Factor]] = {}
    for k, term in enumerate(poly.terms):
        for handle, f in handles(term):
            found.setdefault(handle, {}).setdefault(k, f)
    groups = [(handle, uses) for handle, uses in found.items() if len(uses) > 1]
    groups.sort(key=lambda group: (-len(group[1]), not group[0].labels, -len(group[0].labels)))
    for handle, uses in groups:
        joined = in_front(algebra, poly, handle, uses)
        if joined is not None:
            rest = [term for k, term in enumerate(poly.terms) if k not in uses]
            made = algebra.poly(poly.dims, [joined, *rest])
            if len(made.terms) < len(poly.terms):
                return made
    return None


def in_front(algebra: Algebra, poly: Poly, handle: Handle, uses: dict[int, Factor]) -> Term | None:
    """The terms that share a factor as that factor times a sum of what is left."""
    rank = len(poly.dims)
    summed = sorted({n for n in handle.labels if n < 0}, reverse=True)
    place = {label: rank + k for k, label in enumerate(summed)}
    lengths = dict(enumerate(poly.dims)) | {
        place[n]: d for n, d in zip(handle.labels, handle.base.dims, strict=True) if n < 0
    }
    left: list[list[Factor]] = []
    for k, f in uses.items():
        term = poly.terms[k]
        move = {n: place[m] for n, m in zip(f.labels, handle.labels, strict=True) if n < 0}
        rest = [g for g in term.factors if g is not f]
        if f.power != handle.power:
            rest.append(f._replace(power=f.power - handle.power))
        left.append([g._replace(labels=relabelled(g.labels, move)) for g in rest])
    named = [{n for g in rest for n in g.labels if n >= 0} for rest in left]
    axes = sorted(set().union(*named))
    if len(axes) > 2:
        return None
    order = {n: i for i, n in enumerate(axes)}
    terms = [
        algebra.term(
            poly.terms[k].coefficient,
            [g._replace(labels=relabelled(g.labels, order)) for g in rest],
        )
        for k, rest in zip(uses, left, strict=True)
    ]
    inside = algebra.poly(tuple(lengths[n] for n in axes), terms)
    inside = factored(algebra, inside)
    front = Factor(handle.base, handle.power, relabelled(handle.labels, place))
    back = {place[n]: n for n in summed}
    if len(inside.terms) == 1:  # equal remainders that add up
        c, ours = inside.terms[0]
        lowest = -1 - len(summed)
        deeper = {n: lowest + n for g in ours for n in g.labels if n < 0}
        outward = deeper | dict(enumerate(axes))
        factors = [g._replace(labels=relabelled(g.labels, outward)) for g in ours]
        every = [g._replace(labels=relabelled(g.labels, back)) for g in [front, *factors]]
        return algebra.term(c, every)
    size, factor = algebra.factor(inside, ONE, tuple(axes))
    every = [g._replace(labels=relabelled(g.labels, back)) for g in [front, factor]]
    return algebra.term(size, every)


def with_content(algebra: Algebra, poly: Poly) -> Poly:
    """A whole sum as a number times a sum, where its coefficients have one in common."""
    size = content(poly)
    if len(poly.terms) < 2 or size in (1, -1):
        return poly
    factor = algebra.factor(poly, ONE, tuple(range(len(poly.dims))))[1]
    return algebra.poly(poly.dims, [algebra.term(size, [factor])])
