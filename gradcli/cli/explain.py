"""`gradcli explain`: how a value and its gradient come about, step by step."""

from __future__ import annotations

import json
from typing import Any

import click

from gradcli.cli.options import (
    HELP,
    MathCommand,
    mathematics,
    number_options,
    output_options,
    seed_option,
    wrt_option,
)
from gradcli.cli.system.environment import Environment
from gradcli.errors import Status


@click.command("explain", cls=MathCommand, context_settings=HELP)
@mathematics
@wrt_option
@seed_option
@click.option("--tangents", is_flag=True, help="Forward mode by each variable, not backward.")
@number_options
@output_options("text", "json", "markdown", "latex")
@click.pass_obj
def command(
    environment: Environment, /, expression: str, bindings: tuple[str, ...], **options: Any
) -> Status:
    """Trace EXPR: forward every value, backward every adjoint with its rule and the numbers.

    It is read off the graph that was differentiated. ∂v is the derivative of the result by v; one
    that is a sum comes in parts, ∂v[1], ∂v[2] …. The middle of a long trace is left out.

    \b
    gradcli explain 'sin(x^2)*exp(y)' x=2 y=0.5
    gradcli explain 'x*sin(x)' x=2 --tangents
    """
    from gradcli.cli.running.evaluation import evaluated, nothing_recorded
    from gradcli.cli.system.writing import write_notes, write_text
    from gradcli.lang.derivatives import everywhere, nothing
    from gradcli.views import trace as view

    asked = {**options, "check": True, "retain_graph": True}
    session, evaluation = evaluated(
        environment,
        expression,
        bindings,
        asked,
        "gradient",
        nothing if options["tangents"] else everywhere,
    )
    if evaluation.output is None or evaluation.tape is None:
        raise nothing_recorded(bindings)
    form = "json" if options["as_json"] else options["form"]
    path, digits = options["output"], options["digits"]
    plain = path is None and not environment.unicode
    with session.evaluating():
        found = view.sections(
            evaluation.tape,
            evaluation.output,
            session.tensors(),
            evaluation.adjoints,
            tangents=list(evaluation.by) if options["tangents"] else (),
            partial="d" if plain and form == "text" else "∂",
            digits=digits,
        )
    if form == "json":
        result = {"schema": 1, "expression": expression, "trace": view.as_object(found)}
        text = json.dumps(result, ensure_ascii=False)
    else:
        forms = {"text": view.as_text, "markdown": view.as_markdown, "latex": view.as_latex}
        text = forms[form](found, digits)
    write_text(environment, text, path)
    if form != "json" and not options["quiet"]:
        write_notes(environment, evaluation, session.warnings, options["color"])
    return Status.DONE
