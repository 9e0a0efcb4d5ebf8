"""The likelihood of classes: of log-probabilities, and of scores whose softmax are probabilities.

x is (…, classes, …) with the classes along `axis`, target a class for each place, and weight a
number for each class, or one for all. Places whose class is `ignored` count for nothing; None says
that there are none.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from gradcli.engine.ops.axes import fold
from gradcli.engine.ops.linalg import ones
from gradcli.engine.ops.softmax import log_softmax, softmax, softmax_slope, softmax_twin
from gradcli.engine.ops.table import TABLE, Value, op

SOFTMAX = TABLE["softmax"]

# ---- of log-probabilities -----------------------------------------------------------------------
# What is weighed is found by comparison with every class: that needs no index, and so no scatter.


def weights_at(x: Value, target: Value, weight: Value, ignored: int | None, axis: int) -> Value:
    """The weight of each place's class at that class, 0 at all others and at ignored places."""
    along = (-1,) + (1,) * (-1 - axis)
    place = np.expand_dims(target, axis)
    hit = place == np.reshape(np.arange(x.shape[axis]), along)
    if ignored is not None:
        hit = hit & (place != ignored)
    return np.where(hit, np.reshape(weight, along), 0)


def weighed(x: Value, at: Value, reduction: str, axis: int) -> Value:
    values = -fold(np.add, np.where(at == 0, 0, at * x), (axis,), keepdims=False)
    if reduction == "none":
        return values
    total = fold(np.add, values, None, keepdims=False)
    return total / fold(np.add, at, None, keepdims=False) if reduction == "mean" else total


def likelihood(
    x: Value, target: Value, weight: Value, reduction: str, ignored: int | None, axis: int
) -> Value:
    return weighed(x, weights_at(x, target, weight, ignored, axis), reduction, axis)


def likelihood_slope(
    g: Value, x: Value, target: Value, weight: Value, _y: Value, *static: Any
) -> Value:
    reduction, ignored, axis = static
    at = weights_at(x, target, weight, ignored, axis)
    if reduction == "none":
        return -np.expand_dims(g, axis) * at
    every = tuple(range(-len(at.shape), 0))
    if reduction == "mean":
        g = g / np.sum(at, axis=every)
    return -np.reshape(g, g.shape + (1,) * len(at.shape)) * at


op(
    "nll_loss",
    likelihood,
    likelihood_slope,
    None,
    None,
    saves="bc",
    multilinear=True,
    twin=likelihood,
    elementwise=False,
    ordered=True,
    cost=6.0,
    node=lambda _reduction, _ignored, axis: f"NllLoss{'' if axis == -1 else '2D'}Backward0",
    public=False,
    numpy=(),
)

# ---- of scores ----------------------------------------------------------------------------------
# With s the sum of exp(x_j - x_t) over the classes but t, the probability of t is 1 / (1 + s). So
# neither a probability near 1 nor its distance from 1 is lost to rounding.

# Differences of scores whose exponentials are still far from the largest number.
FAR = {np.dtype(np.float32): 60.0, np.dtype(np.float64): 600.0}


@lru_cache(maxsize=64)
def numbers(count: int) -> Value:
    return np.arange(count)


def chosen(x: Value, target: Value, axis: int) -> Any:
    """The index of each place's class in x."""
    if x.ndim == 2 and axis == -1:
        return numbers(len(target)), target
    at = list(np.indices(target.shape, sparse=True))
    at.insert(x.ndim + axis, target)
    return tuple(at)


def lifted(x: Value, axis: int) -> Value:
    """With an axis for the classes."""
    return x[..., None] if axis == -1 else np.expand_dims(x, axis)


def odds(x: Value, at: Any, axis: int) -> tuple[Value, Value, Value] | None:
    """exp(x_j - x_t), 0 for t itself; its sum s; 1 + s. None where that might be too large."""
    differences = x - lifted(x[at], axis)
    if x.size and not np.maximum.reduce(differences, None) < FAR.get(x.dtype, 10.0):
        return None
    others = np.exp(differences)
    others[at] = 0
    total = along(others, axis)
    return others, total, total + 1


def along(x: Value, axis: int) -> Value:
    """The sum along an axis, which is kept."""
    if x.ndim == 2 and axis == -1:
        return np.matmul(x, ones(x.shape[1], x.dtype))[:, None]
    return fold(np.add, x, (axis,), keepdims=True)


