"""Losses under PyTorch's names, with its defaults: a number for each element or sample, reduced.

Most of them are made of other functions; those that are one node in PyTorch's graph are rows (see
`ops/loss.py`).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradcli.engine.apply import record
from gradcli.engine.functions.activations import cosine_similarity, pairwise_distance
from gradcli.engine.functions.registry import FUNCTIONS as F
from gradcli.engine.functions.registry import named
from gradcli.engine.notice import warn
from gradcli.engine.operands import as_operand
from gradcli.engine.ops import TABLE
from gradcli.engine.ops.parameters import choice, positive, real, truth
from gradcli.engine.tensor import Tensor
from gradcli.errors import ShapeMismatch, WrongType, WrongValue

REDUCTIONS = ("mean", "sum", "none")


def reduced(values: Tensor, reduction: Any) -> Tensor:
    how = choice(reduction, "reduction", REDUCTIONS)
    return values if how == "none" else F[how](values)


# ---- operands -----------------------------------------------------------------------------------


def floating(x: Any, like: Any = None) -> Tensor:
    """A tensor of real numbers; integers become float64, a number what it meets."""
    value = as_operand(x) if like is None else as_operand(x, like.value)
    if value.dtype.kind == "c":
        raise WrongType("losses are of real numbers")
    if value.dtype.kind != "f":
        return F["astype"](value, np.float64 if like is None else like.dtype)
    return value


def paired(x: Any, target: Any) -> tuple[Tensor, Tensor]:
    """Input and target, in one shape. That both are stretched, (3,) and (3, 1), is seldom meant."""
    x = floating(x, target if type(target) is Tensor and target.dtype.kind == "f" else None)
    target = floating(target, x)
    if x.shape == target.shape:
        return x, target
    try:
        shape = np.broadcast_shapes(x.shape, target.shape)
    except ValueError:
        raise ShapeMismatch(f"the shapes {x.shape} and {target.shape} do not fit") from None
    if shape not in (x.shape, target.shape):
        warn(f"a loss between shapes {x.shape} and {target.shape} is taken in shape {shape}")
    return F["broadcast_to"](x, shape), F["broadcast_to"](target, shape)


def pointwise(
    row: str, x: Any, target: Any, reduction: Any, *parameters: Any, weight: Any = None
) -> Tensor:
    """A row of a loss; with a weight for each element, of its values one by one."""
    how = choice(reduction, "reduction", REDUCTIONS)
    operands = paired(x, target)
    if weight is None:
        return record(TABLE[row], operands, (how, *parameters))
    values = record(TABLE[row], operands, ("none", *parameters))
    return reduced(values * weight, how)


def weighed(values: Tensor, weight: Any, reduction: Any) -> Tensor:
    """Values times their weights; the mean is over the sum of the weights."""
    how, weights = choice(reduction, "reduction", REDUCTIONS), floating(weight, values)
    if weights.shape != values.shape:
        raise ShapeMismatch(f"weights of shape {weights.shape} for values of {values.shape}")
    total = reduced(values * weights, "none" if how == "none" else "sum")
    if how != "mean":
        return total
    mean: Tensor = total / F["sum"](weights)
    return mean


# ---- regression ---------------------------------------------------------------------------------


@named("mse_loss", "mse")
def mse_loss(input: Any, target: Any, reduction: Any = "mean", weight: Any = None) -> Tensor:
    """The square of the difference; a mean by weight, if there is one."""
    if weight is None:
        return pointwise("mse_loss", input, target, reduction)
    return weighed(pointwise("mse_loss", input, target, "none"), weight, reduction)


@named("l1_loss", "l1")
def l1_loss(input: Any, target: Any, reduction: Any = "mean", weight: Any = None) -> Tensor:
    """The size of the difference; a mean by weight, if there is one."""
    x, target = paired(input, target)
    values = F["abs"](x - target)
    return reduced(values, reduction) if weight is None else weighed(values, weight, reduction)


@named("smooth_l1_loss", "smooth_l1")
def smooth_l1_loss(input: Any, target: Any, reduction: Any = "mean", beta: Any = 1.0) -> Tensor:
    """The size of the difference, less beta / 2; below beta a parabola."""
    width = real(beta, "beta")
    if width < 0:
        raise WrongValue("beta must not be negative")
    return pointwise("smooth_l1_loss", input, target, reduction, width)


@named("huber_loss", "huber")
def huber_loss(
    input: Any, target: Any, reduction: Any = "mean", delta: Any = 1.0, weight: Any = None
) -> Tensor:
    """Half the square of the difference up to delta, from there the tangent line."""
    width = positive(delta, "delta")
    return pointwise("huber_loss", input, target, reduction, width, weight=weight)


@named("gaussian_nll_loss", "gaussian_nll")
def gaussian_nll_loss(
    input: Any,
    target: Any,
    var: Any,
    full: Any = False,
    eps: Any = 1e-6,
    reduction: Any = "mean",
) -> Tensor:
    """The negative log-likelihood of normal distributions with these means and variances."""
    x, target = paired(input, target)
    variance = floating(var, x)
    if np.any(variance.value < 0):
        raise WrongValue("gaussian_nll_loss: a variance is negative")
    if variance.ndim == x.ndim - 1 and variance.shape == x.shape[:-1]:
        variance = variance[..., None]  # one for each row
    variance = F["clip"](variance, min=positive(eps, "eps"))
    values = (F["log"](variance) + F["square"](x - target) / variance) * 0.5
    return reduced(values + math.log(2 * math.pi) / 2 if truth(full, "full") else values, reduction)


@named("poisson_nll_loss", "poisson_nll")
def poisson_nll_loss(
    input: Any,
    target: Any,
    log_input: Any = True,
    full: Any = False,
    eps: Any = 1e-8,
    reduction: Any = "mean",
) -> Tensor:
    """The negative log-likelihood of Poisson distributions with these (logarithms of) means."""
    x, target = paired(input, target)
    if truth(log_input, "log_input"):
        rate, log_rate = F["exp"](x), x
    else:
        rate, log_rate = x, F["log"](x + real(eps, "eps"))
    values = rate - target * log_rate
    if truth(full, "full"):  # Stirling's approximation of the logarithm of target!
        n = F["where"](target > 1, target, 1)
        stirling = n * F["log"](n) - n + F["log"](n * (2 * math.pi)) * 0.5
        values = values + F["where"](target > 1, stirling, 0)
    return reduced(values, reduction)


# ---- probabilities ------------------------------------------------------------------------------


@named("binary_cross_entropy", "bce")
def binary_cross_entropy(
    input: Any, target: Any, weight: Any = None, reduction: Any = "mean"
) -> Tensor:
    """-target log(input) - (1 - target) log(1 - input), of logarithms that are at least -100."""
    p = floating(input)
    if np.any((p.value < 0) | (p.value > 1)):
        raise WrongValue(
            "binary_cross_entropy takes probabilities, from 0 to 1",
            hint="binary_cross_entropy_with_logits takes any number",
        )
    return pointwise("binary_cross_entropy", p, target, reduction, weight=weight)


@named("binary_cross_entropy_with_logits", "bce_with_logits")
def binary_cross_entropy_with_logits(
    input: Any,
    target: Any,
    weight: Any = None,
    reduction: Any = "mean",
    pos_weight: Any = None,
) -> Tensor:
    """The same of sigmoid(input), for any input; pos_weight multiplies the target's part."""
    row = "binary_cross_entropy_with_logits"
    if pos_weight is None:
        return pointwise(row, input, target, reduction, weight=weight)
    x, target = paired(input, target)
    values = target * F["softplus"](-x) * pos_weight + (1 - target) * F["softplus"](x)
    return reduced(values if weight is None else values * weight, reduction)


