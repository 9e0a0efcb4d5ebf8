"""`gradcli fmt`: how a text is read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from gradcli.cli.options import HELP, MathCommand, color_option, completed
from gradcli.cli.system.environment import Environment
from gradcli.errors import GradcliError, Status, UsageError

SUFFIX = ".grad"


@click.command("fmt", cls=MathCommand, context_settings=HELP)
@click.argument(
    "texts", nargs=-1, required=True, metavar="EXPR|FILE...", shell_complete=completed("any_file")
)
@click.option("--check", is_flag=True, help="Name what is not canonical, and end with status 1.")
@click.option("-i", "--in-place", is_flag=True, help="Rewrite the files.")
@color_option
@click.pass_obj
def command(environment: Environment, /, texts: tuple[str, ...], **options: Any) -> Status:
    """Print the canonical form of expressions and scripts: how gradcli reads them.

    An argument that is a file, or ends with .grad, is a script, and so is - for standard input.
    Comments stay with their statements.

    \b
    gradcli fmt '2x^-y²'
    gradcli fmt --check *.grad
    """
    from gradcli.views.diagnostic import error_text

    if options["in_place"] and (others := [text for text in texts if not names_file(text)]):
        raise UsageError(f"'{others[0]}' is no file", hint="--in-place rewrites files")
    status = Status.DONE
    for text in texts:
        try:
            same = fmt_one(environment, text, options)
        except GradcliError as error:
            color = environment.colored(options["color"], environment.stderr)
            in_file = text == "-" or names_file(text)
            environment.stdout.flush()
            print(error_text(error, color=color, in_file=in_file), file=environment.stderr)
            status = status or error.status
            continue
        if options["check"] and not same:
            status = status or Status.FAILED
    return status


def fmt_one(environment: Environment, text: str, options: dict[str, Any]) -> bool:
    """Print, name or rewrite; whether the text was canonical."""
    from gradcli.cli.system.files import STDIN, read, replace
    from gradcli.lang.format import formatted
    from gradcli.lang.limits import Limits
    from gradcli.lang.source import BYTE_ORDER_MARK, Source, decode

    most = 4 * Limits().script
    if text != "-" and not names_file(text):
        canonical = formatted(Source(text)).removesuffix("\n")
        same = canonical == text
        written = canonical + "\n"
    else:
        data = read(environment, text, most)
        source = decode(data, STDIN if text == "-" else text)
        written = canonical = formatted(source)
        same = canonical == source.text
        if options["in_place"] and not same and not options["check"]:
            mark = BYTE_ORDER_MARK if data.startswith(BYTE_ORDER_MARK) else b""
            replace(text, mark + canonical.encode())
    if not (options["in_place"] or options["check"]):
        environment.stdout.write(written)
    if options["check"] and not same:
        print(text, file=environment.stdout)
    return same


def names_file(text: str) -> bool:
    if text.endswith(SUFFIX):
        return True
    try:
        return Path(text).is_file()
    except (OSError, ValueError):  # too long for a name, or a zero byte in it
        return False
