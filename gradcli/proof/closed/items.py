"""Parts of a product of labelled tensors: how two are joined, and how all are written."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from gradcli.lang.printer import canonical
from gradcli.lang.syntax import Binary, Expression
from gradcli.proof.closed.terms import ONE, SIZE, Base, Labels, NoFormula, Poly
from gradcli.proof.closed.trees import binary, integer, literal, powered


class Item:
    """A part of a product: a chain of trees joined by @, or one tree, with its labels.

    below  it divides
    base   what it is a power of, where that is known, and which power
    """

    __slots__ = ("base", "below", "chain", "labels", "power")

    def __init__(
        self,
        chain: list[Expression],
        labels: Labels,
        *,
        below: bool = False,
        base: Base | Poly | None = None,
        power: Fraction = ONE,
    ) -> None:
        self.chain = chain
        self.labels = labels
        self.below = below
        self.base = base
        self.power = power

    @property
    def tree(self) -> Expression:
        return chained(self.chain)


def chained(trees: Sequence[Expression]) -> Expression:
    tree = trees[0]
    for each in trees[1:]:
        tree = binary("@", tree, each)
    return tree


def gathered(scalars: Sequence[Item]) -> list[Item]:
    """Equal ones as one power."""
    found: dict[tuple[str, bool], list[Item]] = {}
    for item in scalars:
        found.setdefault((canonical(item.tree), item.below), []).append(item)
    return [
        same[0]
        if len(same) == 1
        else Item([powered(same[0].tree, Fraction(len(same)))], (), below=same[0].below)
        for same in found.values()
    ]


def place_of(unit: Item) -> Expression:
    assert isinstance(unit.base, Base)
    return integer(unit.base.static[0])


def is_size(item: Item, n: int) -> bool:
    return isinstance(item.base, Base) and item.base.name == SIZE and item.base.static[1] == n


def is_base(item: Item, name: str) -> bool:
    return isinstance(item.base, Base) and item.base.name == name


def divided(item: Item) -> Expression:
    return binary("/", integer(1), item.tree) if item.below else item.tree


def together(a: Item, b: Item) -> Item:
    """The elementwise product, or quotient."""
    if a.below and b.below:
        return Item([binary("*", a.tree, b.tree)], a.labels, below=True)
    if a.below:
        a, b = b, a
    return Item([binary("/" if b.below else "*", a.tree, b.tree)], a.labels)


def scaled_columns(m: Item, v: Item) -> Item:
    if m.below:
        raise NoFormula("it divides by a scaled matrix")
    return Item([binary("/" if v.below else "*", m.tree, v.tree)], m.labels)


def product(
    coefficient: Fraction, scalars: list[list[Expression]], chain: list[Expression], below: bool
) -> Expression:
    """Number, scalars, then the chain, without parentheses: the first of a chain is multiplied."""
    trees = [chained(scalar) for scalar in scalars]
    number = abs(coefficient)
    if not chain and len(scalars) == 1 and len(scalars[0]) > 1:
        trees, chain = [], scalars[0]
    front: Expression | None = None
    top = Fraction(number.numerator) if divides(number) else number
    if top != 1 or not (trees or chain):
        front = literal(top)
    for tree in [*trees, *chain[:1]]:
        front = tree if front is None else multiplied(front, tree)
    assert front is not None
    return chained([front, *chain[1:]])


def multiplied(front: Expression, tree: Expression) -> Expression:
    """A scalar times an elementwise product, without parentheses around that."""
    if isinstance(tree, Binary) and tree.operator in "*/":
        return binary(tree.operator, multiplied(front, tree.left), tree.right)
    return binary("*", front, tree)


def divides(number: Fraction) -> bool:
    """Is it shown as a numerator and a denominator?"""
    return (number.denominator != 1 and number.denominator <= 9) or (
        number.denominator != 1 and Fraction(repr(float(number))) != number
    )


def quotient(tree: Expression, below: list[Expression], coefficient: Fraction) -> Expression:
    number = abs(coefficient)
    if divides(number):
        below = [integer(number.denominator), *below]
    if not below:
        return tree
    bottom = below[0]
    for each in below[1:]:
        bottom = binary("*", bottom, each)
    return binary("/", tree, bottom)
