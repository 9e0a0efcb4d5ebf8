"""The parameters of `def` and `lambda`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.lang.characters import visible
from gradcli.lang.syntax import Parameter
from gradcli.lang.trampoline import Steps

if TYPE_CHECKING:
    from gradcli.lang.parser.expressions import Parser


def parameters(parser: Parser, *, annotated: bool) -> Steps[list[Parameter]]:
    """`x, n=2, *rest, **options`; where they may be annotated, what is said there is left out."""
    found: list[Parameter] = []
    while parser.tokens[parser.at].kind in ("name", "*", "^"):
        if found and found[-1].stars == "**":
            parser.fail("'**' is the last parameter", None, parser.tokens[parser.at])
        found.append((yield parameter(parser, found, annotated=annotated)))
        if parser.tokens[parser.at].kind != ",":
            break
        parser.at += 1
    if found and found[-1].stars and not found[-1].name:
        parser.fail_at("names are missing after '*'", "as in f(x, *, n=2)", found[-1].span)
    parser.check_parameters(found)
    return found


def parameter(parser: Parser, before: list[Parameter], *, annotated: bool) -> Steps[Parameter]:
    token = parser.take()
    name, stars, default = token, "", None
    starred = any(each.stars for each in before)
    if token.kind != "name":
        stars = parser.text[token.start : token.end]
        if stars == "*" and starred:
            parser.fail("one parameter has a star, not several", None, token)
        name = parser.tokens[parser.at]
        if stars == "*" and name.kind == ",":
            return Parameter("", None, token.span, stars)
        if name.kind != "name" or stars == "^":
            parser.refuse_value()
        parser.at += 1
    if annotated and parser.tokens[parser.at].kind == ":":
        parser.at += 1
        yield parser.expression()
    if parser.tokens[parser.at].kind == "=" and not stars:
        parser.at += 1
        default = yield parser.expression()
    elif before and before[-1].default and not stars and not starred:
        parser.fail(f"the parameter '{visible(name.value)}' needs a default too", None, name)
    return Parameter(name.value, default, parser.span(token.start), stars)
