"""Statements: a row of `STATEMENTS` for each that begins with a word, and those with `=`."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

from gradcli.lang import brackets, refusals
from gradcli.lang.characters import visible
from gradcli.lang.expressions import Parser
from gradcli.lang.lexer import Token
from gradcli.lang.precedence import AUGMENTED, LOOSEST
from gradcli.lang.source import Span
from gradcli.lang.syntax import (
    Assign,
    Attribute,
    AugmentedAssign,
    Block,
    Call,
    Compare,
    Constant,
    Define,
    Expression,
    ExpressionStatement,
    Index,
    List,
    Name,
    Number,
    Parameter,
    Prime,
    Statement,
    String,
    Tuple,
)
from gradcli.lang.trampoline import Steps

SEPARATORS = ("newline", ";")
ENDS = ("newline", ";", "end", "=", *AUGMENTED)


def block(parser: Parser) -> Steps[Block]:
    """All statements of the text."""
    found: list[Statement] = []
    indentation: str | None = None
    tokens = parser.tokens
    while True:
        while tokens[parser.at].kind in SEPARATORS:
            parser.at += 1
        token = tokens[parser.at]
        if token.kind == "end":
            return Block(found, Span(0, len(parser.text)))
        if not found or tokens[parser.at - 1].kind == "newline":
            blanks = parser.text[parser.text.rfind("\n", 0, token.start) + 1 : token.start]
            if indentation not in (None, blanks):
                hint = "all lines of a script begin in the same column"
                parser.fail("unexpected indentation", hint, token)
            indentation = blanks
        found.append((yield statement(parser)))
        if tokens[parser.at].kind not in (*SEPARATORS, "end"):
            parser.refuse_operator()


def lone_expression(parser: Parser) -> Steps[Expression]:
    """The one expression that the text is, lines before and after it left empty."""
    while parser.tokens[parser.at].kind == "newline":
        parser.at += 1
    found: Expression = yield sequence(parser)
    while parser.tokens[parser.at].kind == "newline":
        parser.at += 1
    if parser.tokens[parser.at].kind != "end":
        parser.refuse_operator()
    return found


def statement(parser: Parser) -> Steps[Statement]:
    token = parser.tokens[parser.at]
    found: Statement
    if begin := STATEMENTS.get(token.kind):
        found = yield begin(parser, token)
        return found
    first = parser.operand(LOOSEST) or (yield parser.expression())
    kind = parser.tokens[parser.at].kind
    if kind == ",":
        first = yield rest_of_sequence(parser, first, token.start)
        kind = parser.tokens[parser.at].kind
    if kind == "=":
        rest = definition if type(first) is Call else assignment
        found = yield rest(parser, first, token.start)
        return found
    if kind in AUGMENTED:
        if type(first) in (Tuple, List):
            parser.fail_at(f"'{kind}' changes one variable at a time", None, first.span)
        check_target(parser, first)
        parser.at += 1
        value = yield sequence(parser)
        return AugmentedAssign(first, AUGMENTED[kind], value, parser.span(token.start))
    return ExpressionStatement(first, parser.span(token.start))


def sequence(parser: Parser) -> Steps[Expression]:
    """An expression, or a tuple without parentheses."""
    start = parser.tokens[parser.at].start
    first: Expression = parser.operand(LOOSEST) or (yield parser.expression())
    if parser.tokens[parser.at].kind == ",":
        first = yield rest_of_sequence(parser, first, start)
    return first


def rest_of_sequence(parser: Parser, first: Expression, start: int) -> Steps[Expression]:
    parser.at += 1
    rest = yield brackets.items(parser, *ENDS)
    return Tuple([first, *rest], parser.span(start))


# ---- statements with `=` ------------------------------------------------------------------------


def assignment(parser: Parser, first: Expression, start: int) -> Steps[Statement]:
    targets: list[Expression] = []
    value = first
    while parser.tokens[parser.at].kind == "=":
        check_target(parser, value)
        targets.append(value)
        parser.at += 1
        value = yield sequence(parser)
    return Assign(targets, value, parser.span(start))


def definition(parser: Parser, head: Expression, start: int) -> Steps[Statement]:
    """`f(x, n=2) = …`, whose head was read as a call."""
    function = head.function if type(head) is Call else head
    if type(head) is not Call or type(function) is not Name:
        refuse_target(parser, head)
    parameters: list[Parameter] = []
    for argument in head.arguments:
        if type(argument) is not Name:
            name = visible(function.name)
            hint = f"write {name}(x) = … to define a function, == to compare"
            parser.fail_at("a parameter must be a name", hint, argument.span)
        parameters.append(Parameter(argument.name, None, argument.span))
    parameters += [Parameter(each.name, each.value, each.span) for each in head.keywords]
    parser.check_parameters(parameters)
    parser.at += 1
    body = yield sequence(parser)
    if parser.tokens[parser.at].kind == "=":
        hint = "a function in one line has one '='; write == to compare"
        parser.fail("unexpected '='", hint, parser.tokens[parser.at])
    return Define(function.name, parameters, body, function.span, parser.span(start))


def check_target(parser: Parser, target: Expression) -> None:
    pending = [target]
    while pending:
        each = pending.pop()
        if isinstance(each, Tuple | List) and each.items:
            pending += reversed(each.items)
        elif type(each) not in (Name, Index, Attribute):
            refuse_target(parser, each)


def refuse_target(parser: Parser, target: Expression) -> NoReturn:
    said, hint = UNASSIGNABLE.get(type(target), ("an expression", "write == to compare"))
    parser.fail_at(f"{said} cannot be assigned to", hint, target.span)


UNASSIGNABLE: dict[type, tuple[str, str | None]] = {
    Number: ("a number", "write == to compare"),
    String: ("a string", "write == to compare"),
    Constant: ("a constant of the language", "choose another name"),
    Call: ("a call", "only a name can be defined: f(x) = …; write == to compare"),
    Prime: ("a derivative", "define the function itself: f(x) = …"),
    Compare: ("a comparison", None),
    Tuple: ("an empty tuple", None),
    List: ("an empty list", None),
}


# ---- statements that begin with a word ----------------------------------------------------------


def refuse_word(parser: Parser, token: Token) -> Steps[Statement]:
    said, hint = refusals.WORDS[token.kind]
    parser.fail(f"'{token.kind}' {said}", hint, token)
    yield  # a statement is steps, even this one


STATEMENTS: dict[str, Callable[[Parser, Token], Steps[Statement]]] = dict.fromkeys(
    refusals.WORDS, refuse_word
)
