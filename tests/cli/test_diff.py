"""`gradcli diff`: the cases of diff.grad; its code runs, its formulas paste back."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from .commands import Case, arguments, cases, gradcli


@pytest.mark.parametrize("case", cases("diff.grad"), ids=lambda case: case.command[:50])
def test_case(case: Case) -> None:
    outcome = gradcli(*arguments(case))
    # Blank lines separate the cases of a file.
    assert [line for line in outcome.stdout.splitlines() if line] == case.stdout
    assert outcome.stderr.splitlines() == case.stderr
    assert outcome.status == case.status


# Expression, shapes, variable, and the values of the symbols.
PASTED: list[tuple[str, list[str], str, dict[str, Any]]] = [
    (
        "sum((A @ x - b)^2)",
        ["A:m,n", "x:n", "b:m"],
        "x",
        {"A": [[1, 2], [3, 5]], "x": [1, 2], "b": [3, 1]},
    ),
    ("sum(log(det(X)) * a)", ["X:n,n", "a:n"], "X", {"X": [[3, 1], [1, 2]], "a": [1, 2]}),
    ("norm(x - a)^3", ["x:n", "a:n"], "x", {"x": [1, 2, 4], "a": [0, 1, 1]}),
    ("mean(X @ diag(w) @ X')", ["X:m,n", "w:n"], "w", {"X": [[1, 2], [3, 5], [0, 1]], "w": [1, 2]}),
    ("erf(x)*sqrt(y)", [], "y", {"x": 0.5, "y": 2.0}),
    ("norm(X, 'nuc') + norm(X, 2)", ["X:m,n"], "X", {"X": [[1, 2], [3, 5], [0, 1]]}),
    ("sum(eigvalsh(A)^2)", ["A:n,n"], "A", {"A": [[1, 2], [7, 5]]}),
    (
        "a @ cross(b, x) * x[0]",
        ["a:3", "b:3", "x:3"],
        "x",
        {"a": [1, 2, 3], "b": [0, 1, 1], "x": [3, 1, 2]},
    ),
    ("std(x)*norm(x, 4) + max(x)", ["x:n"], "x", {"x": [1, -2, 4]}),
    ("sum(gelu(x)*relu(x)*sigmoid(x))", ["x:n"], "x", {"x": [1, -2, 4]}),
    ("lgamma(x)*jv(2, x) + softplus(x)", [], "x", {"x": 1.5}),
    (
        "b @ pinv(A) @ c",
        ["A:m,n", "b:n", "c:m"],
        "A",
        {"A": [[1, 2], [3, 5], [0, 1]], "b": [1, 2], "c": [1, 0, 2]},
    ),
]


@pytest.mark.parametrize(("expression", "shapes", "by", "point"), PASTED, ids=lambda x: str(x)[:20])
def test_code_and_formula_give_the_gradient(
    expression: str, shapes: list[str], by: str, point: dict[str, Any]
) -> None:
    values = [f"{name}={json.dumps(value)}" for name, value in point.items()]
    evaluated = json.loads(gradcli("eval", expression, *values, "--wrt", by, "--json").stdout)
    gradient = np.asarray(evaluated["gradient"][by])

    formula = gradcli("diff", expression, *shapes, "--wrt", by).stdout.strip()
    pasted = json.loads(gradcli("eval", formula, *values, "--no-grad", "--json").stdout)
    np.testing.assert_allclose(pasted["value"], gradient, rtol=1e-12)

    code = gradcli("diff", expression, *shapes, "--wrt", by, "--format", "numpy").stdout
    names: dict[str, Any] = {}
    exec(code, names)  # that it runs is what is tested
    arrays = {name: np.asarray(value, float) for name, value in point.items()}
    np.testing.assert_allclose(names[f"d_{by}"](**arrays), gradient, rtol=1e-12)


def test_a_formula_is_written_to_a_file(tmp_path: Any) -> None:
    path = tmp_path / "formula"
    assert gradcli("diff", "x^2", "-o", str(path)).status == 0
    assert path.read_text() == "2 * x\n"