@named("kl_div")
def kl_div(input: Any, target: Any, reduction: Any = "mean", log_target: Any = False) -> Tensor:
    """target (log target - input), of an input of log-probabilities.

    reduction='batchmean' divides the sum by the length of the first axis.
    """
    how = choice(reduction, "reduction", (*REDUCTIONS, "batchmean"))
    x, target = paired(input, target)
    if truth(log_target, "log_target"):
        values = F["exp"](target) * (target - x)
    else:
        values = F["xlogy"](target, target) - target * x
    if how == "batchmean":
        return F["sum"](values) / (x.shape[0] if x.ndim else 1)
    return reduced(values, how)


# ---- margins ------------------------------------------------------------------------------------


def above(values: Tensor, edge: float = 0.0) -> Tensor:
    return F["clip"](values, min=edge)


@named("hinge_loss", "hinge")
def hinge_loss(input: Any, target: Any, margin: Any = 1.0, reduction: Any = "mean") -> Tensor:
    """max(0, margin - target input), of targets -1 and 1."""
    x, target = paired(input, target)
    return reduced(F["relu"](real(margin, "margin") - target * x), reduction)


@named("hinge_embedding_loss", "hinge_embedding")
def hinge_embedding_loss(
    input: Any, target: Any, margin: Any = 1.0, reduction: Any = "mean"
) -> Tensor:
    """The input where the target is 1, max(0, margin - input) where it is -1."""
    x, target = paired(input, target)
    apart = above(real(margin, "margin") - x)
    values = F["where"](target != 1, apart, 0) + F["where"](target != -1, x, 0)
    return reduced(values, reduction)


