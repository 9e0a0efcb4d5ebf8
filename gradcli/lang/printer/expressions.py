"""Expressions as text: blanks around every operator but `^`, and few parentheses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from gradcli.lang.precedence import (
    BINARY,
    CHOICE,
    COMPARISON,
    LOGICAL,
    LOOSEST,
    OR,
    POSTFIX,
    POWER,
    SIGN,
    UNARY,
)
from gradcli.lang.syntax import (
    Attribute,
    Binary,
    Call,
    Clause,
    Compare,
    Comprehension,
    Conditional,
    Constant,
    Dict,
    Dots,
    Expression,
    Field,
    FString,
    Index,
    Keyword,
    Lambda,
    List,
    Logical,
    Name,
    Number,
    Parameter,
    Prime,
    Slice,
    Starred,
    String,
    Tuple,
    Unary,
)
from gradcli.lang.trampoline import Steps

ATOM = POSTFIX + 1  # binds tighter than any operator


class ExpressionPrinter:
    """Writes in the order of the text, so that a deep tree costs no more than a flat one."""

    def __init__(self, *, guard_f: bool = False) -> None:
        self.pieces: list[str] = []
        self.put = self.pieces.append
        self.guard_f = guard_f

    def bare(self, node: Expression) -> Steps[None]:
        """An expression; a tuple of two or more without its parentheses."""
        if isinstance(node, Tuple) and len(node.items) > 1:
            yield self.items(node.items)
        else:
            yield self.expression(node)

    # ---- expressions ----------------------------------------------------------------------------

    def expression(self, node: Expression, power: int = LOOSEST) -> Steps[None]:
        """`node`, in parentheses if it binds looser than `power`."""
        loose = binds(node) < power
        if loose:
            self.put("(")
        yield WRITERS[type(node)](self, node)
        if loose:
            self.put(")")

    def items(self, nodes: Sequence[Expression]) -> Steps[None]:
        for number, each in enumerate(nodes):
            if number:
                self.put(", ")
            yield self.expression(each)

    def number(self, node: Number) -> Steps[None]:
        self.put(digits(node.value))
        return
        yield

    def word(self, node: Name | Constant | Dots) -> Steps[None]:
        if isinstance(node, Name):
            self.put(node.name)
        else:
            self.put("..." if isinstance(node, Dots) else str(node.value))
        return
        yield

    def string(self, node: String) -> Steps[None]:
        self.put(f'"{escaped(node.value)}"')
        return
        yield

    def fstring(self, node: FString) -> Steps[None]:
        self.put('f"')
        for part in node.parts:
            if isinstance(part, str):
                self.put(escaped(part).replace("{", "{{").replace("}", "}}"))
            else:
                yield self.field(part)
        self.put('"')

    def field(self, node: Field) -> Steps[None]:
        first = leftmost(node.value)
        braced = isinstance(first, Dict) or (isinstance(first, Comprehension) and first.kind == "{")
        self.put("{ " if braced else "{")
        yield self.expression(node.value, OR if ends_in_lambda(node.value) else LOOSEST)
        if node.spec:
            self.put(f":{node.spec}")
        self.put("}")

    def tuple(self, node: Tuple) -> Steps[None]:
        self.put("(")
        yield self.items(node.items)
        self.put(",)" if len(node.items) == 1 else ")")

    def list(self, node: List) -> Steps[None]:
        self.put("[")
        yield self.items(node.items)
        self.put("]")

    def dict(self, node: Dict) -> Steps[None]:
        self.put("{")
        for number, key in enumerate(node.keys):
            if number:
                self.put(", ")
            if key is None:
                self.put("**")
                yield self.expression(node.values[number], COMPARISON + 1)
                continue
            yield self.expression(key)
            self.put(": ")
            yield self.expression(node.values[number])
        self.put("}")

    def starred(self, node: Starred) -> Steps[None]:
        self.put(node.stars)
        yield self.expression(node.value, COMPARISON + 1)

    def comprehension(self, node: Comprehension) -> Steps[None]:
        self.put(node.kind)
        yield self.clauses(node)
        self.put(CLOSERS[node.kind])

    def clauses(self, node: Comprehension) -> Steps[None]:
        """A comprehension without its brackets."""
        if node.key:
            yield self.expression(node.key)
            self.put(": ")
        yield self.expression(node.item)
        for each in node.clauses:
            yield self.clause(each)

    def clause(self, node: Clause) -> Steps[None]:
        self.put(" for ")
        yield self.bare(node.target)
        self.put(" in ")
        yield self.expression(node.iterable, CHOICE + 1)
        for test in node.tests:
            self.put(" if ")
            yield self.expression(test, CHOICE + 1)

    # ---- postfix --------------------------------------------------------------------------------

    def base(self, node: Expression) -> Steps[None]:
        """What a postfix operator stands behind: a number before it would say something else."""
        yield self.expression(node, ATOM + 1 if isinstance(node, Number) else POSTFIX)

    def call(self, node: Call) -> Steps[None]:
        yield self.base(node.function)
        if len(node.arguments) == 1 and not node.keywords:
            only = node.arguments[0]
            if isinstance(only, Comprehension) and only.kind == "(":
                yield self.comprehension(only)
                return
        self.put("(")
        yield self.items(node.arguments)
        for number, each in enumerate(node.keywords):
            self.put(", " if number or node.arguments else "")
            yield self.keyword(each)
        self.put(")")

    def keyword(self, node: Keyword) -> Steps[None]:
        self.put(f"{node.name}=")
        yield self.expression(node.value)

    def index(self, node: Index) -> Steps[None]:
        yield self.base(node.value)
        self.put("[")
        if isinstance(node.index, Tuple) and node.index.items:
            yield self.items(node.index.items)
            self.put("," if len(node.index.items) == 1 else "")
        else:
            yield self.expression(node.index)
        self.put("]")

    def slice(self, node: Slice) -> Steps[None]:
        if node.start:
            yield self.expression(node.start)
        self.put(":")
        if node.stop:
            yield self.expression(node.stop)
        if node.step:
            self.put(":")
            yield self.expression(node.step)

    def attribute(self, node: Attribute) -> Steps[None]:
        yield self.base(node.value)
        self.put(f".{node.name}")

    def prime(self, node: Prime) -> Steps[None]:
        """Only after a name, `)`, `]` or another prime is a quote a prime."""
        value = node.value
        bare_f = isinstance(value, Name) and value.name == "f" and self.guard_f
        follows = isinstance(value, Name | Tuple | List | Call | Index | Attribute | Prime)
        yield self.expression(value, POSTFIX if follows and not bare_f else ATOM + 1)
        self.put("'")

    # ---- operators ------------------------------------------------------------------------------

    def unary(self, node: Unary) -> Steps[None]:
        self.put("not " if node.operator == "not" else node.operator)
        yield self.expression(node.operand, UNARY[node.operator])

    def binary(self, node: Binary) -> Steps[None]:
        power = BINARY[node.operator]
        if node.operator == "^":
            yield self.expression(node.left, POWER + 1)
            self.put("^")
            yield self.expression(node.right, SIGN)
        else:
            yield self.expression(node.left, power)
            self.put(f" {node.operator} ")
            yield self.expression(node.right, power + 1)

    def compare(self, node: Compare) -> Steps[None]:
        yield self.expression(node.first, COMPARISON + 1)
        for operator, operand in node.rest:
            self.put(f" {operator} ")
            yield self.expression(operand, COMPARISON + 1)

    def logical(self, node: Logical) -> Steps[None]:
        for number, operand in enumerate(node.operands):
            self.put(f" {node.operator} " if number else "")
            yield self.expression(operand, LOGICAL[node.operator] + 1)

    def conditional(self, node: Conditional) -> Steps[None]:
        yield self.expression(node.body, CHOICE + 1)
        self.put(" if ")
        yield self.expression(node.test, CHOICE + 1)
        self.put(" else ")
        yield self.expression(node.orelse)

    def function(self, node: Lambda) -> Steps[None]:
        self.put("lambda " if node.parameters else "lambda")
        yield self.parameters(node.parameters)
        self.put(": ")
        yield self.expression(node.body)

    def parameters(self, nodes: Sequence[Parameter]) -> Steps[None]:
        for number, each in enumerate(nodes):
            self.put(", " if number else "")
            self.put(each.stars + each.name)
            if each.default:
                self.put("=")
                yield self.expression(each.default)


WRITERS: dict[type, Callable[[ExpressionPrinter, Any], Steps[None]]] = {
    Number: ExpressionPrinter.number,
    String: ExpressionPrinter.string,
    FString: ExpressionPrinter.fstring,
    Constant: ExpressionPrinter.word,
    Dots: ExpressionPrinter.word,
    Name: ExpressionPrinter.word,
    Tuple: ExpressionPrinter.tuple,
    List: ExpressionPrinter.list,
    Dict: ExpressionPrinter.dict,
    Call: ExpressionPrinter.call,
    Index: ExpressionPrinter.index,
    Slice: ExpressionPrinter.slice,
    Attribute: ExpressionPrinter.attribute,
    Prime: ExpressionPrinter.prime,
    Unary: ExpressionPrinter.unary,
    Binary: ExpressionPrinter.binary,
    Compare: ExpressionPrinter.compare,
    Logical: ExpressionPrinter.logical,
    Conditional: ExpressionPrinter.conditional,
    Lambda: ExpressionPrinter.function,
    Comprehension: ExpressionPrinter.comprehension,
    Starred: ExpressionPrinter.starred,
}
CLOSERS = {"(": ")", "[": "]", "{": "}"}


def binds(node: Expression) -> int:
    """How tightly the outermost operator of `node` binds."""
    if isinstance(node, Binary):
        return BINARY[node.operator]
    if isinstance(node, Unary):
        return UNARY[node.operator]
    if isinstance(node, Logical):
        return LOGICAL[node.operator]
    if isinstance(node, Compare):
        return COMPARISON
    if isinstance(node, Conditional | Lambda):
        return CHOICE
    if isinstance(node, Number) and isinstance(node.value, int | float) and node.value < 0:
        return SIGN
    return POSTFIX if isinstance(node, Call | Index | Attribute | Prime) else ATOM


def leftmost(node: Expression) -> Expression:
    """The value that the text of `node` begins with, but for parentheses."""
    while True:
        if isinstance(node, Binary):
            node = node.left
        elif isinstance(node, Compare):
            node = node.first
        elif isinstance(node, Logical):
            node = node.operands[0]
        elif isinstance(node, Conditional):
            node = node.body
        elif isinstance(node, Call):
            node = node.function
        elif isinstance(node, Index | Attribute | Prime):
            node = node.value
        else:
            return node


def ends_in_lambda(node: Expression) -> bool:
    """Whether a colon stands in the text of `node` outside all brackets."""
    while isinstance(node, Conditional):
        node = node.orelse
    return isinstance(node, Lambda)


def digits(value: complex) -> str:
    """The shortest text that reads back as `value`."""
    if value == float("inf"):
        return "1e999"
    if value == complex(0, float("inf")):
        return "1e999j"
    return repr(value).replace("e+", "e")


ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r", "\0": "\\x00"}


def escaped(text: str) -> str:
    """The inside of a string in double quotes: printable, on one line."""
    if text.isprintable() and '"' not in text and "\\" not in text:
        return text
    return "".join(map(escaped_character, text))


def escaped_character(char: str) -> str:
    if char in ESCAPES:
        return ESCAPES[char]
    if char.isprintable():
        return char
    code = ord(char)
    if code > 0xFFFF:
        return f"\\U{code:08x}"
    return f"\\u{code:04x}" if code > 0xFF else f"\\x{code:02x}"
