"""What layers of networks do, under PyTorch's names: affine maps, normalizations, dropout, tables.

They take weights as operands; `gradcli.nn` keeps them.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradcli.engine.apply import SINGLE, record
from gradcli.engine.functions.registry import FUNCTIONS as F
from gradcli.engine.functions.registry import named
from gradcli.engine.inplace import overwrite
from gradcli.engine.operands import as_operand
from gradcli.engine.ops import TABLE
from gradcli.engine.ops.axes import integer
from gradcli.engine.ops.gathering import whole
from gradcli.engine.ops.normalization import Frame
from gradcli.engine.ops.parameters import positive, real, truth
from gradcli.engine.randomness import stream
from gradcli.engine.tensor import Tensor
from gradcli.errors import DtypeMismatch, ShapeMismatch, WrongIndex, WrongValue

LINEAR = TABLE["linear"]

# ---- affine maps --------------------------------------------------------------------------------


@named("linear")
def linear(input: Any, weight: Any, bias: Any = None) -> Tensor:
    """input (…, n) times the transpose of weight (m, n), plus bias (m,)."""
    x, w = as_operand(input), as_operand(weight)
    rows, shape = x.value.shape, w.value.shape
    if len(shape) != 2 or not rows or rows[-1] != shape[1]:
        raise ShapeMismatch(f"a weight of shape {shape} does not fit an input of {rows}")
    if bias is None:
        return x @ SINGLE["t"](w, (-1, -2))
    b = as_operand(bias)
    if b.value.shape != shape[:1]:
        raise ShapeMismatch(f"a bias of shape {b.shape} does not fit {shape[0]} features")
    if len(rows) == 2:
        return record(LINEAR, (b, x, w), ())
    y = record(LINEAR, (b, x.reshape(-1, rows[-1]), w), ())
    return y.reshape(*rows[:-1], shape[0])


# ---- normalizations -----------------------------------------------------------------------------


def scales(weight: Any, bias: Any, shape: tuple[int, ...], x: Tensor) -> tuple[Tensor, Tensor]:
    """Weights and biases of this shape; by default 1 and 0."""
    found = []
    for given, default in ((weight, 1), (bias, 0)):
        scale = Tensor(np.full(shape, default, x.dtype)) if given is None else as_operand(given)
        if scale.shape != shape:
            raise ShapeMismatch(f"a weight or bias of shape {scale.shape} does not fit {shape}")
        found.append(scale)
    return found[0], found[1]


@named("batch_norm")
def batch_norm(
    input: Any,
    running_mean: Any,
    running_var: Any,
    weight: Any = None,
    bias: Any = None,
    training: Any = False,
    momentum: Any = 0.1,
    eps: Any = 1e-5,
) -> Tensor:
    """Each channel of (N, C, …) less its mean, over its deviation, times weight, plus bias.

    In training these are the batch's own, and what runs moves towards them by `momentum`; else, if
    given, those that run.
    """
    x, small = as_operand(input), positive(eps, "eps")
    if x.ndim < 2:
        raise ShapeMismatch(f"batch_norm takes an input of shape (N, C, …), not {x.shape}")
    own = truth(training, "training")
    if not own and (running_mean is None or running_var is None):
        raise WrongValue("batch_norm outside training needs running_mean and running_var")
    n, channels, *axes = x.shape
    shape = (n, channels, math.prod(axes))
    frame = Frame(shape, (-3, -1), shape, (channels, 1))
    w, b = scales(weight, bias, (channels,), x)
    if not own:
        return fixed(x, as_operand(running_mean), as_operand(running_var), w, b, small)
    count = n * math.prod(axes)
    if count < 2:
        raise WrongValue(
            f"one number a channel, as in shape {x.shape}, has no variance to normalize by",
            hint="a larger batch, or eval()",
        )
    y = record(TABLE["native_batch_norm"], (x, w, b), (frame, small))
    if running_mean is not None and running_var is not None:
        follow(x.value.reshape(shape), running_mean, running_var, real(momentum, "momentum"))
    return y


def fixed(x: Tensor, mean: Tensor, var: Tensor, w: Tensor, b: Tensor, eps: float) -> Tensor:
    """Normalized by statistics that are constants."""
    shape = (-1, *(1,) * (x.ndim - 2))
    scale = w / F["sqrt"](var + eps)
    offset = b - mean * scale
    return x * scale.reshape(*shape) + offset.reshape(*shape)


def follow(x: Any, mean: Tensor, var: Tensor, momentum: float) -> None:
    """Move the mean and the unbiased variance that run towards those of x (N, C, places)."""
    count = x.shape[0] * x.shape[2]
    own = x.mean(axis=(-3, -1))
    centred = x - own[:, None]
    spread = np.add.reduce(centred * centred, axis=(-3, -1)) / (count - 1)
    for running, new in ((mean, own), (var, spread)):

        def move(value: Any, new: Any = new) -> None:
            value += momentum * (new - value)

        overwrite(running, move)


@named("layer_norm")
def layer_norm(
    input: Any, normalized_shape: Any, weight: Any = None, bias: Any = None, eps: Any = 1e-5
) -> Tensor:
    """The last axes, of this shape, less their mean, over their deviation; weight and bias."""
    x = as_operand(input)
    given = normalized_shape if isinstance(normalized_shape, list | tuple) else [normalized_shape]
    shape = tuple(integer(n, "a length") for n in given)
    if not shape or x.shape[-len(shape) :] != shape:
        raise ShapeMismatch(f"layer_norm over {shape} does not fit an input of shape {x.shape}")
    each = math.prod(shape)
    rows = (math.prod(x.shape[: x.ndim - len(shape)]), each)
    frame = Frame(rows, (-1,), rows, (each,))
    operands = (x, *scales(weight, bias, shape, x))
    return record(TABLE["native_layer_norm"], operands, (frame, positive(eps, "eps")))


@named("group_norm")
def group_norm(
    input: Any, num_groups: Any, weight: Any = None, bias: Any = None, eps: Any = 1e-5
) -> Tensor:
    """Groups of channels of (N, C, …) less their mean, over their deviation; weight and bias."""
    x, groups = as_operand(input), integer(num_groups, "the number of groups")
    if x.ndim < 2 or groups < 1 or x.shape[1] % groups:
        raise ShapeMismatch(f"{groups} groups do not fit an input of shape {x.shape}")
    n, channels, *axes = x.shape
    places = math.prod(axes)
    frame = Frame(
        (n, groups, channels // groups * places), (-1,), (n, channels, places), (channels, 1)
    )
    operands = (x, *scales(weight, bias, (channels,), x))
    return record(TABLE["native_group_norm"], operands, (frame, positive(eps, "eps")))


@named("instance_norm")
def instance_norm(
    input: Any,
    running_mean: Any = None,
    running_var: Any = None,
    weight: Any = None,
    bias: Any = None,
    use_input_stats: Any = True,
    momentum: Any = 0.1,
    eps: Any = 1e-5,
) -> Tensor:
    """Each channel of each of (N, C, …) less its own mean, over its deviation; weight and bias.

    Without `use_input_stats` by the statistics that run; with it these move towards the mean of
    the images' own, if they are given.
    """
    x = as_operand(input)
    if x.ndim < 3:
        raise ShapeMismatch(f"instance_norm takes an input of shape (N, C, …), not {x.shape}")
    n, channels, *axes = x.shape
    if not truth(use_input_stats, "use_input_stats"):
        return batch_norm(x, running_mean, running_var, weight, bias, False, momentum, eps)
    count = math.prod(axes)
    if count < 2:
        raise WrongValue(f"one number a channel, as in shape {x.shape}, has no variance")
    if running_mean is not None and running_var is not None:
        share = real(momentum, "momentum")
        each = x.value.reshape(n, channels, count)
        new = each.mean(axis=(0, 2)), each.var(axis=2, ddof=1).mean(axis=0)
        for running, own in zip((running_mean, running_var), new, strict=True):

            def move(value: Any, own: Any = own) -> None:
                value += share * (own - value)

            overwrite(running, move)
    return group_norm(x, channels, weight, bias, eps)


@named("rms_norm")
def rms_norm(input: Any, normalized_shape: Any, weight: Any = None, eps: Any = None) -> Tensor:
    """x / sqrt(mean x^2 + eps) over the last axes, of this shape, times the weight."""
    x = as_operand(input)
    given = normalized_shape if isinstance(normalized_shape, list | tuple) else [normalized_shape]
    shape = tuple(integer(n, "a length") for n in given)
    if not shape or x.shape[-len(shape) :] != shape:
        raise ShapeMismatch(f"rms_norm over {shape} does not fit an input of shape {x.shape}")
    small = float(np.finfo(x.dtype).eps) if eps is None else positive(eps, "eps")
    mean = F["mean"](x * x, tuple(range(-len(shape), 0)), True)
    y: Tensor = x * F["rsqrt"](mean + small)
    return y if weight is None else y * as_operand(weight)


@named("bilinear")
def bilinear(input1: Any, input2: Any, weight: Any, bias: Any = None) -> Tensor:
    """a' W_k b for every k, of weight (m, p, q), for the last axes of a (…, p) and b (…, q)."""
    a, b, w = as_operand(input1), as_operand(input2), as_operand(weight)
    if w.ndim != 3 or a.ndim < 1 or b.ndim < 1 or w.shape[1:] != (a.shape[-1], b.shape[-1]):
        raise ShapeMismatch(
            f"a weight of shape {w.shape} does not fit inputs of {a.shape} and {b.shape}"
        )
    y: Tensor = F["einsum"]("...p,kpq,...q->...k", a, w, b)
    return y if bias is None else y + as_operand(bias)


