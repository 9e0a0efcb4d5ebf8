"""How inverses, determinants, and choices between values are read."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from gradcli.engine.program import Value
from gradcli.proof.closed.reading import Reading, reads
from gradcli.proof.closed.terms import (
    EIGENVECTORS,
    LARGEST,
    LEAST,
    LEFT,
    ONE,
    RIGHT,
    SHARES,
    Base,
    Factor,
    NoFormula,
    Poly,
    is_function,
)

# ---- matrices -----------------------------------------------------------------------------------


@reads("inv")
def inverse(r: Reading, _v: Value, operands: Sequence[Poly]) -> Poly:
    return inverse_of(r, operands[0])


def inverse_of(r: Reading, x: Poly) -> Poly:
    """(c A)^-1 = A^-1 / c, (A')^-1 = (A^-1)', (A B)^-1 = B^-1 A^-1 of square matrices."""
    algebra = r.algebra
    if 1 in x.dims:
        raise NoFormula("the inverse of a matrix with one element")
    if len(x.terms) != 1:
        return algebra.whole(algebra.base("inv", [x], dims=x.dims))
    (c, factors) = x.terms[0]
    scalars = [f for f in factors if not f.labels]
    matrices = [f for f in factors if f.labels]
    if any(len(f.labels) != 2 or f.power != 1 or f.base.dims != x.dims for f in matrices):
        return algebra.whole(algebra.base("inv", [x], dims=x.dims))
    count: dict[int, int] = {}
    for f in matrices:
        for n in set(f.labels):
            count[n] = count.get(n, 0) + 1
    chain = all(n == (2 if label < 0 else 1) for label, n in count.items())
    if not chain or not {0, 1} <= set(count) or any(len(set(f.labels)) != 2 for f in matrices):
        return algebra.whole(algebra.base("inv", [x], dims=x.dims))
    inverses = [Factor(*inverted_base(r, f), f.labels[::-1]) for f in matrices]
    reciprocal = [f._replace(power=-f.power) for f in scalars]
    turned = [f._replace(labels=tuple({0: 1, 1: 0}.get(n, n) for n in f.labels)) for f in inverses]
    return algebra.poly(x.dims, [algebra.term(1 / c, [*reciprocal, *turned])])


def inverted_base(r: Reading, f: Factor) -> tuple[Any, Fraction]:
    base = f.base
    if not isinstance(base, Poly) and base.name == "eye":
        return base, ONE
    if not isinstance(base, Poly) and base.name == "inv":
        lone = base.arguments[0].lone
        if lone is not None and lone.labels == (0, 1) and lone.power == 1:
            return lone.base, ONE
        return base.arguments[0], ONE
    inner = r.algebra.poly(base.dims, [r.algebra.term(ONE, [Factor(base, ONE, (0, 1))])])
    if isinstance(base, Poly):
        inner = base
    return r.algebra.base("inv", [inner], dims=base.dims), ONE


@reads("det")
def determinant(r: Reading, _v: Value, operands: Sequence[Poly]) -> Poly:
    """det(A') = det(A)."""
    (x,) = operands
    lone = x.lone
    if lone is not None and lone.labels == (1, 0) and lone.power == 1:
        x = r.algebra.transposed(x)
    return r.of_whole("det", x, (), ())


@reads("cofactor")
def cofactors(r: Reading, v: Value, operands: Sequence[Poly]) -> Poly:
    """det(A) A^-T."""
    size = r.broadcast(determinant(r, v, operands), v.shape)
    return r.product(size, r.algebra.transposed(inverse(r, v, operands)))


@reads("slogdet")
def log_determinant(r: Reading, v: Value, operands: Sequence[Poly]) -> Poly:
    if v.part != 1:
        raise NoFormula("the sign of a determinant")
    return r.of_whole("logdet", operands[0], (), ())


@reads("solve")
def solved(r: Reading, v: Value, operands: Sequence[Poly]) -> Poly:
    """A^-1 B."""
    a, b = operands
    right, out = ("j", "i") if v.static[0] else ("jk", "ik")
    return r.contract(inverse_of(r, a), "ij", b, right, out)


@reads("eigh")
def eigen(r: Reading, v: Value, operands: Sequence[Poly]) -> Poly:
    return r.of_whole("eigvalsh" if v.part == 0 else EIGENVECTORS, operands[0], (), v.shape)


@reads("svd")
def singular(r: Reading, v: Value, operands: Sequence[Poly]) -> Poly:
    assert v.part is not None
    return r.of_whole((LEFT, "singular values", RIGHT)[v.part], operands[0], (), v.shape)


@reads("pinv")
def pseudoinverse(r: Reading, v: Value, operands: Sequence[Poly]) -> Poly:
    return r.of_whole("pinv", operands[0], (), v.shape)


# ---- choices ------------------------------------------------------------------------------------


EXTREMES = {"max": LARGEST, "min": LEAST}


@reads("eq", "isnan", "isclose")
def equal(r: Reading, v: Value, operands: Sequence[Poly]) -> Poly:
    """Nothing is equal but the largest element, or the least, of a tensor to it."""
    extreme = operands[-1].lone
    if extreme is not None and isinstance(extreme.base, Base) and extreme.base.name in EXTREMES:
        (x,) = extreme.base.arguments
        if x is operands[0]:
            return r.of_whole(EXTREMES[extreme.base.name], x, (), v.shape)
    return r.algebra.number(0, v.shape)


@reads("bitwise_or", "bitwise_and")
def combined(r: Reading, v: Value, operands: Sequence[Poly]) -> Poly:
    a, b = r.aligned(operands, v.shape)
    for one, other in ((a, b), (b, a)):
        if one.constant == 0:
            assert v.op is not None
            return other if v.op.name == "bitwise_or" else one
    raise NoFormula("it combines conditions")


OPPOSITE = {"gt": "le", "le": "gt", "lt": "ge", "ge": "lt"}


@reads(*OPPOSITE)
def compared(r: Reading, v: Value, operands: Sequence[Poly]) -> Poly:
    assert v.op is not None
    a, b = r.aligned(operands, v.shape)
    lone = a.lone
    if b.constant == 0 and v.op.name in ("gt", "le") and lone and is_function(lone.base, "relu"):
        a = r.moved(lone.base.arguments[0], lone.labels, v.shape)
    return r.function(v.op.name, (a, b), (), v.shape)


def is_share(x: Poly) -> bool:
    """Is it one of the parts of 1, which are not negative?"""
    lone = x.lone
    return lone is not None and isinstance(lone.base, Base) and lone.base.name in SHARES


@reads("where")
def chosen(r: Reading, v: Value, operands: Sequence[Poly]) -> Poly:
    """A branch of 0 makes it a product with the condition."""
    c, a, b = r.aligned(operands, v.shape)
    if c.constant is not None:
        return a if c.constant else b
    lone = c.lone
    if lone is not None and not isinstance(lone.base, Poly) and lone.base.name in OPPOSITE:
        if b.constant == 0:
            share = is_share(a) and lone.base.name == "gt" and lone.base.arguments[0] is a
            return a if share else r.product(c, a)
        if a.constant == 0:
            base = lone.base
            other = r.algebra.base(OPPOSITE[base.name], base.arguments, (), base.dims)
            opposite = r.moved(r.algebra.whole(other), lone.labels, v.shape)
            return r.product(opposite, b)
    return r.function("where", (c, a, b), (), v.shape)


@reads("abs")
def size(r: Reading, v: Value, operands: Sequence[Poly]) -> Poly:
    return r.function("abs", operands, (), v.shape)


@reads("sgn", "sign")
def sign(r: Reading, v: Value, operands: Sequence[Poly]) -> Poly:
    return r.function("sign", operands, (), v.shape)


@reads("log")
def logarithm(r: Reading, v: Value, operands: Sequence[Poly]) -> Poly:
    if operands[0].constant == 1:
        return r.algebra.number(0, v.shape)
    return r.function("log", operands, (), v.shape)


GUARD = 1e4


@reads("minimum", "maximum")
def bounded(r: Reading, v: Value, operands: Sequence[Poly]) -> Poly:
    """A bound that is far away is there for the machine's numbers, or will be missed at points that
    are as far."""
    assert v.op is not None
    for x, bound in (operands, operands[::-1]):
        size = bound.constant
        away = size is not None and (size if v.op.name == "minimum" else -size) >= GUARD
        if away and not r.guarded and x.dims == v.shape:
            return x
    return r.function(v.op.name, operands, (), v.shape)


@reads("expm1")
def exponential_less_1(r: Reading, v: Value, operands: Sequence[Poly]) -> Poly:
    share = share_of(r, operands[0])
    if share is None:
        return r.function("expm1", operands, (), v.shape)
    return r.algebra.add(share, r.algebra.number(-1, v.shape))


def share_of(r: Reading, x: Poly) -> Poly | None:
    """exp(log_softmax(x)) is softmax(x)."""
    lone = x.lone
    if lone is None or not is_function(lone.base, "log_softmax") or lone.power != 1:
        return None
    return r.moved(
        r.of_whole("softmax", lone.base.arguments[0], (), lone.base.dims), lone.labels, x.dims
    )


@reads("exp")
def exponential(r: Reading, v: Value, operands: Sequence[Poly]) -> Poly:
    """exp(x - logsumexp(x)) is softmax(x), where x has one axis."""
    (x,) = operands
    share = share_of(r, x)
    if share is not None:
        return share
    for c, factors in x.terms:
        if c != -1 or len(factors) != 1 or isinstance(factors[0].base, Poly):
            continue
        base = factors[0].base
        if base.name == "logsumexp" and factors[0].power == 1:
            rest = r.algebra.add(x, r.algebra.poly(x.dims, [(ONE, factors)]))  # type: ignore[list-item]  # factors are atoms
            if rest is base.arguments[0] and len(x.dims) == 1:
                return r.of_whole("softmax", rest, (), x.dims)
    return r.function("exp", operands, (), v.shape)
