"""How sums, products, reductions and changes of shape are read."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from gradcli.engine.program import Value
from gradcli.proof.closed.factoring import components
from gradcli.proof.closed.reading import Reading, reads
from gradcli.proof.closed.terms import (
    HALF,
    ONE,
    Dims,
    Factor,
    NoFormula,
    Poly,
    rational,
    relabelled,
)

# ---- sums and products --------------------------------------------------------------------------


@reads("add")
def added(r: Reading, v: Value, operands: Sequence[Poly]) -> Poly:
    return r.algebra.add(*r.aligned(operands, v.shape))


@reads("sub", "rsub")
def subtracted(r: Reading, v: Value, operands: Sequence[Poly]) -> Poly:
    a, b = r.aligned(operands, v.shape)
    return r.algebra.add(a, r.algebra.scale(b, -1))


@reads("neg")
def negated(r: Reading, _v: Value, operands: Sequence[Poly]) -> Poly:
    return r.algebra.scale(operands[0], -1)


@reads("mul")
def multiplied(r: Reading, v: Value, operands: Sequence[Poly]) -> Poly:
    return r.product(*r.aligned(operands, v.shape))


@reads("div")
def divided(r: Reading, v: Value, operands: Sequence[Poly]) -> Poly:
    a, b = r.aligned(operands, v.shape)
    return r.product(a, r.algebra.power(b, -ONE))


@reads("pow_scalar")
def powered(r: Reading, v: Value, operands: Sequence[Poly]) -> Poly:
    n = float(v.static[0])
    exact = rational(n, tolerance=4e-16)  # 1/3 - 1 is rounded
    return r.algebra.power(operands[0], Fraction(repr(n)) if exact is None else exact)


@reads("pow_tensor", "pow_base")
def power_of_tensors(r: Reading, v: Value, operands: Sequence[Poly]) -> Poly:
    a, b = r.aligned(operands, v.shape)
    if b.constant is not None:
        return r.algebra.power(a, b.constant)
    return r.function("pow", (a, b), (), v.shape)


POWERS = {"sqrt": HALF, "rsqrt": -HALF, "reciprocal": -ONE, "square": Fraction(2)}


@reads(*POWERS)
def rooted(r: Reading, v: Value, operands: Sequence[Poly]) -> Poly:
    assert v.op is not None
    return r.algebra.power(operands[0], POWERS[v.op.name])


@reads("mv", "vm", "mm", "dot", "outer")
def matrix_product(r: Reading, v: Value, operands: Sequence[Poly]) -> Poly:
    assert v.op is not None
    letters = {"mv": "ij,j,i", "vm": "i,ij,j", "mm": "ij,jk,ik", "dot": "i,i,", "outer": "i,j,ij"}
    left, right, out = letters[v.op.name].split(",")
    return r.contract(operands[0], left, operands[1], right, out)


@reads("einsum")
def einsum(r: Reading, v: Value, operands: Sequence[Poly]) -> Poly:
    inputs, output = v.static
    letters = {c: k for k, c in enumerate(dict.fromkeys("".join(inputs) + output))}
    pairs = [(x, tuple(letters[c] for c in term)) for x, term in zip(operands, inputs, strict=True)]
    return r.algebra.contract(pairs, tuple(letters[c] for c in output), expand=r.expand)


@reads("cross")
def cross(r: Reading, v: Value, operands: Sequence[Poly]) -> Poly:
    """Σ ε_ijk a_j b_k e_i over the permutations of three places."""
    if v.shape != (3,) or any(x.dims != (3,) for x in operands):
        raise NoFormula("a cross product of more than two vectors")
    parts = []
    for i in range(3):
        for j, k, sign in (((i + 1) % 3, (i + 2) % 3, 1), ((i + 2) % 3, (i + 1) % 3, -1)):
            units = [(r.algebra.unit(n, 3), (n,)) for n in (i, j, k)]
            vectors = [(operands[0], (j,)), (operands[1], (k,))]
            part = r.algebra.contract([*units, *vectors], (i,), expand=r.expand)
            parts.append(r.algebra.scale(part, sign))
    return r.algebra.add(*parts)


@reads("hypot")
def hypotenuse(r: Reading, v: Value, operands: Sequence[Poly]) -> Poly:
    squares = [r.algebra.power(x, Fraction(2)) for x in r.aligned(operands, v.shape)]
    return r.algebra.power(r.algebra.add(*squares), HALF)


# ---- reductions ---------------------------------------------------------------------------------


def reduced_axes(axes: Any, rank: int) -> set[int]:
    return set(range(rank)) if axes is None else {axis % rank for axis in axes}


@reads("sum", "mean")
def summed(r: Reading, v: Value, operands: Sequence[Poly]) -> Poly:
    assert v.op is not None
    (x,) = operands
    axes = reduced_axes(v.static[0], len(x.dims))
    kept = tuple(axis for axis in range(len(x.dims)) if axis not in axes)
    found = r.algebra.poly(tuple(x.dims[axis] for axis in kept), ())
    for term in x.terms:
        one = r.algebra.poly(x.dims, [term])
        found = r.algebra.add(found, r.algebra.contract([(one, tuple(range(len(x.dims))))], kept))
    if v.op.name == "mean":
        for axis in axes:
            length = r.algebra.power(r.algebra.size(x.dims[axis]), -ONE)
            found = r.product(found, r.broadcast(length, found.dims))
    return r.moved(found, kept if v.static[1] else tuple(range(len(kept))), v.shape)


@reads("norm2")
def euclidean(r: Reading, v: Value, operands: Sequence[Poly]) -> Poly:
    """The root of the sum of squares."""
    (x,) = operands
    square = r.algebra.power(x, Fraction(2))
    total = summed(r, Value(v.shape, v.dtype, v.op, static=v.static), [square])
    return r.algebra.power(total, HALF)


@reads("norm_p", "std")
def spread_of(r: Reading, v: Value, operands: Sequence[Poly]) -> Poly:
    """Of a whole tensor."""
    assert v.op is not None
    order, axes, keepdims = v.static if v.op.name == "norm_p" else (None, *v.static[:2])
    if axes is not None or keepdims or v.static[2:] == (1,):
        raise NoFormula(f"{v.op.name} along an axis")
    return r.of_whole(v.op.name, operands[0], () if order is None else (order,), ())


@reads("max", "min", "logsumexp", "prod")
def folded(r: Reading, v: Value, operands: Sequence[Poly]) -> Poly:
    assert v.op is not None
    if len(reduced_axes(v.static[0], len(operands[0].dims))) != len(operands[0].dims):
        raise NoFormula(f"{v.op.name} along an axis")
    return r.broadcast(r.of_whole(v.op.name, operands[0], (), ()), v.shape)


@reads("softmax", "log_softmax", "tril", "triu")
def of_rows(r: Reading, v: Value, operands: Sequence[Poly]) -> Poly:
    assert v.op is not None
    if v.static not in ((-1,), (0,)) or (v.static == (0,)) == (
        v.op.name in ("softmax", "log_softmax")
    ):
        raise NoFormula(f"{v.op.name} along another axis")
    return r.of_whole(v.op.name, operands[0], (), v.shape)


# ---- shapes -------------------------------------------------------------------------------------


@reads("swapaxes", "t", "transpose")
def turned(r: Reading, v: Value, operands: Sequence[Poly]) -> Poly:
    assert v.op is not None
    (x,) = operands
    probe = np.broadcast_to(np.float64(0), tuple(range(2, 2 + len(x.dims))))
    order = [n - 2 for n in v.op.forward(probe, *v.static).shape]
    return r.moved(x, [order.index(axis) for axis in range(len(order))], v.shape)


@reads("reshape", "squeeze", "expand_dims", "ravel")
def reshaped(r: Reading, v: Value, operands: Sequence[Poly]) -> Poly:
    """Where only axes of length 1 come and go, or pairs of axes are joined."""
    (x,) = operands
    long = [[k for k, n in enumerate(shape) if n != 1] for shape in (x.dims, v.shape)]
    pairs = len(x.dims) == 4 and 1 not in x.dims
    if pairs and v.shape == (x.dims[0] * x.dims[1], x.dims[2] * x.dims[3]):
        return kronecker(r, x, v.shape)
    if [x.dims[k] for k in long[0]] != [v.shape[k] for k in long[1]]:
        raise NoFormula("it takes a tensor apart, or changes its shape")
    place = dict(zip(long[0], long[1], strict=True))
    return r.moved(x, [place.get(k, 0) for k in range(len(x.dims))], v.shape)


def kronecker(r: Reading, x: Poly, shape: Dims) -> Poly:
    """A_ik B_jl with ij for rows and kl for columns is the Kronecker product of A and B."""
    found = r.algebra.poly(shape, ())
    for c, factors in x.terms:
        sides: list[list[Factor]] = [[], []]
        for part in components(list(factors)):
            named = {n for f in part for n in f.labels if n >= 0}
            if named <= {0, 2}:
                sides[0] += part
            elif named <= {1, 3}:
                sides[1] += part
            else:
                raise NoFormula("it joins axes that belong together")
        a, b = (
            r.algebra.poly(
                (x.dims[k], x.dims[k + 2]),
                [r.algebra.term(ONE, [moved(f, {k: 0, k + 2: 1}) for f in side])],
            )
            for k, side in enumerate(sides)
        )
        product = r.algebra.whole(r.algebra.base("kron", [a, b], dims=shape))
        found = r.algebra.add(found, r.algebra.scale(product, c))
    return found


def moved(f: Factor, move: dict[int, int]) -> Factor:
    return f._replace(labels=relabelled(f.labels, move))


@reads("getitem")
def indexed(r: Reading, v: Value, operands: Sequence[Poly]) -> Poly:
    """An element of an axis is the product with a row of the identity."""
    (x,) = operands
    pairs, kept = selected(r, v.static[0], x.dims)
    labels = tuple(range(len(x.dims)))
    out = tuple(n for n, _ in kept if n is not None)
    found = r.algebra.contract([(x, labels), *pairs], out, expand=r.expand)
    return r.moved(found, [place for n, place in kept if n is not None], v.shape)


@reads("scatter_index")
def placed(r: Reading, v: Value, operands: Sequence[Poly]) -> Poly:
    """The same the other way: an element in its place among zeros."""
    (x,) = operands
    pairs, kept = selected(r, v.static[0], v.shape)
    labels = [-1] * len(x.dims)
    for n, place in kept:
        labels[place] = len(v.shape) + place if n is None else n
    every = {n for _, ls in pairs for n in ls} | set(labels)
    out = tuple(n for n in range(len(v.shape)) if n in every)
    found = r.algebra.contract([(x, tuple(labels)), *pairs], out, expand=r.expand)
    return r.moved(found, out, v.shape)


def selected(
    r: Reading, index: Any, shape: Dims
) -> tuple[list[tuple[Poly, tuple[int, ...]]], list[tuple[int | None, int]]]:
    """Rows of the identity for the axes of which one element is taken; (axis, place in the result)
    for the others and for those that are new."""
    pairs: list[tuple[Poly, tuple[int, ...]]] = []
    kept: list[tuple[int | None, int]] = []
    axis = 0
    for part in index.parts:
        if part is None:
            kept.append((None, len(kept)))
            continue
        if part == slice(None):
            kept.append((axis, len(kept)))
        elif type(part) is not int:
            raise NoFormula("it takes slices of a tensor")
        elif shape[axis] != 1:
            pairs.append((r.unit(part % shape[axis], shape[axis]), (axis,)))
        axis += 1
    return pairs, kept


@reads("stack")
def stacked(r: Reading, v: Value, operands: Sequence[Poly]) -> Poly:
    """Each in its place of a new axis, which is the product with a row of the identity."""
    axis = len(v.shape) + v.static[0]
    others = tuple(k for k in range(len(v.shape)) if k != axis)
    if v.shape[axis] == 1:
        return r.moved(operands[0], others, v.shape)
    every = tuple(range(len(v.shape)))
    parts = []
    for k, x in enumerate(operands):
        placed = r.moved(x, others, v.shape)
        unit = r.moved(r.algebra.unit(k, v.shape[axis]), (axis,), v.shape)
        parts.append(r.algebra.contract([(placed, every), (unit, every)], every, expand=True))
    return r.algebra.add(*parts)


@reads("broadcast_to")
def spread(r: Reading, v: Value, operands: Sequence[Poly]) -> Poly:
    return r.broadcast(operands[0], v.shape)


@reads("astype", "real", "conj")
def same(_r: Reading, _v: Value, operands: Sequence[Poly]) -> Poly:
    return operands[0]


@reads("zeros_like", "ones_like")
def filled(r: Reading, v: Value, _operands: Sequence[Poly]) -> Poly:
    assert v.op is not None
    return r.algebra.number(v.op.name == "ones_like", v.shape)


@reads("diagonal")
def diagonal(r: Reading, v: Value, operands: Sequence[Poly]) -> Poly:
    if v.static != (0,) or len(operands[0].dims) != 2 or len(set(operands[0].dims)) != 1:
        raise NoFormula("a diagonal beside the main one, or of no square matrix")
    return r.algebra.contract([(operands[0], (0, 0))], (0,))


@reads("trace")
def traced(r: Reading, v: Value, operands: Sequence[Poly]) -> Poly:
    (x,) = operands
    if v.static[0] != 0 or len(x.dims) != 2 or len(set(x.dims)) != 1:
        raise NoFormula("a trace beside the main diagonal, or of no square matrix")
    found = r.algebra.poly((), ())
    for term in x.terms:
        one = r.algebra.poly(x.dims, [term])
        found = r.algebra.add(found, r.algebra.contract([(one, (0, 0))], ()))
    return found


@reads("diag_embed")
def embedded(r: Reading, v: Value, operands: Sequence[Poly]) -> Poly:
    if v.static[0] != 0 or len(v.shape) != 2 or len(set(v.shape)) != 1:
        raise NoFormula("a diagonal beside the main one, or of no square matrix")
    eye = r.algebra.eye(v.shape[0])
    return r.algebra.contract([(operands[0], (0,)), (eye, (0, 1))], (0, 1))
