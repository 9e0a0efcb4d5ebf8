"""Shapes and indexing: linear maps that move numbers and change none."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from gradcli.engine.ops.axes import integer, leading, named_axes, negative_axis
from gradcli.engine.ops.index import Index
from gradcli.engine.ops.table import Bound, Value, op
from gradcli.errors import ShapeMismatch, WrongType, WrongValue

Shape = tuple[int, ...]


def shape_of(*sizes: Any) -> Shape:
    """A shape from `(2, 3)`, `[2, 3]` or `2, 3`."""
    if len(sizes) == 1 and isinstance(sizes[0], Sequence):
        sizes = tuple(sizes[0])
    if {*map(type, sizes)} == {int}:
        return sizes
    return tuple(integer(n, "a size") for n in sizes)


# ---- reshape ------------------------------------------------------------------------------------


def reshape_arguments(x: Value, *sizes: Any) -> Bound:
    shape = shape_of(*sizes)
    if math.prod(shape) == x.size and min(shape, default=0) >= 0:
        return (x,), (shape,)
    known = math.prod(n for n in shape if n != -1)
    unknown = shape.count(-1)
    fits = x.size == known if not unknown else known > 0 and x.size % known == 0
    if unknown > 1 or not fits or min(shape, default=0) < -1:
        raise ShapeMismatch(f"{x.size} elements of shape {x.shape} do not fit shape {shape}")
    return (x,), (tuple(n if n != -1 else x.size // known for n in shape),)


def reshaped(x: Value, shape: Shape) -> Value:
    return x.reshape(shape)


op(
    "reshape",
    reshaped,
    lambda g, x, y, _shape: g.reshape(leading(g, y) + x.shape),
    twin=np.reshape,
    elementwise=False,
    linear=True,
    view=True,
    cost=0.0,
    node="ViewBackward0",
    aliases=("view",),
    bind=reshape_arguments,
    numpy=(np.reshape,),
)
op(
    "ravel",
    np.ravel,
    lambda g, x, y: np.reshape(g, leading(g, y) + x.shape),
    twin=np.ravel,
    elementwise=False,
    linear=True,
    view=True,
    node="ViewBackward0",
)


def squeeze_arguments(x: Value, axis: Any = None) -> Bound:
    if axis is None:
        return (x,), (None,)
    axes = named_axes(axis, x.ndim)
    if any(x.shape[a] != 1 for a in axes):
        raise ShapeMismatch(f"squeeze takes away axes of length 1; shape {x.shape}, axis {axis}")
    return (x,), (axes,)


def expand_dims_arguments(x: Value, axis: Any) -> Bound:
    count = len(axis) if isinstance(axis, Sequence) else 1
    return (x,), (named_axes(axis, x.ndim + count),)


op(
    "squeeze",
    np.squeeze,
    lambda g, x, y, _axes: np.reshape(g, leading(g, y) + x.shape),
    twin=np.squeeze,
    elementwise=False,
    linear=True,
    view=True,
    cost=0.0,
    node=lambda axes: f"SqueezeBackward{0 if axes is None else min(2, len(axes))}",
    bind=squeeze_arguments,
)
op(
    "expand_dims",
    np.expand_dims,
    lambda g, x, y, _axes: np.reshape(g, leading(g, y) + x.shape),
    twin=np.expand_dims,
    elementwise=False,
    linear=True,
    view=True,
    cost=0.0,
    node="UnsqueezeBackward0",
    aliases=("unsqueeze",),
    bind=expand_dims_arguments,
)

# ---- order of axes ------------------------------------------------------------------------------


def permute(x: Value, axes: Shape) -> Value:
    """Reorder the last `len(axes)` axes, named from the end; axes before them stay."""
    n = x.ndim
    return x.transpose((*range(n - len(axes)), *[n + a for a in axes]))


def transpose_arguments(x: Value, *axes: Any) -> Bound:
    if not axes or axes == (None,):
        return (x,), (tuple(range(-1, -x.ndim - 1, -1)),)
    if len(axes) == 1 and isinstance(axes[0], Sequence):
        axes = tuple(axes[0])
    order = tuple(negative_axis(a, x.ndim) for a in axes)
    if len(set(order)) != x.ndim:
        raise WrongValue(f"transpose names every axis once; {axes} for shape {x.shape}")
    return (x,), (order,)


def inverse(axes: Shape) -> Shape:
    n = len(axes)
    return tuple(axes.index(a) - n for a in range(-n, 0))


op(
    "transpose",
    permute,
    lambda g, _x, _y, axes: permute(g, inverse(axes)),
    twin=lambda x, axes: np.moveaxis(x, axes, range(-len(axes), 0)),
    elementwise=False,
    linear=True,
    view=True,
    cost=0.0,
    node="PermuteBackward0",
    aliases=("permute",),
    bind=transpose_arguments,
    numpy=(np.transpose,),
)


def matrix_transpose_arguments(x: Value) -> Bound:
    if x.ndim > 2:
        raise ShapeMismatch(f"t() is for matrices and vectors; the shape is {x.shape}")
    return transpose_arguments(x)


op(
    "t",
    permute,
    lambda g, _x, _y, axes: permute(g, inverse(axes)),
    twin=lambda x, axes: np.moveaxis(x, axes, range(-len(axes), 0)),
    elementwise=False,
    linear=True,
    view=True,
    cost=0.0,
    node="TBackward0",
    bind=matrix_transpose_arguments,
    numpy=(),
)


def swapaxes_arguments(x: Value, axis1: Any, axis2: Any) -> Bound:
    return (x,), (negative_axis(axis1, x.ndim), negative_axis(axis2, x.ndim))


op(
    "swapaxes",
    np.swapaxes,
    lambda g, _x, _y, i, j: np.swapaxes(g, i, j),
    twin=np.swapaxes,
    elementwise=False,
    linear=True,
    view=True,
    cost=0.0,
    node="TransposeBackward0",
    bind=swapaxes_arguments,
)

# ---- broadcasting: the pass un-broadcasts what the rule hands on --------------------------------


def broadcast_arguments(x: Value, *sizes: Any) -> Bound:
    shape = shape_of(*sizes)
    pad = len(shape) - x.ndim
    # -1, as PyTorch has it, is the length that is there.
    shape = tuple(x.shape[k - pad] if n == -1 and k >= pad else n for k, n in enumerate(shape))
    if (
        pad < 0
        or min(shape, default=0) < 0
        or any(n not in (1, m) for n, m in zip(x.shape, shape[pad:], strict=True))
    ):
        raise ShapeMismatch(f"shape {x.shape} does not broadcast to {shape}")
    return (x,), (shape,)


op(
    "broadcast_to",
    np.broadcast_to,
    lambda g, _x, _y, _shape: g,
    twin=np.broadcast_to,
    elementwise=False,
    linear=True,
    view=True,
    extent=lambda x, shape: math.prod(shape),
    node="ExpandBackward0",
    aliases=("expand",),
    bind=broadcast_arguments,
)

# ---- indexing: a pair of rows, each the other's adjoint -----------------------------------------


def take_index(x: Value, index: Index) -> Value:
    """`x[index]`; with the ellipsis a single element, too, is an array that shares storage."""
    return x[(..., *index.parts)] if index.basic else x[index.parts]


def scatter_index(g: Value, index: Index, shape: Shape) -> Value:
    """The adjoint of `x[index]` for x of `shape`: zeros, with g added where the index points.

    Leading axes of g are batch axes. Written through a flat index, so that elements named twice
    add up and separated integer arrays do not move axes.
    """
    batch = g.shape[: g.ndim - index.rank]
    out = np.zeros((*batch, *shape), g.dtype)
    if index.basic:
        out[(..., *index.parts)] = g
        return out
    if not g.size:
        return out
    rows = out.reshape(-1, index.size)
    for row, part in zip(rows, g.reshape(len(rows), -1), strict=True):
        np.add.at(row, index.flat, part)
    return out


def index_arguments(x: Value, index: Any) -> Bound:
    return (x,), (index if type(index) is Index else Index.of(index, x.shape),)


SCATTER = op(
    "scatter_index",
    scatter_index,
    lambda g, _x, _y, index, _shape: g[(..., *index.parts)] if index.basic else gather(g, index),
    twin=lambda g, index, shape: np.reshape(
        # Element by element: the sum of all that the index sends there.
        [sum(g.ravel()[index.flat == k]) for k in range(index.size)],
        shape,
    ),
    elementwise=False,
    linear=True,
    moving=lambda index, _shape: index.basic,
    extent=lambda g, index, shape: math.prod(shape),
    public=False,
    numpy=(),
    cost=2.0,
)
op(
    "getitem",
    take_index,
    lambda g, x, _y, index: SCATTER(g, index, x.shape),
    twin=lambda x, index: x[index.parts],
    elementwise=False,
    linear=True,
    view=True,
    extent=lambda x, index: math.prod(index.shape),
    node=lambda index: f"{index.kind}Backward0",
    bind=index_arguments,
    public=False,
    numpy=(),
)


def gather(g: Value, index: Index) -> Value:
    """`x[index]` for every x of a batch."""
    batch = g.shape[: g.ndim - len(index.source)]
    flat = np.reshape(g, (*batch, index.size))
    return np.reshape(flat[..., index.flat], batch + index.shape)


# ---- constants of a shape, and types ------------------------------------------------------------

op("zeros_like", np.zeros_like, None, code="0.0")
op("ones_like", np.ones_like, None, code="1.0")


def cast(x: Value, dtype: np.dtype[Any]) -> Value:
    """Another dtype; a complex number's real part, without numpy's warning, where that is asked."""
    if dtype.kind != "c" and x.dtype.kind == "c":
        x = np.real(x)
    return x.astype(dtype)


def cast_arguments(x: Value, dtype: Any) -> Bound:
    wanted = np.dtype(dtype)
    if wanted.kind not in "fciub":
        raise WrongType(f"a tensor holds numbers, not {wanted.name}s")
    return (x,), (wanted,)


# The cotangent is cast back by the pass, as after any change of dtype.
op(
    "astype",
    cast,
    lambda g, _x, _y, _dtype: g,
    code="1.0 if x else 0.0",
    twin=lambda x, dtype: x if dtype.kind == "c" else np.vectorize(lambda z: z.real, "O")(x),
    elementwise=False,
    linear=True,
    analytic=False,
    node="ToCopyBackward0",
    numpy=(np.astype,),
    bind=cast_arguments,
)
