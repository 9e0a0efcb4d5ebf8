"""`gradcli plot`: a function and its derivatives as curves."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import click

from gradcli.cli.options import (
    HELP,
    MathCommand,
    color_option,
    mathematics,
    number_options,
    output_option,
    pasteable,
    split_bindings,
)
from gradcli.cli.system.environment import Environment
from gradcli.errors import Status, UsageError
from gradcli.views.forms import PICTURES, form_by_suffix

if TYPE_CHECKING:
    from gradcli.lang.session import Session
    from gradcli.views.plot.figure import Figure

FORMS = ("terminal", *PICTURES, "json")
# Of a curve: enough for a picture that is a thousand dots wide.
POINTS = 1000


@click.command("plot", cls=MathCommand, context_settings=HELP)
@mathematics
@click.option(
    "--derivatives",
    type=click.IntRange(0, 8),
    default=0,
    metavar="N",
    help="Draw the first N derivatives, too.",
)
@click.option("--tangent", multiple=True, metavar="X", help="Draw the tangent at X; repeatable.")
@click.option("--ylim", metavar="LOW:HIGH", help="The values to show. Default: what most are in.")
@click.option(
    "--points",
    type=click.IntRange(2, 10_000),
    default=POINTS,
    metavar="N",
    help="How many points are calculated.",
)
@click.option(
    "-f",
    "--format",
    "form",
    type=click.Choice(FORMS),
    help="How to draw it. Default: by the suffix of FILE, else for the terminal.",
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json: the points.")
@number_options
@output_option
@color_option
@click.pass_obj
def command(
    environment: Environment, /, expression: str, bindings: tuple[str, ...], **options: Any
) -> Status:
    """The curve of EXPR over a range of one variable, such as x=-3:3.

    Other variables are given values. A list draws several curves. Kinks and poles are marked; a
    curve is broken at poles, at jumps, and where it has no value.

    \b
    gradcli plot 'sin(x^2)' x=-3:3 --derivatives 1
    gradcli plot '[a*x^2, abs(x - 1)]' x=-2:2 a=0.5 --tangent 2 -o plot.svg
    """
    from gradcli.cli.running.session import new_session
    from gradcli.cli.system.guard import guarded
    from gradcli.cli.system.progress import progress
    from gradcli.cli.system.writing import write_picture, write_text

    form = form_of(options)
    session = new_session({**options, "digits": None}, lambda text: None)
    with guarded(session), progress(environment.stderr):
        found, at = plotted(session, expression, bindings, options, environment)
    path = options["output"]
    if form in PICTURES:
        from gradcli.views.plot.picture import picture

        write_picture(environment, picture(found, form), path)
    elif form == "json":
        import json

        from gradcli.lang.source import Source
        from gradcli.views.plot.figure import as_object

        shown = as_object(found, Source(expression), at, session.limits.output)
        write_text(environment, json.dumps(shown, ensure_ascii=False), path)
    else:
        from gradcli.views.plot.terminal import text

        size = shutil.get_terminal_size()
        shown_text = text(
            found,
            width=size.columns,
            height=size.lines - 1,
            color=path is None and environment.colored(options["color"], environment.stdout),
            unicode=path is not None or environment.unicode,
        )
        write_text(environment, shown_text, path)
    return Status.DONE


def form_of(options: dict[str, Any]) -> str:
    if options["as_json"]:
        return "json"
    form: str = options["form"] or form_by_suffix(options["output"], FORMS)
    return form


def plotted(
    session: Session,
    expression: str,
    bindings: tuple[str, ...],
    options: dict[str, Any],
    environment: Environment,
) -> tuple[Figure, dict[str, Any]]:
    """The plot of EXPR, and the values of what it is not over."""
    from gradcli.cli.running.evaluation import check_names, leaf
    from gradcli.lang.curves import Curves, bounds, number
    from gradcli.lang.source import Source
    from gradcli.views.plot.figure import figure

    if options["dtype"] != "float64":
        raise UsageError("plots are of real numbers in double precision")
    texts = split_bindings(bindings)
    name = variable(texts)
    source = Source(expression)
    low, high = bounds(session, texts.pop(name), f"range of {name}")
    constants = {key: leaf(session, key, text, requires_grad=False) for key, text in texts.items()}
    check_names(session, source, dict.fromkeys((name, *constants), ""))
    session.variables.update(constants)
    frame = options["ylim"] and bounds(session, options["ylim"], "--ylim")
    tangents = [number(session, text, "--tangent") for text in options["tangent"]]
    for at in tangents:
        if not low <= at <= high:
            raise UsageError(f"--tangent {at:g} is outside of {name}={low:g}:{high:g}")
    curves = Curves(session, source, name, (low, high), options["derivatives"] + 1)
    found = figure(
        curves,
        (low, high),
        options["points"],
        tangents=tangents,
        frame=frame,
        partial="∂" if environment.unicode or options["output"] else "d",
    )
    if options["strict"]:
        found.require_smooth(source)
    return found, constants


def variable(texts: dict[str, str]) -> str:
    """The one that has a range."""
    from gradcli.lang.curves import ends

    ranged = [name for name, text in texts.items() if len(ends(text)) > 1]
    if len(ranged) == 1:
        return ranged[0]
    if ranged:
        raise UsageError(f"{' and '.join(ranged)} have ranges: a plot is over one variable")
    hint = f"give one, such as {pasteable('x=-3:3')}" if not texts else "such as x=-3:3"
    raise UsageError("a plot needs the range of a variable", hint=hint)
