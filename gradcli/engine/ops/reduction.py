"""Reductions: over everything unless `axis` says otherwise."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from gradcli.engine.ops.axes import Axes, fold, negative_axes, restored, spread
from gradcli.engine.ops.table import Bound, Value, op
from gradcli.errors import WrongValue


def reduction_arguments(x: Value, axis: Any = None, keepdims: bool = False) -> Bound:
    return (x,), (negative_axes(axis, x.ndim), bool(keepdims))


def gathered(t: Value, x: Value, axes: Axes, keepdims: bool) -> Value:
    """The sum of a tangent of x over the axes that x was reduced over: the adjoint of `spread`."""
    every = tuple(range(-x.ndim, 0)) if axes is None else axes
    return np.sum(t, axis=every, keepdims=keepdims)


def count(shape: tuple[int, ...], axes: Axes) -> int:
    """How many elements a reduction over `axes` folds into one."""
    return math.prod(shape if axes is None else (shape[axis] for axis in axes))


def numbered(name: str) -> Callable[..., str]:
    """PyTorch's names: 0 for a reduction over everything, 1 along axes that were named."""
    return lambda axes, _keepdims: f"{name}Backward{0 if axes is None else 1}"


# ---- sums ---------------------------------------------------------------------------------------


def total(x: Value, axes: Axes, keepdims: bool) -> Value:
    return fold(np.add, x, axes, keepdims)


op(
    "sum",
    total,
    spread,
    twin=lambda x, axes, keepdims: np.sum(x, axis=axes, keepdims=keepdims),
    elementwise=False,
    linear=True,
    node=numbered("Sum"),
    bind=reduction_arguments,
    numpy=(np.sum,),
)


def average(x: Value, axes: Axes, keepdims: bool) -> Value:
    return fold(np.add, x, axes, keepdims) / count(x.shape, axes)


op(
    "mean",
    average,
    lambda g, x, y, axes, keepdims: spread(g / count(x.shape, axes), x, y, axes, keepdims),
    twin=lambda x, axes, keepdims: np.mean(x, axis=axes, keepdims=keepdims),
    elementwise=False,
    linear=True,
    node=numbered("Mean"),
    bind=reduction_arguments,
    numpy=(np.mean,),
)

# ---- products -----------------------------------------------------------------------------------


def product(x: Value, axes: Axes, keepdims: bool) -> Value:
    return fold(np.multiply, x, axes, keepdims)


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


def product_partials(x: Value, axes: Axes) -> Value:
    """Of each element, the product of all others along `axes`."""
    every = range(-x.ndim, 0)
    folded = tuple(every) if axes is None else axes
    kept = tuple(a for a in every if a not in folded)
    order = tuple(a + x.ndim for a in kept + folded)
    moved = np.transpose(x, order)
    flat = np.reshape(moved, (*moved.shape[: len(kept)], -1))
    others = np.reshape(products_of_others(flat), moved.shape)
    return np.transpose(others, tuple(order.index(a) for a in range(x.ndim)))


# Exact at zeros: prod'([0, 2, 3]) = (6, 0, 0).
op(
    "prod",
    product,
    lambda g, x, y, axes, keepdims: spread(g, x, y, axes, keepdims) * product_partials(x, axes),
    jvp=lambda t, x, _y, axes, keepdims: gathered(t * product_partials(x, axes), x, axes, keepdims),
    saves="x",
    twin=lambda x, axes, keepdims: np.prod(x, axis=axes, keepdims=keepdims),
    elementwise=False,
    cost=5.5,
    node=numbered("Prod"),
    bind=reduction_arguments,
    numpy=(np.prod,),
)

# ---- extremes -----------------------------------------------------------------------------------


def shares(x: Value, y: Value, axes: Axes, keepdims: bool) -> Value:
    """Even shares for all elements that attain the extreme."""
    ties = (x == restored(y, axes, keepdims)) | np.isnan(x)
    number = np.sum(ties, axis=axes, keepdims=True)
    return ties / number.astype(x.dtype)