def weights_of(
    target: Value, weight: Value, reduction: str, ignored: int | None
) -> tuple[Value, Value]:
    """Each place's weight, of a mean over the sum of all; and its class, any where ignored."""
    if ignored is None and not weight.shape:
        return (weight / target.size if reduction == "mean" else weight), target
    skipped = target == ignored
    target = np.where(skipped, 0, target)
    at = np.where(skipped, 0, weight[target] if weight.shape else weight)
    return (at / fold(np.add, at, None, keepdims=False) if reduction == "mean" else at), target


def cross_entropy(
    x: Value, target: Value, weight: Value, reduction: str, ignored: int | None, axis: int
) -> Value:
    weights, target = weights_of(target, weight, reduction, ignored)
    at = chosen(x, target, axis)
    found = odds(x, at, axis)
    values = -log_softmax(x, axis)[at] if found is None else np.log1p(found[1]).squeeze(axis)
    if weights.shape:
        values = np.where(weights == 0, 0, values)  # which may be infinite
    if reduction == "none":
        return weights * values
    return fold(np.add, weights * values, None, keepdims=False)


def residual(
    x: Value, target: Value, weight: Value, reduction: str, ignored: int | None, axis: int
) -> Value:
    """The probabilities, less 1 at the class; weighed."""
    weights, target = weights_of(target, weight, reduction, ignored)
    at = chosen(x, target, axis)
    found = odds(x, at, axis)
    if found is None:
        others = softmax(x, axis)
        others[at] = 0
        found = others, along(others, axis), 1
    others, total, whole = found
    scale = (lifted(weights, axis) if weights.shape else weights) / whole
    slopes = others * scale
    slopes[at] = -(total * scale).squeeze(axis)
    return slopes


def share(
    x: Value, target: Value, weight: Value, reduction: str, ignored: int | None, axis: int
) -> Value:
    """The weights of the places, as `weights_of`, for the rules: with the axis of the classes."""
    at = weights_at(x, target, weight, ignored, axis)
    weights = np.sum(at, axis=axis, keepdims=True)
    every = tuple(range(-len(at.shape), 0))
    return weights / np.sum(at, axis=every) if reduction == "mean" else weights


def residual_twin(
    x: Value, target: Value, weight: Value, reduction: str, ignored: int | None, axis: int
) -> Value:
    at = weights_at(x, target, weight, ignored, axis)
    found = softmax_twin(x, axis) * np.sum(at, axis=axis, keepdims=True) - at
    return found / fold(np.add, at, None, keepdims=False) if reduction == "mean" else found


op(
    "cross_entropy_slope",
    residual,
    lambda g, x, target, weight, _y, *static: softmax_slope(
        g * share(x, target, weight, *static), None, SOFTMAX(x, static[-1]), static[-1]
    ),
    None,
    None,
    saves="abc",
    jvp=lambda t, x, target, weight, _y, *static: (
        softmax_slope(t[0], None, SOFTMAX(x, static[-1]), static[-1])
        * share(x, target, weight, *static)
    ),
    twin=residual_twin,
    elementwise=False,
    ordered=True,
    work=lambda x, _target, _weight, *_static: 40.0 * x.size,
    extent=lambda x, _target, _weight, *_static: int(x.size),
    public=False,
    numpy=(),
)
SLOPE = TABLE["cross_entropy_slope"]


def spread(g: Value, x: Value, reduction: str, axis: int) -> Value:
    """The cotangent of the loss, at every score."""
    if reduction == "none":
        return np.expand_dims(g, axis)
    return np.reshape(g, g.shape + (1,) * len(x.shape)) if g.shape else g


def gathered(t: Value, x: Value, reduction: str, axis: int) -> Value:
    """The adjoint of `spread`."""
    return np.sum(t, axis=axis if reduction == "none" else tuple(range(-len(x.shape), 0)))


op(
    "cross_entropy",
    cross_entropy,
    lambda g, x, target, weight, _y, reduction, ignored, axis: (
        spread(g, x, reduction, axis) * SLOPE(x, target, weight, reduction, ignored, axis)
    ),
    None,
    None,
    saves="abc",
    jvp=lambda t, x, target, weight, _y, reduction, ignored, axis: gathered(
        t[0] * SLOPE(x, target, weight, reduction, ignored, axis), x, reduction, axis
    ),
    twin=lambda x, target, weight, *static: likelihood(
        x - np.log(np.sum(np.exp(x), axis=static[-1], keepdims=True)), target, weight, *static
    ),
    elementwise=False,
    ordered=True,
    work=lambda x, _target, _weight, *_static: 40.0 * x.size,
    extent=lambda x, _target, _weight, *_static: int(x.size),
    node=lambda _reduction, _ignored, axis: f"NllLoss{'' if axis == -1 else '2D'}Backward0",
    between=("LogSoftmaxBackward0",),
    public=False,
    numpy=(),
)
