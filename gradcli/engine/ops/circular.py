"""Functions of angles, circular and hyperbolic, and the angles themselves."""

from __future__ import annotations

import math

import numpy as np

from gradcli.engine.ops.table import NONZERO, OVER_ONE, POSITIVE, UNIT, Interval, Value, op

# ---- circular functions -------------------------------------------------------------------------

op("sin", np.sin, lambda g, x, _y: g * np.cos(x), saves="x", twin="sin", cost=12.0, code="sin(x)")
op("cos", np.cos, lambda g, x, _y: -g * np.sin(x), saves="x", twin="cos", cost=12.0, code="cos(x)")
op(
    "tan",
    np.tan,
    lambda g, _x, y: g * (y * y + 1),
    code="tan(x)",
    saves="y",
    domain=Interval(-1.4, 1.4),
    twin="tan",
    cost=12.0,
)
# At the ends of [-1, 1] the slopes are infinite. (1-x)(1+x) does not cancel near them.
op(
    "arcsin",
    np.arcsin,
    lambda g, x, _y: g / np.sqrt((1 - x) * (1 + x)),
    code="asin(x)",
    saves="x",
    domain=UNIT,
    twin="asin",
    cost=15.0,
    node="AsinBackward0",
    aliases=("asin",),
)
op(
    "arccos",
    np.arccos,
    lambda g, x, _y: -g / np.sqrt((1 - x) * (1 + x)),
    code="acos(x)",
    saves="x",
    domain=UNIT,
    twin="acos",
    cost=15.0,
    node="AcosBackward0",
    aliases=("acos",),
)
op(
    "arctan",
    np.arctan,
    lambda g, x, _y: g / (x * x + 1),
    code="atan(x)",
    saves="x",
    twin="atan",
    cost=15.0,
    node="AtanBackward0",
    aliases=("atan",),
)


def angle_slope(g: Value, a: Value, b: Value) -> Value:
    """b / (a^2 + b^2), scaled so that nothing overflows; (0, 0) at the origin."""
    r = np.hypot(a, b)
    r = np.where(r == 0, 1, r)
    return g * (b / r) / r


op(
    "arctan2",
    np.arctan2,
    lambda g, a, b, _y: angle_slope(g, a, b),
    lambda g, a, b, _y: -angle_slope(g, b, a),
    code="atan2(a, b)",
    saves="ab",
    domain=(NONZERO, POSITIVE),
    twin=lambda S, a, b: S.atan2(a, b),
    cost=30.0,
    node="Atan2Backward0",
    aliases=("atan2",),
    kink=(lambda a, b, _y: (a == 0) & (b == 0), "its slopes at the origin are taken as 0"),
)

# ---- sin(pi x) / (pi x) ------------------------------------------------------------------------


def half_turns(x: Value) -> tuple[Value, Value]:
    """r from -1/2 to 1/2, and the sign s, for which sin(pi x) = s sin(pi r), and so cos."""
    x = np.minimum(np.maximum(x, -EVEN), EVEN)
    whole = np.rint(x)
    odd = np.abs(whole - 2 * np.rint(whole / 2))
    return x - whole, 1 - 2 * odd


EVEN = 2.0**53  # from here on all numbers are even


def sinc(x: Value) -> Value:
    rest, sign = half_turns(x)
    sine = sign * np.sin(np.pi * rest)
    return np.where(x == 0, 1.0, sine / (np.pi * np.where(x == 0, 1.0, x))) + 0.0  # no -0


def sinc_slope(g: Value, x: Value, _y: Value) -> Value:
    """(cos t - sinc) / x for t = pi x; near 0, where that cancels, by Bessel functions' fraction:
    -pi sinc(x) t / (3 - t^2 / (5 - ...)).
    """
    near = np.abs(x) < 0.5
    t = np.where(near, x, 0) * np.pi
    square = t * t
    fraction: Value = 23.0
    for k in range(21, 2, -2):
        fraction = k - square / fraction
    rest, sign = half_turns(x)
    y = SINC(x)
    far = (sign * np.cos(rest * np.pi) - y) / np.where(near, 1, x)
    return g * np.where(near, y * t * -np.pi / fraction, far)


SINC = op(
    "sinc",
    sinc,
    sinc_slope,
    saves="x",
    twin=lambda S, x: S.Piecewise((1, S.Eq(x, 0)), (S.sin(S.pi * x) / (S.pi * x), True)),
    cost=60.0,
    ordered=True,
    numpy=(np.sinc,),
)

# ---- hyperbolic functions -----------------------------------------------------------------------

op(
    "sinh",
    np.sinh,
    lambda g, x, _y: g * np.cosh(x),
    saves="x",
    twin="sinh",
    cost=15.0,
    code="sinh(x)",
)
op(
    "cosh",
    np.cosh,
    lambda g, x, _y: g * np.sinh(x),
    saves="x",
    twin="cosh",
    cost=15.0,
    code="cosh(x)",
)


op(
    "tanh",
    np.tanh,
    lambda g, _x, y: g * (1 - y * y),
    saves="y",
    twin="tanh",
    cost=10.0,
    code="tanh(x)",
)
op(
    "arcsinh",
    np.arcsinh,
    lambda g, x, _y: g / (np.sqrt(x * x + 1) if x.dtype.kind == "c" else np.hypot(x, 1)),
    code="asinh(x)",
    saves="x",
    twin="asinh",
    cost=25.0,
    node="AsinhBackward0",
    aliases=("asinh",),
)
op(
    "arccosh",
    np.arccosh,
    lambda g, x, _y: g / np.sqrt(x - 1) / np.sqrt(x + 1),
    code="acosh(x)",
    saves="x",
    domain=OVER_ONE,
    twin="acosh",
    cost=25.0,
    node="AcoshBackward0",
    aliases=("acosh",),
)
op(
    "arctanh",
    np.arctanh,
    lambda g, x, _y: g / ((1 - x) * (1 + x)),
    code="atanh(x)",
    saves="x",
    domain=UNIT,
    twin="atanh",
    cost=25.0,
    node="AtanhBackward0",
    aliases=("atanh",),
)

# ---- units --------------------------------------------------------------------------------------

RADIANS_A_DEGREE = math.pi / 180
op(
    "radians",
    np.radians,
    lambda g, _x, _y: g * RADIANS_A_DEGREE,
    code="x * 0.017453292519943295",
    twin=lambda S, x: x * S.pi / 180,
    linear=True,
    node="Deg2RadBackward0",
    numpy=(np.radians, np.deg2rad),
    aliases=("deg2rad",),
    cost=2.0,
)
op(
    "degrees",
    np.degrees,
    lambda g, _x, _y: g / RADIANS_A_DEGREE,
    code="x * 57.29577951308232",
    twin=lambda S, x: x * 180 / S.pi,
    linear=True,
    node="Rad2DegBackward0",
    numpy=(np.degrees, np.rad2deg),
    aliases=("rad2deg",),
    cost=2.0,
)
