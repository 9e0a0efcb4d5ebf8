"""What the rows on matrices share: the last two axes are the matrix, all before them a batch."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from gradcli.engine.ops.table import Bound, Value
from gradcli.errors import DomainError, ShapeMismatch

# ---- pieces of rules ----------------------------------------------------------------------------


def adjoint(x: Value) -> Value:
    """The conjugate transpose."""
    return np.conj(x.mT) if x.dtype.kind == "c" else x.mT


def conjugate(x: Value) -> Value:
    return np.conj(x) if x.dtype.kind == "c" else x


def real(x: Value) -> Value:
    return np.real(x) if x.dtype.kind == "c" else x


def hermitian(x: Value) -> Value:
    """The symmetric part, of complex matrices the Hermitian one."""
    return (x + adjoint(x)) / 2


def lower(x: Value, k: int = 0) -> Value:
    """What lies on and below the k-th diagonal; zeros above."""
    m, n = x.shape[-2:]
    return np.where(np.tri(m, n, k, dtype=bool), x, 0)


def upper(x: Value, k: int = 0) -> Value:
    """What lies on and above the k-th diagonal; zeros below."""
    m, n = x.shape[-2:]
    return np.where(np.tri(m, n, k - 1, dtype=bool), 0, x)


def diagonal(x: Value) -> Value:
    """The main diagonal of square matrices."""
    return np.sum(np.where(np.eye(x.shape[-1], dtype=bool), x, 0), axis=-1)


def columns(x: Value, vector: bool) -> Value:
    """A vector as a matrix of one column."""
    return x[..., None] if vector else x


def lifted(t: Value, x: Value, rank: int) -> Value:
    """Tangents of x as those of it broadcast to a rank: their batch axes stay in front."""
    ahead = t.shape[: t.ndim - len(x.shape)]
    return np.reshape(t, (*ahead, *(1,) * (rank - len(x.shape)), *x.shape))


# ---- arguments ----------------------------------------------------------------------------------


def matrix_arguments(x: Value) -> Bound:
    if x.ndim < 2:
        raise ShapeMismatch(f"a matrix is needed; the shape is {x.shape}")
    return (x,), ()


def square_arguments(x: Value) -> Bound:
    matrix_arguments(x)
    if x.shape[-1] != x.shape[-2]:
        raise ShapeMismatch(f"a square matrix is needed; the shape is {x.shape}")
    return (x,), ()


def refusing(message: str) -> Callable[[Callable[..., Value]], Callable[..., Value]]:
    """A forward whose failure in LAPACK is a domain error with this message."""

    def decorate(forward: Callable[..., Value]) -> Callable[..., Value]:
        @wraps(forward)
        def checked(*arguments: Any) -> Value:
            try:
                return forward(*arguments)
            except np.linalg.LinAlgError:
                raise DomainError(message) from None

        return checked

    return decorate


# ---- prices -------------------------------------------------------------------------------------


def price(call: float, element: float, step: float) -> Callable[..., float]:
    """Nanoseconds of a call, of each element of a matrix, and of each of its n^3 steps."""

    def work(x: Value, *_rest: Any) -> float:
        *batch, m, n = map(int, x.shape)
        return call + math.prod(batch) * (1000 + m * n * (element + step * min(m, n)))

    return work
