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
from gradcli.engine.ops.windows import entries, layout_of
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


def convolved(
    rank: int, x: Any, w: Any, bias: Any, stride: Any, padding: Any, dilation: Any, groups: Any
) -> Tensor:
    """x (N, C, *axes) or (C, *axes), w (O, C / groups, *kernel), a bias (O,)."""
    x, w = as_operand(x), as_operand(w)
    count = integer(groups, "the number of groups")
    if x.ndim not in (rank + 1, rank + 2) or w.ndim != rank + 2:
        raise ShapeMismatch(
            f"conv{rank}d takes an x of {rank + 2} axes and a weight of {rank + 2}; "
            f"the shapes are {x.shape} and {w.shape}"
        )
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
        b = as_operand(bias)
        if b.shape != (filters,):
            raise ShapeMismatch(f"a bias of shape {b.shape} does not fit {filters} channels")
        y = record(TABLE["convolution_bias"], (batch, w, b), (layout,))
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


def pooled(
    row: str, rank: int, x: Any, kernel: Any, stride: Any, padding: Any, dilation: Any = 1
) -> Tensor:
    x = as_operand(x)
    if x.ndim not in (rank + 1, rank + 2):
        raise ShapeMismatch(f"{row}{rank}d takes {rank + 1} or {rank + 2} axes, not {x.ndim}")
    sizes = entries(kernel, rank, "a kernel", 1)
    ends = entries(padding, rank, "a padding", 0)
    if any(2 * n > k for n, k in zip(ends, sizes, strict=True)):
        raise WrongValue("the padding of a pool is at most half of its kernel")
    steps = sizes if stride is None else stride
    layout = layout_of(x.shape, sizes, steps, ends, dilation)
    return record(TABLE[row], (x,), (layout,))


@named("max_pool1d")
def max_pool1d(
    input: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1
) -> Tensor:
    """The largest element of every window of (…, C, L)."""
    return pooled("max_pool", 1, input, kernel_size, stride, padding, dilation)


@named("max_pool2d")
def max_pool2d(
    input: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1
) -> Tensor:
    """The largest element of every window of (…, C, H, W)."""
    return pooled("max_pool", 2, input, kernel_size, stride, padding, dilation)


@named("avg_pool1d")
def avg_pool1d(input: Any, kernel_size: Any, stride: Any = None, padding: Any = 0) -> Tensor:
    """The mean of every window of (…, C, L); zeros of the padding count."""
    return pooled("avg_pool", 1, input, kernel_size, stride, padding)


@named("avg_pool2d")
def avg_pool2d(input: Any, kernel_size: Any, stride: Any = None, padding: Any = 0) -> Tensor:
    """The mean of every window of (…, C, H, W); zeros of the padding count."""
    return pooled("avg_pool", 2, input, kernel_size, stride, padding)


@named("adaptive_avg_pool2d")
def adaptive_avg_pool2d(input: Any, output_size: Any) -> Tensor:
    """Means of (…, C, H, W) over so many windows; None keeps an axis."""
    x = as_operand(input)
    if x.ndim not in (3, 4):
        raise ShapeMismatch(f"adaptive_avg_pool2d takes 3 or 4 axes, not {x.ndim}")
    given = output_size if isinstance(output_size, list | tuple) else (output_size,) * 2
    if len(given) != 2:
        raise WrongValue("adaptive_avg_pool2d takes the numbers of windows along two axes")
    kept = [n if size is None else size for n, size in zip(x.shape[-2:], given, strict=True)]
    sizes = entries(kept, 2, "a number of windows", 1)
    if 0 in x.shape[-2:]:
        raise ShapeMismatch("a mean of no elements does not exist")
    if sizes == (1, 1):
        return FUNCTIONS["mean"](x, (-2, -1), True)
    return record(TABLE["adaptive_avg_pool"], (x,), (sizes,))


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
