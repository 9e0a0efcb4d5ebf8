"""`gradcli jacobian`: the derivatives of every element of a result."""

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
    wrt_option,
)
from gradcli.cli.running.evaluation import run
from gradcli.cli.system.environment import Environment
from gradcli.errors import Status


@click.command("jacobian", cls=MathCommand, context_settings=HELP)
@mathematics
@wrt_option
@check_option
@number_options
@output_options("text", "json", "csv", "latex")
@click.pass_obj
def command(
    environment: Environment, /, expression: str, bindings: tuple[str, ...], **options: Any
) -> Status:
    """The value of EXPR and its Jacobian by every NAME.

    A Jacobian has the shape of the result, then that of the variable.

    \b
    gradcli jacobian '[x*y, x + y]' x=2 y=3
    gradcli jacobian 'A @ x' A='[1,2; 3,4]' x='[1,1]' --wrt x --format latex
    """
    from gradcli.lang.derivatives import jacobian

    return run(environment, expression, bindings, options, "jacobian", jacobian)
