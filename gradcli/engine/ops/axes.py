"""Axes, counted from the end, so that a rule need not know how many batch axes lead."""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from gradcli.engine.ops.table import Value
from gradcli.engine.summation import reduced
from gradcli.errors import WrongIndex, WrongType, WrongValue, described

# Ascending, counted from the end; None for all, which PyTorch's graph tells from naming them.
Axes = tuple[int, ...] | None


def fold(ufunc: Any, x: Value, axes: Axes, keepdims: bool, **initial: Any) -> Value:
    """Combine the elements along `axes` by a binary ufunc."""
    return reduced(ufunc, x, axes, keepdims, **initial)


def integer(value: Any, what: str) -> int:
    """`value` as an int; anything that is not an integer is refused by name."""
    if isinstance(value, bool | np.bool_):  # which operator.index would take
        raise WrongType(f"{what} must be an integer, not a bool")
    try:
        number: int = operator.index(value)
    except TypeError:
        raise WrongType(f"{what} must be an integer, not {described(value)}") from None
    if not -(2**63) <= number < 2**63:
        raise WrongValue(f"{what} has no more than 64 bits")
    return number


def negative_axis(axis: Any, ndim: int) -> int:
    """One axis of a value of rank `ndim`, counted from the end."""
    at = integer(axis, "an axis")
    if not -ndim <= at < ndim:
        has = f"has {ndim} {'axis' if ndim == 1 else 'axes'}" if ndim else "is a scalar"
        raise WrongIndex(f"axis {at} does not exist: the value {has}")
    return at - ndim if at >= 0 else at


def negative_axes(axis: Any, ndim: int) -> Axes:
    """The axes that `axis` (None, an int, or several) names, ascending, counted from the end."""
    if axis is None:
        return None
    return named_axes(axis, ndim)


def named_axes(axis: Any, ndim: int) -> tuple[int, ...]:
    """The axes that an int or a sequence of them names, ascending, counted from the end."""
    if isinstance(axis, str) or not isinstance(axis, Sequence):
        return (negative_axis(axis, ndim),)
    axes = tuple(sorted(negative_axis(a, ndim) for a in axis))
    if len(set(axes)) < len(axes):
        raise WrongValue(f"an axis is named twice in {tuple(axis)}")
    return axes


def leading(g: Value, y: Value) -> tuple[int, ...]:
    """The batch axes of `g`: those it has beyond `y`, whose cotangent it is."""
    shape: tuple[int, ...] = g.shape
    return shape[: len(shape) - len(y.shape)]


SMALL = 4000  # elements: writing them is cheaper than broadcast_to, which takes 3 microseconds


def spread(g: Value, x: Value, y: Value, axes: Axes, keepdims: bool) -> Value:
    """The adjoint of a sum over `axes` of x."""
    shape = x.shape
    if not shape:
        return g
    if not g.shape and math.prod(shape) < SMALL:  # of all elements, without batch axes
        return g - np.zeros(shape, g.dtype)  # minus zero, unlike plus, keeps the sign of -0.0
    batch = leading(g, y)
    if not keepdims:
        every = range(-len(shape), 0)
        folded = every if axes is None else axes
        g = g.reshape(batch + tuple([1 if k in folded else shape[k] for k in every]))
    if not batch and x.size < SMALL:
        return g - np.zeros(shape, g.dtype)
    return np.broadcast_to(g, batch + shape)


def restored(y: Value, axes: Axes, keepdims: bool) -> Value:
    """A reduction's result with its reduced axes back, as axes of length 1.

    Where all axes were reduced it stays a scalar, which meets the operand as well.
    """
    if keepdims or not axes:
        return y
    return y[(..., *[None if k in axes else slice(None) for k in range(axes[0], 0)])]
