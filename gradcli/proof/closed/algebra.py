"""Arithmetic of labelled sums, in forms of their own: equal ones are one object."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from gradcli.proof.closed.identities import NOTHING, RULES
from gradcli.proof.closed.terms import (
    ARRAY,
    DEPTH,
    EYE,
    ONE,
    SIZE,
    TERMS,
    UNIT,
    Base,
    Coefficient,
    Dims,
    Factor,
    Labels,
    NoFormula,
    Poly,
    Term,
    content,
    exact_power,
    is_eye,
    is_function,
    mentioned,
    relabelled,
)


class Algebra:
    """Makes Polys, each in a form of its own, so that equal ones are found equal.

    sizes  of the axes by what they are called: ("A", 1) for the columns of A
    """

    def __init__(self, sizes: Mapping[int, tuple[str, int]]) -> None:
        self.sizes = sizes
        self.made: dict[Any, Any] = {}

    # ---- making ---------------------------------------------------------------------------------

    def base(
        self, name: str, arguments: Sequence[Poly] = (), static: Any = (), dims: Dims = ()
    ) -> Base:
        key = (name, tuple(arguments), static, dims)
        if key not in self.made:
            self.made[key] = Base(name, tuple(arguments), static, dims, len(self.made))
        found: Base = self.made[key]
        return found

    def poly(self, dims: Dims, terms: Iterable[Term]) -> Poly:
        """The sum of terms: equal ones together, none with coefficient 0."""
        total: dict[tuple[Factor, ...], Coefficient] = {}
        for coefficient, factors in terms:
            total[factors] = total.get(factors, Fraction(0)) + coefficient
        kept = self.folded(dims, [Term(c, factors) for factors, c in total.items() if c])
        key = (dims, frozenset(kept))
        if key not in self.made:
            self.made[key] = Poly(dims, kept, len(self.made))
        found: Poly = self.made[key]
        if found.depth > DEPTH:
            raise NoFormula("it is nested too deeply")
        return found

    def folded(self, dims: Dims, terms: list[Term]) -> tuple[Term, ...]:
        """Arrays of numbers, however they are turned, as one."""
        axes = tuple(range(len(dims)))
        total: Any = 0.0
        rest: list[Term] = []
        for c, factors in terms:
            array = array_of(factors, axes)
            if array is None:
                rest.append(Term(c, factors))
            else:
                total = total + float(c) * array
        if not axes or len(terms) - len(rest) < 2:
            return tuple(terms)
        base = self.base(ARRAY, static=nested(total.tolist()), dims=dims)
        return (*rest, Term(ONE, (Factor(base, ONE, axes),)))

    def number(self, value: Coefficient | int, dims: Dims = ()) -> Poly:
        return self.poly(dims, [Term(Fraction(value), ())])

    def whole(self, base: Base) -> Poly:
        factor = Factor(base, ONE, tuple(range(len(base.dims))))
        return self.poly(base.dims, [self.term(ONE, [factor])])

    def eye(self, n: int) -> Poly:
        return self.whole(self.identity(n))

    def identity(self, n: int) -> Base:
        return self.base(EYE, static=self.sizes.get(n, ()), dims=(n, n))

    def unit(self, k: int, n: int) -> Poly:
        """The k-th row of the identity."""
        return self.whole(self.base(UNIT, static=(k, self.sizes.get(n, ())), dims=(n,)))

    def size(self, n: int) -> Poly:
        """The length of an axis, as a number that holds for these sizes or as len(x)."""
        if n not in self.sizes:
            return self.number(n)
        return self.whole(self.base(SIZE, static=(self.sizes[n], n)))

    # ---- arithmetic -----------------------------------------------------------------------------

    def add(self, *polys: Poly) -> Poly:
        return self.poly(polys[0].dims, [term for poly in polys for term in poly.terms])

    def scale(self, poly: Poly, by: Coefficient | int) -> Poly:
        return self.poly(poly.dims, [Term(c * by, factors) for c, factors in poly.terms])

    def transposed(self, poly: Poly) -> Poly:
        return self.contract([(poly, (1, 0))], (0, 1))

    def times(self, *polys: Poly) -> Poly:
        """Elementwise; all have the same axes."""
        labels = tuple(range(len(polys[0].dims)))
        return self.contract([(poly, labels) for poly in polys], labels)

    def contract(
        self,
        operands: Sequence[tuple[Poly, Labels]],
        out: Labels,
        *,
        expand: bool = False,
    ) -> Poly:
        """The product of labelled Polys, summed over the labels that `out` does not have.

        expand  distribute it over sums
        """
        if expand and math.prod(max(1, len(poly.terms)) for poly, _ in operands) > TERMS:
            raise NoFormula("it has too many terms")
        sizes = {n: d for poly, labels in operands for n, d in zip(labels, poly.dims, strict=True)}
        fresh = {label: -1 - k for k, label in enumerate(sorted(set(sizes) - set(out)))}
        rename = fresh | {label: k for k, label in enumerate(out)}
        dims = tuple(sizes[label] for label in out)
        sums = {fresh[label]: sizes[label] for label in fresh}
        products = [Term(ONE, ())]
        for poly, labels in operands:
            axes = tuple(rename[label] for label in labels)
            if not poly.terms:
                return self.poly(dims, ())
            if len(poly.terms) == 1 or expand:
                products = [self.joined(p, t, axes, sums) for p in products for t in poly.terms]
            else:
                size, factor = self.factor(poly, ONE, axes)
                products = [Term(c * size, (*factors, factor)) for c, factors in products]
        terms = [self.summed(product, sums) for product in products]
        return self.poly(dims, [one for term in terms for one in self.opened(term)])

    def opened(self, term: Term) -> list[Term]:
        """A term that is a number times a sum, as the terms of that sum."""
        if len(term.factors) != 1:
            return [term]
        base, power, labels = term.factors[0]
        if isinstance(base, Base) or power != 1:
            return [term]
        sums = {n: d for n, d in zip(labels, base.dims, strict=True) if n < 0}
        one = Term(term.coefficient, ())
        return [self.summed(self.joined(one, each, labels, sums), sums) for each in base.terms]

    def joined(self, product: Term, term: Term, axes: Labels, sums: dict[int, int]) -> Term:
        """A product times a term of a Poly whose axes have these labels."""
        lowest = min([0, *sums, *(n for f in product.factors for n in f.labels)])
        inner = sorted({n for f in term.factors for n in f.labels if n < 0}, reverse=True)
        fresh = {label: lowest - 1 - k for k, label in enumerate(inner)}
        rename = fresh | dict(enumerate(axes))
        factors = [
            Factor(f.base, f.power, tuple(rename[n] for n in f.labels)) for f in term.factors
        ]
        return Term(product.coefficient * term.coefficient, (*product.factors, *factors))

    def summed(self, product: Term, sums: Mapping[int, int]) -> Term:
        """Simplified; a label of `sums` that no factor has any more counts its axis."""
        coefficient, factors = product
        alive = {n for f in factors for n in f.labels}
        for label, size in sums.items():
            if label not in alive and size != 1:
                (term,) = self.size(size).terms
                coefficient *= term.coefficient
                factors = (*factors, *term.factors)
        return self.term(coefficient, factors)

    def power(self, poly: Poly, n: Fraction) -> Poly:
        """Elementwise. Whole powers, and those of one factor, go inside."""
        if n == 1:
            return poly
        if n == 0:
            return self.number(1, poly.dims)
        if len(poly.terms) == 1:
            c, factors = poly.terms[0]
            local = all(label >= 0 for f in factors for label in f.labels)
            one = n.denominator == 1 or (len(factors) == 1 and factors[0].power == 1)
            root = exact_power(c, n)
            if local and one and root is not None:
                raised = [Factor(f.base, f.power * n, f.labels) for f in factors]
                return self.poly(poly.dims, [self.term(root, raised)])
        lone = poly.lone
        if lone is not None and lone.power != 1 and n.denominator == 1:
            return self.poly(poly.dims, [self.term(ONE, [lone._replace(power=lone.power * n)])])
        if not poly.terms:
            raise NoFormula("a power of 0")
        size, factor = self.factor(poly, n, tuple(range(len(poly.dims))))
        return self.poly(poly.dims, [self.term(size, [factor])])

    def factor(self, poly: Poly, n: Fraction, labels: Labels) -> tuple[Coefficient, Factor]:
        """A Poly to a power as a number times a factor, with labels on the axes that it names."""
        axes = mentioned(poly)
        inner = self.squeezed(poly, axes)
        lone = inner.lone
        if lone is not None and n.denominator == 1 and all(label >= 0 for label in lone.labels):
            places = tuple(labels[axes[label]] for label in lone.labels)
            return ONE, Factor(lone.base, lone.power * n, places)
        size = content(inner)
        root = exact_power(size, n)
        if root is None:
            root = ONE
        elif size != 1:
            inner = self.scale(inner, 1 / size)
        return root, Factor(inner, n, tuple(labels[axis] for axis in axes))

    def squeezed(self, poly: Poly, axes: Labels) -> Poly:
        """Without the axes that its terms do not name."""
        if len(axes) == len(poly.dims):
            return poly
        place = {axis: k for k, axis in enumerate(axes)}
        terms = [
            Term(c, tuple(f._replace(labels=relabelled(f.labels, place)) for f in factors))
            for c, factors in poly.terms
        ]
        return self.poly(tuple(poly.dims[axis] for axis in axes), terms)

    # ---- one term -------------------------------------------------------------------------------

    def term(self, coefficient: Coefficient, factors: Iterable[Factor]) -> Term:
        """A term in a form of its own: powers collected, identities applied, labels in order."""
        parts = self.collected(list(factors))
        while True:
            applied = (rule(self, parts) for rule in RULES)
            found = next((new for new in applied if new is not None and new != parts), None)
            if found is None:
                return Term(coefficient, self.named(parts))
            if found is NOTHING:
                return Term(Fraction(0), ())
            parts = self.collected(found)

    def collected(self, factors: Sequence[Factor]) -> list[Factor]:
        """Equal bases with equal labels once, with the sum of their powers."""
        powers: dict[tuple[Base | Poly, Labels], Fraction] = {}
        for base, power, labels in factors:
            key = base, tuple(sorted(labels)) if self.symmetric(base) else labels
            powers[key] = (
                ONE
                if is_eye(base) or is_function(base, UNIT)
                else powers.get(key, Fraction(0)) + power
            )
        return [Factor(base, power, labels) for (base, labels), power in powers.items() if power]

    def symmetric(self, base: Base | Poly) -> bool:
        """Is a matrix its transpose, whatever its symbols are? S = S' gives S^-1 = (S^-1)'."""
        if base.symmetric is None:
            base.symmetric = False  # while it is being found out
            matrix = base.arguments[0] if is_function(base, "inv") else base
            if len(base.dims) == 2 and base.dims[0] == base.dims[1]:
                same = isinstance(matrix, Poly) and self.transposed(matrix) is matrix
                base.symmetric = same or is_eye(base)
        return base.symmetric

    def named(self, factors: Sequence[Factor]) -> tuple[Factor, ...]:
        """Factors in order, their summed labels -1, -2, … by where they stand.

        Labels are told apart by the factors that have them, and by those factors' other labels.
        """
        color = {n: n if n >= 0 else -1 for f in factors for n in f.labels}
        for _ in range(3):
            seen: dict[int, list[Any]] = {n: [] for n in color}
            for f in factors:
                around = [color[n] for n in f.labels]
                alike = self.symmetric(f.base)
                for axis, n in enumerate(f.labels):
                    place = (0, *sorted(around)) if alike else (axis, *around)
                    seen[n].append((f.base.number, f.power, place))
            ranks = {n: (color[n], sorted(found)) for n, found in seen.items()}
            order = sorted(ranks[n] for n in color if n < 0)
            color = {n: n if n >= 0 else -1 - order.index(ranks[n]) for n in color}
        ordered = sorted(
            factors,
            key=lambda f: (f.base.number, f.power, tuple(-color[n] for n in f.labels)),
        )
        names: dict[int, int] = {}
        for f in ordered:
            for n in f.labels:
                if n < 0:
                    names.setdefault(n, -1 - len(names))
        renamed = [f._replace(labels=relabelled(f.labels, names)) for f in ordered]
        return tuple(
            f._replace(labels=tuple(sorted(f.labels))) if self.symmetric(f.base) else f
            for f in renamed
        )


def array_of(factors: Sequence[Factor], axes: Labels) -> Any:
    """The array of numbers that one factor is, with its axes in order."""
    if len(factors) != 1:
        return None
    base, power, labels = factors[0]
    if not is_function(base, ARRAY) or power != 1 or tuple(sorted(labels)) != axes:
        return None
    return np.transpose(np.array(base.static), np.argsort(labels))


def nested(values: Any) -> Any:
    """Lists as tuples."""
    return tuple(map(nested, values)) if isinstance(values, list) else values
