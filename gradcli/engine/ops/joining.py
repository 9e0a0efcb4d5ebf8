"""Tensors joined along an axis that they have, or along a new one."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import numpy as np

from gradcli.engine.ops.axes import negative_axis
from gradcli.engine.ops.table import Bound, Value, op
from gradcli.errors import ShapeMismatch, WrongType, WrongValue


def joined(*arrays_axis_and_ends: Any) -> Value:
    *arrays, axis, _ends = arrays_axis_and_ends
    return np.concatenate(arrays, axis=axis)


def part(g: Value, k: int, _operands: Any, _y: Value, axis: int, ends: tuple[int, ...]) -> Value:
    return g[(..., slice(ends[k], ends[k + 1])) + (slice(None),) * (-1 - axis)]


def check_parts(arrays: Sequence[Any], name: str) -> None:
    if not isinstance(arrays, list):
        raise WrongType(f"{name} joins a list of tensors")
    if not arrays:
        raise WrongValue(f"{name}: there is nothing to join")


def concatenate_arguments(arrays: Sequence[Any], axis: Any = 0) -> Bound:
    check_parts(arrays, "concatenate")
    shapes = [x.shape for x in arrays]
    rank = len(shapes[0])
    if not rank or {*map(len, shapes)} != {rank}:
        raise ShapeMismatch(
            "concatenate joins tensors of one rank, at least 1; their shapes are "
            + ", ".join(map(str, shapes[:4]))
        )
    at = negative_axis(axis, rank)
    if rank > 1 and len({shape[:at] + shape[rank + at + 1 :] for shape in shapes}) > 1:
        raise ShapeMismatch(f"shapes {shapes[0]} and {shapes[1]} do not fit along axis {axis}")
    ends = tuple(accumulate([shape[at] for shape in shapes], initial=0))
    return tuple(arrays), (at, ends)


op(
    "concatenate",
    joined,
    part,
    twin=joined,
    elementwise=False,
    linear=True,
    moving=True,
    variadic=True,
    extent=lambda *arrays_axis_and_ends: sum(x.size for x in arrays_axis_and_ends[:-2]),
    node="CatBackward0",
    aliases=("cat", "concat"),
    bind=concatenate_arguments,
    numpy=(np.concatenate,),
)


def stacked(*arrays_and_axis: Any) -> Value:
    *arrays, axis = arrays_and_axis
    # np.array takes half the time of np.stack, but can only put the new axis first.
    first = axis == -1 - len(arrays[0].shape)
    return np.array(arrays) if first else np.stack(arrays, axis=axis)


def stack_arguments(arrays: Sequence[Any], axis: Any = 0) -> Bound:
    check_parts(arrays, "stack")
    shapes = list(dict.fromkeys(x.shape for x in arrays))
    if len(shapes) > 1:
        raise ShapeMismatch(f"stack joins equal shapes; {shapes[0]} and {shapes[1]} differ")
    return tuple(arrays), (negative_axis(axis, len(shapes[0]) + 1),)


op(
    "stack",
    stacked,
    lambda g, k, _operands, _y, axis: g[(..., k) + (slice(None),) * (-1 - axis)],
    twin=lambda *arrays_and_axis: np.stack(arrays_and_axis[:-1], axis=arrays_and_axis[-1]),
    elementwise=False,
    linear=True,
    moving=True,
    variadic=True,
    extent=lambda *arrays_and_axis: sum(x.size for x in arrays_and_axis[:-1]),
    bind=stack_arguments,
    numpy=(np.stack,),
)
