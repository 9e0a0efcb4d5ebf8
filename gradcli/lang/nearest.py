"""The known name that an unknown one was probably meant to be."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from gradcli.errors import Hint

NO_CODE = "no text is run as code here"
NO_FILE = "nothing is read from outside here; a command takes NAME=@FILE"
BY_DOT = "attributes are written x.name"
# Names that people bring along from elsewhere, and what does here what they do there.
INSTEAD = {
    **dict.fromkeys(("eval", "exec", "compile", "execfile", "__import__"), NO_CODE),
    **dict.fromkeys(("open", "input", "file"), NO_FILE),
    **dict.fromkeys(("getattr", "setattr", "hasattr", "delattr", "vars", "dir"), BY_DOT),
    **dict.fromkeys(("bytes", "bytearray"), "write a list: [a, b]"),
    **dict.fromkeys(
        ("set", "frozenset"), "write a list: [a, b]; {c: 0 for c in text} holds each string once"
    ),
    **dict.fromkeys(("iter", "next"), "write a loop: for x in xs"),
    **dict.fromkeys(("exit", "quit"), "a script ends with its last line; raise ends it before"),
    "type": "x.dtype tells the type of numbers, isinstance(x, int) tests one",
    "acot": "write atan(1/x)",
    "arccot": "write atan(1/x)",
    "acsc": "write asin(1/x)",
    "arccsc": "write asin(1/x)",
    "asec": "write acos(1/x)",
    "arcsec": "write acos(1/x)",
    "ctg": "write cot(x)",
    "factorial": "write gamma(n + 1)",
    "fact": "write gamma(n + 1)",
    "lg": "write log10(x), or log2(x)",
    "log_2": "write log2(x)",
    "tg": "write tan(x)",
}


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The closest of `known`, None if nothing is close."""
    found = close_matches(name, known, 1, 0.7)
    return found[0] if found else None


def several(name: str, known: Iterable[str]) -> str | None:
    """The few that are closest, for a name that is right but cannot be had."""
    found = close_matches(name, known, 3, 0.5)
    return f"the nearest here: {', '.join(found)}" if found else None


def close_matches(name: str, known: Iterable[str], count: int, cutoff: float) -> list[str]:
    from difflib import get_close_matches  # noqa: PLC0415  # only hints that are read need it

    return get_close_matches(name, list(known), count, cutoff)


def missing(path: str, name: str, known: Iterable[str]) -> tuple[str | None, Hint]:
    """What to say of a name that a framework's module or tensor has not, and the remedy.

    The former is None if the framework itself has no such name either.
    """
    from gradcli.lang.frameworks import lacking  # noqa: PLC0415  # only errors need the lists

    remedy = lacking.instead(f"{path}.{name}")
    if lacking.has(path, name):
        hint = remedy or partial(several, name, list(known))
        return f"{path} has '{name}', but gradcli does not", hint
    return None, partial(did_you_mean, name, list(known), remedy)


def did_you_mean(name: str, known: Iterable[str], otherwise: str | None = None) -> str | None:
    """The remedy for an unknown name: what stands for it here, or the nearest known one."""
    return INSTEAD[name] if name in INSTEAD else closest(name, known) or otherwise


def closest(name: str, known: Iterable[str]) -> str | None:
    """The nearest known name as a hint."""
    near = nearest(name, known)
    return f"did you mean {near} ?" if near else None
