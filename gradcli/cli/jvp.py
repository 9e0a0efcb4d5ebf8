"""`gradcli jvp`: the derivative of a result along tangents of its variables."""

from __future__ import annotations

from typing import Any

import click

from gradcli.cli.options import (
    HELP,
    MathCommand,
    check_option,
    mathematics,
    number_options,
    output_options,
    pasteable,
)
from gradcli.cli.running.evaluation import run
from gradcli.cli.system.environment import Environment
from gradcli.errors import Status, UsageError


@click.command("jvp", cls=MathCommand, context_settings=HELP)
@mathematics
@click.option(
    "--tangent",
    multiple=True,
    metavar="NAME=V",
    help="How NAME moves: V has its shape, or is a number for all elements; repeat for more. "
    "Other variables stay.",
)
@check_option
@number_options
@output_options("text", "json", "csv", "latex")
@click.pass_obj
def command(
    environment: Environment, /, expression: str, bindings: tuple[str, ...], **options: Any
) -> Status:
    """The value of EXPR and its derivative along tangents: the Jacobian times a vector.

    In forward mode: one pass, whatever the size of the result.

    \b
    gradcli jvp '[x*y, x + y]' x=2 y=3 --tangent x=1
    gradcli jvp 'sin(x)' x='[0, 1]' --tangent 'x=[1, 2]' --check
    """
    if not options["tangent"]:
        name = bindings[0].partition("=")[0].strip() if bindings else "x"
        raise UsageError(
            "jvp needs to know how a variable moves",
            hint=f"give a tangent: {pasteable('--tangent', f'{name}=1')}",
        )
    from gradcli.lang.derivatives import jvp

    return run(environment, expression, bindings, options, "jvp", jvp)
