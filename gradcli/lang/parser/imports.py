"""`import a.b as c` and `from a.b import c as d, e`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.lang.syntax import Alias, Import
from gradcli.lang.trampoline import Steps

if TYPE_CHECKING:
    from gradcli.lang.lexer import Token
    from gradcli.lang.parser.expressions import Parser


def whole(parser: Parser, token: Token) -> Steps[Import]:
    parser.at += 1
    names = [alias(parser, dotted=True)]
    while parser.tokens[parser.at].kind == ",":
        parser.at += 1
        names.append(alias(parser, dotted=True))
    return Import(None, names, parser.span(token.start))
    yield  # a statement is steps, even without any


def part(parser: Parser, token: Token) -> Steps[Import]:
    parser.at += 1
    if parser.tokens[parser.at].kind in (".", "..."):
        hint = "scripts import the modules that are built in, such as math"
        parser.fail("there are no packages here", hint, parser.tokens[parser.at])
    module = dotted_name(parser)
    parser.expect("import", "as in from math import sin, pi")
    opened = parser.tokens[parser.at]
    if opened.kind == "*":
        parser.fail("star-imports do not exist here", "name what is needed", opened)
    if opened.kind == "(":
        parser.enter(opened)
    names = [alias(parser, dotted=False)]
    while parser.tokens[parser.at].kind == ",":
        parser.at += 1
        if opened.kind == "(" and parser.tokens[parser.at].kind == ")":
            break
        names.append(alias(parser, dotted=False))
    if opened.kind == "(":
        parser.expect(")")
        parser.depth -= 1
    return Import(module, names, parser.span(token.start))
    yield


def alias(parser: Parser, *, dotted: bool) -> Alias:
    start = parser.tokens[parser.at].start
    name = dotted_name(parser) if dotted else plain_name(parser)
    other = ""
    if parser.tokens[parser.at].kind == "as":
        parser.at += 1
        other = plain_name(parser)
    return Alias(name, other, parser.span(start))


def dotted_name(parser: Parser) -> str:
    parts = [plain_name(parser)]
    while parser.tokens[parser.at].kind == ".":
        parser.at += 1
        parts.append(plain_name(parser))
    return ".".join(parts)


def plain_name(parser: Parser) -> str:
    token = parser.tokens[parser.at]
    if token.kind != "name":
        parser.fail("a name is missing here", None, token)
    parser.at += 1
    return token.value
