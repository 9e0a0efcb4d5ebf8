"""Meta-commands: a table by name. A module of commands adds to it; the rest finds them there."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple

from gradcli.errors import UsageError
from gradcli.lang.nearest import did_you_mean

if TYPE_CHECKING:
    from gradcli.repl.console import Console

# What may be typed next, and what it is; None if it is an expression.
Offered = Iterable[tuple[str, str]] | None


class Command(NamedTuple):
    """run        what it does with the text after its name
    arguments  what may follow `text`, what was typed after its name"""

    name: str
    usage: str
    help: str
    run: Callable[[Console, str], None]
    arguments: Callable[[Console, str], Offered]


COMMANDS: dict[str, Command] = {}
# Beginnings that several commands share, and which of them is meant.
SHORT = {"h": "help", "s": "set", "e": "edit", "l": "load", "c": "check"}


def nothing(_console: Console, _text: str) -> Offered:
    return ()


def expression(_console: Console, _text: str) -> Offered:
    return None


def command(
    usage: str, said: str, arguments: Callable[[Console, str], Offered] = nothing
) -> Callable[[Callable[[Console, str], None]], Callable[[Console, str], None]]:
    """Enter a function under its name, without the underscore that keeps it off a builtin's."""

    def enter(run: Callable[[Console, str], None]) -> Callable[[Console, str], None]:
        name = run.__name__.rstrip("_")
        COMMANDS[name] = Command(name, f":{name} {usage}".rstrip(), said, run, arguments)
        return run

    return enter


def find(name: str) -> Command:
    """By the whole name or a beginning of it that no other shares."""
    chosen = COMMANDS.get(SHORT.get(name, name))
    if chosen is not None:
        return chosen
    matching = [each for each in COMMANDS if name and each.startswith(name)]
    if len(matching) == 1:
        return COMMANDS[matching[0]]
    if matching:
        listed = " or ".join(f":{each}" for each in matching)
        raise UsageError(f"':{name}' may be {listed}")
    near = did_you_mean(name, COMMANDS)
    raise UsageError(
        f"there is no command ':{name}'",
        hint=near.replace("mean ", "mean :") if near else ":help lists them",
    )


def obey(console: Console, text: str) -> None:
    name, _, rest = text[1:].strip().partition(" ")
    found = find(name)
    console.report.shift(rest.strip())
    found.run(console, rest.strip())


def arguments(console: Console, name: str, text: str) -> Offered:
    try:
        return find(name).arguments(console, text)
    except UsageError:
        return ()
