"""Normalizations: less the mean, over the deviation, times a weight, plus a bias.

Those of batches, layers and groups are one operation. They differ in the shape in which mean and
variance are taken, and in the one in which weights meet what is normalized.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from gradcli.engine.ops.axes import fold
from gradcli.engine.ops.table import Value, op
from gradcli.engine.ops.windows import Sizes


class Frame(NamedTuple):
    """How x is seen: in `shape` to be normalized over `axes`, in `rows` to meet `weights`.

    The weights lack the first axis of the rows, along which they are the same.
    """

    shape: Sizes
    axes: Sizes
    rows: Sizes
    weights: Sizes

    @property
    def rest(self) -> Sizes:
        """The axes of `rows` along which a weight is the same."""
        own = (1, *self.weights)
        return tuple(k - len(own) for k, n in enumerate(own) if n == 1)


def seen(g: Value, own: Sizes, shape: Sizes) -> Value:
    """In another shape than its own; batch axes stay in front."""
    return np.reshape(g, g.shape[: g.ndim - len(own)] + shape)


def mean(x: Value, frame: Frame) -> Value:
    count = math.prod(frame.shape[axis] for axis in frame.axes)
    return np.sum(x, axis=frame.axes, keepdims=True) / count


def standard(x: Value, frame: Frame, eps: float) -> tuple[Value, Value]:
    """x normalized, in the frame's shape, and the inverse of its deviation."""
    x = np.reshape(x, frame.shape)
    centred = x - mean(x, frame)
    inverse = 1 / np.sqrt(mean(centred * centred, frame) + eps)
    return centred * inverse, inverse


def normalized(x: Value, w: Value, b: Value, frame: Frame, eps: float) -> Value:
    z, _ = standard(x, frame, eps)
    y = z.reshape(frame.rows) * w.reshape(frame.weights)
    return (y + b.reshape(frame.weights)).reshape(x.shape)


def tangent_of_standard(t: Value, x: Value, frame: Frame, eps: float) -> Value:
    """The Jacobian's product with t, which is in the frame's shape; it is symmetric."""
    z, inverse = standard(x, frame, eps)
    return (t - mean(t, frame) - z * mean(t * z, frame)) * inverse


def slope_of_x(
    g: Value, x: Value, w: Value, _b: Value, _y: Value, frame: Frame, eps: float
) -> Value:
    weighed = seen(g, x.shape, frame.rows) * np.reshape(w, frame.weights)
    moved = tangent_of_standard(seen(weighed, frame.rows, frame.shape), x, frame, eps)
    return seen(moved, frame.shape, x.shape)


def slope_of_weight(
    g: Value, x: Value, w: Value, _b: Value, _y: Value, frame: Frame, eps: float
) -> Value:
    z, _ = standard(x, frame, eps)
    products = seen(g, x.shape, frame.rows) * np.reshape(z, frame.rows)
    return over_rest(products, w, frame)


def over_rest(products: Value, w: Value, frame: Frame) -> Value:
    """Summed for each weight, in the weights' own shape."""
    lead = products.shape[: products.ndim - len(frame.rows)]
    return np.reshape(np.sum(products, axis=frame.rest), lead + w.shape)


def tangent(t: Any, x: Value, w: Value, b: Value, y: Value, frame: Frame, eps: float) -> Value:
    moves = []
    if t[0] is not None:
        z = tangent_of_standard(seen(t[0], x.shape, frame.shape), x, frame, eps)
        moves.append(seen(z, frame.shape, frame.rows) * np.reshape(w, frame.weights))
    if t[1] is not None:
        z, _ = standard(x, frame, eps)
        moves.append(np.reshape(z, frame.rows) * lifted(t[1], w, frame))
    if t[2] is not None:
        moves.append(lifted(t[2], b, frame) + np.zeros(frame.rows, y.dtype))
    return seen(sum(moves[1:], moves[0]), frame.rows, y.shape)


def lifted(t: Value, w: Value, frame: Frame) -> Value:
    """Tangents of weights, ready to meet what is normalized."""
    return seen(t, w.shape, (1, *frame.weights))


def by_definition(x: Value, w: Value, b: Value, frame: Frame, eps: float) -> Value:
    """The twin."""
    z = x.reshape(frame.shape)
    count = math.prod(frame.shape[axis] for axis in frame.axes)
    z = z - fold(np.add, z, frame.axes, keepdims=True) / count
    variance = fold(np.add, z * z, frame.axes, keepdims=True) / count
    z = z / (variance + eps) ** 0.5
    y = z.reshape(frame.rows) * w.reshape(frame.weights) + b.reshape(frame.weights)
    return y.reshape(x.shape)


for _name in ("batch", "layer", "group"):
    op(
        f"native_{_name}_norm",
        normalized,
        slope_of_x,
        slope_of_weight,
        lambda g, x, _w, b, _y, frame, _eps: over_rest(seen(g, x.shape, frame.rows), b, frame),
        saves="ab",
        jvp=tangent,
        fresh="abc",
        twin=by_definition,
        elementwise=False,
        ordered=True,
        normwise=True,
        work=lambda x, _w, _b, _frame, _eps: 12.0 * x.size,
        public=False,
        numpy=(),
    )
