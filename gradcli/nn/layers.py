"""Layers with weights, or with something that they remember."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.engine.functions import FUNCTIONS as F
from gradcli.engine.functions.layers import (
    batch_norm,
    dropout,
    embedding,
    group_norm,
    layer_norm,
    linear,
)
from gradcli.engine.functions.signals import conv1d, conv2d
from gradcli.engine.inplace import overwrite
from gradcli.engine.ops.windows import entries
from gradcli.engine.tensor import Tensor
from gradcli.errors import WrongValue
from gradcli.nn import init
from gradcli.nn.module import Module, writer
from gradcli.nn.parameter import Parameter, blank, default_dtype

# ---- affine maps --------------------------------------------------------------------------------


class Linear(Module):
    """x (…, in_features) times the transpose of `weight`, plus `bias`."""

    def __init__(
        self, in_features: int, out_features: int, bias: bool = True, dtype: Any = None
    ) -> None:
        super().__init__()
        self.in_features, self.out_features = in_features, out_features
        self.weight = blank(out_features, in_features, dtype=dtype)
        self.register_parameter("bias", blank(out_features, dtype=dtype) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        init.affine_(self.weight, self.bias)

    def forward(self, input: Any) -> Tensor:
        own = self.members.parameters
        return linear(input, own["weight"], own["bias"])

    def extra_repr(self) -> str:
        bias = self.bias is not None
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={bias}"


class Dense(Linear):
    """Linear, as MindSpore spells it; `activation` is a module or a function."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        has_bias: bool = True,
        activation: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(in_channels, out_channels, has_bias, dtype)
        self.activation = F[activation] if isinstance(activation, str) else activation

    def forward(self, input: Any) -> Any:
        y = super().forward(input)
        return y if self.activation is None else self.activation(y)

    def extra_repr(self) -> str:
        sizes = f"input_channels={self.in_features}, output_channels={self.out_features}"
        return f"{sizes}, has_bias={self.bias is not None}"


# ---- convolutions -------------------------------------------------------------------------------


