"""`torch.nn.functional`: what it has otherwise than the op table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gradcli.engine.functions import FUNCTIONS as F
from gradcli.engine.functions import IN_PLACE
from gradcli.engine.randomness import stream
from gradcli.engine.tensor import Tensor
from gradcli.errors import WrongType, WrongValue
from gradcli.lang.frameworks.factories import operand
from gradcli.lang.frameworks.torch import functions as torch_functions
from gradcli.lang.frameworks.torch.losses import LOSSES
from gradcli.lang.operations import OPERATIONS
from gradcli.lang.operators import truth
from gradcli.nn.layers import shrink_rows


def implicit(name: str) -> Callable[..., Tensor]:
    """Along `dim`; without it along the second axis of matrices and images, else the first."""

    def call(input: Any, dim: Any = None, _stacklevel: Any = 3, dtype: Any = None) -> Tensor:
        x = operand(input) if dtype is None else OPERATIONS["astype"](input, dtype)
        usual = 0 if x.ndim in (0, 1, 3) else 1
        return F[name](x, usual if dim is None else dim)

    return call


def in_place(name: str, count: int) -> Callable[..., Tensor]:
    """A function whose last option, after so many others, is whether it overwrites its input."""

    def call(input: Any, *options: Any, inplace: Any = False, **named: Any) -> Tensor:
        if len(options) > count:
            *options, inplace = options  # type: ignore[assignment]  # a list does as well
        if not truth(inplace):
            return F[name](input, *options, **named)
        if f"{name}_" in IN_PLACE:
            return IN_PLACE[f"{name}_"](input, *options, **named)
        return IN_PLACE["copy_"](input, F[name](input, *options, **named))

    return call


# How many options stand before `inplace`.
OPTIONS: dict[str, int] = {
    **dict.fromkeys(("celu", "elu", "leaky_relu"), 1),
    **dict.fromkeys(("dropout", "dropout1d", "dropout2d", "alpha_dropout"), 2),
    **dict.fromkeys(("hardsigmoid", "hardswish", "mish", "relu", "relu6", "selu", "silu"), 0),
    **dict.fromkeys(("hardtanh", "threshold"), 2),
}


def embedding(
    input: Any,
    weight: Any,
    padding_idx: Any = None,
    max_norm: Any = None,
    norm_type: Any = 2.0,
    scale_grad_by_freq: Any = False,
    sparse: Any = False,
) -> Tensor:
    if truth(scale_grad_by_freq) or truth(sparse):
        raise WrongValue("embedding: scale_grad_by_freq and sparse are False here")
    if max_norm is not None:
        shrink_rows(operand(weight), operand(input), max_norm, norm_type)
    return F["embedding"](input, weight, padding_idx)


def gumbel_softmax(
    logits: Any, tau: Any = 1, hard: Any = False, eps: Any = 1e-10, dim: Any = -1
) -> Tensor:
    """Shares that are near to one of their corners, each as often as the logits say.

    E. Jang and others, Categorical reparameterization with Gumbel-softmax, 2016. `hard` gives the
    corner itself, with the derivatives of the shares.
    """
    x = operand(logits)
    if x.dtype.kind != "f":
        raise WrongType("gumbel_softmax takes real numbers")
    # Exponential numbers, drawn in double precision as PyTorch does; less their logarithms.
    drawn: Any = -np.log1p(-np.asarray(stream.generator.random(x.shape)))
    noise = Tensor(-np.log(np.asarray(drawn, x.dtype)))
    shares = F["softmax"]((x + noise) / tau, dim)
    if not truth(hard):
        return shares
    place = F["argmax"](shares, dim, True)
    corner = F["scatter"](F["zeros_like"](shares.detach()), dim, place, 1.0)
    y: Tensor = corner - shares.detach() + shares
    return y


def largest(name: str) -> Callable[..., Tensor]:
    """A pool of the largest, which gives no indices here."""

    def call(*arguments: Any, return_indices: Any = False, **named: Any) -> Tensor:
        if len(arguments) == 7:
            *arguments, return_indices = arguments  # type: ignore[assignment]  # the same
        if truth(return_indices):
            raise WrongValue(f"{name} gives no indices here: return_indices=False")
        return F[name](*arguments, **named)

    return call


FURTHER: dict[str, Callable[..., Any]] = {
    **{name: implicit(name) for name in ("log_softmax", "softmax", "softmin")},
    **{name: in_place(name, count) for name, count in OPTIONS.items()},
    **{name: largest(name) for name in ("max_pool1d", "max_pool2d")},
    **LOSSES,
    "embedding": embedding,
    "fold": F["col2im"],
    "gumbel_softmax": gumbel_softmax,
    "pad": torch_functions.pad,
    "unfold": F["im2col"],
    "upsample": F["interpolate"],
}
