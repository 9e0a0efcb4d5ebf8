"""Losses that are one node in PyTorch's graph: a number for each element, and their reduction.

The operands have one shape; `gradcli.engine.functions.losses` sees to that.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from gradcli.engine.ops.axes import fold
from gradcli.engine.ops.sigmoidal import SIGMOID
from gradcli.engine.ops.table import Interval, Value, op

Pointwise = Callable[..., Value]


def reduced(values: Value, reduction: str) -> Value:
    """The values, their sum, or their mean."""
    if reduction == "none":
        return values
    total = fold(np.add, values, None, keepdims=False)
    return total / math.prod(values.shape) if reduction == "mean" else total


def each(g: Value, x: Value, reduction: str) -> Value:
    """The adjoint of `reduced`: the cotangent of each element of x."""
    if reduction == "none" or not x.shape:
        return g
    spread = np.reshape(g, g.shape + (1,) * len(x.shape)) if g.shape else g
    return spread / math.prod(x.shape) if reduction == "mean" else spread


def gathered(t: Value, x: Value, reduction: str) -> Value:
    """`reduced`, of tangents of the elements of x, which may have batch axes in front."""
    if reduction == "none" or not x.shape:
        return t
    total = np.sum(t, axis=tuple(range(-len(x.shape), 0)))
    return total / math.prod(x.shape) if reduction == "mean" else total


def loss_row(
    name: str,
    value: Pointwise,
    by_x: Pointwise,
    by_target: Pointwise,
    twin: Pointwise,
    **facts: Any,
) -> None:
    """A row of a pointwise loss value(x, target, *parameters), with its slopes by both."""

    def tangent(t: Value, x: Value, target: Value, _y: Value, reduction: str, *more: Any) -> Value:
        parts = [
            move * slope(x, target, *more)
            for move, slope in zip(t, (by_x, by_target), strict=True)
            if move is not None
        ]
        return gathered(sum(parts[1:], start=parts[0]), x, reduction)

    op(
        name,
        lambda x, target, reduction, *more: reduced(value(x, target, *more), reduction),
        lambda g, x, target, _y, reduction, *more: each(g, x, reduction) * by_x(x, target, *more),
        lambda g, x, target, _y, reduction, *more: (
            each(g, x, reduction) * by_target(x, target, *more)
        ),
        jvp=tangent,
        saves="ab",
        twin=lambda x, target, reduction, *more: reduced(
            np.asarray(twin(x, target, *more)), reduction
        ),
        elementwise=False,
        ordered=True,
        public=False,
        numpy=(),
        **facts,
    )


# ---- distances ----------------------------------------------------------------------------------


def squared(x: Value, target: Value) -> Value:
    d = x - target
    return d * d


loss_row(
    "mse_loss",
    squared,
    lambda x, target: (x - target) * 2,
    lambda x, target: (target - x) * 2,
    twin=squared,
    cost=4.0,
)


def huber(x: Value, target: Value, delta: float) -> Value:
    """Half the square of d up to delta, from there the tangent line."""
    d = np.abs(x - target)
    return np.where(d <= delta, d * d / 2, (d - delta / 2) * delta)


def huber_slope(x: Value, target: Value, delta: float) -> Value:
    d = x - target
    return np.where(np.abs(d) <= delta, d, np.sign(d) * delta)


loss_row(
    "huber_loss",
    huber,
    huber_slope,
    lambda x, target, delta: huber_slope(target, x, delta),
    twin=huber,
    cost=14.0,
)


def smooth_l1(x: Value, target: Value, beta: float) -> Value:
    """Huber's loss over beta: slopes from -1 to 1, of |d| itself where beta is 0."""
    return huber(x, target, beta) / beta if beta else np.abs(x - target)


def smooth_l1_slope(x: Value, target: Value, beta: float) -> Value:
    return huber_slope(x, target, beta) / beta if beta else np.sign(x - target)


loss_row(
    "smooth_l1_loss",
    smooth_l1,
    smooth_l1_slope,
    lambda x, target, beta: smooth_l1_slope(target, x, beta),
    twin=smooth_l1,
    cost=14.0,
    node="SmoothL1LossBackward0",
    kink=(
        lambda x, target, _y, _reduction, beta: (x == target) & (beta == 0),
        "its slope at 0 is taken as 0",
    ),
)

# ---- cross entropy with probabilities -----------------------------------------------------------
# As in PyTorch, a logarithm is held at -100, and the slope of one that is held is 1e12.

HELD = -100.0
LEAST = math.exp(HELD)
PROBABILITY = Interval(0.05, 0.95)


def held(logarithm: Value) -> Value:
    return np.maximum(logarithm, HELD)


def inverse(p: Value) -> Value:
    """The slope of the logarithm of p, held."""
    small = p < LEAST
    return np.where(small, 1e12, 1 / np.where(small, 1, p))


def cross_entropy(x: Value, target: Value) -> Value:
    return -(target * held(np.log(x)) + (1 - target) * held(np.log1p(-x)))


def logarithm(p: Value) -> Value:
    """The logarithm of p, held, without passing infinity."""
    small = p < LEAST
    return np.where(small, HELD, np.log(np.where(small, 1, p)))


loss_row(
    "binary_cross_entropy",
    cross_entropy,
    lambda x, target: (1 - target) * inverse(1 - x) - target * inverse(x),
    lambda x, _target: logarithm(1 - x) - logarithm(x),
    twin=cross_entropy,
    domain=PROBABILITY,
    cost=30.0,
    kink=(
        lambda x, target, _y, _reduction: ((x == 0) & (target != 0)) | ((x == 1) & (target != 1)),
        "a logarithm of 0 is taken as -100, and its slope as 1e12",
    ),
)


def logit_cross_entropy(x: Value, target: Value) -> Value:
    """target log(1 + exp(-x)) + (1 - target) log(1 + exp x), in parts that are not negative."""
    linear = target * np.maximum(-x, 0) + (1 - target) * np.maximum(x, 0)
    return linear + np.log1p(np.exp(-np.abs(x)))


loss_row(
    "binary_cross_entropy_with_logits",
    logit_cross_entropy,
    lambda x, target: (1 - target) * SIGMOID(x) - target * SIGMOID(-x),
    lambda x, _target: -x,
    twin=logit_cross_entropy,
    cost=30.0,
)
