"""Proofs of what the prompt computes, by the methods of `eval --check`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from gradcli.engine import autograd
from gradcli.engine.tensor import Tensor
from gradcli.errors import Status
from gradcli.lang.evaluation import Evaluation
from gradcli.lang.parser import parse
from gradcli.lang.script import Step
from gradcli.lang.session import Session
from gradcli.lang.source import Source
from gradcli.lang.syntax import Assign, Name
from gradcli.proof.claims import prove
from gradcli.proof.crosscheck import Check
from gradcli.repl.calculation import is_whole, leaves_of
from gradcli.views import evaluation as view

if TYPE_CHECKING:
    from gradcli.repl.console import Console

REMEDY = "note: part of it was too large to be recorded; prove the whole formula"


def shown(console: Console, evaluation: Evaluation) -> tuple[str, list[str]]:
    """Value, gradient by the leaves among the variables, and the verdict, as `eval` shows them."""
    evaluation.found, check = proven(console, evaluation.value, evaluation.at)
    digits, color = console.settings.digits, console.report.color
    text = view.text(evaluation, check, digits=digits, aligned=True, color=color)
    return text, [] if is_whole(evaluation) else [REMEDY]


def verdict(console: Console, value: Tensor) -> str:
    """The verdict alone, of a result that is recorded."""
    _, check = proven(console, value, leaves_of(console, value))
    return f"check: {view.verdict(check, color=console.report.color)}"


def result_of(session: Session, step: Step) -> Tensor | None:
    """What a statement shows or assigns, if it records a graph that is still there."""
    value = step.value
    if step.result is not None and not step.result.is_expression:
        statement = parse(Source(step.place.text)).statements[0]
        target = statement.targets[-1] if isinstance(statement, Assign) else None
        value = session.variables.get(target.name) if isinstance(target, Name) else None
    return value if type(value) is Tensor and value.grad_fn is not None else None


def proven(
    console: Console, value: Tensor, leaves: Mapping[str, Tensor]
) -> tuple[dict[tuple[str, ...], Tensor], Check]:
    """The gradient by leaves, and whether other methods find the same."""
    seed = Tensor(np.ones(value.shape, value.dtype)) if value.shape else None
    with console.guarded(), console.session.evaluating():
        found = autograd.grad(
            value, list(leaves.values()), seed, retain_graph=True, materialize_grads=True
        )
    gradients: dict[tuple[str, ...], Tensor] = {
        (name,): g for name, g in zip(leaves, found, strict=True) if g is not None
    }
    seconds = console.session.limits.check
    check = prove(console.tape, value, leaves, gradients, seed=seed, seconds=seconds)
    if check.status == "differs":
        console.status = console.status or Status.DIFFERS
    return gradients, check
