"""Forward mode: tangents from leaves up to a result, over the graph that recorded it.

What a node saved for its rules is what its tangent needs, too: an elementwise row's rules with the
tangent in the cotangent's place, a linear row's own operation, a multilinear row's with one operand
moved at a time; other rows state theirs. Operands are not conjugated here: a tangent is J t, a
cotangent J^H g (Griewank and Walther, Evaluating Derivatives, 2008, chapter 3).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gradcli.engine.apply import record
from gradcli.engine.autograd import saved_result
from gradcli.engine.backward import Wrap, freed, parts, run
from gradcli.engine.graph import FREED, AccumulateGrad, Node, Output, here, recording
from gradcli.engine.operands import as_operand
from gradcli.engine.ops.table import Op, Spec
from gradcli.engine.reach import count_towards
from gradcli.engine.storage import check_versions, saved_operands
from gradcli.engine.tensor import edge, tensor

Place = Node | AccumulateGrad | Output


def ascending(root: Place, leaves: Sequence[Place]) -> list[Place]:
    """What lies between the leaves and the root, operands before what reads them."""
    pending = count_towards([root], set(leaves))
    order: list[Place] = []
    ready: list[Any] = [root] if root in pending else []
    while ready:
        node = ready.pop()
        order.append(node)
        for target in targets_of(node):
            if target in pending:
                pending[target] -= 1
                if not pending[target]:
                    ready.append(target)
    order.reverse()
    return order


def targets_of(node: Any) -> tuple[Any, ...]:
    return (node.a, node.b) if node.more is None else node.more


def push(
    root: Place, tangents: Mapping[Place, Any], *, batch: int = 0, wrap: Wrap | None = None
) -> Any:
    """The tangent of the root; None if it depends on none of the places that have tangents.

    `batch` is the number of leading axes that every tangent has beyond its primal's shape. With
    `wrap` (see backward.run) tangents are Tensors, and this is recorded.
    """
    order = ascending(root, list(tangents))
    waiting: dict[Any, int] = {}
    for node in order:
        for target in targets_of(node):
            waiting[target] = waiting.get(target, 0) + 1
    moving: dict[Any, Any] = dict(tangents)
    meter = here.state.meter
    for node in order:
        if node in tangents:
            continue
        if type(node) is Output:
            t = moving[node.a][node.number]
        else:
            assert type(node) is Node
            given = [moving.get(target) for target in node.targets]
            if meter is not None:
                meter.slope(node, next(t for t in given if t is not None))
            t = tangent(node, given, batch, wrap)
        moving[node] = t
        for target in targets_of(node):
            if target in waiting:
                waiting[target] -= 1
                if not waiting[target]:
                    moving.pop(target, None)
    return moving.get(root)


def tangent(node: Node, given: Sequence[Any], batch: int, wrap: Wrap | None) -> Any:
    """What a node's result moves by when its operands move by `given` (None: not at all)."""
    op = node.op
    if node.y is FREED:
        raise freed(node)
    check_versions(node)
    if op.joint or (batch and (op.linear or op.multilinear) and not op.elementwise):
        return transposed(node, given, batch, wrap)
    operands = saved_operands(node)[: len(given)]
    y = node.y
    if wrap is None:
        operands = tuple([getattr(x, "value", x) for x in operands])
    elif op.saves_y:
        y = wrap(y, node)
    static = node.static or ()
    if op.jvp is not None:
        moves = given[0] if len(given) == 1 else tuple(given)
        if op.variadic:
            return op.jvp(tuple(given), operands, y, *static)
        return op.jvp(moves, *operands, y, *static)
    if op.elementwise:
        return elementwise(node, given, operands, y, batch)
    specs = node.specs
    assert specs is not None
    if op.linear:
        moves = [still(x) if t is None else t for t, x in zip(given, specs, strict=True)]
        return applied(op, moves, static, wrap)
    terms = [
        applied(op, [*operands[:k], t, *operands[k + 1 :]], static, wrap)
        for k, t in enumerate(given)
        if t is not None
    ]
    return sum(terms[1:], start=terms[0])


def applied(op: Op, operands: Sequence[Any], static: tuple[Any, ...], wrap: Wrap | None) -> Any:
    """The operation itself, on raw values or on Tensors."""
    if wrap is None:
        return op.forward(*operands, *static)
    return record(op, tuple([as_operand(x) for x in operands]), static)


def still(spec: Spec) -> Any:
    return np.zeros(spec.shape, spec.dtype)


def elementwise(
    node: Node, given: Sequence[Any], operands: Sequence[Any], y: Any, batch: int
) -> Any:
    """The sum of the rules, each with its operand's tangent spread to the result's shape."""
    static = node.static or ()
    shape = None if node.specs is None else np.broadcast_shapes(*(s.shape for s in node.specs))
    total = None
    for rule, t in zip(node.op.rules, given, strict=True):
        if t is None or rule is None:
            continue
        spread = t if shape is None else spread_over(t, shape, batch)
        part = rule(spread, *operands, y, *static)
        total = part if total is None else total + part
    return total


def spread_over(t: Any, shape: tuple[int, ...], batch: int) -> Any:
    """Tangents of an operand as those of it broadcast to `shape`; the batch stays ahead."""
    lead, own = t.shape[:batch], t.shape[batch:]
    if own == shape:
        return t
    lifted = np.reshape(t, (*lead, *(1,) * (len(shape) - len(own)), *own))
    return np.broadcast_to(lifted, lead + shape)


def transposed(node: Node, given: Sequence[Any], batch: int, wrap: Wrap | None) -> Any:
    """J t as the adjoint of u -> J^H u: for operations of which only the rule is known, and for
    batches of tangents, which a rule takes and an operation may not."""
    results = node.y if node.op.several else (node.y,)
    cotangents = [tensor(np.zeros(y.shape, y.dtype)) for y in results]
    for u in cotangents:
        if u.dtype.kind in "fc":
            u.requires_grad_()
    places = [edge(u) for u in cotangents]
    moved = {x: 1 for x, t in zip(node.targets, given, strict=True) if t is not None}
    with recording(True):
        g = tuple(cotangents) if node.op.several else cotangents[0]
        sent = [part for _, part, _ in parts(node, g, moved, saved_result, 0)]
    total: dict[Any, Any] = {}
    for part, t in zip(sent, [t for t in given if t is not None], strict=True):
        root = None if part is None else edge(part)
        if root is not None:
            wanted = [place for place in places if place is not None]
            found = run({root: t}, retain=True, wrap=wrap, wanted=wanted, batch=batch)
            for place, move in found.items():
                total[place] = total[place] + move if place in total else move
    moves = tuple([total.get(place) for place in places])
    return moves if node.op.several else moves[0]
