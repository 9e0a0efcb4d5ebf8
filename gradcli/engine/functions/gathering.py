"""Elements by their places: names that choose among the rows of `ops/gathering.py`.

Places are whole numbers in lists or tensors; a negative one counts from the end of its axis.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.engine.apply import ROWS, record
from gradcli.engine.functions.registry import FUNCTIONS, named
from gradcli.engine.operands import as_operand
from gradcli.engine.ops import TABLE
from gradcli.engine.ops.axes import negative_axis
from gradcli.engine.ops.gathering import whole
from gradcli.engine.tensor import Tensor
from gradcli.errors import ShapeMismatch, WrongIndex


def places(index: Any, n: int) -> Tensor:
    """Integers that point into an axis of n elements, none of them negative."""
    found = np.asarray(whole(as_operand(index), "places").taken())
    outside = found[(found >= n) | (found < -n)]
    if outside.size:
        raise WrongIndex(f"index {outside.flat[0]} is outside an axis of {n} elements")
    return Tensor(np.where(found < 0, found + n, found).astype(np.int64))


def placed(x: Any, axis: Any, index: Any) -> tuple[Tensor, int, Tensor]:
    """The operand, the axis counted from the end, and the places along it."""
    x = as_operand(x)
    at = negative_axis(axis, x.ndim)
    return x, at, places(index, x.shape[at])


def fits_beside(index: Tensor, x: Tensor, axis: int) -> bool:
    """Is it of x's rank, and no longer than x but along the axis?"""
    pairs = zip(range(-x.ndim, 0), index.shape, x.shape, strict=False)
    return index.ndim == x.ndim and all(k == axis or m <= n for k, m, n in pairs)


# ---- one place an element -----------------------------------------------------------------------


@named("gather")
def gather(x: Any, axis: Any, index: Any) -> Tensor:
    """Where `index` has k, the element of x that has k for its place along the axis."""
    x, at, found = placed(x, axis, index)
    if not fits_beside(found, x, at):
        raise ShapeMismatch(f"gather: an index of shape {found.shape} for shape {x.shape}")
    return record(TABLE["gather"], (x, found), (at,))


@named("take_along_axis", "take_along_dim", numpy=(np.take_along_axis,))
def take_along_axis(x: Any, index: Any, axis: Any = -1) -> Tensor:
    """As `gather`; along the other axes x and the index are broadcast."""
    x = as_operand(x)
    if axis is None:
        x, axis = FUNCTIONS["ravel"](x), -1
    x, at, found = placed(x, axis, index)
    sizes = [
        m if k == at or n == 1 else n
        for k, m, n in zip(range(-x.ndim, 0), found.shape, x.shape, strict=False)
    ]
    if found.ndim != x.ndim or any(
        m not in (1, n) for m, n in zip(found.shape, sizes, strict=True)
    ):
        raise ShapeMismatch(f"an index of shape {found.shape} does not fit shape {x.shape}")
    spread = FUNCTIONS["broadcast_to"]
    found = spread(found, tuple(sizes))
    sizes[at] = x.shape[at]
    return record(TABLE["gather"], (spread(x, tuple(sizes)), found), (at,))


def scattered(row: str, x: Any, axis: Any, index: Any, source: Any) -> Tensor:
    x, at, found = placed(x, axis, index)
    source = as_operand(source, x.value)
    if not source.ndim:
        source = FUNCTIONS["broadcast_to"](source, found.shape)
    if not (fits_beside(found, x, at) and fits_beside(found, source, 0)):
        shapes = f"{found.shape}, {source.shape} and {x.shape}"
        raise ShapeMismatch(f"{row}: index, source and operand of shapes {shapes} do not fit")
    if source.shape != found.shape:
        source = source[tuple(slice(n) for n in found.shape)]
    return record(TABLE[row], (x, found, source), (at,))


@named("scatter")
def scatter(x: Any, axis: Any, index: Any, source: Any) -> Tensor:
    """x with each element of the source, or a number, written to its place; the last one counts."""
    return scattered("scatter", x, axis, index, source)


@named("scatter_add")
def scatter_add(x: Any, axis: Any, index: Any, source: Any) -> Tensor:
    """x with each element of the source added at its place along the axis."""
    return scattered("scatter_add", x, axis, index, source)


# ---- whole slices -------------------------------------------------------------------------------


@named("index_select")
def index_select(x: Any, axis: Any, index: Any) -> Tensor:
    """The slices of x along the axis that a vector of places names."""
    x, at, found = placed(x, axis, index)
    if found.ndim > 1:
        raise ShapeMismatch(f"index_select takes a vector of places; its shape is {found.shape}")
    return record(TABLE["index_select"], (x, FUNCTIONS["ravel"](found)), (at,))


@named("index_add")
def index_add(x: Any, axis: Any, index: Any, source: Any, alpha: Any = None) -> Tensor:
    """x with the slices of the source, `alpha` times, added at places along the axis."""
    x, at, found = placed(x, axis, index)
    source = as_operand(source, x.value)
    shape = (*x.shape[: x.ndim + at], found.size, *x.shape[x.ndim + at + 1 :])
    if found.ndim > 1 or source.shape != shape:
        raise ShapeMismatch(
            f"index_add: {found.size} places and a source of shape {source.shape} for {x.shape}"
        )
    if alpha is not None:
        source = source * alpha
    return record(TABLE["index_add"], (x, FUNCTIONS["ravel"](found), source), (at,))


@named("take", numpy=(np.take,))
def take(x: Any, index: Any, axis: Any = None) -> Tensor:
    """The slices along an axis that an array of places names; without one, elements of x."""
    x = as_operand(x)
    if axis is None:
        x, axis = FUNCTIONS["ravel"](x), -1
    x, at, found = placed(x, axis, index)
    y = record(TABLE["index_select"], (x, FUNCTIONS["ravel"](found)), (at,))
    if found.ndim == 1:
        return y
    shape = (*x.shape[: x.ndim + at], *found.shape, *x.shape[x.ndim + at + 1 :])
    return FUNCTIONS["reshape"](y, shape)


# ---- masks --------------------------------------------------------------------------------------


def mask_of(condition: Any) -> Tensor:
    mask = as_operand(condition)
    return mask if mask.dtype.kind == "b" else ROWS["ne"](mask, 0)


def masked(x: Any, mask: Any) -> Any:
    """An operand and a mask of its shape, or both of the shape that they have together."""
    x, found = as_operand(x), mask_of(mask)
    return (x, found) if x.shape == found.shape else FUNCTIONS["broadcast_tensors"](x, found)


@named("masked_fill")
def masked_fill(x: Any, mask: Any, value: Any) -> Tensor:
    """x with a value where the mask holds."""
    if type(value) in (int, float, complex):
        return record(TABLE["masked_fill"], masked(x, mask), (value,))
    return FUNCTIONS["where"](mask, value, x)


@named("masked_select")
def masked_select(x: Any, mask: Any) -> Any:
    """The elements where the mask holds, in a vector."""
    x, found = masked(x, mask)
    return x[found]