def chosen(places: Value, x: Value, axis: int) -> Value:
    """Where along `axis` the place is that is given."""
    return places == np.reshape(np.arange(x.shape[axis]), (-1,) + (1,) * (-1 - axis))


def extreme(name: str, function: Any, index_function: Any, ufunc: Any) -> None:
    """Rows of one extreme: over everything or several axes, along one axis, and its index."""

    def over(x: Value, axes: Axes, keepdims: bool) -> Value:
        return fold(ufunc, x, axes, keepdims)

    def along(x: Value, axis: int, keepdims: bool) -> Value:
        return fold(ufunc, x, (axis,), keepdims)

    def tied_slope(g: Value, x: Value, y: Value, axes: Axes, keepdims: bool) -> Value:
        share = shares(x, y, axes, keepdims)
        return np.where(share > 0, spread(g, x, y, axes, keepdims) * share, 0)

    def tied_tangent(t: Value, x: Value, y: Value, axes: Axes, keepdims: bool) -> Value:
        share = shares(x, y, axes, keepdims)
        return gathered(np.where(share > 0, t * share, 0), x, axes, keepdims)

    def along_slope(g: Value, x: Value, y: Value, axis: int, keepdims: bool) -> Value:
        first = chosen(INDEX(x, axis, True), x, axis)
        return np.where(first, spread(g, x, y, (axis,), keepdims), 0)

    def along_tangent(t: Value, x: Value, _y: Value, axis: int, keepdims: bool) -> Value:
        first = chosen(INDEX(x, axis, True), x, axis)
        return np.sum(np.where(first, t, 0), axis=axis, keepdims=keepdims)

    def arguments(x: Value, axis: Any = None, keepdims: bool = False) -> Bound:
        if x.size == 0:
            raise WrongValue(f"{name} of no elements does not exist")
        return reduction_arguments(x, axis, keepdims)

    def index_arguments(x: Value, axis: Any = None, keepdims: bool = False) -> Bound:
        (x,), (axes, keepdims) = arguments(x, axis, keepdims)
        if axes is not None and len(axes) != 1:
            raise WrongValue(f"arg{name} is along one axis or over everything")
        return (x,), (axes and axes[0], keepdims)

    def index(x: Value, axis: int | None, keepdims: bool) -> Value:
        return index_function(x, axis=axis, keepdims=keepdims)

    def node(axes: Axes, _keepdims: bool) -> str:
        return f"{title}Backward1" if axes is None else f"A{name}Backward0"

    def tie(x: Value, axes: Any) -> Value:
        attained = x == function(x, axis=axes, keepdims=True)
        return np.sum(attained, axis=axes) > 1

    title = name.capitalize()
    common: dict[str, Any] = {"elementwise": False, "ordered": True, "cost": 2.0}
    op(
        name,
        over,
        tied_slope,
        jvp=tied_tangent,
        **common,
        saves="xy",
        kink=(lambda x, _y, axes, _keepdims: tie(x, axes), "a tie is shared evenly"),
        twin=lambda x, axes, keepdims: function(x, axis=axes, keepdims=keepdims),
        node=node,
        bind=arguments,
        numpy=(function,),
        aliases=(f"a{name}",),
    )
    op(
        f"{name}_along",
        along,
        along_slope,
        jvp=along_tangent,
        **common,
        saves="x",
        kink=(lambda x, _y, axis, _keepdims: tie(x, axis), "of a tie the first takes all"),
        twin=lambda x, axis, keepdims: function(x, axis=axis, keepdims=keepdims),
        node=f"{title}Backward0",
        public=False,
        numpy=(),
    )
    INDEX = op(
        f"arg{name}",
        index,
        None,
        **common,
        bind=index_arguments,
        numpy=(index_function,),
    )


# Kinks: over everything a tie is shared evenly; along one axis the first index takes all.
extreme("max", np.max, np.argmax, np.maximum)
extreme("min", np.min, np.argmin, np.minimum)

