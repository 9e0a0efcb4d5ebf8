"""Attention in layers, with PyTorch's names for their parameters.

A. Vaswani and others, Attention is all you need, 2017.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradcli.engine.functions import FUNCTIONS as F
from gradcli.engine.functions.attention import shares
from gradcli.engine.functions.layers import linear
from gradcli.engine.tensor import Tensor
from gradcli.errors import ShapeMismatch, WrongType, WrongValue
from gradcli.nn import init
from gradcli.nn.layers import Linear
from gradcli.nn.module import Module
from gradcli.nn.parameter import blank

# ---- masks --------------------------------------------------------------------------------------


def additive(mask: Any, dtype: Any, what: str) -> Tensor | None:
    """What a mask adds to the scores: minus infinity where one of truths is true."""
    if mask is None:
        return None
    if type(mask) is not Tensor or mask.dtype.kind not in "bf":
        raise WrongType(f"{what} is a tensor of truths or of real numbers")
    if mask.dtype.kind == "f":
        return mask
    return Tensor(np.where(mask.value, -math.inf, 0.0).astype(dtype))


# ---- attention ----------------------------------------------------------------------------------


class NonDynamicallyQuantizableLinear(Linear):
    """Linear: PyTorch gives that of attention's outputs a name of its own."""


class MultiheadAttention(Module):
    """Several attentions side by side, each over a share of the numbers of a place.

    Sequences are (steps, batch, numbers), with `batch_first` (batch, steps, numbers), or one alone.
    """

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        add_bias_kv: bool = False,
        add_zero_attn: bool = False,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        if embed_dim < 1 or num_heads < 1 or embed_dim % num_heads:
            raise WrongValue(f"{num_heads} heads do not divide {embed_dim} numbers")
        if add_bias_kv or add_zero_attn:
            raise WrongValue("MultiheadAttention: add_bias_kv and add_zero_attn are False here")
        self.embed_dim, self.num_heads, self.head_dim = embed_dim, num_heads, embed_dim // num_heads
        self.kdim, self.vdim = kdim or embed_dim, vdim or embed_dim
        self.dropout, self.batch_first = dropout, batch_first
        self.packed = self.kdim == self.vdim == embed_dim
        widths = {"q": embed_dim, "k": self.kdim, "v": self.vdim}
        for name, width in widths.items():
            own = None if self.packed else blank(embed_dim, width, dtype=dtype)
            self.register_parameter(f"{name}_proj_weight", own)
        whole = blank(3 * embed_dim, embed_dim, dtype=dtype) if self.packed else None
        self.register_parameter("in_proj_weight", whole)
        offset = blank(3 * embed_dim, dtype=dtype) if bias else None
        self.register_parameter("in_proj_bias", offset)
        self.out_proj = NonDynamicallyQuantizableLinear(embed_dim, embed_dim, bias, dtype)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        for name in ("in_proj_weight", "q_proj_weight", "k_proj_weight", "v_proj_weight"):
            weight = self.members.parameters[name]
            if weight is not None:
                init.xavier_uniform_(weight)
        if self.in_proj_bias is not None:
            init.zeros_(self.out_proj.bias)

    def forward(
        self,
        query: Any,
        key: Any,
        value: Any,
        key_padding_mask: Any = None,
        need_weights: bool = True,
        attn_mask: Any = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[Tensor, Tensor | None]:
        """(the attended values, how much every query took of every key or None)."""
        if is_causal and attn_mask is None:
            raise WrongValue(
                "is_causal says that attn_mask is a causal one, so it needs one",
                hint="attn_mask=nn.Transformer.generate_square_subsequent_mask(steps)",
            )
        batched = query.ndim == 3
        first = self.batch_first or not batched
        q, k, v = (self.laid(x, batched, first) for x in (query, key, value))
        if k.shape[:2] != v.shape[:2] or k.shape[0] != q.shape[0]:
            raise ShapeMismatch(
                f"queries of shape {query.shape} do not fit keys of {key.shape} "
                f"and values of {value.shape}"
            )
        mask = self.mask(attn_mask, key_padding_mask, q, k)
        each = shares(*self.heads(q, k), mask, 1 / math.sqrt(self.head_dim))
        weights = F["dropout"](each, self.dropout, self.training)
        mixed = F["matmul"](weights, self.head(v, 2))
        y = self.out_proj(F["swapaxes"](mixed, 1, 2).reshape(*q.shape[:2], self.embed_dim))
        if not first:
            y = F["swapaxes"](y, 0, 1)
        shown = None
        if need_weights:
            shown = F["mean"](weights, 1) if average_attn_weights else weights
        if not batched:
            return y[0], None if shown is None else shown[0]
        return y, shown

    def laid(self, x: Any, batched: bool, first: bool) -> Tensor:
        """As (batch, steps, numbers)."""
        if x.ndim != 2 + batched:
            raise ShapeMismatch(f"a sequence of shape {x.shape} beside one of {2 + batched} axes")
        rows = x if batched else x[None]
        return rows if first else F["swapaxes"](rows, 0, 1)

    def heads(self, q: Tensor, k: Tensor) -> tuple[Tensor, Tensor]:
        return self.head(q, 0), self.head(k, 1)

    def head(self, x: Tensor, place: int) -> Tensor:
        """Queries, keys or values of (batch, steps, numbers) as (batch, heads, steps, share)."""
        rows = slice(place * self.embed_dim, (place + 1) * self.embed_dim)
        if self.packed:
            weight = self.in_proj_weight[rows]
        else:
            weight = (self.q_proj_weight, self.k_proj_weight, self.v_proj_weight)[place]
        bias = None if self.in_proj_bias is None else self.in_proj_bias[rows]
        y = linear(x, weight, bias)
        parts = y.reshape(*y.shape[:2], self.num_heads, self.head_dim)
        return F["swapaxes"](parts, 1, 2)

    def mask(self, attn_mask: Any, key_padding_mask: Any, q: Tensor, k: Tensor) -> Tensor | None:
        """What both masks add, in the shape (batch, heads, queries, keys) or one that spreads."""
        found = additive(attn_mask, q.dtype, "attn_mask")
        batch, steps, keys = q.shape[0], q.shape[1], k.shape[1]
        if found is not None:
            if found.shape == (batch * self.num_heads, steps, keys):
                found = found.reshape(batch, self.num_heads, steps, keys)
            elif found.shape != (steps, keys):
                raise ShapeMismatch(f"an attn_mask of shape {found.shape}, not {(steps, keys)}")
        pads = additive(key_padding_mask, q.dtype, "key_padding_mask")
        if pads is None:
            return found
        if pads.shape not in ((batch, keys), (keys,) * (batch == 1)):
            raise ShapeMismatch(f"a key_padding_mask of shape {pads.shape}, not {(batch, keys)}")
        spread = pads.reshape(batch, 1, 1, keys)
        return spread if found is None else found + spread
