"""Strings: Python's methods, of strings and integers only, and what `format` fills in."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from gradcli.errors import WrongIndex, WrongKey, WrongType, WrongValue, described
from gradcli.lang import text
from gradcli.lang.lexer import FORMAT
from gradcli.lang.limits import current
from gradcli.lang.sequences import items_of
from gradcli.lang.types.table import Type

# A field of str.format: a number, a name or nothing, then a format; doubled braces.
FIELD = re.compile(r"\{\{|\}\}|\{([0-9]{1,4}|[^\W0-9]\w*)?(?::([^{}]*))?\}|[{}]")


def plain(name: str) -> Callable[..., Any]:
    """A method whose result is no longer than the string, by the arguments that Python takes."""

    def call(string: str, *arguments: Any) -> Any:
        for value in arguments:
            if value is not None and type(value) not in (str, int):
                raise WrongType(f"{name} takes strings, not {described(value)}")
        read(string)
        try:
            return METHODS[name](string, *arguments)
        except (TypeError, ValueError) as error:
            raise WrongValue(f"{name} does not take arguments like these") from error

    return call


METHODS: dict[str, Callable[..., Any]] = {
    "capitalize": str.capitalize,
    "count": str.count,
    "endswith": str.endswith,
    "find": str.find,
    "index": str.index,
    "isalpha": str.isalpha,
    "isdigit": str.isdigit,
    "lower": str.lower,
    "lstrip": str.lstrip,
    "rstrip": str.rstrip,
    "split": str.split,
    "splitlines": str.splitlines,
    "startswith": str.startswith,
    "strip": str.strip,
    "swapcase": str.swapcase,
    "title": str.title,
    "upper": str.upper,
}


def read(string: str) -> None:
    """Charge what looks at every character, about one a nanosecond."""
    meter = current()
    if meter is not None:
        meter.charge(len(string) / 1000)


def room(length: int) -> None:
    """Refuse a string that would be too long, before it is made."""
    meter = current()
    if meter is not None:
        meter.check_string(length)


def padded(name: str, pad: Callable[..., str]) -> Callable[..., str]:
    def call(string: str, width: Any, fill: Any = " ") -> str:
        if type(width) is not int or type(fill) is not str or len(fill) != 1:
            raise WrongType(f"{name} takes a width and one character")
        room(width)
        return pad(string, width, fill)

    return call


def replace(string: str, old: Any, new: Any) -> str:
    if type(old) is not str or type(new) is not str:
        raise WrongType("replace takes two strings")
    read(string)
    room(len(string) + string.count(old) * (len(new) - len(old)))
    return string.replace(old, new)


def join(string: str, parts: Any) -> str:
    items = items_of(parts)
    for item in items:
        if type(item) is not str:
            raise WrongType(f"join takes strings, not {described(item)}", hint="str(x) makes one")
    room(sum(map(len, items)) + len(string) * max(0, len(items) - 1))
    return string.join(items)


def fill_in(string: str, *arguments: Any, **named: Any) -> str:
    """`"{} {0:.2f} {name}".format(…)`."""
    used = 0

    def field(found: re.Match[str]) -> str:
        nonlocal used
        if found[0] in ("{{", "}}"):
            return found[0][0]
        if len(found[0]) == 1:
            raise WrongValue(f"format: a lone '{found[0]}'", hint="write it twice to keep it")
        key, spec = found[1], found[2] or ""
        if not re.fullmatch(FORMAT, spec):
            raise WrongValue(f"no format: '{spec[:40]}'", hint="a format is like .3f, >8, 10.4e")
        if key and not key[0].isdigit():
            if key not in named:
                raise WrongKey(f"format: nothing is called '{key}'")
            return text.formatted(named[key], spec)
        at = int(key) if key else used
        used += not key
        if at >= len(arguments):
            raise WrongIndex(f"format: there is no argument {at}")
        return text.formatted(arguments[at], spec)

    return text.substituted(FIELD, field, string)


STRING = Type(
    methods={
        **{name: plain(name) for name in METHODS},
        "center": padded("center", str.center),
        "ljust": padded("ljust", str.ljust),
        "rjust": padded("rjust", str.rjust),
        "zfill": padded("zfill", lambda string, width, _: string.zfill(width)),
        "format": fill_in,
        "join": join,
        "replace": replace,
    }
)
