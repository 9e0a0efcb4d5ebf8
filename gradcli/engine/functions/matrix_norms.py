"""Norms of matrices, and what is made of norms."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from gradcli.engine.apply import ROWS, record
from gradcli.engine.arguments import bound
from gradcli.engine.functions.registry import FUNCTIONS, named
from gradcli.engine.operands import as_operand
from gradcli.engine.ops import TABLE
from gradcli.engine.ops.axes import negative_axis
from gradcli.engine.ops.matrices import matrix_arguments
from gradcli.errors import ShapeMismatch, WrongValue

ORDERS = ("fro", "nuc", 1, -1, 2, -2, math.inf, -math.inf)


@named("norm", numpy=(np.linalg.norm,))
def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: Any = False) -> Any:
    """The norm of order `ord`: of vectors along one axis, of matrices along two.

    Without an order, the root of the sum of squares over any number of axes.
    """
    x = as_operand(x)
    if ord is None:
        return record(TABLE["norm2"], *bound(TABLE["norm2"], (x, axis, keepdims), {}))
    several = isinstance(axis, Sequence) and not isinstance(axis, str)
    if several or (axis is None and x.ndim > 1):
        axes = axis if several else tuple(range(x.ndim))
        if len(axes) == 2:
            return matrix_norm(x, ord, axes, keepdims)
        if len(axes) > 2:
            raise WrongValue("norm: an order is over one axis or two")
    return FUNCTIONS["vector_norm"](x, ord, axis, keepdims)


@named("matrix_norm", numpy=(np.linalg.matrix_norm,))
def matrix_norm(x: Any, ord: Any = "fro", axis: Any = (-2, -1), keepdims: Any = False) -> Any:
    """Over two axes: 'fro'; 'nuc', the sum of the singular values; 2 and -2, the extreme ones.

    1 and inf: the largest sum of a column and of a row; -1 and -inf: the smallest.
    """
    x = as_operand(x)
    if type(ord) not in (int, float, str) or ord not in ORDERS:
        raise WrongValue("norm: an order of matrices is 'fro', 'nuc', 1, -1, 2, -2, inf or -inf")
    if not isinstance(axis, Sequence) or isinstance(axis, str) or len(axis) != 2:
        raise WrongValue("norm: matrices are along two axes")
    row, column = (negative_axis(k, x.ndim) for k in axis)
    if row == column:
        raise WrongValue("norm: the two axes of matrices are the same")
    if ord == "fro":
        return norm(x, None, (row, column), keepdims)
    rest = [k - x.ndim for k in range(x.ndim) if k - x.ndim not in (row, column)]
    x = x.transpose([*rest, row, column])
    if ord in ("nuc", 2, -2):
        values = FUNCTIONS["svdvals"](x)
    else:
        values = FUNCTIONS["sum"](ROWS["abs"](x), -2 if abs(ord) == 1 else -1)
    y = FUNCTIONS["sum" if ord == "nuc" else "amax" if ord > 0 else "amin"](values, -1)
    return FUNCTIONS["expand_dims"](y, tuple(sorted((row, column)))) if keepdims else y


@named("cond", numpy=(np.linalg.cond,))
def cond(x: Any, p: Any = None) -> Any:
    """The condition number in a norm: by default the ratio of the extreme singular values."""
    x = as_operand(x)
    matrix_arguments(x)
    if not x.size:
        raise ShapeMismatch("cond of no elements does not exist")
    if p is None or (type(p) in (int, float) and p in (2, -2)):
        values = FUNCTIONS["svdvals"](x)
        largest, least = values[..., 0], values[..., -1]
        return least / largest if p == -2 else largest / least
    return matrix_norm(x, p) * matrix_norm(FUNCTIONS["inv"](x), p)


@named("cdist")
def cdist(a: Any, b: Any, p: Any = 2) -> Any:
    """Distances, in the norm of order p, of every row of a from every row of b."""
    a, b = as_operand(a), as_operand(b)
    if a.ndim < 2 or b.ndim < 2 or a.shape[-1] != b.shape[-1]:
        raise ShapeMismatch(f"cdist takes rows of one length; the shapes are {a.shape}, {b.shape}")
    return FUNCTIONS["vector_norm"](a.expand_dims(-2) - b.expand_dims(-3), p, -1)
