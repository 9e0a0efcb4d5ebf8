"""`gradcli eval`: the value of an expression, and its gradient."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from gradcli.cli.environment import Environment
from gradcli.cli.options import (
    HELP,
    MathCommand,
    graph_options,
    number_options,
    output_options,
    pasteable,
    split_bindings,
)
from gradcli.errors import Status, UnknownName, UsageError

if TYPE_CHECKING:
    from gradcli.lang.evaluation import Evaluation
    from gradcli.lang.session import Session
    from gradcli.lang.source import Source


@click.command("eval", cls=MathCommand, context_settings=HELP)
@click.argument("expression", metavar="EXPR")
@click.argument("bindings", nargs=-1, metavar="[NAME=VALUE]...")
@graph_options
@number_options
@output_options("text", "json", "csv")
@click.pass_obj
def command(
    environment: Environment, /, expression: str, bindings: tuple[str, ...], **options: Any
) -> Status:
    """The value of EXPR and its gradient by every NAME.

    EXPR may be several statements; the last expression is differentiated. Each VALUE is an
    expression of its own. A minus may come first: gradcli eval -x^2 x=3

    \b
    gradcli eval 'sin(x^2)*exp(y)' x=2 y=0.5 --check
    gradcli eval 'norm(A @ x)' A='[1,2; 3,4]' x='[1,1]'
    """
    from gradcli.cli.guard import guarded
    from gradcli.cli.sessions import new_session
    from gradcli.lang.evaluation import Options, evaluate
    from gradcli.lang.source import Source

    session = new_session(options, environment.stdout.write)
    source = Source(expression)
    values = split_bindings(bindings)
    seed = options["grad_output"]
    with guarded(session):
        check_names(session, source, values)
        leaves = {
            name: session.leaf(Source(text, name=f"value of {name}"))
            for name, text in values.items()
        }
        evaluation = evaluate(
            session,
            source,
            leaves,
            Options(
                wrt=options["wrt"],
                seed=None if seed is None else Source(seed, name="--grad-output"),
                retain_graph=True if options["retain_graph"] else None,
                create_graph=options["create_graph"],
                backward=options["backward"],
                gradients=not options["no_grad"],
                tape=options["check"],
            ),
        )
    check = prove(evaluation, session) if options["check"] else None
    return show(environment, session, evaluation, check, options)


def check_names(session: Session, source: Source, values: dict[str, str]) -> None:
    """Every name must be known: what is missing is listed with a command to paste."""
    from gradcli.lang.evaluation import missing
    from gradcli.lang.nearest import did_you_mean

    unbound = [
        item for item in missing(session, session.compile(source)) if item.name not in values
    ]
    if not unbound:
        return
    first = next((item for item in unbound if item.called), unbound[0])
    known = [*session.machine.builtins, *values]
    hint = did_you_mean(first.name, known)
    if first.called:
        message = f"unknown function '{first.name}'"
    else:
        names = [item.name for item in unbound if not item.called]
        message = f"{', '.join(names)} {'has' if len(names) == 1 else 'have'} no value"
        paste = pasteable(*(f"{name}=1" for name in names))
        hint = f"{hint}; or give values: {paste}" if hint else f"give values: {paste}"
    raise source.blame(UnknownName(message, hint=hint), first.place.span)


def prove(evaluation: Evaluation, session: Session) -> Any:
    """The independent verdict on the value and the gradients."""
    if evaluation.output is None or evaluation.tape is None or not evaluation.gradient:
        raise UsageError("--check needs a gradient to prove")
    from gradcli.proof.crosscheck import check

    return check(
        evaluation.tape,
        evaluation.output,
        evaluation.by,
        {name: g.value for name, g in evaluation.gradient.items()},
        seed=evaluation.seed,
        seconds=session.limits.check,
    )


def show(
    environment: Environment,
    session: Session,
    evaluation: Evaluation,
    check: Any,
    options: dict[str, Any],
) -> Status:
    """Write the result, then what a person should know; the verdict decides the status."""
    from gradcli.cli.writing import write_notes, write_result

    form = "json" if options["as_json"] else options["form"]
    write_result(environment, evaluation, session.warnings, check, form, options)
    if form != "json" and not options["quiet"]:
        write_notes(environment, evaluation, session.warnings, options["color"])
    if check is None or check.status in ("agrees", "skipped"):
        return Status.DONE
    return Status.DIFFERS if check.status == "differs" else Status.LIMIT
