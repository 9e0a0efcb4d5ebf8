"""Pools: the largest element or the mean of every window, or of a given number of windows."""

from __future__ import annotations

from functools import reduce
from typing import Any

import numpy as np

from gradcli.engine.apply import record
from gradcli.engine.functions.registry import FUNCTIONS, named
from gradcli.engine.graph import here
from gradcli.engine.operands import as_operand
from gradcli.engine.ops import TABLE
from gradcli.engine.ops.axes import integer
from gradcli.engine.ops.parameters import truth
from gradcli.engine.ops.windows import Layout, Sizes, entries, layout_of
from gradcli.engine.tensor import Tensor
from gradcli.errors import ShapeMismatch, WrongValue

# ---- of windows ---------------------------------------------------------------------------------


def layout(
    name: str,
    rank: int,
    x: Tensor,
    kernel: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    ceil: Any,
) -> Layout:
    if x.ndim not in (rank + 1, rank + 2):
        raise ShapeMismatch(f"{name}{rank}d takes {rank + 1} or {rank + 2} axes, not {x.ndim}")
    sizes = entries(kernel, rank, "a kernel", 1)
    ends = entries(padding, rank, "a padding", 0)
    if any(2 * n > k for n, k in zip(ends, sizes, strict=True)):
        raise WrongValue("the padding of a pool is at most half of its kernel")
    steps = sizes if stride is None else stride
    return layout_of(x.shape, sizes, steps, ends, dilation, ceil=truth(ceil, "ceil_mode"))


def largest(
    rank: int, x: Any, kernel: Any, stride: Any, padding: Any, dilation: Any, ceil: Any
) -> Tensor:
    operand = as_operand(x)
    found = layout("max_pool", rank, operand, kernel, stride, padding, dilation, ceil)
    return record(TABLE["max_pool"], (operand,), (found,))


def averaged(
    rank: int, x: Any, kernel: Any, stride: Any, padding: Any, ceil: Any, pads: Any, divisor: Any
) -> Tensor:
    """Sums of windows, over their sizes: with what they have of the padding, but nothing beyond.

    pads        whether the padding counts
    divisor     what the sums are divided by instead
    """
    operand = as_operand(x)
    found = layout("avg_pool", rank, operand, kernel, stride, padding, 1, ceil)
    y = record(TABLE["avg_pool"], (operand,), (found,))
    if divisor is not None:
        if integer(divisor, "a divisor") == 0:
            raise WrongValue("a divisor is not 0")
        whole: Tensor = y * (found.taps / divisor)
        return whole
    ends = entries(padding, rank, "a padding", 0)
    sizes = counted(operand.shape, found, ends, truth(pads, "count_include_pad"))
    if np.all(sizes == found.taps):
        return y
    mean: Tensor = y * Tensor((found.taps / sizes).astype(y.dtype))
    return mean


def counted(shape: tuple[int, ...], layout: Layout, ends: Sizes, pads: bool) -> Any:
    """How many elements of each window count."""
    each = []
    axes = zip(shape[-layout.rank :], layout.kernel, layout.stride, ends, strict=True)
    for (n, k, s, end), places in zip(axes, layout.outputs(shape), strict=True):
        start = s * np.arange(places) - end
        stop = np.minimum(start + k, n + end)
        each.append(stop - start if pads else np.minimum(stop, n) - np.maximum(start, 0))
    return reduce(np.multiply.outer, each)


@named("max_pool1d")
def max_pool1d(
    input: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: Any = False,
) -> Tensor:
    """The largest element of every window of (…, C, L)."""
    return largest(1, input, kernel_size, stride, padding, dilation, ceil_mode)


@named("max_pool2d")
def max_pool2d(
    input: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: Any = False,
) -> Tensor:
    """The largest element of every window of (…, C, H, W)."""
    return largest(2, input, kernel_size, stride, padding, dilation, ceil_mode)


@named("avg_pool1d")
def avg_pool1d(
    input: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: Any = False,
    count_include_pad: Any = True,
) -> Tensor:
    """The mean of every window of (…, C, L); zeros of the padding count."""
    return averaged(1, input, kernel_size, stride, padding, ceil_mode, count_include_pad, None)


@named("avg_pool2d")
def avg_pool2d(
    input: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: Any = False,
    count_include_pad: Any = True,
    divisor_override: Any = None,
) -> Tensor:
    """The mean of every window of (…, C, H, W); zeros of the padding count."""
    return averaged(
        2, input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override
    )


# ---- of a number of windows ---------------------------------------------------------------------


def numbers(rank: int, x: Tensor, output_size: Any) -> Sizes:
    """Of windows along each axis; None keeps one."""
    if x.ndim not in (rank + 1, rank + 2):
        raise ShapeMismatch(
            f"an adaptive pool over {rank} axes takes {rank + 1} or {rank + 2}, not {x.ndim}"
        )
    given = output_size if isinstance(output_size, list | tuple) else (output_size,) * rank
    if len(given) != rank:
        raise WrongValue(f"an adaptive pool takes the numbers of windows along {rank} axes")
    if 0 in x.shape[-rank:]:
        raise ShapeMismatch("a pool of no elements does not exist")
    kept = [n if size is None else size for n, size in zip(x.shape[-rank:], given, strict=True)]
    counts = entries(kept, rank, "a number of windows", 1)
    if here.state.meter is not None:  # of which windows an axis has, there is a table
        for count, length in zip(counts, x.shape[-rank:], strict=True):
            here.state.meter.allocate((count, length))
    return counts


@named("adaptive_avg_pool1d")
def adaptive_avg_pool1d(input: Any, output_size: Any) -> Tensor:
    """Means of (…, C, L) over so many windows."""
    x = as_operand(input)
    (count,) = numbers(1, x, output_size)
    return record(TABLE["adaptive_avg_pool"], (x[..., None],), ((count, 1),))[..., 0]


@named("adaptive_avg_pool2d")
def adaptive_avg_pool2d(input: Any, output_size: Any) -> Tensor:
    """Means of (…, C, H, W) over so many windows; None keeps an axis."""
    x = as_operand(input)
    sizes = numbers(2, x, output_size)
    if sizes == (1, 1):
        return FUNCTIONS["mean"](x, (-2, -1), True)
    return record(TABLE["adaptive_avg_pool"], (x,), (sizes,))


def largest_along(x: Tensor, count: int, axis: int) -> Tensor:
    """The largest element of each of so many windows that cover an axis as evenly as can be."""
    length = x.shape[axis]
    rest = (slice(None),) * (-axis - 1)
    windows = [
        x[(..., slice(k * length // count, -((k + 1) * -length // count)), *rest)]
        for k in range(count)
    ]
    return FUNCTIONS["concatenate"]([FUNCTIONS["max"](w, axis, True) for w in windows], axis)


@named("adaptive_max_pool1d")
def adaptive_max_pool1d(input: Any, output_size: Any) -> Tensor:
    """The largest elements of (…, C, L) in so many windows."""
    x = as_operand(input)
    (count,) = numbers(1, x, output_size)
    return largest_along(x, count, -1)


@named("adaptive_max_pool2d")
def adaptive_max_pool2d(input: Any, output_size: Any) -> Tensor:
    """The largest elements of (…, C, H, W) in so many windows; None keeps an axis."""
    x = as_operand(input)
    tall, wide = numbers(2, x, output_size)
    return largest_along(largest_along(x, wide, -1), tall, -2)
