"""`gradcli vjp`: a cotangent of a result times its Jacobian."""

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
    seed_option,
    wrt_option,
)
from gradcli.cli.running.evaluation import run
from gradcli.cli.system.environment import Environment
from gradcli.errors import Status


@click.command("vjp", cls=MathCommand, context_settings=HELP)
@mathematics
@wrt_option
@seed_option
@check_option
@number_options
@output_options("text", "json", "csv", "latex")
@click.pass_obj
def command(
    environment: Environment, /, expression: str, bindings: tuple[str, ...], **options: Any
) -> Status:
    """The value of EXPR and a cotangent times its Jacobian by every NAME.

    In reverse mode: one pass, whatever the number of variables. A result of one element needs no
    cotangent; a number stands for all elements.

    \b
    gradcli vjp '[x*y, x + y]' x=2 y=3 --grad-output '[1, 10]'
    """
    return run(environment, expression, bindings, options, "vjp")
