"""Numbers of any precision: contexts, arrays of them, and rounding to a machine's format."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
from mpmath.ctx_mp import MPContext
from mpmath.libmp import mpf_pos

from gradcli.proof.evaluator import Context, Number

Numbers = Any  # an object array of a context's numbers, also of rank 0

DIGITS = 50
# numpy's functions call a method of this name on the elements of an object array.
METHODS = {
    **{name: name for name in ("exp", "sqrt", "cbrt", "sin", "cos", "tan", "sinh", "cosh", "tanh")},
    "log": "ln",
    "expm1": "expm1",
    "log1p": "log1p",
    "arctan": "atan",
}


def context(bits: int | None = None, *, digits: int = DIGITS) -> Context:
    """A context of its own, with 50 digits or as many as are asked for, or with `bits` bits.

    Its numbers answer numpy: `np.exp(array)` is the exponential of every element.
    """
    ctx = MPContext()
    if bits is None:
        ctx.dps = digits
    else:
        ctx.prec = bits
    for name, function in METHODS.items():
        method = as_method(getattr(ctx, function))
        setattr(ctx.mpf, name, method)
        setattr(ctx.mpc, name, method)
    return ctx


def as_method(function: Callable[[Number], Number]) -> Callable[[Number], Number]:
    """A plain function, which a class binds to its instances."""

    def method(number: Number) -> Number:
        return function(number)

    return method


# ---- arrays -------------------------------------------------------------------------------------


def each(function: Callable[[Any], Any], array: Numbers) -> Numbers:
    """The function of every element, as an object array of the same shape."""
    return shaped([function(x) for x in np.asarray(array).ravel().tolist()], np.shape(array))


def shaped(items: list[Any], shape: tuple[int, ...]) -> Numbers:
    out = np.empty(len(items), object)
    for k, item in enumerate(items):
        out[k] = item
    return out.reshape(shape)


def boxed(value: Any) -> Numbers:
    """A result of numpy's on object arrays, which is a bare number where all axes are reduced."""
    if isinstance(value, np.ndarray):
        return value
    out = np.empty((), object)
    out[()] = value
    return out


def exact(ctx: Context, array: np.ndarray[Any, Any]) -> Numbers:
    """The exact values of machine numbers, as far as the context's precision goes."""
    if array.dtype.kind == "c":
        return each(lambda z: ctx.mpc(z.real, z.imag), array)
    if array.dtype.kind == "b":
        return array
    return each(ctx.mpf, array)


def zeros(ctx: Context, shape: tuple[int, ...]) -> Numbers:
    return np.full(shape, ctx.zero, object)


def within_range(ctx: Context, x: Number) -> Number:
    """x, or an infinity or zero where it is beyond 2^16384 either way.

    No machine's format comes near. Without an end, exp(exp(exp(10))) would fill the memory.
    """
    if isinstance(x, ctx.mpc):
        return ctx.mpc(within_range(ctx, x.real), within_range(ctx, x.imag))
    negative, mantissa, exponent, bits = x._mpf_
    if not mantissa or abs(exponent + bits) < 16384:
        return x
    return ctx.zero if exponent < 0 else -ctx.inf if negative else ctx.inf


# ---- rounding -----------------------------------------------------------------------------------


def random_rounding(ctx: Context, seed: int) -> Callable[[Number, int], Number]:
    """Rounding to a number of bits, up or down by lot; what those bits can hold stays as it is.

    Runs with such rounding scatter about the true result as far as any order and manner of
    rounding in a machine might: the spread shows how many digits mean something (J. Vignes,
    "A stochastic arithmetic for reliable scientific computation", 1993).
    """
    lot = random.Random(seed)  # reproducible, not secret

    def rounded(x: Number, bits: int) -> Number:
        if isinstance(x, ctx.mpc):
            re, im = x._mpc_
            return ctx.make_mpc((one(re, bits), one(im, bits)))
        return ctx.make_mpf(one(x._mpf_, bits))

    def one(x: Any, bits: int) -> Any:
        if x[3] <= bits:
            return x  # nan and the infinities too
        return mpf_pos(x, bits, "u" if lot.random() < 0.5 else "d")

    return rounded


def nudging(ctx: Context, seed: int) -> Callable[[Number, int], Number]:
    """A movement of every number by some 1e-30 of it, up or down by lot, whatever the bits.

    Where the result of a calculation depends on it, the point lies on a jump: an angle whose
    argument is a zero of either sign, a step at its edge.
    """
    lot = random.Random(seed)

    def nudged(x: Number, _bits: int) -> Number:
        step = ctx.mpf(lot.choice((-1, 1)) * lot.randint(64, 128)) / 2**107
        return x * (1 + step) if x else step

    return nudged
