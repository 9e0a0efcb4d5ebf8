"""`gradcli explain`: the cases of explain.grad; what a trace says is what the pass found."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import defaultdict
from typing import Any

import numpy as np
import pytest

from gradcli.engine.tensor import tensor
from gradcli.lang.session import Session
from gradcli.lang.source import Source
from gradcli.lang.tensors import as_tensor

from .commands import Case, arguments, cases, gradcli


@pytest.mark.parametrize("case", cases("explain.grad"), ids=lambda case: case.command[:50])
def test_case(case: Case) -> None:
    outcome = gradcli("explain", *arguments(case))
    assert outcome.stdout.splitlines() == case.stdout
    assert outcome.stderr.splitlines() == case.stderr
    assert outcome.status == case.status


EXPRESSIONS = {
    "x*sin(x)/(1 + x^2) + exp(-x)": ["x=0.7"],
    "norm(A @ x)*sum(x)": ["A=[1,2;3,4]", "x=[1,2]"],
    "a, b = split(x, 2); sum(a*b) + sum(b)": ["x=[1,2,3,4]"],
    "w, V = eigh(A @ A'); w[0]*V[0, 1]": ["A=[1,2;3,4]"],
    "y = x*x; y += x; y*w": ["x=3", "w=2"],
    "sum(concat([x, x*2])*[1, 2, 3, 4])": ["x=[1,2]"],
    "cumsum(x)[1]*softmax(x)[0]": ["x=[1,2]"],
}


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_parts_add_up_to_the_gradient(text: str) -> None:
    trace = json.loads(gradcli("explain", text, *EXPRESSIONS[text], "--json").stdout)["trace"]
    gradient = json.loads(gradcli("eval", text, *EXPRESSIONS[text], "--json").stdout)["gradient"]
    (steps,) = [each["steps"] for each in trace if each["section"] == "backward"]
    parts: dict[str, Any] = defaultdict(float)
    totals = {}
    for step in steps:
        name, _, part = step["name"].partition("[")
        if part:
            parts[name] = parts[name] + np.array(step["value"])
        else:
            totals[name] = np.array(step["value"])
    for name, value in gradient.items():
        assert totals[f"∂{name}"].tolist() == value
    for name, value in parts.items():
        np.testing.assert_allclose(value, totals[name], rtol=1e-14)


@pytest.mark.parametrize("text", ["x*sin(x)*w", "w*(x^3 + exp(x*w))", "y = x*w; y/(1 + y)"])
def test_tangents_end_in_the_gradient(text: str) -> None:
    values = ["x=0.7", "w=2"]
    trace = json.loads(gradcli("explain", text, *values, "--tangents", "--json").stdout)["trace"]
    gradient = json.loads(gradcli("eval", text, *values, "--json").stdout)["gradient"]
    for section in trace[1:]:
        name = section["section"].removeprefix("tangents by ")
        np.testing.assert_allclose(section["steps"][-1]["value"], gradient[name], rtol=1e-14)


TOLD = [
    ("x*sin(x)/(1 - x) - sqrt(x)^3", {"x": 2}),
    ("maximum(x, y)^y*abs(y)/exp(x)", {"x": 3, "y": 2}),
    ("norm(A @ x)*logdet(A) + x @ inv(A) @ x", {"A": [[2, 1], [1, 3]], "x": [1, 2]}),
    ("sum(softmax(x)*log_softmax(x)) + mean(x^2)", {"x": [1, 2]}),
    ("det(A)*trace(A @ A') + sum(relu(A) @ x)", {"A": [[2, 1], [1, 3]], "x": [1, 2]}),
    ("logsumexp(x) + (x @ outer(x, x))[0]", {"x": [1, 2]}),
    ("norm([x, y, x*y]) + sigmoid(x)*tanh(y)", {"x": 3, "y": 2}),
]


@pytest.mark.parametrize("way", [[], ["--tangents"]], ids=["backward", "tangents"])
@pytest.mark.parametrize(("expression", "values"), TOLD, ids=lambda x: str(x)[:30])
def test_what_a_formula_says_is_the_number_beside_it(
    expression: str, values: dict[str, Any], way: list[str]
) -> None:
    given = [f"{name}={json.dumps(value)}" for name, value in values.items()]
    trace = json.loads(gradcli("explain", expression, *given, "--json", *way).stdout)["trace"]
    session = Session()
    told = 0
    for step in (step for section in trace for step in section["steps"]):
        formula = plain(step.get("formula", ""))
        if formula and "'s rule" not in formula:
            found = as_tensor(session.evaluate(Source(formula))).value
            np.testing.assert_allclose(found, step["value"], rtol=1e-12, atol=1e-15)
            told += 1
        session.variables[plain(step["name"])] = tensor(np.array(step["value"], float)[()])
    assert told >= 5


def plain(text: str) -> str:
    """Adjoints, and their parts, under names of the language."""
    return re.sub(r"∂(\w+)\[(\d+)\]", r"d_\1_part_\2", text).replace("∂", "d_")


def test_a_long_trace_is_folded() -> None:
    outcome = gradcli("explain", "u = x; " + "u = sin(u); " * 100 + "u", "x=1")
    assert "  … 81 more" in outcome.stdout.splitlines()
    assert len(outcome.stdout.splitlines()) < 50


def test_markdown_is_a_table_for_each_sweep() -> None:
    lines = gradcli("explain", "x*sin(x)", "x=2", "--format", "markdown").stdout.splitlines()
    assert [line for line in lines if line.startswith("**")] == ["**forward**", "**backward**"]
    assert "| `∂x` | `∂x[1] + ∂x[2]` |  | `0.0770037537313969` |" in lines


SCRIPT = b"""
x = tensor(2.0, requires_grad=True)
y = x^2 + 1
assert check(y)
explain(y)
"""


def test_scripts_check_and_explain() -> None:
    outcome = gradcli("run", "-", stdin=SCRIPT)
    assert outcome.status == 0
    assert outcome.stdout.splitlines()[-1] == "  ∂x  = ∂v1 * (2*x) = 1.0 * (2*2.0) = 4.0"


@pytest.mark.parametrize(
    ("text", "status", "says"),
    [
        ("check(3)", 4, "an integer depends on nothing"),
        ("explain(tensor(1.0))", 4, "a tensor depends on nothing"),
        ("for k in range(20):\n    check(x^2)", 8, "more than 1,500,000 steps"),
    ],
)
def test_what_cannot_be_looked_into(text: str, status: int, says: str) -> None:
    script = f"x = tensor(1.0, requires_grad=True)\n{text}\n".encode()
    outcome = gradcli("run", "-", "--limit", "steps=1.5e6", stdin=script)
    assert outcome.status == status
    assert says in outcome.stderr


def test_an_evaluation_that_looks_at_nothing_loads_no_proofs() -> None:
    code = "import sys; from gradcli.cli.main import run\n"
    code += "from gradcli.cli.system.environment import Environment\n"
    code += "run(['eval', 'x^2', 'x=2'], Environment()); print('gradcli.proof' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.splitlines()[-1] == "False"
