"""`gradcli ops`: the list is the table's, and what is told of one is read from its row."""

from __future__ import annotations

import inspect
import json
from typing import Any

import pytest

from gradcli.engine.functions import FUNCTIONS, TABLE
from gradcli.errors import Status
from gradcli.lang.session import Session
from gradcli.lang.source import Source
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
    for name in ("sin", "exp", "log", "tanh", "sqrt", "arctan", "log1p", "exp2", "cosh"):
        formula = told(name)["slopes"]["x"]
        text = f"x = 0.7; [{formula}, {name}'(x)]"
        ours, theirs = Session().run(Source(text))[-1].value
        assert ours == pytest.approx(theirs, rel=1e-14), formula


def test_an_unknown_name() -> None:
    outcome = gradcli("ops", "sinn")
    assert outcome.status == Status.RULE
    assert outcome.stderr == "error: there is no operation 'sinn'\nhint: did you mean sin ?\n"
    assert gradcli("ops", "zzzzz").stderr.endswith("hint: gradcli ops lists them\n")


def test_signatures_are_pythons() -> None:
    for each in view.operations():
        inspect.signature(FUNCTIONS[each.name])
        assert each.signature.startswith(f"{each.name}(")
