"""Linear maps that set elements out anew: turned about, repeated, padded, in windows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from gradcli.engine.ops.axes import integer, leading, named_axes, negative_axis
from gradcli.engine.ops.gathering import INDEX_ADD, whole
from gradcli.engine.ops.shape import Shape, shape_of
from gradcli.engine.ops.table import Bound, Op, Value, op
from gradcli.errors import WrongType, WrongValue

BACKWARDS = slice(None, None, -1)

# ---- turned about -------------------------------------------------------------------------------


def flip_arguments(x: Value, axis: Any = None) -> Bound:
    return (x,), (tuple(range(-x.ndim, 0)) if axis is None else named_axes(axis, x.ndim),)


def flipped(x: Value, axes: tuple[int, ...]) -> Value:
    every = range(min(axes, default=0), 0)
    return x[(..., *[BACKWARDS if k in axes else slice(None) for k in every])].copy()


FLIP: Op = op(
    "flip",
    flipped,
    lambda g, _x, _y, axes: FLIP(g, axes),
    twin=np.flip,
    elementwise=False,
    linear=True,
    moving=True,
    cost=2.0,
    bind=flip_arguments,
    numpy=(np.flip,),
)


def roll_arguments(x: Value, shift: Any, axis: Any) -> Bound:
    axes = [axis] if not isinstance(axis, Sequence) else list(axis)
    shifts = [shift] * len(axes) if not isinstance(shift, Sequence) else list(shift)
    if isinstance(shift, str) or len(shifts) != len(axes):
        raise WrongValue("roll takes one shift, or one for every axis")
    numbers = tuple(integer(n, "a shift") for n in shifts)
    return (x,), (numbers, tuple(negative_axis(a, x.ndim) for a in axes))


def rolled(x: Value, shifts: tuple[int, ...], axes: tuple[int, ...]) -> Value:
    for shift, axis in zip(shifts, axes, strict=True):
        n = x.shape[axis]
        cut = n - shift % n if n else 0
        behind = (slice(None),) * (-1 - axis)
        last, first = x[(..., slice(cut, None), *behind)], x[(..., slice(cut), *behind)]
        x = np.concatenate([last, first], axis)
    return x


ROLL: Op = op(
    "roll",
    rolled,
    lambda g, _x, _y, shifts, axes: ROLL(g, tuple(-n for n in shifts), axes),
    twin=np.roll,
    elementwise=False,
    linear=True,
    moving=True,
    cost=2.0,
    bind=roll_arguments,
)


def rot90_arguments(x: Value, k: Any = 1, axes: Any = (0, 1)) -> Bound:
    plane = axes if isinstance(axes, Sequence) and not isinstance(axes, str) else (axes,)
    turned = tuple(negative_axis(a, x.ndim) for a in plane)
    if len(set(turned)) != 2 or len(turned) != 2:
        raise WrongValue("rot90 turns a plane of two axes")
    return (x,), (integer(k, "the number of turns") % 4, turned)


op(
    "rot90",
    lambda x, k, axes: np.rot90(x, k, axes).copy(),
    lambda g, _x, _y, k, axes: np.rot90(g, -k, axes),
    twin=np.rot90,
    elementwise=False,
    linear=True,
    moving=True,
    cost=3.0,
    bind=rot90_arguments,
    numpy=(np.rot90,),
)

# ---- repeated -----------------------------------------------------------------------------------


def tile_arguments(x: Value, *reps: Any) -> Bound:
    counts = shape_of(*reps)
    if min(counts, default=0) < 0:
        raise WrongValue("tile takes counts that are not negative")
    rank = max(x.ndim, len(counts))
    if rank > x.ndim:
        x = x.reshape((1,) * (rank - x.ndim) + x.shape)
    return (x,), ((1,) * (rank - len(counts)) + counts,)


def untile(g: Value, x: Value, y: Value, reps: Shape) -> Value:
    """The sum over all copies: an axis of n elements r times is one of r beside one of n."""
    pairs = [n for pair in zip(reps, x.shape, strict=True) for n in pair]
    copies = tuple(range(-len(pairs), 0, 2))
    return np.sum(np.reshape(g, (*leading(g, y), *pairs)), axis=copies)


op(
    "tile",
    np.tile,
    untile,
    twin=np.tile,
    elementwise=False,
    linear=True,
    moving=True,
    cost=3.0,
    extent=lambda x, reps: x.size * math.prod(reps),
    node="RepeatBackward0",
    bind=tile_arguments,
)


def repeat_arguments(x: Value, repeats: Any, axis: Any = None) -> Bound:
    if axis is None:
        x, axis = x.reshape(-1), -1
    at = negative_axis(axis, x.ndim)
    counts = getattr(repeats, "value", repeats)
    if np.ndim(counts) > 1:
        raise WrongValue("repeat takes one count, or one for every element of the axis")
    counts = counts.tolist() if isinstance(counts, np.ndarray) else counts
    several = list(counts) if isinstance(counts, Sequence) else [counts]
    numbers = [integer(n, "a count") for n in several]
    if len(numbers) not in (1, x.shape[at]) or min(numbers, default=0) < 0:
        raise WrongValue(
            f"repeat takes one count, or one for each of the {x.shape[at]} elements, none negative"
        )
    return (x,), (numbers[0] if len(numbers) == 1 else tuple(numbers), at)


def unrepeat(g: Value, x: Value, y: Value, repeats: Any, axis: int) -> Value:
    origins = np.repeat(np.arange(x.shape[axis]), repeats)
    return INDEX_ADD(np.zeros(leading(g, y) + x.shape, g.dtype), origins, g, axis)


def repeated_size(x: Value, repeats: Any, axis: int) -> int:
    n = x.shape[axis]
    total = sum(repeats) if isinstance(repeats, tuple) else n * repeats
    return int(x.size // n * total) if n else 0


op(
    "repeat",
    np.repeat,
    unrepeat,
    twin=np.repeat,
    elementwise=False,
    linear=True,
    moving=True,
    cost=6.0,
    extent=repeated_size,
    node="IndexSelectBackward0",
    aliases=("repeat_interleave",),
    bind=repeat_arguments,
)

# ---- padded -------------------------------------------------------------------------------------

Widths = tuple[tuple[int, int], ...]
PADDINGS = {
    "constant": "ConstantPadNd",
    "reflect": "ReflectionPad",
    "edge": "ReplicationPad",
    "wrap": "CircularPad",
    "symmetric": "SymmetricPad",
}
# PyTorch's words.
MODES = {"replicate": "edge", "circular": "wrap"}


def pad_arguments(
    x: Value, pad_width: Any, mode: Any = "constant", constant_values: Any = 0
) -> Bound:
    name = MODES.get(mode, mode) if isinstance(mode, str) else mode
    if not isinstance(name, str) or name not in PADDINGS:
        raise WrongValue(f"pad has the modes {', '.join(PADDINGS)}")
    if type(constant_values) not in (int, float, complex):
        raise WrongType("pad: constant_values is one number")
    return (x,), (pad_widths(pad_width, x.ndim), name, constant_values)


def pad_widths(given: Any, rank: int) -> Widths:
    """For every axis how much before and after it: from a number, a pair or a pair an axis."""
    rows = whole(given, "widths").value.tolist() if hasattr(given, "value") else given
    rows = rows.tolist() if isinstance(rows, np.ndarray) else rows
    if not isinstance(rows, Sequence):
        rows = (rows, rows)
    if not any(isinstance(row, Sequence) for row in rows):
        rows = [tuple(rows) if len(rows) == 2 else tuple(rows) * 2] * rank
    elif len(rows) == 1:
        rows = list(rows) * rank
    pairs = [tuple(row) if isinstance(row, Sequence) else (row, row) for row in rows]
    if len(pairs) != rank or any(len(pair) != 2 for pair in pairs):
        raise WrongValue(f"pad takes a width, a pair of them, or a pair for each of {rank} axes")
    widths = tuple((integer(a, "a width"), integer(b, "a width")) for a, b in pairs)
    if min((n for pair in widths for n in pair), default=0) < 0:
        raise WrongValue("pad takes widths that are not negative")
    return widths


def padded(x: Value, widths: Widths, mode: str, value: Any) -> Value:
    every = ((0, 0),) * (x.ndim - len(widths)) + widths
    if mode == "constant":
        return np.pad(x, every, constant_values=value)
    return np.pad(x, every, mode=mode)  # type: ignore[call-overload]  # one of PADDINGS


def unpad(g: Value, x: Value, _y: Value, widths: Widths, mode: str, _value: Any) -> Value:
    """What was moved to the border goes back to where it came from."""
    if mode == "constant":
        inside = [slice(a, a + n) for (a, _), n in zip(widths, x.shape, strict=True)]
        return g[(..., *inside)]
    for axis, n in zip(range(-len(widths), 0), x.shape, strict=True):
        before, after = widths[axis]
        if before or after:
            origins = padded(np.arange(n), ((before, after),), mode, 0)
            shape = (*g.shape[:axis], n, *g.shape[g.ndim + axis + 1 :])
            g = INDEX_ADD(np.zeros(shape, g.dtype), origins, g, axis)
    return g


def pad_node(widths: Widths, mode: str, _value: Any) -> str:
    """PyTorch's names count the axes that are padded."""
    number = sum(any(pair) for pair in widths)
    return PADDINGS[mode] + ("" if mode == "constant" else f"{number}D") + "Backward0"


