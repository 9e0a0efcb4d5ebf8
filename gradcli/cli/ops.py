"""`gradcli ops`: every operation, and all that is known of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gradcli.cli.options import HELP, MathCommand, completed
from gradcli.cli.system.environment import Environment
from gradcli.errors import Status, UnknownName

if TYPE_CHECKING:
    from gradcli.views.operations import Operation


@click.command("ops", cls=MathCommand, context_settings=HELP)
@click.argument("name", required=False, shell_complete=completed("expression"))
@click.option("--json", "as_json", is_flag=True, help="Write an object.")
@click.pass_obj
def command(environment: Environment, /, name: str | None, as_json: bool) -> Status:
    """List the operations; of one NAME tell its signature, rule, kinks and domain.

    In a pipe the list is a signature a line.

    \b
    gradcli ops
    gradcli ops sqrt
    """
    import json
    import shutil
    from dataclasses import asdict

    from gradcli.views import operations as view

    if name is None:
        found = view.operations()
        width = shutil.get_terminal_size().columns - 1 if environment.is_terminal else None
        text = view.listing(found, width)
        result = {"schema": 1, "operations": [asdict(each) for each in found]}
    else:
        known = view.facts(name)
        if known is None:
            raise unknown(name, view.operations())
        text = view.description(known)
        result = {"schema": 1, "operation": view.as_object(known)}
    print(json.dumps(result, ensure_ascii=False) if as_json else text, file=environment.stdout)
    return Status.DONE


def unknown(name: str, found: list[Operation]) -> UnknownName:
    from gradcli.lang.nearest import did_you_mean

    names = [known for each in found for known in (each.name, *each.aliases)]
    hint = did_you_mean(name, names) or "gradcli ops lists them"
    return UnknownName(f"there is no operation '{name}'", hint=hint)
