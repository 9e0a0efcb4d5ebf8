"""Axes, counted from the end, so that a rule need not know how many batch axes lead."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from gradcli.engine.ops.table import Value
from gradcli.errors import WrongIndex, WrongType, WrongValue

Axes = tuple[int, ...]


def integer(value: Any, what: str) -> int:
    """`value` as an int; anything that is not an integer is refused by name."""
    if isinstance(value, bool | np.bool_):
        raise WrongType(f"{what} must be an integer, not a bool")
    try:
        return operator.index(value)
    except TypeError:
        raise WrongType(f"{what} must be an integer, not {value!r}"[:200]) from None


def negative_axis(axis: Any, ndim: int) -> int:
    """One axis of a value of rank `ndim`, counted from the end."""
    axis = integer(axis, "an axis")
    if not -ndim <= axis < ndim:
        has = f"has {ndim} {'axis' if ndim == 1 else 'axes'}" if ndim else "is a scalar"
        raise WrongIndex(f"axis {axis} does not exist: the operand {has}")
    return axis - ndim if axis >= 0 else axis


def negative_axes(axis: Any, ndim: int) -> Axes:
    """The axes that `axis` (None, an int, or several) names, ascending, counted from the end."""
    if axis is None:
        return tuple(range(-ndim, 0))
    if not isinstance(axis, Sequence):
        return (negative_axis(axis, ndim),)
    axes = tuple(sorted(negative_axis(a, ndim) for a in axis))
    if len(set(axes)) < len(axes):
        raise WrongValue(f"an axis is named twice in {tuple(axis)}")
    return axes


def leading(g: Value, y: Value) -> tuple[int, ...]:
    """The batch axes of `g`: those it has beyond `y`, whose cotangent it is."""
    shape: tuple[int, ...] = g.shape
    return shape[: len(shape) - len(y.shape)]


def spread(g: Value, x: Value, y: Value, axes: Axes, keepdims: bool) -> Value:
    """The adjoint of a sum over `axes` of x."""
    if not axes:
        return g
    batch = leading(g, y)
    if not keepdims:
        g = np.expand_dims(g, axes)
    return np.broadcast_to(g, batch + x.shape)


def restored(y: Value, axes: Axes, keepdims: bool) -> Value:
    """A reduction's result with its reduced axes back, as axes of length 1."""
    return y if keepdims or not axes else np.expand_dims(y, axes)
