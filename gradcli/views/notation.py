"""Formulas as mathematics is written: in Unicode, and in LaTeX without ambiguity.

Matrices are not bold. A product of matrices is juxtaposition, an elementwise one ⊙, an elementwise
quotient ⊘, an elementwise power carries ⊙ in its exponent; 1 and 0 in bold are arrays of ones and
of zeros; every function has its name and its argument in parentheses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple, TypeGuard

from gradcli.lang.precedence import LOOSEST, POSTFIX, POWER, PRODUCT, SIGN, SUM
from gradcli.lang.printer.expressions import binds, digits
from gradcli.lang.syntax import (
    Attribute,
    Binary,
    Call,
    Compare,
    Expression,
    Index,
    List,
    Name,
    Number,
    Prime,
    Unary,
)
from gradcli.views.latex import variable

if TYPE_CHECKING:
    from gradcli.proof.closed.problem import Axes
    from gradcli.views.formula import Formulas

Ranks = Mapping[str, int]
NUMBERS = ("det", "logdet", "logsumexp", "len", "max", "min", "norm", "prod", "sum", "trace")
MATRICES = ("eye", "outer", "zeros", "ones")


def rank(tree: Expression, ranks: Ranks) -> int:
    """How many axes an expression has, given those of its names."""
    if isinstance(tree, Name):
        return ranks.get(tree.name, 0)
    if isinstance(tree, Unary):
        return rank(tree.operand, ranks)
    if isinstance(tree, Prime):
        return rank(tree.value, ranks)
    if isinstance(tree, Binary):
        both = (rank(tree.left, ranks), rank(tree.right, ranks))
        return sum(both) - 2 if tree.operator == "@" else max(both)
    if isinstance(tree, Compare):
        return max(rank(x, ranks) for x in (tree.first, *(each for _, each in tree.rest)))
    if isinstance(tree, Call) and isinstance(tree.function, Name):
        name = tree.function.name
        if name in NUMBERS:
            return rank(tree.arguments[0], ranks) - 1 if tree.keywords else 0
        if name in MATRICES:
            return 2 if name in ("eye", "outer") else len(tree.arguments)
        if name == "diag":
            return 3 - rank(tree.arguments[0], ranks)
        return max((rank(x, ranks) for x in tree.arguments), default=0)
    if isinstance(tree, Index):
        return 0 if isinstance(tree.value, Attribute) else 2
    if isinstance(tree, List):
        return 1 + (rank(tree.items[0], ranks) if tree.items else 0)
    return 0


def is_call(tree: Expression, name: str) -> TypeGuard[Call]:
    if not isinstance(tree, Call) or not isinstance(tree.function, Name):
        return False
    return tree.function.name == name


class Signs(NamedTuple):
    """What a notation has for each thing; the functions take what is inside."""

    minus: str
    dot: str
    elementwise: str
    quotient: str
    fraction: Callable[[str, str], str] | None
    power: Callable[[str, str], str]
    power_of_elements: Callable[[str, str], str]
    transposed: str
    inverse: str
    inverse_transposed: str
    parentheses: Callable[[str], str]
    function: Callable[[str], str]
    name: Callable[[str], str]
    root: Callable[[str], str]
    norm: Callable[[str], str]
    size: Callable[[str], str]
    one: str
    zero: str
    comparisons: Mapping[str, str]
    derivative: Callable[[str, int], str]


class Notation:
    """Writes trees with its signs."""

    def __init__(self, signs: Signs) -> None:
        self.signs = signs

    def line(self, name: str, formulas: Formulas) -> str:
        """The formula; behind the name of the derivative where there are several."""
        written = Writer(self.signs, formulas.axes).write(formulas.found[name].tree)
        if len(formulas.found) == 1:
            return written
        return f"{self.signs.derivative(name, formulas.order)} = {written}"


class Writer:
    def __init__(self, signs: Signs, axes: Mapping[str, Axes]) -> None:
        self.signs = signs
        self.axes = axes
        self.ranks = {name: len(shape) for name, shape in axes.items()}

    def write(self, tree: Expression, power: int = LOOSEST) -> str:
        """In parentheses, if it binds looser than `power`."""
        text = WRITERS[type(tree)](self, tree)
        return self.signs.parentheses(text) if self.binds(tree) < power else text

    def binds(self, tree: Expression) -> int:
        if isinstance(tree, Binary) and tree.operator == "/" and self.is_fraction(tree):
            return POSTFIX
        if isinstance(tree, Call) and isinstance(tree.function, Name):
            return PRODUCT if tree.function.name == "outer" else POSTFIX
        return binds(tree)

    def is_fraction(self, tree: Binary) -> bool:
        return self.signs.fraction is not None and not rank(tree.right, self.ranks)

    def name(self, tree: Name) -> str:
        return (
            "π" if tree.name == "pi" and self.signs.fraction is None else self.signs.name(tree.name)
        )

    def number(self, tree: Number) -> str:
        mantissa, _, exponent = digits(tree.value).partition("e")
        if not exponent:
            return mantissa
        return f"{mantissa} {self.signs.dot} {self.signs.power('10', str(int(exponent)))}"

    def unary(self, tree: Unary) -> str:
        return f"{self.signs.minus}{self.write(tree.operand, SIGN)}"

    def prime(self, tree: Prime) -> str:
        value = tree.value
        if is_call(value, "inv"):
            return self.write(value.arguments[0], POSTFIX + 1) + self.signs.inverse_transposed
        return self.write(value, POSTFIX + 1) + self.signs.transposed

    def binary(self, tree: Binary) -> str:
        signs, left, right = self.signs, tree.left, tree.right
        if tree.operator == "^":
            raised = signs.power_of_elements if rank(left, self.ranks) else signs.power
            return raised(self.write(left, POWER + 2), self.write(right))
        if tree.operator in "+-":
            sign = signs.minus if tree.operator == "-" else "+"
            return f"{self.write(left, SUM)} {sign} {self.write(right, SUM + 1)}"
        if tree.operator == "/" and signs.fraction is not None and self.is_fraction(tree):
            return signs.fraction(self.write(left), self.write(right))
        sides = f"{self.write(left, PRODUCT)}", self.write(right, PRODUCT + 1)
        return f"{sides[0]} {self.operator(tree)}{sides[1]}"

    def operator(self, tree: Binary) -> str:
        """Between the factors: nothing, where nothing else could be meant."""
        signs, left, right = self.signs, rank(tree.left, self.ranks), rank(tree.right, self.ranks)
        if tree.operator == "/":
            return f"{signs.quotient if right else '/'} "
        if tree.operator == "*" and left and right:
            return f"{signs.elementwise} "
        applied = isinstance(tree.left, Name) and binds(tree.right) <= SUM
        numbers = isinstance(tree.right, Number)
        return f"{signs.dot} " if tree.operator == "*" and (applied or numbers) else ""

    def call(self, tree: Call) -> str:
        signs = self.signs
        assert isinstance(tree.function, Name)
        name, arguments = tree.function.name, tree.arguments
        if name == "inv":
            return self.write(arguments[0], POSTFIX + 1) + signs.inverse
        if name == "outer":
            right = self.write(arguments[1], POSTFIX + 1) + signs.transposed
            return f"{self.write(arguments[0], PRODUCT + 1)} {right}"
        if name in ("ones_like", "ones", "zeros_like", "zeros"):
            return signs.one if name.startswith("ones") else signs.zero
        if name == "eye":
            return "I"
        if name == "tensor":
            return self.write(arguments[0])
        if name == "len":
            return self.length(arguments[0], 0)
        wrapped = {"sqrt": signs.root, "abs": signs.size, "norm": signs.norm}.get(name)
        if wrapped is not None:
            return wrapped(self.write(arguments[0]))
        inside = ", ".join(self.write(x) for x in arguments)
        inside += "".join(f", {k.name} = {self.write(k.value)}" for k in tree.keywords)
        return signs.function({"trace": "tr"}.get(name, name)) + signs.parentheses(inside)

    def length(self, tree: Expression, axis: int) -> str:
        """The letter that an axis was declared with."""
        assert isinstance(tree, Name)
        return self.signs.name(str(self.axes[tree.name][axis]))

    def compare(self, tree: Compare) -> str:
        parts = [self.write(tree.first, SUM)]
        for operator, each in tree.rest:
            parts.append(
                f"{self.signs.comparisons.get(operator, operator)} {self.write(each, SUM)}"
            )
        return " ".join(parts)

    def index(self, tree: Index) -> str:
        if isinstance(tree.value, Attribute) and isinstance(tree.index, Number):
            return self.length(tree.value.value, int(tree.index.value.real))
        return f"{self.write(tree.value, POSTFIX)} {self.signs.one}{self.signs.transposed}"

    def list(self, tree: List) -> str:
        return f"[{', '.join(self.write(item) for item in tree.items)}]"


WRITERS: Mapping[type, Callable[..., str]] = {
    Name: Writer.name,
    Number: Writer.number,
    Unary: Writer.unary,
    Prime: Writer.prime,
    Binary: Writer.binary,
    Call: Writer.call,
    Compare: Writer.compare,
    Index: Writer.index,
    List: Writer.list,
}


def latex_derivative(name: str, order: int) -> str:
    power = "" if order == 1 else f"^{{{order}}}"
    return rf"\frac{{\partial{power} f}}{{\partial {variable(name)}{power}}}"


LATEX = Notation(
    Signs(
        minus="-",
        dot=r"\cdot",
        elementwise=r"\odot",
        quotient=r"\oslash",
        fraction=lambda a, b: rf"\frac{{{a}}}{{{b}}}",
        power=lambda a, n: f"{a}^{{{n}}}",
        power_of_elements=lambda a, n: rf"{a}^{{\odot {n}}}",
        transposed=r"^{\top}",
        inverse="^{-1}",
        inverse_transposed=r"^{-\top}",
        parentheses=lambda x: rf"\left({x}\right)",
        function=lambda name: rf"\operatorname{{{name.replace('_', chr(92) + '_')}}}",
        name=variable,
        root=lambda x: rf"\sqrt{{{x}}}",
        norm=lambda x: rf"\left\lVert {x} \right\rVert",
        size=lambda x: rf"\left\lvert {x} \right\rvert",
        one=r"\mathbf{1}",
        zero=r"\mathbf{0}",
        comparisons={"<=": r"\le", ">=": r"\ge", "==": "="},
        derivative=latex_derivative,
    )
)

SUPERSCRIPT = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def raised(base: str, exponent: str) -> str:
    """x², or x^(n+1) where there are no raised signs."""
    if set(exponent) <= set("0123456789-"):
        return base + exponent.translate(SUPERSCRIPT)
    return f"{base}^{exponent}" if exponent.isalnum() else f"{base}^({exponent})"


def unicode_derivative(name: str, order: int) -> str:
    power = "" if order == 1 else str(order).translate(SUPERSCRIPT)
    return f"∂{power}/∂{name}{power}"


UNICODE = Notation(
    Signs(
        minus="−",
        dot="·",
        elementwise="⊙",
        quotient="⊘",
        fraction=None,
        power=raised,
        power_of_elements=lambda a, n: f"{a}^⊙{n}" if n.isalnum() else f"{a}^⊙({n})",
        transposed="ᵀ",
        inverse="⁻¹",
        inverse_transposed="⁻ᵀ",
        parentheses=lambda x: f"({x})",
        function=lambda name: name,
        name=lambda name: name,
        root=lambda x: f"√({x})",
        norm=lambda x: f"‖{x}‖",
        size=lambda x: f"|{x}|",
        one="𝟏",
        zero="𝟎",
        comparisons={"<=": "≤", ">=": "≥", "==": "="},
        derivative=unicode_derivative,
    )
)
