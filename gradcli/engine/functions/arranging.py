"""Names that arrange a tensor's axes and elements, or join several, by the rows of the table."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from gradcli.engine.apply import record
from gradcli.engine.arguments import bound
from gradcli.engine.functions.registry import FUNCTIONS, named
from gradcli.engine.operands import as_operand
from gradcli.engine.ops import TABLE
from gradcli.engine.ops.axes import integer, negative_axis
from gradcli.engine.promotion import check_broadcast
from gradcli.engine.tensor import Tensor
from gradcli.errors import ShapeMismatch, WrongType, WrongValue

F = FUNCTIONS

# ---- axes ---------------------------------------------------------------------------------------


@named("flatten")
def flatten(x: Any, start_dim: Any = 0, end_dim: Any = -1) -> Tensor:
    """The axes from one to another, both included, as one."""
    x = as_operand(x)
    if not x.ndim:
        return F["reshape"](x, (1,))
    first, last = negative_axis(start_dim, x.ndim), negative_axis(end_dim, x.ndim)
    if first > last:
        raise WrongValue("flatten: the first axis stands behind the last one")
    sizes = x.shape[first : last + 1 or None]
    shape = (*x.shape[: x.ndim + first], math.prod(sizes), *x.shape[x.ndim + last + 1 :])
    return F["reshape"](x, shape)


@named("unflatten")
def unflatten(x: Any, axis: Any, sizes: Any) -> Tensor:
    """One axis as several of these sizes, of which one may be -1."""
    x = as_operand(x)
    at = x.ndim + negative_axis(axis, x.ndim)
    if not isinstance(sizes, list | tuple):
        raise WrongType("unflatten takes a list of sizes")
    known = math.prod(integer(n, "a size") for n in sizes if n != -1)
    filled = [x.shape[at] // known if n == -1 and known else n for n in sizes]
    return F["reshape"](x, (*x.shape[:at], *filled, *x.shape[at + 1 :]))


@named("view_as", "reshape_as")
def reshape_as(x: Any, other: Any) -> Tensor:
    """x in the shape of another tensor."""
    return F["reshape"](x, as_operand(other).shape)


@named("expand_as")
def expand_as(x: Any, other: Any) -> Tensor:
    """x broadcast to the shape of another tensor."""
    return F["broadcast_to"](x, as_operand(other).shape)


@named("moveaxis", "movedim", numpy=(np.moveaxis,))
def moveaxis(x: Any, source: Any, destination: Any) -> Tensor:
    """Some axes to other positions; the rest keep their order."""
    x = as_operand(x)
    sources, targets = listed(source, x.ndim), listed(destination, x.ndim)
    if len({*sources}) != len(sources) or len({*targets}) != len(targets):
        raise WrongValue("moveaxis names an axis twice")
    if len(sources) != len(targets):
        raise WrongValue("moveaxis takes as many positions as axes")
    moved = dict(zip(targets, sources, strict=True))
    rest = (a for a in range(-x.ndim, 0) if a not in sources)
    return F["transpose"](
        x, tuple(moved[k] if k in moved else next(rest) for k in range(-x.ndim, 0))
    )


def listed(axes: Any, ndim: int) -> list[int]:
    several = axes if isinstance(axes, list | tuple) else [axes]
    return [negative_axis(a, ndim) for a in several]


def raised(x: Any, rank: int) -> Any:
    """At least of this rank, up to 3, as numpy gives axes to scalars, vectors and matrices."""
    x = as_operand(x)
    if x.ndim >= rank:
        return x
    before = 0 if x.ndim == 2 else 1 if x.ndim == 1 and rank > 1 else 0
    after = rank - x.ndim - before
    return F["reshape"](x, (1,) * before + x.shape + (1,) * after)


def at_least(rank: int) -> Callable[..., Any]:
    def lift(*xs: Any) -> Any:
        lifted = tuple(raised(x, rank) for x in xs)
        return lifted[0] if len(lifted) == 1 else lifted

    lift.__name__ = f"atleast_{rank}d"
    return lift


for _rank, _numpy in ((1, np.atleast_1d), (2, np.atleast_2d), (3, np.atleast_3d)):
    named(f"atleast_{_rank}d", numpy=(_numpy,))(at_least(_rank))


# ---- elements -----------------------------------------------------------------------------------


@named("fliplr", numpy=(np.fliplr,))
def fliplr(x: Any) -> Tensor:
    """The columns in the opposite order."""
    return F["flip"](x, 1)


@named("flipud", numpy=(np.flipud,))
def flipud(x: Any) -> Tensor:
    """The rows in the opposite order."""
    return F["flip"](x, 0)


@named("roll", numpy=(np.roll,))
def roll(x: Any, shift: Any, axis: Any = None) -> Tensor:
    """Elements moved on along axes, the last ones to the front; without an axis all in a row."""
    x = as_operand(x)
    if axis is not None:
        return record(TABLE["roll"], *bound(TABLE["roll"], (x, shift, axis), {}))
    if isinstance(shift, list | tuple):
        shift = sum(integer(n, "a shift") for n in shift)
    return (
        roll(x, shift, 0) if x.ndim == 1 else F["reshape"](roll(F["ravel"](x), shift, 0), x.shape)
    )


@named("narrow")
def narrow(x: Any, axis: Any, start: Any, length: Any) -> Tensor:
    """`length` elements of an axis from `start` on, as a view."""
    x = as_operand(x)
    at = negative_axis(axis, x.ndim)
    begin, count = integer(start, "a start"), integer(length, "a length")
    begin += x.shape[at] if begin < 0 else 0
    if not 0 <= begin <= begin + count <= x.shape[at]:
        whole = f"an axis of {x.shape[at]}"
        raise WrongValue(f"narrow: {length} elements from {start} on do not fit {whole}")
    return along(x, at, slice(begin, begin + count))


@named("select")
def select(x: Any, axis: Any, index: Any) -> Tensor:
    """One element of an axis, which goes, as a view."""
    x = as_operand(x)
    return along(x, negative_axis(axis, x.ndim), integer(index, "an index"))


def along(x: Tensor, axis: int, part: Any) -> Tensor:
    """x[part] along an axis counted from the end."""
    return x[(..., part, *(slice(None),) * (-1 - axis))]


@named("sliding_window_view", numpy=(np.lib.stride_tricks.sliding_window_view,))
def sliding_window_view(x: Any, window_shape: Any, axis: Any = None) -> Any:
    """All windows of these lengths, along new last axes; a copy, which may be written."""
    x = as_operand(x)
    sizes = window_shape if isinstance(window_shape, list | tuple) else [window_shape]
    axes = range(x.ndim) if axis is None else [x.ndim + a for a in listed(axis, x.ndim)]
    if len(sizes) != len(axes):
        raise WrongValue("sliding_window_view takes a length for each of its axes")
    for at, size in zip(axes, sizes, strict=True):
        x = F["unfold"](x, at, size, 1)
    return x


# ---- diagonals ----------------------------------------------------------------------------------


@named("diag", numpy=(np.diag,))
def diag(x: Any, k: Any = 0) -> Tensor:
    """The matrix with a vector on its diagonal; a matrix's diagonal."""
    x = as_operand(x)
    if x.ndim not in (1, 2):
        raise ShapeMismatch(f"diag takes a vector or a matrix; the shape is {x.shape}")
    return F["diag_embed" if x.ndim == 1 else "diagonal"](x, k)


