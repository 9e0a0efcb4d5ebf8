"""Windows that slide over the last axes of an array: what convolutions and pools see of it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from gradcli.engine.ops.axes import integer
from gradcli.engine.ops.table import Value
from gradcli.errors import ShapeMismatch, WrongValue

Sizes = tuple[int, ...]
Index = tuple[Any, ...]


class Layout(NamedTuple):
    """How windows lie on the last axes of x, one entry an axis, and of how many groups of channels.

    Before and after an axis stand as many zeros as its padding says.
    """

    kernel: Sizes
    stride: Sizes
    padding: tuple[tuple[int, int], ...]
    dilation: Sizes
    groups: int = 1

    @property
    def rank(self) -> int:
        return len(self.kernel)

    @property
    def taps(self) -> int:
        """The number of elements of a window."""
        return math.prod(self.kernel)

    def outputs(self, shape: tuple[int, ...]) -> Sizes:
        """How many windows there are along each axis of an x of this shape."""
        lengths = self.padded(shape)
        axes = zip(lengths, self.kernel, self.stride, self.dilation, strict=True)
        return tuple((n - d * (k - 1) - 1) // s + 1 for n, k, s, d in axes)

    def padded(self, shape: tuple[int, ...]) -> Sizes:
        spatial = shape[len(shape) - self.rank :]
        return tuple(n + sum(ends) for n, ends in zip(spatial, self.padding, strict=True))

    def inside(self, shape: tuple[int, ...]) -> Index:
        """The index of what is no padding."""
        pairs = zip(shape[len(shape) - self.rank :], self.padding, strict=True)
        return (..., *(slice(low, low + n) for n, (low, _) in pairs))

    def seen(self, shape: tuple[int, ...]) -> Iterator[Index]:
        """For every element of the window the index of all that it meets in a padded x."""
        axes = tuple(zip(self.dilation, self.stride, self.outputs(shape), strict=True))
        for at in np.ndindex(self.kernel):
            yield (
                ...,
                *(
                    slice(k * d, k * d + s * (n - 1) + 1, s)
                    for k, (d, s, n) in zip(at, axes, strict=True)
                ),
            )


def padded(x: Value, layout: Layout, fill: float = 0.0) -> Value:
    if not any(map(any, layout.padding)):
        return x
    out = np.full((*x.shape[: x.ndim - layout.rank], *layout.padded(x.shape)), fill, x.dtype)
    out[layout.inside(x.shape)] = x
    return out


def columns(x: Value, layout: Layout) -> Value:
    """Windows of x (..., N, C, *axes) as (..., N, groups, C / groups * taps, places)."""
    rank, outputs = layout.rank, layout.outputs(x.shape)
    *lead, channels = x.shape[: x.ndim - rank]
    shown = padded(x, layout)
    if layout.taps > 1 or set(layout.stride) != {1}:
        axes = tuple(range(-rank, 0))
        reach = tuple(d * (k - 1) + 1 for k, d in zip(layout.kernel, layout.dilation, strict=True))
        steps = [slice(None, None, step) for step in layout.stride + layout.dilation]
        windows: Any = sliding_window_view(shown, reach, axes)
        windows = windows[(..., *steps)]
        shown = np.moveaxis(windows, axes, tuple(range(-2 * rank, -rank)))
    rows = channels // layout.groups * layout.taps
    return shown.reshape(*lead, layout.groups, rows, math.prod(outputs))


def scattered(cols: Value, spatial: Sizes, layout: Layout) -> Value:
    """The adjoint of `columns`: every window's elements added where they came from."""
    *lead, groups, rows, _ = cols.shape
    channels = groups * rows // layout.taps
    cols = cols.reshape(*lead, channels, layout.taps, *layout.outputs(spatial))
    out = np.zeros((*lead, channels, *layout.padded(spatial)), cols.dtype)
    parts = np.moveaxis(cols, -layout.rank - 1, 0)
    for part, seen in zip(parts, layout.seen(spatial), strict=True):
        out[seen] += part
    return out[layout.inside(spatial)]


# ---- from a call's arguments --------------------------------------------------------------------


def entries(value: Any, rank: int, what: str, least: int) -> Sizes:
    """One integer an axis; one for all may be given by itself."""
    given = value if isinstance(value, list | tuple) else (value,) * rank
    if len(given) != rank:
        raise WrongValue(f"{what} has {len(given)} entries for {rank} axes")
    sizes = tuple(integer(n, what) for n in given)
    if min(sizes) < least:
        raise WrongValue(f"{what} must be at least {least}")
    return sizes


def layout_of(
    shape: tuple[int, ...],
    kernel: Sizes,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
    ceil: bool = False,
) -> Layout:
    """The layout of a call on an x of this shape; an error if there is no window.

    ceil    whether the last window may reach past the end
    """
    rank = len(kernel)
    gaps = entries(dilation, rank, "a dilation", 1)
    steps = entries(stride, rank, "a stride", 1)
    if isinstance(padding, str):
        ends = named_padding(padding, kernel, steps, gaps)
    else:
        ends = tuple((n, n) for n in entries(padding, rank, "a padding", 0))
    layout = Layout(kernel, steps, ends, gaps, groups)
    if ceil:
        layout = overhanging(layout, shape)
    if min(layout.outputs(shape)) < 1:
        apart = "" if max(gaps) == 1 else f" with dilation {gaps}"
        raise ShapeMismatch(f"windows of {kernel}{apart} do not fit into {layout.padded(shape)}")
    return layout


def overhanging(layout: Layout, shape: tuple[int, ...]) -> Layout:
    """With a last window that begins before the end, or the padding there, and may go beyond."""
    ends = []
    axes = zip(shape[len(shape) - layout.rank :], layout.kernel, layout.stride, strict=True)
    for (n, k, s), (low, high), d in zip(axes, layout.padding, layout.dilation, strict=True):
        reach = d * (k - 1) + 1
        last = -((reach - n - low - high) // s)
        if last * s >= n + low:  # a window of the padding alone
            last -= 1
        ends.append((low, max(high, last * s + reach - n - low)))
    return layout._replace(padding=tuple(ends))


def named_padding(
    name: str, kernel: Sizes, stride: Sizes, dilation: Sizes
) -> tuple[tuple[int, int], ...]:
    """`same` keeps the lengths (where it is odd the end gets one more), `valid` adds nothing."""
    if name not in ("same", "valid"):
        raise WrongValue("padding is a number an axis, 'same' or 'valid'")
    if name == "valid":
        return ((0, 0),) * len(kernel)
    if set(stride) != {1}:
        raise WrongValue("padding 'same' is for a stride of 1")
    total = [d * (k - 1) for k, d in zip(kernel, dilation, strict=True)]
    return tuple((n // 2, n - n // 2) for n in total)
