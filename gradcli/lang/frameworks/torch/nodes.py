"""The graph's nodes as PyTorch shows them: what they saved, what a leaf's is called."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradcli.engine.backward import freed
from gradcli.engine.graph import FREED, AccumulateGrad, Node
from gradcli.engine.storage import saved_operands
from gradcli.engine.tensor import Tensor
from gradcli.errors import UnknownAttribute
from gradcli.lang.types.table import Type
from gradcli.lang.types.tensor import ACCUMULATOR, NODE


def saved_operand(name: str, place: int) -> Callable[[Node], Any]:
    """`_saved_self` and `_saved_other`: an operand that the backward pass needs."""

    def get(node: Node) -> Any:
        check(node)
        operands = saved_operands(node)
        if place < len(operands) and type(operands[place]) is Tensor:
            return operands[place]
        raise nothing(node, name)

    return get


def saved_result(node: Node) -> Any:
    """A tensor of its own: a node does not hold its result."""
    check(node)
    if not node.op.saves_y or type(node.y) is tuple:
        raise nothing(node, "_saved_result")
    return Tensor(node.y)


def exponent(node: Node) -> Any:
    if node.op.name != "pow_scalar" or not node.static:
        raise nothing(node, "_saved_exponent")
    return node.static[0]


def check(node: Node) -> None:
    if node.y is FREED:
        raise freed(node)


def nothing(node: Node, name: str) -> UnknownAttribute:
    operands = zip(("_saved_self", "_saved_other"), saved_operands(node), strict=False)
    kept = [each for each, value in operands if type(value) is Tensor]
    kept += ["_saved_result"] * bool(node.op.saves_y)
    hint = f"it saved {', '.join(kept)}" if kept else "it saved nothing"
    return UnknownAttribute(f"{node.name} has no '{name}'", hint=hint)


SAVED: dict[str, Callable[[Node], Any]] = {
    "_saved_exponent": exponent,
    "_saved_other": saved_operand("_saved_other", 1),
    "_saved_result": saved_result,
    "_saved_self": saved_operand("_saved_self", 0),
}
NODES: dict[type, Type] = {
    Node: NODE._replace(attributes={**NODE.attributes, **SAVED}),
    AccumulateGrad: ACCUMULATOR._replace(
        methods={**ACCUMULATOR.methods, "name": lambda node: "torch::autograd::AccumulateGrad"}
    ),
}
