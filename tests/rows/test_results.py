"""What `map` writes is what `eval` finds, and what independent methods prove."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from gradcli.lang.evaluation import Options, evaluate
from gradcli.lang.session import Session
from gradcli.lang.source import Source
from gradcli.rows import delimited
from gradcli.rows.job import Outcome, Sweeping

from ..cli.commands import gradcli

ROWS, FEWER = 1000, 100
# Bit for bit, but for powers that are no products: an array's may be two units in the last place
# from a number's, by what numpy calculates them with, and what reads them magnifies that.
EXACT = [
    "sin(x^2)*exp(y)",
    "exp(-x^2/2)*sin(x*y) + log(1 + y^2)",
    "sigmoid(x)*softplus(y) - mish(x*y)",
    "where(x > y, x*y, atan2(y, x)) + hypot(x, y)",
    "abs(x - y)*cbrt(y) + maximum(x, y)/(1 + x^2)",
    "log1p(x^2) + expm1(y) - tanh(x*y)",
    "f(t) = t^3/(1 + t^2); f(x)*f(y) + erf(x)",
    "gamma(1 + x^2)*relu(y) + asin(tanh(y))",
    "def f(t):\n    s = 0\n    for c in [2, -3, 5]:\n        s = s*t + c\n    return s\nf(x)*y",
    "norm([x, y])*max([x, y, 0.5]) + softmax([x, y, 1])[0]",
    "A = [1, 2; 3, 4]; v = A @ [x, y]; v[0]^2 + sum(v) + det([x, y; 1, 2])",
]
# What is a constant for gradients, but not for other rows.
EXACT += [
    "grad(x^3*y, x)[0]*y + x",
    "z = x*y; z.backward(retain_graph=True); z.backward(); x.grad*y",
    "sum([x.detach(), round(y), x > y, 2]*y) + x",
    "z = zeros(2); z[0] = x.detach(); z[0]*y + x",
    "tensor(x)*y + tensor([x, 1])[0]*x",
    "import torch\ntorch.manual_seed(3)\ntorch.sin(x)*y",
]
POWERS = ["abs(x)^2.5*y", "2^x + 10^y", "(1 + x^2)^(1 + y^2)"]


def table(points: np.ndarray) -> str:
    lines = [",".join(map(repr, row)) for row in points.tolist()]
    return "\n".join(["x,y", *lines, ""])


def mapped(expression: str, points: np.ndarray, *options: str) -> np.ndarray:
    outcome = gradcli("map", expression, "--no-input", *options, stdin=table(points).encode())
    assert outcome.status == 0, outcome.stderr
    _, *rows = csv.reader(io.StringIO(outcome.stdout))
    return np.array(rows, float)


def evaluated(expression: str, points: np.ndarray) -> np.ndarray:
    session, source = Session(), Source(expression)
    rows = []
    for x, y in points.tolist():
        leaves = {"x": session.leaf_of(x), "y": session.leaf_of(y)}
        found = evaluate(session, source, leaves, Options())
        assert found.output is not None
        rows.append([found.output.item(), *(g.item() for g in found.gradient.values())])
    return np.array(rows)


def points(seed: int, size: int = ROWS) -> np.ndarray:
    return np.random.default_rng(seed).normal(scale=2, size=(size, 2))


@pytest.mark.parametrize("expression", EXACT)
def test_results_are_those_of_eval_to_the_last_bit(expression: str) -> None:
    at = points(1, ROWS if expression in EXACT[:3] else FEWER)
    np.testing.assert_array_equal(mapped(expression, at), evaluated(expression, at))


@pytest.mark.parametrize("expression", POWERS)
def test_powers_are_within_two_units(expression: str) -> None:
    at = points(2)
    ours, theirs = mapped(expression, at), evaluated(expression, at)
    # A factor beside the power rounds once more.
    assert np.max(np.abs(ours - theirs) / np.spacing(np.abs(theirs))) <= 8


# Numbers that are taken out of the calculation, or overwritten outside of the graph, are others in
# every row.
TAKEN_OUT = [
    "norm([x, y]) + (x if x > 0 else -y)*median([x, y, 1])",
    "x if round(y) ~= 1 else y",
    "x if [round(y), 0] == [1, 0] else y",
    "x if 1 in round([x, y]) else y",
    "tensor(x)*x*y",
    "sum([x.detach(), 1])*y",
    "z = x.detach()*2; z += y; z*x",
    "z = stack([x, y]).detach(); z[0] = y; w = z[1:]; w *= x; sum(z)*y",
    "z = x.detach()*2; w = z.detach(); z += y; w*x",
    "z = 2*x; w = z.detach(); w += 1; z*y",
    "len(str([round(x), y > 0]))*y",
    "import torch; torch.tensor(x)*x + (x if torch.equal(x > 0, y > 0) else y)",
]


@pytest.mark.parametrize("expression", TAKEN_OUT)
def test_what_has_no_program_is_evaluated(expression: str) -> None:
    at = points(3, 50)
    np.testing.assert_array_equal(mapped(expression, at), evaluated(expression, at))


def test_second_derivatives_stand_once_for_each_pair() -> None:
    at = points(4, 50)
    x, y = at.T
    found = mapped("x^3*sin(y)", at, "--hessian")[:, 3:]
    expected = [6 * x * np.sin(y), 3 * x**2 * np.cos(y), -(x**3) * np.sin(y)]
    np.testing.assert_allclose(found, np.transpose(expected), rtol=1e-14)


@pytest.mark.parametrize("options", [[], ["--hessian"]])
@pytest.mark.parametrize("expression", ["sin(x*y) + x^2.5", "norm([x, y])"])
def test_rows_by_lot_are_proven(expression: str, options: Sequence[str]) -> None:
    text = table(np.abs(points(5, 10)))
    outcome = gradcli("map", expression, "--check", "2", *options, stdin=text.encode())
    assert outcome.status == 0
    assert "check 2 rows by lot: " in outcome.stderr
    assert " agree" in outcome.stderr


def test_a_wrong_result_is_found_and_not_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    right = Sweeping.__call__

    def wrong(self: Sweeping, columns: Sequence[np.ndarray]) -> Outcome:
        outcome = right(self, columns)
        outcome.results[1] *= 1 + 1e-6
        return outcome

    monkeypatch.setattr(Sweeping, "__call__", wrong)
    file = tmp_path / "out.csv"
    options = ("--check", "2", "-o", str(file))
    outcome = gradcli("map", "sin(x*y)", *options, stdin=table(points(6, 5)).encode())
    assert outcome.status == 6
    assert "where x = " in outcome.stderr
    assert not list(tmp_path.iterdir())


def test_pieces_and_pyarrow_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same bytes come out, however the table is cut and whatever reads and writes it."""
    rows = [f'{k},"{"a" * (k % 7)}{"," * (k % 2)}",{k / 7!r}' for k in range(5000)]
    text = "\n".join(["k,label,x", *rows]).encode()

    def written() -> bytes:
        outcome = gradcli("map", "exp(-x)*abs(x - 3)", stdin=text)
        assert outcome.status == 0
        return outcome.stdout.encode()

    whole = written()
    monkeypatch.setattr(delimited, "PIECE", 1000)
    assert written() == whole
    monkeypatch.setattr(delimited, "WORTH", 0)
    assert delimited.fast() is not None
    assert written() == whole
