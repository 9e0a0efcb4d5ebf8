"""Convolutions, pools and transforms, by the arguments that numpy and PyTorch give them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from gradcli.engine.apply import ROWS, record
from gradcli.engine.functions.registry import FUNCTIONS, named
from gradcli.engine.operands import as_operand
from gradcli.engine.ops import TABLE
from gradcli.engine.ops.axes import integer, negative_axis
from gradcli.engine.ops.windows import Layout, entries, layout_of
from gradcli.engine.tensor import Tensor
from gradcli.errors import ShapeMismatch, WrongValue

# ---- vectors ------------------------------------------------------------------------------------


@named("convolve", numpy=(np.convolve,))
def convolve(a: Any, v: Any, mode: Any = "full") -> Tensor:
    """The convolution of two vectors: wholly, as long as the longer one, or where both overlap."""
    a, v = as_operand(a), as_operand(v)
    if a.ndim != 1 or v.ndim != 1 or not a.size or not v.size:
        raise ShapeMismatch(
            f"convolve takes vectors that are not empty; the shapes are {a.shape}, {v.shape}"
        )
    if mode not in ("full", "same", "valid"):
        raise WrongValue("the mode of a convolution is 'full', 'same' or 'valid'")
    if a.size < v.size:
        a, v = v, a
    y: Tensor = record(TABLE["convolve"], (a, v), ("valid" if mode == "valid" else "full",))
    start = (v.size - 1) // 2
    return y[start : start + a.size] if mode == "same" else y


@named("correlate", numpy=(np.correlate,))
def correlate(a: Any, v: Any, mode: Any = "valid") -> Tensor:
    """The cross-correlation of two vectors, sum a[n + k] conj(v[n])."""
    a, v = as_operand(a), as_operand(v)
    if v.ndim != 1:
        raise ShapeMismatch(f"correlate takes vectors; the shapes are {a.shape}, {v.shape}")
    if v.dtype.kind == "c":
        v = ROWS["conj"](v)
    return convolve(a, v[::-1], mode)


# ---- networks -----------------------------------------------------------------------------------


def operands_of(name: str, rank: int, x: Any, w: Any, groups: Any) -> tuple[Tensor, Tensor, int]:
    """Signals or images, with or without a batch, a weight, and the number of groups."""
    x, w = as_operand(x), as_operand(w)
    if x.ndim not in (rank + 1, rank + 2) or w.ndim != rank + 2:
        raise ShapeMismatch(
            f"{name} takes {rank + 1} or {rank + 2} axes, and a weight of {rank + 2}; "
            f"the shapes are {x.shape} and {w.shape}"
        )
    return x, w, integer(groups, "the number of groups")


def bias_of(bias: Any, filters: int) -> Tensor:
    """One number a filter."""
    b = as_operand(bias)
    if b.shape != (filters,):
        raise ShapeMismatch(f"a bias of shape {b.shape} does not fit {filters} channels")
    return b


def convolved(
    rank: int, x: Any, w: Any, bias: Any, stride: Any, padding: Any, dilation: Any, groups: Any
) -> Tensor:
    """x (N, C, *axes) or (C, *axes), w (O, C / groups, *kernel), a bias (O,)."""
    x, w, count = operands_of(f"conv{rank}d", rank, x, w, groups)
    channels, filters = x.shape[-rank - 1], w.shape[0]
    if count < 1 or channels != w.shape[1] * count or filters % count:
        raise ShapeMismatch(
            f"a weight of shape {w.shape} in {count} groups does not fit {channels} channels"
        )
    layout = layout_of(x.shape, w.shape[2:], stride, padding, dilation, count)
    batch = x if x.ndim == rank + 2 else x[None]
    if bias is None:
        y = record(TABLE["convolution"], (batch, w), (layout,))
    else:
        y = record(TABLE["convolution_bias"], (batch, w, bias_of(bias, filters)), (layout,))
    return y if batch is x else y[0]


@named("conv1d")
def conv1d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: Any = 1,
) -> Tensor:
    """The cross-correlation of signals (N, C, L) with filters (O, C / groups, K)."""
    return convolved(1, input, weight, bias, stride, padding, dilation, groups)


@named("conv2d")
def conv2d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: Any = 1,
) -> Tensor:
    """The cross-correlation of images (N, C, H, W) with filters (O, C / groups, H', W')."""
    return convolved(2, input, weight, bias, stride, padding, dilation, groups)


@named("conv3d")
def conv3d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: Any = 1,
) -> Tensor:
    """The cross-correlation of volumes (N, C, D, H, W) with filters (O, C / groups, D', H', W')."""
    return convolved(3, input, weight, bias, stride, padding, dilation, groups)


def transposed(
    rank: int,
    x: Any,
    w: Any,
    bias: Any,
    stride: Any,
    padding: Any,
    output_padding: Any,
    groups: Any,
    dilation: Any,
) -> Tensor:
    """x (N, C, *axes) or (C, *axes), w (C, O / groups, *kernel), a bias (O,).

    What a convolution of its result would take back to the shape of x: each element of x adds w,
    times itself, to a window.
    """
    name = f"conv_transpose{rank}d"
    x, w, count = operands_of(name, rank, x, w, groups)
    channels = x.shape[-rank - 1]
    if count < 1 or channels != w.shape[0] or channels % count:
        raise ShapeMismatch(
            f"a weight of shape {w.shape} in {count} groups does not fit {channels} channels"
        )
    kernel = w.shape[2:]
    steps, gaps = entries(stride, rank, "a stride", 1), entries(dilation, rank, "a dilation", 1)
    ends = entries(padding, rank, "a padding", 0)
    more = entries(output_padding, rank, "an output_padding", 0)
    if any(m >= s for m, s in zip(more, steps, strict=True)):
        raise WrongValue(f"{name}: the output_padding is less than the stride")
    axes = zip(x.shape[-rank:], kernel, steps, ends, gaps, more, strict=True)
    spatial = tuple((n - 1) * s - 2 * p + d * (k - 1) + m + 1 for n, k, s, p, d, m in axes)
    if min(spatial) < 1:
        raise ShapeMismatch(f"{name}: the padding of {ends} leaves nothing of the result")
    layout = Layout(kernel, steps, tuple((p, p) for p in ends), gaps, count)
    batch = x if x.ndim == rank + 2 else x[None]
    y = record(TABLE["transposed_convolution"], (batch, w), (layout, spatial))
    if bias is not None:
        y = y + bias_of(bias, w.shape[1] * count).reshape(-1, *(1,) * rank)
    return y if batch is x else y[0]


@named("conv_transpose1d")
def conv_transpose1d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: Any = 1,
    dilation: Any = 1,
) -> Tensor:
    """The transposed convolution of signals (N, C, L) by filters (C, O / groups, K)."""
    return transposed(1, input, weight, bias, stride, padding, output_padding, groups, dilation)


