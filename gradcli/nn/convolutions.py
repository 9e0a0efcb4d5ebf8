"""Convolutions and transposed ones, with the weights that they keep."""

from __future__ import annotations

from typing import Any, ClassVar

from gradcli.engine.functions import FUNCTIONS as F
from gradcli.engine.ops.parameters import choice
from gradcli.engine.ops.windows import entries, named_padding
from gradcli.engine.tensor import Tensor
from gradcli.errors import WrongValue
from gradcli.nn import init
from gradcli.nn.module import Module
from gradcli.nn.parameter import blank

# How the places around the input are filled, and how numpy's pad says so.
PADDINGS = {"zeros": None, "reflect": "reflect", "replicate": "edge", "circular": "wrap"}


class _Weighted(Module):
    """What convolutions have in common: sizes, a weight and a bias."""

    rank: int
    transposed = False
    # Options beside the sizes, and how they usually are; None is always shown.
    shown: ClassVar[dict[str, int | None]] = {"stride": None, "padding": 0, "dilation": 1}

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any,
        padding: Any,
        dilation: Any,
        groups: int,
        bias: bool,
        dtype: Any,
    ) -> None:
        super().__init__()
        if groups < 1 or in_channels % groups or out_channels % groups:
            raise WrongValue(f"{groups} groups do not divide {in_channels} and {out_channels}")
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        self.kernel_size = entries(kernel_size, self.rank, "a kernel", 1)
        self.stride, self.padding, self.dilation = stride, padding, dilation
        of, to = (out_channels, in_channels)[:: -1 if self.transposed else 1]
        self.weight = blank(of, to // groups, *self.kernel_size, dtype=dtype)
        self.register_parameter("bias", blank(out_channels, dtype=dtype) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        init.affine_(self.weight, self.bias)

    def extra_repr(self) -> str:
        axes = len(self.kernel_size)
        parts = [f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}"]
        for name, usual in self.shown.items():
            value = getattr(self, name)
            every = (value,) * axes if isinstance(value, int) else value
            if every != (usual,) * axes:
                parts.append(f"{name}={every}")
        if self.groups != 1:
            parts.append(f"groups={self.groups}")
        return ", ".join(parts + ["bias=False"] * (self.bias is None))


# ---- convolutions -------------------------------------------------------------------------------


class _Conv(_Weighted):
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
        padding_mode: str = "zeros",
        dtype: Any = None,
    ) -> None:
        self.padding_mode = choice(padding_mode, "padding_mode", PADDINGS)
        super().__init__(
            in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, dtype
        )

    def forward(self, input: Any) -> Tensor:
        padding = self.padding
        mode = PADDINGS[self.padding_mode]
        if mode is not None:
            input, padding = F["pad"](input, self.ends(input.ndim), mode), 0
        options = self.stride, padding, self.dilation, self.groups
        return F[f"conv{self.rank}d"](input, self.weight, self.bias, *options)

    def ends(self, axes: int) -> list[tuple[int, int]]:
        """The widths of the padding before and after each axis of the input."""
        if isinstance(self.padding, str):
            steps = entries(self.stride, self.rank, "a stride", 1)
            gaps = entries(self.dilation, self.rank, "a dilation", 1)
            pairs = named_padding(self.padding, self.kernel_size, steps, gaps)
        else:
            pairs = tuple((n, n) for n in entries(self.padding, self.rank, "a padding", 0))
        return [(0, 0)] * (axes - self.rank) + [*pairs]

    def extra_repr(self) -> str:
        mode = self.padding_mode
        return super().extra_repr() + f", padding_mode={mode}" * (mode != "zeros")


class Conv1d(_Conv):
    """Cross-correlation of signals (N, C, L) with `weight`, plus `bias`."""

    rank = 1


class Conv2d(_Conv):
    """Cross-correlation of images (N, C, H, W) with `weight`, plus `bias`."""

    rank = 2


class Conv3d(_Conv):
    """Cross-correlation of volumes (N, C, D, H, W) with `weight`, plus `bias`."""

    rank = 3


# ---- transposed ---------------------------------------------------------------------------------


class _ConvTranspose(_Weighted):
    transposed = True
    shown: ClassVar[dict[str, int | None]] = {**_Weighted.shown, "output_padding": 0}

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        output_padding: Any = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Any = 1,
        padding_mode: str = "zeros",
        dtype: Any = None,
    ) -> None:
        if padding_mode != "zeros":
            raise WrongValue(f"{type(self).__name__} has no padding_mode but 'zeros'")
        self.output_padding = output_padding
        super().__init__(
            in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, dtype
        )

    def forward(self, input: Any, output_size: Any = None) -> Tensor:
        options = self.stride, self.padding, self.rest(input, output_size), self.groups
        convolve = F[f"conv_transpose{self.rank}d"]
        return convolve(input, self.weight, self.bias, *options, self.dilation)

    def rest(self, input: Any, output_size: Any) -> Any:
        """The output_padding that leads to this size."""
        if output_size is None:
            return self.output_padding
        wanted = entries(tuple(output_size)[-self.rank :], self.rank, "an output_size", 1)
        each = [
            entries(x, self.rank, "an option", 0)
            for x in (self.stride, self.padding, self.dilation)
        ]
        axes = zip(wanted, input.shape[-self.rank :], self.kernel_size, *each, strict=True)
        rest = [m - ((n - 1) * s - 2 * p + d * (k - 1) + 1) for m, n, k, s, p, d in axes]
        if min(rest) < 0:
            raise WrongValue(f"{type(self).__name__} cannot give the size {wanted}")
        return rest


class ConvTranspose1d(_ConvTranspose):
    """Signals (N, C, L), each element of which adds `weight`, times itself, to a window; `bias`."""

    rank = 1


class ConvTranspose2d(_ConvTranspose):
    """Images (N, C, H, W), each place of which adds `weight`, times itself, to a window; `bias`."""

    rank = 2
