"""Compiled functions give what the functions give, by every executor, and refuse what they must."""

from __future__ import annotations

import platform
import random
import sys
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import mpmath
import numpy as np
import pytest
from engine_calls import CALLS, Call
from hypothesis import given, settings
from hypothesis import strategies as st

import gradcli
from gradcli import Tensor, autograd, hessian, tensor
from gradcli.engine.executors import circle, machine, scalars, sweeps
from gradcli.engine.executors.machine import machine_code
from gradcli.engine.executors.scalars import scalar_executor
from gradcli.engine.functions import FUNCTIONS as F
from gradcli.engine.ops import TABLE
from gradcli.engine.program import trace
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
MACHINE = platform.machine() in ("x86_64", "AMD64") and sys.platform != "win32"
SPECIAL = [0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 3.0, 710.0, -750.0, np.inf, -np.inf, np.nan]


@pytest.fixture(params=["machine code", "Python"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Of the two ways to run programs of numbers."""
    if request.param == "Python":
        monkeypatch.setattr(scalars, "machine_code", lambda _program: None)
    elif not MACHINE:
        pytest.skip("machine code is for x86-64")
    return str(request.param)


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("call", NUMBERS, ids=lambda call: call.label)
def test_numbers_give_what_the_rows_give(call: Call) -> None:
    def function(*inputs: Tensor) -> list[Tensor]:
        y = call.function(*inputs)
        return [y, *autograd.grad(y, inputs, create_graph=True, materialize_grads=True)]  # type: ignore[list-item]  # None is asked away

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


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("function", CHOICES.values(), ids=CHOICES)
def test_choices_and_steps_of_numbers(function: Any) -> None:
    ours = gradcli.compile(function)
    with np.errstate(all="ignore"):
        for x in SPECIAL:
            for y in SPECIAL:
                close(ours(x, y), function(tensor(x), tensor(y)))


@pytest.mark.usefixtures("way")
def test_a_thousand_operations_are_one_function() -> None:
    def function(x: Tensor) -> Tensor:
        for k in range(500):
            x = F["sin"](x) * (k % 7 - 3.5)
        return x

    value, (slope,) = gradcli.compile(function, grad=True)(0.3)
    close(value, function(tensor(0.3)), 1e4)
    close(slope, gradcli.grad(function)(0.3), 1e4)


UNARY = ("sin", "tanh", "exp", "abs", "sqrt", "log1p", "sign", "negative", "floor", "isfinite")
BINARY = ("add", "subtract", "multiply", "divide", "maximum", "arctan2", "logical_and")


@pytest.mark.skipif(not MACHINE, reason="machine code is for x86-64")
@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.lists(st.floats(-1e3, 1e3), min_size=3, max_size=3))
def test_machine_code_gives_what_python_gives(seed: int, point: list[float]) -> None:
    """In random programs, which take more slots than they keep; nothing, where numpy would warn."""

    def function(*inputs: Tensor) -> list[Tensor]:
        rng, values = random.Random(seed), list(inputs)
        for _ in range(40):
            a, b, c = (rng.choice(values[-8:]) for _ in range(3))
            kind = rng.choice([*UNARY, *BINARY, "where"])
            given = [a] if kind in UNARY else [a, b] if kind in BINARY else [a > 0, b, c]
            values.append(F[kind](*given).astype("float64"))
        return values[-8:]

    inputs = dict(zip("abc", map(np.float64, point), strict=True))
    program = trace(function, inputs)
    by_machine = machine_code(program)
    assert by_machine is not None
    found = by_machine(*point)
    if found is not None:
        np.testing.assert_array_equal(found, scalars.python_code(program)(*point))
        with np.errstate(all="raise", under="ignore"):  # no warning was lost
            program.run(inputs)


def test_threads_have_numbers_of_their_own() -> None:
    function = gradcli.compile(lambda x: F["exp"](F["sin"](x)), grad=True)
    points = np.linspace(-3, 3, 2000)
    with ThreadPoolExecutor(4) as pool:
        found = [value.item() for value, _ in pool.map(function, points)]
    np.testing.assert_allclose(found, np.exp(np.sin(points)), rtol=1e-15)


def test_where_memory_must_not_be_run_python_does(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_code: bytes) -> Any:
        raise PermissionError

    monkeypatch.setattr(machine, "runnable", refused)
    close(gradcli.compile(F["sin"])(0.5), np.sin(0.5))


def test_numbers_warn_as_numpy_does() -> None:
    ours = gradcli.compile(lambda x: 1 / F["log"](x))
    with np.errstate(divide="warn"), pytest.warns(RuntimeWarning, match="divide by zero"):
        close(ours(0.0), -0.0)
    with np.errstate(all="raise"), pytest.raises(FloatingPointError):
        ours(-1.0)


# ---- rows ---------------------------------------------------------------------------------------

ROWS: dict[str, Any] = {
    "a product": lambda x: F["sum"](F["sin"](x * x) * F["exp"](-x) + F["cos"](x * x)),
    "a mean": lambda x: F["mean"](F["log1p"](x * x)) * 3,
    "a choice": lambda x: F["sum"](F["where"](x > 0, F["tanh"](x), 2 * x)),
    "without ufuncs": lambda x: F["sum"](F["sigmoid"](x) * F["gelu"](x) + x**3.0),
    "the input itself": lambda x: F["sum"](x) + F["sum"](x * x),
    "two sweeps": lambda x: F["sum"]((x - F["mean"](x)) ** 2),
    "sums of columns": lambda x: F["sum"](F["sin"](F["mean"](x * x, 0))),
    "kept axes": lambda x: F["sum"](F["sum"](x * x, keepdims=True)),
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


@pytest.mark.usefixtures("small_blocks")
def test_blocks_of_what_all_rows_share() -> None:
    """Its gradient is a sum over them."""

    def function(x: Tensor, w: Tensor) -> Tensor:
        return F["mean"](F["tanh"](x * w) + w)

    rng = np.random.default_rng(6)
    x, w = rng.normal(size=(300, 4)), rng.normal(size=4)
    value, found = gradcli.compile(function, grad=True)(x, w)
    expected, gradients = gradcli.value_and_grad(function, (0, 1))(x, w)
    close(value, expected, 64)
    for ours, theirs in zip(found, gradients, strict=True):
        np.testing.assert_allclose(ours.value, theirs.value, rtol=1e-13, atol=1e-15)


def overwriting(x: Tensor) -> Tensor:
    y = x * 2
    y *= x
    return F["sum"](y)


def inverting(x: Tensor) -> Tensor:
    return F["sum"](F["inv"](F["reshape"](x[:90000], (300, 300)) + np.eye(300)))


@pytest.mark.parametrize("function", [overwriting, inverting])
def test_recording_of_large_arrays_that_needs_their_numbers(function: Any) -> None:
    x = np.random.default_rng(7).normal(size=100_000)
    value, _ = gradcli.compile(function, grad=True)(x)
    close(value, function(tensor(x)), 1000)


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


def test_rows_of_functions_of_tensors() -> None:
    def function(x: Tensor, w: Tensor, a: Tensor) -> Tensor:
        return F["sum"](F["tanh"](w @ x) * F["stack"]([a, a * a]))

    rng = np.random.default_rng(5)
    x, w, a = rng.normal(size=(40_000, 3)), rng.normal(size=(2, 3)), rng.normal(size=40_000)
    value, (by_x, by_w, by_a) = gradcli.compile(function, grad=True, rows=(0, 2))(x, w, a)
    hidden = np.tanh(x @ w.T)
    factors = np.stack([a, a * a], -1)
    np.testing.assert_allclose(value.value, (hidden * factors).sum(-1), rtol=1e-12, atol=1e-13)
    slopes = (1 - hidden**2) * factors
    np.testing.assert_allclose(by_x.value, slopes @ w, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(by_w.value, slopes[..., None] * x[:, None], rtol=1e-12, atol=1e-13)
    by_hand = hidden[:, 0] + 2 * a * hidden[:, 1]
    np.testing.assert_allclose(by_a.value, by_hand, rtol=1e-12, atol=1e-13)


def test_rows_into_arrays_that_are_given() -> None:
    program = trace(lambda x, a: [F["sin"](x) * a, x, a], {"x": 0.5, "a": 2.0})
    x = np.linspace(0, 1, 10)
    out = [np.empty(10), np.empty((10, 2))[:, 0], np.empty(10)]
    sweeps.over_rows(program, ["x"])(x, np.float64(3.0), out=out)
    for found, expected in zip(out, (3 * np.sin(x), x, np.full(10, 3.0)), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-15)


def test_no_rows_give_no_rows() -> None:
    value, (slope,) = gradcli.compile(F["sin"], grad=True, rows=True)([])
    assert value.shape == slope.shape == (0,)


def peak_of(function: Any, *arguments: Any) -> int:
    """The most bytes that a call holds at once, its results included."""
    tracemalloc.start()
    function(*arguments)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def test_memory_beside_the_results_is_a_few_megabytes() -> None:
    """From the first call on, in which the function is recorded."""

    def function(x: Tensor) -> Tensor:
        for _ in range(20):
            x = F["sin"](x) * F["exp"](-x * x) + x
        return x

    x = np.linspace(0, 1, 1_000_000)
    for ours, size in (
        (gradcli.compile(function, grad=True, rows=True), 2 * x.nbytes),
        (gradcli.compile(function), x.nbytes),
        (gradcli.compile(lambda x: F["mean"](function(x)), grad=True), x.nbytes),
    ):
        for _ in range(2):
            assert peak_of(ours, x) - size < 64 * 2**20


def test_warnings_and_errors_of_numpy_are_those_of_the_caller() -> None:
    ours = gradcli.compile(F["log"], rows=True)
    with np.errstate(all="raise"), pytest.raises(FloatingPointError):
        ours(np.zeros(200_000))


def ulps(ours: Any, exact: Any) -> float:
    """The largest error, in units of the last place of what is exact (in more digits)."""
    theirs = exact.astype(float)
    return float(np.max(np.abs((ours - exact) / np.spacing(np.abs(theirs)))))


def angles() -> Any:
    """Small, near the zeros of sine and cosine, huge, tiny, and every exponent there is."""
    rng = np.random.default_rng(4)
    sign = rng.choice([-1, 1], 20_000)
    zeros = np.arange(-10_000, 10_000) * (np.pi / 2)
    near = zeros * (1 + rng.integers(-3, 4, 20_000) * 2.0**-52)
    return np.concatenate(
        [
            rng.uniform(-10, 10, 20_000),
            rng.uniform(-1e6, 1e6, 20_000),
            near,
            zeros + rng.choice([1e-16, 1e-9, 1e-3, 0.25], 20_000),
            sign * 10.0 ** rng.uniform(5, 308, 20_000),
            sign * 10.0 ** rng.uniform(-323, 0, 20_000),
            sign * rng.integers(1, 0x7FE0000000000000, 20_000).view(float),
            [0.0, -0.0, 5e-324, -5e-324, 2.0**-27, 1.7976931348623157e308],
        ]
    )


def exactly(function: Any, x: Any) -> Any:
    """In the 64 bits of the processor's long double, where there is one."""
    if np.finfo(np.longdouble).nmant > 60:
        return function(x.astype(np.longdouble))
    with mpmath.workprec(80):
        return np.array([np.longdouble(str(getattr(mpmath, function.__name__)(v))) for v in x])


def test_sine_and_cosine_by_the_half_angle() -> None:
    x = angles()
    sine, cosine, alone, other = (np.full_like(x, 7) for _ in range(4))
    with np.errstate(all="raise"):
        circle.sine_and_cosine(x, sine, cosine)
        circle.sine_alone(x, alone)
        circle.cosine_alone(x, other)
    # The bounds are 5 and 7; these have been met.
    assert ulps(sine, exactly(np.sin, x)) < 3
    assert ulps(cosine, exactly(np.cos, x)) < 5
    np.testing.assert_array_equal(np.signbit(sine[x == 0]), np.signbit(x[x == 0]))
    np.testing.assert_array_equal(alone, sine)
    np.testing.assert_array_equal(other, cosine)


def test_sines_of_infinities_and_nan() -> None:
    x = np.array([np.inf, 1.0, np.nan, -np.inf, 0.0])
    sine, cosine = np.empty_like(x), np.empty_like(x)
    with np.errstate(invalid="warn"), pytest.warns(RuntimeWarning, match="invalid value"):
        circle.sine_and_cosine(x, sine, cosine)
    for found, at_0 in ((sine, 0), (cosine, 1)):
        assert np.isnan(found[[0, 2, 3]]).all()
        assert found[4] == at_0


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


def test_whole_numbers_have_gradients() -> None:
    function = gradcli.compile(lambda x, y: F["sum"](x * y), grad=True)
    _, (by_x, by_y) = function(np.arange(3), np.int64(2))
    close(by_x, [2.0, 2, 2])
    close(by_y, 3.0)


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
        (lambda f: gradcli.compile(f, rows=(1,))([1.0]), ShapeMismatch),
        (lambda f: gradcli.compile(f, rows=(-1,))([1.0]), ShapeMismatch),
        (lambda f: gradcli.compile(f, rows=("x",))([1.0]), ShapeMismatch),
        (lambda f: f(np.array(["one"])), WrongType),
        (lambda f: gradcli.compile(f, grad=True)([1.0, 2.0]), GradcliError),
    ],
)
def test_refusals(call: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        call(gradcli.compile(lambda x, power=2: x**power))


def test_a_sparse_hessian_of_many_inputs_takes_little_time_and_memory() -> None:
    def function(x: Tensor) -> Tensor:
        return F["sum"](100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)

    x = np.random.default_rng(8).normal(size=600)
    ours = gradcli.compile(hessian(function))
    size = x.size**2 * 8
    assert peak_of(ours, x) < 3 * size
    assert peak_of(ours, x) < 1.5 * size
    np.testing.assert_allclose(ours(x).value, hessian(function)(x).value, rtol=1e-14)
    y = 2 - x
    np.testing.assert_allclose(ours(y).value, hessian(function)(y).value, rtol=1e-14)


def test_values_are_dropped_after_their_last_use() -> None:
    def function(x: Tensor) -> Tensor:
        for _ in range(30):
            x = F["flip"](F["sin"](x), 0)
        return x

    x = np.linspace(0, 1, 20_000)
    ours = gradcli.compile(function)
    ours(x)
    assert peak_of(ours, x) < 6 * x.nbytes


def test_functions_of_nothing() -> None:
    first, second = gradcli.compile(lambda: (3, tensor([1.0, 2.0])))()
    close(first, 3.0)
    close(second, [1.0, 2.0])