# ---- norms --------------------------------------------------------------------------------------


def length(x: Value, axes: Axes, keepdims: bool) -> Value:
    """sqrt(sum |x|^2), scaled by the largest element where the squares would leave the range."""
    size = np.abs(x)
    y = np.sqrt(fold(np.add, size * size, axes, keepdims))
    if np.all((y > 1e-140) & (y < 1e140)) and y.dtype.itemsize >= 8:
        return y
    largest = fold(np.maximum, size, axes, keepdims=True, initial=0)
    scale = np.where((largest == 0) | np.isinf(largest), 1, largest)
    part = size / scale
    y = np.sqrt(fold(np.add, part * part, axes, keepdims=True)) * scale
    return y if keepdims else np.squeeze(y, axes)


def unit(x: Value, y: Value, axes: Axes, keepdims: bool) -> Value:
    """x / |x|, and 0 at the origin: the subgradient of least norm."""
    return x / restored(np.where(y == 0, 1, y), axes, keepdims)


op(
    "norm2",
    length,
    lambda g, x, y, axes, keepdims: spread(g, x, y, axes, keepdims) * unit(x, y, axes, keepdims),
    jvp=lambda t, x, y, axes, keepdims: gathered(
        np.real(np.conj(unit(x, y, axes, keepdims)) * t), x, axes, keepdims
    ),
    saves="xy",
    twin=lambda x, axes, keepdims: np.sum(np.abs(x) ** 2, axis=axes, keepdims=keepdims) ** 0.5,
    elementwise=False,
    analytic=False,
    cost=3.0,
    node="LinalgVectorNormBackward0",
    public=False,
    bind=reduction_arguments,
    numpy=(),
    kink=(lambda _x, y, _axes, _keepdims: y == 0, "its slope at the origin is taken as 0"),
)

# ---- logarithms of sums -------------------------------------------------------------------------


def log_of_sum(x: Value, axes: Axes, keepdims: bool) -> Value:
    """log sum exp x, about the largest element, so that nothing overflows."""
    largest = fold(np.maximum, np.real(x), axes, keepdims=True, initial=-np.inf)
    about = np.where(np.isfinite(largest), largest, 0).astype(x.dtype)
    y = np.log(fold(np.add, np.exp(x - about), axes, keepdims=True)) + about
    return y if keepdims else np.squeeze(y, axes)


def softmax_share(x: Value, y: Value, axes: Axes, keepdims: bool) -> Value:
    """exp(x - y), made to sum to 1: rounding in a large y would show in every share.

    An infinity less itself is 0; a finite y that rounding made equal to x still depends on all.
    """
    about = restored(y, axes, keepdims)
    share = np.exp(np.where(np.isinf(about) & (x == about), 0, x - about))
    return share / fold(np.add, share, axes, keepdims=True)


op(
    "logsumexp",
    log_of_sum,
    lambda g, x, y, axes, keepdims: (
        spread(g, x, y, axes, keepdims) * softmax_share(x, y, axes, keepdims)
    ),
    jvp=lambda t, x, y, axes, keepdims: gathered(
        t * softmax_share(x, y, axes, keepdims), x, axes, keepdims
    ),
    saves="xy",
    twin=lambda x, axes, keepdims: np.log(np.sum(np.exp(x), axis=axes, keepdims=keepdims)),
    elementwise=False,
    cost=15.0,
    bind=reduction_arguments,
    numpy=(),
)

# ---- truth --------------------------------------------------------------------------------------

op(
    "any",
    lambda x, axes, keepdims: fold(np.logical_or, x, axes, keepdims),
    None,
    elementwise=False,
    bind=reduction_arguments,
    numpy=(np.any,),
)
op(
    "all",
    lambda x, axes, keepdims: fold(np.logical_and, x, axes, keepdims),
    None,
    elementwise=False,
    bind=reduction_arguments,
    numpy=(np.all,),
)