# ---- dropout ------------------------------------------------------------------------------------


def probability(p: Any) -> float:
    rate = real(p, "a probability")
    if not 0 <= rate <= 1:
        raise WrongValue("a probability is from 0 to 1")
    return rate


@named("dropout")
def dropout(input: Any, p: Any = 0.5, training: Any = True) -> Tensor:
    """In training every element is 0 with probability p, else it is divided by 1 - p."""
    x, rate = as_operand(input), probability(p)
    if not truth(training, "training") or rate == 0:
        return x
    return x * kept(x.shape, rate, x)


def kept(shape: tuple[int, ...], rate: float, like: Tensor) -> Tensor:
    """0 with this probability, else what keeps the mean."""
    if like.dtype.kind not in "fc":
        raise DtypeMismatch(f"dropout is not defined for {like.dtype}", hint="cast it to float32")
    drawn = stream.generator.random(shape) < 1 - rate
    scale = 0.0 if rate == 1 else 1 / (1 - rate)
    return Tensor(np.multiply(drawn, scale, dtype=like.dtype))


def channels_dropped(rank: int, input: Any, p: Any, training: Any) -> Tensor:
    """Whole channels of (N, C, *axes), or (C, *axes), at a time."""
    x, rate = as_operand(input), probability(p)
    if x.ndim not in (rank + 1, rank + 2):
        raise ShapeMismatch(f"dropout{rank}d takes {rank + 1} or {rank + 2} axes, not {x.ndim}")
    if not truth(training, "training") or rate == 0:
        return x
    return x * kept((*x.shape[: x.ndim - rank], *(1,) * rank), rate, x)


