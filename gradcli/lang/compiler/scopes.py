"""Which names a function assigns, so that it is known before it runs where each name is found."""

from __future__ import annotations

from collections.abc import Iterable

from gradcli.lang.syntax import (
    Assign,
    AugmentedAssign,
    Block,
    ClassDef,
    Def,
    Define,
    Delete,
    Expression,
    For,
    If,
    Import,
    List,
    Name,
    Starred,
    Statement,
    Try,
    Tuple,
    While,
    With,
)


class Names:
    """The names of one function or class; `outer` are those of the function around it."""

    __slots__ = ("names", "outer", "owner")

    def __init__(self, names: Iterable[str], outer: Names | None, owner: str = "") -> None:
        self.names = frozenset(names)
        self.outer = outer
        # The name by which a method knows its instance.
        self.owner = owner


def distance(name: str, names: Names | None) -> int | None:
    """How many functions further out a name is assigned; None for a global one."""
    count = 0
    while names is not None:
        if name in names.names:
            return count
        names, count = names.outer, count + 1
    return None


def named(target: Expression | None) -> list[str]:
    """The variables that a target assigns."""
    found: list[str] = []
    pending = [target]
    while pending:
        each = pending.pop()
        if isinstance(each, Name):
            found.append(each.name)
        elif isinstance(each, Tuple | List):
            pending += each.items
        elif isinstance(each, Starred):
            pending.append(each.value)
    return found


def assigned(block: Block) -> set[str]:
    """The variables that a body assigns, in blocks within it too, not in functions within it."""
    found: set[str] = set()
    pending: list[Block | None] = [block]
    while pending:
        each = pending.pop()
        for statement in each.statements if each else ():
            found.update(assigned_by(statement))
            pending += blocks(statement)
    return found


def assigned_by(node: Statement) -> list[str]:
    if isinstance(node, Assign):
        return [name for target in node.targets for name in named(target)]
    if isinstance(node, AugmentedAssign | For):
        return named(node.target)
    if isinstance(node, ClassDef | Define | Def):
        return [node.name]
    if isinstance(node, Delete):
        return [name for target in node.targets for name in named(target)]
    if isinstance(node, Import):
        return [each.other or each.name.split(".")[0] for each in node.names]
    if isinstance(node, With):
        return [name for _, target in node.contexts for name in named(target)]
    if isinstance(node, Try):
        return [each.name for each in node.handlers if each.name]
    return []


def blocks(node: Statement) -> list[Block | None]:
    """The blocks that a statement holds, but for a function's body."""
    if isinstance(node, If):
        return [*(body for _, body in node.branches), node.orelse]
    if isinstance(node, While | For):
        return [node.body, node.orelse]
    if isinstance(node, With):
        return [node.body]
    if isinstance(node, Try):
        return [node.body, *(each.body for each in node.handlers), node.orelse, node.final]
    return []
