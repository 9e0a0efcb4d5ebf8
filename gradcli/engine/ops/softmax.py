"""Shares of a whole along an axis, and the gate that multiplies one half by a share of the other.

Shares depend on differences alone, so they are taken of x less its largest element: no overflow.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.engine.ops.axes import fold, negative_axis
from gradcli.engine.ops.sigmoidal import SIGMOID, logistic
from gradcli.engine.ops.table import Bound, Value, op
from gradcli.errors import ShapeMismatch


def axis_arguments(x: Value, axis: Any = -1) -> Bound:
    return (x,), (negative_axis(axis, x.ndim),)


def below_largest(x: Value, axis: int) -> Value:
    if x.dtype.kind in "biu":
        x = x.astype(np.float64)
    return x - fold(np.maximum, x, (axis,), keepdims=True, initial=-np.inf)


def softmax(x: Value, axis: int) -> Value:
    e = np.exp(below_largest(x, axis))
    return e / fold(np.add, e, (axis,), keepdims=True)


def softmax_slope(g: Value, _x: Value, y: Value, axis: int) -> Value:
    """y (g - y.g): the Jacobian is symmetric, so this is the tangent, too.

    It is centred twice: beside a share near 1, rounding in the first mean hides the other shares.
    """
    for _ in range(2):
        g = g - fold(np.add, g * y, (axis,), keepdims=True)
    return y * g


def softmax_twin(x: Value, axis: int) -> Value:
    e = np.exp(x)
    return e / np.sum(e, axis=axis, keepdims=True)


op(
    "softmax",
    softmax,
    softmax_slope,
    jvp=softmax_slope,
    saves="y",
    twin=softmax_twin,
    elementwise=False,
    ordered=True,
    cost=12.0,
    bind=axis_arguments,
    numpy=(),
)


def log_softmax(x: Value, axis: int) -> Value:
    """With all but a largest element under log1p: the logarithm of a share near 1 is not lost."""
    below = below_largest(x, axis)
    largest = below == 0
    others = fold(np.add, np.where(largest, 0, np.exp(below)), (axis,), keepdims=True)
    ties = fold(np.add, largest, (axis,), keepdims=True, dtype=below.dtype)
    return below - np.log1p(others + (ties - 1))


def log_softmax_slope(g: Value, _x: Value, y: Value, axis: int) -> Value:
    """g - exp(y) sum g, without the difference of g and its own part of the sum."""
    others = fold(np.add, g, (axis,), keepdims=True) - g
    return -g * np.expm1(y) - np.exp(y) * others


op(
    "log_softmax",
    log_softmax,
    log_softmax_slope,
    jvp=lambda t, _x, y, axis: t - np.sum(np.exp(y) * t, axis=axis, keepdims=True),
    saves="y",
    twin=lambda x, axis: x - np.log(np.sum(np.exp(x), axis=axis, keepdims=True)),
    elementwise=False,
    ordered=True,
    cost=20.0,
    bind=axis_arguments,
    numpy=(),
)

# ---- gated linear unit --------------------------------------------------------------------------


def halves(x: Value, axis: int) -> tuple[Value, Value]:
    n = x.shape[axis] // 2
    rest = (slice(None),) * (-1 - axis)
    return x[(..., slice(None, n), *rest)], x[(..., slice(n, None), *rest)]


def glu(x: Value, axis: int) -> Value:
    a, b = halves(x, axis)
    return a * logistic(b)


def glu_slope(g: Value, x: Value, _y: Value, axis: int) -> Value:
    a, b = halves(x, axis)
    gate = SIGMOID(b)
    return np.concatenate([g * gate, g * (a * gate * (1 - gate))], axis=axis)


def glu_tangent(t: Value, x: Value, _y: Value, axis: int) -> Value:
    a, b = halves(x, axis)
    ta, tb = halves(t, axis)
    gate = SIGMOID(b)
    return ta * gate + tb * (a * gate * (1 - gate))


def glu_twin(x: Value, axis: int) -> Value:
    a, b = halves(x, axis)
    return a / (1 + np.exp(-b))


def glu_arguments(x: Value, axis: Any = -1) -> Bound:
    at = negative_axis(axis, x.ndim)
    if x.shape[at] % 2:
        raise ShapeMismatch(f"glu halves an axis of even length, not {x.shape[at]}")
    return (x,), (at,)


op(
    "glu",
    glu,
    glu_slope,
    jvp=glu_tangent,
    saves="x",
    twin=glu_twin,
    elementwise=False,
    ordered=True,
    cost=10.0,
    bind=glu_arguments,
    numpy=(),
)
