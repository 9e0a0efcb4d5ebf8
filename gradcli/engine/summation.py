"""Sums of many numbers of 32 bits, without their rounding errors.

numpy adds pairwise along the axis whose elements lie side by side, and one by one along others: a
tenth, added a million times, is 100958. Where there are that many, they are added with 64 bits.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

ONE_BY_ONE = 512
DOUBLE = {np.dtype(np.float32): np.float64, np.dtype(np.complex64): np.complex128}


def reduced(ufunc: Any, x: Any, axes: Any, keepdims: bool, **initial: Any) -> Any:
    """The elements along `axes`, combined by a binary ufunc."""
    if ufunc is np.add and axes is not None and type(x) is np.ndarray and x.size > ONE_BY_ONE:
        wide = DOUBLE.get(x.dtype)
        apart = [x.shape[axis] for axis in axes if x.strides[axis] != x.itemsize]
        if wide is not None and math.prod(apart) > ONE_BY_ONE:
            return np.add.reduce(x, axes, wide, keepdims=keepdims).astype(x.dtype)
    return ufunc.reduce(x, axis=axes, keepdims=keepdims, **initial)
