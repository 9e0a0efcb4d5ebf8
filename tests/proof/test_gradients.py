"""check_grad: right gradients are never rejected, wrong ones are, with what a test should show."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from gradcli import check_grad
from gradcli.errors import ShapeMismatch, WrongType

Function = Callable[[Any], Any]
A = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
RIGHT: dict[str, tuple[Function, Function, Any]] = {
    "sum of cubes": (lambda x: np.sum(x**3), lambda x: 3 * x**2, [1.0, 2.0, 3.0]),
    "a number": (lambda x: float(np.exp(x)), np.exp, 600.0),
    "a Jacobian": (lambda x: A @ x, lambda x: A, [1.0, 1.0]),
    "of a matrix": (lambda x: np.trace(x @ x), lambda x: 2 * x.T, A[:2]),
    "fast": (lambda x: float(np.sin(1e6 * x)), lambda x: 1e6 * np.cos(1e6 * x), 0.7),
    "tiny": (np.sqrt, lambda x: 0.5 / np.sqrt(x), 1e-12),
    "huge": (lambda x: float(1e8 + np.sin(x)), np.cos, 0.5),
    "beside nan": (lambda x: float(np.where(x > 0.5, x * x, np.nan)), lambda x: 2 * x, 0.5000001),
    "a kink elsewhere": (lambda x: float(abs(x - 1.001)), lambda x: -1.0, 1.0),
    "beside an error": (lambda x: math.sqrt(1 - x), lambda x: -0.5 / math.sqrt(1 - x), 0.999),
    "constant": (lambda x: 3.0, np.zeros_like, [1.0, 2.0]),
    "in a loop": (lambda x: sum(float(v) ** 2 for v in x), lambda x: 2 * x, [1.0, 2.0]),
}
WRONG: dict[str, tuple[Function, Function, Any]] = {
    "a sign": (np.cos, np.sin, 0.7),
    "a factor": (lambda x: float(np.sin(2 * x)), lambda x: np.cos(2 * x), 0.7),
    "one element": (lambda x: np.sum(x**3), lambda x: 3 * x**2 * [1, 1, 0.99], [1.0, 2.0, 3.0]),
    "a small element": (lambda x: 1e6 * x[0] + 1e-3 * x[1], lambda x: [1e6, 2e-3], [1.0, 1.0]),
    "transposed": (lambda x: np.sum(A[:2] * x * x), lambda x: 2 * A[:2].T * x, A[:2]),
    "the fifth digit": (lambda x: float(np.exp(x)), lambda x: 1.00001 * np.exp(x), 1.0),
    "nan": (np.sin, lambda x: np.nan, 1.0),
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_ones_pass(name: str) -> None:
    check = check_grad(*RIGHT[name])
    assert not check.kinks.any()
    assert check.worst <= 1e-6 * np.abs(check.derivative).max()


@pytest.mark.parametrize("name", WRONG)
def test_wrong_ones_fail(name: str) -> None:
    with pytest.raises(AssertionError, match=r"wrong|undecided"):
        check_grad(*WRONG[name])


def test_a_failure_shows_component_values_point_and_error() -> None:
    with pytest.raises(AssertionError) as failure:
        check_grad(*WRONG["one element"])
    lines = str(failure.value).splitlines()
    assert lines[0] == "the gradient is wrong at component [2]"
    assert [line.split()[0] for line in lines[1:]] == ["claimed", "differences", "autograd", "at"]
    assert "26.73" in lines[1]
    assert "±" in lines[2]
    assert lines[3].endswith("27.0")
    assert lines[4].endswith("[1. 2. 3.]")


def test_kinks_are_named_and_not_compared() -> None:
    check = check_grad(lambda x: np.abs(x).sum(), lambda x: np.array([0.3, 1.0]), [0.0, 1.0])
    assert check.kinks.tolist() == [True, False]
    with pytest.raises(AssertionError, match=r"kinks at 1 \(\[0\]\)"):
        check_grad(lambda x: np.abs(x).sum(), lambda x: np.array([0.3, 2.0]), [0.0, 1.0])


@pytest.mark.parametrize(
    ("f", "grad_f", "x", "error"),
    [
        (np.sin, np.cos, 1j, WrongType),
        (lambda x: x * 1j, np.cos, 1.0, WrongType),
        (np.sin, lambda x: 1j, 1.0, WrongType),
        (np.sin, lambda x: "1", 1.0, WrongType),
        (np.sin, lambda x: [1.0, 2.0], 1.0, ShapeMismatch),
    ],
)
def test_what_cannot_be_compared_is_refused(
    f: Function, grad_f: Function, x: Any, error: type[Exception]
) -> None:
    with pytest.raises(error):
        check_grad(f, grad_f, x)


def test_noise_is_undecided() -> None:
    noise = np.random.default_rng(0)
    with pytest.raises(AssertionError, match=r"wrong|undecided"):
        check_grad(lambda x: noise.normal(), lambda x: 0.0, 1.0)
