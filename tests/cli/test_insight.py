"""check, formula, explain and graph, called from the language: the scripts of insight.grad."""

from __future__ import annotations

import pytest

from .commands import Case, arguments, cases, gradcli


def leaves(case: Case) -> bytes:
    """The variables of a case, on a line before its script."""
    pairs = [each.split("=") for each in arguments(case)]
    made = [f"{n} = tensor({x}, dtype=float64, requires_grad=True)" for n, x in pairs]
    return "; ".join(made).encode() + b"\n"


@pytest.mark.parametrize("case", cases("insight.grad"), ids=lambda case: case.text[-1][:50])
def test_script(case: Case) -> None:
    outcome = gradcli("run", "-", stdin=leaves(case) + case.script)
    assert outcome.stderr.splitlines() == case.stderr
    assert outcome.stdout.splitlines() == case.stdout
    assert outcome.status == case.status


def test_a_pipe_looks_into_calculations_too() -> None:
    text = b"x = tensor(2.0, requires_grad=True)\ny = x^2\ngraph(y)\ncheck(y)\nformula(y, x)\n"
    shown = gradcli(stdin=text)
    assert (shown.status, shown.stderr) == (0, "")
    assert shown.stdout.splitlines() == [
        "y = ^2  = 4.0  adjoint 1.0  <PowBackward0>",
        "└─ x  = 2.0  adjoint 4.0",
        "True",
        '"2 * x"',
    ]


def test_a_pipe_remembers_what_its_variables_depend_on_and_no_more() -> None:
    """More operations than are kept, most of them for nothing."""
    lines = [b"x = tensor(2.0, requires_grad=True)"]
    lines += [b"z = sum(stack([x * k for k in range(300)]))"] * 100
    shown = gradcli(stdin=b"\n".join([*lines, b"y = x^2", b"formula(y, x)"]))
    assert shown.stdout == '"2 * x"\n'