@named("diagflat", numpy=(np.diagflat,))
def diagflat(x: Any, k: Any = 0) -> Tensor:
    """The matrix with all elements on its diagonal."""
    return F["diag_embed"](F["ravel"](x), k)


# ---- several tensors ----------------------------------------------------------------------------


def tensors(arrays: Any, name: str) -> list[Tensor]:
    several = isinstance(arrays, list | tuple | Tensor | np.ndarray)
    if not several or getattr(arrays, "shape", None) == ():
        raise WrongType(f"{name} joins a list of tensors")
    return [as_operand(x) for x in arrays]


@named("vstack", "row_stack", numpy=(np.vstack,))
def vstack(arrays: Any) -> Tensor:
    """Rows, or matrices, below each other."""
    return F["concatenate"]([raised(x, 2) for x in tensors(arrays, "vstack")], 0)


@named("hstack", numpy=(np.hstack,))
def hstack(arrays: Any) -> Tensor:
    """Vectors end to end; matrices beside each other."""
    parts = [raised(x, 1) for x in tensors(arrays, "hstack")]
    return F["concatenate"](parts, 0 if parts and parts[0].ndim == 1 else 1)


@named("dstack", numpy=(np.dstack,))
def dstack(arrays: Any) -> Tensor:
    """Matrices behind each other, along a third axis."""
    return F["concatenate"]([raised(x, 3) for x in tensors(arrays, "dstack")], 2)


@named("column_stack", numpy=(np.column_stack,))
def column_stack(arrays: Any) -> Tensor:
    """Vectors as the columns of a matrix."""
    parts = tensors(arrays, "column_stack")
    columns = [x if x.ndim > 1 else F["reshape"](x, (x.size, 1)) for x in parts]
    return F["concatenate"](columns, 1)


@named("broadcast_tensors", "broadcast_arrays", numpy=(np.broadcast_arrays,))
def broadcast_tensors(*xs: Any) -> tuple[Tensor, ...]:
    """All of them in the shape that they have together."""
    found = [as_operand(x) for x in xs]
    check_broadcast((), *(x.shape for x in found))
    shape = np.broadcast_shapes(*(x.shape for x in found))
    return tuple(x if x.shape == shape else F["broadcast_to"](x, shape) for x in found)


@named("meshgrid", numpy=(np.meshgrid,))
def meshgrid(*xs: Any, indexing: Any = "xy") -> tuple[Tensor, ...]:
    """Coordinates on a grid: of its points, the k-th tensor has what came from the k-th vector.

    With 'xy', as numpy has it, the second axis is the first vector's; with 'ij' the first one is.
    """
    if indexing not in ("xy", "ij"):
        raise WrongValue("meshgrid: the indexing is 'xy' or 'ij'")
    vectors = [F["ravel"](x) for x in xs]
    order = list(range(len(vectors)))
    if indexing == "xy" and len(vectors) > 1:
        order[:2] = 1, 0
    shape = tuple(vectors[k].size for k in order)
    return tuple(
        F["broadcast_to"](F["reshape"](x, (-1,) + (1,) * (len(xs) - 1 - order.index(k))), shape)
        for k, x in enumerate(vectors)
    )


@named("cartesian_prod")
def cartesian_prod(*vectors: Any) -> Tensor:
    """All combinations of an element of each vector, one a row."""
    grids = meshgrid(*vectors, indexing="ij")
    if len(grids) == 1:
        return grids[0]
    return F["stack"]([F["ravel"](grid) for grid in grids], -1)
