"""Identities that make products of labelled factors shorter.

A rule takes the factors of a term, with equal ones collected, and gives others in their place, None
if it does not apply, or NOTHING if their product is 0.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from gradcli.proof.closed.terms import (
    ONE,
    ORTHONORMAL,
    SHARES,
    UNIT,
    Base,
    Factor,
    Labels,
    Poly,
    inverted,
    is_eye,
    is_function,
    relabelled,
)

if TYPE_CHECKING:
    from gradcli.proof.closed.algebra import Algebra

Factors = list[Factor]
Rule = Callable[["Algebra", Factors], "Factors | None"]
NOTHING: Factors = []
RULES: list[Rule] = []


def rule(function: Rule) -> Rule:
    RULES.append(function)
    return function


def uses(factors: Sequence[Factor]) -> Counter[int]:
    """How often each label stands in a product."""
    return Counter(n for f in factors for n in f.labels)


# ---- rows of the identity -----------------------------------------------------------------------


@rule
def without_eye(algebra: Algebra, factors: Factors) -> Factors | None:
    """δ_ij of a summed label gives its other label to all that have it."""
    for k, (base, _, labels) in enumerate(factors):
        if not is_eye(base):
            continue
        i, j = labels
        rest = factors[:k] + factors[k + 1 :]
        alive = {n for f in rest for n in f.labels}
        if i == j:
            if i < 0 and i not in alive:
                (size,) = algebra.size(base.dims[0]).terms
                return None if size.coefficient != 1 else [*rest, *size.factors]
            return rest
        for drop, keep in ((i, j), (j, i)):
            if drop in alive and (drop < 0 or drop > keep >= 0):
                move = {drop: keep}
                moved = [f._replace(labels=relabelled(f.labels, move)) for f in rest]
                return moved if drop < 0 else [factors[k], *moved]
    return None


@rule
def without_units(_algebra: Algebra, factors: Factors) -> Factors | None:
    """The elements of a row of the identity add up to 1; two different rows have product 0."""
    count = uses(factors)
    places: dict[int, int] = {}
    for k, (base, _, labels) in enumerate(factors):
        if not is_function(base, UNIT):
            continue
        (label,) = labels
        if label < 0 and count[label] == 1:
            return factors[:k] + factors[k + 1 :]
        place = base.static[0]
        if places.setdefault(label, place) != place:
            return NOTHING
    return None


# ---- matrices that cancel -----------------------------------------------------------------------


@rule
def without_inverse(algebra: Algebra, factors: Factors) -> Factors | None:
    """A^-1 A = A A^-1 = I, where A may be a product, and nothing else has the label between."""
    count = uses(factors)
    for one in factors:
        matrix = inverted(one.base)
        if matrix is None or one.power != 1:
            continue
        for inner, outer, ends in (
            (one.labels[1], one.labels[0], 0),
            (one.labels[0], one.labels[1], 1),
        ):
            if inner >= 0 or count[inner] != 2:
                continue
            others = [f for f in factors if f is not one]
            found = product_at(matrix, inner, ends, others, count)
            if found is not None:
                used, other = found
                rest = [f for f in others if all(f is not g for g in used)]
                return [*rest, Factor(algebra.identity(matrix.dims[0]), ONE, (outer, other))]
    return None


def product_at(
    matrix: Base | Poly, label: int, axis: int, factors: Factors, count: Counter[int]
) -> tuple[Factors, int] | None:
    """The factors whose product is a matrix with a label on one axis, and that of its other one."""
    if isinstance(matrix, Base) or len(matrix.terms) != 1:
        for f in factors:
            if f.base is matrix and f.power == 1 and label in f.labels:
                # Of a matrix that is its transpose either axis may be the one.
                same = matrix.symmetric or f.labels[axis] == label
                if same and f.labels[0] != f.labels[1]:
                    return [f], f.labels[0] if f.labels[1] == label else f.labels[1]
        return None
    coefficient, parts = matrix.terms[0]
    if coefficient != 1 or any(not f.labels for f in parts):
        return None
    return matched(list(parts), {axis: label}, factors, count, 1 - axis)


def matched(
    parts: Factors, place: dict[int, int], factors: Factors, count: Counter[int], end: int
) -> tuple[Factors, int] | None:
    """Factors that are these parts under some renaming of labels that goes on from `place`; and
    the name of `end`. Labels between them stand nowhere else."""
    if not parts:
        inner = [place[n] for n in place if n < 0]
        alone = all(n < 0 and count[n] == 2 for n in inner) and len({*place.values()}) == len(place)
        return ([], place[end]) if alone and end in place else None
    for part in parts:
        if not any(n in place for n in part.labels):
            continue
        for f in factors:
            if f.base is not part.base or f.power != part.power:
                continue
            further = renamed(part.labels, f.labels, place)
            if further is None:
                continue
            rest = [p for p in parts if p is not part]
            found = matched(rest, further, [g for g in factors if g is not f], count, end)
            if found is not None:
                return [f, *found[0]], found[1]
        return None
    return None


def renamed(old: Labels, new: Labels, place: dict[int, int]) -> dict[int, int] | None:
    """`place` with further names, if these labels are those under other names."""
    further = dict(place)
    for a, b in zip(old, new, strict=True):
        if further.setdefault(a, b) != b:
            return None
    return further


@rule
def without_projection(_algebra: Algebra, factors: Factors) -> Factors | None:
    """A A^+ and A^+ A are projections, and symmetric: what they project to they leave as it is."""
    count = uses(factors)
    for p in factors:
        matrix = inverted(p.base, "pinv")
        if matrix is None or p.power != 1:
            continue
        for a in factors:
            if a.base is not matrix or a.power != 1:
                continue
            for axis in (0, 1):
                inner, ends = a.labels[1 - axis], (a.labels[axis], p.labels[1 - axis])
                if p.labels[axis] != inner or inner >= 0 or count[inner] != 2:
                    continue
                for end, other in (ends, ends[::-1]):
                    for f in factors:
                        fixed = (f.base is matrix and f.labels[axis] == end) or (
                            f.base is p.base and f.labels[1 - axis] == end
                        )
                        if fixed and f is not a and f is not p and end < 0 and count[end] == 2:
                            rest = [g for g in factors if g is not a and g is not p and g is not f]
                            labels = relabelled(f.labels, {end: other})
                            return [*rest, f._replace(labels=labels)]
    return None


@rule
def without_orthonormal(algebra: Algebra, factors: Factors) -> Factors | None:
    """V V' = V' V = I of the eigenvectors of a symmetric matrix, U' U = I of singular vectors."""
    count = uses(factors)
    for k, one in enumerate(factors):
        name = one.base.name if isinstance(one.base, Base) else ""
        for axis in ORTHONORMAL.get(name, ()):
            inner = one.labels[axis]
            for other in factors[k + 1 :]:
                same = other.base is one.base and other.labels[axis] == inner
                if same and inner < 0 and count[inner] == 2:
                    rest = [f for f in factors if f is not one and f is not other]
                    ends = one.labels[1 - axis], other.labels[1 - axis]
                    size = one.base.dims[1 - axis]
                    return [*rest, Factor(algebra.identity(size), ONE, ends)]
    return None


