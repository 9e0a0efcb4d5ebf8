"""Proofs of what the prompt computes, by the methods of `eval --check`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine import autograd
from gradcli.engine.display import WIDTH
from gradcli.engine.tape import Tape
from gradcli.engine.tensor import Tensor
from gradcli.errors import Status, WrongType, described
from gradcli.lang.derivatives import everywhere
from gradcli.lang.evaluation import Evaluation, Options
from gradcli.lang.parser import parse
from gradcli.lang.script import Step
from gradcli.lang.session import Session
from gradcli.lang.source import Source
from gradcli.lang.syntax import Assign, Name
from gradcli.proof.claims import prove
from gradcli.proof.crosscheck import Check
from gradcli.views import evaluation as view
from gradcli.views.drawing import tree
from gradcli.views.graph import MOST, graph_of, summary

if TYPE_CHECKING:
    from gradcli.repl.console import Console

REMEDY = "note: prove the whole formula, or :set check on before its parts are computed"
LEAF = "a = tensor(2, requires_grad=True)"


def shown(console: Console, source: Source, value: Any, tape: Tape) -> str:
    """Value, gradient by the leaves among the variables, and the verdict, as `eval` shows them."""
    check_derivable(value)
    evaluation = Evaluation(source, {}, value, tape, console.session.limits)
    evaluation.found, check = proven(console, value, tape)
    digits, color = console.settings.digits, console.report.color
    text = view.text(evaluation, check, digits=digits, aligned=True, color=color)
    begun_before = any(each.op is None and each.tensor.grad_fn is not None for each in tape.entries)
    return f"{text}\n{REMEDY}" if begun_before and check.status == "skipped" else text


def check_derivable(value: Any) -> None:
    if type(value) is not Tensor or value.grad_fn is None:
        raise WrongType(
            f"there is no derivative: it is {described(value)} that depends on no leaf",
            hint=f"such as {LEAF}",
        )


def drawn(console: Console, source: Source, value: Any, tape: Tape) -> str:
    """The graph as a tree, with the adjoints of a pass that leaves `.grad` as it is."""
    check_derivable(value)
    session, digits = console.session, console.settings.digits
    evaluation = Evaluation(source, leaves_of(session, tape), value, tape, session.limits)
    with console.guarded(), session.evaluating():
        everywhere(session, evaluation, Options(retain_graph=True))
    names = {k: x for k, x in session.variables.items() if type(x) is Tensor and k != "ans"}
    found = graph_of(tape, [value], names, evaluation.adjoints, digits)
    if len(found.vertices) > MOST:
        return summary(found)
    width = console.report.columns or WIDTH
    report = console.report
    return tree(found, "both", width=width, color=report.color, unicode=report.environment.unicode)


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
