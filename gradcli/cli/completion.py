"""`gradcli completion`: what a shell needs to complete command lines, and the answers it asks for.

A shell's script calls gradcli with VARIABLE set; the answer imports nothing but click.
"""

from __future__ import annotations

import click

from gradcli.cli.options import HELP
from gradcli.cli.system.environment import Environment
from gradcli.cli.system.shells import SHELLS
from gradcli.errors import Status, UsageError

VARIABLE = "_GRADCLI_COMPLETE"


@click.command("completion", context_settings=HELP)
@click.argument("shell", type=click.Choice(list(SHELLS)))
@click.pass_obj
def command(environment: Environment, /, shell: str) -> Status:
    """A script that makes SHELL complete verbs, options, operations, variables and files.

    \b
    eval "$(gradcli completion bash)"
    gradcli completion fish > ~/.config/fish/completions/gradcli.fish
    """
    root = click.get_current_context().find_root().command
    print(SHELLS[shell](root, {}, "gradcli", VARIABLE).source(), file=environment.stdout)
    return Status.DONE


def answer(group: click.Command, instruction: str, environment: Environment) -> Status:
    """What a shell's script asked for: completions, a line each."""
    shell, _, wanted = instruction.partition("_")
    if shell not in SHELLS or wanted not in ("complete", "source"):
        raise UsageError(f"{VARIABLE} is for the scripts of gradcli completion")
    completer = SHELLS[shell](group, {}, "gradcli", VARIABLE)
    try:
        text = completer.source() if wanted == "source" else completer.complete()
    except (UsageError, click.ClickException, OSError):
        text = ""  # nothing follows what is wrong already; the command will say so
    if text:
        print(text, file=environment.stdout)
    return Status.DONE
