"""Text to trees. Errors are `ParseError` and `LimitExceeded`, located, and nothing else."""

from __future__ import annotations

from gradcli.lang import statements
from gradcli.lang.expressions import Parser
from gradcli.lang.lexer import EXPRESSION_LIMITS, SCRIPT_LIMITS, TextLimits
from gradcli.lang.source import Source
from gradcli.lang.syntax import Block, Expression
from gradcli.lang.trampoline import run


def parse(source: Source, *, limits: TextLimits = SCRIPT_LIMITS) -> Block:
    """The statements of a script, or of a line at the prompt."""
    return run(statements.block(Parser(source, limits)))


def parse_expression(source: Source, *, limits: TextLimits = EXPRESSION_LIMITS) -> Expression:
    """The one expression that the text is: a value on the command line, a claim."""
    parser = Parser(source, limits)
    while parser.tokens[parser.at].kind == "newline":
        parser.at += 1
    found = run(statements.sequence(parser))
    while parser.tokens[parser.at].kind == "newline":
        parser.at += 1
    if parser.tokens[parser.at].kind != "end":
        parser.refuse_operator()
    return found
