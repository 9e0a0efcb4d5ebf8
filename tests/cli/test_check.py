"""`gradcli check`: the cases of check.grad, and expressions that are long or hopeless."""

from __future__ import annotations

import json
import re
import shlex

import pytest

from .commands import CASES, Case, arguments, cases, gradcli


def but_for_digits(text: str) -> list[str]:
    """Differences agree to a digit more or less on another machine."""
    return [re.sub(r"\b1[0-6]\b|\d\.\d+e-\d\d", "dd", line) for line in text.splitlines()]


@pytest.mark.parametrize("case", cases("check.grad"), ids=lambda case: case.command[:50])
def test_case(case: Case) -> None:
    outcome = gradcli("check", *arguments(case))
    assert but_for_digits(outcome.stdout) == but_for_digits("\n".join(case.stdout))
    assert outcome.stderr.splitlines() == case.stderr
    assert outcome.status == case.status


def claims() -> list[tuple[str, str, str, str]]:
    """`expression | claim | values` under the verdict that they are to get."""
    found = []
    verdict = ""
    for row in (CASES / "claims.grad").read_text(encoding="utf-8").splitlines():
        if row in ("right", "wrong"):
            verdict = {"right": "PASS", "wrong": "FAIL"}[row]
        elif row and not row.startswith("#"):
            expression, claim, *values = row.split(" | ")
            found.append((verdict, expression, claim, " ".join(values)))
    return found


@pytest.mark.parametrize(("verdict", "expression", "claim", "values"), claims())
def test_claim(verdict: str, expression: str, claim: str, values: str) -> None:
    outcome = gradcli("check", expression, "--claim", claim, *shlex.split(values))
    assert outcome.stdout[:4] == verdict, outcome.stdout + outcome.stderr
    assert outcome.status == (verdict == "FAIL")


LONG = "u = x; " + "; ".join(["u = sin(u) + 0.5*x", "u = tanh(u)*y"] * 250) + "; u"


def test_a_thousand_operations_are_proven() -> None:
    outcome = gradcli("check", LONG, "x=0.3", "y=0.7", "--json")
    check = json.loads(outcome.stdout)["check"]
    assert outcome.status == 0
    assert set(check["methods"]) == {"forward", "differences", "complex-step", "mpmath-50"}


def test_what_there_is_no_time_for_is_undecided() -> None:
    outcome = gradcli("check", LONG, "x=0.3", "y=0.7", "--limit", "check=0")
    assert outcome.status == 8
    assert "check undecided" in outcome.stdout


@pytest.mark.parametrize(
    "claim", ["x: 3*x^2 + 1e-9*x", "x: where(x > 5e5, 3*x^2, 3*x^2 + 1e-12*x)"]
)
def test_small_differences_are_found(claim: str) -> None:
    assert gradcli("check", "x^3", "--claim", claim).status == 1


def test_claims_of_one_command_have_their_own_verdicts() -> None:
    outcome = gradcli("check", "x*y", "--claim", "x: y", "--claim", "y: y")
    assert [line[:4] for line in outcome.stdout.splitlines()[:2]] == ["PASS", "FAIL"]


def test_steps_that_leave_the_domain_do_not_end_it() -> None:
    assert gradcli("check", "cholesky(A)[1, 0]").status == 0