PAD: Op = op(
    "pad",
    padded,
    unpad,
    # Affine where the constant is not 0.
    jvp=lambda t, _x, _y, widths, mode, _value: PAD(t, widths, mode, 0),
    twin=padded,
    elementwise=False,
    cost=3.0,
    extent=lambda x, widths, _mode, _value: math.prod(
        a + n + b for (a, b), n in zip(widths, x.shape, strict=True)
    ),
    node=pad_node,
    bind=pad_arguments,
    numpy=(np.pad,),
)

# ---- windows ------------------------------------------------------------------------------------


def unfold_arguments(x: Value, axis: Any, size: Any, step: Any = 1) -> Bound:
    at = negative_axis(axis, x.ndim)
    length, stride = integer(size, "a size"), integer(step, "a step")
    if not 1 <= length <= x.shape[at] or stride < 1:
        elements = f"{x.shape[at]} elements"
        raise WrongValue(f"windows of {length} by steps of {stride} do not fit {elements}")
    return (x,), (at, length, stride)


def starts(n: int, size: int, step: int) -> range:
    return range(0, n - size + 1, step)


def unfolded(x: Value, axis: int, size: int, step: int) -> Value:
    windows: Value = np.lib.stride_tricks.sliding_window_view(x, size, axis)
    every = (slice(None),) * -axis
    return windows[(..., slice(None, None, step), *every)].copy()


def refold(g: Value, x: Value, y: Value, axis: int, size: int, step: int) -> Value:
    """Windows back to back along the axis, each element added to the one it shows."""
    beside = np.moveaxis(g, -1, axis)
    begins = np.array(starts(x.shape[axis], size, step))
    origins = np.ravel(begins[:, None] + np.arange(size))
    shape = leading(g, y) + x.shape
    flat = (*shape[: len(shape) + axis], len(origins), *shape[len(shape) + axis + 1 :])
    return INDEX_ADD(np.zeros(shape, g.dtype), origins, np.reshape(beside, flat), axis)


op(
    "unfold",
    unfolded,
    refold,
    twin=lambda x, axis, size, step: np.stack(
        [
            np.moveaxis(np.take(x, range(k, k + size), axis), axis, -1)
            for k in starts(x.shape[axis], size, step)
        ],
        axis=axis - 1,
    ),
    elementwise=False,
    linear=True,
    moving=True,
    cost=15.0,
    extent=lambda x, axis, size, step: (
        x.size // x.shape[axis] * len(starts(x.shape[axis], size, step)) * size
    ),
    bind=unfold_arguments,
    numpy=(),
)
