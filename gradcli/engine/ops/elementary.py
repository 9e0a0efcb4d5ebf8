"""Elementary functions of one number, and of two."""

from __future__ import annotations

import math

import numpy as np

from gradcli.engine.ops.table import NONZERO, OVER_MINUS_ONE, POSITIVE, REAL, Value, op

# ---- exponentials and logarithms ----------------------------------------------------------------

LN2 = math.log(2)
LN10 = math.log(10)

op("exp", np.exp, lambda g, _x, y: g * y, saves="y", twin="exp", cost=6.0, code="exp(x)")
op(
    "exp2",
    np.exp2,
    lambda g, _x, y: g * y * LN2,
    code="exp2(x)",
    saves="y",
    twin=lambda S, x: 2**x,
    cost=6.0,
)
# From x: the result has lost exp(x) beside its -1 where x is far below 0.
op(
    "expm1",
    np.expm1,
    lambda g, x, _y: g * np.exp(x),
    code="expm1(x)",
    saves="x",
    twin=lambda S, x: S.exp(x) - 1,
    cost=12.0,
)
op(
    "log",
    np.log,
    lambda g, x, _y: g / x,
    code="log(x)",
    saves="x",
    domain=POSITIVE,
    twin="log",
    cost=7.0,
    aliases=("ln",),
)
op(
    "log2",
    np.log2,
    lambda g, x, _y: g / (x * LN2),
    code="log2(x)",
    saves="x",
    domain=POSITIVE,
    twin=lambda S, x: S.log(x) / S.log(2),
    cost=9.0,
)
op(
    "log10",
    np.log10,
    lambda g, x, _y: g / (x * LN10),
    code="log10(x)",
    saves="x",
    domain=POSITIVE,
    twin=lambda S, x: S.log(x) / S.log(10),
    cost=9.0,
)
op(
    "log1p",
    np.log1p,
    lambda g, x, _y: g / (x + 1),
    code="log1p(x)",
    saves="x",
    domain=OVER_MINUS_ONE,
    twin=lambda S, x: S.log(1 + x),
    cost=12.0,
    node="Log1PBackward0",
)


def share(g: Value, a: Value, b: Value, scale: Value = 1) -> Value:
    """The part of log(exp a + exp b) that is a's; a half each where they are equal infinities."""
    return g / (np.exp(np.where(a == b, 0, b - a) * scale) + 1)


op(
    "logaddexp",
    np.logaddexp,
    lambda g, a, b, _y: share(g, a, b),
    lambda g, a, b, _y: share(g, b, a),
    code="a + 0.6931471805599453 if a == b else a + log1p(exp(b - a)) if a > b "
    "else b + log1p(exp(a - b))",
    saves="ab",
    twin=lambda S, a, b: S.log(S.exp(a) + S.exp(b)),
    cost=25.0,
)
op(
    "logaddexp2",
    np.logaddexp2,
    lambda g, a, b, _y: share(g, a, b, LN2),
    lambda g, a, b, _y: share(g, b, a, LN2),
    code="a + 1.0 if a == b else a + log1p(exp2(b - a)) / 0.6931471805599453 if a > b "
    "else b + log1p(exp2(a - b)) / 0.6931471805599453",
    saves="ab",
    twin=lambda S, a, b: S.log(2**a + 2**b) / S.log(2),
    cost=25.0,
)

# ---- roots --------------------------------------------------------------------------------------

# sqrt'(0) = +inf, the limit from the right.
op(
    "sqrt",
    np.sqrt,
    lambda g, _x, y: g / (2 * y),
    code="sqrt(x)",
    saves="y",
    domain=POSITIVE,
    twin="sqrt",
    cost=4.0,
)
# cbrt'(0) = +inf, the limit from both sides.
op(
    "cbrt",
    np.cbrt,
    lambda g, _x, y: g / (3 * y * y),
    code="cbrt(x)",
    saves="y",
    domain=NONZERO,
    twin=lambda S, x: S.sign(x) * S.Abs(x) ** S.Rational(1, 3),
    cost=20.0,
)


def reciprocal_root(x: Value) -> Value:
    return np.reciprocal(np.sqrt(x))


op(
    "rsqrt",
    reciprocal_root,
    lambda g, _x, y: g * (y * y * y) / -2,
    saves="y",
    domain=POSITIVE,
    twin=lambda S, x: 1 / S.sqrt(x),
    cost=6.0,
)
op(
    "reciprocal",
    np.reciprocal,
    lambda g, _x, y: -g * (y * y),
    code="1.0 / x",
    saves="y",
    domain=NONZERO,
    twin=lambda S, x: 1 / x,
    cost=2.0,
)
op(
    "square",
    np.square,
    lambda g, x, _y: g * (2 * x),
    code="x * x",
    saves="x",
    twin=lambda S, x: x**2,
    node="PowBackward0",
)


def hypot_slope(g: Value, a: Value, _b: Value, y: Value) -> Value:
    """a / y, and 0 at the origin: the subgradient of least norm."""
    return g * (a / np.where(y == 0, 1, y))


op(
    "hypot",
    np.hypot,
    hypot_slope,
    lambda g, a, b, y: hypot_slope(g, b, a, y),
    code="hypot(a, b)",
    saves="aby",
    domain=(NONZERO, NONZERO),
    twin=lambda S, a, b: S.sqrt(a**2 + b**2),
    cost=20.0,
    kink=(lambda _a, _b, y: y == 0, "its slopes at the origin are taken as 0"),
)

