"""`gradcli plot`: curves in a terminal, as pictures and as points."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradcli.lang.curves import Curves
from gradcli.lang.session import Session
from gradcli.lang.source import Source
from gradcli.views.plot.figure import figure
from gradcli.views.plot.picture import picture
from gradcli.views.plot.terminal import text, ticks

from .commands import gradcli

SMALL = """\
   +-------------------------------------+
  1+*                                   *|
   |****                             ****|
0.8+   ***                         ***   |
0.6+     ****                   ****     |
   |        ***               ***        |
0.4+          ****         ****          |
0.2+             ***     ***             |
   |               *******               |
  0+                  @                  |
   ++--------+--------+--------+--------++
    -1      -0.5      0       0.5       1
** abs(x)
@  kink at x = 0"""


def test_a_small_plot_in_ascii() -> None:
    found = figure(Curves(Session(), Source("abs(x)"), "x", (-1, 1), 1), (-1, 1), 300)
    assert text(found, width=42, height=14, color=False, unicode=False) == SMALL


@pytest.mark.parametrize("width", [24, 40, 80, 200])
@pytest.mark.parametrize("unicode", [True, False])
def test_no_line_is_wider_than_the_terminal(width: int, unicode: bool) -> None:
    curves = Curves(Session(), Source("[tan(x), x*exp(x)*sin(x)*cos(x)*cos(x)*x]"), "x", (-3, 3), 2)
    found = figure(curves, (-3, 3), 300, tangents=[1.0])
    shown = text(found, width=width, height=24, color=False, unicode=unicode)
    assert all(len(line) <= width for line in shown.splitlines())
    assert len(shown.splitlines()) <= 26


@pytest.mark.parametrize("expression", ["x*1e308", "x*1e-320", "nan*x", "x/0", "1e300*x + 1e300"])
def test_extreme_values_are_drawn(expression: str) -> None:
    found = figure(Curves(Session(), Source(expression), "x", (-1.7, 1.7), 1), (-1.7, 1.7), 50)
    assert text(found, width=60, height=20, color=False, unicode=True)
    assert picture(found, "png")


def test_colour_is_for_those_who_want_it() -> None:
    assert "\x1b" not in gradcli("plot", "x", "x=0:1").stdout
    assert "\x1b[38;5;12m" in gradcli("plot", "x", "x=0:1", "--color", "always").stdout
    assert "\x1b" not in gradcli("plot", "x", "x=0:1", FORCE_COLOR="1", NO_COLOR="1").stdout


def test_derivatives_tangents_and_constants() -> None:
    done = gradcli(
        "plot", "a*x^2", "x=-3:3", "a=1/2", "--derivatives", "2", "--tangent", "1", "--json"
    )
    found = json.loads(done.stdout)
    assert found["at"] == {"a": 0.5}
    assert [curve["name"] for curve in found["curves"]] == ["a * x^2", "∂/∂x", "∂²/∂x²"]
    x = np.array(found["curves"][0]["x"])
    assert np.allclose([curve["y"] for curve in found["curves"]], [x**2 / 2, x, np.ones_like(x)])
    assert found["tangents"] == [{"x": 1.0, "y": 0.5, "slope": 1.0}]


@pytest.mark.parametrize(
    ("expression", "values"),
    [
        ("norm([x, 3, 4])", lambda x: np.sqrt(x * x + 25)),  # arrays in each point
        ("f(t) = t if t > 0 else -2*t; f(x)", lambda x: np.where(x > 0, x, -2 * x)),  # a branch
        ("n = 0\nwhile n < x: n = n + 1\nn", lambda x: np.maximum(np.ceil(x), 0)),  # a loop
        ("x > 0", lambda x: (x > 0) * 1.0),
        ("[x, 1][0]", lambda x: x),
        ("7", lambda x: 7 + 0 * x),
    ],
)
def test_whatever_has_a_value_has_a_curve(expression: str, values: object) -> None:
    assert callable(values)
    done = gradcli("plot", expression, "x=-2:3", "--points", "40", "--json")
    (curve,) = json.loads(done.stdout)["curves"]
    assert np.allclose(curve["y"], values(np.array(curve["x"])))


def test_the_domain_ends_where_a_matrix_has_no_factor() -> None:
    done = gradcli("plot", "det(cholesky([x, 1; 1, 2]))", "x=-1:2", "--points", "30", "--json")
    (curve,) = json.loads(done.stdout)["curves"]
    known = [isinstance(y, float) for y in curve["y"]]
    assert known == [x > 0.5 for x in curve["x"]]


@pytest.mark.parametrize("form", ["svg", "png", "pdf"])
def test_pictures(form: str, tmp_path: Path) -> None:
    path = tmp_path / f"plot.{form}"
    arguments = ["plot", "[abs(x), _y/x]", "x=-1:1", "_y=2", "--tangent", "0.5"]
    assert gradcli(*arguments, "-o", str(path)).status == 0
    begins = {"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF"}[form]
    assert path.read_bytes().startswith(begins)
    again = tmp_path / f"again.{form}"
    assert gradcli(*arguments, "-o", str(again)).status == 0
    assert path.read_bytes() == again.read_bytes()
    assert "matplotlib.pyplot" not in sys.modules


@pytest.mark.parametrize(("package", "path"), [("plotext", ""), ("matplotlib", "plot.svg")])
def test_what_is_not_installed(
    package: str, path: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    output = ["-o", str(tmp_path / path)] if path else []
    found = gradcli("plot", "x", "x=0:1", *output)
    assert found.status == 7
    assert "pip install 'gradcli[plot]'" in found.stderr


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["sin(x)"], 2, "gradcli plot 'sin(x)' x=-3:3"),
        (["sin(x)", "x=2"], 2, "needs the range"),
        (["x*y", "x=0:1", "y=0:1"], 2, "x and y have ranges"),
        (["x*y", "x=0:1"], 4, "y has no value"),
        (["x", "x=1:0"], 2, "1 is not below 0"),
        (["x", "x=0:1:2"], 2, "LOW:HIGH"),
        (["x", "x=0:"], 2, "LOW:HIGH"),
        (["x", "x=0:5e-324"], 2, "too narrow"),
        (["x", "x=1:1+1e-15"], 2, "too narrow"),
        (["x", "x=-1e308:1e308"], 2, "too wide"),
        (["x", "x=0:inf"], 2, "no finite number"),
        (["x", "x=0:1", "--ylim", "3"], 2, "LOW:HIGH"),
        (["x", "x=0:1", "--tangent", "2"], 2, "outside of x=0:1"),
        (["abs(x)", "x=-1:1", "--tangent", "0"], 5, "abs(x) has a kink"),
        (["x", "x=0:1", "--dtype", "complex128"], 2, "real numbers"),
        (["1j*x", "x=0:1"], 4, "real numbers"),
        (["x = 1", "x=0:1"], 4, "nothing can be drawn"),
        (["[[x, 1]]", "x=0:1"], 4, "real numbers"),
        (["sin(x", "x=0:1"], 3, "never closed"),
        (["", "x=0:1"], 3, "no expression"),
        (["x", "x=0:1", "-o", "plot.jpg"], 2, "suffix"),
        (["x", "x=0:1", "-o", "/nowhere/plot.svg"], 7, "cannot write"),
        (["while x > 0: pass", "x=0:1", "--limit", "steps=1000"], 8, "steps"),
        (["abs(x)", "x=-1:1", "--strict"], 5, "abs(x) has a kink at x = 0"),
        (["1/x", "x=-1:1", "--strict"], 5, "1 / x has a pole at x = 0"),
        (["floor(x)", "x=-0.5:0.9", "--strict"], 5, "floor(x) has a jump at x = 0"),
        (["log(x)", "x=-1:1", "--strict"], 5, "log(x) has no finite value at x = -1"),
        (["relu(x)^2", "x=-1:1", "--derivatives", "1", "--strict"], 5, "∂/∂x has a kink at x = 0"),
    ],
)
def test_errors(arguments: list[str], status: int, said: str) -> None:
    found = gradcli("plot", *arguments)
    assert (found.status, found.stdout) == (status, "")
    assert said in found.stderr


def test_strict_is_about_what_is_drawn() -> None:
    assert gradcli("plot", "abs(x)^3 + relu(x)^2", "x=-1:1", "--strict", "--json").status == 0


@given(
    st.floats(-1e6, 1e6),
    st.floats(1e-6, 1e6),
    st.integers(2, 12),
)
def test_ticks_are_round_and_within(low: float, extent: float, most: int) -> None:
    found = ticks(low, low + extent, most)
    assert len(found) <= most + 1
    room = 1e-9 * (abs(low) + extent)
    assert all(low - room <= tick <= low + extent + room for tick in found)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(-1e300, 1e300), min_size=3, max_size=9), st.integers(1, 120))
def test_no_curve_is_too_wild_to_be_drawn(coefficients: list[float], width: int) -> None:
    expression = " + ".join(f"({c})*sin({k}*x)/(x - 1)^{k}" for k, c in enumerate(coefficients))
    found = figure(Curves(Session(), Source(expression), "x", (-3, 3), 1), (-3, 3), 60)
    assert text(found, width=max(20, width), height=20, color=True, unicode=True)
