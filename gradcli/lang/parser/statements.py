"""Simple statements: a row of `STATEMENTS` for each that begins with a word, and those with `=`."""

from __future__ import annotations

from collections.abc import Callable

from gradcli.lang.characters import visible
from gradcli.lang.lexer import Token
from gradcli.lang.parser import brackets, imports, refusals, targets
from gradcli.lang.parser.expressions import Parser
from gradcli.lang.precedence import AUGMENTED, LOOSEST
from gradcli.lang.syntax import (
    Assert,
    Assign,
    AugmentedAssign,
    Call,
    Define,
    Delete,
    Expression,
    ExpressionStatement,
    Index,
    List,
    Name,
    Parameter,
    Raise,
    Return,
    Simple,
    Tuple,
    Word,
)
from gradcli.lang.trampoline import Steps

ENDS = ("newline", ";", "end", "=", *AUGMENTED)


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


def simple(parser: Parser) -> Steps[Simple]:
    """A statement that holds no others."""
    token = parser.tokens[parser.at]
    found: Simple
    if begin := STATEMENTS.get(token.kind):
        found = yield begin(parser, token)
        return found
    if token.kind in COMPOUND:
        parser.fail(f"'{token.kind}' begins a line of its own", "begin a new line", token)
    first = yield sequence(parser)
    kind = parser.tokens[parser.at].kind
    if kind == "=":
        rest = definition if type(first) is Call else assignment
        found = yield rest(parser, first, token.start)
        return found
    if kind in AUGMENTED:
        if type(first) in (Tuple, List):
            parser.fail_at(f"'{kind}' changes one variable at a time", None, first.span)
        targets.check(parser, first)
        parser.at += 1
        value = yield sequence(parser)
        return AugmentedAssign(first, AUGMENTED[kind], value, parser.span(token.start))
    return ExpressionStatement(first, parser.span(token.start))


def sequence(parser: Parser, *closers: str) -> Steps[Expression]:
    """An expression, or a tuple without parentheses."""
    start = parser.tokens[parser.at].start
    first: Expression
    if parser.tokens[parser.at].kind == "*":
        first = yield brackets.starred(parser)
    else:
        first = parser.operand(LOOSEST) or (yield parser.expression())
    if parser.tokens[parser.at].kind == ",":
        parser.at += 1
        rest = yield brackets.items(parser, *ENDS, *closers)
        return Tuple([first, *rest], parser.span(start))
    brackets.refuse_lone_star(parser, first)
    return first


# ---- statements with `=` ------------------------------------------------------------------------


def assignment(parser: Parser, first: Expression, start: int) -> Steps[Simple]:
    found: list[Expression] = []
    value = first
    while parser.tokens[parser.at].kind == "=":
        targets.check(parser, value)
        found.append(value)
        parser.at += 1
        value = yield sequence(parser)
    return Assign(found, value, parser.span(start))


def definition(parser: Parser, head: Expression, start: int) -> Steps[Simple]:
    """`f(x, n=2) = …`, whose head was read as a call."""
    function = head.function if type(head) is Call else head
    if type(head) is not Call or type(function) is not Name:
        targets.refuse(parser, head)
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


# ---- statements that begin with a word ----------------------------------------------------------


def refuse_word(parser: Parser, token: Token) -> Steps[Simple]:
    said, hint = refusals.WORDS[token.kind]
    parser.fail(f"'{token.kind}' {said}", hint, token)
    yield  # a statement is steps, even this one


def word(parser: Parser, token: Token) -> Steps[Simple]:
    """`pass`, `break`, `continue`."""
    if token.kind != "pass" and (not parser.inside or parser.inside[-1] != "loop"):
        parser.fail(f"'{token.kind}' stands outside of a loop", None, token)
    parser.at += 1
    return Word(token.kind, token.span)
    yield


def give_back(parser: Parser, token: Token) -> Steps[Simple]:
    if "def" not in parser.inside:
        hint = "an expression is the result of a script"
        parser.fail("'return' stands outside of a function", hint, token)
    parser.at += 1
    value = None if ends(parser) else (yield sequence(parser))
    return Return(value, parser.span(token.start))


def raising(parser: Parser, token: Token) -> Steps[Simple]:
    parser.at += 1
    value = None if ends(parser) else (yield parser.expression())
    if parser.tokens[parser.at].kind == "from":
        parser.fail("'raise … from' does not exist here", "leave 'from …' out", parser.take())
    return Raise(value, parser.span(token.start))


def asserting(parser: Parser, token: Token) -> Steps[Simple]:
    parser.at += 1
    test = yield parser.expression()
    if type(test) is Tuple:
        hint = 'without parentheses: assert x > 0, "message"'
        parser.fail_at("a tuple always holds", hint, test.span)
    message = None
    if parser.tokens[parser.at].kind == ",":
        parser.at += 1
        message = yield parser.expression()
    return Assert(test, message, parser.span(token.start))


def deleting(parser: Parser, token: Token) -> Steps[Simple]:
    parser.at += 1
    found: list[Expression] = yield brackets.items(parser, *ENDS)
    if not found:
        parser.refuse_value()
    for each in found:
        if type(each) not in (Name, Index):
            hint = "as in del x, d['key']; x.grad = None clears a gradient"
            parser.fail_at("only names and items can be deleted", hint, each.span)
    return Delete(found, parser.span(token.start))


def ends(parser: Parser) -> bool:
    return parser.tokens[parser.at].kind in ("newline", ";", "end")


STATEMENTS: dict[str, Callable[[Parser, Token], Steps[Simple]]] = {
    **dict.fromkeys(refusals.WORDS, refuse_word),
    **dict.fromkeys(("pass", "break", "continue"), word),
    "return": give_back,
    "raise": raising,
    "assert": asserting,
    "del": deleting,
    "import": imports.whole,
    "from": imports.part,
}
# Statements that hold others, in `suites`.
COMPOUND = ("if", "for", "while", "with", "try", "def", "@")
