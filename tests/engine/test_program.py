"""Programs: they give what the calculation gave, at other points too, and repeat nothing."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from engine_calls import CALLS, Call, weights

from gradcli.engine import autograd, transforms
from gradcli.engine.functions import FUNCTIONS as F
from gradcli.engine.graph import no_grad
from gradcli.engine.program import Program, trace
from gradcli.engine.tensor import Tensor, tensor
from gradcli.errors import WrongType


def with_gradients(call: Call) -> Any:
    """The call's value and its gradients by every operand, as a list of tensors."""

    def function(*inputs: Tensor) -> list[Tensor]:
        y = call.function(*inputs)
        seed = tensor(weights(call, y.shape))
        found = autograd.grad(y, inputs, seed, create_graph=True, materialize_grads=True)
        return [y, *(g for g in found if g is not None)]

    return function


def named(points: Any) -> dict[str, Any]:
    return {f"x{k}": np.asarray(point)[()] for k, point in enumerate(points)}


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.label)
def test_a_program_gives_what_the_calculation_gave(call: Call) -> None:
    function = with_gradients(call)
    program = trace(function, named(call.points))
    turned = [x[..., ::-1].copy() if np.ndim(x) else x for x in call.points]
    for points in (call.points, [x * 1.03125 for x in call.points], turned):
        expected = function(*(tensor(x, requires_grad=True) for x in points))
        for ours, theirs in zip(program.run(named(points)), expected, strict=True):
            np.testing.assert_array_equal(ours, theirs.value)


def rows(program: Program) -> Counter[str]:
    return Counter(value.op.name for value in program.values if value.op is not None)


def derived(function: Any, *points: Any) -> Program:
    def both(*inputs: Tensor) -> list[Tensor]:
        y = function(*inputs)
        return [y, *autograd.grad(y, inputs, create_graph=True)]  # type: ignore[list-item]  # all depend on y

    return trace(both, named(points))


def test_what_is_shared_is_calculated_once() -> None:
    program = derived(lambda x, y: F["exp"](x * y) * F["sin"](x * y), 0.5, 2.0)
    assert rows(program)["exp"] == rows(program)["sin"] == 1
    assert rows(program)["cos"] == 1
    assert program.inputs == {"x0": 0, "x1": 1}


def test_ones_signs_and_constants_vanish() -> None:
    program = derived(lambda x: F["sum"](3 * x - -x), np.ones(4))
    (_, gradient) = (program.values[k] for k in program.outputs)
    assert gradient.constant.tolist() == [4, 4, 4, 4]
    squares = derived(lambda x: F["sum"](x**2), np.ones(3))
    assert rows(squares) == {"mul": 2, "sum": 1}


def test_conditions_that_no_input_decides_vanish() -> None:
    program = derived(lambda x: 2.0**x, 1.5)  # the base might have been 0
    assert rows(program) == {"pow_base": 1, "mul": 1}
    chosen = trace(lambda x: [F["where"](np.array([True, True]), x, 0.0)], {"x": np.ones(2)})
    assert rows(chosen) == {}


def test_signs_end_in_sums_and_differences() -> None:
    program = trace(lambda x, y: [y - (-x) * y, x + -x / y, -x * -y], named([0.5, 2.0]))
    assert rows(program) == {"mul": 1, "add": 1, "div": 1, "sub": 1}
    assert program.run(named(np.float64([3, 2]))) == [8, 1.5, 6]


def test_what_is_detached_or_compared_is_calculated_anew() -> None:
    def function(x: Tensor) -> list[Tensor]:
        y = F["where"](x > 1, x.detach() * x, -x)
        return [y, *autograd.grad(y, [x], create_graph=True)]  # type: ignore[list-item]  # all depend on y

    program = trace(function, {"x": 0.5})
    assert program.run({"x": np.float64(0.5)}) == [-0.5, -1]
    assert program.run({"x": np.float64(3.0)}) == [9, 3]


def written_outside(x: Tensor) -> Tensor:
    y = 2 * x
    with no_grad():
        y *= x
    return y


