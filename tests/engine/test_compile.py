"""Compiled functions give what the functions give, by every executor, and refuse what they must."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest
from engine_calls import CALLS, Call

import gradcli
from gradcli import Tensor, autograd, hessian, tensor
from gradcli.engine import circle, sweeps
from gradcli.engine.functions import FUNCTIONS as F
from gradcli.engine.ops import TABLE
from gradcli.engine.program import trace
from gradcli.engine.scalars import scalar_executor
from gradcli.errors import GradcliError, NoGraph, ShapeMismatch, WrongType


def close(ours: Any, theirs: Any, ulps: float = 8) -> None:
    """Equal to some units in the last place of the largest element; nan and infinities too."""
    ours, theirs = (np.asarray(getattr(x, "value", x)) for x in (ours, theirs))
    assert ours.shape == theirs.shape
    assert ours.dtype == theirs.dtype
    if theirs.dtype.kind == "b":
        np.testing.assert_array_equal(ours, theirs)
        return
    np.testing.assert_allclose(ours, theirs, rtol=ulps * np.finfo(float).eps, atol=5e-324)


# ---- numbers ------------------------------------------------------------------------------------

NUMBERS = [
    call for call in CALLS if all(x.ndim == 0 for x in call.points) and TABLE[call.row].elementwise
]
SPECIAL = [0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 3.0, 710.0, -750.0, np.inf, -np.inf, np.nan]


@pytest.mark.parametrize("call", NUMBERS, ids=lambda call: call.label)
def test_numbers_give_what_the_rows_give(call: Call) -> None:
    def function(*inputs: Tensor) -> list[Tensor]:
        y = call.function(*inputs)
        return [y, *autograd.grad(y, inputs, create_graph=True, materialize_grads=True)]  # type: ignore[list-item]

    names = [f"x{k}" for k in range(len(call.points))]
    program = trace(function, dict(zip(names, map(np.float64, call.points), strict=True)))
    execute = scalar_executor(program)
    assert execute is not None
    at = [*SPECIAL, *map(float, call.points)]
    with np.errstate(all="ignore"):
        for point in np.array(np.meshgrid(*[at] * len(names))).reshape(len(names), -1).T:
            expected = program.run(dict(zip(names, point, strict=True)))
            for ours, theirs in zip(execute(*point), expected, strict=True):
                close(ours, theirs, ulps=64)


CHOICES: dict[str, Any] = {
    "and": lambda x, y: F["logical_and"](x > 0, y >= 1),
    "or": lambda x, y: F["logical_or"](x < 0, y <= 1),
    "not": lambda x, y: F["logical_not"](x == y),
    "bits": lambda x, y: ((x != y) & (x < 3)) | ~(y > 0),
    "kinds": lambda x, y: F["isnan"](x) | F["isinf"](y) | F["isfinite"](x * y),
    "steps": lambda x, y: F["floor"](x) + F["ceil"](y) + F["trunc"](x) * F["rint"](y),
    "counted": lambda x, y: (x > 0).astype("float64") + F["heaviside"](x, y),
    "two conditions": lambda x, y: (x > 0) + (y > 0),
    "a power": lambda x, y: x**2.5 + 1.5**y + x**-3,
}


@pytest.mark.parametrize("function", CHOICES.values(), ids=CHOICES)
def test_choices_and_steps_of_numbers(function: Any) -> None:
    ours = gradcli.compile(function)
    with np.errstate(all="ignore"):
        for x in SPECIAL:
            for y in SPECIAL:
                close(ours(x, y), function(tensor(x), tensor(y)))


def test_a_thousand_operations_are_one_function() -> None:
    def function(x: Tensor) -> Tensor:
        for k in range(500):
            x = F["sin"](x) * (k % 7 - 3.5)
        return x

    value, (slope,) = gradcli.compile(function, grad=True)(0.3)
    close(value, function(tensor(0.3)), 1e4)
    close(slope, gradcli.grad(function)(0.3), 1e4)


# ---- rows ---------------------------------------------------------------------------------------

ROWS: dict[str, Any] = {
    "a product": lambda x: F["sum"](F["sin"](x * x) * F["exp"](-x) + F["cos"](x * x)),
    "a mean": lambda x: F["mean"](F["log1p"](x * x)) * 3,
    "a choice": lambda x: F["sum"](F["where"](x > 0, F["tanh"](x), 2 * x)),
    "without ufuncs": lambda x: F["sum"](F["sigmoid"](x) * F["gelu"](x) + x**3.0),
    "the input itself": lambda x: F["sum"](x) + F["sum"](x * x),
    "two sweeps": lambda x: F["sum"]((x - F["mean"](x)) ** 2),
}


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeps, "BLOCK", 64)


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("shape", [(1000,), (100, 7), (65,), (3, 2, 50)])
@pytest.mark.parametrize("function", ROWS.values(), ids=ROWS)
def test_arrays_in_blocks(function: Any, shape: tuple[int, ...]) -> None:
    x = np.random.default_rng(1).normal(size=shape)
    value, (slope,) = gradcli.compile(function, grad=True)(x)
    expected, gradient = gradcli.value_and_grad(function)(x)
    close(value, expected, 64)
    np.testing.assert_allclose(slope.value, gradient.value, rtol=1e-13, atol=1e-14)


@pytest.mark.usefixtures("small_blocks")
def test_blocks_of_strided_arrays_and_of_rows_with_columns() -> None:
    x = np.random.default_rng(2).normal(size=(300, 8))[:, ::2]
    w = np.arange(4.0)
    function = gradcli.compile(lambda x, w: F["exp"](x * w) + w)
    close(function(x, w), np.exp(x * w) + w)


def test_rows_of_functions_of_numbers() -> None:
    def function(x: Tensor, a: Tensor) -> Tensor:
        return F["exp"](-x * a) * F["sin"](x)

    x = np.random.default_rng(3).normal(size=100_001)
    ours = gradcli.compile(function, grad=True, rows=True)
    value, (by_x, by_a) = ours(x, 0.5)
    close(value, function(tensor(x), tensor(0.5)))
    close(by_a, -x * value.value, 16)
    slope = np.exp(-x / 2) * (np.cos(x) - np.sin(x) / 2)
    np.testing.assert_allclose(by_x.value, slope, rtol=1e-14, atol=1e-13)
    assert ours(x[:10], 0.5)[0].shape == (10,)
    constant = gradcli.compile(lambda x: (x, 1.0), rows=True)(x)
    close(constant[1], np.ones(len(x)))
    assert not np.shares_memory(constant[0].value, x)


def test_memory_beside_the_results_is_a_few_megabytes() -> None:
    def function(x: Tensor) -> Tensor:
        for _ in range(20):
            x = F["sin"](x) * F["exp"](-x * x) + x
        return x

    ours = gradcli.compile(function, grad=True, rows=True)
    x = np.linspace(0, 1, 2_000_000)
    ours(x[:10])
    tracemalloc.start()
    ours(x)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak - 2 * x.nbytes < 64 * 2**20


def test_warnings_and_errors_of_numpy_are_those_of_the_caller() -> None:
    ours = gradcli.compile(F["log"], rows=True)
    with np.errstate(all="raise"), pytest.raises(FloatingPointError):
        ours(np.zeros(200_000))


def test_sine_and_cosine_by_the_half_angle() -> None:
    rng = np.random.default_rng(4)
    near_zeros = np.arange(-2000, 2000) * (np.pi / 2) + rng.choice([0, 1e-16, 1e-9, 0.25], 4000)
    huge = 10.0 ** rng.uniform(5, 308, 4000)
    tiny = 10.0 ** rng.uniform(-323, 0, 4000)
    x = np.concatenate([near_zeros, huge, -huge, tiny, -tiny, [0.0, -0.0, 5e-324]])
    sine, cosine = np.empty_like(x), np.empty_like(x)
    circle.by_half_angle(x, (sine, cosine))
    for ours, theirs, ulps in ((sine, np.sin(x), 4), (cosine, np.cos(x), 8)):
        assert np.max(np.abs(ours - theirs) / np.spacing(np.abs(theirs))) <= ulps
    assert np.signbit(sine[-2])
    with np.errstate(invalid="ignore"):
        circle.by_half_angle(np.array([np.inf, np.nan]), (sine[:2], cosine[:2]))
    assert np.isnan([sine[:2], cosine[:2]]).all()


# ---- compile ------------------------------------------------------------------------------------


def test_programs_are_kept_for_shapes_dtypes_and_keywords() -> None:
    calls = []

    @gradcli.compile
    def function(x: Tensor, power: int = 2) -> Any:
        calls.append(x.shape)
        return x**power, [F["sum"](x), 3.0]

    for x in (2.0, 3, np.float64(4), [1.0, 2.0], np.ones(2), np.float32(1)):
        function(x)
    function(2.0, power=3)
    assert len(calls) == 4
    value, (total, three) = function([1.0, 2.0])
    close(value, [1.0, 4.0])
    assert (total.item(), three.item()) == (3, 3)


def test_derivatives_of_any_order_compile() -> None:
    function = gradcli.compile(hessian(lambda x: F["sum"](x**3)))
    close(function(np.array([1.0, 2.0])), [[6.0, 0], [0, 12]])
    close(gradcli.compile(gradcli.grad(gradcli.grad(F["sin"])))(0.5), -np.sin(0.5))


def test_results_share_no_memory() -> None:
    function = gradcli.compile(lambda x: [x, x, x.T, tensor([1.0, 2.0])])
    x = np.ones(2)
    first = function(x)
    for k, y in enumerate(first):
        y.value[0] = k + 5
    assert x[0] == 1
    assert [y.value[0] for y in first] == [5, 6, 7, 8]
    assert function(x)[3].value[0] == 1


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda f: f(tensor(1.0, requires_grad=True)), NoGraph),
        (lambda f: f(1.0, power=[]), WrongType),
        (lambda f: gradcli.compile(lambda x: x if x > 0 else -x)(1.0), WrongType),
        (lambda f: gradcli.compile(f, rows=True)(1.0), ShapeMismatch),
        (lambda f: gradcli.compile(lambda x, y: x + y, rows=True)([1.0], [1.0, 2]), ShapeMismatch),
        (lambda f: gradcli.compile(lambda x: F["stack"]([x, x]), rows=True)([1.0]), WrongType),
        (lambda f: gradcli.compile(f, grad=True)([1.0, 2.0]), GradcliError),
    ],
)
def test_refusals(call: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        call(gradcli.compile(lambda x, power=2: x**power))
