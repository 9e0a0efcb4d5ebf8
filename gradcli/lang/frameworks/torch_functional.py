"""`torch.nn.functional`: what it has otherwise than the op table."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from gradcli.engine.functions import FUNCTIONS as F
from gradcli.engine.tensor import Tensor
from gradcli.errors import WrongValue
from gradcli.lang.frameworks import torch_functions
from gradcli.lang.frameworks.factories import operand
from gradcli.lang.operators import truth
from gradcli.lang.values import LISTS


def implicit(name: str) -> Callable[..., Tensor]:
    """Along `dim`; without it along the second axis of matrices and images, else the first."""

    def call(input: Any, dim: Any = None) -> Tensor:
        usual = 0 if operand(input).ndim in (0, 1, 3) else 1
        return F[name](input, usual if dim is None else dim)

    return call


def relu(input: Any, inplace: Any = False) -> Tensor:
    return input.relu_() if inplace is True else F["relu"](input)


def scaled_dot_product_attention(
    query: Any,
    key: Any,
    value: Any,
    attn_mask: Any = None,
    dropout_p: Any = 0.0,
    is_causal: Any = False,
    *,
    scale: Any = None,
) -> Tensor:
    """softmax(q kᵀ / √d) v; a mask of truths keeps, a mask of numbers is added."""
    width = operand(query).shape[-1] if operand(query).ndim else 1
    factor = 1 / math.sqrt(width) if scale is None else scale
    scores = F["matmul"](query, F["swapaxes"](operand(key), -1, -2)) * factor
    if truth(is_causal):
        if attn_mask is not None:
            raise WrongValue("scaled_dot_product_attention: a mask, or is_causal, not both")
        attn_mask = Tensor(np.tri(*scores.shape[-2:], dtype=bool))
    if attn_mask is not None:
        mask = operand(attn_mask)
        if mask.dtype.kind == "b":
            scores = F["masked_fill"](scores, F["invert"](mask), -math.inf)
        else:
            scores = scores + mask
    weights = F["dropout"](F["softmax"](scores, -1), dropout_p, True)
    return F["matmul"](weights, value)


def rms_norm(input: Any, normalized_shape: Any, weight: Any = None, eps: Any = None) -> Tensor:
    """x / √(mean x² + ε) over the last axes, times the weight."""
    x = operand(input)
    axes = len(normalized_shape) if type(normalized_shape) in LISTS else 0
    if not axes or x.shape[x.ndim - axes :] != tuple(normalized_shape):
        raise WrongValue("rms_norm: normalized_shape is that of the last axes")
    small = float(np.finfo(x.dtype).eps) if eps is None else eps
    mean = F["mean"](x * x, tuple(range(-axes, 0)), True)
    y: Tensor = x * F["rsqrt"](mean + small)
    return y if weight is None else y * weight


FURTHER: dict[str, Callable[..., Any]] = {
    **{name: implicit(name) for name in ("log_softmax", "softmax", "softmin")},
    "pad": torch_functions.pad,
    "relu": relu,
    "rms_norm": rms_norm,
    "scaled_dot_product_attention": scaled_dot_product_attention,
}
