"""Pools, paddings and other grids: what shapes signals and images without a weight.

Each is a row: the function, and its options in order with their defaults.
"""

from __future__ import annotations

from typing import Any, ClassVar

from gradcli.engine.functions import FUNCTIONS as F
from gradcli.engine.ops.windows import entries
from gradcli.engine.tensor import Tensor
from gradcli.errors import WrongValue
from gradcli.nn.applied import REQUIRED, Applied, MaxPool, MeanPool, Pool, kind
from gradcli.nn.module import Module

# ---- pools --------------------------------------------------------------------------------------

WINDOWS: Any = {"kernel_size": REQUIRED, "stride": None, "padding": 0}
LARGEST: Any = {**WINDOWS, "dilation": 1, "return_indices": False, "ceil_mode": False}
MEANS: Any = {**WINDOWS, "ceil_mode": False, "count_include_pad": True}

MaxPool1d = kind(MaxPool, "MaxPool1d", "max_pool1d", **LARGEST)
MaxPool2d = kind(MaxPool, "MaxPool2d", "max_pool2d", **LARGEST)
AvgPool1d = kind(MeanPool, "AvgPool1d", "avg_pool1d", **MEANS)
AvgPool2d = kind(MeanPool, "AvgPool2d", "avg_pool2d", **MEANS, divisor_override=None)
SIZE: Any = {"output_size": REQUIRED}
AdaptiveAvgPool1d = kind(Pool, "AdaptiveAvgPool1d", "adaptive_avg_pool1d", **SIZE)
AdaptiveAvgPool2d = kind(Pool, "AdaptiveAvgPool2d", "adaptive_avg_pool2d", **SIZE)
AdaptiveMaxPool1d = kind(Pool, "AdaptiveMaxPool1d", "adaptive_max_pool1d", **SIZE)
AdaptiveMaxPool2d = kind(Pool, "AdaptiveMaxPool2d", "adaptive_max_pool2d", **SIZE)

# ---- patches, and channels as places ------------------------------------------------------------

Unfold = kind(Applied, "Unfold", "im2col", kernel_size=REQUIRED, dilation=1, padding=0, stride=1)
Fold = kind(
    Applied,
    "Fold",
    "col2im",
    output_size=REQUIRED,
    kernel_size=REQUIRED,
    dilation=1,
    padding=0,
    stride=1,
)
PixelShuffle = kind(Applied, "PixelShuffle", "pixel_shuffle", upscale_factor=REQUIRED)
PixelUnshuffle = kind(Applied, "PixelUnshuffle", "pixel_unshuffle", downscale_factor=REQUIRED)

# ---- other sizes --------------------------------------------------------------------------------


class Upsample(Applied):
    """(N, C, *axes) by more places, or fewer, along each axis."""

    function = "interpolate"
    options: ClassVar[dict[str, Any]] = {
        "size": None,
        "scale_factor": None,
        "mode": "nearest",
        "align_corners": None,
        "recompute_scale_factor": None,
    }

    def extra_repr(self) -> str:
        name = "size" if self.size is not None else "scale_factor"
        given = self.chosen[name]
        shown = float(given) if name == "scale_factor" and isinstance(given, int) else given
        return f"{name}={shown}, mode={self.mode!r}"


class UpsamplingNearest2d(Upsample):
    """Images (N, C, H, W) with each place several times."""

    def __init__(self, size: Any = None, scale_factor: Any = None) -> None:
        super().__init__(size, scale_factor, "nearest")


class UpsamplingBilinear2d(Upsample):
    """Images (N, C, H, W), in straight lines between places; the corners stay."""

    def __init__(self, size: Any = None, scale_factor: Any = None) -> None:
        super().__init__(size, scale_factor, "bilinear", True)


# ---- paddings -----------------------------------------------------------------------------------


class _Pad(Module):
    """More places around the last `rank` axes: so many on every side, or pairs, the last first."""

    rank: int
    mode: str
    value: float = 0

    def __init__(self, padding: Any) -> None:
        super().__init__()
        sides = entries(padding, 2 * self.rank, "a padding", -(2**31))
        self.padding = sides

    def forward(self, input: Any) -> Tensor:
        if input.ndim < self.rank:
            raise WrongValue(f"{type(self).__name__} takes {self.rank} axes or more")
        pairs = [self.padding[k : k + 2] for k in range(0, 2 * self.rank, 2)]
        widths = [(0, 0)] * (input.ndim - self.rank) + pairs[::-1]
        return F["pad"](input, widths, self.mode, self.value)

    def extra_repr(self) -> str:
        return str(self.padding)


class _Constant(_Pad):
    mode = "constant"

    def __init__(self, padding: Any, value: float) -> None:
        super().__init__(padding)
        self.value = value

    def extra_repr(self) -> str:
        return f"padding={self.padding}, value={self.value}"


class ConstantPad1d(_Constant):
    """Signals between a value."""

    rank = 1


class ConstantPad2d(_Constant):
    """Images framed by a value."""

    rank = 2


class ZeroPad1d(_Pad):
    """Signals between zeros."""

    rank, mode = 1, "constant"


class ZeroPad2d(_Pad):
    """Images framed by zeros."""

    rank, mode = 2, "constant"


class ReflectionPad1d(_Pad):
    """Signals that turn at their ends."""

    rank, mode = 1, "reflect"


class ReflectionPad2d(_Pad):
    """Images between mirrors."""

    rank, mode = 2, "reflect"


class ReplicationPad1d(_Pad):
    """Signals whose ends go on."""

    rank, mode = 1, "edge"


class ReplicationPad2d(_Pad):
    """Images whose edges go on."""

    rank, mode = 2, "edge"


class CircularPad1d(_Pad):
    """Signals that repeat."""

    rank, mode = 1, "wrap"


class CircularPad2d(_Pad):
    """Images that repeat."""

    rank, mode = 2, "wrap"
