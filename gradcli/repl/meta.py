"""Meta-commands: a table by name. A module of commands adds to it; the rest finds them there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from gradcli.errors import UsageError
from gradcli.lang.nearest import nearest

if TYPE_CHECKING:
    from gradcli.repl.console import Console

# What may be typed next, and what it is; None if it is an expression.
Offered = Iterable[tuple[str, str]] | None


# What follows an option: one of these words, any word if there are none; None: nothing.
Options = Mapping[str, Sequence[str] | None]


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
    near = nearest(name, COMMANDS)
    hint = f"did you mean :{near} ?" if near else ":help lists them"
    raise UsageError(f"there is no command ':{name}'", hint=hint)


def obey(console: Console, text: str) -> None:
    name, _, rest = text[1:].strip().partition(" ")
    found = find(name)
    if rest.strip() and found.usage == f":{found.name}":
        raise UsageError(f"{found.usage} stands alone")
    console.report.shift(rest.strip())
    found.run(console, rest.strip())


def arguments(console: Console, name: str, text: str) -> Offered:
    try:
        return find(name).arguments(console, text)
    except UsageError:
        return ()


# ---- options ------------------------------------------------------------------------------------


def taken(text: str, options: Options) -> tuple[str, dict[str, str]]:
    """A text without the options at its end, and these; a name with =VALUE is one, too.

    As on the command line, what is not exactly an option is part of the text.
    """
    found: dict[str, str] = {}
    while text:
        before, last = split_last(text)
        name, equals, value = last.partition("=")
        if equals and options.get(name) is not None:
            text = before
        elif last in options:
            if options[last] is not None:
                raise UsageError(f"{last} needs {choices(options[last] or ())}")
            name, value, text = last, "", before
        else:
            before, name = split_last(before)
            if options.get(name) is None:
                break
            value, text = last, before
        allowed = options[name] or ()
        if allowed and value not in allowed:
            raise UsageError(f"{name} is {choices(allowed)}, not '{value}'")
        found[name] = value
    return text, found


def split_last(text: str) -> tuple[str, str]:
    """A text before its last word, and this."""
    before, *last = text.rsplit(maxsplit=1) or [""]
    return (before, last[0]) if last else ("", before)


def choices(allowed: Sequence[str]) -> str:
    return " or ".join(filter(None, [", ".join(allowed[:-1]), *allowed[-1:]])) or "a name"


def with_options(options: Options) -> Callable[[Console, str], Offered]:
    """An expression, then options."""

    def offered(_console: Console, text: str) -> Offered:
        before, _, typed = text.rpartition(" ")
        allowed = options.get(split_last(before)[1])
        if allowed is not None:
            return [(word, "") for word in allowed]
        if before.strip() and typed.startswith("-"):
            return [(name, "|".join(allowed or ())) for name, allowed in options.items()]
        return None

    return offered
