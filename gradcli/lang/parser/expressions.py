"""Tokens to expressions: a Pratt parser whose steps run on a trampoline.

`expression(power)` reads one value and then every operator that binds tighter than `power`. What
may begin a value is a row of `PREFIXES`, what may follow one a row of `BINDS` and `INFIXES`.
The rows themselves are here and in `prefixes` and `brackets`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

from gradcli.errors import LimitExceeded, ParseError
from gradcli.lang import literals
from gradcli.lang.characters import visible
from gradcli.lang.lexer import Lexer, TextLimits, Token
from gradcli.lang.parser import brackets, prefixes, refusals
from gradcli.lang.precedence import (
    BINARY,
    CHOICE,
    COMPARISON,
    COMPARISONS,
    JUXTAPOSITION,
    LOGICAL,
    LOOSEST,
    POSTFIX,
    POWER,
    SIGN,
    SUPERSCRIPTS,
)
from gradcli.lang.source import Source, Span
from gradcli.lang.syntax import (
    Attribute,
    Binary,
    Compare,
    Conditional,
    Constant,
    Expression,
    Logical,
    Name,
    Number,
    Parameter,
    Prime,
    String,
    Unary,
)
from gradcli.lang.trampoline import Steps


class Parser:
    """A place in the tokens of one text."""

    def __init__(self, source: Source, limits: TextLimits) -> None:
        if len(source.text) > limits.source:
            message = f"a text of more than {limits.source} characters"
            raise source.blame(LimitExceeded(message, limit="source"), Span(0, 0))
        self.source = source
        self.text = source.text
        self.limits = limits
        self.lexer = Lexer(source, limits)
        self.tokens = self.lexer.read()
        self.tokens.append(self.tokens[-1])  # one token may always be looked at ahead
        self.at = 0
        self.depth = 0  # of brackets
        self.suites = 0  # blocks within blocks
        # What the lines of each open block begin with, and what those blocks are the bodies of.
        self.indents: list[str] = [""]
        self.inside: list[str] = []

    # ---- the loop -------------------------------------------------------------------------------

    def expression(self, power: int = LOOSEST) -> Steps[Expression]:
        """A value and the operators after it that bind tighter than `power`."""
        tokens = self.tokens
        token = tokens[self.at]
        start = token.start
        left: Expression
        if atom := ATOMS.get(token.kind):
            self.at += 1
            left = atom(token)
        elif prefix := PREFIXES.get(token.kind):
            left = yield prefix(self, token, power)
        else:
            self.refuse_value()
        while True:
            token = tokens[self.at]
            kind = token.kind
            binds = BINDS.get(kind, LOOSEST)
            if kind == "(" and tokens[self.at - 1].kind == "number":
                kind, binds = "juxtaposition", JUXTAPOSITION
            if binds <= power:
                return left
            if kind in BINARY:
                self.at += 1
                first = tokens[self.at].start
                right = self.operand(binds) or (yield self.expression(binds))
                if kind == "^" and tokens[self.at].kind == "^":
                    right = yield self.tower(right, first)
                elif type(right) is Binary and kind in DIVISIONS:
                    self.check_divisor(start, token, right, first)
                operator_span = new_span(Span, (token.start, token.end))
                span = new_span(Span, (start, tokens[self.at - 1].end))
                left = Binary(kind, left, right, operator_span, span)
            elif kind == ".":
                left = self.attribute(left, start)
            elif kind == "prime":
                self.at += 1
                left = Prime(left, self.span(start))
            elif kind in SUPERSCRIPTS:
                left = self.superscript(left, start)
            else:
                left = yield INFIXES[kind](self, left, start)

    def operand(self, power: int) -> Expression | None:
        """A name or literal that no tighter operator claims, without the cost of a step."""
        token = self.tokens[self.at]
        atom = ATOMS.get(token.kind)
        if atom is None or BINDS.get(self.tokens[self.at + 1].kind, LOOSEST) > power:
            return None
        self.at += 1
        return atom(token)

    # ---- operators between ----------------------------------------------------------------------

    def tower(self, base: Expression, start: int) -> Steps[Expression]:
        """`b^c^d` after `a^`, from `b` on: grouped from the right, without nesting."""
        bases: list[tuple[int, Expression, Token]] = []
        while self.tokens[self.at].kind == "^":
            bases.append((start, base, self.take()))
            start = self.tokens[self.at].start
            base = self.operand(POWER) or (yield self.expression(POWER))
        end = self.tokens[self.at - 1].end
        result = base
        while bases:
            start, base, operator = bases.pop()
            result = Binary("^", base, result, operator.span, Span(start, end))
        return result

    def juxtaposition(self, left: Expression, start: int) -> Steps[Expression]:
        """A number before a name or a parenthesis: multiplication, if it can mean nothing else."""
        number = self.tokens[self.at - 1]
        token = self.tokens[self.at]
        if number.kind != "number" or "\n" in self.text[number.end : token.start]:
            self.refuse_operator()
        right = self.operand(SIGN) or (yield self.expression(SIGN))
        if not is_coefficient(left):
            factor = self.text[token.start : self.tokens[self.at - 1].end]
            before = self.text[start : number.start]
            product = f"({before}{number.value})*{factor}"
            if type(left) is Binary and type(left.left) is Name and token.kind == "(":
                # sin^2(x): of a function, people write so the square of its value.
                name = left.left.name
                self.ambiguous(start, f"{name}{factor}{before[len(name) :]}{number.value}", product)
            self.ambiguous(start, product, f"{before}({number.value}*{factor})")
        return Binary("*", left, right, Span(number.end, number.end), self.span(start))

    def comparison(self, left: Expression, start: int) -> Steps[Expression]:
        rest: list[tuple[str, Expression]] = []
        while BINDS.get(self.tokens[self.at].kind) == COMPARISON:
            operator = self.tokens[self.at].kind
            following = self.tokens[self.at + 1].kind
            if operator == "not" and following != "in":
                self.refuse_operator()
            two_words = operator == "not" or (operator == "is" and following == "not")
            self.at += 1 + two_words
            if two_words:
                operator += " " + following
            rest.append((operator, self.operand(COMPARISON) or (yield self.expression(COMPARISON))))
        return Compare(left, rest, self.span(start))

    def logical(self, left: Expression, start: int) -> Steps[Expression]:
        operator = self.tokens[self.at].kind
        power = LOGICAL[operator]
        operands = [left]
        while self.tokens[self.at].kind == operator:
            self.at += 1
            operands.append(self.operand(power) or (yield self.expression(power)))
        return Logical(operator, operands, self.span(start))

    def choice(self, body: Expression, start: int) -> Steps[Expression]:
        """`a if c else b if d else e`: grouped from the right, without nesting."""
        cases: list[tuple[int, Expression, Expression]] = []
        while self.tokens[self.at].kind == "if":
            self.at += 1
            test = self.operand(CHOICE) or (yield self.expression(CHOICE))
            cases.append((start, body, test))
            self.expect("else", "a choice is written: a if x > 0 else b")
            start = self.tokens[self.at].start
            is_lambda = self.tokens[self.at].kind == "lambda"
            body = yield self.expression(LOOSEST if is_lambda else CHOICE)
        end = self.tokens[self.at - 1].end
        result = body
        while cases:
            start, body, test = cases.pop()
            result = Conditional(test, body, result, Span(start, end))
        return result

    # ---- operators behind -----------------------------------------------------------------------

    def attribute(self, left: Expression, start: int) -> Expression:
        self.at += 1
        name = self.tokens[self.at]
        if name.kind != "name":
            self.fail("a name is missing after '.'", None, name)
        self.at += 1
        return Attribute(left, name.value, name.span, self.span(start))

    def superscript(self, left: Expression, start: int) -> Expression:
        token = self.take()
        following = self.tokens[self.at].kind
        if following in ("^", *SUPERSCRIPTS):
            self.fail("a power of a power needs parentheses", "as in (x²)^3 or x^(2^3)", token)
        if following == "(":
            if type(left) is not Name:
                self.refuse_operator()
            base, sign = visible(self.text[start : token.start]), token.kind
            hint = f"write {base}(x){sign} or {base}{sign}*(x)"
            self.fail(f"'{base}{sign}(' can be read in two ways", hint, token)
        value = SUPERSCRIPTS[token.kind]
        exponent = Number(value, str(value), token.span)
        return Binary("^", left, exponent, token.span, self.span(start))

    # ---- moving on ------------------------------------------------------------------------------

    def take(self) -> Token:
        token = self.tokens[self.at]
        self.at += 1
        return token

    def enter(self, token: Token) -> None:
        """Take the token that opens one more level of nesting."""
        self.at += 1
        self.depth += 1
        self.check_depth(token)

    def check_depth(self, token: Token) -> None:
        if self.depth + self.suites > self.limits.nesting:
            message = f"nested more than {self.limits.nesting} levels deep"
            error = LimitExceeded(message, limit="nesting")
            raise self.source.blame(error, token.span)

    def expect(self, kind: str, hint: str | None = None) -> None:
        if self.tokens[self.at].kind != kind:
            self.refuse_operator(hint)
        self.at += 1

    def span(self, start: int) -> Span:
        """From `start` to the end of what was taken last."""
        return new_span(Span, (start, self.tokens[self.at - 1].end))

    # ---- refusing -------------------------------------------------------------------------------

    def fail(self, message: str, hint: str | None, token: Token) -> NoReturn:
        """Refuse the text at `token`, or for what the lexer refused if that comes first."""
        refused = self.lexer.failure
        if refused:
            unclosed = self.lexer.open[-1].end if self.lexer.open else token.end
            if token.kind == "error" or "\n" in self.text[unclosed : token.start]:
                raise refused
        self.fail_at(message, hint, token.span)

    def fail_at(self, message: str, hint: str | None, span: Span) -> NoReturn:
        raise self.source.blame(ParseError(message, hint=hint), span)

    def refuse_value(self) -> NoReturn:
        """The next token cannot begin a value."""
        token = self.tokens[self.at]
        before = self.tokens[self.at - 1] if self.at else None
        self.fail(*refusals.no_value(token, before, self.text), token)

    def refuse_operator(self, hint: str | None = None) -> NoReturn:
        """The next token cannot follow the value before it."""
        token = self.tokens[self.at]
        before = self.tokens[self.at - 1]
        nested = self.depth > 0
        message, remedy = refusals.no_operator(token, before, self.text, nested=nested)
        self.fail(message, remedy or hint, token)

    def ambiguous(self, start: int, *readings: str) -> NoReturn:
        span = self.span(start)
        text = visible(self.source.slice(span))
        one, other = (visible(reading) for reading in readings)
        self.fail_at(f"'{text}' can be read in two ways", f"write {one} or {other}", span)

    def check_divisor(self, start: int, operator: Token, divisor: Binary, first: int) -> None:
        """`1/2x`: a divisor without parentheses is no juxtaposition."""
        at = divisor.operator_span
        if at.start == at.end and divisor.span.start == first:
            text = self.text
            left, sign = text[start : operator.start].rstrip(), operator.kind
            number, factor = text[first : at.start], text[at.end : divisor.span.end].lstrip()
            self.ambiguous(
                start, f"({left}{sign}{number})*{factor}", f"{left}{sign}({number}*{factor})"
            )

    def check_parameters(self, parameters: list[Parameter]) -> None:
        seen: set[str] = set()
        for parameter in parameters:
            name = parameter.name
            if name and name in seen:
                self.fail_at(f"two parameters are called '{visible(name)}'", None, parameter.span)
            seen.add(name)


def is_coefficient(node: Expression) -> bool:
    """A number, or a signed one."""
    while type(node) is Unary:
        node = node.operand
    return type(node) is Number


# ---- tables -------------------------------------------------------------------------------------

# A tree of a megabyte has a million spans: this spares each the call of `Span.__new__`.
new_span = tuple.__new__

ATOMS: dict[str, Callable[[Token], Expression]] = {
    "name": lambda token: Name(token.value, new_span(Span, (token.start, token.end))),
    "number": lambda token: Number(
        literals.number(token.value), token.value, new_span(Span, (token.start, token.end))
    ),
    "string": lambda token: String(token.value, token.span),
    "True": lambda token: Constant(True, token.span),
    "False": lambda token: Constant(False, token.span),
    "None": lambda token: Constant(None, token.span),
}
PREFIXES: dict[str, Callable[[Parser, Token, int], Steps[Expression]]] = {
    "-": prefixes.sign,
    "+": prefixes.sign,
    "~": prefixes.sign,
    "not": prefixes.negation,
    "lambda": prefixes.function,
    "√": prefixes.root,
    "(": brackets.parentheses,
    "[": brackets.list_or_matrix,
    "{": brackets.dictionary,
    'f"': brackets.fstring,
}
INFIXES: dict[str, Callable[[Parser, Expression, int], Steps[Expression]]] = {
    "name": Parser.juxtaposition,
    "√": Parser.juxtaposition,
    "juxtaposition": Parser.juxtaposition,
    "(": brackets.call,
    "[": brackets.index,
    "if": Parser.choice,
    **dict.fromkeys(LOGICAL, Parser.logical),
    **{words.split()[0]: Parser.comparison for words in COMPARISONS},
}
DIVISIONS = ("/", "//", "%")
BINDS = {
    **BINARY,
    **LOGICAL,
    **{words.split()[0]: COMPARISON for words in COMPARISONS},
    **dict.fromkeys(("(", "[", ".", "prime", *SUPERSCRIPTS), POSTFIX),
    "name": JUXTAPOSITION,
    "√": JUXTAPOSITION,
    "if": CHOICE,
}
