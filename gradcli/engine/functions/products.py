"""Products of vectors and matrices that are made of others."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from gradcli.engine.apply import record
from gradcli.engine.functions.registry import FUNCTIONS, named
from gradcli.engine.operands import as_operand
from gradcli.engine.ops import TABLE
from gradcli.engine.ops.axes import integer, negative_axis
from gradcli.engine.ops.matrices import square_arguments
from gradcli.engine.tensor import Tensor
from gradcli.errors import ShapeMismatch, WrongType, WrongValue

# ---- products of two ----------------------------------------------------------------------------


@named("dot", numpy=(np.dot,))
def dot(a: Any, b: Any) -> Any:
    """Over the last axis of a and the last but one of b; with a scalar the multiple."""
    a, b = as_operand(a), as_operand(b)
    if not a.ndim or not b.ndim:
        return a * b
    return a @ b if b.ndim < 3 else tensordot(a, b, ([-1], [-2]))


@named("inner", numpy=(np.inner,))
def inner(a: Any, b: Any) -> Any:
    """Over the last axes of both; with a scalar the multiple."""
    a, b = as_operand(a), as_operand(b)
    return dot(a, b) if b.ndim < 2 or not a.ndim else tensordot(a, b, ([-1], [-1]))


@named("vdot", numpy=(np.vdot,))
def vdot(a: Any, b: Any) -> Any:
    """The sum of conj(a) b over all elements."""
    a, b = as_operand(a).ravel(), as_operand(b).ravel()
    return dot(FUNCTIONS["conj"](a) if a.dtype.kind == "c" else a, b)


@named("outer", "ger", numpy=(np.outer,))
def outer(a: Any, b: Any) -> Any:
    """Every product of an element of a and one of b, as a matrix."""
    a, b = (x if x.ndim == 1 else x.ravel() for x in (as_operand(a), as_operand(b)))
    return record(TABLE["outer"], (a, b), ())


@named("kron", numpy=(np.kron,))
def kron(a: Any, b: Any) -> Any:
    """Kronecker's product: in place of every element of a, its multiple of b."""
    a, b = as_operand(a), as_operand(b)
    rank = max(a.ndim, b.ndim)
    rows = (1,) * (rank - a.ndim) + a.shape
    columns = (1,) * (rank - b.ndim) + b.shape
    a = a.reshape([n for length in rows for n in (length, 1)])
    b = b.reshape([n for length in columns for n in (1, length)])
    return (a * b).reshape([n * m for n, m in zip(rows, columns, strict=True)])


@named("cross", numpy=(np.cross, np.linalg.cross))
def cross(a: Any, b: Any, axis: Any = -1) -> Any:
    """The vector product of vectors of three components along an axis."""
    a, b = as_operand(a), as_operand(b)
    axes = [negative_axis(axis, x.ndim) for x in (a, b)]
    lengths = [x.shape[at] for x, at in zip((a, b), axes, strict=True)]
    if lengths != [3, 3] or axes[0] != axes[1]:
        raise ShapeMismatch(f"cross takes vectors of length 3, not shapes {a.shape} and {b.shape}")
    return record(TABLE["cross"], (a, b), (axes[0],))


def places(axes: Any) -> list[int]:
    return [integer(x, "an axis") for x in (axes if isinstance(axes, list | tuple) else [axes])]


@named("tensordot", numpy=(np.tensordot,))
def tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    """The sum over pairs of axes: the last `axes` of a with the first of b, or those in two lists.

    What remains of a's axes comes before what remains of b's.
    """
    a, b = as_operand(a), as_operand(b)
    if isinstance(axes, Tensor) and axes.ndim:  # as the language has lists of lists
        if axes.dtype.kind not in "iuf" or np.any(axes.value % 1):
            raise WrongType("tensordot's axes are integers")
        axes = axes.value.astype(np.int64).tolist()
    if isinstance(axes, list | tuple):
        if len(axes) != 2:
            raise WrongValue("tensordot's axes are a number, or two lists of axes")
        left, right = map(places, axes)
    else:
        count = integer(axes, "a number of axes")
        if not 0 <= count <= min(a.ndim, b.ndim):
            raise ShapeMismatch(f"tensordot over {count} axes of shapes {a.shape} and {b.shape}")
        left, right = list(range(a.ndim - count, a.ndim)), list(range(count))
    left = [negative_axis(k, a.ndim) + a.ndim for k in left]
    right = [negative_axis(k, b.ndim) + b.ndim for k in right]
    sizes = [[x.shape[k] for k in ks] for x, ks in ((a, left), (b, right))]
    if sizes[0] != sizes[1] or len({*left}) < len(left) or len({*right}) < len(right):
        raise ShapeMismatch(f"tensordot: axes {left} of {a.shape}, {right} of {b.shape} do not fit")
    rows = [k for k in range(a.ndim) if k not in left]
    columns = [k for k in range(b.ndim) if k not in right]
    common = math.prod(sizes[0])
    shape = [a.shape[k] for k in rows] + [b.shape[k] for k in columns]
    lengths = [math.prod(x.shape[k] for k in ks) for x, ks in ((a, rows), (b, columns))]
    a = a.transpose(rows + left).reshape((lengths[0], common))
    b = b.transpose(right + columns).reshape((common, lengths[1]))
    return (a @ b).reshape(shape)