@named("conv_transpose2d")
def conv_transpose2d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: Any = 1,
    dilation: Any = 1,
) -> Tensor:
    """The transposed convolution of images (N, C, H, W) by filters (C, O / groups, H', W')."""
    return transposed(2, input, weight, bias, stride, padding, output_padding, groups, dilation)


# ---- transforms along several axes --------------------------------------------------------------


def axes_of(x: Tensor, s: Any, axes: Any) -> list[tuple[Any, int]]:
    """Pairs of a number of points, None for all there are, and an axis."""
    if axes is None:
        axes = range(-x.ndim if s is None else -len(s), 0)
    places = [negative_axis(a, x.ndim) for a in axes]
    sizes = [None] * len(places) if s is None else list(s)
    if len(sizes) != len(places) or not places:
        raise WrongValue("a transform takes one number of points for each of its axes")
    return list(zip(sizes, places, strict=True))


def several(x: Any, s: Any, axes: Any, norm: Any, each: str) -> Tensor:
    """One transform an axis, the last axis first."""
    y = as_operand(x)
    for n, axis in reversed(axes_of(y, listed(s), listed(axes))):
        y = FUNCTIONS[each](y, n, axis, norm)
    return y


def listed(value: Any) -> Sequence[Any] | None:
    if value is None or isinstance(value, list | tuple):
        return value
    raise WrongValue("axes and numbers of points come in a list")


@named("fft2", numpy=(np.fft.fft2,))
def fft2(a: Any, s: Any = None, axes: Any = (-2, -1), norm: Any = None) -> Tensor:
    """The Fourier transform along two axes."""
    return several(a, s, axes, norm, "fft")


@named("ifft2", numpy=(np.fft.ifft2,))
def ifft2(a: Any, s: Any = None, axes: Any = (-2, -1), norm: Any = None) -> Tensor:
    """The inverse of fft2."""
    return several(a, s, axes, norm, "ifft")


@named("fftn", numpy=(np.fft.fftn,))
def fftn(a: Any, s: Any = None, axes: Any = None, norm: Any = None) -> Tensor:
    """The Fourier transform along several axes, by default all."""
    return several(a, s, axes, norm, "fft")


@named("ifftn", numpy=(np.fft.ifftn,))
def ifftn(a: Any, s: Any = None, axes: Any = None, norm: Any = None) -> Tensor:
    """The inverse of fftn."""
    return several(a, s, axes, norm, "ifft")
