"""The statements of a session as a script that does the same."""

from __future__ import annotations

import re

from gradcli.lang.lexer import Token, tokens
from gradcli.lang.manual import split
from gradcli.lang.source import Source
from gradcli.repl.calls import CLOSERS, OPENERS
from gradcli.repl.settings import Settings

# The parameters of x.backward(…); autograd.backward(x, …) has one before them.
PARAMETERS = ("gradient", "retain_graph", "create_graph")
KEYWORD = re.compile(r"(\w+)\s*=(?!=)")


def told(text: str, settings: Settings) -> str:
    """A statement whose calls of backward() say what the settings said for them."""
    options = [name for name in ("retain_graph", "create_graph") if settings.is_on(name)]
    if not options or "backward" not in text:
        return text
    read = tokens(Source(text), tolerant=True)
    for at in range(len(read) - 2, 0, -1):
        if read[at].value == "backward" and read[at + 1].kind == "(":
            function = read[at - 2].value == "autograd"
            text = call_told(text, read, at + 1, ["outputs"] * function, options)
    return text


def call_told(
    text: str, read: list[Token], opener: int, before: list[str], options: list[str]
) -> str:
    """With the options that the call whose parenthesis this is leaves out."""
    depth, at = 1, opener
    while depth and at < len(read) - 1:
        at += 1
        depth += (read[at].kind in OPENERS) - (read[at].kind in CLOSERS)
    start, end = read[opener].end, read[at].start
    arguments = [part for part in split(text[start:end]) if part]
    named = [match[1] for part in arguments if (match := KEYWORD.match(part))]
    given = {*named, *[*before, *PARAMETERS][: len(arguments) - len(named)]}
    added = [f"{name}=True" for name in options if name not in given]
    return text[:start] + ", ".join([*arguments, *added]) + text[end:]


def script(statements: list[str], settings: Settings) -> str:
    """A script that runs with `gradcli run`, and as a command of its own."""
    options = "" if settings["dtype"] == "float64" else f" --dtype {settings['dtype']}"
    return "\n".join([f"#!/usr/bin/env -S gradcli run{options}", *statements, ""])
