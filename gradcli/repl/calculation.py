"""Calculations that commands look into: an expression's value, and how it came about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.engine.tape import taping
from gradcli.engine.tensor import Tensor
from gradcli.errors import GraphFreed, NoGraph, described
from gradcli.lang.derivatives import everywhere
from gradcli.lang.evaluation import Evaluation, Options
from gradcli.lang.source import Source

if TYPE_CHECKING:
    from gradcli.repl.console import Console

LEAF = "a = tensor(2, requires_grad=True)"


def calculated(console: Console, text: str) -> Evaluation:
    """The value of an expression that records a graph, what is recorded of it, and its leaves."""
    session, tape, source = console.session, console.tape, Source(text, "")
    session.warnings, session.event = [], None
    with taping(tape):
        value = console.evaluate(text)
    if type(value) is not Tensor or value.grad_fn is None:
        leaf = type(value) is Tensor and value.requires_grad
        why = "a leaf itself" if leaf else f"{described(value)} that depends on no leaf"
        hint = None if leaf else f"such as {LEAF}"
        raise NoGraph(f"there is no derivative: it is {why}", hint=hint)
    session.note_nonfinite("the value", value)
    return Evaluation(source, leaves_of(console, value), value, tape, session.limits)


def leaves_of(console: Console, value: Tensor) -> dict[str, Tensor]:
    """The leaves with a name that a value depends on."""
    tape = console.tape
    below = set(tape.ancestors(tape.enter(value)))
    named = console.session.tensors().items()
    leaves = {name: x for name, x in named if x.is_leaf and x.requires_grad}
    return {name: x for name, x in leaves.items() if tape.numbers.get(id(x)) in below}


def is_whole(evaluation: Evaluation) -> bool:
    """Whether the tape holds all that the value was calculated from."""
    tape = evaluation.tape
    assert tape is not None
    entries = [tape.entries[k] for k in tape.ancestors(tape.enter(evaluation.value))]
    return not any(entry.op is None and entry.origin is not None for entry in entries)


def swept(console: Console, evaluation: Evaluation) -> bool:
    """Find the adjoints of all that is recorded, `.grad` left alone; False if values were freed."""
    try:
        with console.guarded(), console.session.evaluating():
            everywhere(console.session, evaluation, Options(retain_graph=True))
    except GraphFreed:
        return False
    return True
