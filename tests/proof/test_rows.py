"""Every row of the op table against its twin: the value in ulps, every gradient, broken rules."""

from typing import Any

import numpy as np
import pytest
from engine_calls import CALLS, DIFFERENTIABLE, Call, weights
from proving import Differentiated

from gradcli.engine.ops import TABLE
from gradcli.engine.tensor import tensor
from gradcli.proof.chain import Chain, Clock, Run
from gradcli.proof.precision import context, exact

# Units in the last place by which `forward` may miss the twin's value, where not 2.
ULPS = {
    "gelu": 16,
    # What scipy gives.
    "erfc": 8,
    "erfcx": 8,
    "log_ndtr": 16,
    "lgamma": 4,
    "beta": 32,
    "gammainc": 8,
    "gammaincc": 8,
    "betainc": 32,
    "gamma_density": 16,
    "beta_density": 32,
    "lbeta": 16,
    "exp1": 4,
    "jv": 16,
    "j0": 32,
    "j1": 32,
    "yv": 8,
    "y0": 128,  # near a root
    "y1": 8,
    "iv": 8,
    "kv": 4,
    "k0": 4,
    "ive": 4,
    "k0e": 4,
    # Sums of products, in any order.
    "fft": 8,
    "ifft": 8,
    "rfft": 8,
    "irfft": 16,
    "convolve": 8,
    "convolution": 64,
    "convolution_bias": 64,
    "convolution_by_x": 64,
    "convolution_by_w": 64,
    "adaptive_avg_pool": 32,
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
    "inv": 16,
    "cofactor": 16,
    "pinv": 64,
    "svd": 16,
    "qr": 8,
    "eigh": 8,
    "cross": 8,
    "expm": 32,
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
    machine = np.abs(np.ravel(calculation.value))
    if TABLE[call.row].normwise:
        machine = np.full_like(machine, np.max(machine))
    for a, b, size in zip(ours, truth, machine, strict=True):
        assert abs(a - b) <= ULPS.get(call.row, 2) * np.spacing(size), call.label


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


def turned(call: Call) -> list[Any]:
    """The call's points off the real axis."""
    return [x + 0.3j * np.cos(3 * x) for x in call.points]


def takes_complex_numbers(call: Call) -> bool:
    if TABLE[call.row].ordered:
        return False
    try:
        call.function(*map(tensor, turned(call)))
    except (TypeError, ValueError):
        return False
    return True


@pytest.mark.parametrize("call", [*filter(takes_complex_numbers, CALLS)], ids=identify)
def test_the_gradient_by_complex_numbers_is_that_of_the_twin(call: Call) -> None:
    result = call.function(*map(tensor, turned(call)))
    seed = weights(call, result.shape) * (0.8 + 0.6j if result.dtype.kind == "c" else 1)
    found = Differentiated(call.function, *turned(call), seed=seed).proven()
    assert found.status == "agrees", found


def has_a_slope(call: Call) -> bool:
    """A broken rule shows only where the right gradient is not zero."""
    return any(np.any(g.value) for g in differentiated(call).gradients.values())


@pytest.mark.parametrize("call", [*filter(has_a_slope, CALLS)], ids=identify)
@pytest.mark.parametrize("factor", [1 + 1e-9, -1.0], ids=["slightly", "sign"])
def test_a_broken_rule_differs(call: Call, factor: float, monkeypatch: pytest.MonkeyPatch) -> None:
    row = TABLE[call.row]

    def broken(rule):  # type: ignore[no-untyped-def]
        return rule and (lambda *arguments: rule(*arguments) * factor)

    monkeypatch.setattr(row, "rules", tuple(map(broken, row.rules)))
    found = differentiated(call).proven()
    assert found.status == "differs", found
    assert set(found.methods.values()) == {"differs"}
