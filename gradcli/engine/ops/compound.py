"""Functions that lose digits, or are several steps, when they are composed of others."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.engine.ops.axes import integer
from gradcli.engine.ops.parameters import real, truth
from gradcli.engine.ops.table import (
    NONZERO,
    OVER_MINUS_ONE,
    POSITIVE,
    REAL,
    Bound,
    Value,
    broadcast_size,
    op,
)
from gradcli.errors import WrongValue

# ---- products with a logarithm ------------------------------------------------------------------
# Where a = 0 the product is 0 whatever the logarithm. There its slope by a is the logarithm, if
# that is a number, else 0, which keeps a training finite.


def xlogy(a: Value, b: Value) -> Value:
    return a * np.log(np.where((a == 0) & (b <= 0), 1, b))


op(
    "xlogy",
    xlogy,
    lambda g, a, b, _y: g * np.log(np.where((a == 0) & (b <= 0), 1, b)),
    lambda g, a, b, _y: g * (a / np.where((a == 0) & (b == 0), 1, b)),
    saves="ab",
    domain=(REAL, POSITIVE),
    twin=lambda S, a, b: S.Piecewise((0, S.Eq(a, 0)), (a * S.log(b), True)),
    cost=14.0,
    ordered=True,
    numpy=(),
    kink=(lambda a, b, _y: (a == 0) & (b <= 0), "the slopes of 0 log b for b <= 0 are taken as 0"),
)


def xlog1py(a: Value, b: Value) -> Value:
    return a * np.log1p(np.where((a == 0) & (b <= -1), 0, b))


op(
    "xlog1py",
    xlog1py,
    lambda g, a, b, _y: g * np.log1p(np.where((a == 0) & (b <= -1), 0, b)),
    lambda g, a, b, _y: g * (a / np.where((a == 0) & (b == -1), 1, b + 1)),
    saves="ab",
    domain=(REAL, OVER_MINUS_ONE),
    twin=lambda S, a, b: S.Piecewise((0, S.Eq(a, 0)), (a * S.log(1 + b), True)),
    cost=20.0,
    ordered=True,
    node="SpecialXlog1PyBackward0",
    numpy=(),
    kink=(
        lambda a, b, _y: (a == 0) & (b <= -1),
        "the slopes of 0 log(1 + b) for b <= -1 are taken as 0",
    ),
)

# ---- blends -------------------------------------------------------------------------------------


def blend(a: Value, b: Value, weight: Value, _alone: bool) -> Value:
    """a + w (b - a), from the nearer end, so that both ends are met exactly."""
    gap = b - a
    return np.where(np.abs(weight) < 0.5, a + weight * gap, b - gap * (1 - weight))


def blend_arguments(a: Value, b: Value, weight: Value) -> Bound:
    return (a, b, weight), (isinstance(weight, int | float),)


op(
    "lerp",
    blend,
    lambda g, _a, _b, weight, _y, _alone: g * (1 - weight),
    lambda g, _a, _b, weight, _y, _alone: g * weight,
    lambda g, a, b, _weight, _y, _alone: g * (b - a),
    saves="abc",
    twin=lambda S, a, b, weight, _alone: a + weight * (b - a),
    cost=14.0,
    node=lambda alone: f"LerpBackward{0 if alone else 1}",
    bind=blend_arguments,
    numpy=(),
)


def product_arguments(x: Value, a: Value, b: Value, value: Any = 1) -> Bound:
    return (x, a, b), (real(value, "value"),)


op(
    "addcmul",
    lambda x, a, b, value: x + a * b * value,
    lambda g, _x, _a, _b, _y, _value: g,
    lambda g, _x, _a, b, _y, value: g * (b * value),
    lambda g, _x, a, _b, _y, value: g * (a * value),
    saves="bc",
    twin=lambda S, x, a, b, value: x + value * a * b,
    cost=4.0,
    bind=product_arguments,
    numpy=(),
)
op(
    "addcdiv",
    lambda x, a, b, value: x + a / b * value,
    lambda g, _x, _a, _b, _y, _value: g,
    lambda g, _x, _a, b, _y, value: g * value / b,
    lambda g, _x, a, b, _y, value: -g * value * (a / b) / b,
    saves="bc",
    domain=(REAL, REAL, NONZERO),
    twin=lambda S, x, a, b, value: x + value * a / b,
    cost=4.0,
    bind=product_arguments,
    numpy=(),
)

# ---- parts and steps ----------------------------------------------------------------------------

op(
    "frac",
    lambda x: x - np.trunc(x),
    lambda g, _x, _y: g,
    twin=lambda S, x: x - S.sign(x) * S.floor(S.Abs(x)),
    cost=3.0,
    ordered=True,
    numpy=(),
)


def decimal_arguments(x: Value, decimals: Any) -> Bound:
    places = integer(decimals, "the number of decimals")
    if abs(places) > 300:
        raise WrongValue("the number of decimals is at most 300")
    return (x,), (places,)


op(
    "round_decimals",
    np.round,
    lambda g, _x, _y, _decimals: np.zeros_like(g),
    twin=lambda S, x, decimals: S.floor(x * 10**decimals + S.Rational(1, 2)) / 10**decimals,
    cost=6.0,
    ordered=True,
    public=False,
    node="RoundBackward1",
    bind=decimal_arguments,
    numpy=(),
)

LARGEST = float(np.finfo(np.float64).max)


def replacements(x: Value, nan: Any = 0.0, posinf: Any = None, neginf: Any = None) -> Bound:
    """What stands for nan and the infinities, by default 0 and the largest numbers of the dtype."""
    largest = float(np.finfo(x.dtype).max) if x.dtype.kind == "f" else LARGEST
    return (x,), (
        real(nan, "nan"),
        largest if posinf is None else real(posinf, "posinf"),
        -largest if neginf is None else real(neginf, "neginf"),
    )


op(
    "nan_to_num",
    lambda x, nan, posinf, neginf: np.nan_to_num(x, nan=nan, posinf=posinf, neginf=neginf),
    lambda g, x, _y, _nan, _posinf, _neginf: np.where(np.isfinite(x), g, 0),
    saves="x",
    twin=lambda S, x, nan, posinf, neginf: S.Piecewise(
        (x, S.Abs(x) <= LARGEST), (posinf, x > 0), (neginf, x < 0), (nan, True)
    ),
    cost=8.0,
    ordered=True,
    bind=replacements,
    numpy=(np.nan_to_num,),
)

# ---- nearness: no derivative, no node -----------------------------------------------------------


def nearness(
    a: Value, b: Value, rtol: Any = 1e-5, atol: Any = 1e-8, equal_nan: bool = False
) -> Bound:
    return (a, b), (real(rtol, "rtol"), real(atol, "atol"), truth(equal_nan, "equal_nan"))


op(
    "isclose",
    np.isclose,
    None,
    None,
    elementwise=False,
    extent=lambda a, b, *_tolerances: broadcast_size((a, b)),
    cost=30.0,
    bind=nearness,
)
op("logical_xor", np.logical_xor, None, None, code="(a and not b) or (b and not a)")
