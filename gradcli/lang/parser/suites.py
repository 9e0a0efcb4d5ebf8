"""Blocks of statements, what begins them, and how far their lines are indented."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NoReturn

from gradcli.lang.characters import visible
from gradcli.lang.lexer import Token
from gradcli.lang.parser import brackets, refusals, statements
from gradcli.lang.parser.expressions import Parser
from gradcli.lang.parser.parameters import parameters
from gradcli.lang.source import Span
from gradcli.lang.syntax import (
    Assign,
    Attribute,
    Block,
    Call,
    ClassDef,
    Def,
    Expression,
    ExpressionStatement,
    For,
    Handler,
    If,
    Name,
    Statement,
    String,
    Try,
    While,
    With,
    Word,
)
from gradcli.lang.trampoline import Steps


def block(parser: Parser) -> Steps[Block]:
    """All statements of the text."""
    found: list[Statement] = []
    skip(parser, "newline", ";")
    parser.indents = [blanks(parser)]
    while parser.tokens[parser.at].kind != "end":
        if blanks(parser) != parser.indents[0]:
            refuse_indentation(parser)
        found += yield line(parser)
        skip(parser, "newline")
    return Block(found, Span(0, len(parser.text)))


def line(parser: Parser) -> Steps[list[Statement]]:
    """A statement that holds others, or simple ones between semicolons up to the line's end."""
    token = parser.tokens[parser.at]
    if begin := COMPOUND.get(token.kind):
        return [(yield begin(parser, token))]
    found: list[Statement] = []
    while True:
        skip(parser, ";")
        if parser.tokens[parser.at].kind in ("newline", "end"):
            return found
        found.append((yield statements.simple(parser)))
        if parser.tokens[parser.at].kind not in (";", "newline", "end"):
            parser.refuse_operator()


def suite(parser: Parser, header: Token, place: str | None = None) -> Steps[Block]:
    """What follows the colon: the rest of the line, or lines that are indented further.

    place   what the block is the body of: a "loop", a "def" or a "class"
    """
    parser.expect(":", f"'{header.kind}' ends with a colon")
    outside = parser.inside
    if place:
        parser.inside = [*outside, place]
    parser.suites += 1
    parser.check_depth(header)
    found: list[Statement]
    if parser.tokens[parser.at].kind in ("newline", "end"):
        found = yield indented(parser)
    else:
        if parser.tokens[parser.at].kind in COMPOUND:
            yield statements.simple(parser)  # which refuses it
        found = yield line(parser)
        if not found:
            parser.refuse_value()
    parser.suites -= 1
    parser.inside = outside
    return Block(found, Span(found[0].span.start, found[-1].span.end))


def indented(parser: Parser) -> Steps[list[Statement]]:
    """The lines that begin as the next one does, which begins further right than those outside."""
    skip(parser, "newline")
    here = blanks(parser)
    token = parser.tokens[parser.at]
    if token.kind == "end" or not deeper(here, parser.indents[-1]):
        if token.kind != "end" and here not in parser.indents:
            refuse_indentation(parser)
        parser.fail("an indented block is missing here", "indent the lines of the block", token)
    parser.indents.append(here)
    found: list[Statement] = []
    while parser.tokens[parser.at].kind != "end" and blanks(parser) == here:
        found += yield line(parser)
        skip(parser, "newline")
    if not found:  # semicolons alone
        parser.fail("an indented block is missing here", "write pass to do nothing", token)
    if parser.tokens[parser.at].kind != "end" and blanks(parser) not in parser.indents:
        refuse_indentation(parser)
    parser.indents.pop()
    return found


# ---- indentation --------------------------------------------------------------------------------


def skip(parser: Parser, *kinds: str) -> None:
    while parser.tokens[parser.at].kind in kinds:
        parser.at += 1


def blanks(parser: Parser) -> str:
    """What the line of the next token begins with."""
    start = parser.text.rfind("\n", 0, parser.tokens[parser.at].start) + 1
    found = BLANKS.match(parser.text, start)
    assert found is not None
    return found[0]


BLANKS = re.compile(r"[ \t]*")


def deeper(inner: str, outer: str) -> bool:
    return len(inner) > len(outer) and inner.startswith(outer)


