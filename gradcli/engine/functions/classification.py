"""Losses of classes: likelihood and cross entropy, under PyTorch's names and with its defaults."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.engine.apply import record
from gradcli.engine.functions.losses import REDUCTIONS, floating, reduced
from gradcli.engine.functions.registry import FUNCTIONS as F
from gradcli.engine.functions.registry import named
from gradcli.engine.operands import as_operand
from gradcli.engine.ops import TABLE
from gradcli.engine.ops.axes import integer
from gradcli.engine.ops.parameters import choice, real
from gradcli.engine.tensor import Tensor
from gradcli.errors import ShapeMismatch, WrongIndex, WrongType, WrongValue

# ---- operands -----------------------------------------------------------------------------------


def class_weights(weight: Any, x: Tensor, axis: int) -> Tensor:
    """One for each class, by default 1 for all."""
    if weight is None:
        return Tensor(x.dtype.type(1))
    count = x.shape[axis]
    weights = floating(weight, x)
    if weights.requires_grad:
        raise WrongType(
            "the weights of classes take no gradient",
            hint="multiply what reduction='none' gives by weight[target]",
        )
    if weights.shape != (count,):
        raise ShapeMismatch(f"weights of shape {weights.shape} for {count} classes")
    return weights


def classes(target: Any, x: Tensor, axis: int, ignored: int) -> tuple[Tensor, int | None]:
    """The class of each sample, as integers that are classes of x; and what of them is ignored."""
    value = as_operand(target, np.int64(0)).taken()
    if value.dtype.kind == "f" and np.all(np.rint(value) == value):
        value = value.astype(np.int64)
    if value.dtype.kind not in "iu":
        raise WrongType("a target of classes holds integers, from 0")
    scores = x.value.shape
    at = len(scores) + axis
    shape, count = scores[:at] + scores[at + 1 :], scores[at]
    if value.shape != shape:
        raise ShapeMismatch(
            f"a target of shape {value.shape} for an input of shape {x.shape}",
            hint=f"classes have shape {shape}",
        )
    value = value.astype(np.int64, copy=False)
    # As numbers without a sign negative ones are the largest.
    if not value.size or np.maximum.reduce(value.view(np.uint64), None) < count:
        return Tensor(value), ignored if 0 <= ignored < count else None
    outside = value[(value != ignored) & ((value < 0) | (value >= count))]
    if outside.size:
        raise WrongIndex(
            f"the target's class {outside.flat[0]} is not one of the {count}, from 0 to {count - 1}"
        )
    return Tensor(value), ignored


def class_axis(x: Tensor) -> int:
    """Axis 1, or of a single sample its only one, counted from the end."""
    rank = x.value.ndim
    if not rank:
        raise ShapeMismatch("the input has an axis of classes; it is not a number")
    return -1 if rank == 1 else 1 - rank


# ---- losses -------------------------------------------------------------------------------------


@named("nll_loss", "nll")
def nll_loss(
    input: Any,
    target: Any,
    weight: Any = None,
    ignore_index: Any = -100,
    reduction: Any = "mean",
) -> Tensor:
    """Minus the input at the target's class, of an input of log-probabilities.

    Classes are along axis 1, or the only one; the mean is weighted, and leaves out samples whose
    class is `ignore_index`.
    """
    return likelihood("nll_loss", floating(input), target, weight, ignore_index, reduction)


def likelihood(
    row: str, x: Tensor, target: Any, weight: Any, ignore_index: Any, reduction: Any
) -> Tensor:
    """A row that weighs log-probabilities, or scores, by the classes of the target."""
    axis = class_axis(x)
    how = choice(reduction, "reduction", REDUCTIONS)
    places, ignored = classes(target, x, axis, integer(ignore_index, "ignore_index"))
    operands = x, places, class_weights(weight, x, axis)
    return record(TABLE[row], operands, (how, ignored, axis))


@named("cross_entropy", "cross_entropy_loss")
def cross_entropy(
    input: Any,
    target: Any,
    weight: Any = None,
    ignore_index: Any = -100,
    reduction: Any = "mean",
    label_smoothing: Any = 0.0,
) -> Tensor:
    """Minus the log-softmax of the input at the target: classes, or a probability for each.

    Classes are along axis 1, or the only one; a target of the input's shape holds probabilities.
    """
    x = floating(input)
    axis = class_axis(x)
    how = choice(reduction, "reduction", REDUCTIONS)
    smoothing = real(label_smoothing, "label_smoothing")
    if not 0 <= smoothing <= 1:
        raise WrongValue("label_smoothing is from 0 to 1")
    target = as_operand(target, np.int64(0))
    if target.ndim != x.ndim and not smoothing:
        return likelihood("cross_entropy", x, target, weight, ignore_index, how)
    logs = F["log_softmax"](x, axis)
    if target.ndim != x.ndim:
        likely = nll_loss(logs, target, weight, ignore_index, how)
        smooth = smoothed(logs, target, weight, ignore_index, how)
        return likely * (1 - smoothing) + smooth * (smoothing / x.shape[axis])
    target = floating(target, x)
    if target.shape != x.shape:
        raise ShapeMismatch(f"a target of shape {target.shape} for an input of shape {x.shape}")
    if smoothing:
        target = target * (1 - smoothing) + smoothing / x.shape[axis]
    if weight is not None:
        along = (-1,) + (1,) * (-1 - axis)
        target = target * class_weights(weight, x, axis).reshape(*along)
    products = logs * target
    if how == "none":
        return -F["sum"](products, axis)
    total = -F["sum"](products)
    return total / (x.size // x.shape[axis]) if how == "mean" and x.size else total


def smoothed(logs: Tensor, target: Tensor, weight: Any, ignore_index: Any, how: str) -> Tensor:
    """Minus the weighted sum of all log-probabilities of each sample that is not ignored."""
    axis = class_axis(logs)
    weights = class_weights(weight, logs, axis)
    if not weights.shape:
        weights = Tensor(np.ones(logs.shape[axis], logs.dtype))
    ignored = integer(ignore_index, "ignore_index")
    place = classes(target, logs, axis, ignored)[0].value
    counted = place != ignored
    along = (-1,) + (1,) * (-1 - axis)
    values = -F["sum"](logs * weights.reshape(*along), axis)
    values = F["where"](counted, values, 0)
    if how != "mean":
        return reduced(values, how)
    whole = np.sum(weights.value[place[counted]])
    return F["div"](F["sum"](values), whole)
