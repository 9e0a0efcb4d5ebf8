"""Calls of activations and losses, and of the elementary functions that take parameters."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.engine.apply import record
from gradcli.engine.functions import FUNCTIONS as F
from gradcli.engine.ops import TABLE
from gradcli.engine.tensor import Tensor

SHAPES: tuple[tuple[int, ...], ...] = ((), (2, 3))


def called(name: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """An elementwise function with parameters, of a number and of a matrix."""
    return [(lambda x: F[name](x, *parameters), shape) for shape in SHAPES]


def logistic(name: str, **options: Any) -> Any:
    """A loss between probabilities, of any numbers."""
    return lambda x, t: F[name](F["sigmoid"](x), F["sigmoid"](t), **options)


def pairs(name: str, **options: Any) -> list[tuple[Any, ...]]:
    """A loss of an input and a target, in every reduction."""
    return [
        (lambda x, t, how=how: F[name](x, t, reduction=how, **options), shape, shape)
        for how, shape in (("mean", (2, 3)), ("sum", (3,)), ("none", (2, 2)), ("mean", ()))
    ]


def likelihood(name: str, target: Any, **options: Any) -> Any:
    return lambda x: F[name](x, target, **options)


def of_classes(name: str) -> list[tuple[Any, ...]]:
    """A loss of classes: of one sample, of several, of images; weighted, ignored, reduced."""
    return [
        (likelihood(name, [0, 2]), (2, 3)),
        (likelihood(name, 1), (3,)),
        (likelihood(name, [0, -100, 2], reduction="sum"), (3, 3)),
        (likelihood(name, [1, 1], reduction="none", weight=[0.5, 2, 1]), (2, 3)),
        (likelihood(name, [0, 2, 1], weight=[0.5, 2, 1], ignore_index=1), (3, 3)),
        (likelihood(name, np.array([[0, 1], [2, 2]])), (2, 3, 2)),
    ]


def slope(target: list[int], weight: list[float], *static: Any) -> Any:
    """The squares of the slope of a cross entropy: the sum of the slopes themselves is constant."""

    def call(x: Tensor) -> Tensor:
        operands = x, Tensor(np.array(target)), Tensor(np.array(weight, x.dtype))
        return record(TABLE["cross_entropy_slope"], operands, static) ** 2

    return call


def tens(x: Tensor) -> Tensor:
    return F["round"](x * 10, -1)


EXAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "leaky_relu": called("leaky_relu") + called("leaky_relu", 0.3),
    "threshold": called("threshold", 0.13, 20),
    "hardtanh": called("hardtanh") + called("hardtanh", -0.52, 1.51) + called("relu6"),
    "hardshrink": called("hardshrink", 2),
    "softshrink": called("softshrink", 2),
    "elu": called("elu") + called("elu", 0.7),
    "selu": called("selu"),
    "celu": [*called("celu"), *called("celu", 0.7), (lambda x: F["celu"](x / 8 + 0.5), (3,))],
    "hardswish": [(lambda x, at=at: F["hardswish"](x / 8 + at), (3,)) for at in (-2.4, 2.4)],
    "prelu": [(lambda x, a: F["prelu"](x / 8, a), (2, 3), (3,))],
    "sinc": [(lambda x: F["sinc"](x / 10), (2, 3)), (lambda x: F["sinc"](x * 3), (3,))],
    "softplus": called("softplus") + called("softplus", 2.5) + called("softplus", 1, 1.51),
    "gelu": called("gelu") + called("gelu", "tanh"),
    "round_decimals": [(tens, ()), (tens, (2, 3))],
    "nan_to_num": called("nan_to_num"),
    "lerp": [
        (F["lerp"], (3,), (2, 1), ()),
        (lambda a, b: F["lerp"](a, b, 0.75), (3,), (3,)),
    ],
    "addcmul": [
        (F["addcmul"], (2, 3), (3,), (2, 1)),
        (lambda x, a, b: F["addcmul"](x, a, b, value=0.5), (), (2,), (2,)),
    ],
    "addcdiv": [
        (F["addcdiv"], (2, 3), (3,), (2, 1)),
        (lambda x, a, b: F["addcdiv"](x, a, b, value=0.5), (), (2,), (2,)),
    ],
    "native_batch_norm": [
        (
            lambda x, w, b: F["batch_norm"](x, None, None, w, b, training=True),
            *((3, 2, 2, 2), (2,), (2,)),
        ),
        (lambda x, w: F["batch_norm"](x, None, None, w, None, True, eps=0.5), (4, 1), (1,)),
    ],
    "native_layer_norm": [
        (lambda x, w, b: F["layer_norm"](x, (2, 3), w, b), (2, 2, 3), (2, 3), (2, 3)),
        (lambda x: F["layer_norm"](x, 4), (4,)),
    ],
    "native_group_norm": [
        (lambda x, w, b: F["group_norm"](x, 2, w, b, eps=0.1), (2, 4, 3), (4,), (4,)),
    ],
    "softmax": [
        (F["softmax"], (4,)),
        (F["softmax"], (2, 3)),
        (lambda x: F["softmax"](x, axis=0), (3, 2)),
        (lambda x: F["softmin"](x, 1), (2, 3, 2)),
    ],
    "log_softmax": [
        (F["log_softmax"], (4,)),
        (F["log_softmax"], (2, 3)),
        (lambda x: F["log_softmax"](x, axis=-2), (3, 2)),
    ],
    "glu": [(F["glu"], (2, 4)), (lambda x: F["glu"](x, 0), (2, 3))],
    "mse_loss": pairs("mse_loss"),
    "huber_loss": pairs("huber_loss", delta=0.77),
    "smooth_l1_loss": pairs("smooth_l1_loss")
    + pairs("smooth_l1_loss", beta=0)
    + pairs("smooth_l1_loss", beta=0.7),
    "binary_cross_entropy": [
        (logistic("binary_cross_entropy", reduction=how), shape, shape)
        for how, shape in (("mean", (2, 3)), ("sum", (3,)), ("none", (2, 2)), ("mean", ()))
    ],
    "binary_cross_entropy_with_logits": pairs("binary_cross_entropy_with_logits"),
    "nll_loss": of_classes("nll_loss"),
    "cross_entropy": of_classes("cross_entropy"),
    "cross_entropy_slope": [
        (slope([0, 2], [1.0, 1, 1], "mean", -100, -1), (2, 3)),
        (slope([0, 1, 2], [0.5, 2, 1], "none", 1, -1), (3, 3)),
        (slope([2, 0], [0.5, 2, 1], "sum", -100, -2), (3, 2)),
    ],
}
