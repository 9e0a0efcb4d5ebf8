"""Statistics made of rows of the table: order statistics, averages, differences, correlation."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from gradcli.engine.apply import record
from gradcli.engine.functions.arranging import along
from gradcli.engine.functions.registry import FUNCTIONS, named
from gradcli.engine.operands import as_operand
from gradcli.engine.ops import TABLE
from gradcli.engine.ops.axes import integer, named_axes, negative_axis
from gradcli.engine.tape import repeatable
from gradcli.engine.tensor import Tensor
from gradcli.errors import ShapeMismatch, WrongType, WrongValue

F = FUNCTIONS


def flag(value: Any, name: str) -> bool:
    if not isinstance(value, bool | np.bool_):
        raise WrongType(f"{name} is True or False")
    return bool(value)


# ---- by rank ------------------------------------------------------------------------------------


def ranked(
    x: Tensor, axis: int, ranks: tuple[int, int], title: str, largest: bool = False
) -> Tensor:
    """The elements of these ranks along an axis, in order."""
    return record(TABLE["sort"], (x,), (axis, largest, *ranks, title))


@named("topk")
def topk(x: Any, k: Any, axis: Any = -1, largest: Any = True) -> tuple[Tensor, Tensor]:
    """The k largest elements along an axis, in order, and their places; or the k smallest."""
    x = as_operand(x)
    at, number = negative_axis(axis, x.ndim), integer(k, "k")
    if not 0 <= number <= x.shape[at]:
        raise WrongValue(f"topk: k is 0 to {x.shape[at]}")
    largest = flag(largest, "largest")
    order = F["argsort"](x, at, largest)
    return ranked(x, at, (0, number), "Topk", largest), along(order, at, slice(number))


@named("kthvalue")
def kthvalue(x: Any, k: Any, axis: Any = -1, keepdims: Any = False) -> tuple[Tensor, Tensor]:
    """The k-th smallest element along an axis, counted from 1, and its place."""
    x = as_operand(x)
    at, number = negative_axis(axis, x.ndim), integer(k, "k")
    if not 1 <= number <= x.shape[at]:
        raise WrongValue(f"kthvalue: k is 1 to {x.shape[at]}")
    value = ranked(x, at, (number - 1, number), "Kthvalue")
    place = along(F["argsort"](x, at), at, slice(number - 1, number))
    return (
        (value, place)
        if flag(keepdims, "keepdims")
        else (F["squeeze"](value, at), F["squeeze"](place, at))
    )


def in_rows(x: Tensor, axis: Any) -> tuple[Tensor, tuple[int, ...]]:
    """x with the axes to reduce as one, the last; and the shape with those axes of length 1."""
    axes = tuple(range(-x.ndim, 0)) if axis is None else named_axes(axis, x.ndim)
    kept = tuple(a for a in range(-x.ndim, 0) if a not in axes)
    shape = tuple(1 if a in axes else n for a, n in zip(range(-x.ndim, 0), x.shape, strict=True))
    if kept + axes != tuple(range(-x.ndim, 0)):
        x = F["transpose"](x, kept + axes)
    if len(axes) != 1:
        x = F["reshape"](x, (*x.shape[: len(kept)], math.prod(x.shape[len(kept) :])))
    return x, shape


METHODS: dict[str, Callable[[float], float]] = {
    "lower": math.floor,
    "higher": math.ceil,
    "nearest": round,
    "midpoint": lambda rank: (math.floor(rank) + math.ceil(rank)) / 2,
    "linear": lambda rank: rank,
}


def at_rank(rows: Tensor, rank: float) -> Tensor:
    """Along the last axis, what stands at a rank, counted from 0, between two if it is no integer.

    A nan has no rank, so where there is one the result is it.
    """
    n = rows.shape[-1]
    low = min(math.floor(rank), n - 1)
    part = rank - low
    pair = ranked(rows, -1, (low, low + 1 + (part > 0)), "Sort")
    y = pair[..., 0]
    if part:
        above = pair[..., 1]
        between = (y + above) / 2 if part == 0.5 else y + (above - y) * part
        # Of two infinities the difference is nan.
        y = F["where"](y == above, y, between) if some(F["isinf"](y)) else between
    spoilt = F["any"](F["isnan"](rows), -1)
    return (
        F["where"](spoilt, ranked(rows, -1, (n - 1, n), "Sort")[..., 0], y) if some(spoilt) else y
    )


def some(condition: Tensor) -> bool:
    """Is it true of any element, or may it be of other inputs of what is recorded?"""
    return repeatable() or bool(np.any(condition.value))


@named("quantile", numpy=(np.quantile,))
def quantile(
    x: Any,
    q: Any,
    axis: Any = None,
    keepdims: Any = False,
    method: Any = "linear",
    interpolation: Any = None,
) -> Tensor:
    """The value that a part q of the elements do not exceed; for several q along a new first axis.

    method  between two elements: linear, lower, higher, nearest or midpoint
    """
    x = as_operand(x)
    name = method if interpolation is None else interpolation
    if not isinstance(name, str) or name not in METHODS:
        raise WrongValue(f"a quantile's method is one of {', '.join(METHODS)}")
    parts = as_operand(q)
    if parts.requires_grad or parts.ndim > 1 or parts.dtype.kind not in "iuf":
        raise WrongType("quantile takes a number from 0 to 1 or a vector of them, as constants")
    if not np.all((parts.value >= 0) & (parts.value <= 1)):
        raise WrongValue("a quantile is of a number from 0 to 1")
    rows, shape = in_rows(x, axis)
    if x.dtype.kind == "c":
        raise WrongType("quantile needs an order, which complex numbers do not have")
    if not rows.shape[-1]:
        raise WrongValue("a quantile of no elements does not exist")
    found = [
        at_rank(rows, METHODS[name](part * (rows.shape[-1] - 1)))
        for part in np.ravel(parts.value).tolist()
    ]
    y = F["stack"](found) if parts.ndim else found[0]
    return F["reshape"](y, parts.shape + shape) if flag(keepdims, "keepdims") else y


@named("percentile", numpy=(np.percentile,))
def percentile(
    x: Any,
    q: Any,
    axis: Any = None,
    keepdims: Any = False,
    method: Any = "linear",
    interpolation: Any = None,
) -> Tensor:
    """The quantile of q hundredths."""
    return quantile(x, as_operand(q) / 100, axis, keepdims, method, interpolation)


@named("median", numpy=(np.median,))
def median(x: Any, axis: Any = None, keepdims: Any = False) -> Tensor:
    """The middle element, or the mean of the two in the middle."""
    return quantile(x, 0.5, axis, keepdims)


# ---- nan left out -------------------------------------------------------------------------------


@named("nanmean", numpy=(np.nanmean,))
def nanmean(x: Any, axis: Any = None, keepdims: Any = False) -> Tensor:
    """The mean of what is not nan."""
    x = as_operand(x)
    number = F["sum"](~F["isnan"](x), axis, keepdims)
    total = F["nansum"](x, axis, keepdims)
    return total / (F["astype"](number, x.dtype) if x.dtype.kind in "fc" else number)


def nan_extreme(name: str, least: float) -> Any:
    def choose(x: Any, axis: Any = None, keepdims: Any = False) -> Tensor:
        x = as_operand(x)
        if x.dtype.kind != "f":
            return F[name](x, axis, keepdims)
        missing = F["isnan"](x)
        y = F[name](F["where"](missing, least, x), axis, keepdims)
        nothing = F["all"](missing, axis, keepdims)
        return F["where"](nothing, math.nan, y) if some(nothing) else y

    choose.__name__ = f"nan{name}"
    return choose


named("nanmax", numpy=(np.nanmax,))(nan_extreme("max", -math.inf))
named("nanmin", numpy=(np.nanmin,))(nan_extreme("min", math.inf))

# ---- averages, differences, integrals -----------------------------------------------------------


@named("ptp", numpy=(np.ptp,))
def ptp(x: Any, axis: Any = None, keepdims: Any = False) -> Tensor:
    """From the least to the largest element."""
    return F["max"](x, axis, keepdims) - F["min"](x, axis, keepdims)


def weighing(vector: Tensor, x: Tensor, axis: int) -> Tensor:
    """A vector of numbers for the places along an axis, ready to meet x."""
    if vector.ndim != 1 or vector.size != x.shape[axis]:
        raise ShapeMismatch(f"shape {vector.shape} does not fit an axis of {x.shape[axis]}")
    return F["reshape"](vector, (-1,) + (1,) * (-1 - axis))


@named("average", numpy=(np.average,))
def average(x: Any, axis: Any = None, weights: Any = None, keepdims: Any = False) -> Tensor:
    """The mean, of elements that weigh `weights`: of x's shape, or a vector along the axis."""
    x = as_operand(x)
    if weights is None:
        return F["mean"](x, axis, keepdims)
    w = as_operand(weights, x.value)
    if w.shape != x.shape:
        if axis is None or isinstance(axis, list | tuple):
            raise ShapeMismatch(f"weights of shape {w.shape} do not fit shape {x.shape}")
        w = F["broadcast_to"](weighing(w, x, negative_axis(axis, x.ndim)), x.shape)
    return F["sum"](x * w, axis, keepdims) / F["sum"](w, axis, keepdims)


