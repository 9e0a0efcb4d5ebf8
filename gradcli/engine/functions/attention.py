"""Attention: means of values, weighted by how much their keys agree with a query.

A. Vaswani and others, Attention is all you need, 2017.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradcli.engine.functions.registry import FUNCTIONS as F
from gradcli.engine.functions.registry import named
from gradcli.engine.operands import as_operand
from gradcli.engine.ops.parameters import truth
from gradcli.engine.tensor import Tensor
from gradcli.errors import ShapeMismatch, WrongValue


def shares(query: Tensor, key: Tensor, mask: Any, scale: float) -> Tensor:
    """softmax(scale q kᵀ), with what a mask adds; where a mask of truths is false nothing is."""
    scores: Tensor = F["matmul"](query, F["swapaxes"](key, -1, -2)) * scale
    if mask is not None:
        if mask.dtype.kind == "b":
            scores = F["masked_fill"](scores, F["invert"](mask), -math.inf)
        else:
            scores = scores + mask
    return F["softmax"](scores, -1)


@named("scaled_dot_product_attention")
def scaled_dot_product_attention(
    query: Any,
    key: Any,
    value: Any,
    attn_mask: Any = None,
    dropout_p: Any = 0.0,
    is_causal: Any = False,
    scale: Any = None,
    enable_gqa: Any = False,
) -> Tensor:
    """softmax(q kᵀ / √d) v; a mask of truths keeps, a mask of numbers is added.

    is_causal   whether a query sees the keys up to its own place only
    enable_gqa  whether several heads of the query share one of the keys and values
    """
    q, k, v = as_operand(query), as_operand(key), as_operand(value)
    if min(q.ndim, k.ndim, v.ndim) < 2 or q.shape[-1] != k.shape[-1]:
        raise ShapeMismatch(f"queries of shape {q.shape} do not fit keys of shape {k.shape}")
    if truth(enable_gqa, "enable_gqa"):
        if q.ndim < 3 or k.ndim < 3 or q.shape[-3] % k.shape[-3]:
            raise ShapeMismatch(f"{k.shape[-3:-2]} heads of keys do not divide {q.shape[-3:-2]}")
        times = q.shape[-3] // k.shape[-3]
        k, v = F["repeat_interleave"](k, times, -3), F["repeat_interleave"](v, times, -3)
    mask = None if attn_mask is None else as_operand(attn_mask)
    if truth(is_causal, "is_causal"):
        if mask is not None:
            raise WrongValue("scaled_dot_product_attention: a mask, or is_causal, not both")
        mask = Tensor(np.tri(q.shape[-2], k.shape[-2], dtype=bool))
    factor = 1 / math.sqrt(q.shape[-1]) if scale is None else scale
    weights = F["dropout"](shares(q, k, mask, factor), dropout_p, True)
    return F["matmul"](weights, v)