class _Conv(Module):
    rank: int

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
        bias: bool = True,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        if groups < 1 or in_channels % groups or out_channels % groups:
            raise WrongValue(f"{groups} groups do not divide {in_channels} and {out_channels}")
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        self.kernel_size = entries(kernel_size, self.rank, "a kernel", 1)
        self.stride, self.padding, self.dilation = stride, padding, dilation
        shape = (out_channels, in_channels // groups, *self.kernel_size)
        self.weight = blank(*shape, dtype=dtype)
        self.register_parameter("bias", blank(out_channels, dtype=dtype) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        init.affine_(self.weight, self.bias)

    def forward(self, input: Any) -> Tensor:
        convolve = conv1d if self.rank == 1 else conv2d
        options = self.stride, self.padding, self.dilation, self.groups
        return convolve(input, self.weight, self.bias, *options)

    def extra_repr(self) -> str:
        axes = len(self.kernel_size)
        parts = [f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}"]
        for name, usual in (("stride", None), ("padding", 0), ("dilation", 1)):
            value = getattr(self, name)
            every = (value,) * axes if isinstance(value, int) else value
            if every != (usual,) * axes:
                parts.append(f"{name}={every!r}")
        if self.groups != 1:
            parts.append(f"groups={self.groups}")
        return ", ".join(parts + ["bias=False"] * (self.bias is None))


class Conv1d(_Conv):
    """Cross-correlation of signals (N, C, L) with `weight`, plus `bias`."""

    rank = 1


class Conv2d(_Conv):
    """Cross-correlation of images (N, C, H, W) with `weight`, plus `bias`."""

    rank = 2


# ---- normalizations -----------------------------------------------------------------------------


class _BatchNorm(Module):
    ranks: tuple[int, ...]

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.track_running_stats = track_running_stats
        kind = default_dtype(dtype)
        for name, first in (("weight", 1), ("bias", 0)):
            value = Parameter(np.full(num_features, first, kind)) if affine else None
            self.register_parameter(name, value)
        statistics = {
            "running_mean": np.zeros(num_features, kind),
            "running_var": np.ones(num_features, kind),
            "num_batches_tracked": np.array(0),
        }
        for name, start in statistics.items():
            self.register_buffer(name, Tensor(start) if track_running_stats else None)

    def forward(self, input: Any) -> Tensor:
        if input.ndim not in self.ranks:
            raise WrongValue(f"{type(self).__name__} takes {self.ranks} axes, not {input.ndim}")
        momentum = self.momentum
        if self.training and self.track_running_stats:
            count = self.num_batches_tracked
            overwrite(count, writer(count.value + 1))
            if momentum is None:  # the mean of all batches
                momentum = 1 / count.item()
        return batch_norm(
            input,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            self.training or not self.track_running_stats,
            momentum or 0.0,
            self.eps,
        )

    def extra_repr(self) -> str:
        affine = f"affine={self.weight is not None}, bias={self.bias is not None}"
        kept = self.running_mean is not None
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, {affine}, "
            f"track_running_stats={kept}"
        )


class BatchNorm1d(_BatchNorm):
    """Each channel of (N, C) or (N, C, L) less its mean over its deviation, weight and bias."""

    ranks = (2, 3)


class BatchNorm2d(_BatchNorm):
    """Each channel of (N, C, H, W) less its mean over its deviation, weight and bias."""

    ranks = (4,)


class LayerNorm(Module):
    """The last axes, of `normalized_shape`, less their mean over their deviation."""

    def __init__(
        self,
        normalized_shape: Any,
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        single = isinstance(normalized_shape, int)
        self.normalized_shape = (normalized_shape,) if single else tuple(normalized_shape)
        self.eps = eps
        kind = default_dtype(dtype)
        for name, first, wanted in (("weight", 1, True), ("bias", 0, bias)):
            value = np.full(self.normalized_shape, first, kind)
            there = elementwise_affine and wanted
            self.register_parameter(name, Parameter(value) if there else None)

    def forward(self, input: Any) -> Tensor:
        return layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        affine, bias = self.weight is not None, self.bias is not None
        return f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={affine}, bias={bias}"


class GroupNorm(Module):
    """Groups of channels of (N, C, …) less their mean over their deviation."""

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        if num_groups < 1 or num_channels % num_groups:
            raise WrongValue(f"{num_groups} groups do not divide {num_channels} channels")
        self.num_groups, self.num_channels, self.eps = num_groups, num_channels, eps
        kind = default_dtype(dtype)
        for name, first in (("weight", 1), ("bias", 0)):
            value = Parameter(np.full(num_channels, first, kind)) if affine else None
            self.register_parameter(name, value)

    def forward(self, input: Any) -> Tensor:
        return group_norm(input, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        affine = f"affine={self.weight is not None}, bias={self.bias is not None}"
        return f"{self.num_groups}, {self.num_channels}, eps={self.eps}, {affine}"


# ---- tables and dropout -------------------------------------------------------------------------


class Embedding(Module):
    """Rows of `weight`, looked up by their numbers. The row of `padding_idx` stays 0."""

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        self.padding_idx = padding_idx
        self.weight = blank(num_embeddings, embedding_dim, dtype=dtype)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        init.normal_(self.weight)
        if self.padding_idx is not None:
            place = self.padding_idx

            def clear(value: Any) -> None:
                value[place] = 0

            overwrite(self.weight, clear)

    def forward(self, input: Any) -> Tensor:
        return embedding(input, self.weight, self.padding_idx)

    def extra_repr(self) -> str:
        padding = "" if self.padding_idx is None else f", padding_idx={self.padding_idx}"
        return f"{self.num_embeddings}, {self.embedding_dim}{padding}"


class Dropout(Module):
    """In training every element is 0 with probability p, else it is divided by 1 - p."""

    def __init__(self, p: float = 0.5) -> None:
        super().__init__()
        if not 0 <= p <= 1:
            raise WrongValue("a probability is from 0 to 1")
        self.p = p

    def forward(self, input: Any) -> Tensor:
        return dropout(input, self.p, self.training)

    def extra_repr(self) -> str:
        return f"p={self.p}, inplace=False"
