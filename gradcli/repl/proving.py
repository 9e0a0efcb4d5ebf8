"""Proofs of what the prompt computes, by the methods of `eval --check`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine import autograd
from gradcli.engine.tape import Tape
from gradcli.engine.tensor import Tensor
from gradcli.errors import Status, WrongType
from gradcli.lang.evaluation import Evaluation
from gradcli.lang.parser import parse
from gradcli.lang.script import Step
from gradcli.lang.session import Session
from gradcli.lang.source import Source
from gradcli.lang.syntax import Assign, Name
from gradcli.lang.values import described
from gradcli.proof.claims import prove
from gradcli.proof.crosscheck import Check
from gradcli.views import evaluation as view

if TYPE_CHECKING:
    from gradcli.repl.console import Console

LEAF = "a = tensor(2, requires_grad=True)"


def shown(console: Console, source: Source, value: Any, tape: Tape) -> str:
    """Value, gradient by the leaves among the variables, and the verdict, as `eval` shows them."""
    if type(value) is not Tensor or value.grad_fn is None:
        raise WrongType(
            f"there is no derivative to prove: it is {described(value)} that depends on no leaf",
            hint=f"such as {LEAF}",
        )
    evaluation = Evaluation(source, {}, value, tape, console.session.limits)
    evaluation.found, check = proven(console, value, tape)
    return view.text(
        evaluation,
        check,
        digits=console.settings.digits,
        aligned=True,
        color=console.report.color,
    )


def verdict(console: Console, value: Tensor) -> str:
    """The verdict alone, of a result that the session's own tape holds."""
    assert console.session.tape is not None
    _, check = proven(console, value, console.session.tape)
    return f"check: {view.verdict(check, color=console.report.color)}"


def result_of(session: Session, step: Step) -> Tensor | None:
    """What a statement shows or assigns, if it records a graph that is still there."""
    value = step.value
    if step.result is not None and not step.result.is_expression:
        statement = parse(Source(step.place.text)).statements[0]
        target = statement.targets[-1] if isinstance(statement, Assign) else None
        value = session.variables.get(target.name) if isinstance(target, Name) else None
    return value if type(value) is Tensor and value.grad_fn is not None else None


def leaves_of(session: Session, tape: Tape) -> dict[str, Tensor]:
    """The leaves among the variables that a tape has read, each under one of its names."""
    found: dict[int, tuple[str, Tensor]] = {}
    for name, x in session.variables.items():
        read = type(x) is Tensor and x.is_leaf and x.requires_grad
        if read and id(x.origin or x) in tape.numbers and (name != "ans" or id(x) not in found):
            found[id(x)] = name, x
    return dict(found.values())


def proven(
    console: Console, value: Tensor, tape: Tape
) -> tuple[dict[tuple[str, ...], Tensor], Check]:
    """The gradient by every leaf among the variables, and whether other methods find the same."""
    leaves = leaves_of(console.session, tape)
    seed = Tensor(np.ones(value.shape, value.dtype)) if value.shape else None
    with console.guarded(), console.session.evaluating():
        found = autograd.grad(
            value, list(leaves.values()), seed, retain_graph=True, materialize_grads=True
        )
    gradients: dict[tuple[str, ...], Tensor] = {
        (name,): g for name, g in zip(leaves, found, strict=True) if g is not None
    }
    seconds = console.session.limits.check
    check = prove(tape, value, leaves, gradients, seed=seed, seconds=seconds)
    if check.status == "differs":
        console.status = console.status or Status.DIFFERS
    return gradients, check
