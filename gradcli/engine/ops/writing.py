"""What in-place operations do, told as functions of the old values and the new ones.

A write gives a tensor a new value with a history of its own; these rows are those histories. The
places that a view looks at are flat positions in its base, worked out from how numpy laid both
out in memory, so that views of views need no chain.
"""

from __future__ import annotations

import math
from functools import cached_property
from typing import Any

import numpy as np

from gradcli.engine.ops.axes import leading
from gradcli.engine.ops.index import Index
from gradcli.engine.ops.shape import SCATTER, gather
from gradcli.engine.ops.table import TABLE, Value, op
from gradcli.errors import ShapeMismatch

Shape = tuple[int, ...]


def layout(x: np.ndarray[Any, Any]) -> tuple[Shape, Shape]:
    """Shape and strides, these in elements."""
    return x.shape, tuple(n // x.itemsize for n in x.strides)


def addresses(shape: Shape, strides: Shape, start: int) -> np.ndarray[Any, Any]:
    """Where in memory each element is, in elements from some origin."""
    places = np.full(shape, start, np.int64)
    for axis, (n, stride) in enumerate(zip(shape, strides, strict=True)):
        steps = np.arange(n, dtype=np.int64) * stride
        places += steps.reshape((n,) + (1,) * (len(shape) - 1 - axis))
    return places


class Region:
    """The elements of a base that a view shows, hashable by what numpy knows of the two.

    shape, strides  of the view, strides in elements; `start` is its first element in the base
    source          the base's shape, and `source_strides` its strides
    """

    def __init__(
        self, shape: Shape, strides: Shape, start: int, source: Shape, source_strides: Shape
    ) -> None:
        self.shape, self.strides, self.start = shape, strides, start
        self.source, self.source_strides = source, source_strides

    @classmethod
    def of(cls, view: np.ndarray[Any, Any], base: np.ndarray[Any, Any]) -> Region:
        first, origin = (x.__array_interface__["data"][0] for x in (view, base))
        return cls(*layout(view), (first - origin) // base.itemsize, *layout(base))

    @property
    def key(self) -> tuple[Shape, Shape, int, Shape, Shape]:
        return self.shape, self.strides, self.start, self.source, self.source_strides

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Region) and self.key == other.key

    @cached_property
    def positions(self) -> np.ndarray[Any, Any]:
        """For each element of the view its position in the base, in reading order."""
        ours = addresses(self.shape, self.strides, self.start)
        theirs = addresses(self.source, self.source_strides, 0).reshape(-1)
        if np.array_equal(theirs, np.arange(theirs.size)):
            return ours
        order = np.argsort(theirs, kind="stable")
        return np.asarray(order[np.searchsorted(theirs[order], ours)])

    @cached_property
    def mask(self) -> np.ndarray[Any, Any]:
        """Of the base's shape: True where the view looks."""
        return marked(self.source, self.positions)

    @cached_property
    def index(self) -> Index:
        """The positions as an index into the flattened base."""
        return Index((self.positions,), (math.prod(self.source),))


def marked(shape: Shape, positions: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    mask = np.zeros(math.prod(shape), bool)
    mask[positions.reshape(-1)] = True
    return mask.reshape(shape)


def shown(x: Value, region: Region) -> Value:
    """What the view shows of each base in a batch."""
    batch = x.shape[: x.ndim - len(region.source)]
    flat = np.reshape(x, (*batch, math.prod(region.source)))
    return flat[..., region.positions]


def placed(g: Value, x: Value, y: Value, region: Region) -> Value:
    """The adjoint: zeros of the base's shape with g where the view looks."""
    return np.reshape(SCATTER(g, region.index, (region.index.size,)), leading(g, y) + x.shape)


# A view whose base was written: it now shows the base's new value.
op(
    "as_strided",
    shown,
    placed,
    twin=lambda x, region: np.reshape(
        [x.ravel()[k] for k in region.positions.ravel()], region.shape
    ),
    elementwise=False,
    linear=True,
    moving=True,
    public=False,
    numpy=(),
    node="AsStridedBackward0",
)


def overlaid(base: Value, part: Value, region: Region) -> Value:
    """The base with the region's elements replaced."""
    out = base.copy().reshape(-1)
    out[region.positions] = part
    return out.reshape(base.shape)


# A base one of whose views was written.
op(
    "copy_slices",
    overlaid,
    lambda g, _a, _b, _y, region: np.where(region.mask, 0, g),
    lambda g, _a, _b, _y, region: shown(g, region),
    twin=overlaid,
    elementwise=False,
    linear=True,
    moving=True,
    public=False,
    numpy=(),
    node="CopySlices",
)


def put(x: Value, values: Value, index: Index) -> Value:
    """x with the elements that the index names replaced."""
    out = x.copy()
    try:
        out[index.parts] = values
    except ValueError:
        raise ShapeMismatch(
            f"a value of shape {values.shape} does not fit an index of shape {index.shape}"
        ) from None
    return out


op(
    "index_put",
    put,
    lambda g, _a, _b, _y, index: np.where(marked(index.source, index.flat), 0, g),
    lambda g, _a, _b, _y, index: gather(g, index),
    twin=put,
    elementwise=False,
    linear=True,
    moving=True,
    public=False,
    numpy=(),
    node="IndexPutBackward0",
    cost=2.0,
)


def copied(x: Value, source: Value) -> Value:
    """source, in the shape and dtype of x."""
    try:
        spread = np.broadcast_to(source, x.shape)
    except ValueError:
        raise ShapeMismatch(f"shape {source.shape} does not fit shape {x.shape}") from None
    return TABLE["astype"].forward(spread, x.dtype) if x.dtype != object else spread


op(
    "copy",
    copied,
    lambda g, _a, _b, _y: np.zeros_like(g),
    lambda g, _a, _b, _y: g,
    twin=copied,
    elementwise=False,
    linear=True,
    moving=True,
    analytic=False,
    public=False,
    numpy=(),
    node="CopyBackwards",
)
op(
    "zero",
    np.zeros_like,
    lambda g, _x, _y: np.zeros_like(g),
    twin=lambda S, x: 0 * x,
    linear=True,
    public=False,
    numpy=(),
)
# PyTorch numbers these by whether the value is itself a tensor.
op(
    "fill",
    np.full_like,
    lambda g, _x, _y, _number: np.zeros_like(g),
    twin=lambda S, x, number: number + 0 * x,
    public=False,
    numpy=(),
    node="FillBackward2",
    bind=lambda x, number: ((x,), (number,)),
)
