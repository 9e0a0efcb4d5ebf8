"""What stands in brackets: tuples, lists, matrices, dicts, calls, indexes, fields of f-strings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.errors import LimitExceeded
from gradcli.lang.characters import visible
from gradcli.lang.parser import targets
from gradcli.lang.precedence import CHOICE, COMPARISON, LOOSEST
from gradcli.lang.source import Span
from gradcli.lang.syntax import (
    Call,
    Clause,
    Comprehension,
    Dict,
    Dots,
    Expression,
    Field,
    FString,
    Index,
    Keyword,
    List,
    Name,
    Slice,
    Starred,
    Tuple,
)
from gradcli.lang.trampoline import Steps

if TYPE_CHECKING:
    from gradcli.lang.lexer import Token
    from gradcli.lang.parser.expressions import Parser


def items(parser: Parser, *closers: str) -> Steps[list[Expression]]:
    """Expressions between commas up to a closer, which is left; the last may have a comma."""
    tokens = parser.tokens
    found: list[Expression] = []
    while tokens[parser.at].kind not in closers:
        if tokens[parser.at].kind == "*":
            found.append((yield starred(parser)))
        else:
            found.append(parser.operand(LOOSEST) or (yield parser.expression()))
        check_count(parser, len(found))
        if tokens[parser.at].kind != ",":
            break
        parser.at += 1
    return found


def starred(parser: Parser) -> Steps[Starred]:
    """`*values`, or `**options`, whose operator comes as a power."""
    token = parser.take()
    value = yield parser.expression(COMPARISON)
    stars = parser.text[token.start : token.end]
    return Starred(stars, value, parser.span(token.start))


def check_count(parser: Parser, count: int) -> None:
    most = parser.limits.list
    if count > most:
        error = LimitExceeded(f"more than {most} items", limit="list")
        raise parser.source.blame(error, parser.tokens[parser.at - 1].span)


# ---- values -------------------------------------------------------------------------------------


def parentheses(parser: Parser, token: Token, power: int) -> Steps[Expression]:
    parser.enter(token)
    found: list[Expression] = yield items(parser, ")")
    comma = parser.tokens[parser.at - 1].kind == ","
    made: Expression | None = None
    if parser.tokens[parser.at].kind == "for" and len(found) == 1 and not comma:
        made = yield comprehension(parser, token, found[0])
    parser.expect(")")
    parser.depth -= 1
    if made:
        return made
    if len(found) == 1 and not comma:
        refuse_lone_star(parser, found[0])
        return found[0]
    return Tuple(found, parser.span(token.start))


def list_or_matrix(parser: Parser, token: Token, power: int) -> Steps[Expression]:
    parser.enter(token)
    found = yield items(parser, "]", ";")
    made = None
    if parser.tokens[parser.at].kind == ";":
        found = yield rows(parser, found)
    elif parser.tokens[parser.at].kind == "for" and len(found) == 1:
        made = yield comprehension(parser, token, found[0])
    parser.expect("]")
    parser.depth -= 1
    return made or List(found, parser.span(token.start))


def rows(parser: Parser, row: list[Expression]) -> Steps[list[Expression]]:
    """The rows of `[1, 2; 3, 4]`, the first of which is read; the last may have a semicolon."""
    found: list[Expression] = []
    count = len(row)
    while row:
        found.append(List(row, Span(row[0].span.start, row[-1].span.end)))
        if parser.tokens[parser.at].kind != ";":
            return found
        parser.at += 1
        row = yield items(parser, "]", ";")
        count += len(row)
        check_count(parser, count)
    if parser.tokens[parser.at].kind == ";" or not found:
        parser.fail("an empty row", "rows are written [1, 2; 3, 4]", parser.tokens[parser.at])
    return found


def dictionary(parser: Parser, token: Token, power: int) -> Steps[Expression]:
    parser.enter(token)
    keys: list[Expression | None] = []
    values: list[Expression] = []
    while parser.tokens[parser.at].kind != "}":
        if parser.tokens[parser.at].value == "**":
            keys.append(None)
            values.append((yield starred(parser)).value)
        else:
            keys.append((yield key(parser, first=not values)))
            values.append((yield parser.expression()))
        if parser.tokens[parser.at].kind == "for" and len(keys) == 1 and keys[0] is not None:
            made: Expression = yield comprehension(parser, token, values[0], keys[0])
            parser.expect("}")
            parser.depth -= 1
            return made
        check_count(parser, len(keys))
        if parser.tokens[parser.at].kind != ",":
            break
        parser.at += 1
    parser.expect("}")
    parser.depth -= 1
    return Dict(keys, values, parser.span(token.start))


def key(parser: Parser, *, first: bool) -> Steps[Expression]:
    """A key of a dict, and the colon behind it."""
    found: Expression = yield parser.expression()
    if first and parser.tokens[parser.at].kind in (",", "}"):
        parser.fail("sets do not exist here", "write a list: [a, b]", parser.tokens[parser.at])
    parser.expect(":", "a dict is written {'a': 1, 'b': 2}")
    return found


def comprehension(
    parser: Parser, opener: Token, item: Expression, key: Expression | None = None
) -> Steps[Comprehension]:
    """`for x in xs if x > 0 …` after the item, up to the closing bracket."""
    clauses: list[Clause] = []
    refuse_lone_star(parser, item)
    while parser.tokens[parser.at].kind == "for":
        start = parser.take().start
        where = yield target(parser)
        parser.expect("in", "as in [x^2 for x in xs]")
        iterable = yield parser.expression(CHOICE)
        tests: list[Expression] = []
        while parser.tokens[parser.at].kind == "if":
            parser.at += 1
            tests.append((yield parser.expression(CHOICE)))
        clauses.append(Clause(where, iterable, tests, parser.span(start)))
    # The closing bracket, which follows, belongs to it too.
    span = Span(opener.start, parser.tokens[parser.at].end)
    return Comprehension(opener.kind, key, item, clauses, span)


def target(parser: Parser) -> Steps[Expression]:
    """What `for` assigns to, up to `in`: a name, or several between commas."""
    start = parser.tokens[parser.at].start
    found: list[Expression] = []
    comma = False
    while parser.tokens[parser.at].kind != "in":
        if parser.tokens[parser.at].kind == "*":
            found.append((yield starred(parser)))
        else:
            found.append((yield parser.expression(COMPARISON)))
        comma = parser.tokens[parser.at].kind == ","
        if not comma:
            break
        parser.at += 1
    if not found:
        parser.refuse_value()
    one = found[0] if len(found) == 1 and not comma else Tuple(found, parser.span(start))
    targets.check(parser, one)
    return one


def refuse_lone_star(parser: Parser, value: Expression) -> None:
    if type(value) is Starred:
        parser.fail_at("a starred value stands among others", "as in [*a, b] or f(*a)", value.span)


def fstring(parser: Parser, token: Token, power: int) -> Steps[Expression]:
    parser.at += 1
    parts: list[str | Field] = []
    while True:
        part = parser.tokens[parser.at]
        if part.kind == "ftext":
            parser.at += 1
            parts.append(part.value)
        elif part.kind == "f{":
            parts.append((yield field(parser, part)))
        elif part.kind == "f-end":
            parser.at += 1
            return FString(parts, parser.span(token.start))
        else:
            parser.refuse_value()


def field(parser: Parser, token: Token) -> Steps[Field]:
    parser.enter(token)
    value = yield parser.expression()
    spec = ""
    if parser.tokens[parser.at].kind == "fspec":
        spec = parser.take().value
    if parser.tokens[parser.at].kind == "=":
        parser.fail("'{x=}' does not exist here", "write x = {x}", parser.tokens[parser.at])
    parser.expect("f}")
    parser.depth -= 1
    return Field(value, spec, parser.span(token.start))


# ---- behind a value -----------------------------------------------------------------------------


def call(parser: Parser, function: Expression, start: int) -> Steps[Expression]:
    opener = parser.tokens[parser.at]
    parser.enter(opener)
    arguments: list[Expression] = []
    keywords: dict[str, Keyword] = {}
    while parser.tokens[parser.at].kind != ")":
        token = parser.tokens[parser.at]
        value: Expression
        if token.kind in ("*", "^"):
            value = yield starred(parser)
        else:
            value = parser.operand(LOOSEST) or (yield parser.expression())
        if parser.tokens[parser.at].kind == "for" and not arguments and not keywords:
            value = yield comprehension(parser, opener, value)
            if parser.tokens[parser.at].kind == ",":
                parser.fail_at("a comprehension beside others needs brackets", None, value.span)
        if parser.tokens[parser.at].kind == "=":
            name = argument_name(parser, token, value)
            if name in keywords:
                parser.fail(f"the argument '{visible(name)}' is given twice", None, token)
            parser.at += 1
            value = parser.operand(LOOSEST) or (yield parser.expression())
            keywords[name] = Keyword(name, value, parser.span(token.start))
        elif keywords and type(value) is not Starred:
            hint = "arguments with names come last"
            parser.fail("an argument without a name after one with a name", hint, token)
        else:
            arguments.append(value)
        check_count(parser, len(arguments) + len(keywords))
        if parser.tokens[parser.at].kind != ",":
            break
        parser.at += 1
    parser.expect(")")
    parser.depth -= 1
    return Call(function, arguments, list(keywords.values()), parser.span(start))


def argument_name(parser: Parser, token: Token, value: Expression) -> str:
    """The name before `=`; anything else there was meant to be compared."""
    if type(value) is Name and parser.tokens[parser.at - 1] is token:
        return value.name
    return parser.refuse_operator()


def index(parser: Parser, value: Expression, start: int) -> Steps[Expression]:
    parser.enter(parser.tokens[parser.at])
    first = parser.tokens[parser.at].start
    found: list[Expression] = []
    comma = False
    while parser.tokens[parser.at].kind != "]":
        item = parser.operand(LOOSEST)
        if item is None or parser.tokens[parser.at].kind == ":":
            item = yield subscript(parser, item)
        found.append(item)
        check_count(parser, len(found))
        comma = parser.tokens[parser.at].kind == ","
        if not comma:
            break
        parser.at += 1
    if not found:
        parser.fail("an index is missing", "as in x[0] or x[:, 1]", parser.tokens[parser.at])
    inside = found[0] if len(found) == 1 and not comma else Tuple(found, parser.span(first))
    parser.expect("]")
    parser.depth -= 1
    return Index(value, inside, parser.span(start))


def subscript(parser: Parser, first: Expression | None) -> Steps[Expression]:
    """One item of an index: an expression, a slice or `...`; `first` if that is read already."""
    tokens = parser.tokens
    start = first.span.start if first else tokens[parser.at].start
    if tokens[parser.at].kind == "...":
        parser.at += 1
        return Dots(parser.span(start))
    parts = [first]
    if first is None and tokens[parser.at].kind != ":":
        parts = [(yield parser.expression())]
    while tokens[parser.at].kind == ":" and len(parts) < 3:
        parser.at += 1
        empty = tokens[parser.at].kind in (":", ",", "]")
        parts.append(None if empty else (yield parser.expression()))
    if len(parts) == 1 and parts[0]:
        return parts[0]
    begin, end, step = [*parts, None][:3]
    return Slice(begin, end, step, parser.span(start))
