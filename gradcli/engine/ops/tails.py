"""Tails of the normal distribution: erfcx(x) = exp(x^2) erfc(x), and the logarithm of ndtr."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradcli.engine.ops.incomplete import NEGLIGIBLE, gauss, in_chunks
from gradcli.engine.ops.special import ROOT_HALF, TWO_OVER_ROOT_PI, real, row
from gradcli.engine.ops.table import Bound, Op, Value


def erfcx(x: Value, n: int) -> Value:
    """The n-th derivative of erfcx."""
    y = real("erfcx")(x)
    return y if n == 0 else in_chunks(lambda x, y: slopes(x, y, n), x, y)


def slopes(x: Value, y: Value, n: int) -> Value:
    """By y' = 2 x y - 2 / sqrt(pi) left of 0, where nothing cancels; else by the integral of
    (-2 t)^n exp(-t^2 - 2 x t) times 2 / sqrt(pi) over t > 0 (DLMF 7.7.2)."""
    with np.errstate(all="ignore"):
        before, found = y, 2 * x * y - TWO_OVER_ROOT_PI
        for k in range(1, n):
            before, found = found, 2 * x * found + 2 * k * before
        right = np.maximum(x, 0)
        reach = NEGLIGIBLE / (right + np.sqrt(right * right + NEGLIGIBLE))
        nodes, weights = gauss()
        t = nodes * reach[:, None]
        values = (-2 * t) ** n * np.exp(-t * (t + 2 * right[:, None]))
        integral = (values @ weights) * reach * TWO_OVER_ROOT_PI
        return np.where(x < 0, found, np.where(np.isnan(x), x, integral))


def erfcx_arguments(x: Value) -> Bound:
    return (x,), (0,)


def erfcx_twin(S: Any, x: Any, n: int) -> Any:
    t = S.Dummy(real=x.is_real)
    return S.diff(S.exp(t**2) * S.erfc(t), t, n).subs(t, x)


ERFCX: Op = row(
    "erfcx",
    erfcx,
    lambda g, x, _y, n: g * ERFCX(x, n + 1),
    saves="x",
    twin=erfcx_twin,
    work=lambda x, n: x.size * (4000.0 if n else 1900.0),
    node="SpecialErfcxBackward0",
    bind=erfcx_arguments,
)
# The slope is the density over ndtr; neither underflows in their scaled quotient.
row(
    "log_ndtr",
    real("log_ndtr"),
    lambda g, x, _y: g * (math.sqrt(2 / math.pi) / ERFCX(x * -ROOT_HALF, 0)),
    saves="x",
    twin=lambda S, x: S.log(S.erfc(-x / S.sqrt(2), evaluate=False) / 2),
    cost=60.0,
    node="SpecialLogNdtrBackward0",
)
