"""Operations with several results: a tensor cut along an axis into views of it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Any

import numpy as np

from gradcli.engine.ops.axes import integer, negative_axis
from gradcli.engine.ops.index import Index
from gradcli.engine.ops.table import Bound, Value, op
from gradcli.errors import ShapeMismatch, WrongValue

Cuts = tuple[Index, ...]


def cut(x: Value, indices: Cuts, _axis: int) -> tuple[Value, ...]:
    return tuple([x[(..., *index.parts)] for index in indices])


def filled(g: Sequence[Any], x: Value, y: Sequence[Any]) -> list[Value]:
    """The cotangents of all parts, zeros for those that got none."""
    known, spec = next((part, spec) for part, spec in zip(g, y, strict=True) if part is not None)
    batch = known.shape[: known.ndim - len(spec.shape)]
    return [
        np.zeros(batch + spec.shape, x.dtype) if part is None else part
        for part, spec in zip(g, y, strict=True)
    ]


def windows(x: Value, sizes: Sequence[int], axis: int) -> Bound:
    """Indices of consecutive windows of these sizes along an axis."""
    before: tuple[Any, ...] = (slice(None),) * (x.ndim + axis)
    after: tuple[Any, ...] = (slice(None),) * (-1 - axis)
    slices = [slice(a, b, None) for a, b in pairwise(accumulate(sizes, initial=0))]
    return (x,), (tuple(Index((*before, s, *after), x.shape) for s in slices), axis)


def axis_of(x: Value, axis: Any, name: str) -> tuple[int, int]:
    """The axis, counted from the end, and its length."""
    if not x.ndim:
        raise ShapeMismatch(f"{name} is not for scalars")
    at = negative_axis(axis, x.ndim)
    return at, x.shape[at]


def split_arguments(x: Value, size: Any, axis: Any = 0) -> Bound:
    at, n = axis_of(x, axis, "split")
    step = integer(size, "a size")
    if step < 1:
        raise WrongValue("split takes a size of at least 1")
    return windows(x, [min(step, n - start) for start in range(0, n, step)] or [0], at)


def sizes_arguments(x: Value, sizes: Sequence[Any], axis: Any = 0) -> Bound:
    at, n = axis_of(x, axis, "split")
    lengths = [integer(size, "a size") for size in sizes]
    if min(lengths, default=0) < 0 or sum(lengths) != n:
        raise ShapeMismatch(f"split: the sizes {lengths[:8]} do not add up to {n}")
    return windows(x, lengths, at)


def unbind_arguments(x: Value, axis: Any = 0) -> Bound:
    at, n = axis_of(x, axis, "unbind")
    before: tuple[Any, ...] = (slice(None),) * (x.ndim + at)
    after: tuple[Any, ...] = (slice(None),) * (-1 - at)
    return (x,), (tuple(Index((*before, k, *after), x.shape) for k in range(n)), at)


for _name, _node, _bind in (
    ("split", "SplitBackward0", split_arguments),
    ("split_with_sizes", "SplitWithSizesBackward0", sizes_arguments),
):
    op(
        _name,
        cut,
        lambda g, x, y, _indices, axis: np.concatenate(filled(g, x, y), axis=axis),
        why_no_twin="on a tape each of its results is one of getitem",
        elementwise=False,
        linear=True,
        analytic=False,
        several=True,
        view=True,
        cost=0.2,
        node=_node,
        public=False,
        numpy=(),
        bind=_bind,
    )
op(
    "unbind",
    cut,
    lambda g, x, y, _indices, axis: np.stack(filled(g, x, y), axis=axis),
    why_no_twin="on a tape each of its results is one of getitem",
    elementwise=False,
    linear=True,
    analytic=False,
    several=True,
    view=True,
    cost=0.2,
    numpy=(),
    bind=unbind_arguments,
)
