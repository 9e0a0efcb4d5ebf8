"""Random programs: every statement of the language, every operation, values of every type."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from gradcli.lang.exceptions import PARENTS
from gradcli.lang.operators import ROW_OF
from gradcli.lang.session import Session
from gradcli.lang.types import TYPES

BUILTINS = sorted(name for name in Session().machine.builtins if name != "print")
ATTRIBUTES = sorted({name for table in TYPES.values() for name in table.attributes})
METHODS = sorted({name for table in TYPES.values() for name in table.methods})
ERRORS = sorted(PARENTS)
NAMES = ["x", "y", "z", "v", "A", "f", "g", "items", "table"]
ATOMS = [
    *NAMES,
    *NAMES,
    "ans",
    "0",
    "1",
    "2",
    "3",
    "-1",
    "2.5",
    "1e308",
    "5e-324",
    "2^63",
    "1j",
    "nan",
    "inf",
    "pi",
    "None",
    "True",
    "False",
    "'text'",
    "''",
    "[]",
    "()",
    "{}",
    "[1, 2]",
    "[1, 2; 3, 4]",
    "[[1.5], [2]]",
    "ones(2, 2)",
    "zeros(0)",
    "rand(3)",
    "arange(4)",
    "range(3)",
    "float32",
    "int64",
    "x > 1",
    "sin",
    "f'",
    "f''",
    "lambda: 1",
    "lambda t: t*t",
    "'ij,jk->ik'",
    "(1, 2)",
    "(-1,)",
]
SYMBOLS = [*ROW_OF, "==", "!=", "~=", " in ", " not in ", " is ", " is not ", " and ", " or ", ""]
KEYWORDS = [
    "axis",
    "dim",
    "keepdims",
    "dtype",
    "k",
    "n",
    "ord",
    "gradient",
    "retain_graph",
    "create_graph",
    "requires_grad",
    "x",
    "norm",
    "side",
    "mode",
    "reduction",
    "argnums",
    "has_aux",
    "key",
]
SPECS = ["", ":.3f", ":>8", ":d", ":%", ":10.4e", ":^3"]
DEEPEST = 4


class Grammar:
    """Writes programs by chance."""

    def __init__(self, random: Random) -> None:
        self.random = random

    def pick(self, choices: list[str]) -> str:
        return self.random.choice(choices)

    def program(self) -> str:
        return "\n".join(self.statement("", 0) for _ in range(self.random.randint(1, 4)))

    # ---- expressions ----------------------------------------------------------------------------

    def expression(self, depth: int = 0) -> str:
        if depth >= DEEPEST or self.random.random() < 0.3:
            return self.pick(ATOMS)
        return self.random.choice(EXPRESSIONS)(self, depth + 1)

    def several(self, depth: int) -> str:
        return ", ".join(self.expression(depth) for _ in range(self.random.randint(0, 3)))

    def arguments(self, depth: int) -> str:
        """Of a call: some by position, some by name, now and then what a star spreads."""
        given = [self.expression(depth) for _ in range(self.random.choice((0, 1, 1, 1, 2, 2, 3)))]
        if self.random.random() < 0.2:
            given.append(f"{self.pick(KEYWORDS)}={self.expression(depth)}")
        if self.random.random() < 0.05:
            given.append(f"*{self.expression(depth)}")
        if self.random.random() < 0.02:
            given.append(f"**{self.expression(depth)}")
        return ", ".join(given)

    def binary(self, depth: int) -> str:
        return f"({self.expression(depth)}){self.pick(SYMBOLS)}({self.expression(depth)})"

    def unary(self, depth: int) -> str:
        sign = self.pick(["-", "+", "~", "not ", "√"])
        return f"({sign}{self.pick(['', '('])}{self.expression(depth)})"

    def call(self, depth: int) -> str:
        return f"{self.pick(BUILTINS)}({self.arguments(depth)})"

    def method(self, depth: int) -> str:
        return f"({self.expression(depth)}).{self.pick(METHODS)}({self.arguments(depth)})"

    def attribute(self, depth: int) -> str:
        return f"({self.expression(depth)}).{self.pick(ATTRIBUTES)}"

    def index(self, depth: int) -> str:
        return f"({self.expression(depth)})[{self.several(depth) or ':'}]"

    def cut(self, depth: int) -> str:
        ends = ":".join(self.pick(["", "1", "-1", "v"]) for _ in range(self.random.randint(2, 3)))
        return f"({self.expression(depth)})[{ends}, {self.expression(depth)}]"

    def prime(self, depth: int) -> str:
        return f"({self.expression(depth)})'{self.pick(['', '(2)', '(x)'])}"

    def choice(self, depth: int) -> str:
        one, test, other = (self.expression(depth) for _ in range(3))
        return f"({one} if {test} else {other})"

    def collection(self, depth: int) -> str:
        return f"[{self.several(depth)}]"

    def table(self, depth: int) -> str:
        return f"{{'a': {self.expression(depth)}, 'b': {self.expression(depth)}}}"

    def comprehension(self, depth: int) -> str:
        test = f" if {self.expression(depth)}" if self.random.random() < 0.3 else ""
        turns = f"{self.expression(depth)} for z in {self.expression(depth)}{test}"
        return f"[{turns}]" if self.random.random() < 0.7 else f"sum({turns})"

    def function(self, depth: int) -> str:
        return f"(lambda t, u=1: {self.expression(depth)})({self.expression(depth)})"

    def transform(self, depth: int) -> str:
        name = self.pick(["grad", "value_and_grad", "jacobian", "hessian", "vmap"])
        return f"{name}({self.pick(['f', 'g', 'sin', 'lambda t: t^3'])})({self.expression(depth)})"

    def text(self, depth: int) -> str:
        return f'f"{{{self.expression(depth)}{self.pick(SPECS)}}}"'

    # ---- statements -----------------------------------------------------------------------------

    def statement(self, indent: str, depth: int) -> str:
        if depth >= 3 or self.random.random() < 0.4:
            return indent + self.simple()
        return self.random.choice(STATEMENTS)(self, indent, depth)

    def block(self, indent: str, depth: int) -> str:
        inner = indent + "    "
        return "\n".join(self.statement(inner, depth + 1) for _ in range(self.random.randint(1, 2)))

    def simple(self) -> str:
        name, value = self.pick(NAMES), self.expression(1)
        return self.pick(
            [
                value,
                f"{name} = {value}",
                f"{name}, z = {value}",
                f"*y, z = {value}",
                f"{name} {self.pick(['+', '-', '*', '/', '//', '%', '**', '@'])}= {value}",
                f"{name}[{self.expression(2)}] = {value}",
                f"{name}.grad = {value}",
                f"print({self.several(1)})",
                f"assert {value}, 'no'",
                f"del {name}",
                f"del {name}[0]",
                f"raise {self.pick(ERRORS)}({value})",
                "return " + value,
                "pass",
                "break",
                "continue",
                f"{name}.backward()",
                f"x.register_hook(lambda t: {value})",
                "raise",
                "import math",
                f"f(t) = {value}",
                f"({value}).sum().backward()",
                f"y = {name} = {value}",
            ]
        )

    def branch(self, indent: str, depth: int) -> str:
        lines = f"{indent}if {self.expression(1)}:\n{self.block(indent, depth)}"
        if self.random.random() < 0.3:
            lines += f"\n{indent}elif {self.expression(1)}:\n{self.block(indent, depth)}"
        if self.random.random() < 0.3:
            lines += f"\n{indent}else:\n{self.block(indent, depth)}"
        return lines

    def loop(self, indent: str, depth: int) -> str:
        head = self.pick(
            [
                f"for z in {self.expression(1)}",
                f"while {self.expression(1)}",
                "for z, v in items",
                "for z in range(3)",
                "while True",
            ]
        )
        return f"{indent}{head}:\n{self.block(indent, depth)}"

    def definition(self, indent: str, depth: int) -> str:
        name = self.pick(["f", "g"])
        parameters = self.pick(
            ["", "t", "t, u=1", "*t", "t, *, u=2", "t, **u", f"t={self.pick(ATOMS)}"]
        )
        body = f"{self.block(indent, depth)}\n{indent}    return {self.expression(1)}"
        return f"{indent}def {name}({parameters}):\n{body}\n{indent}{name}({self.arguments(2)})"

    def attempt(self, indent: str, depth: int) -> str:
        kind = self.pick(["", f" {self.pick(ERRORS)}", f" {self.pick(ERRORS)} as z"])
        lines = f"{indent}try:\n{self.block(indent, depth)}"
        lines += f"\n{indent}except{kind}:\n{self.block(indent, depth)}"
        if self.random.random() < 0.3:
            lines += f"\n{indent}finally:\n{self.block(indent, depth)}"
        return lines

    def context(self, indent: str, depth: int) -> str:
        head = self.pick(["no_grad()", "enable_grad()", "inference_mode()", self.expression(1)])
        return f"{indent}with {head}:\n{self.block(indent, depth)}"


EXPRESSIONS: list[Callable[[Grammar, int], str]] = [
    *[Grammar.binary] * 4,
    *[Grammar.call] * 6,
    *[Grammar.method] * 3,
    Grammar.unary,
    Grammar.attribute,
    Grammar.index,
    Grammar.cut,
    Grammar.prime,
    Grammar.choice,
    Grammar.collection,
    Grammar.table,
    Grammar.comprehension,
    Grammar.function,
    Grammar.transform,
    Grammar.text,
]
STATEMENTS: list[Callable[[Grammar, str, int], str]] = [
    Grammar.branch,
    Grammar.loop,
    Grammar.loop,
    Grammar.definition,
    Grammar.attempt,
    Grammar.context,
]
