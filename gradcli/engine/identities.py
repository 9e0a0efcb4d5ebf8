"""Identities by which a program is written: they hold for every number, nan and infinities, too."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine.ops import TABLE
from gradcli.engine.ops.table import Op

if TYPE_CHECKING:
    from gradcli.engine.program import Builder, Operands, Static


def distinct(value: Any) -> Any:
    """An array without what repeats it along an axis, which its strides tell."""
    if not value.shape or all(value.strides):
        return value
    return value[tuple([slice(None) if step else slice(1) for step in value.strides])]


Identity = Callable[..., int | None]
IDENTITIES: dict[str, Identity] = {}


def identity(*names: str) -> Callable[[Identity], Identity]:
    def register(function: Identity) -> Identity:
        IDENTITIES.update(dict.fromkeys(names, function))
        return function

    return register


def operands_of(build: Builder, k: int, name: str) -> tuple[int, ...] | None:
    """The operands of a value, if it is one of this row."""
    value = build.values[k]
    return value.operands if value.op is not None and value.op.name == name else None


@identity("positive", "clone", "contiguous")
def itself(_build: Builder, _op: Op, operands: Operands, _static: Static, _like: Any) -> int | None:
    return operands[0]


UNCHANGING = ("astype", "reshape", "broadcast_to", "ravel", "squeeze", "expand_dims", "sum", "mean")


@identity(*UNCHANGING)
def unchanged(build: Builder, op: Op, operands: Operands, _static: Static, like: Any) -> int | None:
    """What has the shape and dtype that it would be given."""
    return operands[0] if build.fits(operands[0], like) else None


@identity("zeros_like", "ones_like")
def alike(build: Builder, op: Op, _operands: Operands, _static: Static, like: Any) -> int | None:
    return build.constant(op.forward(np.empty(like.shape, like.dtype)))


@identity("real", "conj")
def of_real(build: Builder, _op: Op, operands: Operands, _static: Static, _like: Any) -> int | None:
    return operands[0] if build.values[operands[0]].dtype.kind != "c" else None


@identity("neg")
def negated(build: Builder, _op: Op, operands: Operands, _static: Static, like: Any) -> int | None:
    """--x is x; -(c x) is (-c) x."""
    value = build.values[operands[0]]
    if value.op is TABLE["neg"]:
        return value.operands[0]
    if value.op is TABLE["mul"] and like.dtype.kind == "f":
        for c, x in (value.operands, value.operands[::-1]):
            factor = build.values[c]
            if factor.op is None and not factor.name and not factor.shape:
                return build.apply(TABLE["mul"], (x, build.constant(-factor.constant)), (), like)
    return None


@identity("mul")
def multiplied(
    build: Builder, op: Op, operands: Operands, _static: Static, like: Any
) -> int | None:
    """1 x is x, -1 x is -x; a constant of one number throughout is that number."""
    for one, other in (operands, operands[::-1]):
        if build.fits(other, like):
            if build.is_number(one, 1):
                return other
            if build.is_number(one, -1):
                return build.apply(TABLE["neg"], (other,), (), like)
    number = numbers_for_constants(build, op, operands, like)
    return signs_last(build, op, operands, like) if number is None else number


@identity("div")
def divided(build: Builder, op: Op, operands: Operands, _static: Static, like: Any) -> int | None:
    """x / 1 is x."""
    a, b = operands
    if build.fits(a, like) and build.is_number(b, 1):
        return a
    number = numbers_for_constants(build, op, operands, like)
    return signs_last(build, op, operands, like) if number is None else number


def signs_last(build: Builder, op: Op, operands: Operands, like: Any) -> int | None:
    """(-a) b is -(a b): sums and differences take up a sign that comes last."""
    inner = [operands_of(build, k, "neg") for k in operands]
    if like.dtype.kind != "f" or inner == [None, None]:
        return None
    a, b = (k if sign is None else sign[0] for k, sign in zip(operands, inner, strict=True))
    result = build.apply(op, (a, b), (), like)
    return result if None not in inner else build.apply(TABLE["neg"], (result,), (), like)


@identity("add")
def summed(build: Builder, op: Op, operands: Operands, _static: Static, like: Any) -> int | None:
    """x + -0 is x; a + -b is a - b."""
    for zero, other in (operands, operands[::-1]):
        if build.fits(other, like) and build.is_number(zero, -0.0):
            return other
    for a, b in (operands, operands[::-1]):
        inner = operands_of(build, b, "neg")
        if inner is not None:
            return build.apply(TABLE["sub"], (a, inner[0]), (), like)
    return numbers_for_constants(build, op, operands, like)


@identity("maximum", "minimum")
def bounded(build: Builder, op: Op, operands: Operands, _static: Static, like: Any) -> int | None:
    """No number is less than -inf, or more than inf."""
    end = -math.inf if op is TABLE["maximum"] else math.inf
    for bound, other in (operands, operands[::-1]):
        if build.fits(other, like) and build.is_number(bound, end):
            return other
    return None


@identity("rsub")
def turned_about(
    build: Builder, _op: Op, operands: Operands, _static: Static, like: Any
) -> int | None:
    """Which operand was a constant makes no difference."""
    return build.apply(TABLE["sub"], operands, (), like)


@identity("sub")
def subtracted(
    build: Builder, op: Op, operands: Operands, _static: Static, like: Any
) -> int | None:
    """x - 0 is x; a - -b is a + b."""
    a, b = operands
    if build.fits(a, like) and build.is_number(b, 0.0):
        return a
    inner = operands_of(build, b, "neg")
    if inner is not None:
        return build.apply(TABLE["add"], (a, inner[0]), (), like)
    return numbers_for_constants(build, op, operands, like)


def numbers_for_constants(build: Builder, op: Op, operands: Operands, like: Any) -> int | None:
    """The row with a number in place of a constant array that repeats it, where shapes allow."""
    a, b = (build.values[k] for k in operands)
    for k, (array, other) in enumerate(((a, b), (b, a))):
        if array.op is None and not array.name and array.shape and other.shape == like.shape:
            every = distinct(array.constant)
            if every.size and every.tobytes() == np.full_like(every, every.flat[0]).tobytes():
                number = build.constant(every.flat[0])
                pair = (number, operands[1]) if k == 0 else (operands[0], number)
                return build.apply(op, pair, (), like)
    return None


@identity("logical_and", "logical_or", "bitwise_and", "bitwise_or")
def connected(build: Builder, op: Op, operands: Operands, _static: Static, like: Any) -> int | None:
    """True and p, or False or p, is p; False and p is False, and True or p is True."""
    if like.dtype.kind != "b":
        return None
    neutral = op.name.endswith("and")
    for condition, other in (operands, operands[::-1]):
        truth = build.truth(condition)
        if truth is neutral and build.fits(other, like):
            return other
        if truth is not None and truth is not neutral:
            return build.constant(np.full(like.shape, truth))
    return None


@identity("where")
def decided(build: Builder, _op: Op, operands: Operands, _static: Static, like: Any) -> int | None:
    """A choice that no input makes."""
    condition, a, b = operands
    truth = build.truth(condition)
    chosen = a if truth else b
    return chosen if truth is not None and build.fits(chosen, like) else None


@identity("pow_scalar")
def powered(build: Builder, op: Op, operands: Operands, static: Static, like: Any) -> int | None:
    """Small powers are products, which is how they are calculated."""
    (x,), n = operands, static[0]
    if n == 1 and build.fits(x, like):
        return x
    if n not in (2, 3):
        return None
    square = build.apply(TABLE["mul"], (x, x), (), like)
    return square if n == 2 else build.apply(TABLE["mul"], (square, x), (), like)


TURNS = ("transpose", "t", "swapaxes")


@identity(*TURNS)
def turned(build: Builder, op: Op, operands: Operands, static: Static, like: Any) -> int | None:
    """A turn of the axes that turns nothing, or that an earlier one undoes."""
    inner = build.values[operands[0]]
    # Axes are told apart by their lengths in an array that takes no memory.
    probe = np.broadcast_to(np.float64(0), tuple(range(2, 2 + len(inner.shape))))
    if op.forward(probe, *static).shape == probe.shape:
        return operands[0]
    if inner.op is None or inner.op.name not in TURNS:
        return None
    once = inner.op.forward(probe, *inner.static)
    return inner.operands[0] if op.forward(once, *static).shape == probe.shape else None