@named("dropout1d")
def dropout1d(input: Any, p: Any = 0.5, training: Any = True) -> Tensor:
    """In training every channel of (N, C, L) is 0 with probability p, else divided by 1 - p."""
    return channels_dropped(1, input, p, training)


@named("dropout2d")
def dropout2d(input: Any, p: Any = 0.5, training: Any = True) -> Tensor:
    """In training every channel of (N, C, H, W) is 0 with probability p, else divided by 1 - p."""
    return channels_dropped(2, input, p, training)


# How far SELU goes below 0: its scale times its alpha.
DEPTH = 1.7580993408473766


@named("alpha_dropout")
def alpha_dropout(input: Any, p: Any = 0.5, training: Any = False) -> Tensor:
    """In training every element is SELU's lowest with probability p; mean and variance stay.

    G. Klambauer and others, Self-normalizing neural networks, 2017.
    """
    x, rate = as_operand(input), probability(p)
    if not truth(training, "training") or rate == 0:
        return x
    if rate == 1:
        return x * 0
    scale = 1 / math.sqrt((DEPTH * DEPTH * rate + 1) * (1 - rate))
    stays = np.asarray(stream.generator.random(x.shape) < 1 - rate, x.dtype)
    offset = (stays - 1) * (DEPTH * scale) + DEPTH * scale * rate
    y: Tensor = x * Tensor(stays * x.dtype.type(scale)) + Tensor(offset.astype(x.dtype))
    return y


# ---- tables -------------------------------------------------------------------------------------


@named("embedding")
def embedding(input: Any, weight: Any, padding_idx: Any = None) -> Tensor:
    """Rows of weight (n, m), by their numbers; the row of `padding_idx` gets no gradient."""
    index = np.asarray(whole(as_operand(input, np.int64(0)), "the numbers of rows").value)
    table = as_operand(weight)
    if table.ndim != 2:
        raise ShapeMismatch(f"the table of an embedding is a matrix, not of shape {table.shape}")
    count = table.shape[0]
    outside = index[(index < 0) | (index >= count)]
    if outside.size:
        raise WrongIndex(f"{outside.flat[0]} is none of the {count} rows, from 0 to {count - 1}")
    rows = record(TABLE["embedding"], (table, Tensor(index)), ())
    if padding_idx is None:
        return rows
    pad = integer(padding_idx, "padding_idx")
    if not -count <= pad < count:
        raise WrongIndex(f"padding_idx is none of the {count} rows")
    pad %= count
    return F["where"]((index == pad)[..., None], rows.detach(), rows)
