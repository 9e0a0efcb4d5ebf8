"""`gradcli graph`: what was calculated from what, with values and adjoints."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from gradcli.cli.options import (
    HELP,
    MathCommand,
    mathematics,
    number_options,
    output_option,
    wrt_option,
)
from gradcli.cli.system.environment import Environment
from gradcli.errors import LimitExceeded, Status
from gradcli.views.forms import PICTURES, form_by_suffix

if TYPE_CHECKING:
    from gradcli.views.graph import Graph

FORMS = ("tree", "dot", "mermaid", *PICTURES)
ANY_WIDTH = 10**6
FEWER_DIGITS = (6, 3)


@click.command("graph", cls=MathCommand, context_settings=HELP)
@mathematics
@wrt_option
@click.option("--grad-output", metavar="V", help="The cotangent of a result of several elements.")
@click.option("--retain-graph", is_flag=True, help="Keep what the nodes saved.")
@click.option("--create-graph", is_flag=True, help="Draw the gradient's own graph.")
@click.option(
    "--view",
    type=click.Choice(["forward", "backward", "both"]),
    default="both",
    help="Values, adjoints and nodes, or both.",
)
@click.option(
    "-f",
    "--format",
    "form",
    type=click.Choice(FORMS),
    help="How to draw it; pictures need Graphviz. Default: by the suffix of FILE, else a tree.",
)
@number_options
@click.option("--digits", type=click.IntRange(1, 17), metavar="N", help="Digits of the numbers.")
@output_option
@click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    help="When to colour.",
)
@click.pass_obj
def command(
    environment: Environment, /, expression: str, bindings: tuple[str, ...], **options: Any
) -> Status:
    """The graph of EXPR: operations, values and, against the arrows, adjoints.

    \b
    gradcli graph 'sin(x^2)*exp(y)' x=2 y=0.5
    gradcli graph 'norm(A @ x)' A='[1,2; 3,4]' x='[1,1]' -f svg -o graph.svg
    """
    from gradcli.cli.running.evaluation import evaluated, nothing_recorded
    from gradcli.lang.derivatives import everywhere
    from gradcli.views.graph import graph_of

    session, evaluation = evaluated(
        environment, expression, bindings, {**options, "check": True}, "gradient", everywhere
    )
    assert evaluation.tape is not None
    if evaluation.output is None:
        raise nothing_recorded(bindings)
    names = session.tensors()
    ends = [evaluation.output]
    if options["create_graph"]:
        ends = list(dict.fromkeys(evaluation.found.values()))
        d = "∂" if environment.unicode or options["output"] else "d"
        for end in ends:
            by = [name for (name,), g in evaluation.found.items() if g is end]
            names[", ".join(f"{d}/{d}{name}" for name in by)] = end
    tape, adjoints = evaluation.tape, evaluation.adjoints
    write(environment, lambda digits: graph_of(tape, ends, names, adjoints, digits), options)
    return Status.DONE


def write(
    environment: Environment, drawn: Callable[[int | None], Graph], options: dict[str, Any]
) -> None:
    """What `drawn` gives for so many digits, in the form asked for."""
    from gradcli.cli.system.writing import write_picture, write_text
    from gradcli.views import drawing
    from gradcli.views.graph import MOST, summary

    view, path = options["view"], options["output"]
    form = options["form"] or form_by_suffix(path, FORMS)
    graph = drawn(options["digits"])
    if len(graph.vertices) > MOST and form in PICTURES:
        raise LimitExceeded(
            f"a graph of {len(graph.vertices):,} values; pictures are of {MOST:,} at most",
            limit="nodes",
            hint="-f dot writes all of it; -f tree sums it up",
        )
    if form == "tree" and len(graph.vertices) > MOST:
        text = summary(graph)
    elif form == "tree":
        text = fitted(environment, drawn, options)
    elif form == "mermaid":
        text = drawing.mermaid(graph, view)
    else:
        text = drawing.dot(graph, view)
        if form in PICTURES:
            write_picture(environment, drawing.picture(text, form), path)
            return
    write_text(environment, text, path)


def fitted(
    environment: Environment, drawn: Callable[[int | None], Graph], options: dict[str, Any]
) -> str:
    """The tree; on a terminal with fewer digits, if lines would be too long and nobody minds."""
    from gradcli.views import drawing

    path = options["output"]
    choices = [options["digits"]]
    width = ANY_WIDTH
    if path is None and environment.is_terminal:
        width = shutil.get_terminal_size().columns
        choices = choices if choices[0] else [None, *FEWER_DIGITS]
    text = ""
    for digits in choices:
        text = drawing.tree(
            drawn(digits),
            options["view"],
            width=width,
            color=path is None and environment.colored(options["color"], environment.stdout),
            unicode=path is not None or environment.unicode,
        )
        if drawing.CUT not in text:
            break
    return text
