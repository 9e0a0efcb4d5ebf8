"""Commands that show something: help, variables, settings, what was typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.engine.functions import FUNCTIONS
from gradcli.engine.tensor import Tensor
from gradcli.errors import UnknownName
from gradcli.lang import manual
from gradcli.lang.nearest import did_you_mean
from gradcli.lang.text import brief_value
from gradcli.lang.types import attributes_of, get_attribute
from gradcli.lang.values import Builtin, type_name
from gradcli.repl.completion import complete
from gradcli.repl.keys import KEYS
from gradcli.repl.meta import COMMANDS, Offered, command, find

if TYPE_CHECKING:
    from gradcli.repl.console import Console

LAST = 20


# ---- help ---------------------------------------------------------------------------------------


def topics(console: Console, text: str) -> Offered:
    named = [(candidate.text, candidate.note) for candidate in complete(text, console.known)]
    listed = [(name, each.help) for name, each in COMMANDS.items()]
    return [*listed, ("keys", "the keys of the prompt"), *named]


@command("[NAME]", "Commands, or all about a name, a command, or the keys.", topics)
def help_(console: Console, text: str) -> None:
    if not text:
        rows = [(each.usage.partition(" [-")[0], each.help) for each in COMMANDS.values()]
        console.report.table(rows)
        console.report.say(
            "\nA beginning of a name will do. :help NAME tells more; :help keys lists the keys."
        )
    elif text == "keys":
        console.report.table(KEYS)
    elif text.startswith(":") or text in COMMANDS:
        found = find(text.removeprefix(":"))
        console.report.say(f"{found.usage}\n{found.help}")
    else:
        console.report.say(about(text, named(console, text)))


def about(name: str, value: Any) -> str:
    """Of an operation all that `gradcli ops` tells."""
    if type(value) is Builtin and name in FUNCTIONS:
        from gradcli.views.operations import description, facts  # noqa: PLC0415  # imports sympy

        known = facts(name)
        if known is not None:
            return description(known)
    return "\n".join(manual.about(name, value))


def named(console: Console, text: str) -> Any:
    """The value under a name, or behind dots."""
    first, *rest = text.split(".")
    names = {**console.session.machine.builtins, **console.session.variables}
    if first not in names:
        hint = did_you_mean(first, [*names, *COMMANDS])
        raise UnknownName(f"unknown name '{first}'", hint=hint)
    value = names[first]
    for name in rest:
        if name not in attributes_of(value):
            hint = did_you_mean(name, attributes_of(value))
            raise UnknownName(f"'{first}' has no '{name}'", hint=hint)
        value = get_attribute(value, name)
    return value


# ---- what there is ------------------------------------------------------------------------------


@command("", "The variables: type, shape, what the graph knows, value.")
def vars_(console: Console, _text: str) -> None:
    digits, known = console.settings.digits, console.session.variables
    rows = [(name, *row(value, digits)) for name, value in sorted(known.items())]
    if rows:
        console.report.table(rows)
    else:
        console.report.say("no variables")


def row(value: Any, digits: int | None) -> tuple[str, str, str, str]:
    if type(value) is not Tensor:
        return (
            type_name(value),
            "",
            "",
            manual.signature(value) or brief_value(value, digits=digits),
        )
    if value.grad_fn is not None:
        role = str(value.grad_fn)
    else:
        role = "leaf" if value.requires_grad else ""
    if value.requires_grad and value.is_leaf and value.grad is not None:
        role += ", has .grad"
    return str(value.dtype), str(value.shape), role, brief_value(value, digits=digits)


@command("[N|TEXT]", f"The last {LAST} or N texts that were typed, or those with TEXT in them.")
def history(console: Console, text: str) -> None:
    typed = console.typed
    if text.isdecimal():
        chosen = typed[-int(text) :] if int(text) else []
    elif text:
        chosen = [entry for entry in typed if text in entry]
    else:
        chosen = typed[-LAST:]
    for entry in chosen:
        console.report.say(entry)


@command("", "What is set, and by whom: a default, config.toml, an option or :set.")
def config(console: Console, _text: str) -> None:
    console.report.table(list(console.settings.rows()))