@named("margin_ranking_loss", "margin_ranking")
def margin_ranking_loss(
    input1: Any, input2: Any, target: Any, margin: Any = 0.0, reduction: Any = "mean"
) -> Tensor:
    """max(0, margin - target (input1 - input2)): a target of 1 wants the first to be larger."""
    x1, x2 = paired(input1, input2)
    x1, target = paired(x1, target)
    return reduced(above(-target * (x1 - x2) + real(margin, "margin")), reduction)


@named("cosine_embedding_loss", "cosine_embedding")
def cosine_embedding_loss(
    input1: Any, input2: Any, target: Any, margin: Any = 0.0, reduction: Any = "mean"
) -> Tensor:
    """1 - cosine where the target is 1, max(0, cosine - margin) where it is -1."""
    cosine = cosine_similarity(floating(input1), floating(input2))
    cosine, target = paired(cosine, target)
    apart = above(cosine - real(margin, "margin"))
    values = F["where"](target == -1, apart, 0) + F["where"](target == 1, 1 - cosine, 0)
    return reduced(values, reduction)


@named("triplet_margin_loss", "triplet_margin")
def triplet_margin_loss(
    anchor: Any,
    positive: Any,
    negative: Any,
    margin: Any = 1.0,
    p: Any = 2.0,
    eps: Any = 1e-6,
    swap: Any = False,
    reduction: Any = "mean",
) -> Tensor:
    """max(0, margin + distance to the positive - distance to the negative).

    With `swap` the negative's distance is the lesser of those to the anchor and the positive.
    """
    anchor, positive, negative = floating(anchor), floating(positive), floating(negative)
    near = pairwise_distance(anchor, positive, p, eps)
    far = pairwise_distance(anchor, negative, p, eps)
    if truth(swap, "swap"):
        far = F["minimum"](far, pairwise_distance(positive, negative, p, eps))
    return reduced(above(near - far + real(margin, "margin")), reduction)


@named("soft_margin_loss")
def soft_margin_loss(input: Any, target: Any, reduction: Any = "mean") -> Tensor:
    """log(1 + exp(-target input)), of targets -1 and 1."""
    x, target = paired(input, target)
    return reduced(F["softplus"](-target * x), reduction)


@named("multi_margin_loss")
def multi_margin_loss(
    input: Any,
    target: Any,
    p: Any = 1,
    margin: Any = 1.0,
    weight: Any = None,
    reduction: Any = "mean",
) -> Tensor:
    """The mean over classes of max(0, margin - x[target] + x) to a power, the target's left out."""
    scores = floating(input)
    rows = scores if scores.ndim == 2 else scores[None]
    places = F["reshape"](as_operand(target), (-1, 1))
    if scores.ndim not in (1, 2) or places.dtype.kind not in "iu" or len(places) != len(rows):
        raise WrongType("multi_margin_loss takes rows of scores and an integer for each")
    if p not in (1, 2):
        raise WrongValue("multi_margin_loss: p is 1 or 2")
    own = F["gather"](rows, 1, places)
    values = above(real(margin, "margin") - own + rows) ** p
    others = np.arange(rows.shape[1]) != places.value
    values = values * Tensor(np.asarray(others, rows.dtype))
    if weight is not None:
        values = values * F["take"](floating(weight, rows), places)
    each = F["sum"](values, 1) / rows.shape[1]
    return reduced(each if scores.ndim == 2 else each[0], reduction)


@named("multilabel_soft_margin_loss")
def multilabel_soft_margin_loss(
    input: Any, target: Any, weight: Any = None, reduction: Any = "mean"
) -> Tensor:
    """The mean over the last axis of the logistic losses of many labels, each 0 or 1."""
    x, target = paired(input, target)
    values = target * F["softplus"](-x) + (1 - target) * F["softplus"](x)
    if weight is not None:
        values = values * weight
    return reduced(F["mean"](values, -1), reduction)
