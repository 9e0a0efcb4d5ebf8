"""What depends on the order of numbers: sorting, ranks, counts by value."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.engine.ops.axes import integer, leading, negative_axis
from gradcli.engine.ops.gathering import GATHER, INDEX_ADD, INDEX_SELECT, SCATTER_ADD, whole
from gradcli.engine.ops.table import Bound, Value, op
from gradcli.errors import ShapeMismatch, WrongType, WrongValue

# ---- sorting ------------------------------------------------------------------------------------


def order_arguments(x: Value, axis: Any = -1, descending: Any = False, stable: Any = True) -> Bound:
    """Equal numbers keep their order, whatever `stable` says."""
    if type(stable) is not bool or type(descending) is not bool:
        raise WrongType("sort: descending and stable are True or False")
    if axis is None:
        x, axis = x.reshape(-1), -1
    return (x,), (negative_axis(axis, x.ndim), descending)


def order(x: Value, axis: int, descending: bool) -> Value:
    """The places of the elements in order; nan counts as the largest."""
    if not descending:
        return np.argsort(x, axis=axis, stable=True)
    turned = np.argsort(np.flip(x, axis), axis=axis, stable=True)
    return x.shape[axis] - 1 - np.flip(turned, axis)


ORDER = op(
    "argsort",
    order,
    None,
    elementwise=False,
    ordered=True,
    cost=120.0,
    bind=order_arguments,
    numpy=(np.argsort,),
)


def window(x: Value, axis: int, start: int, stop: int) -> Value:
    return x[(..., slice(start, stop), *(slice(None),) * (-1 - axis))]


def chosen(x: Value, axis: int, descending: bool, start: int, stop: int) -> Value:
    """Of the places in order, those of the ranks from `start` to `stop`."""
    return window(ORDER(x, axis, descending), axis, start, stop)


def ranked(x: Value, axis: int, descending: bool, start: int, stop: int, _title: str = "") -> Value:
    """The elements of these ranks, in order."""
    if not descending:
        return window(np.sort(x, axis=axis), axis, start, stop).copy()
    return np.take_along_axis(x, chosen(x, axis, True, start, stop), axis)


def ties(
    x: Value, _y: Value, axis: int, descending: bool, start: int, stop: int, _title: str
) -> Value:
    """Equal elements of which one is in the window, so that a little could change which."""
    near = ranked(x, axis, descending, max(0, start - 1), stop + 1)
    return window(near, axis, 1, x.shape[axis]) == window(near, axis, 0, -1)


def sort_arguments(x: Value, axis: Any = -1, descending: Any = False, stable: Any = True) -> Bound:
    (x,), (at, descending) = order_arguments(x, axis, descending, stable)
    return (x,), (at, descending, 0, x.shape[at], "Sort")


def sorted_exactly(
    x: Value, axis: int, descending: bool, start: int, stop: int, _title: str
) -> Value:
    y = np.sort(x, axis=axis)
    return np.take(np.flip(y, axis) if descending else y, range(start, stop), axis)


op(
    "sort",
    ranked,
    lambda g, x, y, axis, descending, start, stop, _title: SCATTER_ADD(
        np.zeros(leading(g, y) + x.shape, g.dtype),
        chosen(x, axis, descending, start, stop),
        g,
        axis,
    ),
    jvp=lambda t, x, _y, axis, descending, start, stop, _title: GATHER(
        t, chosen(x, axis, descending, start, stop), axis
    ),
    saves="x",
    twin=sorted_exactly,
    elementwise=False,
    ordered=True,
    cost=120.0,
    node=lambda _axis, _descending, _start, _stop, title: f"{title}Backward0",
    bind=sort_arguments,
    numpy=(np.sort,),
    kink=(ties, "equal numbers keep their order"),
)

# ---- constants ----------------------------------------------------------------------------------


def searchsorted_arguments(sorted_sequence: Value, values: Any, side: Any = "left") -> Bound:
    if sorted_sequence.ndim != 1:
        raise ShapeMismatch(f"searchsorted takes a vector; the shape is {sorted_sequence.shape}")
    if side not in ("left", "right"):
        raise WrongValue("searchsorted: the side is 'left' or 'right'")
    return (sorted_sequence, values), (side,)


op(
    "searchsorted",
    lambda x, values, side: np.searchsorted(x, values, side=side),
    None,
    None,
    elementwise=False,
    ordered=True,
    cost=200.0,
    bind=searchsorted_arguments,
    numpy=(np.searchsorted,),
)


def bincount_arguments(x: Value, weights: None = None, minlength: Any = 0) -> Bound:
    x = whole(x, "the numbers to count")
    if x.ndim != 1 or int(x.value.min(axis=None, initial=0)) < 0:
        raise WrongValue("bincount counts a vector of integers that are not negative")
    if weights is not None:
        raise WrongValue("bincount has no weights here", hint="index_add adds at places")
    least = integer(minlength, "a length")
    if least < 0:
        raise WrongValue("a length is not negative")
    return (x,), (max(least, int(x.taken().max(axis=None, initial=-1)) + 1),)


op(
    "bincount",
    lambda x, length: np.bincount(x, minlength=length),
    None,
    elementwise=False,
    cost=5.0,
    extent=lambda x, length: length,
    bind=bincount_arguments,
    numpy=(np.bincount,),
)

# ---- what occurs --------------------------------------------------------------------------------

FIRST = op(
    "first_places",
    lambda x: np.unique(x, return_index=True)[1],
    None,
    elementwise=False,
    cost=150.0,
    public=False,
    needs="numpy.ma",
    numpy=(),
)


def repeated(x: Value) -> Value:
    y = np.sort(x, axis=None)
    return y[1:] == y[:-1]


op(
    "unique",
    np.unique,
    lambda g, x, y: np.reshape(
        INDEX_ADD(np.zeros((*leading(g, y), x.size), g.dtype), FIRST(x), g, -1),
        leading(g, y) + x.shape,
    ),
    jvp=lambda t, x, y: INDEX_SELECT(
        np.reshape(t, (*t.shape[: len(t.shape) - len(x.shape)], -1)), FIRST(x), -1
    ),
    saves="x",
    twin=np.unique,
    elementwise=False,
    ordered=True,
    cost=150.0,
    node="Unique2Backward0",
    needs="numpy.ma",
    kink=(lambda x, _y: repeated(x), "of equal numbers the first is taken"),
)