# ---- functions ----------------------------------------------------------------------------------


@rule
def without_shares(_algebra: Algebra, factors: Factors) -> Factors | None:
    """The elements of softmax(x), and those of x == max(x), add up to 1."""
    count = uses(factors)
    for k, (base, power, labels) in enumerate(factors):
        adds_up = isinstance(base, Base) and base.name in SHARES
        if adds_up and power == 1 and all(n < 0 and count[n] == 1 for n in labels):
            return factors[:k] + factors[k + 1 :]
    return None


@rule
def without_sign(algebra: Algebra, factors: Factors) -> Factors | None:
    """sign(x) |x|^n is x^n for odd n, else x |x|^(n-1)."""
    for f in factors:
        if not is_function(f.base, "abs") or f.power.denominator != 1:
            continue
        for g in factors:
            same = is_function(g.base, "sign") and g.base.arguments == f.base.arguments
            if not same or g.labels != f.labels or g.power != 1:
                continue
            n = f.power if f.power.numerator % 2 else ONE
            size, factor = algebra.factor(f.base.arguments[0], n, f.labels)
            if size == 1:
                rest = [h for h in factors if h is not f and h is not g]
                return [*rest, factor, f._replace(power=f.power - n)]
    return None


@rule
def without_quotient(algebra: Algebra, factors: Factors) -> Factors | None:
    """x^n x^k is x^(n + k), for an n that is no number."""
    for f in factors:
        if not is_function(f.base, "pow") or f.power != 1:
            continue
        x, n = f.base.arguments
        size, same = algebra.factor(x, ONE, f.labels)
        for g in factors:
            if g is f or size != 1 or g.base is not same.base or g.labels != same.labels:
                continue
            exponent = algebra.add(n, algebra.number(g.power, n.dims))
            power = algebra.base("pow", [x, exponent], dims=f.base.dims)
            rest = [h for h in factors if h is not f and h is not g]
            return [*rest, Factor(power, ONE, f.labels)]
    return None


