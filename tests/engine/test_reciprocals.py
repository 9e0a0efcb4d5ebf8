"""sec to coth: values and derivatives against mpmath, at 50 digits."""

from __future__ import annotations

import mpmath
import pytest

from gradcli import derivative
from gradcli.engine.functions.reciprocals import RECIPROCALS
from gradcli.engine.functions.registry import FUNCTIONS


@pytest.mark.parametrize("x", [-2.5, -0.3, 1e-3, 0.7, 4.0])
@pytest.mark.parametrize("name", [*RECIPROCALS, "cot"])
def test_value_and_derivatives(name: str, x: float) -> None:
    with mpmath.workdps(50):
        for order in range(3):
            expected = float(mpmath.diff(getattr(mpmath, name), mpmath.mpf(x), order))
            found = derivative(FUNCTIONS[name], x, order).item()
            assert found == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("order", range(3))
def test_the_cotangent_near_its_zero(order: int) -> None:
    with mpmath.workdps(50):
        expected = float(mpmath.diff(mpmath.cot, mpmath.mpf(1.5707963), order))
    assert derivative(FUNCTIONS["cot"], 1.5707963, order).item() == pytest.approx(expected)