@named("diff", numpy=(np.diff,))
def diff(x: Any, n: Any = 1, axis: Any = -1, prepend: Any = None, append: Any = None) -> Any:
    """Each element less the one before it along an axis, n times over."""
    x = as_operand(x)
    at, times = negative_axis(axis, x.ndim), integer(n, "the order of a difference")
    if not 0 <= times <= 1000:
        raise WrongValue("the order of a difference is 0 to 1000")
    ends = [as_operand(part, x.value) for part in (prepend, append) if part is not None]
    shape = (*x.shape[: x.ndim + at], 1, *x.shape[x.ndim + at + 1 :])
    ends = [part if part.ndim else F["broadcast_to"](part, shape) for part in ends]
    if ends:
        x = F["concatenate"]([*ends[: prepend is not None], x, *ends[prepend is not None :]], at)
    for _ in range(min(times, x.shape[at])):
        later, earlier = along(x, at, slice(1, None)), along(x, at, slice(-1))
        x = later != earlier if x.dtype.kind == "b" else later - earlier
    return x


def panels(y: Tensor, x: Any, dx: Any, axis: int) -> Any:
    """The areas of the trapezoids between neighbours."""
    pairs = along(y, axis, slice(1, None)) + along(y, axis, slice(-1))
    if x is None:
        return pairs * dx / 2
    step = diff(x, 1, axis if as_operand(x).ndim > 1 else -1)
    return pairs * (step if step.ndim > 1 else weighing(step, pairs, axis)) / 2