def refuse_indentation(parser: Parser) -> NoReturn:
    here, known = blanks(parser), parser.indents
    token = parser.tokens[parser.at]
    if not any(here.startswith(one) or one.startswith(here) for one in known[-1:]):
        hint = "indent with blanks only, or with tabs only"
        parser.fail("tabs and blanks are mixed in the indentation", hint, token)
    if deeper(here, known[-1]):
        hint = "all lines of a block begin in the same column"
        parser.fail("unexpected indentation", hint, token)
    hint = "no block before begins in this column"
    parser.fail("the indentation fits no block", hint, token)


def follows(parser: Parser, *words: str) -> bool:
    """Whether the next line begins with one of these words, in the column of the statement."""
    at = parser.at
    while parser.tokens[at].kind == "newline":
        at += 1
    if parser.tokens[at].kind not in words:
        return False
    before, parser.at = parser.at, at
    if before == at and parser.tokens[at - 1].kind != "newline":
        return False
    return blanks(parser) == parser.indents[-1]


def rest(parser: Parser, place: str | None = None) -> Steps[Block | None]:
    """The `else:` of a statement, if it has one."""
    if not follows(parser, "else"):
        return None
    found: Block = yield suite(parser, parser.take(), place)
    return found


def whole(parser: Parser, token: Token, *blocks: Block | None) -> Span:
    """From the first word of a statement to the end of the last of its blocks."""
    return Span(token.start, [each.span.end for each in blocks if each][-1])


# ---- what holds blocks --------------------------------------------------------------------------


def choice(parser: Parser, token: Token) -> Steps[If]:
    branches: list[tuple[Expression, Block]] = []
    header = token
    while True:
        parser.at += 1
        test = yield parser.expression()
        branches.append((test, (yield suite(parser, header))))
        if not follows(parser, "elif"):
            break
        header = parser.tokens[parser.at]
    orelse = yield rest(parser)
    return If(branches, orelse, whole(parser, token, branches[-1][1], orelse))


def while_loop(parser: Parser, token: Token) -> Steps[While]:
    parser.at += 1
    test = yield parser.expression()
    body = yield suite(parser, token, "loop")
    orelse = yield rest(parser)
    return While(test, body, orelse, whole(parser, token, body, orelse))


def for_loop(parser: Parser, token: Token) -> Steps[For]:
    parser.at += 1
    target = yield brackets.target(parser)
    parser.expect("in", "as in for i in range(10):")
    iterable = yield statements.sequence(parser, ":")
    body = yield suite(parser, token, "loop")
    orelse = yield rest(parser)
    return For(target, iterable, body, orelse, whole(parser, token, body, orelse))


def with_block(parser: Parser, token: Token) -> Steps[With]:
    contexts: list[tuple[Expression, Expression | None]] = []
    while True:
        parser.at += 1
        context = yield parser.expression()
        name = None
        if parser.tokens[parser.at].kind == "as":
            parser.at += 1
            name = variable(parser)
        contexts.append((context, name))
        if parser.tokens[parser.at].kind != ",":
            break
    body = yield suite(parser, token)
    return With(contexts, body, whole(parser, token, body))


def attempt(parser: Parser, token: Token) -> Steps[Try]:
    parser.at += 1
    body = yield suite(parser, token)
    handlers: list[Handler] = []
    while follows(parser, "except"):
        handlers.append((yield handler(parser)))
    orelse = (yield rest(parser)) if handlers else None
    final = None
    if follows(parser, "finally"):
        final = yield suite(parser, parser.take())
    if not handlers and not final:
        hint = "as in except RuntimeError as error:"
        parser.fail("'try' needs 'except' or 'finally'", hint, token)
    blocks = [body, *(each.body for each in handlers), orelse, final]
    return Try(body, handlers, orelse, final, whole(parser, token, *blocks))


def handler(parser: Parser) -> Steps[Handler]:
    word = parser.take()
    kinds, name = None, ""
    if parser.tokens[parser.at].kind != ":":
        kinds = yield parser.expression()
        if parser.tokens[parser.at].kind == "as":
            parser.at += 1
            name = variable(parser).name
    body = yield suite(parser, word)
    return Handler(kinds, name, body, whole(parser, word, body))


def variable(parser: Parser) -> Name:
    token = parser.tokens[parser.at]
    if token.kind != "name":
        parser.fail("a name is missing after 'as'", None, token)
    parser.at += 1
    return Name(token.value, token.span)


# ---- functions ----------------------------------------------------------------------------------


def definition(parser: Parser, token: Token) -> Steps[Def]:
    found: Def = yield function(parser, token, [], token.start)
    return found


