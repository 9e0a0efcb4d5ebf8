"""Activations that are smooth: the logistic function and what is made of it.

All are stable far out, in value and slope: exponentials are taken of numbers that are not positive.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradcli.engine.ops.parameters import choice, positive, real
from gradcli.engine.ops.table import NONZERO, TABLE, Bound, Op, Value, op

# ---- the logistic function ----------------------------------------------------------------------


def negative_size(x: Value) -> Value:
    """-|x|, of unsigned integers too."""
    return np.abs(x) * -1.0


def logistic(x: Value) -> Value:
    """1 / (1 + exp(-x)), without overflow."""
    if x.dtype.kind == "c":
        return 1 / (np.exp(-x) + 1)
    e = np.exp(negative_size(x))
    return np.where(x >= 0, 1.0, e) / (e + 1)


# From x too: 1 - y has lost exp(-x) beside its 1 where x is large.
SIGMOID: Op = op(
    "sigmoid",
    logistic,
    lambda g, x, y: g * (y * SIGMOID(-x)),
    saves="xy",
    twin=lambda S, x: 1 / (1 + S.exp(-x)),
    cost=18.0,
    aliases=("expit",),
    numpy=(),
)


def log_logistic(x: Value) -> Value:
    return np.minimum(x, 0.0) - np.log1p(np.exp(negative_size(x)))


def softplus_twin(S: Any, x: Any) -> Any:
    """log(1 + exp x), where log(1 + e) = 2 artanh(e / (2 + e)) keeps all digits of a small e."""

    def log1p(e: Any) -> Any:
        return 2 * S.atanh(e / (2 + e))

    return S.Piecewise((log1p(S.exp(x)), x <= 0), (x + log1p(S.exp(-x)), True))


op(
    "logsigmoid",
    log_logistic,
    lambda g, x, _y: g * SIGMOID(-x),
    saves="x",
    twin=lambda S, x: -softplus_twin(S, -x),
    cost=22.0,
    node="LogSigmoidBackward0",
    aliases=("log_sigmoid",),
    ordered=True,
    numpy=(),
)

# ---- the logarithm of 1 + exp x -----------------------------------------------------------------


def softplus(x: Value, beta: float, threshold: float) -> Value:
    z = x * beta
    y = (np.maximum(z, 0.0) + np.log1p(np.exp(negative_size(z)))) / beta
    return y if threshold == math.inf else np.where(z > threshold, x, y)


def softplus_slope(g: Value, x: Value, _y: Value, beta: float, threshold: float) -> Value:
    z = x * beta
    slope = g * SIGMOID(z)
    return slope if threshold == math.inf else np.where(z > threshold, g, slope)


def softplus_arguments(x: Value, beta: Any = 1.0, threshold: Any = math.inf) -> Bound:
    return (x,), (positive(beta, "beta"), real(threshold, "threshold"))


# PyTorch gives x itself beyond a threshold of 20, where that is off by 2e-9; this needs none.
SOFTPLUS = op(
    "softplus",
    softplus,
    softplus_slope,
    saves="x",
    twin=lambda S, x, beta, threshold: S.Piecewise(
        (x, x * beta > threshold), (softplus_twin(S, x * beta) / beta, True)
    ),
    cost=42.0,
    ordered=True,
    bind=softplus_arguments,
    numpy=(),
)

# ---- x times a share of 1 -----------------------------------------------------------------------
# Beyond SATURATED the share is 0 or 1 to the last digit; 0 times an infinite x would be nan.

SATURATED = 1e4


def kept_finite(x: Value) -> Value:
    return np.minimum(np.maximum(x, -SATURATED), SATURATED)


def silu_slope(g: Value, x: Value, _y: Value) -> Value:
    share = SIGMOID(x)
    return g * (share * (kept_finite(x) * SIGMOID(-x) + 1))


op(
    "silu",
    lambda x: np.maximum(x, -SATURATED) * logistic(x),
    silu_slope,
    saves="x",
    twin=lambda S, x: x / (1 + S.exp(-x)),
    cost=20.0,
    ordered=True,
    aliases=("swish",),
    numpy=(),
)


def mish(x: Value) -> Value:
    """x tanh(log(1 + exp x)), whose tanh is a fraction of polynomials in exp(-|x|)."""
    e = np.exp(negative_size(x))
    top = np.where(x > 0, e * 2 + 1, e * (e + 2))
    return np.maximum(x, -SATURATED) * (top / (top + 2 * np.where(x > 0, e * e, 1.0)))


def mish_slope(g: Value, x: Value, _y: Value) -> Value:
    e = np.exp(np.where(x > 0, -x, x))
    square = e * e
    top = np.where(x > 0, e * 2 + 1, square + e * 2)
    whole = top + 2 * np.where(x > 0, square, 1)
    change = 4 * (e + 1) * np.where(x > 0, square, e) / (whole * whole)
    return g * (top / whole + kept_finite(x) * change)


op(
    "mish",
    mish,
    mish_slope,
    saves="x",
    twin=lambda S, x: x / (1 + 2 / (S.exp(x) * (S.exp(x) + 2))),
    cost=60.0,
    ordered=True,
    numpy=(),
)


# D. Hendrycks and K. Gimpel, Gaussian error linear units, 2016.
CUBIC = 0.044715


def tanh_argument(x: Value) -> Value:
    """Twice the argument of the approximation's tanh: (1 + tanh u) / 2 is the logistic of 2u."""
    return (x * x * CUBIC + 1) * x * (2 * math.sqrt(2 / math.pi))


