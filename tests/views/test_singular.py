"""Poles, jumps, kinks and edges: found where mathematics has them, and nowhere else."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradcli.lang.curves import Curves
from gradcli.lang.session import Session
from gradcli.lang.source import Source
from gradcli.views.plot.figure import figure

PI = math.pi
CASES = {
    # smooth, however steep, narrow or cancelling
    "x^3": [],
    "5": [],
    "exp(-x^2)": [],
    "1/(x^2 + 1e-6)": [],
    "tanh(1e4*x)": [],
    "sin(500*x)": [],
    "cbrt(x)": [],
    "sin(x)/x": [],
    "(1 - cos(x))/x^2": [],
    "exp(100*x)": [],
    # kinks
    "abs(x)": [("kink", 0)],
    "sqrt(abs(x))": [("kink", 0)],
    "max(x, x^2)": [("kink", 0), ("kink", 1)],
    "clip(x, -1, 1)": [("kink", -1), ("kink", 1)],
    "1000*x + 0.1*abs(x - 0.3)": [("kink", 0.3)],
    "x if x > 1 else x^2": [("kink", 1)],
    # jumps
    "x/abs(x)": [("jump", 0)],
    "atan(1/x)": [("jump", 0)],
    "floor(x/2)": [("jump", -2), ("jump", 0), ("jump", 2)],
    # poles
    "1/x": [("pole", 0)],
    "1/x^20": [("pole", 0)],
    "exp(1/x)": [("pole", 0)],
    "log(abs(x - 1))": [("pole", 1)],
    "tan(x)": [("pole", -PI / 2), ("pole", PI / 2)],
    "1/sin(3*x)": [("pole", k * PI / 3) for k in (-2, -1, 0, 1, 2)],
    "lgamma(x)": [("pole", -3), ("pole", -2), ("pole", -1), ("pole", 0)],
    # edges of domains
    "log(x)": [("pole", 0)],
    "sqrt(x)": [("edge", 0)],
    "sqrt(x^2 - 1)": [("edge", -1), ("edge", 1)],
    "where(x > 0, sqrt(x), 0)": [("edge", 0)],
}


# With 1,001 points a sample lies on 0, with 100 there are few.
@pytest.mark.parametrize("points", [100, 1000, 1001])
@pytest.mark.parametrize("expression", CASES)
def test_singular_points(expression: str, points: int) -> None:
    curves = Curves(Session(), Source(expression), "x", (-3.2, 3.2), 1)
    (curve,) = figure(curves, (-3.2, 3.2), points).curves
    found = [each for each in curve.singular if abs(each.x) < 3.1]
    assert [each.kind for each in found] == [kind for kind, _ in CASES[expression]]
    for each, (_, x) in zip(found, CASES[expression], strict=True):
        assert each.x == pytest.approx(x, rel=1e-9, abs=1e-12)


@settings(deadline=None)
@given(st.floats(-2.9, 2.9), st.floats(0.01, 100), st.floats(-100, 100))
def test_a_kink_is_found_wherever_it_is(at: float, size: float, slope: float) -> None:
    text = f"{size}*abs(x - {at}) + {slope}*x"
    (curve,) = figure(Curves(Session(), Source(text), "x", (-3, 3), 1), (-3, 3), 500).curves
    (kink,) = curve.singular
    assert kink.kind == "kink"
    assert kink.x == pytest.approx(at, abs=1e-9)


@pytest.mark.parametrize("expression", CASES)
def test_pieces_hold_every_value_and_no_pole(expression: str) -> None:
    found = figure(Curves(Session(), Source(expression), "x", (-3, 3), 1), (-3, 3), 1000)
    (curve,) = found.curves
    poles = [each.x for each in curve.singular if each.kind == "pole"]
    drawn = np.concatenate([x for x, _ in curve.pieces])
    sides = [x for each in curve.singular for x in (each.left[0], each.x, each.right[0])]
    assert set(curve.x[np.isfinite(curve.y)]) <= {*drawn, *sides}
    for x, y in curve.pieces:
        assert np.all(np.isfinite(y))
        assert np.all(np.diff(x) >= 0)
        assert not any(x[0] < pole < x[-1] for pole in poles)
