"""Normalizations, with the scales and the running statistics that they keep."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.engine.functions.layers import (
    batch_norm,
    group_norm,
    instance_norm,
    layer_norm,
    rms_norm,
)
from gradcli.engine.inplace import overwrite
from gradcli.engine.tensor import Tensor
from gradcli.errors import ShapeMismatch, WrongValue
from gradcli.nn.module import Module, writer
from gradcli.nn.parameter import Parameter, default_dtype

# ---- batches ------------------------------------------------------------------------------------


class _Scaling(Module):
    """What has a weight that begins as 1 and a bias that begins as 0, or neither."""

    def reset_parameters(self) -> None:
        for name, first in (("weight", 1), ("bias", 0)):
            parameter = self.members.parameters.get(name)
            if parameter is not None:
                overwrite(parameter, writer(first))


class _BatchNorm(_Scaling):
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

    def reset_parameters(self) -> None:
        super().reset_parameters()
        for name, first in (("running_mean", 0), ("running_var", 1), ("num_batches_tracked", 0)):
            statistic = self.members.buffers[name]
            if statistic is not None:
                overwrite(statistic, writer(first))

    def check(self, input: Any) -> None:
        if input.ndim not in self.ranks:
            ranks = " or ".join(map(str, self.ranks))
            raise WrongValue(f"{type(self).__name__} takes {ranks} axes, not {input.ndim}")

    def forward(self, input: Any) -> Tensor:
        self.check(input)
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


class BatchNorm3d(_BatchNorm):
    """Each channel of (N, C, D, H, W) less its mean over its deviation, weight and bias."""

    ranks = (5,)


# ---- instances ----------------------------------------------------------------------------------


class _InstanceNorm(_BatchNorm):
    """Each channel of each sample by itself; one sample may come without its axis."""

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        dtype: Any = None,
    ) -> None:
        super().__init__(num_features, eps, momentum, affine, track_running_stats, dtype)

    def forward(self, input: Any) -> Tensor:
        self.check(input)
        single = input.ndim == self.ranks[0]
        batch = input[None] if single else input
        if batch.shape[1] != self.num_features and self.weight is not None:
            raise ShapeMismatch(
                f"{type(self).__name__}: {batch.shape[1]} channels, not {self.num_features}"
            )
        own = self.training or not self.track_running_stats
        running = self.running_mean, self.running_var
        y = instance_norm(
            batch, *running, self.weight, self.bias, own, self.momentum or 0.0, self.eps
        )
        return y[0] if single else y


class InstanceNorm1d(_InstanceNorm):
    """Each channel of each signal of (N, C, L) less its mean over its deviation."""

    ranks = (2, 3)


class InstanceNorm2d(_InstanceNorm):
    """Each channel of each image of (N, C, H, W) less its mean over its deviation."""

    ranks = (3, 4)


class InstanceNorm3d(_InstanceNorm):
    """Each channel of each volume of (N, C, D, H, W) less its mean over its deviation."""

    ranks = (4, 5)


# ---- layers and groups --------------------------------------------------------------------------


class LayerNorm(_Scaling):
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


class RMSNorm(_Scaling):
    """The last axes, of `normalized_shape`, over the root of their mean square, times weight."""

    def __init__(
        self,
        normalized_shape: Any,
        eps: float | None = None,
        elementwise_affine: bool = True,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        single = isinstance(normalized_shape, int)
        self.normalized_shape = (normalized_shape,) if single else tuple(normalized_shape)
        self.eps = eps
        value = np.ones(self.normalized_shape, default_dtype(dtype))
        self.register_parameter("weight", Parameter(value) if elementwise_affine else None)

    def forward(self, input: Any) -> Tensor:
        return rms_norm(input, self.normalized_shape, self.weight, self.eps)

    def extra_repr(self) -> str:
        affine = self.weight is not None
        return f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={affine}"


class GroupNorm(_Scaling):
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
