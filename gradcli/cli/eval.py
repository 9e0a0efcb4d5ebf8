"""`gradcli eval`: the value of an expression, and its gradient."""

from __future__ import annotations

from typing import Any

import click

from gradcli.cli.options import (
    HELP,
    MathCommand,
    check_option,
    graph_options,
    mathematics,
    number_options,
    output_options,
    seed_option,
    split_bindings,
    wrt_option,
)
from gradcli.cli.running.evaluation import run
from gradcli.cli.system.environment import Environment
from gradcli.errors import Status, UsageError


@click.command("eval", cls=MathCommand, context_settings=HELP)
@mathematics
@wrt_option
@click.option(
    "--order",
    type=click.IntRange(min=1),
    metavar="N",
    help="All derivatives to the N-th, by one variable.",
)
@seed_option
@graph_options
@check_option
@number_options
@output_options("text", "json", "csv", "latex")
@click.pass_obj
def command(
    environment: Environment, /, expression: str, bindings: tuple[str, ...], **options: Any
) -> Status:
    """The value of EXPR and its gradient by every NAME.

    EXPR may be several statements; the last expression is differentiated. Each VALUE is an
    expression of its own. A minus may come first.

    \b
    gradcli eval 'sin(x^2)*exp(y)' x=2 y=0.5 --check
    gradcli eval -x^2 x=3
    gradcli eval 'norm(A @ x)' A='[1,2; 3,4]' x='[1,1]'
    gradcli eval 'exp(sin(x))' x=0.3 --order 4
    """
    if options["order"] is None:
        return run(environment, expression, bindings, options, "gradient")
    from gradcli.lang.derivatives import orders

    check_order(tuple(split_bindings(bindings)), options)
    return run(environment, expression, bindings, options, "gradient", orders)


def check_order(variables: tuple[str, ...], options: dict[str, Any]) -> None:
    """--order is by one variable, and makes no passes that other options could change."""
    names = options["wrt"] or variables
    if len(names) != 1:
        hint = f"--wrt {names[0]} chooses one" if names else "give its value, as x=2"
        by = " and ".join(names) or "none"
        raise UsageError(f"--order is by one variable, not by {by}", hint=hint)
    for option in ("retain_graph", "create_graph", "no_grad"):
        if options[option]:
            raise UsageError(f"--order does not go with --{option.replace('_', '-')}")
    if options["backward"] != 1:
        raise UsageError("--order does not go with --backward")
