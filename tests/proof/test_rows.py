"""Every row of the op table against its twin: the value in ulps, every gradient, broken rules."""

import numpy as np
import pytest
from engine_calls import CALLS, DIFFERENTIABLE, Call, weights
from proving import Differentiated

from gradcli.engine.ops import TABLE
from gradcli.proof.chain import Chain, Clock, Run
from gradcli.proof.precision import context, exact

# Units in the last place by which `forward` may miss the twin's value, where not 2.
ULPS = {
    "logaddexp": 4,
    "logaddexp2": 4,
    "logsumexp": 4,
    "einsum": 8,
    "pow_tensor": 4,
    "remainder": 16,
    "fmod": 16,
    "prod": 4,
    "dot": 8,
    "mv": 8,
    "vm": 8,
    "mm": 8,
    "bmm": 8,
    "sum": 4,
    "mean": 4,
}


def differentiated(call: Call, dtype: type = np.float64) -> Differentiated:
    points = [np.asarray(x, dtype) for x in call.points]
    shape = Differentiated(lambda *xs: call.function(*xs).sum(), *points)
    plain = call.function(*shape.leaves.values()).shape
    return Differentiated(call.function, *points, seed=weights(call, plain))


def identify(call: Call) -> str:
    return call.label


def test_every_differentiable_row_has_a_twin_or_says_why_not() -> None:
    for name in DIFFERENTIABLE:
        assert TABLE[name].twin is not None or TABLE[name].why_no_twin, name


@pytest.mark.parametrize("call", CALLS, ids=identify)
def test_the_value_is_that_of_the_twin(call: Call) -> None:
    work = differentiated(call)
    calculation = work.calculation()
    ctx = context()
    truth = Run(Chain(calculation, []), ctx, Clock(20)).value.ravel()
    ours = exact(ctx, np.asarray(calculation.value)).ravel()
    for a, b, machine in zip(ours, truth, np.ravel(calculation.value), strict=True):
        assert abs(a - b) <= ULPS.get(call.row, 2) * np.spacing(abs(machine)), call.label


@pytest.mark.parametrize("call", CALLS, ids=identify)
def test_the_gradient_is_that_of_the_twin(call: Call) -> None:
    found = differentiated(call).proven()
    assert found.status == "agrees", found
    assert found.digits is not None
    assert found.digits >= 13


@pytest.mark.parametrize("call", CALLS, ids=identify)
def test_the_gradient_in_single_precision_is_that_of_the_twin(call: Call) -> None:
    found = differentiated(call, np.float32).proven()
    assert found.status == "agrees", found
    assert found.digits is not None
    assert found.digits <= (16 if call.row == "astype" else 7)


@pytest.mark.parametrize("call", CALLS, ids=identify)
def test_the_gradient_by_complex_numbers_is_that_of_the_twin(call: Call) -> None:
    turned = [x + 0.3j * np.cos(3 * x) for x in call.points]
    if TABLE[call.row].ordered:
        pytest.skip("complex numbers have no order")
    try:
        shape = call.function(*Differentiated(lambda *xs: sum_of(xs), *turned).leaves.values())
    except (TypeError, ValueError):
        pytest.skip("not for complex numbers")
    if shape.dtype.kind != "c":
        seed = weights(call, shape.shape)
    else:
        seed = weights(call, shape.shape) * (0.8 + 0.6j)
    found = Differentiated(call.function, *turned, seed=seed).proven()
    assert found.status == "agrees", found


def sum_of(tensors):  # type: ignore[no-untyped-def]
    total = 0.0
    for x in tensors:
        total = total + abs(x).sum()
    return total


@pytest.mark.parametrize("call", CALLS, ids=identify)
@pytest.mark.parametrize("factor", [1 + 1e-9, -1.0], ids=["slightly", "sign"])
def test_a_broken_rule_differs(call: Call, factor: float, monkeypatch: pytest.MonkeyPatch) -> None:
    row = TABLE[call.row]

    def broken(rule):  # type: ignore[no-untyped-def]
        return rule and (lambda *arguments: rule(*arguments) * factor)

    right = differentiated(call)
    monkeypatch.setattr(row, "rules", tuple(map(broken, row.rules)))
    wrong = differentiated(call)
    if all(not np.any(g.value) for g in right.gradients.values()):
        pytest.skip("a gradient of zeros stays what it is")
    found = wrong.proven()
    assert found.status == "differs", found
    assert set(found.methods.values()) == {"differs"}
