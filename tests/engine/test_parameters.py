"""Slopes of the incomplete gamma and beta functions by their parameters, against mpmath."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import pytest

from gradcli.engine import autograd
from gradcli.engine.functions import FUNCTIONS as F
from gradcli.engine.tensor import tensor

# Near and far from the peak on both sides, with small and large parameters.
GAMMA = [
    *((1e-6, 0.5), (0.01, 1e-8), (0.3, 1.2), (0.99, 3.0), (1.0, 0.1), (2.5, 2.5), (2.5, 40.0)),
    *((15.0, 7.5), (16.5, 16.0), (40.0, 0.1), (40.0, 60.0), (1e3, 9e2), (1e3, 1e3), (1e5, 1.01e5)),
]
BETA = [
    *((0.01, 0.01, 0.5), (0.01, 50.0, 0.1), (0.4, 2.0, 1e-6), (1.0, 1.0, 0.37), (2.0, 0.7, 0.99)),
    *((3.0, 50.0, 0.05), (20.0, 20.0, 0.5), (20.0, 50.0, 1e-3), (200.0, 50.0, 0.8)),
]


def slope(function: Any, point: tuple[float, ...], k: int) -> float:
    """By the k-th of its arguments, at 100 digits."""
    with mpmath.workdps(100):
        at = [mpmath.mpf(x) for x in point]
        h = at[k] * mpmath.mpf(10) ** -30
        above, below = list(at), list(at)
        above[k], below[k] = at[k] + h, at[k] - h
        return float((function(*above) - function(*below)) / (2 * h))


def ours(name: str, point: tuple[float, ...]) -> list[float]:
    inputs = [tensor(x, requires_grad=True) for x in point]
    return [g.item() for g in autograd.grad(F[name](*inputs), inputs)]


def lower_gamma(a: Any, x: Any) -> Any:
    return mpmath.gammainc(a, 0, x, regularized=True)


def lower_beta(a: Any, b: Any, x: Any) -> Any:
    return mpmath.betainc(a, b, 0, x, regularized=True)


@pytest.mark.parametrize("point", GAMMA)
def test_incomplete_gamma(point: tuple[float, float]) -> None:
    by_a = slope(lower_gamma, point, 0)
    np.testing.assert_allclose(ours("gammainc", point)[0], by_a, rtol=1e-12)
    np.testing.assert_allclose(ours("gammaincc", point)[0], -by_a, rtol=1e-12)


@pytest.mark.parametrize("point", BETA)
def test_incomplete_beta(point: tuple[float, float, float]) -> None:
    expected = [slope(lower_beta, point, k) for k in (0, 1)]
    np.testing.assert_allclose(ours("betainc", point)[:2], expected, rtol=3e-12)


# How often by each argument.
HIGHER: list[tuple[str, Any, tuple[float, ...], tuple[int, ...]]] = [
    ("gammainc", lower_gamma, (2.5, 1.5), (3, 0)),
    ("gammainc", lower_gamma, (2.5, 4.0), (4, 1)),
    ("betainc", lower_beta, (2.0, 1.5, 0.4), (1, 2, 0)),
    ("betainc", lower_beta, (2.0, 1.5, 0.6), (2, 2, 0)),
]


@pytest.mark.parametrize(("name", "function", "point", "orders"), HIGHER)
def test_higher_orders(
    name: str, function: Any, point: tuple[float, ...], orders: tuple[int, ...]
) -> None:
    inputs = [tensor(x, requires_grad=True) for x in point]
    y = F[name](*inputs)
    for x, order in zip(inputs, orders, strict=True):
        for _ in range(order):
            (y,) = autograd.grad(y, [x], create_graph=True)
    with mpmath.workdps(40):
        expected = float(mpmath.diff(function, point, orders))
    np.testing.assert_allclose(y.item(), expected, rtol=1e-10)
