"""How many axes an expression has, and what each is called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeGuard

from gradcli.lang.syntax import (
    Attribute,
    Binary,
    Call,
    Compare,
    Constant,
    Expression,
    Index,
    List,
    Name,
    Number,
    Prime,
    Slice,
    Tuple,
    Unary,
)

Ranks = Mapping[str, int]
NUMBERS = (
    "det",
    "len",
    "logdet",
    "logsumexp",
    "max",
    "mean",
    "min",
    "norm",
    "prod",
    "std",
    "sum",
    "trace",
)
MATRICES = ("eye", "outer", "zeros", "ones")
# Results of functions that have several.
PARTS = {("eigh", 1): 2, ("svd", 0): 2, ("svd", 1): 1, ("svd", 2): 2}


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
        return rank_of_call(tree.function.name, tree, ranks)
    if isinstance(tree, Index):
        part = part_of(tree)
        if part is not None:
            return PARTS[part]
        if isinstance(tree.value, Attribute):
            return 0
        places = places_of(tree)
        new = sum(isinstance(place, Constant) for place in places)
        taken = sum(isinstance(place, Number) for place in places)
        return rank(tree.value, ranks) + new - taken
    if isinstance(tree, List):
        return 1 + (rank(tree.items[0], ranks) if tree.items else 0)
    return 0


def rank_of_call(name: str, tree: Call, ranks: Ranks) -> int:
    if name in NUMBERS:
        return rank(tree.arguments[0], ranks) - 1 if tree.keywords else 0
    if name in MATRICES:
        return 2 if name in ("eye", "outer") else len(tree.arguments)
    if name == "diag":
        return 3 - rank(tree.arguments[0], ranks)
    return max((rank(x, ranks) for x in tree.arguments), default=0)


def places_of(tree: Index) -> list[Expression]:
    """What stands between the brackets, an axis each."""
    return list(tree.index.items) if isinstance(tree.index, Tuple) else [tree.index]


def part_of(tree: Expression) -> tuple[str, int] | None:
    """The function and the place of its result, of eigh(A)[1] and its like."""
    if not isinstance(tree, Index) or not isinstance(tree.index, Number):
        return None
    call = tree.value
    if not isinstance(call, Call) or not isinstance(call.function, Name):
        return None
    key = (call.function.name, int(tree.index.value.real))
    return key if key in PARTS else None


def is_column(tree: Index) -> bool:
    """v[:, None]"""
    places = places_of(tree)
    return len(places) == 2 and isinstance(places[0], Slice) and isinstance(places[1], Constant)


def is_call(tree: Expression, name: str) -> TypeGuard[Call]:
    if not isinstance(tree, Call) or not isinstance(tree.function, Name):
        return False
    return tree.function.name == name
