"""Norms of vectors, of any order but 2, which has a row of its own among the reductions."""

from __future__ import annotations

import numpy as np

from gradcli.engine.ops.axes import Axes, fold, restored, spread
from gradcli.engine.ops.reduction import gathered
from gradcli.engine.ops.table import Value, op


def norm_of_order(x: Value, order: float, axes: Axes, keepdims: bool) -> Value:
    """(sum |x|^p)^(1/p), in units of the element that weighs most, so that no power overflows."""
    size = np.abs(x)
    if order > 0:
        unit = fold(np.maximum, size, axes, keepdims=True, initial=0)
    else:
        unit = fold(np.minimum, size, axes, keepdims=True, initial=np.inf)
    unit = np.where((unit == 0) | np.isinf(unit), 1, unit)
    y = fold(np.add, (size / unit) ** order, axes, keepdims=True) ** (1 / order) * unit
    return y if keepdims else np.squeeze(y, axes)


def partials(x: Value, y: Value, order: float, axes: Axes, keepdims: bool) -> Value:
    """sgn(x) (|x| / y)^(p-1); 0 for what is 0, and where the norm is."""
    whole = restored(np.where(y == 0, 1, y), axes, keepdims)
    share = np.where(x == 0, 1, np.abs(x) / whole) ** (order - 1)
    return np.where(restored(y, axes, keepdims) == 0, 0, np.sign(x) * share)


def exact_norm(x: Value, order: float, axes: Axes, keepdims: bool) -> Value:
    one = np.abs(x.ravel()[0]) * 0 + 1  # of 50 digits, as 1 / order must be
    return np.sum(np.abs(x) ** order, axis=axes, keepdims=keepdims) ** (one / order)


def kink(x: Value, y: Value, order: float, axes: Axes, keepdims: bool) -> Value:
    return (restored(y, axes, keepdims) == 0) | (x == 0 if order < 1 else False)


op(
    "norm_p",
    norm_of_order,
    lambda g, x, y, order, axes, keepdims: (
        spread(g, x, y, axes, keepdims) * partials(x, y, order, axes, keepdims)
    ),
    jvp=lambda t, x, y, order, axes, keepdims: gathered(
        np.real(np.conj(partials(x, y, order, axes, keepdims)) * t), x, axes, keepdims
    ),
    saves="xy",
    twin=exact_norm,
    elementwise=False,
    analytic=False,
    cost=60.0,
    node="LinalgVectorNormBackward0",
    public=False,
    numpy=(),
    kink=(kink, "its slope is taken as 0 at the origin, and for zeros of an order below 1"),
)
