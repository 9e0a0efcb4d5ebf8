"""Every row of the op table against its twin: the value in ulps, every gradient, broken rules."""

from functools import partial
from typing import Any

import numpy as np
import pytest
from engine_calls import CALLS, DIFFERENTIABLE, Call, weights
from proving import Differentiated
from ulps import ROWS, bounds, measured

from gradcli.engine.ops import TABLE
from gradcli.engine.tensor import tensor
from gradcli.proof import prover
from gradcli.proof.directions import directions


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


def test_the_table_of_ulps_lists_the_rows_with_twins() -> None:
    """`python scripts/ulps.py` writes it; with the names of rows, those alone."""
    assert list(bounds()) == ROWS


@pytest.mark.parametrize("name", ROWS)
def test_values_and_slopes_are_within_the_ulps_that_are_stated(name: str) -> None:
    """At other points than those that the table was made of."""
    found, stated = measured(name, seed=1000, count=10), bounds()[name]
    assert found.value <= stated.value
    assert (found.slope or 0) <= (stated.slope or 0)


@pytest.mark.parametrize("call", CALLS, ids=identify)
def test_the_gradient_is_that_of_the_twin(call: Call) -> None:
    found = differentiated(call).proven()
    assert found.status == "agrees", found
    assert found.digits is not None
    assert found.digits >= 13


FIRST = list({call.row: call for call in reversed(CALLS)}.values())


@pytest.mark.parametrize("call", FIRST, ids=identify)
def test_the_gradient_in_single_precision_is_that_of_the_twin(call: Call) -> None:
    """Once a row: test_rules.py compares all calls with double precision."""
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
def test_the_gradient_by_complex_numbers_is_that_of_the_twin(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = call.function(*map(tensor, turned(call)))
    seed = weights(call, result.shape) * (0.8 + 0.6j if result.dtype.kind == "c" else 1)
    monkeypatch.setattr(prover, "directions", partial(directions, components=6))  # else by lot
    found = Differentiated(call.function, *turned(call), seed=seed).proven()
    assert found.status == "agrees", found


def has_a_slope(call: Call) -> bool:
    """A broken rule shows only where the right gradient is not zero."""
    return any(np.any(g.value) for g in differentiated(call).gradients.values())


SLOPING = list({call.row: call for call in filter(has_a_slope, reversed(CALLS))}.values())


@pytest.mark.parametrize("call", SLOPING, ids=identify)
def test_a_rule_that_is_slightly_wrong_differs(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """The proof sees into every row; mistakes in rules are the matter of test_mutants.py."""
    row = TABLE[call.row]

    def broken(rule: Any) -> Any:
        return rule and (lambda *arguments: rule(*arguments) * (1 + 1e-9))

    monkeypatch.setattr(row, "rules", tuple(map(broken, row.rules)))
    found = differentiated(call).proven()
    assert found.status == "differs", found
    assert set(found.methods.values()) == {"differs"}