# ---- products of many ---------------------------------------------------------------------------

# Of more matrices the best order takes longer to find than it saves.
MANY = 50


@named("multi_dot", "chain_matmul", numpy=(np.linalg.multi_dot,))
def multi_dot(matrices: Any) -> Any:
    """The product of matrices in the order that takes the fewest multiplications.

    The first and the last may be vectors.
    """
    if not isinstance(matrices, list | tuple) or len(matrices) < 2:
        raise WrongType("multi_dot takes a list of at least two matrices")
    parts = [as_operand(x) for x in matrices]
    ends, inside = (parts[0], parts[-1]), parts[1:-1]
    if any(x.ndim not in (1, 2) for x in ends) or any(x.ndim != 2 for x in inside):
        raise ShapeMismatch("multi_dot takes matrices; the first and the last may be vectors")
    if len(parts) > MANY:
        product = parts[0]
        for x in parts[1:]:
            product = product @ x
        return product
    first = parts[0].shape[0] if parts[0].ndim == 2 else 1
    sizes = [first, parts[0].shape[-1], *(x.shape[1] if x.ndim == 2 else 1 for x in parts[1:])]
    cuts = best_cuts(sizes)

    def product_of(i: int, j: int) -> Any:
        if i == j:
            return parts[i]
        k = cuts[i, j]
        return product_of(i, k) @ product_of(k + 1, j)

    return product_of(0, len(parts) - 1)


def best_cuts(sizes: Sequence[int]) -> dict[tuple[int, int], int]:
    """Where to cut each run of matrices in two; matrix k is sizes[k] by sizes[k + 1]."""
    n = len(sizes) - 1
    costs = {(k, k): 0 for k in range(n)}
    cuts = {}
    for length in range(1, n):
        for i in range(n - length):
            j = i + length
            costs[i, j], cuts[i, j] = min(
                (costs[i, k] + costs[k + 1, j] + sizes[i] * sizes[k + 1] * sizes[j + 1], k)
                for k in range(i, j)
            )
    return cuts


@named("matrix_power", numpy=(np.linalg.matrix_power,))
def matrix_power(x: Any, n: Any) -> Any:
    """The n-th power of a square matrix, by squaring; of its inverse if n is negative."""
    x, n = as_operand(x), integer(n, "an exponent")
    square_arguments(x)
    if n < 0:
        x, n = FUNCTIONS["inv"](x), -n
    if not n:
        return Tensor(np.broadcast_to(np.eye(x.shape[-1], dtype=x.dtype), x.shape).copy())
    power = None
    while True:
        if n & 1:
            power = x if power is None else power @ x
        n >>= 1
        if not n:
            return power
        x = x @ x


@named("vander", numpy=(np.vander,))
def vander(x: Any, N: Any = None, increasing: Any = False) -> Any:
    """Vandermonde's matrix: the powers of each element of a vector from N - 1 to 0."""
    x = as_operand(x)
    if not x.ndim:
        raise ShapeMismatch("vander takes a vector")
    count = x.shape[-1] if N is None else integer(N, "a number of columns")
    if count < 0:
        raise WrongValue("vander has no negative number of columns")
    if count > 2**20:
        raise WrongValue("vander has no more than 2^20 columns")
    powers = np.arange(count)
    return FUNCTIONS["pow"](x.expand_dims(-1), powers if increasing else powers[::-1])
