"""Commands that measure."""

from __future__ import annotations

from itertools import pairwise
from time import perf_counter
from typing import TYPE_CHECKING

from gradcli.engine.functions import FUNCTIONS
from gradcli.engine.tensor import Tensor
from gradcli.errors import UsageError
from gradcli.lang.lexer import tokens
from gradcli.lang.parser import parse
from gradcli.lang.source import Source
from gradcli.lang.syntax import ExpressionStatement
from gradcli.repl.meta import command, expression
from gradcli.repl.toolbar import duration

if TYPE_CHECKING:
    from gradcli.repl.console import Console

# Functions that change something, or draw random numbers; beside them, those that change nothing.
CHANGING = frozenset({"batch_norm", "dropout"})
MAKERS = frozenset({"arange", "eye", "full", "linspace", "logspace", "ones", "tensor", "zeros"})
CONSTANT = frozenset({bool, complex, float, int, list, Tensor, tuple})
ENOUGH = 0.2  # seconds of repetitions
MOST = 1000


@command("EXPR", "Run it, and say how long it takes.", expression)
def time(console: Console, text: str) -> None:
    if not text:
        raise UsageError("time which expression?", hint="such as :time sin(a)^2")
    console.session.tape = None
    try:
        measure(console, text)
    finally:
        console.session.tape = console.tape


def measure(console: Console, text: str) -> None:
    from statistics import median  # noqa: PLC0415  # slow to import, seldom used

    began = perf_counter()
    if not console.run(text):
        return
    taken = [perf_counter() - began]
    if repeatable(console, text):
        taken = repeated(console, text)
    runs = f", the median of {len(taken)}" if len(taken) > 1 else ""
    console.report.note(f"{duration(median(taken))}{runs}")


def repeatable(console: Console, text: str) -> bool:
    """Whether it is one expression of operations on values: to repeat it changes nothing."""
    statements = parse(Source(text), limits=console.session.limits.text(script=False)).statements
    if [type(each) for each in statements] != [ExpressionStatement]:
        return False
    known = {**console.session.machine.builtins, **console.session.variables}
    read = tokens(Source(text), tolerant=True)
    names = [a.value for a, b in pairwise(read) if a.kind == "name" and b.kind != "="]
    return all(
        name in MAKERS
        or (name in FUNCTIONS and name not in CHANGING and name not in console.session.variables)
        or type(known.get(name)) in CONSTANT
        for name in names
    )


def repeated(console: Console, text: str) -> list[float]:
    """The seconds of each run, compiled once."""
    session = console.session
    (code,) = session.compile(Source(text))
    taken: list[float] = []
    with console.guarded(), session.evaluating():
        while (
            len(taken) < MOST
            and sum(taken) < ENOUGH
            and session.meter.fuel > 0.5 * (session.limits.steps)
        ):
            began = perf_counter()
            session.machine.run(code)
            taken.append(perf_counter() - began)
    return taken
