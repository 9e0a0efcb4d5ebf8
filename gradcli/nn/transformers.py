"""Transformers: layers of attention, with PyTorch's names for their parameters.

A. Vaswani and others, Attention is all you need, 2017.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np

from gradcli.engine.functions import FUNCTIONS as F
from gradcli.engine.graph import here
from gradcli.engine.tensor import Tensor
from gradcli.errors import WrongValue
from gradcli.nn import init
from gradcli.nn.attention import MultiheadAttention
from gradcli.nn.containers import ModuleList
from gradcli.nn.layers import Dropout, Linear
from gradcli.nn.module import Module
from gradcli.nn.normalizations import LayerNorm
from gradcli.nn.parameter import default_dtype


def causal_mask(sz: int, dtype: Any = None) -> Tensor:
    """0 on and below the diagonal, minus infinity above."""
    return Tensor(np.triu(np.full((sz, sz), -np.inf, default_dtype(dtype)), 1))


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
