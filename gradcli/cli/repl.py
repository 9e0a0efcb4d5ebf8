"""`gradcli repl`, and bare `gradcli` on a terminal: the door to the prompt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from gradcli.cli.options import HELP, color_option, digits_option, number_options
from gradcli.cli.system.environment import Environment
from gradcli.errors import Status

if TYPE_CHECKING:
    from gradcli.repl.settings import Settings


@click.command("repl", context_settings=HELP)
@digits_option
@number_options
@color_option
@click.pass_context
def command(ctx: click.Context, /, **options: Any) -> Status:
    """Statements and what comes of them, one after the other, in one session.

    Lines that begin with a colon are commands: :help lists them. Settings come from config.toml,
    then from options; init.grad is run first.
    """
    given = {
        name: value
        for name, value in options.items()
        if ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE
    }
    return converse(ctx.obj, given)


def converse(environment: Environment, options: dict[str, Any]) -> Status:
    """Open the prompt with the options that were given."""
    from pathlib import Path

    from gradcli.cli.system.files import read, replace, write
    from gradcli.cli.system.guard import guarded
    from gradcli.repl.app import run
    from gradcli.repl.host import Host

    def override(settings: Settings) -> None:
        for name in ("dtype", "digits", "color"):
            if name in options:
                settings.change(name, str(options[name]), "option")
        if "strict" in options:
            settings.change("strict", "on", "option")
        if "trusted" in options:
            settings.limit("off", "option")
        for text in options.get("limit", ()):
            settings.limit(text, "option")

    def keep(name: str, data: bytes) -> None:
        replace(name, data) if Path(name).is_file() else write(environment, name, data)

    host = Host(environment, guarded, lambda name, most: read(environment, name, most), keep)
    return run(host, override, seed=options.get("seed"))