TAKEN: dict[str, Any] = {
    "a branch": lambda x: x if F["sum"](x) > 0 else -x,
    "a number": lambda x: x * float(x[0].detach()),
    "a list": lambda x: x * tensor(x.detach().tolist()),
    "an array": lambda x: x * x.detach().numpy(),
    "a copy": lambda x: x * tensor(x),
    "an index": lambda x: x[F["argmax"](x)],
    "a mask": lambda x: x[x > 0],
    "places": lambda x: F["take"](x, F["argsort"](x)),
    "a target": lambda x: F["nll_loss"](x[None], F["argmax"](x)[None]),
    "classes": lambda x: F["one_hot"](F["argmax"](x)) * x,
    "a write": written_outside,
}


@pytest.mark.parametrize("function", TAKEN.values(), ids=TAKEN)
def test_what_leaves_the_calculation_must_not_depend_on_the_inputs(function: Any) -> None:
    with pytest.raises(WrongType, match="depends on the inputs"):
        trace(lambda x: [function(x)], {"x": np.array([1.0, -2, 3])})


def test_numbers_that_depend_on_no_input_may_be_taken() -> None:
    c = tensor([3.0, 1.0])
    program = trace(lambda x: [x[F["argmax"](c)] * float(c[0])], {"x": np.array([1.0, 2.0])})
    assert program.run({"x": np.array([5.0, 7.0])}) == [15]


def loss(x: Tensor) -> Tensor:
    return F["sum"](F["sin"](x) * x * x)


def accumulated(x: Tensor) -> Any:
    z = x.detach().requires_grad_()
    loss(z).backward()
    return z.grad


ONES = np.ones(2)
DERIVED: dict[str, Any] = {
    "grad": lambda x: autograd.grad(loss(x * 1.5), x)[0],
    "accumulated": accumulated,
    "of a copy": lambda x: transforms.grad(loss)(x.detach()),
    "jacobian": lambda x: transforms.jacobian(lambda z: z * z * z)(x.detach()),
    "jvp": lambda x: transforms.jvp(loss, (x.detach(),), (ONES,))[1],
    "along x": lambda x: transforms.jvp(loss, (ONES,), (x,))[1],
    "vjp": lambda x: transforms.vjp(lambda z: z * z, x)[1](x)[0],
    "hvp": lambda x: transforms.hvp(loss, x, x),
    "taylor": lambda x: transforms.taylor(loss, x, 3),
    "derivative": lambda x: transforms.derivative(F["sin"], x.detach(), 2),
}


@pytest.mark.parametrize("function", DERIVED.values(), ids=DERIVED)
def test_derivatives_without_a_graph_are_recorded_too(function: Any) -> None:
    program = trace(lambda x: [function(x)], {"x": np.array([0.5, 1.5])})
    points = np.array([-0.7, 2.0])
    expected = function(tensor(points, requires_grad=True)).value
    np.testing.assert_allclose(program.run({"x": points})[0], expected, rtol=1e-13)


def test_storage_outside_the_graph_and_nan_elsewhere_are_followed() -> None:
    def function(x: Tensor) -> list[Tensor]:
        return [F["exp"](x.data), F["median"](x), F["nanmax"](x)]

    program = trace(function, {"x": np.array([1.0, 2.0, 4.0])})
    points = np.array([np.nan, 0.5, 3.0])
    for ours, theirs in zip(program.run({"x": points}), function(tensor(points)), strict=True):
        np.testing.assert_array_equal(ours, theirs.value)


def test_identities_keep_nan_infinities_and_the_sign_of_zero() -> None:
    def function(x: Tensor) -> list[Tensor]:
        return [x * 1, x * -1, x / 1, x - 0, x + 0, 0 * x, x**2, F["neg"](-x), x - -x, x.T.T]

    points = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 2.0])
    program = trace(function, {"x": points})
    found = program.run({"x": points})
    for ours, theirs in zip(found, function(tensor(points)), strict=True):
        np.testing.assert_array_equal(ours, theirs.value)
        zeros = ours == 0
        assert (np.signbit(ours) == np.signbit(theirs.value))[zeros].all()
