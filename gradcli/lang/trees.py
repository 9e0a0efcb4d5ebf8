"""Parameters in dicts, lists and tuples: their tensors in order, and others in their places."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from gradcli.engine.tensor import Tensor
from gradcli.errors import WrongType, WrongValue, described
from gradcli.lang.dialects import active
from gradcli.lang.values import LISTS

DEEPEST = 32  # of trees within trees


def is_tree(value: Any) -> bool:
    """Is it a dict, a tuple of tensors or of trees, or, in a framework's dialect, a list of them?

    In the language itself a list of tensors is one tensor.
    """
    if type(value) is dict:
        return True
    if type(value) not in LISTS:
        return False
    several = type(value) is tuple or active.dialect is not None
    return any(
        type(item) is dict or (several and (type(item) is Tensor or is_tree(item)))
        for item in value
        if item is not value
    )


def leaves_of(value: Any, depth: int = DEEPEST) -> Iterator[Any]:
    """What a tree holds that is no tree, in order."""
    if not is_tree(value):
        yield value
        return
    if not depth:
        raise WrongValue(f"parameters nested more than {DEEPEST} deep")
    for item in value.values() if type(value) is dict else value:
        yield from leaves_of(item, depth - 1)


def filled(tree: Any, leaves: Iterator[Any]) -> Any:
    """The tree with other leaves."""
    if not is_tree(tree):
        return next(leaves)
    if type(tree) is dict:
        return {key: filled(item, leaves) for key, item in tree.items()}
    return type(tree)([filled(item, leaves) for item in tree])


def mapped(function: Callable[[Any], Any], tree: Any) -> Any:
    """The tree with a function's results for its leaves."""
    return filled(tree, map(function, leaves_of(tree)))


class Points:
    """Where a function is differentiated: trees, all of whose leaves are tensors."""

    def __init__(self, trees: Sequence[Any]) -> None:
        self.trees = trees
        self.leaves = [leaf for tree in trees for leaf in leaves_of(tree)]

    def placed(self, found: Iterable[Any]) -> list[Any]:
        """One thing for each leaf, in the places of the leaves."""
        parts = iter(found)
        return [filled(tree, parts) for tree in self.trees]

    def beside(self, trees: Sequence[Any], what: str) -> list[Any]:
        """The leaves of other trees, which must have the same branches."""
        found = [leaf for tree in trees for leaf in leaves_of(tree)]
        if len(found) != len(self.leaves) or len(trees) != len(self.trees):
            raise WrongType(f"{what} have the same parts as the arguments")
        return found


def tensor_tree(value: Any, name: str, make: Callable[[Any], Tensor]) -> Any:
    """The results of a function, each as a tensor."""

    def made(leaf: Any) -> Tensor:
        if leaf is None or type(leaf) is str:
            raise WrongType(f"{name} returns {described(leaf)}, which has no derivative")
        return make(leaf)

    return mapped(made, value)
