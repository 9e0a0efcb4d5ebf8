"""Arithmetic, comparison, and the choice between values."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from gradcli.engine.ops.table import NONZERO, POSITIVE, REAL, Bound, Value, op
from gradcli.errors import WrongType

# ---- sums and products --------------------------------------------------------------------------

op(
    "add",
    operator.add,
    lambda g, _a, _b, _y: g,
    lambda g, _a, _b, _y: g,
    code="a + b",
    twin=lambda S, a, b: a + b,
    infix="+",
    linear=True,
    numpy=(np.add,),
)
op(
    "sub",
    operator.sub,
    lambda g, _a, _b, _y: g,
    lambda g, _a, _b, _y: -g,
    code="a - b",
    twin=lambda S, a, b: a - b,
    infix="-",
    linear=True,
    numpy=(np.subtract,),
    aliases=("subtract",),
)
# `number - tensor`, which PyTorch records under a name of its own.
op(
    "rsub",
    operator.sub,
    None,
    lambda g, _a, _b, _y: -g,
    code="a - b",
    twin=lambda S, a, b: a - b,
    linear=True,
    node="RsubBackward1",
    public=False,
    numpy=(),
)
op(
    "mul",
    operator.mul,
    lambda g, _a, b, _y: g * b,
    lambda g, a, _b, _y: g * a,
    code="a * b",
    saves="ab",
    multilinear=True,
    twin=lambda S, a, b: a * b,
    infix="*",
    numpy=(np.multiply,),
    aliases=("multiply",),
)
op(
    "div",
    operator.truediv,
    lambda g, _a, b, _y: g / b,
    lambda g, a, b, _y: -g * (a / b) / b,
    code="a / b",
    saves="ab",
    domain=(REAL, NONZERO),
    twin=lambda S, a, b: a / b,
    infix="/",
    numpy=(np.divide,),
    aliases=("divide", "true_divide"),
    cost=4.5,
)
op(
    "neg",
    operator.neg,
    lambda g, _x, _y: -g,
    code="-x",
    twin=lambda S, x: -x,
    linear=True,
    numpy=(np.negative,),
    aliases=("negative",),
)
op(
    "positive",
    operator.pos,
    lambda g, _x, _y: g,
    code="x",
    twin=lambda S, x: x,
    linear=True,
    numpy=(np.positive,),
    node="AliasBackward0",
)
op(
    "clone",
    lambda x: x.copy(),
    lambda g, _x, _y: g,
    code="x",
    twin=lambda S, x: x,
    linear=True,
    numpy=(np.copy,),
)

# ---- powers -------------------------------------------------------------------------------------


def power(a: Value, n: Value) -> Value:
    """a^n; a square or a cube as products, which is 20 to 40 times as fast."""
    if n == 2:
        return a * a
    if n == 3:
        return a * a * a
    return a**n


def power_slope(g: Value, a: Value, _y: Value, n: Any) -> Value:
    """n a^(n-1); a^0 is 1 everywhere, so its slope is 0 even where a^(-1) is infinite."""
    if n == 0:
        return np.zeros_like(g)
    if n == 1:
        return g
    return g * (power(a, n - 1) * n)


def exponent_slope(g: Value, a: Value, _b: Value, y: Value) -> Value:
    """a^b log a; at a = 0 the limit: 0 where b > 0 (b = 0 included: pow(0,0) -> 0), -inf below."""
    at_zero = (a == 0) & (y * 0 == 0)
    return g * np.where(at_zero, 0, y * np.log(np.where(at_zero, 1, a)))


# a**2: the exponent is a constant, so there is one edge. The sign of nan's gradient is nan's.
op(
    "pow_scalar",
    power,
    power_slope,
    code="pow(x, n)",
    saves="x",
    domain=POSITIVE,
    twin=lambda S, x, n: x**n,
    cost=20.0,
    node="PowBackward0",
    public=False,
    numpy=(),
    bind=lambda x, n: ((x,), (n,)),
)
# Kinks: pow(0,0) -> (0,0); pow(0,-1) by the exponent -inf; pow(-2,2) -> (-4, nan).
op(
    "pow_tensor",
    operator.pow,
    lambda g, a, b, _y: g * np.where(b == 0, 0, b * a ** (np.where(b == 0, 1, b) - 1)),
    exponent_slope,
    code="pow(a, b)",
    saves="aby",
    domain=(POSITIVE, REAL),
    twin=lambda S, a, b: a**b,
    cost=20.0,
    node="PowBackward1",
    public=False,
    numpy=(),
    kink=(lambda a, b, _y: (a == 0) & (b == 0), "the slopes of 0^0 are taken as 0"),
)
# 2**a: the base is a constant.
op(
    "pow_base",
    operator.pow,
    None,
    exponent_slope,
    code="pow(a, b)",
    saves="ay",
    domain=(POSITIVE, REAL),
    twin=lambda S, a, b: a**b,
    cost=20.0,
    node="PowBackward2",
    public=False,
    numpy=(),
    kink=(lambda a, _b, y: (a == 0) & (y == 1), "the slopes of 0^0 are taken as 0"),
)

# ---- remainders ---------------------------------------------------------------------------------
# Between the jumps x mod y = x - floor(x/y) y, with the sign of y; fmod truncates instead.


def quotient_slope(g: Value, a: Value, b: Value, y: Value) -> Value:
    """Minus the whole quotient, from the remainder: that of a / b may be rounded up to the next."""
    return -g * np.rint((-y + a) / b)


op(
    "remainder",
    operator.mod,
    lambda g, _a, _b, _y: g,
    quotient_slope,
    code="a % b",
    saves="aby",
    domain=(REAL, POSITIVE),
    twin=lambda S, a, b: a - S.floor(a / b) * b,
    ordered=True,
    cost=25.0,
    infix="%",
    numpy=(np.remainder, np.mod),
    aliases=("mod",),
    kink=(lambda _a, b, y: (b != 0) & (y == 0), "at its jumps the slope beside them is taken"),
)
op(
    "fmod",
    np.fmod,
    lambda g, _a, _b, _y: g,
    quotient_slope,
    code="fmod(a, b)",
    saves="aby",
    domain=(REAL, POSITIVE),
    twin=lambda S, a, b: a - S.sign(a / b) * S.floor(S.Abs(a / b)) * b,
    ordered=True,
    cost=12.0,
)
op(
    "floor_divide",
    operator.floordiv,
    lambda g, _a, _b, _y: np.zeros_like(g),
    lambda g, _a, _b, _y: np.zeros_like(g),
    code="a // b",
    domain=(REAL, POSITIVE),
    twin=lambda S, a, b: S.floor(a / b),
    ordered=True,
    cost=25.0,
    infix="//",
    numpy=(np.floor_divide,),
)

# ---- the larger, the smaller --------------------------------------------------------------------
# A tie shares the cotangent, half to each; fmax and fmin give it to the first operand.


def larger(g: Value, a: Value, b: Value, _y: Value) -> Value:
    return np.where(a == b, g / 2, np.where(a > b, g, 0))


def smaller(g: Value, a: Value, b: Value, _y: Value) -> Value:
    return np.where(a == b, g / 2, np.where(a < b, g, 0))


op(
    "maximum",
    np.maximum,
    larger,
    lambda g, a, b, y: larger(g, b, a, y),
    code="a if a > b or isnan(a) else b",
    saves="ab",
    twin=lambda S, a, b: S.Max(a, b),
    ordered=True,
    cost=5.0,
    kink=(lambda a, b, _y: a == b, "a tie gives half of the cotangent to each operand"),
)
op(
    "minimum",
    np.minimum,
    smaller,
    lambda g, a, b, y: smaller(g, b, a, y),
    code="a if a < b or isnan(a) else b",
    saves="ab",
    twin=lambda S, a, b: S.Min(a, b),
    ordered=True,
    cost=8.0,
    kink=(lambda a, b, _y: a == b, "a tie gives half of the cotangent to each operand"),
)
op(
    "fmax",
    np.fmax,
    lambda g, a, b, _y: np.where((a >= b) | np.isnan(b), g, 0),
    lambda g, a, b, _y: np.where((a >= b) | np.isnan(b), 0, g),
    code="a if a >= b or isnan(b) else b",
    saves="ab",
    twin=lambda S, a, b: S.Max(a, b),
    ordered=True,
    cost=4.0,
    kink=(lambda a, b, _y: a == b, "a tie gives all of the cotangent to the first operand"),
)
op(
    "fmin",
    np.fmin,
    lambda g, a, b, _y: np.where((a <= b) | np.isnan(b), g, 0),
    lambda g, a, b, _y: np.where((a <= b) | np.isnan(b), 0, g),
    code="a if a <= b or isnan(b) else b",
    saves="ab",
    twin=lambda S, a, b: S.Min(a, b),
    ordered=True,
    cost=6.0,
    kink=(lambda a, b, _y: a == b, "a tie gives all of the cotangent to the first operand"),
)

# ---- choice -------------------------------------------------------------------------------------

op(
    "where",
    np.where,
    None,
    lambda g, c, _a, _b, _y: np.where(c, g, 0),
    lambda g, c, _a, _b, _y: np.where(c, 0, g),
    code="b if a else c",
    saves="a",
    twin=lambda S, c, a, b: S.Piecewise((a, c), (b, True)),
    cost=4.0,
)


def clip_arguments(
    x: Value, min: Value = None, max: Value = None, *, a_min: Value = None, a_max: Value = None
) -> Bound:
    return (x,), (bound(a_min if min is None else min), bound(a_max if max is None else max))


def bound(value: Any) -> float | None:
    """An edge of clip, as a Python number, which takes the dtype of what it meets."""
    if value is None or type(value) is int or type(value) is float:
        return value
    if getattr(value, "shape", None) == () and not getattr(value, "requires_grad", False):
        return value.item()  # type: ignore[no-any-return]  # of a numpy scalar
    raise WrongType(
        "the edges of clip are numbers",
        hint="maximum(x, low) and minimum(x, high) take tensors",
    )


def clip_slope(g: Value, x: Value, _y: Value, low: Any, high: Any) -> Value:
    """1 between the edges and on them."""
    if low is not None:
        g = np.where(x >= low, g, 0)
    return g if high is None else np.where(x <= high, g, 0)


def at_edges(x: Value, _y: Value, low: Any, high: Any) -> Value:
    return (x == low) | (x == high)


def clipped(x: Value, low: float | None, high: float | None) -> Value:
    if low is not None:
        x = np.maximum(x, low)
    elif high is None:
        return x.copy()
    return x if high is None else np.minimum(x, high)


op(
    "clip",
    clipped,
    clip_slope,
    saves="x",
    twin=lambda S, x, low, high: S.Max(
        S.Min(x, S.oo if high is None else high), -S.oo if low is None else low
    ),
    ordered=True,
    cost=2.0,
    node="ClampBackward1",
    aliases=("clamp",),
    bind=clip_arguments,
    numpy=(np.clip,),
    kink=(at_edges, "its slope is taken as 1 on the edges"),
)

# ---- comparison: no derivative, no node ---------------------------------------------------------

op("eq", operator.eq, None, None, infix="==", numpy=(np.equal,), code="a == b")
op("ne", operator.ne, None, None, infix="!=", numpy=(np.not_equal,), code="a != b")
op("lt", operator.lt, None, None, infix="<", numpy=(np.less,), ordered=True, code="a < b")
op("le", operator.le, None, None, infix="<=", numpy=(np.less_equal,), ordered=True, code="a <= b")
op("gt", operator.gt, None, None, infix=">", numpy=(np.greater,), ordered=True, code="a > b")
op(
    "ge",
    operator.ge,
    None,
    None,
    infix=">=",
    numpy=(np.greater_equal,),
    ordered=True,
    code="a >= b",
)
op("logical_and", np.logical_and, None, None, code="a and b")
op("logical_or", np.logical_or, None, None, code="a or b")
op("logical_not", np.logical_not, None, code="not x")
op("bitwise_and", operator.and_, None, None, infix="&", numpy=(np.bitwise_and,), code="a and b")
op("bitwise_or", operator.or_, None, None, infix="|", numpy=(np.bitwise_or,), code="a or b")
op("invert", operator.invert, None, numpy=(np.invert,), code="not x")
op("isnan", np.isnan, None, code="isnan(x)")
op("isinf", np.isinf, None, code="isinf(x)")
op("isfinite", np.isfinite, None, code="isfinite(x)")
