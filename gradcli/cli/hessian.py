"""`gradcli hessian`: the second derivatives by all pairs of variables."""

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


@click.command("hessian", cls=MathCommand, context_settings=HELP)
@mathematics
@wrt_option
@check_option
@number_options
@output_options("text", "json", "csv", "latex")
@click.pass_obj
def command(
    environment: Environment, /, expression: str, bindings: tuple[str, ...], **options: Any
) -> Status:
    """The value of EXPR, one number, and its second derivatives by every pair of NAMEs.

    A block of the Hessian has the shape of the first variable, then that of the second.

    \b
    gradcli hessian 'x^2*y + sin(y)' x=2 y=3 --check
    gradcli hessian 'sum(x^3)' x='[1,2]'
    """
    from gradcli.lang.derivatives import hessian

    return run(environment, expression, bindings, options, "hessian", hessian)
