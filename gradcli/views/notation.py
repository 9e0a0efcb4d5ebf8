"""Formulas as mathematics is written.

Matrices are not bold. A product of matrices is juxtaposition, an elementwise one ⊙, an elementwise
quotient ⊘, an elementwise power carries ⊙ in its exponent; 1 and 0 in bold are arrays of ones and
of zeros, e_k in bold is a row of the identity; elements are counted from 1; a condition in brackets
is 1 where it holds, else 0; every function has its name and its argument in parentheses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from gradcli.errors import UsageError
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
    Slice,
    Unary,
)
from gradcli.views.ranks import is_call, is_column, part_of, places_of, rank
from gradcli.views.signs import NAMED_ORDERS, Signs

if TYPE_CHECKING:
    from gradcli.proof.closed.problem import Axes
    from gradcli.views.derivative import Formulas


def line(signs: Signs, name: str, formulas: Formulas) -> str:
    """The formula; behind the name of the derivative where there are several."""
    written = Writer(signs, formulas.axes).write(formulas.found[name].tree)
    if len(formulas.found) == 1:
        return written
    return f"{signs.derivative(name, formulas.order)} = {written}"


class Writer:
    """Writes trees with the signs of a notation."""

    def __init__(self, signs: Signs, axes: Mapping[str, Axes]) -> None:
        self.signs = signs
        self.axes = axes
        self.ranks = {name: len(shape) for name, shape in axes.items()}

    def write(self, tree: Expression, power: int = LOOSEST) -> str:
        """In parentheses, if it binds looser than `power`."""
        text = WRITERS[type(tree)](self, tree)
        return self.signs.parentheses(text) if self.binds(tree) < power else text

    def rank(self, tree: Expression) -> int:
        return rank(tree, self.ranks)

    def binds(self, tree: Expression) -> int:
        if isinstance(tree, Binary) and tree.operator == "/" and self.is_fraction(tree):
            return SIGN if isinstance(tree.left, Unary) else POSTFIX
        if isinstance(tree, Call) and isinstance(tree.function, Name):
            name = tree.function.name
            closed = name in ("abs", "eye") or (name == "norm" and not tree.arguments[1:])
            return PRODUCT if name == "outer" else POWER + 2 if closed else POSTFIX
        if isinstance(tree, Index) and is_column(tree):
            return PRODUCT
        return POSTFIX if isinstance(tree, Compare) else binds(tree)

    def is_fraction(self, tree: Binary) -> bool:
        return self.signs.fraction is not None and not self.rank(tree.right)

    # ---- names, numbers, operators --------------------------------------------------------------

    def name(self, tree: Name) -> str:
        return self.signs.name(tree.name)

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
            raised = signs.power_of_elements if self.rank(left) else signs.power
            return raised(self.write(left, POWER + 2), self.write(right))
        if tree.operator in "+-":
            sign = signs.minus if tree.operator == "-" else "+"
            most = max(self.rank(left), self.rank(right))
            sides = self.rows(left, SUM, most), self.rows(right, SUM + 1, most)
            return f"{sides[0]} {sign} {sides[1]}"
        scaled = self.scaled(tree)
        if scaled is not None:
            return scaled
        if tree.operator == "/" and signs.fraction is not None and self.is_fraction(tree):
            if isinstance(left, Unary):
                return signs.minus + signs.fraction(self.write(left.operand), self.write(right))
            return signs.fraction(self.write(left), self.write(right))
        sides = self.write(left, PRODUCT), self.write(right, PRODUCT + 1)
        return f"{sides[0]} {self.operator(tree)}{sides[1]}"

    def rows(self, tree: Expression, power: int, rank: int) -> str:
        """A vector among matrices is every row of one."""
        if rank < 2 or self.rank(tree) != 1:
            return self.write(tree, power)
        return f"{self.signs.one} {self.write(tree, POSTFIX + 1)}{self.signs.transposed}"

    def scaled(self, tree: Binary) -> str | None:
        """The columns of a matrix times, or divided by, the elements of a vector."""
        ranks = self.rank(tree.left), self.rank(tree.right)
        if sorted(ranks) != [1, 2] or tree.operator == "@" or (tree.operator, ranks[0]) == ("/", 1):
            return None
        matrix, vector = (tree.left, tree.right) if ranks[0] == 2 else (tree.right, tree.left)
        if is_call(matrix, "ones_like") and tree.operator == "*":
            return self.rows(vector, PRODUCT, 2)
        diagonal = self.signs.function("diag") + self.signs.parentheses(self.write(vector))
        inverse = self.signs.inverse if tree.operator == "/" else ""
        return f"{self.write(matrix, PRODUCT)} {diagonal}{inverse}"

    def operator(self, tree: Binary) -> str:
        """Between the factors: nothing, where nothing else could be meant."""
        signs, left, right = self.signs, self.rank(tree.left), self.rank(tree.right)
        if tree.operator == "/":
            return f"{signs.quotient if right else '/'} "
        if tree.operator == "*" and left and right:
            return f"{signs.elementwise} "
        applied = isinstance(tree.left, Name) and self.binds(tree.right) <= SUM
        numbers = isinstance(tree.right, Number | Compare)
        return f"{signs.dot} " if tree.operator == "*" and (applied or numbers) else ""

    def compare(self, tree: Compare) -> str:
        parts = [self.write(tree.first, SUM)]
        for operator, each in tree.rest:
            sign = self.signs.comparisons.get(operator, operator)
            parts.append(f"{sign} {self.write(each, SUM)}")
        return self.signs.truth(" ".join(parts))

    # ---- functions ------------------------------------------------------------------------------

    def call(self, tree: Call) -> str:
        assert isinstance(tree.function, Name)
        name, arguments = tree.function.name, tree.arguments
        special = CALLS.get(name)
        if special is not None:
            return special(self, tree)
        if name in self.signs.wrapped:
            return self.signs.wrapped[name](self.write(arguments[0]))
        if name in NAMED_ORDERS:
            return self.of_order(*NAMED_ORDERS[name], arguments)
        inside = [self.write(x) for x in arguments]
        inside += [self.signs.option(k.name, self.write(k.value)) for k in tree.keywords]
        written = self.signs.functions.get(name) or self.signs.function(name)
        return written + self.signs.parentheses(", ".join(inside))

    def of_order(self, name: str, n: int, arguments: list[Expression]) -> str:
        inside = self.signs.parentheses(self.write(arguments[-1]))
        return self.signs.of_order(name, n) + inside

    def ordered(self, tree: Call) -> str:
        assert isinstance(tree.function, Name)
        order = tree.arguments[0]
        assert isinstance(order, Number)
        return self.of_order(tree.function.name, int(order.value.real), tree.arguments)

    def inverse(self, tree: Call) -> str:
        return self.write(tree.arguments[0], POSTFIX + 1) + self.signs.inverse

    def outer(self, tree: Call) -> str:
        left, right = tree.arguments
        row = self.write(right, POSTFIX + 1) + self.signs.transposed
        return f"{self.write(left, PRODUCT + 1)} {row}"

    def norm(self, tree: Call) -> str:
        order = self.write(tree.arguments[1]) if tree.arguments[1:] else ""
        return self.signs.norm(self.write(tree.arguments[0]), order)

    def where(self, tree: Call) -> str:
        condition, first, second = tree.arguments
        numbers = [x.value for x in (first, second) if isinstance(x, Number)]
        if numbers == [1, 0]:
            return self.write(condition)
        if self.rank(tree) or not isinstance(condition, Compare):
            inside = ", ".join(self.write(x) for x in tree.arguments)
            return self.signs.function("where") + self.signs.parentheses(inside)
        plain = Writer(self.signs._replace(truth=lambda x: x), self.axes)
        return self.signs.cases(plain.write(condition), self.write(first), self.write(second))

    def length(self, tree: Call) -> str:
        return self.letter(tree.arguments[0], 0)

    # ---- places ---------------------------------------------------------------------------------

    def letter(self, tree: Expression, axis: int) -> str:
        """How long an axis is: the letter that it was declared with."""
        if isinstance(tree, Prime):
            return self.letter(tree.value, 1 - axis)
        if is_call(tree, "eye"):
            return self.write(tree.arguments[0])
        if is_call(tree, "inv"):
            return self.letter(tree.arguments[0], 0)
        if not isinstance(tree, Name):
            raise UsageError(
                "mathematics has no sign for an element that is counted from the end",
                hint="--format text",
            )
        return self.signs.name(str(self.axes[tree.name][axis]))

    def index(self, tree: Index) -> str:
        part = part_of(tree)
        if part is not None:
            assert isinstance(tree.value, Call)
            inside = self.signs.parentheses(self.write(tree.value.arguments[0]))
            return self.signs.parts[part] + inside
        if isinstance(tree.value, Attribute) and isinstance(tree.index, Number):
            return self.letter(tree.value.value, int(tree.index.value.real))
        if is_column(tree):
            return f"{self.write(tree.value, POSTFIX)} {self.signs.one}{self.signs.transposed}"
        places = [self.place(tree.value, axis, x) for axis, x in enumerate(places_of(tree))]
        if is_call(tree.value, "eye"):
            return self.signs.unit(places[0])
        if len(places) < self.rank(tree.value):
            places.append(":")
        return self.signs.element(self.subscripted(tree.value), places)

    def place(self, tree: Expression, axis: int, place: Expression) -> str:
        """Counted from 1."""
        if isinstance(place, Slice):
            return ":"
        assert isinstance(place, Number)
        k = int(place.value.real)
        if k >= 0:
            return str(k + 1)
        last = self.letter(tree, axis)
        return last if k == -1 else f"{last}{self.signs.minus}{-1 - k}"

    def subscripted(self, tree: Expression) -> str:
        """In parentheses, but for a name without a subscript of its own."""
        text = self.write(tree)
        plain = isinstance(tree, Name) and "_" not in text
        return text if plain else self.signs.parentheses(text)

    def list(self, tree: List) -> str:
        rows = [item.items if isinstance(item, List) else [item] for item in tree.items]
        return self.signs.array([[self.write(x) for x in row] for row in rows])


CALLS: Mapping[str, Callable[[Writer, Call], str]] = {
    "inv": Writer.inverse,
    "outer": Writer.outer,
    "norm": Writer.norm,
    "where": Writer.where,
    "len": Writer.length,
    "eye": lambda _writer, _tree: "I",
    **dict.fromkeys(("ones", "ones_like"), lambda writer, _tree: writer.signs.one),
    **dict.fromkeys(("zeros", "zeros_like"), lambda writer, _tree: writer.signs.zero),
    **dict.fromkeys(("polygamma", "jv", "yv", "iv", "kv"), Writer.ordered),
}
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
