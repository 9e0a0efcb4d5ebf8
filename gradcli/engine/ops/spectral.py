"""Discrete Fourier transforms along an axis, as numpy has them.

All are linear. With F the matrix of exp(-2 pi i j k / n), a cotangent goes back by the adjoint F^H,
the unscaled inverse transform; a scale goes to the other side with it.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradcli.engine.ops.axes import integer, named_axes, negative_axis
from gradcli.engine.ops.table import Bound, Value, op
from gradcli.errors import ShapeMismatch, WrongValue

ADJOINT: dict[str, Any] = {"backward": "forward", "forward": "backward", "ortho": "ortho"}


def arguments(x: Value, n: Any, axis: Any, norm: Any, length: int | None = None) -> Bound:
    """Length, axis from the end and norm; n is `length`, or the axis' own, where it is None."""
    if not x.ndim:
        raise ShapeMismatch("a Fourier transform is along an axis, and a scalar has none")
    at = negative_axis(axis, x.ndim)
    if n is None:
        points = x.shape[at] if length is None else length
    else:
        points = integer(n, "the number of points")
    if points < 1:
        raise WrongValue("a Fourier transform has at least 1 point")
    scale = "backward" if norm is None else norm
    if scale not in ADJOINT:
        raise WrongValue("norm is 'backward', 'ortho' or 'forward'")
    return (x,), (points, at, scale)


def along(x: Value, part: Any, axis: int) -> Value:
    return x[(..., part, *(slice(None),) * (-1 - axis))]


def resized(x: Value, n: int, axis: int) -> Value:
    """Cut or filled up with zeros to n elements along an axis."""
    length = x.shape[axis]
    if length == n:
        return x
    if length > n:
        return along(x, slice(n), axis)
    shape = list(x.shape)
    shape[axis] = n - length
    return np.concatenate([x, np.zeros(tuple(shape), x.dtype)], axis=axis)


def pairs(n: int, axis: int, dtype: Any, factor: float) -> Value:
    """`factor` for the frequencies of half a spectrum that stand for two, else 1."""
    weights = np.full(n // 2 + 1, factor, dtype)
    weights[0] = 1
    if n % 2 == 0:
        weights[-1] = 1
    return weights.reshape(-1, *(1,) * (-1 - axis))


def work(x: Value, n: int, axis: int, norm: str) -> float:
    """n log n; several times that where n has large prime factors."""
    rest = n
    for prime in (2, 3, 5, 7, 11):
        while rest % prime == 0:
            rest //= prime
    return (2.5 if rest == 1 else 22.0) * extent(x, n, axis, norm) * math.log2(n + 1)


def extent(x: Value, n: int, axis: int, _norm: str) -> int:
    """Elements of the longer of operand and result; no points at all are filled up to n."""
    length = x.shape[axis]
    return int(math.prod((*x.shape[:axis], max(n, length), *x.shape[x.ndim + axis + 1 :])))


def transformed(x: Value, n: int, axis: int, sign: int, norm: str) -> Value:
    """The twin: the sum itself, over the numbers of an exact context."""
    ctx = x.ravel()[0].context
    x = np.moveaxis(x, axis, 0)
    scale = {"backward": 1, "ortho": ctx.sqrt(n), "forward": n}[norm]
    rows = [
        sum(x[j] * ctx.expjpi(ctx.mpf(2 * sign * j * k) / n) for j in range(min(n, len(x)))) / scale
        for k in range(n)
    ]
    return np.moveaxis(np.array(rows, object), 0, axis)


def real_parts(x: Value) -> Value:
    """Of numbers of an exact context."""
    return np.frompyfunc(lambda z: z.real, 1, 1)(x)


def half(x: Value, n: int, axis: int, norm: str) -> Value:
    return along(transformed(x, n, axis, -1, norm), slice(n // 2 + 1), axis)


def whole(x: Value, n: int, axis: int, norm: str) -> Value:
    """The inverse of a Hermitian spectrum of which one half is given."""
    known = [along(x, k, axis) for k in range(min(x.shape[axis], n // 2 + 1))]
    zero = known[0] * 0
    known += [zero] * (n // 2 + 1 - len(known))
    real = (0, n // 2) if n % 2 == 0 else (0,)
    known = [real_parts(z) if k in real else z for k, z in enumerate(known)]
    spectrum = known + [np.conj(known[n - k]) for k in range(n // 2 + 1, n)]
    return real_parts(transformed(np.stack(spectrum, axis), n, axis, 1, ADJOINT[norm]))


common: dict[str, Any] = {
    "elementwise": False,
    "linear": True,
    "analytic": False,
    "work": work,
    "extent": extent,
}
op(
    "fft",
    np.fft.fft,
    lambda g, x, _y, n, axis, norm: resized(
        np.fft.ifft(g, n, axis, ADJOINT[norm]), x.shape[axis], axis
    ),
    twin=lambda x, n, axis, norm: transformed(x, n, axis, -1, norm),
    bind=lambda x, n=None, axis=-1, norm=None: arguments(x, n, axis, norm),
    node="FftC2CBackward0",
    complex=True,
    **common,
)
op(
    "ifft",
    np.fft.ifft,
    lambda g, x, _y, n, axis, norm: resized(
        np.fft.fft(g, n, axis, ADJOINT[norm]), x.shape[axis], axis
    ),
    twin=lambda x, n, axis, norm: transformed(x, n, axis, 1, ADJOINT[norm]),
    bind=lambda x, n=None, axis=-1, norm=None: arguments(x, n, axis, norm),
    node="FftC2CBackward0",
    complex=True,
    **common,
)
op(
    "rfft",
    np.fft.rfft,
    lambda g, x, _y, n, axis, norm: resized(
        np.fft.irfft(g * pairs(n, axis, x.dtype, 0.5), n, axis, ADJOINT[norm]), x.shape[axis], axis
    ),
    twin=half,
    bind=lambda x, n=None, axis=-1, norm=None: arguments(x, n, axis, norm),
    node="FftR2CBackward0",
    complex=True,
    **common,
)
op(
    "irfft",
    np.fft.irfft,
    lambda g, x, y, n, axis, norm: resized(
        np.fft.rfft(g, n, axis, ADJOINT[norm]) * pairs(n, axis, y.dtype, 2.0), x.shape[axis], axis
    ),
    twin=whole,
    bind=lambda x, n=None, axis=-1, norm=None: arguments(
        x, n, axis, norm, 2 * (x.shape[negative_axis(axis, x.ndim)] - 1) if x.ndim else 0
    ),
    node="FftC2RBackward0",
    **common,
)

# ---- the zero frequency in the middle -----------------------------------------------------------


def shift_arguments(x: Value, axes: Any = None) -> Bound:
    return (x,), (tuple(range(-x.ndim, 0)) if axes is None else named_axes(axes, x.ndim),)


op(
    "fftshift",
    np.fft.fftshift,
    lambda g, _x, _y, axes: np.fft.ifftshift(g, axes),
    twin=np.fft.fftshift,
    elementwise=False,
    linear=True,
    moving=True,
    cost=2.0,
    bind=shift_arguments,
    node="RollBackward0",
)
op(
    "ifftshift",
    np.fft.ifftshift,
    lambda g, _x, _y, axes: np.fft.fftshift(g, axes),
    twin=np.fft.ifftshift,
    elementwise=False,
    linear=True,
    moving=True,
    cost=2.0,
    bind=shift_arguments,
    node="RollBackward0",
)
