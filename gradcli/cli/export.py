"""`gradcli export`: value and derivatives as a function in another language."""

from __future__ import annotations

import re
from typing import Any

import click

from gradcli.cli.options import (
    BINDING,
    HELP,
    MathCommand,
    completed,
    name_of,
    number_options,
    output_option,
    refuse_option,
)
from gradcli.cli.system.environment import Environment
from gradcli.errors import Status, UsageError

TARGETS = ("python", "numpy", "torch", "jax", "c", "latex")
DECLARATION = re.compile(r"\s*([^\W\d]\w*)\s*(?::\s*([1-9]\d*(?:\s*,\s*[1-9]\d*)*))?\s*")


@click.command("export", cls=MathCommand, context_settings=HELP)
@click.argument("expression", metavar="EXPR", shell_complete=completed("expression"))
@click.argument(
    "variables",
    nargs=-1,
    metavar="[NAME | NAME:N,… | NAME=VALUE]...",
    shell_complete=completed("variable"),
)
@click.option("--to", type=click.Choice(TARGETS), default="numpy", help="The language.")
@click.option("--hessian", is_flag=True, help="The second derivatives, too.")
@click.option("--name", default="f", metavar="NAME", help="What the function is called.")
@number_options
@output_option
@click.pass_obj
def command(
    environment: Environment, /, expression: str, variables: tuple[str, ...], **options: Any
) -> Status:
    """A function of the NAMEs that returns EXPR and its gradient, in another language.

    What value and derivatives share is calculated once. A NAME alone is a number, NAME:3 a vector,
    NAME:3,2 a matrix; of NAME=VALUE only the shape counts. In C the gradient is written where
    arguments point.

    \b
    gradcli export 'sin(x^2)*exp(y)' x y --to c
    gradcli export 'sum((A @ x)^2)' A:3,2 x:2 --to torch --hessian
    """
    from gradcli.cli.running.evaluation import check_names
    from gradcli.cli.running.session import new_session
    from gradcli.cli.system.guard import guarded
    from gradcli.cli.system.writing import write_text
    from gradcli.lang.programs import example, program_of_text
    from gradcli.lang.source import Source
    from gradcli.views.export import source_code
    from gradcli.views.export.words import Words

    if options["dtype"] != "float64":
        raise UsageError("export is of real numbers in double precision")
    if not re.fullmatch(r"[A-Za-z_]\w*", options["name"], re.ASCII):
        raise UsageError(f"'{options['name']}' cannot name a function")
    session = new_session({**options, "digits": None}, environment.stdout.write)
    source = Source(expression)
    with guarded(session):
        leaves = {}
        for token in variables:
            name, given = declared(token)
            if name in leaves:
                raise UsageError(f"{name} is given twice")
            if isinstance(given, str):
                leaves[name] = session.leaf(Source(given, name=f"value of {name}"))
            else:
                leaves[name] = session.leaf_of(example(given))
        check_names(session, source, dict.fromkeys(leaves, ""), given="")
        program = program_of_text(session, source, leaves, hessian=options["hessian"])
    shapes = {name: x.shape for name, x in leaves.items()}
    words = Words(options["name"], expression, shapes, options["hessian"])
    write_text(environment, source_code(program, words, options["to"]).rstrip(), options["output"])
    return Status.DONE


def declared(token: str) -> tuple[str, str | tuple[int, ...]]:
    """A variable's name, and an example of its values or its shape."""
    binding = BINDING.fullmatch(token)
    if binding is not None:
        return name_of(binding[1]), binding[2]
    match = DECLARATION.fullmatch(token)
    if match is None:
        refuse_option(token)
        raise UsageError(
            f"'{token}' is no variable", hint="NAME, NAME:3 or NAME:3,2 or NAME=VALUE declare one"
        )
    lengths = match[2].split(",") if match[2] else []
    return name_of(match[1]), tuple(map(int, lengths))
