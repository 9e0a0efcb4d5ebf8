"""Diagonals and triangles, of the last two axes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradcli.engine.ops.axes import integer, negative_axis
from gradcli.engine.ops.table import Bound, Op, Value, op
from gradcli.errors import ShapeMismatch, WrongValue

# ---- diagonals ----------------------------------------------------------------------------------


def places(offset: int, count: int) -> tuple[Value, Value]:
    """Rows and columns of the `count` elements of a diagonal."""
    along = np.arange(count)
    return along + max(0, -offset), along + max(0, offset)


def diagonal_length(x: Value, offset: int) -> int:
    rows, columns = x.shape[-2:]
    return max(0, min(int(rows) + min(offset, 0), int(columns) - max(offset, 0)))


def diagonal_arguments(x: Value, offset: Any = 0, axis1: Any = 0, axis2: Any = 1) -> Bound:
    if x.ndim < 2:
        raise ShapeMismatch(f"a diagonal is of two axes; the shape is {x.shape}")
    plane = (negative_axis(axis1, x.ndim), negative_axis(axis2, x.ndim))
    if plane[0] == plane[1]:
        raise WrongValue("a diagonal is of two axes, which differ")
    if plane != (-2, -1):
        x = x.transpose(*(a for a in range(-x.ndim, 0) if a not in plane), *plane)
    return (x,), (integer(offset, "an offset"),)


def read_diagonal(x: Value, offset: int) -> Value:
    i, j = places(offset, diagonal_length(x, offset))
    return x[..., i, j]


def read_one_by_one(x: Value, offset: int) -> Value:
    """For proofs."""
    n = diagonal_length(x, offset)
    picked = [x[..., k + max(0, -offset), k + max(0, offset)] for k in range(n)]
    return np.stack(picked, axis=-1) if n else np.empty((*x.shape[:-2], 0), object)


def write_diagonal(x: Value, offset: int, rows: int, columns: int) -> Value:
    out = np.zeros((*x.shape[:-1], rows, columns), x.dtype)
    i, j = places(offset, x.shape[-1])
    out[..., i, j] = x
    return out


DIAGONAL = op(
    "diagonal",
    read_diagonal,
    lambda g, x, _y, offset: DIAG_EMBED(g, offset, *x.shape[-2:]),
    twin=read_one_by_one,
    elementwise=False,
    linear=True,
    moving=True,
    bind=diagonal_arguments,
    numpy=(np.diagonal,),
)


def diag_embed_arguments(x: Value, offset: Any = 0) -> Bound:
    if not x.ndim:
        raise ShapeMismatch("a scalar makes no diagonal")
    k = integer(offset, "an offset")
    n = x.shape[-1] + abs(k)
    return (x,), (k, n, n)


def embedded(x: Value, offset: int, rows: int, columns: int) -> Value:
    """Element by element, for proofs."""
    out = np.zeros((*x.shape[:-1], rows, columns), x.dtype)
    for k in range(x.shape[-1]):
        out[..., k + max(0, -offset), k + max(0, offset)] = x[..., k]
    return out


DIAG_EMBED: Op = op(
    "diag_embed",
    write_diagonal,
    lambda g, _x, _y, offset, _rows, _columns: DIAGONAL(g, offset),
    twin=embedded,
    elementwise=False,
    linear=True,
    moving=True,
    cost=2.0,
    extent=lambda x, _offset, rows, columns: math.prod(x.shape[:-1]) * rows * columns,
    bind=diag_embed_arguments,
    numpy=(),
)


# ---- triangles ----------------------------------------------------------------------------------


def triangle_arguments(x: Value, k: Any = 0) -> Bound:
    if x.ndim < 2:
        raise ShapeMismatch(f"a triangle is of matrices; the shape is {x.shape}")
    return (x,), (integer(k, "a diagonal"),)


op(
    "tril",
    np.tril,
    lambda g, _x, _y, k: np.tril(g, k),
    twin=np.tril,
    elementwise=False,
    linear=True,
    moving=True,
    cost=3.0,
    bind=triangle_arguments,
)
op(
    "triu",
    np.triu,
    lambda g, _x, _y, k: np.triu(g, k),
    twin=np.triu,
    elementwise=False,
    linear=True,
    moving=True,
    cost=3.0,
    bind=triangle_arguments,
)
