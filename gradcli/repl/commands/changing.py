"""Commands that change what is in force, or what there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.errors import UnknownName, UsageError
from gradcli.lang.limits import UNLIMITED, Limits
from gradcli.lang.nearest import closest
from gradcli.repl.completion import describe
from gradcli.repl.meta import Offered, command
from gradcli.repl.settings import SETTINGS

if TYPE_CHECKING:
    from gradcli.repl.console import Console


def settings(_console: Console, text: str) -> Offered:
    name, blank, _ = text.partition(" ")
    if not blank:
        return [(name, setting.help) for name, setting in SETTINGS.items()]
    return [(choice, "") for choice in SETTINGS[name].choices] if name in SETTINGS else ()


@command("[NAME [VALUE]]", "Show or change a setting: :set retain_graph on.", settings)
def set_(console: Console, text: str) -> None:
    name, *values = text.replace("=", " ").split()[:3] or [""]
    if not name:
        rows = [(each, console.settings[each], setting.help) for each, setting in SETTINGS.items()]
        console.report.table(rows)
        return
    if not values:
        if name not in SETTINGS:
            console.settings.change(name, "", ":set")
        choices = SETTINGS[name].choices
        listed = "auto, 1 to 17" if name == "digits" else ", ".join(choices)
        console.report.say(f"{name} is {console.settings[name]}; it may be {listed}")
        return
    if len(values) > 1:
        raise UsageError(f"a setting has one value: :set {name} {values[0]}")
    console.settings.change(name, values[0], ":set")
    console.apply_settings()


def limits_(_console: Console, _text: str) -> Offered:
    choices = [("off", "without limits on work, memory and time"), ("on", "the defaults")]
    return [*choices, *((f"{name}=", f"{n:,}") for name, n in Limits()._asdict().items())]


@command("[off|on|NAME=N]", "Show or change the limits of an evaluation.", limits_)
def limits(console: Console, text: str) -> None:
    if not text:
        rows = [
            (name, f"{n:,}" if n < UNLIMITED else "off")
            for name, n in console.settings.limits._asdict().items()
        ]
        console.report.table(rows)
    for setting in text.split():
        console.settings.limit(setting, ":limits")
    console.apply_settings()


def variables(console: Console, _text: str) -> Offered:
    return [(name, describe(value)) for name, value in console.session.variables.items()]


@command("[NAME...]", "Forget all variables and imports, or the variables named.", variables)
def reset(console: Console, text: str) -> None:
    known, names = console.session.variables, list(dict.fromkeys(text.split()))
    for name in names:
        if name not in known:
            raise UnknownName(f"there is no variable '{name}'", hint=closest(name, known))
    if not names:
        console.begin()
        return
    for name in names:
        del known[name]
    console.statements.append(f"del {', '.join(names)}")


@command("", "Leave; so does Ctrl-D.")
def quit_(console: Console, _text: str) -> None:
    console.open = False
