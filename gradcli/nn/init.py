"""Initialisers: they overwrite a tensor, outside the graph, and return it.

Their numbers come from one stream, which `manual_seed` begins anew. Formulas: X. Glorot and
Y. Bengio, Understanding the difficulty of training deep feedforward neural networks, 2010 (xavier);
K. He and others, Delving deep into rectifiers, 2015 (kaiming).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradcli.engine.inplace import overwrite
from gradcli.engine.ops.parameters import choice
from gradcli.engine.randomness import stream
from gradcli.engine.tensor import Tensor
from gradcli.errors import ShapeMismatch, WrongValue
from gradcli.nn.module import writer

# ---- numbers ------------------------------------------------------------------------------------


def constant_(tensor: Tensor, val: float) -> Tensor:
    overwrite(tensor, writer(val))
    return tensor


def ones_(tensor: Tensor) -> Tensor:
    return constant_(tensor, 1)


def zeros_(tensor: Tensor) -> Tensor:
    return constant_(tensor, 0)


def eye_(tensor: Tensor) -> Tensor:
    if tensor.ndim != 2:
        raise ShapeMismatch(f"eye_ is for matrices; the shape is {tensor.shape}")
    overwrite(tensor, writer(np.eye(tensor.shape[0], tensor.shape[1])))
    return tensor


def drawable(tensor: Tensor) -> Any:
    """The dtype to draw in: the tensor's own, if it is one of real numbers."""
    return np.float32 if tensor.dtype == np.float32 else np.float64


def uniform_(tensor: Tensor, a: float = 0.0, b: float = 1.0) -> Tensor:
    """Evenly between a and b."""
    overwrite(tensor, writer(a + (b - a) * stream.generator.random(tensor.shape, drawable(tensor))))
    return tensor


def normal_(tensor: Tensor, mean: float = 0.0, std: float = 1.0) -> Tensor:
    drawn = stream.generator.standard_normal(tensor.shape, drawable(tensor))
    overwrite(tensor, writer(mean + std * drawn))
    return tensor


# Normal numbers are drawn where at least this share of them fits; how often, at most.
LEAST_SHARE, MOST_DRAWS = 0.3, 10_000


def trunc_normal_(
    tensor: Tensor, mean: float = 0.0, std: float = 1.0, a: float = -2.0, b: float = 2.0
) -> Tensor:
    """Normally, of what lies between a and b."""
    if not a < b or not 0 < std < math.inf or not math.isfinite(mean):
        raise WrongValue("trunc_normal_: a is less than b, std is positive, and mean finite")
    kind, low, high = drawable(tensor), (a - mean) / std, (b - mean) / std
    share = (math.erf(high / math.sqrt(2)) - math.erf(low / math.sqrt(2))) / 2
    peak = max(low, min(0.0, high)) ** 2  # of the squares that are drawn, the least

    def draw() -> Any:
        """Numbers, and whether each lies outside: of normal ones, or where these seldom fit of
        even ones, as many as the density asks for."""
        if share > LEAST_SHARE:
            drawn = mean + std * stream.generator.standard_normal(tensor.shape, kind)
            return drawn, (drawn < a) | (drawn > b)
        drawn = a + (b - a) * stream.generator.random(tensor.shape, kind)
        chance = np.log(stream.generator.random(tensor.shape, kind))
        return drawn, chance > (peak - ((drawn - mean) / std) ** 2) / 2

    if share <= LEAST_SHARE and not math.isfinite(b - a):
        raise WrongValue(f"trunc_normal_: next to nothing lies between {a} and {b}")
    with np.errstate(divide="ignore"):
        drawn, outside = draw()
        for _ in range(MOST_DRAWS):
            if not np.any(outside):
                break
            again, still = draw()  # all anew, as PyTorch does
            drawn, outside = np.where(outside, again, drawn), outside & still
        else:
            raise WrongValue(f"trunc_normal_: next to nothing lies between {a} and {b}")
    overwrite(tensor, writer(drawn))
    return tensor


def orthogonal_(tensor: Tensor, gain: float = 1.0) -> Tensor:
    """Rows, or columns if there are fewer, of length `gain` and at right angles."""
    if tensor.ndim < 2:
        raise ShapeMismatch(f"orthogonal_ is for matrices; the shape is {tensor.shape}")
    rows = tensor.shape[0]
    columns = tensor.size // rows
    drawn = stream.generator.standard_normal((rows, columns), drawable(tensor))
    q, r = np.linalg.qr(drawn if rows >= columns else drawn.T)
    q *= np.sign(np.diagonal(r))
    overwrite(tensor, writer(gain * (q if rows >= columns else q.T).reshape(tensor.shape)))
    return tensor


# ---- by the numbers of inputs and outputs -------------------------------------------------------

GAINS = {
    "tanh": 5 / 3,
    "relu": math.sqrt(2),
    "selu": 3 / 4,
    **dict.fromkeys(("linear", "sigmoid", "conv1d", "conv2d", "conv3d"), 1.0),
}


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """What keeps the size of values through an activation."""
    if nonlinearity == "leaky_relu":
        return math.sqrt(2 / (1 + (0.01 if param is None else param) ** 2))
    return GAINS[choice(nonlinearity, "nonlinearity", GAINS)]


def fans(tensor: Tensor) -> tuple[int, int]:
    """How many inputs a result of a weight (out, in, *kernel) has, and how many results an input.

    Both count the places of the kernel.
    """
    if tensor.ndim < 2:
        raise ShapeMismatch(f"a weight has at least two axes; the shape is {tensor.shape}")
    places = math.prod(tensor.shape[2:])
    return tensor.shape[1] * places, tensor.shape[0] * places


def xavier_uniform_(tensor: Tensor, gain: float = 1.0) -> Tensor:
    bound = gain * math.sqrt(6 / sum(fans(tensor)))
    return uniform_(tensor, -bound, bound)


def xavier_normal_(tensor: Tensor, gain: float = 1.0) -> Tensor:
    return normal_(tensor, 0, gain * math.sqrt(2 / sum(fans(tensor))))


def kaiming_deviation(tensor: Tensor, a: float, mode: str, nonlinearity: str) -> float:
    fan = dict(zip(("fan_in", "fan_out"), fans(tensor), strict=True))
    return calculate_gain(nonlinearity, a) / math.sqrt(fan[choice(mode, "mode", fan)])


def kaiming_uniform_(
    tensor: Tensor, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu"
) -> Tensor:
    """Evenly, for layers before rectifiers whose slope below 0 is a."""
    bound = math.sqrt(3) * kaiming_deviation(tensor, a, mode, nonlinearity)
    return uniform_(tensor, -bound, bound)


def kaiming_normal_(
    tensor: Tensor, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu"
) -> Tensor:
    """The same, normally."""
    return normal_(tensor, 0, kaiming_deviation(tensor, a, mode, nonlinearity))


def affine_(weight: Tensor, bias: Any) -> None:
    """The defaults of layers with a weight: both evenly, up to the inverse root of the inputs."""
    if not weight.size:
        return
    kaiming_uniform_(weight, math.sqrt(5))
    if bias is not None:
        bound = 1 / math.sqrt(fans(weight)[0])
        uniform_(bias, -bound, bound)
