"""Elements by their places: gathered, scattered, added, masked.

Places are an operand of integers, which gets no gradient. They speak of the last axes: a cotangent
or tangent may have batch axes before those.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradcli.engine.ops.axes import integer, leading
from gradcli.engine.ops.table import Bound, Op, Value, op
from gradcli.errors import WrongType, WrongValue

Shape = tuple[int, ...]

# ---- one place an element, along an axis --------------------------------------------------------


def flat_places(index: Value, shape: Shape, axis: int) -> Value:
    """Where in a flattened value of `shape` the elements of `index` point to.

    Along `axis` an element says where; along the others it stands where it points.
    """
    places: Any = 0
    stride = 1
    for k in range(-1, -1 - len(shape), -1):
        if k == axis:
            places = places + index * stride
        elif index.shape[k] > 1:
            steps = np.arange(0, index.shape[k] * stride, stride)
            places = places + steps.reshape(-1, *(1,) * (-1 - k))
        stride *= shape[k]
    return places


def gathered(x: Value, index: Value, axis: int) -> Value:
    lead = x.ndim - index.ndim
    flat = np.reshape(x, (*x.shape[:lead], -1))
    return flat[..., flat_places(index, x.shape[lead:], axis)]


def adding(x: Value, index: Value, source: Value, axis: int) -> Value:
    lead = x.ndim - index.ndim
    out = np.array(x, np.result_type(x, source))
    flat = np.ravel(flat_places(index, x.shape[lead:], axis))
    rows = np.reshape(out, (math.prod(x.shape[:lead]), -1))
    for row, part in zip(rows, np.reshape(source, (len(rows), -1)), strict=True):
        np.add.at(row, flat, part)
    return out


def pointed(index: Value, axis: int) -> Any:
    """Each element of `index` with the place, in a value indexed by it, that it points to."""
    for at in np.ndindex(index.shape):
        there = list(at)
        there[axis] = int(index[at])
        yield at, tuple(there)


def gathered_one_by_one(x: Value, index: Value, axis: int) -> Value:
    out = np.empty(index.shape, object)
    for at, there in pointed(index, axis):
        out[at] = x[there]
    return out


def added_one_by_one(x: Value, index: Value, source: Value, axis: int) -> Value:
    out = x.copy()
    for at, there in pointed(index, axis):
        out[there] = out[there] + source[at]
    return out


def written_one_by_one(x: Value, index: Value, source: Value, axis: int) -> Value:
    out = x.copy()
    for at, there in pointed(index, axis):
        out[there] = source[at]
    return out


GATHER = op(
    "gather",
    gathered,
    lambda g, x, index, y, axis: SCATTER_ADD(
        np.zeros(leading(g, y) + x.shape, g.dtype), index, g, axis
    ),
    None,
    saves="b",
    multilinear=True,
    twin=gathered_one_by_one,
    elementwise=False,
    cost=12.0,
    extent=lambda x, index, _axis: index.size,
    numpy=(),
)
SCATTER_ADD: Op = op(
    "scatter_add",
    adding,
    lambda g, _x, _index, _source, _y, _axis: g,
    None,
    lambda g, _x, index, _source, _y, axis: GATHER(g, index, axis),
    saves="b",
    # An operand that stays is as good as one of zeros.
    jvp=lambda t, x, index, source, _y, axis: SCATTER_ADD(
        *moved(t[0], x, t[2], source, index), axis
    ),
    twin=added_one_by_one,
    elementwise=False,
    cost=20.0,
    work=lambda x, index, _source, _axis: 2.0 * x.size + 20.0 * index.size,
    numpy=(),
)


def moved(t: Value, x: Value, u: Value, source: Value, index: Value) -> tuple[Value, Value, Value]:
    """Tangents of x and of the source, zeros for the one that does not move."""
    if t is None:
        lead = u.shape[: len(u.shape) - len(source.shape)]
        t = np.zeros(lead + x.shape, u.dtype)
    elif u is None:
        lead = t.shape[: len(t.shape) - len(x.shape)]
        u = np.zeros(lead + source.shape, t.dtype)
    return t, index, u


def writing(x: Value, index: Value, source: Value, axis: int) -> Value:
    lead = x.ndim - index.ndim
    out = np.array(x, np.result_type(x, source))
    flat = np.reshape(out, (*x.shape[:lead], -1))
    flat[..., flat_places(index, x.shape[lead:], axis)] = source
    return out


def last_written(index: Value, shape: Shape, axis: int) -> Value:
    """Of the elements that point to one place, the last alone is true: the others leave nothing."""
    flat = np.ravel(flat_places(index, shape, axis))
    winner = np.full(math.prod(shape), -1)
    winner[flat] = np.arange(flat.size)
    return np.reshape(winner[flat] == np.arange(flat.size), index.shape)


LAST = op(
    "last_written",
    last_written,
    None,
    elementwise=False,
    cost=30.0,
    extent=lambda index, shape, _axis: max(index.size, math.prod(shape)),
    public=False,
    numpy=(),
)
SCATTER: Op = op(
    "scatter",
    writing,
    lambda g, _x, index, source, _y, axis: SCATTER(
        g,
        index,
        np.zeros(g.shape[: len(g.shape) - len(source.shape)] + source.shape, g.dtype),
        axis,
    ),
    None,
    lambda g, x, index, _source, _y, axis: np.where(
        LAST(index, x.shape, axis), GATHER(g, index, axis), 0
    ),
    saves="b",
    jvp=lambda t, x, index, source, _y, axis: SCATTER(*moved(t[0], x, t[2], source, index), axis),
    twin=written_one_by_one,
    elementwise=False,
    work=lambda x, index, _source, _axis: 2.0 * x.size + 15.0 * index.size,
    numpy=(),
)

# ---- whole slices along an axis, by a vector of places ------------------------------------------


def index_adding(x: Value, index: Value, source: Value, axis: int) -> Value:
    places = np.reshape(index, (-1,) + (1,) * (-1 - axis))
    return adding(x, np.broadcast_to(places, source.shape), source, axis)


def index_added_one_by_one(x: Value, index: Value, source: Value, axis: int) -> Value:
    out = np.moveaxis(x.copy(), axis, 0)
    for k, slab in zip(index, np.moveaxis(source, axis, 0), strict=True):
        out[k] = out[k] + slab
    return np.moveaxis(out, 0, axis)


INDEX_SELECT = op(
    "index_select",
    np.take,
    lambda g, x, index, y, axis: INDEX_ADD(
        np.zeros(leading(g, y) + x.shape, g.dtype), index, g, axis
    ),
    None,
    saves="b",
    multilinear=True,
    twin=lambda x, index, axis: np.moveaxis(
        np.array([np.moveaxis(x, axis, 0)[k] for k in index]), 0, axis
    ),
    elementwise=False,
    cost=4.0,
    extent=lambda x, index, axis: x.size // max(1, x.shape[axis]) * index.size,
    numpy=(),
)
INDEX_ADD: Op = op(
    "index_add",
    index_adding,
    lambda g, _x, _index, _source, _y, _axis: g,
    None,
    lambda g, _x, index, _source, _y, axis: INDEX_SELECT(g, index, axis),
    saves="b",
    jvp=lambda t, x, index, source, _y, axis: INDEX_ADD(*moved(t[0], x, t[2], source, index), axis),
    twin=index_added_one_by_one,
    elementwise=False,
    work=lambda x, _index, source, _axis: 2.0 * x.size + 25.0 * source.size,
    numpy=(),
)

op(
    "embedding",
    lambda table, index: np.take(table, index, -2),
    lambda g, table, index, y: INDEX_ADD(
        np.zeros(leading(g, y) + table.shape, g.dtype),
        np.reshape(index, -1),
        np.reshape(g, (*leading(g, y), -1, g.shape[-1])),
        -2,
    ),
    None,
    saves="b",
    multilinear=True,
    twin=lambda table, index: np.take(table, index.astype(np.int64), -2),
    elementwise=False,
    cost=4.0,
    extent=lambda table, index: table.shape[-1] * index.size,
    public=False,
    numpy=(),
)

# ---- masks --------------------------------------------------------------------------------------

op(
    "masked_fill",
    lambda x, mask, value: np.where(mask, value, x),
    lambda g, _x, mask, _y, _value: np.where(mask, 0, g),
    None,
    saves="b",
    jvp=lambda t, _x, mask, _y, _value: np.where(mask, 0, t[0]),
    twin=lambda x, mask, value: np.where(mask, value, x),
    elementwise=False,
    cost=4.0,
    numpy=(),
)


def whole(x: Value, what: str) -> Value:
    """A Tensor of whole numbers as one of integers: a list may have become one of real numbers."""
    value = x.value
    if value.dtype.kind == "f" and np.all((value == np.rint(value)) & (np.abs(value) < 2**53)):
        return x.detach().astype(np.int64)
    if value.dtype.kind not in "iu":
        raise WrongType(f"{what} are whole numbers, not {value.dtype}")
    return x.detach()


def one_hot_arguments(x: Value, num_classes: Any = -1) -> Bound:
    x = whole(x, "classes")
    n = integer(num_classes, "the number of classes")
    classes = x.taken() if n == -1 else x.value  # their number would be the same for all others
    largest = int(classes.max(axis=None, initial=-1))
    n = largest + 1 if n == -1 else n
    if int(x.value.min(axis=None, initial=0)) < 0 or largest >= n:
        raise WrongValue(f"one_hot: the classes are 0 to {n - 1}")
    return (x,), (n,)


op(
    "one_hot",
    lambda x, n: (x[..., None] == np.arange(n)).astype(np.int64),
    None,
    elementwise=False,
    cost=3.0,
    extent=lambda x, n: max(x.size, 1) * n,
    bind=one_hot_arguments,
    numpy=(),
)
