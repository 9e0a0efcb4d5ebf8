"""`gradcli graph`: what was calculated from what, with values and adjoints."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import click

from gradcli.cli.environment import Environment
from gradcli.cli.options import HELP, MathCommand, mathematics, number_options, wrt_option
from gradcli.errors import FileError, Status, WrongType

if TYPE_CHECKING:
    from gradcli.views.graph import Graph

PICTURES = ("svg", "png", "pdf")
FORMS = ("tree", "dot", "mermaid", *PICTURES)


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
@click.option("-o", "--output", metavar="FILE", help="Write to FILE.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto",
              help="When to colour.")  # fmt: skip
@click.pass_obj
def command(
    environment: Environment, /, expression: str, bindings: tuple[str, ...], **options: Any
) -> Status:
    """The graph of EXPR: operations, values and, against the arrows, adjoints.

    \b
    gradcli graph 'sin(x^2)*exp(y)' x=2 y=0.5
    gradcli graph 'norm(A @ x)' A='[1,2; 3,4]' x='[1,1]' -f svg -o graph.svg
    """
    from gradcli.cli.evaluating import evaluated
    from gradcli.engine.tensor import Tensor
    from gradcli.lang.derivatives import everywhere
    from gradcli.views.graph import graph_of

    session, evaluation = evaluated(
        environment, expression, bindings, {**options, "check": True}, "gradient", everywhere
    )
    assert evaluation.tape is not None
    if evaluation.output is None:
        raise WrongType("the result is no tensor, so it has no graph")
    ends = list(evaluation.found.values()) if options["create_graph"] else [evaluation.output]
    names = {k: x for k, x in session.variables.items() if type(x) is Tensor and k != "ans"}
    graph = graph_of(evaluation.tape, ends, names, evaluation.adjoints, options["digits"])
    write(environment, graph, options)
    return Status.DONE


def write(environment: Environment, graph: Graph, options: dict[str, Any]) -> None:
    from gradcli.cli.writing import form_by_suffix, write_picture, write_text
    from gradcli.views import drawing
    from gradcli.views.graph import MOST, summary

    view, path = options["view"], options["output"]
    form = options["form"] or form_by_suffix(path, FORMS)
    if len(graph.vertices) > MOST:
        text = summary(graph)
    elif form == "tree":
        width = shutil.get_terminal_size().columns if environment.is_terminal else 10**6
        text = drawing.tree(
            graph,
            view,
            width=width,
            color=path is None and environment.colored(options["color"], environment.stdout),
            unicode=path is not None or environment.unicode,
        )
    elif form == "mermaid":
        text = drawing.mermaid(graph, view)
    else:
        text = drawing.dot(graph, view)
        if form in PICTURES:
            write_picture(environment, drawn(text, form), path)
            return
    write_text(environment, text, path)


def drawn(source: str, form: str) -> bytes:
    """A picture, by Graphviz: its Python package, or the command."""
    import subprocess

    try:
        import pygraphviz
    except ImportError:
        command = shutil.which("dot")
        if command is None:
            raise FileError(
                f"{form} pictures are drawn by Graphviz, which is not installed",
                hint="pip install 'gradcli[graph]', or take --format dot",
            ) from None
        return subprocess.run(
            [command, f"-T{form}"], input=source.encode(), capture_output=True, check=True
        ).stdout
    picture: bytes = pygraphviz.AGraph(string=source).draw(format=form, prog="dot")
    return picture
