"""Fuel is the same everywhere: of these texts the units are known, on any machine, at any time."""

from __future__ import annotations

import gc
from concurrent.futures import ThreadPoolExecutor

import pytest

from gradcli.errors import LimitExceeded
from gradcli.lang.collector import SELDOM
from gradcli.lang.evaluation import Options, evaluate
from gradcli.lang.limits import Limits
from gradcli.lang.session import Session
from gradcli.lang.source import Source
from gradcli.lang.values import Function

# A value of x, a text, the units of its value and those of its gradient.
UNITS = [
    ("2", "x", 2, 1),
    ("2", "sin(x^2)*exp(3x)", 12, 6),
    ("2", "f(t) = sin(t)*t; f''(x)", 24, 14),
    ("2", "grad(lambda t: t^3)(x)", 12, 5),
    ("2", "x.register_hook(lambda g: 2*g + 1); x*x", 9, 8),
    ("2", "y = x*1; y.mul_(3); y[()] = 5; y", 17.002, 4),
    ("ones(1000)", "sum(x*2)", 8, 7),
    ("ones(10^6)", "x[5]", 6.001, 2002),  # a view; its cotangent is as large as x
    ("ones(1000)", "sum(sin(x)*cos(x))", 36, 57),
    ("ones(1000)", "prod(x + 1)", 12.5, 16),
    ("ones(50, 50)", "sum((x @ x) @ x)", 110.5, 209),
    ("ones(1000, 1)", "sum(x * ones(1000))", 2009, 4003),
    ("ones(3000, 1000)", "sum(tanh(x))", 33006, 66003),
]


def units(value: str, text: str, gradients: bool) -> float:
    session = Session()
    leaves = {"x": session.leaf(Source(value))}
    evaluate(session, Source(text), leaves, Options(gradients=gradients))
    return session.limits.steps - session.meter.fuel


@pytest.mark.parametrize(("value", "text", "forward", "reverse"), UNITS)
def test_units(value: str, text: str, forward: float, reverse: float) -> None:
    assert units(value, text, gradients=False) == pytest.approx(forward)
    assert units(value, text, gradients=True) == pytest.approx(reverse)


def test_units_in_several_threads() -> None:
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda row: units(row[0], row[1], gradients=True), UNITS * 4))
    assert found == pytest.approx([row[3] for row in UNITS * 4])


# ---- what a pass holds --------------------------------------------------------------------------

PASSES = [
    "a = x[0]; b = x[1]; c = x[2]; y = sum(a*b*c)",  # cotangents that wait at the leaves
    "y = sum(hypot(x, hypot(x, hypot(x, x))))",
    "y = logsumexp(x)",
]


@pytest.mark.parametrize("text", PASSES)
def test_the_ledger_sees_what_a_pass_makes(text: str) -> None:
    """Memory that is enough for a value is not enough for its gradient, and nothing is changed."""
    least = next(n for n in range(240_000, 10**7, 40_000) if calculated(text, n) is not None)
    session = calculated(text, least)
    assert session is not None
    with pytest.raises(LimitExceeded) as caught:
        session.run(Source("y.backward()"))
    assert caught.value.limit == "memory"
    assert session.variables["x"].grad is None


@pytest.mark.parametrize("text", PASSES)
def test_the_ledger_after_a_pass(text: str) -> None:
    """What the graph saved is gone, and the gradient is there."""
    session = calculated(text, 10**7)
    assert session is not None
    session.run(Source("y.backward()"))
    for name in session.variables.keys() - {"x"}:
        del session.variables[name]
    assert session.meter.live == 2 * 240_000


def calculated(text: str, memory: int) -> Session | None:
    session = Session(Limits()._replace(memory=memory))
    session.variables["x"] = session.leaf(Source("ones(3, 10000)"))
    try:
        session.run(Source(text))
    except LimitExceeded:
        return None
    return session


def test_definitions_in_a_loop_are_kept_no_longer_than_the_statement_that_makes_them() -> None:
    session = Session()
    session.run(Source("for i in range(1000):\n    def f(x): return x\n", "script"))
    gc.collect()
    functions = [thing for thing in gc.get_objects() if type(thing) is Function]
    assert len(functions) < 500


# ---- the collector ------------------------------------------------------------------------------


def test_the_collector_is_held_back_while_an_evaluation_runs() -> None:
    before = gc.get_threshold()
    seen = []
    session = Session(write=lambda text: seen.append(gc.get_threshold()[0]))
    session.run(Source("print(1)"))
    with pytest.raises(LimitExceeded):
        session.run(Source("zeros(10^9)"))
    assert seen == [SELDOM, SELDOM]
    assert gc.get_threshold() == before


@pytest.mark.parametrize("threshold", [0, 10**6])
def test_a_collector_that_is_off_or_rarer_stays_so(threshold: int) -> None:
    before = gc.get_threshold()
    gc.set_threshold(threshold)
    try:
        seen = []
        Session(write=lambda text: seen.append(gc.get_threshold()[0])).run(Source("print(1)"))
        assert seen[0] == gc.get_threshold()[0] == threshold
    finally:
        gc.set_threshold(*before)
