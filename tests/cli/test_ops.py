"""`gradcli ops`: the list is the table's, and what is told of one is read from its row."""

from __future__ import annotations

import inspect
import json
from typing import Any

import pytest

from gradcli.engine.functions import FUNCTIONS, TABLE
from gradcli.engine.functions.registry import ROW_OF
from gradcli.engine.ops.table import Interval
from gradcli.errors import Status
from gradcli.lang.manual import operand_names, row_parameters
from gradcli.lang.session import Session
from gradcli.lang.source import Source
from gradcli.lang.tensors import as_tensor
from gradcli.views import operations as view

from .commands import gradcli


def told(name: str) -> dict[str, Any]:
    outcome = gradcli("ops", name, "--json")
    assert outcome.status == Status.DONE
    found: dict[str, Any] = json.loads(outcome.stdout)["operation"]
    return found


def test_the_list_has_every_name_once() -> None:
    found = json.loads(gradcli("ops", "--json").stdout)["operations"]
    names = [name for each in found for name in (each["name"], *each["aliases"])]
    assert sorted(names) == sorted(FUNCTIONS)
    assert all(each["theme"] and each["signature"] for each in found)
    lines = gradcli("ops").stdout.splitlines()
    assert lines == [each["signature"] for each in found]
    assert "sum(x, axis=None, keepdims=False)" in lines


def test_a_terminal_gets_names_under_their_themes() -> None:
    text = view.listing(view.operations(), 60)
    assert all(len(line) <= 60 for line in text.splitlines() if line.startswith("  "))
    assert "\n\nReductions\n  all, " in text


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("sin", {"slopes": {"x": "cos(x)"}, "rules": {"x": "g * np.cos(x)"}}),
        ("div", {"signature": "div(a, b)", "aliases": ["divide", "true_divide"]}),
        ("divide", {"name": "div", "domain": {"a": "every a", "b": "b != 0"}}),
        ("sqrt", {"saves": ["y"], "domain": {"x": "x > 0"}, "grad_fn": "<SqrtBackward0>"}),
        ("abs", {"kink": "its slope at 0 is taken as 0"}),
        ("eq", {"rules": {}, "grad_fn": "", "numpy": ["numpy.equal"]}),
        ("softmax", {"signature": "softmax(x, axis=-1)", "twin": "50 digits"}),
        ("pow_scalar", {"signature": "pow_scalar(x, n)"}),
        ("matmul", {"numpy": ["numpy.matmul"]}),
    ],
)
def test_what_is_told(name: str, expected: dict[str, Any]) -> None:
    found = told(name)
    assert {key: found[key] for key in expected} == expected


def test_something_is_told_of_every_row() -> None:
    for op in TABLE.values():
        found = view.facts(op.name)
        assert found is not None
        assert view.description(found).startswith(found.operation.signature)
        assert all(found.rules.values()) or not op.differentiable, op.name


def test_formulas_are_true() -> None:
    """Read as the language reads them, they give the derivative."""
    told_of = 0
    for name in {op.name for op in ROW_OF.values()}:
        known, op = view.facts(name), TABLE[name]
        if known is None or name not in FUNCTIONS:
            continue
        operands = operand_names(op)
        settings = [part for part in row_parameters(op) if "=" in part and "None" not in part]
        for k, x in enumerate(operands if known.slopes else ()):
            settings.append(f"{x} = {op.domain[k].low + (0.635 + k / 13) * width(op.domain[k])!r}")
        for x, formula in known.slopes.items():
            call = f"{name}({', '.join('t' if x == other else other for other in operands)})"
            text = "; ".join([*settings, f"h(t) = {call}", f"[{formula}, h'({x})]"])
            ours, theirs = (float(v) for v in as_tensor(Session().run(Source(text))[-1].value))
            assert ours == pytest.approx(theirs, rel=1e-9, abs=1e-12), (name, formula)
            told_of += 1
    assert told_of > 70


def width(interval: Interval) -> float:
    return interval.high - interval.low


def test_no_formula_speaks_of_what_a_caller_does_not_know() -> None:
    assert "slopes" in told("erfcx")
    assert not told("erfcx")["slopes"]
    assert not told("clip")["slopes"]


def test_an_unknown_name() -> None:
    outcome = gradcli("ops", "sinn")
    assert outcome.status == Status.RULE
    assert outcome.stderr == "error: there is no operation 'sinn'\nhint: did you mean sin ?\n"
    assert gradcli("ops", "zzzzz").stderr.endswith("hint: gradcli ops lists them\n")


def test_signatures_are_pythons() -> None:
    for each in view.operations():
        inspect.signature(FUNCTIONS[each.name])
        assert each.signature.startswith(f"{each.name}(")