def decorated(parser: Parser, token: Token) -> Steps[Def]:
    decorators: list[Expression] = []
    while parser.tokens[parser.at].kind == "@":
        parser.at += 1
        each = yield parser.expression()
        check_decorator(parser, each)
        decorators.append(each)
        if parser.tokens[parser.at].kind != "newline":
            parser.refuse_operator()
        skip(parser, "newline")
    following = parser.tokens[parser.at]
    if following.kind in refusals.WORDS:
        yield statements.refuse_word(parser, following)
    if following.kind != "def":
        parser.fail("a decorator stands before a function", "as in @no_grad()", following)
    found: Def = yield function(parser, following, decorators, token.start)
    return found


# What to write without a decorator.
WITHOUT = {
    **dict.fromkeys(
        ("compile", "jit", "njit", "once_differentiable", "script", "wraps"), "leave it out"
    ),
    "classmethod": "write @staticmethod, and the name of the class",
    "no_grad": "write @no_grad()",
    "property": "write a method: def name(self): …",
    **dict.fromkeys(("enable_grad", "inference_mode"), "write a block: with inference_mode(): …"),
}


def check_decorator(parser: Parser, value: Expression) -> None:
    """`@staticmethod`, and `@no_grad()` under any module."""
    if type(value) is Name and value.name == "staticmethod":
        return
    if type(value) is Call and not value.arguments and not value.keywords:
        function = value.function
        if isinstance(function, Name | Attribute) and function.name == "no_grad":
            return
    function = value.function if type(value) is Call else value
    name = function.name if isinstance(function, Name | Attribute) else ""
    hint = WITHOUT.get(name, "the decorators are @staticmethod and @no_grad()")
    parser.fail_at("there is no such decorator", hint, value.span)


def function(parser: Parser, token: Token, decorators: list[Expression], start: int) -> Steps[Def]:
    parser.at += 1
    name = parser.tokens[parser.at]
    if name.kind != "name":
        parser.fail("a function needs a name", "as in def f(x):", name)
    if name.value == "__init__" and parser.inside[-1:] != ["class"]:
        parser.fail("__init__ belongs into a class", None, name)
    parser.at += 1
    opener = parser.tokens[parser.at]
    if opener.kind != "(":
        parser.fail("the parameters are missing", f"as in def {visible(name.value)}(x):", opener)
    parser.enter(opener)
    found = yield parameters(parser, annotated=True)
    parser.expect(")")
    parser.depth -= 1
    if parser.tokens[parser.at].kind == "->":
        parser.at += 1
        yield parser.expression()  # an annotation says nothing here
    body = yield suite(parser, token, "def")
    span = Span(start, body.span.end)
    return Def(decorators, name.value, found, body, name.span, span)


def class_definition(parser: Parser, token: Token) -> Steps[ClassDef]:
    parser.at += 1
    name = parser.tokens[parser.at]
    if name.kind != "name":
        parser.fail("a class needs a name", "as in class Net(nn.Module):", name)
    parser.at += 1
    bases: list[Expression] = []
    opener = parser.tokens[parser.at]
    if opener.kind == "(":
        parser.enter(opener)
        bases = yield brackets.items(parser, ")")
        parser.expect(")")
        parser.depth -= 1
    if len(bases) != 1:
        hint = f"as in class {visible(name.value)}(nn.Module):"
        parser.fail("a class has one base", hint, name)
    body = yield suite(parser, token, "class")
    for each in body.statements:
        if not is_member(each):
            hint = "it holds methods, and values for all instances: size = 3"
            parser.fail_at("this does not belong into a class", hint, each.span)
    return ClassDef(name.value, bases, body, name.span, whole(parser, token, body))


def is_member(node: Statement) -> bool:
    """A method, a value for all instances, a docstring or `pass`."""
    if isinstance(node, Assign):
        return all(isinstance(target, Name) for target in node.targets)
    if isinstance(node, ExpressionStatement):
        return isinstance(node.value, String)
    return isinstance(node, Def) or (isinstance(node, Word) and node.word == "pass")


COMPOUND: dict[str, Callable[[Parser, Token], Steps[Statement]]] = {
    "if": choice,
    "while": while_loop,
    "for": for_loop,
    "with": with_block,
    "try": attempt,
    "class": class_definition,
    "def": definition,
    "@": decorated,
}
