"""Taylor series and derivatives of any order, against nested differentiation and known series."""

from __future__ import annotations

import math
from typing import Any

import mpmath
import numpy as np
import pytest
from engine_calls import CALLS, Call, seeded

from gradcli.engine import autograd
from gradcli.engine.custom import Function
from gradcli.engine.functions import FUNCTIONS as F
from gradcli.engine.series import series
from gradcli.engine.tape import taping
from gradcli.engine.tensor import Tensor, tensor
from gradcli.engine.transforms import derivative, grad, taylor
from gradcli.errors import WrongType, WrongValue

ORDER = 3


def along(call: Call) -> tuple[Any, Tensor, np.ndarray]:
    """The call as a function of one number t, on a line through its points; and the line at 0."""
    rng = seeded(call.label, "line")
    slopes = [rng.normal(size=x.shape) for x in call.points]
    t = tensor(0.0, requires_grad=True)
    with taping() as tape:
        y = call.function(*(x + t * v for x, v in zip(call.points, slopes, strict=True)))
    return tape, t, y


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.label)
def test_the_series_of_every_row_is_what_nested_differentiation_gives(call: Call) -> None:
    tape, t, y = along(call)
    found = series(tape, y, t, np.float64(1), ORDER)
    weights = seeded(call.label, "weights").uniform(0.5, 1.5, y.shape)
    value = F["sum"](y * weights)
    for k, term in enumerate(found):
        assert np.shape(term) == y.shape
        expected = value.item() / math.factorial(k)
        np.testing.assert_allclose(np.sum(term * weights), expected, rtol=1e-9, atol=1e-9)
        if not value.requires_grad:
            value = tensor(0.0)
            continue
        (slope,) = autograd.grad(value, [t], create_graph=True, allow_unused=True)
        value = tensor(0.0) if slope is None else slope


KNOWN: list[tuple[Any, Any, float]] = [
    (lambda x: F["exp"](F["sin"](x)), lambda x: mpmath.exp(mpmath.sin(x)), 0.3),
    (
        lambda x: F["sin"](x) * F["exp"](x) / x,
        lambda x: mpmath.sin(x) * mpmath.exp(x) / x,
        1.0,
    ),
    (lambda x: F["log"](1 + x * x) ** 2.5, lambda x: mpmath.log(1 + x * x) ** 2.5, 1.5),
    (lambda x: F["atan2"](x, 2.0) + x**7, lambda x: mpmath.atan2(x, 2) + x**7, 0.5),
    (
        lambda x: F["logsumexp"](F["stack"]([x, x * x, F["cos"](x)])),
        lambda x: mpmath.log(mpmath.exp(x) + mpmath.exp(x * x) + mpmath.exp(mpmath.cos(x))),
        0.7,
    ),
]


@pytest.mark.parametrize(("function", "twin", "x"), KNOWN)
def test_series_of_order_sixteen(function: Any, twin: Any, x: float) -> None:
    with mpmath.workdps(80):
        truth = [float(c) for c in mpmath.taylor(twin, mpmath.mpf(x), 16)]
    found = taylor(function, x, 16).tolist()
    np.testing.assert_allclose(found, truth, rtol=0, atol=1e-14 * max(map(abs, truth)))


def test_derivatives_of_any_order() -> None:
    assert [derivative(lambda x: x**4, 2.0, n).item() for n in range(7)] == [
        16,
        32,
        48,
        48,
        24,
        0,
        0,
    ]
    assert derivative(F["sin"], 0.3, 16).item() == pytest.approx(math.sin(0.3), rel=1e-13)
    assert derivative(F["sin"], [0.0, 1.0]).tolist() == [1, math.cos(1)]
    assert derivative(lambda x: 3.0, 1.0, 2).item() == 0
    assert taylor(F["sqrt"], 4.0, 2).tolist() == [2, 1 / 4, -1 / 64]
    assert taylor(abs, -2.0, 2).tolist() == [2, -1, 0]
    with pytest.raises(WrongValue):
        derivative(F["sin"], 1.0, -1)


def test_they_stay_differentiable_where_something_outside_needs_it() -> None:
    assert grad(lambda a: derivative(lambda x: a * x**3, 2.0, 2))(5.0).item() == 12
    assert grad(lambda x: derivative(F["exp"], x, 3))(0.0).item() == 1


def test_control_flow_and_writing_in_place() -> None:
    def function(x: Any) -> Any:
        y = x * 1
        for _ in range(3):
            y.mul_(x)
        return y

    assert derivative(function, 2.0, 2).item() == 48


class Cube(Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        ctx.save_for_backward(x)
        return x**3

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> Tensor:
        (x,) = ctx.saved_tensors
        return 3 * x * x * g


def test_what_has_no_series_says_so() -> None:
    with pytest.raises(WrongType, match="CubeBackward has no series"):
        taylor(Cube.apply, 2.0, 2)
