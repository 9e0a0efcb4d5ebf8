"""Where a graph was recorded at a point that has no derivative."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from gradcli.engine.graph import FREED, AccumulateGrad, Node, Target, here
from gradcli.engine.reach import reachable


def kinks(root: Target) -> Iterator[Node]:
    """The nodes below `root` whose operands lie on a kink of their operation.

    To be asked before a pass, which drops what the nodes saved; a row states its kink and the
    convention that its rules follow there (`node.op.kink`).
    """
    meter = here.state.meter
    for node in reachable([root]):
        if type(node) is not Node or node.op.kink is None or node.y is FREED:
            continue
        operands = node.x if node.more is not None else (node.x, node.w)[: len(node.op.rules)]
        values = [raw(x, target) for x, target in zip(operands, node.targets, strict=True)]
        if meter is not None:
            meter.charge(sum(x.size for x in values if x is not None) / 500)
        at = node.op.kink.at
        values.append(node.y if node.op.saves_y else None)
        names = at.__code__.co_varnames
        needed = zip(values, names, strict=False)
        if any(x is None and not name.startswith("_") for x, name in needed):
            continue  # the rules that will run do not read it, so they have no kink
        if np.any(at(*values, *(node.static or ()))):
            yield node


def raw(operand: Any, target: Target | None) -> Any:
    """The value of an operand that was saved, or is a leaf; None of any other."""
    if type(target) is AccumulateGrad:
        operand = target.variable
    return getattr(operand, "value", None)
