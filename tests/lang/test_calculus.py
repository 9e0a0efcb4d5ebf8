"""Transforms in the language: digits, places of errors, limits."""

from __future__ import annotations

from typing import Any

import mpmath
import pytest

from gradcli.errors import GradcliError, LimitExceeded
from gradcli.lang.limits import Limits
from gradcli.lang.session import Session
from gradcli.lang.source import Source


def value(text: str, **limits: int) -> Any:
    return Session(Limits()._replace(**limits)).run(Source(text))[-1].value


@pytest.mark.parametrize(
    ("text", "function", "x", "each"),
    [
        ("exp(sin(x))", lambda x: mpmath.exp(mpmath.sin(x)), 0.3, True),
        ("sin(x)*exp(x)/x", lambda x: mpmath.sin(x) * mpmath.exp(x) / x, 1.0, False),
        ("log(1 + x^2)*sqrt(x)", lambda x: mpmath.log(1 + x**2) * mpmath.sqrt(x), 2.0, False),
    ],
)
def test_sixteen_coefficients_keep_their_digits(
    text: str, function: Any, x: float, each: bool
) -> None:
    """Each to 1e-12 of itself, or, where some nearly vanish, all to 1e-13 of the largest."""
    found = value(f"taylor(lambda x: {text}, {x}, 16)").tolist()
    with mpmath.workdps(60):
        truth = [float(c) for c in mpmath.taylor(function, x, 16)]
    assert len(found) == 17
    if each:
        assert found == pytest.approx(truth, rel=1e-12, abs=0)
    else:
        assert found == pytest.approx(truth, rel=0, abs=1e-13 * max(map(abs, truth)))


def test_the_sixteenth_derivative_is_cheap() -> None:
    text = "derivative(lambda t: exp(sin(t))*t, 0.3, 16)"
    assert value(text, steps=10_000) == value(text)


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("1 + jacobian(sin)('a')", "jacobian(sin)('a')"),
        ("1 + hessian(sin)([1, 2])", "hessian(sin)([1, 2])"),
        ("2*jvp(sin, [1, 2], [1])", "jvp(sin, [1, 2], [1])"),
        ("vjp(sin, [1, 2])[1]([1])", "vjp(sin, [1, 2])[1]([1])"),
        ("f(x) = x @ [1, 2]; 1 + taylor(f, 1, 2)", "x @ [1, 2]"),
    ],
)
def test_an_error_points_at_the_call(text: str, quoted: str) -> None:
    with pytest.raises(GradcliError) as caught:
        value(text)
    place = caught.value.location
    assert place is not None
    assert place.text[place.column - 1 : place.end_column - 1] == quoted


@pytest.mark.parametrize(
    ("limit", "most", "text"),
    [
        ("elements", 10_000, "jacobian(lambda x: x*2)(ones(200))"),
        ("memory", 10**6, "x = ones(500); hessian(lambda x: sum(x)^2)(x)"),
        ("steps", 5_000, "jacobian(lambda x: ones(300, 300) @ sin(x))(ones(300))"),
        ("steps", 1_000, "vmap(lambda x: x^2)(ones(1000))"),
        ("steps", 500, "derivative(lambda t: exp(sin(t))*t, 0.3, 16)"),
        ("order", 3, "taylor(sin, 0, 4)"),
        ("depth", 20, "f(x) = jacobian(f)(x); f(1)"),
    ],
)
def test_limits_hold_inside_transforms(limit: str, most: int, text: str) -> None:
    with pytest.raises(LimitExceeded) as caught:
        value(text, **{limit: most})
    assert caught.value.limit == limit
