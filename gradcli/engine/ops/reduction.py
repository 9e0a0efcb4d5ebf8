"""Reductions: over everything unless `axis` says otherwise."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.engine.ops.axes import Axes, negative_axes, restored, spread
from gradcli.engine.ops.table import TABLE, Bound, Value, op
from gradcli.errors import WrongValue


def reduction_arguments(x: Value, axis: Any = None, keepdims: bool = False) -> Bound:
    return (x,), (negative_axes(axis, x.ndim), bool(keepdims))


def count(shape: tuple[int, ...], axes: Axes) -> int:
    """How many elements a reduction over `axes` folds into one."""
    n = 1
    for axis in axes:
        n *= shape[axis]
    return n


# ---- sums ---------------------------------------------------------------------------------------


def total(x: Value, axes: Axes, keepdims: bool) -> Value:
    return np.add.reduce(x, axis=axes, keepdims=keepdims)


op(
    "sum",
    total,
    lambda g, x, y, axes, keepdims: spread(g, x, y, axes, keepdims),
    twin=lambda x, axes, keepdims: np.add.reduce(x, axis=axes, keepdims=keepdims),
    elementwise=False,
    linear=True,
    bind=reduction_arguments,
    numpy=(np.sum,),
)


def average(x: Value, axes: Axes, keepdims: bool) -> Value:
    return np.add.reduce(x, axis=axes, keepdims=keepdims) / count(x.shape, axes)


op(
    "mean",
    average,
    lambda g, x, y, axes, keepdims: spread(g / count(x.shape, axes), x, y, axes, keepdims),
    twin=average,
    elementwise=False,
    linear=True,
    bind=reduction_arguments,
    numpy=(np.mean,),
)

# ---- products -----------------------------------------------------------------------------------


def product(x: Value, axes: Axes, keepdims: bool) -> Value:
    return np.multiply.reduce(x, axis=axes, keepdims=keepdims)


def products_of_others(x: Value) -> Value:
    """Along the last axis, the product of all elements but each one.

    A balanced tree of pairwise products up, and the sibling's product down again: no division, so
    zeros are as good as any number, and O(n). It is made of rows of the table, so its own
    derivative is right too.
    """
    n = x.shape[-1]
    size = 1 << max(0, n - 1).bit_length()
    if size > n:
        x = np.concatenate([x, np.ones((*x.shape[:-1], size - n), x.dtype)], axis=-1)
    levels = []
    while x.shape[-1] > 1:
        pairs = np.reshape(x, (*x.shape[:-1], x.shape[-1] // 2, 2))
        levels.append(pairs)
        x = pairs[..., 0] * pairs[..., 1]
    others = np.ones(x.shape, x.dtype)
    for pairs in reversed(levels):
        others = np.reshape(others[..., None] * pairs[..., ::-1], (*others.shape[:-1], -1))
    return others[..., :n]


def product_slope(g: Value, x: Value, y: Value, axes: Axes, keepdims: bool) -> Value:
    kept = tuple(a for a in range(-x.ndim, 0) if a not in axes)
    order = tuple(a + x.ndim for a in kept + axes)
    moved = np.transpose(x, order)
    flat = np.reshape(moved, (*moved.shape[: len(kept)], -1))
    others = np.reshape(products_of_others(flat), moved.shape)
    back = tuple(order.index(a) for a in range(x.ndim))
    return spread(g, x, y, axes, keepdims) * np.transpose(others, back)


# Exact at zeros: prod'([0, 2, 3]) = (6, 0, 0).
op(
    "prod",
    product,
    product_slope,
    saves="x",
    twin=product,
    elementwise=False,
    cost=3.0,
    bind=reduction_arguments,
    numpy=(np.prod,),
)

# ---- extremes -----------------------------------------------------------------------------------


def tied(g: Value, x: Value, y: Value, axes: Axes, keepdims: bool) -> Value:
    """Shared evenly among all elements that attain the extreme."""
    ties = x == restored(y, axes, keepdims)
    number = np.sum(ties, axis=axes, keepdims=True)
    return np.where(ties, spread(g, x, y, axes, keepdims) / number.astype(x.dtype), 0)


def first(extreme: str, g: Value, x: Value, y: Value, axis: int, keepdims: bool) -> Value:
    """All to the first element along `axis` that attains the extreme."""
    index = TABLE[extreme](x, axis, True)
    places = np.reshape(np.arange(x.shape[axis]), (-1,) + (1,) * (-1 - axis))
    return np.where(index == places, spread(g, x, y, (axis,), keepdims), 0)


def extreme(name: str, function: Any, ufunc: Any) -> None:
    """Rows of one extreme: over everything or several axes, along one axis, and its index."""

    def over(x: Value, axes: Axes, keepdims: bool) -> Value:
        return ufunc.reduce(x, axis=axes, keepdims=keepdims)

    def arguments(x: Value, axis: Any = None, keepdims: bool = False) -> Bound:
        if x.size == 0:
            raise WrongValue(f"{name} of no elements does not exist")
        return reduction_arguments(x, axis, keepdims)

    def index_arguments(x: Value, axis: Any = None, keepdims: bool = False) -> Bound:
        (x,), (axes, keepdims) = arguments(x, axis, keepdims)
        return (x,), (None if axis is None else axes[0], keepdims)

    def index(x: Value, axis: int | None, keepdims: bool) -> Value:
        return getattr(np, f"arg{name}")(x, axis=axis, keepdims=keepdims)

    title = name.capitalize()
    common: dict[str, Any] = {"saves": "xy", "elementwise": False, "cost": 2.0}
    op(
        name,
        over,
        tied,
        **common,
        twin=over,
        node=f"{title}Backward1",
        bind=arguments,
        numpy=(function,),
        aliases=(f"a{name}",),
    )
    op(
        f"{name}_along",
        lambda x, axis, keepdims: ufunc.reduce(x, axis=axis, keepdims=keepdims),
        lambda g, x, y, axis, keepdims: first(f"arg{name}", g, x, y, axis, keepdims),
        **common,
        twin=lambda x, axis, keepdims: ufunc.reduce(x, axis=axis, keepdims=keepdims),
        node=f"{title}Backward0",
        numpy=(),
    )
    op(
        f"arg{name}",
        index,
        None,
        elementwise=False,
        bind=index_arguments,
        numpy=(getattr(np, f"arg{name}"),),
    )


# Kinks: over everything a tie is shared evenly; along one axis the first index takes all.
extreme("max", np.max, np.maximum)
extreme("min", np.min, np.minimum)

# ---- norms --------------------------------------------------------------------------------------


def length(x: Value, axes: Axes, keepdims: bool) -> Value:
    """sqrt(sum |x|^2), scaled by the largest element where the squares would leave the range."""
    size = np.abs(x)
    y = np.sqrt(np.add.reduce(size * size, axis=axes, keepdims=keepdims))
    if np.all((y > 1e-140) & (y < 1e140)) and y.dtype.itemsize >= 8:
        return y
    largest = np.maximum.reduce(size, axis=axes, keepdims=True, initial=0)
    unit = np.where((largest == 0) | np.isinf(largest), 1, largest)
    part = size / unit
    y = np.sqrt(np.add.reduce(part * part, axis=axes, keepdims=True)) * unit
    return y if keepdims else np.squeeze(y, axes)


def length_slope(g: Value, x: Value, y: Value, axes: Axes, keepdims: bool) -> Value:
    """x / |x|, and 0 at the origin: the subgradient of least norm."""
    y1 = np.where(y == 0, 1, y)
    return spread(g, x, y, axes, keepdims) * (x / restored(y1, axes, keepdims))


op(
    "norm2",
    length,
    length_slope,
    saves="xy",
    twin=lambda x, axes, keepdims: np.add.reduce(x * x, axis=axes, keepdims=keepdims) ** 0.5,
    elementwise=False,
    analytic=False,
    cost=3.0,
    node="LinalgVectorNormBackward0",
    bind=reduction_arguments,
    numpy=(),
)

# ---- logarithms of sums -------------------------------------------------------------------------


def log_of_sum(x: Value, axes: Axes, keepdims: bool) -> Value:
    """log sum exp x, about the largest element, so that nothing overflows."""
    largest = np.maximum.reduce(np.real(x), axis=axes, keepdims=True, initial=-np.inf)
    about = np.where(np.isfinite(largest), largest, 0).astype(x.dtype)
    y = np.log(np.add.reduce(np.exp(x - about), axis=axes, keepdims=True)) + about
    return y if keepdims or not axes else np.squeeze(y, axes)


def softmax_share(g: Value, x: Value, y: Value, axes: Axes, keepdims: bool) -> Value:
    gap = restored(y, axes, keepdims)
    share = np.exp(np.where(x == gap, 0, x - gap))
    return spread(g, x, y, axes, keepdims) * share


op(
    "logsumexp",
    log_of_sum,
    softmax_share,
    saves="xy",
    why_no_twin="",
    twin=lambda S, x, axes, keepdims: S.log(np.add.reduce(S.exp(x), axis=axes, keepdims=keepdims)),
    elementwise=False,
    cost=15.0,
    bind=reduction_arguments,
    numpy=(),
)

# ---- truth --------------------------------------------------------------------------------------

op(
    "any",
    lambda x, axes, keepdims: np.logical_or.reduce(x, axis=axes, keepdims=keepdims),
    None,
    elementwise=False,
    bind=reduction_arguments,
    numpy=(np.any,),
)
op(
    "all",
    lambda x, axes, keepdims: np.logical_and.reduce(x, axis=axes, keepdims=keepdims),
    None,
    elementwise=False,
    bind=reduction_arguments,
    numpy=(np.all,),
)
