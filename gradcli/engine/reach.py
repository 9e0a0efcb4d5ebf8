"""What a pass can reach: the nodes below its roots, and how many cotangents each will be sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from gradcli.engine.graph import AccumulateGrad, Node, Target, stop


def reachable(roots: list[Target]) -> Iterator[Node | AccumulateGrad]:
    """Every node that cotangents of the roots can flow to, each once; the roots first."""
    seen: set[Node | AccumulateGrad] = set()
    stack = list(roots)
    while stack:
        node, _ = stop(stack.pop())
        if node is None or node in seen:
            continue
        seen.add(node)
        yield node
        if type(node) is Node:
            stack.extend(reversed(node.targets))


def count(roots: Iterable[Any]) -> dict[Any, int]:
    """How many cotangents each node reachable from the roots will be sent."""
    pending: dict[Any, int] = dict.fromkeys(roots, 0)
    stack = list(pending)
    while stack:
        node = stack.pop()
        for target in (node.a, node.b) if node.more is None else node.more:
            if target is None:
                continue
            if target in pending:
                pending[target] += 1
            else:
                pending[target] = 1
                if type(target) is not AccumulateGrad:
                    stack.append(target)
    return pending


def count_towards(roots: Iterable[Any], wanted: set[Any]) -> dict[Any, int]:
    """The same, over those nodes alone that lie between the roots and the wanted ones."""
    reached = count(roots)
    if all(node in wanted for node in reached if type(node) is AccumulateGrad):
        return reached  # every node leads to some leaf, so to a wanted one
    parents: dict[Any, list[Any]] = {}
    for node in reached:
        for target in (node.a, node.b) if node.more is None else node.more:
            if target is not None:
                parents.setdefault(target, []).append(node)
    needed = {node for node in wanted if node in reached}
    stack = list(needed)
    while stack:
        for parent in parents.get(stack.pop(), ()):
            if parent not in needed:
                needed.add(parent)
                stack.append(parent)
    return {
        node: sum(parent in needed for parent in parents.get(node, ()))
        for node in reached
        if node in needed
    }
