"""`gradcli diff`: the derivative as a formula."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import click

from gradcli.cli.options import (
    HELP,
    MathCommand,
    completed,
    number_options,
    output_options,
    variables_option,
)
from gradcli.cli.system.environment import Environment
from gradcli.errors import Status, Undecided, UnknownName, UsageError

if TYPE_CHECKING:
    from gradcli.lang.session import Session
    from gradcli.lang.source import Source
    from gradcli.proof.closed.problem import Axes
    from gradcli.views.derivative import Formulas

# NAME:AXES, where the axes are letters or lengths.
SHAPE = re.compile(r"\s*([^\W\d]\w*)\s*:\s*((?:\w+\s*(?:,\s*\w+\s*)*)?)\s*")


@click.command("diff", cls=MathCommand, context_settings=HELP)
@click.argument("expression", metavar="EXPR", shell_complete=completed("expression"))
@click.argument(
    "symbols",
    nargs=-1,
    metavar="[NAME:SHAPE|NAME=VALUE]...",
    shell_complete=completed("variable"),
)
@variables_option
@click.option(
    "--order", type=click.IntRange(min=1), default=1, metavar="N", help="The N-th derivative."
)
@number_options
@output_options("text", "unicode", "latex", "python", "numpy", "json")
@click.pass_obj
def command(
    environment: Environment, /, expression: str, symbols: tuple[str, ...], **options: Any
) -> Status:
    """The derivative of EXPR by every NAME as a formula, in the language of EXPR.

    A SHAPE is the letters or lengths of the axes: x:n is a vector, A:m,n a matrix. A NAME without
    one is a number. Of a VALUE the shape counts, and the formula is tried there as well. No formula
    is printed that does not agree with the derivative at random points to 12 digits.

    \b
    gradcli diff 'sin(x^2)'
    gradcli diff 'sum((A @ x - b)^2)' A:m,n x:n b:m --wrt x
    gradcli diff "x' @ A @ x" A:n,n x:n --wrt x --order 2 --format latex
    """
    from gradcli.cli.running.session import new_session
    from gradcli.cli.system.guard import guarded
    from gradcli.cli.system.writing import write_text
    from gradcli.lang.source import Source
    from gradcli.views.derivative import Formulas, written

    source = Source(expression)
    session = new_session(options, lambda text: None)
    with guarded(session):
        axes, values = declared(session, symbols)
        for name in unbound(session, source, axes):
            axes[name] = ()
        formulas = Formulas(source, axes, options["order"], {})
        for name in options["wrt"] or axes:
            if name not in axes:
                raise UnknownName(f"there is no variable '{name}' to differentiate by")
        if not axes:
            raise UsageError("there is no variable to differentiate by")
        with session.evaluating():  # so that Ctrl-C is heard while another process works
            failure = find(session, formulas, options["wrt"] or tuple(axes), values)
    if formulas.found:
        form = "json" if options["as_json"] else options["form"]
        partial = "∂" if options["output"] is not None or environment.unicode else "d"
        write_text(environment, written(formulas, form, partial), options["output"])
    if failure is not None:
        raise failure
    return Status.DONE


def find(
    session: Session, formulas: Formulas, wrt: tuple[str, ...], values: dict[str, Any]
) -> Undecided | None:
    """Fill in the formulas; the first failure among them, if there is one."""
    from gradcli.proof.closed.problem import Problem, of_text
    from gradcli.proof.closed.search import closed_form

    failure: Undecided | None = None
    if formulas.order > session.limits.order:
        raise session.limits.beyond(f"a derivative of order {formulas.order}", "order")
    function = of_text(session, formulas.source)
    for name in wrt:
        problem = Problem(session, function, formulas.axes, name, formulas.order, values)
        try:
            formulas.found[name] = closed_form(problem)
        except Undecided as error:
            failure = failure or error
    return failure


def declared(session: Session, symbols: tuple[str, ...]) -> tuple[dict[str, Axes], dict[str, Any]]:
    """The axes of the symbols on the command line, and the values of those that have one."""
    from gradcli.cli.options import split_bindings
    from gradcli.lang.source import Source

    axes: dict[str, Axes] = {}
    bindings = []
    for token in symbols:
        match = SHAPE.fullmatch(token)
        if match is None and ":" in token.partition("=")[0]:
            raise UsageError(f"'{token}' declares no shape", hint="such as x:n or A:m,n or A:3,2")
        if match is None:
            bindings.append(token)
            continue
        name, written = match.groups()
        if name in axes:
            raise UsageError(f"{name} is given twice")
        parts = [part.strip() for part in written.split(",")] if written else []
        axes[name] = tuple(int(part) if part.isdecimal() else part for part in parts)
        if any(part in (0, 1) for part in axes[name]):
            raise UsageError(
                f"'{token}': a length is more than 1", hint=f"{name}: declares a number"
            )
    values = {}
    for name, text in split_bindings(tuple(bindings)).items():
        if name in axes:
            raise UsageError(f"{name} is given twice")
        values[name] = session.leaf(Source(text, name=f"value of {name}")).value
        axes[name] = values[name].shape
    return axes, values


def unbound(session: Session, source: Source, axes: dict[str, Axes]) -> list[str]:
    """The names that are symbols without a shape; what is called must be a function."""
    from gradcli.cli.running.evaluation import check_names
    from gradcli.lang.unbound import symbols

    free = symbols(session, session.compile(source))
    names = [item.name for item in free if not item.called]
    check_names(session, source, {**dict.fromkeys(axes, ""), **dict.fromkeys(names, "")})
    return [name for name in dict.fromkeys(names) if name not in axes]
