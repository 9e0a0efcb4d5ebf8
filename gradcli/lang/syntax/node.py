"""What all nodes of a tree have in common, and when two trees say the same.

Nodes compare by identity; `same` compares structure. Nothing here walks a tree by recursion.
"""

from __future__ import annotations

from typing import ClassVar

from gradcli.lang.source import Span


class Node:
    """Base of all nodes. `__slots__` of a subclass, in order, are its constructor's arguments."""

    __slots__: ClassVar[tuple[str, ...]] = ("span",)
    span: Span

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.span.start}:{self.span.end}>"


def same(a: object, b: object) -> bool:
    """Whether two trees say the same, wherever they stand and however their numbers are spelt."""
    pairs = [(a, b)]
    while pairs:
        a, b = pairs.pop()
        if type(a) is not type(b):
            return False
        if isinstance(a, Node):
            pairs += [(getattr(a, slot), getattr(b, slot)) for slot in structure(type(a))]
        elif isinstance(a, list | tuple) and isinstance(b, list | tuple):
            if len(a) != len(b):
                return False
            pairs += zip(a, b, strict=True)
        elif a != b:
            return False
    return True


def structure(node: type[Node]) -> tuple[str, ...]:
    """The slots that make the tree: all but spans and the spelling of numbers."""
    return tuple(slot for slot in node.__slots__ if slot != "text" and not slot.endswith("_span"))
