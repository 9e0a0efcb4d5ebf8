"""Commands that look into an expression: prove it, draw its graph, explain its derivatives."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gradcli.errors import UsageError
from gradcli.repl.meta import Options, command, expression, taken, with_options
from gradcli.views.forms import PICTURES, form_by_suffix

if TYPE_CHECKING:
    from gradcli.lang.evaluation import Evaluation
    from gradcli.repl.console import Console

GRAPHS = ("tree", "dot", "mermaid", *PICTURES)
GRAPH: Options = {"-f": GRAPHS, "-o": ()}
PLOT: Options = {
    "--derivatives": ("0", "1", "2", "3"),
    "--tangent": (),
    "-f": ("terminal", *PICTURES),
    "-o": (),
}
EXPLAIN: Options = {"--tangents": None}
# EXPR NAME=LOW:HIGH
OVER = re.compile(r"(.+?)\s+([^\W\d]\w*)\s*=([^=]*:[^=]*)")


@command("EXPR", "Prove value and gradient of an expression by independent methods.", expression)
def check(console: Console, text: str) -> None:
    from gradcli.repl.proving import shown  # noqa: PLC0415  # the proof is heavy

    evaluation = looked_into(console, text, "check which expression?", ":check sin(a)^2")
    console.deliver(*shown(console, evaluation))


@command(
    "EXPR [-f FORM] [-o FILE]",
    "Draw what an expression is calculated from, with values and adjoints.",
    with_options(GRAPH),
)
def graph(console: Console, text: str) -> None:
    from gradcli.repl.tracing import drawn  # noqa: PLC0415  # likewise

    text, options = taken(text, GRAPH)
    evaluation = looked_into(console, text, "the graph of which expression?", ":graph sin(a)^2")
    path = options.get("-o")
    form = options.get("-f") or form_by_suffix(path, GRAPHS)
    console.deliver(*drawn(console, evaluation, form, plain=path is not None), path)


@command(
    "EXPR [--tangents]",
    "Tell how value and gradient come about, step by step.",
    with_options(EXPLAIN),
)
def explain(console: Console, text: str) -> None:
    from gradcli.repl.tracing import explained  # noqa: PLC0415  # likewise

    text, options = taken(text, EXPLAIN)
    evaluation = looked_into(console, text, "explain which expression?", ":explain sin(a)^2")
    console.deliver(*explained(console, evaluation, tangents="--tangents" in options))


@command(
    "EXPR NAME=LOW:HIGH [--derivatives N] [--tangent X] [-f FORM] [-o FILE]",
    "Draw the curve of an expression over a range.",
    with_options(PLOT),
)
def plot(console: Console, text: str) -> None:
    from gradcli.repl.plotting import plotted  # noqa: PLC0415  # likewise

    text, options = taken(text, PLOT)
    match = OVER.fullmatch(text)
    if match is None:
        raise UsageError("plot what, and where?", hint="such as :plot sin(x)^2 x=-3:3")
    expression, name, ends = match.groups()
    found = plotted(console, expression, name, ends, options)
    console.deliver(found, path=options.get("-o"))


def looked_into(console: Console, text: str, question: str, example: str) -> Evaluation:
    from gradcli.repl.calculation import calculated  # noqa: PLC0415  # only this needs it

    if not text:
        raise UsageError(question, hint=f"such as {example}")
    return calculated(console, text)
