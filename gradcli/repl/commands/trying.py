"""Commands that take an expression: prove it, draw it, time it."""

from __future__ import annotations

import re
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Any

from gradcli.engine.tape import Tape
from gradcli.errors import UsageError
from gradcli.lang.lexer import tokens
from gradcli.lang.parser import parse
from gradcli.lang.source import Source
from gradcli.lang.syntax import ExpressionStatement
from gradcli.lang.values import Function
from gradcli.repl.meta import command, expression
from gradcli.repl.toolbar import duration

if TYPE_CHECKING:
    from gradcli.repl.console import Console

# What must not happen twice, beside writing in place: it changes something.
ONCE = frozenset({"backward", "print", "rand", "randn", "retain_grad"})
# EXPR NAME=LOW:HIGH
OVER = re.compile(r"(.+?)\s+([^\W\d]\w*)\s*=([^=]*:[^=]*)")
ENOUGH = 0.2  # seconds of repetitions
MOST = 1000


@command("EXPR", "Prove value and gradient of an expression by independent methods.", expression)
def check(console: Console, text: str) -> None:
    from gradcli.repl.proving import shown  # noqa: PLC0415  # the proof is heavy

    if not text:
        raise UsageError("check which expression?", hint="such as :check sin(a)^2")
    console.report.say(shown(console, Source(text, ""), *taped(console, text)))


@command(
    "EXPR", "Draw what an expression is calculated from, with values and adjoints.", expression
)
def graph(console: Console, text: str) -> None:
    from gradcli.repl.proving import drawn  # noqa: PLC0415  # likewise

    if not text:
        raise UsageError("the graph of which expression?", hint="such as :graph sin(a)^2")
    console.report.say(drawn(console, Source(text, ""), *taped(console, text)))


@command("EXPR NAME=LOW:HIGH", "Draw the curve of an expression over a range.", expression)
def plot(console: Console, text: str) -> None:
    from gradcli.repl.plotting import plotted  # noqa: PLC0415  # likewise

    match = OVER.fullmatch(text)
    if match is None:
        raise UsageError("plot what, and where?", hint="such as :plot sin(x)^2 x=-3:3")
    console.report.say(plotted(console, *match.groups()))


def taped(console: Console, text: str) -> tuple[Any, Tape]:
    """The value of an expression, and the tape of its calculation."""
    before = console.session.tape
    console.session.tape = tape = Tape()
    try:
        return console.evaluate(text), tape
    finally:
        console.session.tape = before


@command("EXPR", "Run it, and say how long it takes.", expression)
def time(console: Console, text: str) -> None:
    if not text:
        raise UsageError("time which expression?", hint="such as :time sin(a)^2")
    began = perf_counter()
    if not console.run(text):
        return
    taken = [perf_counter() - began]
    if repeatable(console, text):
        taken = repeated(console, text)
    runs = f", the median of {len(taken)}" if len(taken) > 1 else ""
    console.report.note(f"{duration(median(taken))}{runs}")


def repeatable(console: Console, text: str) -> bool:
    """Whether it is one expression that changes nothing."""
    statements = parse(Source(text), limits=console.session.limits.text(script=False)).statements
    names = {token.value for token in tokens(Source(text), tolerant=True) if token.kind == "name"}
    variables = console.session.variables
    return (
        [type(each) for each in statements] == [ExpressionStatement]
        and not names & ONCE
        and not any(name.endswith("_") for name in names)
        and not any(type(variables.get(name)) is Function for name in names)
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
