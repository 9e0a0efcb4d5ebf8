"""Attention in layers, and transformers of them, with PyTorch's names for their parameters.

A. Vaswani and others, Attention is all you need, 2017.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from gradcli.engine.functions import FUNCTIONS as F
from gradcli.engine.functions.attention import shares
from gradcli.engine.functions.layers import linear
from gradcli.engine.graph import here
from gradcli.engine.tensor import Tensor
from gradcli.errors import ShapeMismatch, WrongType, WrongValue
from gradcli.nn import init
from gradcli.nn.containers import ModuleList
from gradcli.nn.layers import Dropout, Linear
from gradcli.nn.module import Module
from gradcli.nn.normalizations import LayerNorm
from gradcli.nn.parameter import blank, default_dtype

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


def causal_mask(sz: int, dtype: Any = None) -> Tensor:
    """0 on and below the diagonal, minus infinity above."""
    return Tensor(np.triu(np.full((sz, sz), -np.inf, default_dtype(dtype)), 1))


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


# ---- transformers -------------------------------------------------------------------------------


def activation_of(given: Any) -> Callable[[Any], Any]:
    if isinstance(given, str):
        if given not in ("relu", "gelu"):
            raise WrongValue("an activation is 'relu', 'gelu' or a function")
        return F[given]
    return given  # type: ignore[no-any-return]  # a function of the caller


class _Layer(Module):
    """What the layers of encoders and decoders share: sums over two or three blocks, normalized.

    norm_first  whether the input of a block is normalized, and not its sum
    """

    blocks: int

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Any = "relu",
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        attention = {"bias": bias, "batch_first": batch_first, "dtype": dtype}
        self.self_attn = MultiheadAttention(d_model, nhead, dropout, **attention)
        if self.blocks == 3:
            self.multihead_attn = MultiheadAttention(d_model, nhead, dropout, **attention)
        self.linear1 = Linear(d_model, dim_feedforward, bias, dtype)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, bias, dtype)
        for k in range(1, self.blocks + 1):
            norm = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
            self.register_module(f"norm{k}", norm)
        for k in range(1, self.blocks + 1):
            self.register_module(f"dropout{k}", Dropout(dropout))
        self.norm_first = norm_first
        self.activation = activation_of(activation)

    def added(self, x: Any, number: int, block: Callable[[Any], Any]) -> Any:
        """x and what a block makes of it."""
        norm = self.members.modules[f"norm{number}"]
        drop = self.members.modules[f"dropout{number}"]
        assert norm is not None
        assert drop is not None
        if self.norm_first:
            return x + drop(block(norm(x)))
        return norm(x + drop(block(x)))

    def forward_block(self, x: Any) -> Any:
        return self.linear2(self.dropout(self.activation(self.linear1(x))))


class TransformerEncoderLayer(_Layer):
    """Attention of a sequence to itself, then two linear layers, place by place."""

    blocks = 2

    def forward(
        self,
        src: Any,
        src_mask: Any = None,
        src_key_padding_mask: Any = None,
        is_causal: bool = False,
    ) -> Any:
        def attend(x: Any) -> Any:
            return self.self_attn(x, x, x, src_key_padding_mask, False, src_mask, True, is_causal)[
                0
            ]

        return self.added(self.added(src, 1, attend), 2, self.forward_block)


class TransformerDecoderLayer(_Layer):
    """Attention of a sequence to itself, then to another, `memory`; then two linear layers."""

    blocks = 3

    def forward(
        self,
        tgt: Any,
        memory: Any,
        tgt_mask: Any = None,
        memory_mask: Any = None,
        tgt_key_padding_mask: Any = None,
        memory_key_padding_mask: Any = None,
        tgt_is_causal: bool = False,
        memory_is_causal: bool = False,
    ) -> Any:
        def attend(x: Any) -> Any:
            options = tgt_key_padding_mask, False, tgt_mask, True, tgt_is_causal
            return self.self_attn(x, x, x, *options)[0]

        def look(x: Any) -> Any:
            options = memory_key_padding_mask, False, memory_mask, True, memory_is_causal
            return self.multihead_attn(x, memory, memory, *options)[0]

        x = self.added(self.added(tgt, 1, attend), 2, look)
        return self.added(x, 3, self.forward_block)


def copies(layer: Any, count: int) -> ModuleList:
    """Layers that begin as this one."""
    if not isinstance(layer, Module) or count < 1:
        raise WrongValue("a transformer is of one layer or more, copies of the one that is given")
    meter = here.state.meter
    if meter is not None:
        for parameter in layer.parameters():
            meter.allocate((count, *parameter.shape))
    found = ModuleList([copy.deepcopy(layer) for _ in range(count)])
    if meter is not None:
        for parameter in found.parameters():
            meter.hold(parameter.value)
    return found


class TransformerEncoder(Module):
    """Copies of a TransformerEncoderLayer, one after the other."""

    def __init__(
        self,
        encoder_layer: Any,
        num_layers: int,
        norm: Module | None = None,
        enable_nested_tensor: bool = True,
        mask_check: bool = True,
    ) -> None:
        super().__init__()
        self.layers, self.num_layers = copies(encoder_layer, num_layers), num_layers
        self.register_module("norm", norm)

    def forward(
        self,
        src: Any,
        mask: Any = None,
        src_key_padding_mask: Any = None,
        is_causal: bool | None = None,
    ) -> Any:
        for layer in self.layers:
            src = layer(src, mask, src_key_padding_mask, bool(is_causal))
        return src if self.norm is None else self.norm(src)


class TransformerDecoder(Module):
    """Copies of a TransformerDecoderLayer, one after the other."""

    def __init__(self, decoder_layer: Any, num_layers: int, norm: Module | None = None) -> None:
        super().__init__()
        self.layers, self.num_layers = copies(decoder_layer, num_layers), num_layers
        self.register_module("norm", norm)

    def forward(
        self,
        tgt: Any,
        memory: Any,
        tgt_mask: Any = None,
        memory_mask: Any = None,
        tgt_key_padding_mask: Any = None,
        memory_key_padding_mask: Any = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Any:
        masks = tgt_mask, memory_mask, tgt_key_padding_mask, memory_key_padding_mask
        for layer in self.layers:
            tgt = layer(tgt, memory, *masks, bool(tgt_is_causal), memory_is_causal)
        return tgt if self.norm is None else self.norm(tgt)


class Transformer(Module):
    """An encoder, and a decoder that looks at what it gives."""

    def __init__(
        self,
        d_model: int = 512,
        nhead: int = 8,
        num_encoder_layers: int = 6,
        num_decoder_layers: int = 6,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Any = "relu",
        custom_encoder: Module | None = None,
        custom_decoder: Module | None = None,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        sizes = d_model, nhead, dim_feedforward, dropout, activation, layer_norm_eps
        options = *sizes, batch_first, norm_first, bias, dtype

        def norm() -> LayerNorm:
            return LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)

        self.encoder = custom_encoder or TransformerEncoder(
            TransformerEncoderLayer(*options), num_encoder_layers, norm()
        )
        self.decoder = custom_decoder or TransformerDecoder(
            TransformerDecoderLayer(*options), num_decoder_layers, norm()
        )
        self.d_model, self.nhead, self.batch_first = d_model, nhead, batch_first
        for parameter in self.parameters():
            if parameter.ndim > 1:
                init.xavier_uniform_(parameter)

    @staticmethod
    def generate_square_subsequent_mask(sz: int, dtype: Any = None) -> Tensor:
        """A mask by which a place sees those up to it only."""
        return causal_mask(sz, dtype)

    def forward(
        self,
        src: Any,
        tgt: Any,
        src_mask: Any = None,
        tgt_mask: Any = None,
        memory_mask: Any = None,
        src_key_padding_mask: Any = None,
        tgt_key_padding_mask: Any = None,
        memory_key_padding_mask: Any = None,
        src_is_causal: bool | None = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Any:
        memory = self.encoder(src, src_mask, src_key_padding_mask, src_is_causal)
        masks = tgt_mask, memory_mask, tgt_key_padding_mask, memory_key_padding_mask
        return self.decoder(tgt, memory, *masks, tgt_is_causal, memory_is_causal)
