"""The exponential of a matrix, its trace, and the vector product."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradcli.engine import exact
from gradcli.engine.ops.axes import integer, leading, negative_axis
from gradcli.engine.ops.matrices import price, square_arguments
from gradcli.engine.ops.table import Bound, Value, broadcast_size, op
from gradcli.errors import DomainError, ShapeMismatch, WrongValue

# ---- exponential --------------------------------------------------------------------------------

# Numerator of the Pade approximant of degree 13, and the norm up to which it is exact to double
# precision (N. Higham, "The scaling and squaring method for the matrix exponential revisited",
# 2005, table 2.3).
PADE = [
    math.factorial(26 - k) * math.factorial(13) // (math.factorial(k) * math.factorial(13 - k))
    for k in range(14)
]
REACH = 5.371920351148152


def exponential(x: Value) -> Value:
    """e^A: halve A until Pade's approximant serves, then square as often."""
    dtype = np.result_type(x, np.float64)
    norm = np.max(np.sum(np.abs(x), axis=-2, dtype=np.float64), axis=-1, initial=0)
    if np.any(norm * np.finfo(dtype).eps > 1, axis=None):
        raise DomainError("the matrix is too large for one digit of its exponential to be right")
    squarings = np.maximum(0, np.ceil(np.log2(np.where(norm > 0, norm, 1) / REACH)))[
        ..., None, None
    ]
    a = x.astype(dtype) / 2.0**squarings
    y = pade(a)
    most = np.max(squarings, axis=None, initial=0)
    for k in range(int(np.nan_to_num(most))):
        y = np.where(squarings > k, y @ y, y)
    return y.astype(x.dtype) if x.dtype.kind in "fc" else y


def pade(a: Value) -> Value:
    """p(A) / p(-A) with p of degree 13, by even and odd powers."""
    b = [c / PADE[0] for c in PADE]
    one = np.eye(a.shape[-1], dtype=a.dtype)
    a2 = a @ a
    a4 = a2 @ a2
    a6 = a4 @ a2
    high = a6 @ (b[13] * a6 + b[11] * a4 + b[9] * a2)
    odd = a @ (high + b[7] * a6 + b[5] * a4 + b[3] * a2 + b[1] * one)
    high = a6 @ (b[12] * a6 + b[10] * a4 + b[8] * a2)
    even = high + b[6] * a6 + b[4] * a4 + b[2] * a2 + b[0] * one
    return np.linalg.solve(even - odd, even + odd)


def frechet(x: Value, t: Value) -> Value:
    """The derivative of e^A along t: a block of exp [[A, t], [0, A]] (R. Mathias, 1996)."""
    n = x.shape[-1]
    x = np.broadcast_to(x, t.shape)
    top = np.concatenate([x, t], axis=-1)
    bottom = np.concatenate([np.zeros(t.shape, x.dtype), x], axis=-1)
    return EXPM(np.concatenate([top, bottom], axis=-2))[..., :n, n:]


EXPM = op(
    "expm",
    exponential,
    lambda g, x, _y: frechet(x.mT, g),
    jvp=lambda t, x, _y: frechet(x, t),
    saves="x",
    twin=exact.exponential,
    elementwise=False,
    normwise=True,
    work=price(80_000, 300, 4),
    node="LinalgMatrixExpBackward0",
    aliases=("matrix_exp",),
    bind=square_arguments,
    numpy=(),
)

# ---- trace --------------------------------------------------------------------------------------


def trace_arguments(x: Value, offset: Any = 0, axis1: Any = 0, axis2: Any = 1) -> Bound:
    if x.ndim < 2:
        raise ShapeMismatch(f"trace takes matrices; the shape is {x.shape}")
    axes = negative_axis(axis1, x.ndim), negative_axis(axis2, x.ndim)
    if axes[0] == axes[1]:
        raise WrongValue("trace is over two axes")
    return (x,), (integer(offset, "an offset"), *axes)


def diagonal_mask(x: Value, offset: int, axis1: int, axis2: int) -> Value:
    """True on a diagonal of two axes of x."""
    shape = [1] * x.ndim
    shape[axis1], shape[axis2] = x.shape[axis1], x.shape[axis2]
    mask = np.eye(x.shape[axis1], x.shape[axis2], offset, dtype=bool)
    return np.reshape(mask if axis1 < axis2 else mask.mT, shape)


def trace_slope(g: Value, x: Value, y: Value, offset: int, axis1: int, axis2: int) -> Value:
    mask = diagonal_mask(x, offset, axis1, axis2)
    spread = np.expand_dims(g, tuple(sorted((axis1, axis2))))
    return np.broadcast_to(np.where(mask, spread, 0), leading(g, y) + x.shape)


op(
    "trace",
    np.trace,
    trace_slope,
    twin=exact.trace,
    elementwise=False,
    linear=True,
    cost=2.0,
    bind=trace_arguments,
    numpy=(np.trace,),
)

# ---- cross product ------------------------------------------------------------------------------


def crossed(a: Value, b: Value, axis: int) -> Value:
    """a x b of vectors of three components along an axis."""
    (a0, a1, a2), (b0, b1, b2) = parts(a, axis), parts(b, axis)
    return np.stack([a1 * b2 - a2 * b1, a2 * b0 - a0 * b2, a0 * b1 - a1 * b0], axis=axis)


def parts(x: Value, axis: int) -> list[Value]:
    behind = (slice(None),) * (-1 - axis)
    return [x[(..., k, *behind)] for k in range(3)]


op(
    "cross",
    crossed,
    lambda g, _a, b, _y, axis: crossed(b, g, axis),
    lambda g, a, _b, _y, axis: crossed(g, a, axis),
    multilinear=True,
    saves="ab",
    twin=crossed,
    elementwise=False,
    extent=lambda a, b, _axis: broadcast_size((a, b)),
    cost=15.0,
    node="LinalgCrossBackward0",
    public=False,
    numpy=(),
)
