"""The pass: cotangents from roots to leaves, in linear time, without recursion.

Two sweeps: count for every needed node how many cotangents it will be sent; then run a stack of
nodes that have all of theirs. The first cotangent a node is sent is borrowed, the second makes a
sum of its own, and later ones are added to that in place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from gradcli.engine.graph import FREED, AccumulateGrad, Node, here
from gradcli.engine.ops.table import BINARY, UNARY, Spec
from gradcli.errors import GraphFreed

Cotangents = dict[Node | AccumulateGrad, Any]
# Makes a Tensor of a saved result: present exactly when the pass itself is recorded.
Wrap = Callable[[Any, Node], Any]


def count(roots: Iterable[Any]) -> dict[Any, int]:
    """How many cotangents each node reachable from the roots will be sent."""
    pending: dict[Any, int] = dict.fromkeys(roots, 0)
    stack = list(pending)
    while stack:
        node = stack.pop()
        for target in (node.a, node.b) if node.more is None else node.more:
            if target is None:
                continue
            sent = pending.get(target)
            if sent is None:
                pending[target] = 1
                stack.append(target)
            else:
                pending[target] = sent + 1
    return pending


def count_towards(roots: Iterable[Any], wanted: Iterable[Any]) -> dict[Any, int]:
    """The same, over those nodes alone that lie between the roots and the wanted ones."""
    reached = count(roots)
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
    pending = dict.fromkeys((node for node in reached if node in needed), 0)
    for node in pending:
        for parent in parents.get(node, ()):
            pending[node] += parent in needed
    return pending


def run(
    roots: Mapping[Node | AccumulateGrad, Any],
    *,
    retain: bool,
    wrap: Wrap | None = None,
    wanted: Iterable[Node | AccumulateGrad] | None = None,
    batch: int = 0,
) -> Cotangents:
    """Send the roots' seeds down the graph.

    Returns the cotangents of the `wanted` nodes (without it, of the leaves and retained tensors).
    `batch` is the number of leading axes that the seeds have beyond their roots' shapes. A node
    drops what it saved as soon as it has run, unless `retain`.
    """
    targeted = wanted is not None
    pending = count(roots) if wanted is None else count_towards(roots, wanted)
    collect = set(wanted or ())
    found: Cotangents = {}
    owned: set[Any] = set()
    held: dict[Any, Any] = {}
    ready: list[Any] = []
    meter = here.state.meter
    if meter is not None:
        meter.charge(len(pending))

    def send(target: Any, g: Any) -> None:
        before = held.get(target)
        if before is None:
            held[target] = g
        elif target in owned:
            before += g
        else:
            total = held[target] = before + g
            if type(total) is np.ndarray:
                owned.add(target)
        left = pending[target] - 1
        pending[target] = left
        if not left:
            ready.append(target)

    for root, seed in roots.items():
        if root in pending:
            held[root] = seed
            if not pending[root]:
                ready.append(root)
    # Before a node runs, does it lead anywhere that is wanted? In a full pass all do.
    while ready:
        node = ready.pop()
        g = held.pop(node)
        if node.retained is not None or node in collect or type(node) is AccumulateGrad:
            found[node] = g
            if type(node) is AccumulateGrad:
                continue
        if targeted and not leads_on(node, pending):
            continue
        if meter is not None:
            meter.slope(node.op, g)
        if node.y is FREED:
            raise freed(node)
        if node.specs is not None or node.more is not None:
            general(node, g, send, pending, wrap, batch)
        else:
            op = node.op
            x, y = node.x, node.y
            if wrap is not None:
                if op.saves_y:
                    y = wrap(y, node)
            elif x is not None:
                x = x.value
            if op.form == UNARY:
                rule = op.rules[0]
                static = node.static
                send(node.a, rule(g, x, y) if static is None else rule(g, x, y, *static))
            else:
                w = node.w
                if wrap is None and w is not None:
                    w = w.value
                target = node.a
                if target is not None and target in pending:
                    send(target, op.rules[0](g, x, w, y))
                target = node.b
                if target is not None and target in pending:
                    send(target, op.rules[1](g, x, w, y))
        if not retain and node.op.saves:
            node.x = node.w = None
            node.y = FREED
    return found


def leads_on(node: Node, pending: Mapping[Any, int]) -> bool:
    return any(target in pending for target in node.targets)


def freed(node: Node) -> GraphFreed:
    return GraphFreed(
        f"backward a second time: {node.name} has dropped the values it saved",
        hint="the first backward needs retain_graph=True",
    )


# ---- nodes whose cotangents must be made to fit ---------------------------------------------------


def general(
    node: Node,
    g: Any,
    send: Callable[[Any, Any], None],
    pending: Mapping[Any, int],
    wrap: Wrap | None,
    batch: int,
) -> None:
    """Run the rules of any node: any number of operands, broadcast, of mixed or complex dtype."""
    op = node.op
    operands = node.x if node.more is not None else (node.x, node.w)[: len(op.rules)]
    y = node.y
    if op.saves_y and wrap is not None:
        y = wrap(y, node)
    if wrap is None:
        operands = tuple(getattr(x, "value", x) for x in operands)
    if op.analytic:
        operands = tuple(conjugate(x) for x in operands)
        y = conjugate(y) if op.saves_y else y
    static = node.static or ()
    for k, target in enumerate(node.targets):
        if target is None or target not in pending:
            continue
        if op.variadic:
            part = op.rules[0](g, k, operands, y, *static)  # type: ignore[misc]  # it has a rule
        else:
            part = op.rules[k](g, *operands, y, *static)  # type: ignore[misc]
        send(target, part if node.specs is None else fit(part, node.specs[k], batch))


def conjugate(value: Any) -> Any:
    """The conjugate of a complex value, as the adjoint of a complex-linear map needs it."""
    if type(value) is Spec or value is None or value.dtype.kind != "c":
        return value
    return np.conj(value)


def fit(g: Any, spec: Spec, batch: int) -> Any:
    """Sum over the axes that broadcasting added or stretched, and cast to the operand's dtype."""
    shape = spec.shape
    if g.shape[batch:] != shape:
        extra = g.ndim - batch - len(shape)
        if extra > 0:
            g = np.sum(g, axis=tuple(range(batch, batch + extra)))
        stretched = tuple(
            k - len(shape) for k, n in enumerate(shape) if n == 1 and g.shape[batch + k] != 1
        )
        if stretched:
            g = np.sum(g, axis=stretched, keepdims=True)
    if g.dtype != spec.dtype:
        if g.dtype.kind == "c" and spec.dtype.kind != "c":
            g = np.real(g)
        g = g.astype(spec.dtype)
    return g
