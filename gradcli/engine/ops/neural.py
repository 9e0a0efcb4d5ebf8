"""Activations in pieces: rectifiers, what is cut off at edges, shrinkage, exponential units.

At a kink the slope is 0 where 0 lies between the slopes beside it, else the slope to the left.
An unbounded cotangent must not reach what was not chosen as 0 * inf: `where`, not a product.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.engine.ops.parameters import positive, real
from gradcli.engine.ops.table import NONZERO, Bound, Interval, Value, op

# ---- rectifiers ---------------------------------------------------------------------------------

op(
    "relu",
    lambda x: np.maximum(x, 0),
    lambda g, _x, y: np.where(y <= 0, 0, g),
    saves="y",
    domain=NONZERO,
    twin=lambda S, x: S.Max(x, 0),
    cost=2.0,
    ordered=True,
    numpy=(),
    kink=(lambda x, _y: x == 0, "its slope at 0 is taken as 0"),
)


def leaky_arguments(x: Value, negative_slope: Any = 0.01) -> Bound:
    return (x,), (real(negative_slope, "negative_slope"),)


op(
    "leaky_relu",
    lambda x, slope: np.maximum(x, 0) + np.minimum(x, 0) * slope,
    lambda g, x, _y, slope: np.where(x > 0, g, g * slope),
    saves="x",
    domain=NONZERO,
    twin=lambda S, x, slope: S.Piecewise((x, x > 0), (x * slope, True)),
    cost=6.0,
    ordered=True,
    bind=leaky_arguments,
    numpy=(),
    kink=(lambda x, _y, _slope: x == 0, "its slope at 0 is taken as that to its left"),
)
op(
    "prelu",
    lambda x, slope: np.maximum(x, 0) + np.minimum(x, 0) * slope,
    lambda g, x, slope, _y: np.where(x > 0, g, g * slope),
    lambda g, x, _slope, _y: np.where(x > 0, 0, g * x),
    saves="ab",
    domain=NONZERO,
    twin=lambda S, x, slope: S.Piecewise((x, x > 0), (x * slope, True)),
    cost=6.0,
    ordered=True,
    public=False,
    node="PreluKernelBackward0",
    numpy=(),
    kink=(lambda x, _slope, _y: x == 0, "its slope at 0 is taken as that to its left"),
)


def threshold_arguments(x: Value, threshold: Any, value: Any) -> Bound:
    return (x,), (real(threshold, "threshold"), real(value, "value"))


op(
    "threshold",
    lambda x, edge, value: np.where(x <= edge, value, x),  # nan stays
    lambda g, x, _y, edge, _value: np.where(x <= edge, 0, g),
    saves="x",
    twin=lambda S, x, edge, value: S.Piecewise((x, x > edge), (value, True)),
    cost=4.0,
    ordered=True,
    bind=threshold_arguments,
    numpy=(),
    kink=(lambda x, _y, edge, _value: x == edge, "its slope at the threshold is taken as 0"),
)

# ---- between two edges --------------------------------------------------------------------------


def hardtanh_arguments(x: Value, min_val: Any = -1.0, max_val: Any = 1.0) -> Bound:
    return (x,), (real(min_val, "min_val"), real(max_val, "max_val"))


# Unlike clip it has slope 0 on its edges: least of those beside it, as for relu.
op(
    "hardtanh",
    lambda x, low, high: np.minimum(np.maximum(x, low), high),
    lambda g, x, _y, low, high: np.where((x <= low) | (x >= high), 0, g),
    saves="x",
    twin=lambda S, x, low, high: S.Min(S.Max(x, low), high),
    cost=3.0,
    ordered=True,
    bind=hardtanh_arguments,
    numpy=(),
    kink=(
        lambda x, _y, low, high: (x == low) | (x == high),
        "its slope is taken as 0 on the edges",
    ),
)
op(
    "hardsigmoid",
    lambda x: np.minimum(np.maximum(x + 3.0, 0.0), 6.0) / 6.0,
    lambda g, x, _y: np.where(np.abs(x) >= 3, 0, g / 6),
    saves="x",
    domain=Interval(-6.0, 6.0),
    twin=lambda S, x: S.Min(S.Max(x + 3, 0), 6) / 6,
    cost=8.0,
    ordered=True,
    numpy=(),
    kink=(lambda x, _y: np.abs(x) == 3, "its slope is taken as 0 on the edges"),
)
op(
    "hardswish",
    lambda x: np.where(x <= -3, 0.0, x * (np.minimum(x + 3.0, 6.0) / 6.0)),
    lambda g, x, _y: np.where(x <= -3, 0, np.where(x >= 3, g, g * (x / 3 + 0.5))),
    saves="x",
    domain=Interval(-6.0, 6.0),
    twin=lambda S, x: x * S.Min(S.Max(x + 3, 0), 6) / 6,
    cost=10.0,
    ordered=True,
    numpy=(),
    kink=(lambda x, _y: np.abs(x) == 3, "its slope is taken as 0 at -3 and 1 at 3"),
)

# ---- shrinkage ----------------------------------------------------------------------------------


def shrink_arguments(x: Value, lambd: Any = 0.5) -> Bound:
    return (x,), (real(lambd, "lambd"),)


op(
    "hardshrink",
    lambda x, width: np.where(np.abs(x) <= width, 0, x),
    lambda g, x, _y, width: np.where(np.abs(x) <= width, 0, g),
    saves="x",
    twin=lambda S, x, width: S.Piecewise((0, S.Abs(x) <= width), (x, True)),
    cost=4.0,
    ordered=True,
    bind=shrink_arguments,
    numpy=(),
    kink=(lambda x, _y, width: np.abs(x) == width, "its slope at its jumps is taken as 0"),
)
op(
    "softshrink",
    lambda x, width: np.where(np.abs(x) <= width, 0, x - np.sign(x) * width),
    lambda g, x, _y, width: np.where(np.abs(x) <= width, 0, g),
    saves="x",
    twin=lambda S, x, width: S.Piecewise((0, S.Abs(x) <= width), (x - S.sign(x) * width, True)),
    cost=8.0,
    ordered=True,
    bind=shrink_arguments,
    numpy=(),
    kink=(lambda x, _y, width: np.abs(x) == width, "its slope on the edges is taken as 0"),
)


# ---- exponential units --------------------------------------------------------------------------


def elu(x: Value, alpha: float, scale: float) -> Value:
    return np.maximum(x, 0) * scale + np.expm1(np.minimum(x, 0.0)) * (alpha * scale)


def elu_slope(g: Value, x: Value, _y: Value, alpha: float, scale: float) -> Value:
    return g * np.where(x > 0, scale, np.exp(np.minimum(x, 0)) * (alpha * scale))


def elu_arguments(x: Value, alpha: Any = 1.0) -> Bound:
    return (x,), (real(alpha, "alpha"), 1.0)


# G. Klambauer and others, Self-normalizing neural networks, 2017.
SELU_ALPHA, SELU_SCALE = 1.6732632423543772848170429916717, 1.0507009873554804934193349852946
for _name, _bind in (
    ("elu", elu_arguments),
    ("selu", lambda x: ((x,), (SELU_ALPHA, SELU_SCALE))),
):
    op(
        _name,
        elu,
        elu_slope,
        saves="x",
        domain=NONZERO,
        twin=lambda S, x, alpha, scale: S.Piecewise(
            (x * scale, x > 0), ((S.exp(x) - 1) * (alpha * scale), True)
        ),
        cost=20.0,
        ordered=True,
        node="EluBackward0",
        bind=_bind,
        numpy=(),
        kink=(
            lambda x, _y, alpha, _scale: (x == 0) & (alpha != 1),
            "its slope at 0 is taken as that to its left",
        ),
    )


def celu_arguments(x: Value, alpha: Any = 1.0) -> Bound:
    return (x,), (positive(alpha, "alpha"),)


op(
    "celu",
    lambda x, alpha: np.maximum(x, 0) + np.expm1(np.minimum(x, 0.0) / alpha) * alpha,
    lambda g, x, _y, alpha: g * np.exp(np.minimum(x, 0) / alpha),
    saves="x",
    domain=NONZERO,
    twin=lambda S, x, alpha: S.Piecewise((x, x > 0), ((S.exp(x / alpha) - 1) * alpha, True)),
    cost=20.0,
    ordered=True,
    bind=celu_arguments,
    numpy=(),
)
