"""Spread, counts, and sums that pass over what is not a number."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradcli.engine.ops.axes import Axes, fold, negative_axes, restored, spread
from gradcli.engine.ops.reduction import count, gathered, length, reduction_arguments
from gradcli.engine.ops.table import Bound, Value, op
from gradcli.errors import WrongType

# ---- variance and standard deviation ------------------------------------------------------------


def deviation_arguments(
    x: Value,
    axis: Any = None,
    keepdims: Any = False,
    *,
    ddof: Any = 0,
    correction: Any = None,
    unbiased: Any = None,
) -> Bound:
    """numpy's `ddof`, PyTorch's `correction` and its older `unbiased` are one parameter."""
    if unbiased is not None:
        ddof = int(bool(unbiased))
    elif correction is not None:
        ddof = correction
    if type(ddof) not in (int, float) or not math.isfinite(ddof):
        raise WrongType("the correction of a variance is a number")
    return (x,), (negative_axes(axis, x.ndim), bool(keepdims), ddof)


def freedom(x: Value, axes: Axes, ddof: float) -> float:
    """What the squares are divided by."""
    return max(0, count(x.shape, axes) - ddof)


def deviations(x: Value, axes: Axes) -> Value:
    """x less its mean; and less what rounding left of that, so that constants give zeros."""
    n = count(x.shape, axes)
    first = x - fold(np.add, x, axes, keepdims=True) / n
    return first - fold(np.add, first, axes, keepdims=True) / n


def variance(x: Value, axes: Axes, keepdims: bool, ddof: float) -> Value:
    d = deviations(x, axes)
    squares = np.real(d) ** 2 + np.imag(d) ** 2 if d.dtype.kind == "c" else d * d
    return fold(np.add, squares, axes, keepdims) / freedom(x, axes, ddof)


def deviation(x: Value, axes: Axes, keepdims: bool, ddof: float) -> Value:
    return length(deviations(x, axes), axes, keepdims) / math.sqrt(freedom(x, axes, ddof))


def deviation_partials(x: Value, y: Value, axes: Axes, keepdims: bool, ddof: float) -> Value:
    """Of sqrt(v): v' / 2 sqrt(v), and 0 for constants: the subgradient of least norm."""
    scale = restored(np.where(y == 0, 1, y), axes, keepdims)
    return deviations(x, axes) / scale / freedom(x, axes, ddof)


def exact_variance(x: Value, axes: Axes, keepdims: bool, ddof: float) -> Value:
    d = np.abs(x - np.mean(x, axis=axes, keepdims=True))
    return np.sum(d**2, axis=axes, keepdims=keepdims) / freedom(x, axes, ddof)


op(
    "var",
    variance,
    lambda g, x, y, axes, keepdims, ddof: (
        2 * spread(g, x, y, axes, keepdims) * deviations(x, axes) / freedom(x, axes, ddof)
    ),
    jvp=lambda t, x, _y, axes, keepdims, ddof: (
        2
        * gathered(np.real(np.conj(deviations(x, axes)) * t), x, axes, keepdims)
        / freedom(x, axes, ddof)
    ),
    saves="x",
    twin=exact_variance,
    elementwise=False,
    analytic=False,
    cost=4.0,
    bind=deviation_arguments,
    numpy=(np.var,),
)
op(
    "std",
    deviation,
    lambda g, x, y, axes, keepdims, ddof: (
        spread(g, x, y, axes, keepdims) * deviation_partials(x, y, axes, keepdims, ddof)
    ),
    jvp=lambda t, x, y, axes, keepdims, ddof: gathered(
        np.real(np.conj(deviation_partials(x, y, axes, keepdims, ddof)) * t), x, axes, keepdims
    ),
    saves="xy",
    twin=lambda x, axes, keepdims, ddof: exact_variance(x, axes, keepdims, ddof) ** 0.5,
    elementwise=False,
    analytic=False,
    cost=6.0,
    bind=deviation_arguments,
    numpy=(np.std,),
    kink=(
        lambda _x, y, _axes, _keepdims, _ddof: y == 0,
        "its slope where all are equal is taken as 0",
    ),
)

# ---- what is not a number, left out -------------------------------------------------------------

op(
    "nansum",
    lambda x, axes, keepdims: fold(np.add, np.where(np.isnan(x), 0, x), axes, keepdims),
    lambda g, x, y, axes, keepdims: np.where(np.isnan(x), 0, spread(g, x, y, axes, keepdims)),
    jvp=lambda t, x, _y, axes, keepdims: gathered(np.where(np.isnan(x), 0, t), x, axes, keepdims),
    saves="x",
    twin=lambda x, axes, keepdims: np.sum(np.where(x != x, 0, x), axis=axes, keepdims=keepdims),  # noqa: PLR0124  # nan alone differs from itself
    elementwise=False,
    cost=4.0,
    bind=reduction_arguments,
    numpy=(np.nansum,),
)
op(
    "count_nonzero",
    lambda x, axes, keepdims: fold(np.add, x != 0, axes, keepdims, dtype=np.int64),
    None,
    elementwise=False,
    cost=2.0,
    bind=reduction_arguments,
    numpy=(np.count_nonzero,),
)
