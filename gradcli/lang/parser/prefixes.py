"""Values that begin with an operator or a word: `-x`, `not x`, `lambda x: y`, `√x`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.lang.parser import brackets
from gradcli.lang.parser.parameters import parameters
from gradcli.lang.precedence import LOOSEST, NOT, POWER, SIGN, SUPERSCRIPTS
from gradcli.lang.syntax import Call, Expression, Lambda, Name, Unary
from gradcli.lang.trampoline import Steps

if TYPE_CHECKING:
    from gradcli.lang.lexer import Token
    from gradcli.lang.parser.expressions import Parser


def sign(parser: Parser, token: Token, power: int) -> Steps[Expression]:
    parser.enter(token)
    operand = parser.operand(SIGN) or (yield parser.expression(SIGN))
    parser.depth -= 1
    return Unary(token.kind, operand, parser.span(token.start))


def negation(parser: Parser, token: Token, power: int) -> Steps[Expression]:
    check_parentheses(parser, token, power > NOT)
    parser.enter(token)
    operand = yield parser.expression(NOT)
    parser.depth -= 1
    return Unary("not", operand, parser.span(token.start))


def function(parser: Parser, token: Token, power: int) -> Steps[Expression]:
    check_parentheses(parser, token, power > LOOSEST)
    parser.enter(token)
    found = yield parameters(parser, annotated=False)
    parser.expect(":", "a function is written lambda x, y: x*y")
    body = yield parser.expression()
    parser.depth -= 1
    return Lambda(found, body, parser.span(token.start))


def root(parser: Parser, token: Token, power: int) -> Steps[Expression]:
    """`√x` and `√(x + 1)`; `√x^2` could mean two things."""
    parser.enter(token)
    inner = parser.tokens[parser.at]
    if inner.kind not in ("name", "number", "(", "√"):
        parser.fail("√ needs a name, a number or parentheses after it", "as in √(x + 1)", inner)
    if inner.kind == "(":
        operand = yield brackets.parentheses(parser, inner, power)
    else:
        operand = parser.operand(POWER) or (yield parser.expression(POWER))
        last = parser.tokens[parser.at - 1]
        mark = last if last.kind in SUPERSCRIPTS else parser.tokens[parser.at]
        if mark.kind == "^":
            yield parser.tower(operand, inner.start)
        if mark.kind in ("^", *SUPERSCRIPTS):
            base = parser.text[inner.start : mark.start]
            exponent = parser.text[mark.start : parser.tokens[parser.at - 1].end]
            parser.ambiguous(token.start, f"(√{base}){exponent}", f"√({base}{exponent})")
    parser.depth -= 1
    function = Name("sqrt", token.span)
    return Call(function, [operand], [], parser.span(token.start))


def check_parentheses(parser: Parser, token: Token, needed: bool) -> None:
    if needed:
        parser.fail(f"'{token.kind}' needs parentheses here", f"write ({token.kind} …)", token)