@rule
def without_logistic(algebra: Algebra, factors: Factors) -> Factors | None:
    """1 / (1 + exp(u)) is sigmoid(-u), and exp(u) sigmoid(-u) is sigmoid(u)."""
    for f in factors:
        u = logit(f.base)
        if u is not None and f.power < 0 and f.power.denominator == 1:
            share = algebra.base("sigmoid", [algebra.scale(u, -1)], dims=f.base.dims)
            return [*(g for g in factors if g is not f), Factor(share, -f.power, f.labels)]
        if not is_function(f.base, "exp") or f.power != 1:
            continue
        (u,) = f.base.arguments
        opposite = algebra.base("sigmoid", [algebra.scale(u, -1)], dims=f.base.dims)
        for g in factors:
            if g.base is opposite and g.labels == f.labels and g.power >= 1:
                share = algebra.base("sigmoid", [u], dims=f.base.dims)
                rest = [h for h in factors if h is not f and h is not g]
                return [*rest, g._replace(power=g.power - 1), Factor(share, ONE, f.labels)]
    return None


def logit(base: Base | Poly) -> Poly | None:
    """u, if this is 1 + exp(u)."""
    if not isinstance(base, Poly) or len(base.terms) != 2:
        return None
    for one, other in (base.terms, base.terms[::-1]):
        if one == (ONE, ()) and other.coefficient == 1 and len(other.factors) == 1:
            f = other.factors[0]
            whole = f.power == 1 and f.labels == tuple(range(len(base.dims)))
            if whole and is_function(f.base, "exp"):
                return f.base.arguments[0]
    return None


@rule
def without_complement(algebra: Algebra, factors: Factors) -> Factors | None:
    """1 - sigmoid(u) is sigmoid(-u)."""
    for f in factors:
        if not isinstance(f.base, Poly) or len(f.base.terms) != 2:
            continue
        for one, other in (f.base.terms, f.base.terms[::-1]):
            lone = other.factors[0] if len(other.factors) == 1 else None
            if one != (ONE, ()) or lone is None or other.coefficient != -1 or lone.power != 1:
                continue
            if is_function(lone.base, "sigmoid") and lone.labels == tuple(range(len(f.base.dims))):
                (u,) = lone.base.arguments
                share = algebra.base("sigmoid", [algebra.scale(u, -1)], dims=f.base.dims)
                return [*(g for g in factors if g is not f), f._replace(base=share)]
    return None
