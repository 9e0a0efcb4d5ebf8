"""Images by other grids: larger, smaller, cut into patches, their channels spread over places."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradcli.engine.functions.registry import FUNCTIONS as F
from gradcli.engine.functions.registry import named
from gradcli.engine.graph import here
from gradcli.engine.operands import as_operand
from gradcli.engine.ops.axes import integer
from gradcli.engine.ops.parameters import choice, truth
from gradcli.engine.ops.windows import Sizes, entries, layout_of
from gradcli.engine.tensor import Tensor
from gradcli.errors import ShapeMismatch, WrongValue

# ---- to another size ----------------------------------------------------------------------------
# The modes and for how many axes they are; None is for any number.
MODES = {
    "nearest": None,
    "nearest-exact": None,
    "area": None,
    "linear": 1,
    "bilinear": 2,
    "bicubic": 2,
    "trilinear": 3,
}
SHARPNESS = -0.75  # of the cubic


@named("interpolate")
def interpolate(
    input: Any,
    size: Any = None,
    scale_factor: Any = None,
    mode: Any = "nearest",
    align_corners: Any = None,
    recompute_scale_factor: Any = None,
) -> Tensor:
    """(N, C, *axes) by another number of places along each axis.

    align_corners               whether the first and last places stay where they are
    recompute_scale_factor      whether the scale is that of the sizes, when it was given
    """
    x = as_operand(input)
    rank = x.ndim - 2
    mode = choice(mode, "mode", MODES)
    if MODES[mode] not in (None, rank) or rank < 1:
        raise WrongValue(
            f"interpolate: the mode {mode!r} is not for {max(rank, 0)} axes beside N and C",
            hint=f"the modes are {', '.join(MODES)}",
        )
    aligned = align_corners is not None and truth(align_corners, "align_corners")
    if aligned and MODES[mode] is None:
        raise WrongValue(f"interpolate: align_corners is not for the mode '{mode}'")
    if (size is None) == (scale_factor is None):
        raise WrongValue("interpolate takes the size, or the scale_factor, and not both")
    lengths = x.shape[2:]
    if size is not None:
        sizes = entries(size, rank, "a size", 1)
        steps = [n / m for n, m in zip(lengths, sizes, strict=True)]
    else:
        factors = scales(scale_factor, rank)
        sizes = tuple(int(n * f) for n, f in zip(lengths, factors, strict=True))
        if min(sizes) < 1:
            raise WrongValue(f"interpolate: a scale_factor of {scale_factor} leaves nothing")
        steps = [1 / f for f in factors]
        if recompute_scale_factor is not None and truth(recompute_scale_factor, "this"):
            steps = [n / m for n, m in zip(lengths, sizes, strict=True)]
    if mode == "area":
        return F[f"adaptive_avg_pool{rank}d"](x, sizes)
    for axis, (count, step) in enumerate(zip(sizes, steps, strict=True), -rank):
        x = along(x, axis, count, step, mode, aligned)
    return x


def scales(given: Any, rank: int) -> tuple[float, ...]:
    factors = tuple(given) if isinstance(given, list | tuple) else (given,) * rank
    if len(factors) != rank or not all(
        type(f) in (int, float) and 0 < f < math.inf for f in factors
    ):
        raise WrongValue(f"a scale_factor is positive, one for each of {rank} axes")
    return factors


def along(x: Tensor, axis: int, count: int, step: float, mode: str, aligned: bool) -> Tensor:
    """`count` places along an axis, `step` apart."""
    length = x.shape[axis]
    if here.state.meter is not None:  # of the weights: what they are made into is charged by rows
        here.state.meter.allocate((count, 1 if mode.startswith("nearest") else max(length, 4)))
    if mode.startswith("nearest"):
        offset = 0.5 if mode == "nearest-exact" else 0.0
        places = np.minimum((np.arange(count) + offset) * step, length - 1).astype(np.int64)
        return x[(..., places, *(slice(None),) * (-axis - 1))]
    if aligned:
        at = np.arange(count) * ((length - 1) / max(count - 1, 1))
    else:
        at = (np.arange(count) + 0.5) * step - 0.5
    weights = (cubic if mode == "bicubic" else linear)(at, length).astype(x.dtype)
    moved = F["moveaxis"](x, axis, -1)
    return F["moveaxis"](F["matmul"](moved, Tensor(weights.T)), -1, axis)


def linear(at: Any, length: int) -> Any:
    """The matrix that reads a vector at these places, in straight lines between its elements."""
    at = np.maximum(at, 0)
    low = np.minimum(np.floor(at).astype(int), length - 1)
    return spread((at - low)[:, None] * [[-1, 1]] + [[1, 0]], low, length)


def cubic(at: Any, length: int) -> Any:
    """The same along cubics through four elements. R. Keys, Cubic convolution, 1981."""
    low = np.floor(at).astype(int)
    distance = np.abs((at - low)[:, None] - np.arange(-1, 3))
    near = ((SHARPNESS + 2) * distance - (SHARPNESS + 3)) * distance**2 + 1
    far = ((distance - 5) * distance + 8) * distance * SHARPNESS - 4 * SHARPNESS
    return spread(np.where(distance <= 1, near, far), low - 1, length)


def spread(weights: Any, first: Any, length: int) -> Any:
    """Rows of weights as rows of a matrix, from a column on; what is outside goes to the ends."""
    rows, count = weights.shape
    columns = np.clip(first[:, None] + np.arange(count), 0, length - 1)
    matrix = np.zeros((rows, length))
    np.add.at(matrix, (np.arange(rows)[:, None], columns), weights)
    return matrix


# ---- patches ------------------------------------------------------------------------------------


def taps(channels: int, kernel: Sizes, like: Tensor) -> Tensor:
    """The filters that pick out one element of a window of one channel each."""
    count = math.prod(kernel)
    if here.state.meter is not None:
        here.state.meter.allocate((channels * count, count))
    one = np.eye(count, dtype=like.dtype).reshape(count, 1, *kernel)
    return Tensor(np.tile(one, (channels, 1, 1, 1)))


@named("im2col")
def im2col(
    input: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1
) -> Tensor:
    """The windows of images (N, C, H, W) as columns (N, C * elements of a window, windows)."""
    x = as_operand(input)
    if x.ndim not in (3, 4):
        raise ShapeMismatch(f"the patches of images are of 3 or 4 axes, not {x.ndim}")
    kernel, channels = entries(kernel_size, 2, "a kernel", 1), x.shape[-3]
    filters = taps(channels, kernel, x)
    y = F["conv2d"](x, filters, None, stride, padding, dilation, channels)
    return y.reshape(*y.shape[:-2], -1)


@named("col2im")
def col2im(
    input: Any,
    output_size: Any,
    kernel_size: Any,
    dilation: Any = 1,
    padding: Any = 0,
    stride: Any = 1,
) -> Tensor:
    """Images (N, C, H, W) that columns (N, C * elements of a window, windows) add up to."""
    x, kernel = as_operand(input), entries(kernel_size, 2, "a kernel", 1)
    size = entries(output_size, 2, "an output_size", 1)
    layout = layout_of(size, kernel, stride, padding, dilation)
    places, count = layout.outputs(size), math.prod(kernel)
    if x.ndim not in (2, 3) or x.shape[-2] % count or x.shape[-1] != math.prod(places):
        raise ShapeMismatch(
            f"columns of shape {x.shape} do not fold into images of {size} by windows of {kernel}"
        )
    channels = x.shape[-2] // count
    grid = x.reshape(*x.shape[:-1], *places)
    back = [
        (n - 1) * s - 2 * p[0] + d * (k - 1) + 1
        for n, s, p, d, k in zip(
            places, layout.stride, layout.padding, layout.dilation, kernel, strict=True
        )
    ]
    rest = [n - m for n, m in zip(size, back, strict=True)]
    filters = taps(channels, kernel, x)
    return F["conv_transpose2d"](grid, filters, None, stride, padding, rest, channels, dilation)


# ---- channels as places -------------------------------------------------------------------------


@named("pixel_shuffle")
def pixel_shuffle(input: Any, upscale_factor: Any) -> Tensor:
    """(…, C r r, H, W) as (…, C, H r, W r)."""
    x, r = as_operand(input), integer(upscale_factor, "an upscale_factor")
    if x.ndim < 3 or r < 1 or x.shape[-3] % (r * r):
        raise ShapeMismatch(f"pixel_shuffle by {r} does not fit a shape of {x.shape}")
    *lead, channels, tall, wide = x.shape
    parts = x.reshape(*lead, channels // (r * r), r, r, tall, wide)
    moved = F["moveaxis"](parts, (-4, -3), (-3, -1))
    return moved.reshape(*lead, channels // (r * r), tall * r, wide * r)


@named("pixel_unshuffle")
def pixel_unshuffle(input: Any, downscale_factor: Any) -> Tensor:
    """(…, C, H r, W r) as (…, C r r, H, W)."""
    x, r = as_operand(input), integer(downscale_factor, "a downscale_factor")
    if x.ndim < 3 or r < 1 or x.shape[-1] % r or x.shape[-2] % r:
        raise ShapeMismatch(f"pixel_unshuffle by {r} does not fit a shape of {x.shape}")
    *lead, channels, tall, wide = x.shape
    parts = x.reshape(*lead, channels, tall // r, r, wide // r, r)
    moved = F["moveaxis"](parts, (-3, -1), (-4, -3))
    return moved.reshape(*lead, channels * r * r, tall // r, wide // r)
