"""`gradcli map`: value and gradient of an expression for every row of a table."""

from __future__ import annotations

from typing import Any

import click

from gradcli.cli.options import (
    HELP,
    MathCommand,
    color_option,
    completed,
    composed,
    digits_option,
    limit_options,
    quiet_option,
)
from gradcli.cli.system.environment import Environment
from gradcli.errors import Status

FORMATS = ("csv", "tsv", "ndjson", "npy", "parquet")

table_options = composed(
    click.option(
        "--col",
        "columns",
        multiple=True,
        metavar="NAME=COLUMN",
        help="The column of a variable that is not called as it; repeat for more.",
    ),
    click.option(
        "--from",
        "source_form",
        type=click.Choice(FORMATS),
        help="The format of DATA. Default: by its suffix.",
    ),
    click.option("--no-header", is_flag=True, help="The columns are numbered: --col x=1."),
    click.option("--names", metavar="A,B,…", help="The columns' names, where DATA has none."),
    click.option(
        "--bad-rows",
        type=click.Choice(["error", "nan", "skip"]),
        default="error",
        help="What becomes of rows that have no value.",
    ),
)
result_options = composed(
    click.option(
        "--wrt",
        multiple=True,
        metavar="NAME",
        help="Differentiate by NAME, a column or a number; repeat for more. Default: every column.",
    ),
    click.option("--no-grad", is_flag=True, help="The value alone."),
    click.option("--hessian", is_flag=True, help="The second derivatives, too, each pair once."),
    click.option(
        "--value-name", default="value", metavar="NAME", help="What the column of values is called."
    ),
    click.option("--no-input", is_flag=True, help="Leave the columns of DATA out."),
    click.option(
        "-f",
        "--format",
        "form",
        type=click.Choice(FORMATS),
        help="What to write. Default: by the suffix of FILE, else as DATA.",
    ),
    click.option(
        "-o",
        "--output",
        metavar="FILE",
        shell_complete=completed("any_file"),
        help="Write to FILE, which appears when it is complete.",
    ),
    digits_option,
)


@click.command("map", cls=MathCommand, context_settings=HELP)
@click.argument("expression", metavar="EXPR", shell_complete=completed("expression"))
@click.argument(
    "arguments",
    nargs=-1,
    metavar="[DATA] [NAME=VALUE]...",
    shell_complete=completed("table_or_binding"),
)
@table_options
@result_options
@click.option("--check", type=click.IntRange(1, 1000), metavar="N", help="Prove N rows by lot.")
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Run on a Dask cluster: tcp://HOST:PORT, a scheduler's file, or local[:N]. FILE is a "
    "folder of parts then.",
)
@limit_options
@color_option
@quiet_option
@click.pass_obj
def command(
    environment: Environment, /, expression: str, arguments: tuple[str, ...], **options: Any
) -> Status:
    """Value and gradient of EXPR for every row of DATA, a table: csv, tsv, ndjson, npy, parquet.

    The variables are columns; NAME=VALUE gives one that is the same in every row. Without DATA, or
    with -, standard input is read, as csv if --from says nothing else. Memory does not grow with
    the table.

    \b
    gradcli map 'sin(x)*y' data.csv -o out.csv
    gradcli map 'k*t^2' log.parquet k=0.5 --col t=temperature -o out.parquet
    producer | gradcli map 'log(x)' --bad-rows skip --no-input > out.csv
    gradcli map 'sin(x)*y' 'data/*.parquet' --scheduler tcp://127.0.0.1:8786 -o out
    """
    from gradcli.cli.running.mapping import Run

    return Run(environment, expression, arguments, options).run()