@named("trapezoid", "trapz", numpy=(np.trapezoid,))
def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: Any = -1) -> Tensor:
    """The integral of y over x, or over steps of dx, by the trapezoidal rule."""
    y = as_operand(y)
    at = negative_axis(axis, y.ndim)
    return F["sum"](panels(y, x, dx, at), at)


@named("cumulative_trapezoid")
def cumulative_trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: Any = -1) -> Tensor:
    """The integral from the first point up to each later one."""
    y = as_operand(y)
    at = negative_axis(axis, y.ndim)
    return F["cumsum"](panels(y, x, dx, at), at)


# ---- correlation --------------------------------------------------------------------------------


@named("cov", numpy=(np.cov,))
def cov(
    x: Any,
    y: Any = None,
    rowvar: Any = True,
    bias: Any = False,
    ddof: Any = None,
    correction: Any = None,
) -> Tensor:
    """The covariances of variables, one a row (`rowvar`) or a column of x, and more of them in y.

    The sums are divided by n - ddof; by default by n - 1, with `bias` by n.
    """
    values = variables(x, rowvar)
    if y is not None:
        values = F["concatenate"]([values, variables(y, rowvar)], 0)
    given = correction if correction is not None else ddof
    less = given if given is not None else 0 if flag(bias, "bias") else 1
    if type(less) not in (int, float):
        raise WrongType("the correction of a covariance is a number")
    d = values - F["mean"](values, 1, True)
    both = F["matmul"](d, F["conj"](d.mT)) / max(0.0, values.shape[1] - less)
    return both if both.size > 1 else F["reshape"](both, ())


def variables(x: Any, rowvar: bool) -> Tensor:
    x = as_operand(x)
    if x.ndim > 2 or not x.size:
        raise ShapeMismatch(f"variables are vectors or the rows of a matrix, not of {x.shape}")
    if x.ndim < 2:
        return F["reshape"](x, (1, x.size))
    return x if flag(rowvar, "rowvar") else F["swapaxes"](x, 0, 1)


@named("corrcoef", numpy=(np.corrcoef,))
def corrcoef(x: Any, y: Any = None, rowvar: Any = True) -> Tensor:
    """The correlations of variables: their covariances over both standard deviations."""
    both = cov(x, y, rowvar)
    if not both.ndim:
        return both / both
    size = F["sqrt"](F["real"](F["diagonal"](both)))
    return both / F["reshape"](size, (-1, 1)) / size
