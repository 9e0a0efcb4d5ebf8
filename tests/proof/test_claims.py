"""Proofs of Jacobians, Hessians, tangents and higher derivatives: right ones agree, wrong ones
differ."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradcli.engine.tensor import Tensor
from gradcli.lang import derivatives
from gradcli.lang.evaluation import Derive, Evaluation, Options, evaluate
from gradcli.lang.session import Session
from gradcli.lang.source import Source
from gradcli.proof.claims import prove

CASES: list[tuple[str, Derive, str, dict[str, str], dict[str, Any]]] = [
    ("jacobian", derivatives.jacobian, "sin(A @ x)", {"A": "[1,2; 3,4]", "x": "[1, 2]"}, {}),
    ("jacobian", derivatives.jacobian, "x*cos(x)", {"x": "[1, 2, 3, 4, 5]"}, {}),
    ("hessian", derivatives.hessian, "sum(x^3)*y", {"x": "[1, 2]", "y": "3"}, {}),
    ("order", derivatives.orders, "exp(x)*sin(x)", {"x": "0.5"}, {"order": 3}),
    ("order", derivatives.orders, "[x, x^3]", {"x": "0.5"}, {"order": 2}),
    (
        "jvp",
        derivatives.jvp,
        "x*exp(x)",
        {"x": "[1, 2, 3, 4]"},
        {"wrt": ("x",), "tangents": {"x": Source("[1, 0, -1, 2]")}},
    ),
]


def evaluated(
    kind: str, derive: Derive, text: str, values: dict[str, str], options: dict[str, Any]
) -> Evaluation:
    session = Session()
    leaves = {name: session.leaf(Source(value)) for name, value in values.items()}
    kind = "gradient" if kind == "order" else kind
    wanted = Options(kind=kind, tape=True, **options)
    return evaluate(session, Source(text), leaves, wanted, derive)


def verdict(kind: str, evaluation: Evaluation) -> Any:
    assert evaluation.tape is not None
    assert evaluation.output is not None
    return prove(
        evaluation.tape,
        evaluation.output,
        evaluation.by,
        evaluation.found,
        kind=kind,
        steps=evaluation.steps,
        tangents=evaluation.tangents,
    )


@pytest.mark.parametrize(("kind", "derive", "text", "values", "options"), CASES)
def test_right_ones_agree_and_wrong_ones_differ(
    kind: str, derive: Derive, text: str, values: dict[str, str], options: dict[str, Any]
) -> None:
    evaluation = evaluated(kind, derive, text, values, options)
    found = verdict(kind, evaluation)
    assert (found.status, found.digits) == ("agrees", 16) or found.digits == 15
    names, last = list(evaluation.found.items())[-1]
    wrong = np.array(last.value)
    wrong.flat[-1] += 1e-3
    evaluation.found[names] = Tensor(wrong[()])
    assert verdict(kind, evaluation).status == "differs"