def gelu(x: Value, approximate: str) -> Value:
    tanh = approximate == "tanh"
    share = logistic(tanh_argument(kept_finite(x))) if tanh else TABLE["ndtr"].forward(x)
    return np.maximum(x, -SATURATED) * share


def gelu_slope(g: Value, x: Value, _y: Value, approximate: str) -> Value:
    x = kept_finite(x)
    if approximate != "tanh":
        return g * (TABLE["ndtr"](x) + x * (np.exp(x * x / -2) / math.sqrt(2 * math.pi)))
    u = tanh_argument(x)
    rise = (x * x * (3 * CUBIC) + 1) * (2 * math.sqrt(2 / math.pi))
    return g * (SIGMOID(u) * (x * SIGMOID(-u) * rise + 1))


def gelu_twin(S: Any, x: Any, approximate: str) -> Any:
    if approximate != "tanh":
        # Of -x sympy would make 2 - erfc, which cancels where x is far below 0.
        tail = x * S.erfc(S.Abs(x) / S.sqrt(2)) / 2
        return S.Piecewise((tail, x < 0), (x - tail, True))
    return x / (1 + S.exp(-2 * S.sqrt(2 / S.pi) * (x + S.Rational(44715, 10**6) * x**3)))


def gelu_arguments(x: Value, approximate: Any = "none") -> Bound:
    return (x,), (choice(approximate, "approximate", ("none", "tanh")),)


op(
    "gelu",
    gelu,
    gelu_slope,
    saves="x",
    twin=gelu_twin,
    cost=35.0,
    ordered=True,
    needs="scipy.special",
    bind=gelu_arguments,
    numpy=(),
)

# ---- between -1 and 1, and what is left of x ----------------------------------------------------

LARGE = 1e30  # plus 1 it is itself, and times itself still a number


def softsign_slope(g: Value, x: Value, _y: Value) -> Value:
    whole = np.abs(x) + 1
    return g / whole / whole


# |x| has a kink at 0, but this has none: its slope there is 1.
op(
    "softsign",
    lambda x: np.minimum(np.maximum(x, -LARGE), LARGE) / (np.minimum(np.abs(x), LARGE) + 1),
    softsign_slope,
    saves="x",
    domain=NONZERO,
    twin=lambda S, x: x / (1 + S.Abs(x)),
    cost=14.0,
    ordered=True,
    node="DivBackward0",
    numpy=(),
)


def tanh_remainder(x: Value) -> Value:
    """x - tanh x; about 0, where that cancels, by Lambert's tanh x = x / (1 + c)."""
    square = np.minimum(x * x, 1)
    c = 15.0
    for k in (13, 11, 9, 7, 5, 3):
        c = k + square / c
    c = square / c
    return np.where(np.abs(x) < 1, x * (c / (c + 1)), x - np.tanh(x))


op(
    "tanhshrink",
    tanh_remainder,
    lambda g, x, _y: g * np.tanh(x) ** 2,
    saves="x",
    twin=lambda S, x: x - (S.exp(2 * x) - 1) / (S.exp(2 * x) + 1),
    cost=45.0,
    ordered=True,
    node="SubBackward0",
    numpy=(),
)
