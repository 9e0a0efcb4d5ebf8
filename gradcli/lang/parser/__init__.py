"""Text to trees. Errors are `ParseError` and `LimitExceeded`, located, and nothing else."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from gradcli.lang.lexer import EXPRESSION_LIMITS, SCRIPT_LIMITS, TextLimits
from gradcli.lang.parser import statements, suites
from gradcli.lang.parser.expressions import Parser
from gradcli.lang.source import Source
from gradcli.lang.syntax import Block, Expression
from gradcli.lang.trampoline import run


def parse(source: Source, *, limits: TextLimits = SCRIPT_LIMITS) -> Block:
    """The statements of a script, or of a line at the prompt."""
    with collector_paused():
        return run(suites.block(Parser(source, limits)))


def parse_expression(source: Source, *, limits: TextLimits = EXPRESSION_LIMITS) -> Expression:
    """The one expression that the text is: a value on the command line, a claim."""
    with collector_paused():
        return run(statements.lone_expression(Parser(source, limits)))


@contextmanager
def collector_paused() -> Iterator[None]:
    """A tree has no cycles, and going through its nodes again and again would double the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