# ---- magnitude and sign -------------------------------------------------------------------------

# A step: its slope is 0. Of complex numbers `sgn` is z / |z|, whose slope is along the circle.
op(
    "sign",
    np.sign,
    lambda g, _x, _y: np.zeros_like(g),
    code="1.0 if x > 0.0 else -1.0 if x < 0.0 else x + 0.0",
    domain=NONZERO,
    twin="sign",
    ordered=True,
)


def turn(g: Value, x: Value, y: Value) -> Value:
    """What of g is along the circle, over the radius; 0 at the origin."""
    if x.dtype.kind != "c":
        return np.zeros_like(g)
    along = g - y * np.real(np.conj(y) * g)
    return np.where(x == 0, 0, along / np.where(x == 0, 1, np.abs(x)))


SGN = op(
    "sgn",
    np.sign,
    turn,
    code="1.0 if x > 0.0 else -1.0 if x < 0.0 else x + 0.0",
    jvp=turn,
    saves="xy",
    domain=NONZERO,
    twin="sign",
    analytic=False,
    numpy=(),
)
# abs'(0) = 0, the subgradient of least norm; for a complex z it is z / |z|.
op(
    "abs",
    np.abs,
    lambda g, x, _y: g * SGN(x),
    code="fabs(x)",
    jvp=lambda t, x, _y: np.real(np.conj(SGN(x)) * t),
    saves="x",
    domain=NONZERO,
    twin="Abs",
    numpy=(np.absolute, np.fabs),
    aliases=("absolute", "fabs"),
    analytic=False,
    kink=(lambda x, _y: x == 0, "its slope at 0 is taken as 0"),
)
op(
    "copysign",
    np.copysign,
    lambda g, a, b, _y: g * np.sign(a) * np.copysign(1, b),
    lambda g, _a, _b, _y: np.zeros_like(g),
    code="copysign(a, b)",
    saves="ab",
    domain=(NONZERO, NONZERO),
    twin=lambda S, a, b: S.Abs(a) * S.sign(b),
    cost=2.0,
)

# Steps: the derivative is 0 wherever there is one, and 0 at the jumps.
for _name, _function, _twin in (
    ("floor", np.floor, "floor"),
    ("ceil", np.ceil, "ceiling"),
    ("trunc", np.trunc, lambda S, x: S.sign(x) * S.floor(S.Abs(x))),
):
    op(
        _name,
        _function,
        lambda g, _x, _y: np.zeros_like(g),
        domain=NONZERO,
        twin=_twin,
        code=f"{_name}(x)",
        ordered=True,
    )


def nearest(x: Value) -> Value:
    """The nearest integer; an integer is that itself, even where float64 cannot hold it."""
    return x.copy() if x.dtype.kind in "biu" else np.rint(x)


op(
    "rint",
    nearest,
    lambda g, _x, _y: np.zeros_like(g),
    code="rint(x)",
    domain=NONZERO,
    # A half goes to the even neighbour.
    twin=lambda S, x: S.Piecewise(
        (2 * S.floor(x / 2 + S.Rational(1, 2)), S.Eq(x - S.floor(x), S.Rational(1, 2))),
        (S.floor(x + S.Rational(1, 2)), True),
    ),
    ordered=True,
    node="RoundBackward0",
    aliases=("round",),
    numpy=(np.rint,),
)
op(
    "heaviside",
    np.heaviside,
    lambda g, _a, _b, _y: np.zeros_like(g),
    lambda g, a, _b, _y: np.where(a == 0, g, 0),
    code="1.0 if a > 0.0 else 0.0 if a < 0.0 else b if a == 0.0 else a",
    saves="a",
    domain=(NONZERO, REAL),
    twin=lambda S, a, b: S.Heaviside(a, b),
    cost=6.0,
)

# ---- complex numbers ----------------------------------------------------------------------------
# Cotangents follow the conjugate-Wirtinger convention: for a real loss, g = dL/d(re) + i dL/d(im).

op(
    "conj",
    np.conj,
    lambda g, _x, _y: np.conj(g),
    twin="conjugate",
    linear=True,
    analytic=False,
    aliases=("conjugate",),
)
# Both parts are copies, never views: a real number's real part would be the number itself.
op(
    "real",
    lambda x: np.real(x).copy(),
    lambda g, _x, _y: g,
    jvp=lambda t, _x, _y: np.real(t),
    twin="re",
    linear=True,
    analytic=False,
    numpy=(np.real,),
)
op(
    "imag",
    lambda x: np.imag(x).copy(),
    lambda g, x, _y: g * 1j if x.dtype.kind == "c" else np.zeros_like(g),
    twin="im",
    elementwise=False,
    linear=True,
    analytic=False,
    numpy=(np.imag,),
)


def bearing(x: Value) -> Value:
    """i z / |z|^2; 0 at the origin, and for real numbers, whose angle is a step."""
    if x.dtype.kind != "c":
        return np.zeros_like(x)
    r = np.where(x == 0, 1, np.abs(x))
    return x / r / r * 1j


op(
    "angle",
    np.angle,
    lambda g, x, _y: g * bearing(x),
    jvp=lambda t, x, _y: np.real(np.conj(bearing(x)) * t),
    saves="x",
    domain=NONZERO,
    twin="arg",
    cost=30.0,
    analytic=False,
    kink=(lambda x, _y: x == 0, "its slope at 0 is taken as 0"),
)
