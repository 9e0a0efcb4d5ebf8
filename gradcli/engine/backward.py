"""The pass: cotangents from roots to leaves, in linear time, without recursion.

Two sweeps: count for every needed node how many cotangents it will be sent; then run a stack of
nodes that have all of theirs. The first cotangent a node is sent is borrowed, the second makes a
sum of its own, and later ones are added to that in place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from gradcli.engine import blocks
from gradcli.engine.graph import FREED, AccumulateGrad, Node, Output, here
from gradcli.engine.hooked import as_tensors, posthooked, prehooked, replaced
from gradcli.engine.ops.table import TABLE, Spec
from gradcli.engine.reach import count, count_towards
from gradcli.engine.storage import check_versions
from gradcli.errors import Anomaly, GraphFreed, ShapeMismatch

ndarray, single, double = np.ndarray, np.dtype(np.float32), np.dtype(np.float64)
SUM = TABLE["sum"]
Cotangents = dict[Node | AccumulateGrad | Output, Any]
# What a node sends: where, the cotangent, and whether that is an array which nothing else holds.
Sent = tuple[Any, Any, bool]
# Makes a Tensor of a saved result: present exactly when the pass itself is recorded.
Wrap = Callable[[Any, Node], Any]


def run(  # noqa: PLR0915  # one loop in one piece: calls would double its cost
    roots: Mapping[Node | AccumulateGrad | Output, Any],
    *,
    retain: bool,
    wrap: Wrap | None = None,
    wanted: Iterable[Node | AccumulateGrad | Output] | None = None,
    batch: int = 0,
    ours: set[Any] | None = None,
) -> Cotangents:
    """Send the roots' seeds down the graph.

    Returns the cotangents of the `wanted` nodes (without it, of the leaves and retained tensors).
    `batch` is the number of leading axes that the seeds have beyond their roots' shapes. A node
    drops what it saved as soon as it has run, unless `retain`. In `ours` come the nodes whose
    cotangents are arrays that nothing else holds.
    """
    targeted = wanted is not None
    collect = frozenset(wanted or ())
    pending = count(roots) if wanted is None else count_towards(roots, set(collect))
    found: Cotangents = {}
    # Of nodes that wait for more cotangents: the first, or the sum so far. It is borrowed from the
    # rule that gave it, except an array that this pass made: it is added to in place.
    waiting: dict[Any, Any] = {}
    ours = set() if ours is None else ours
    # Of nodes with several outputs: the cotangents that have come, by the outputs' numbers.
    gathered: dict[Any, dict[int, Any]] = {}
    # Of nodes that have all of theirs, and these.
    ready: list[Any] = []
    complete: list[Any] = []
    meter, anomaly = here.state.meter, here.state.anomaly
    if meter is not None:
        meter.charge(len(pending))

    def send(target: Any, g: Any, made: bool = False) -> None:
        if meter is not None:
            meter.hold(g)
        total = waiting.pop(target, None) if waiting else None
        if total is None:
            total = g
            if made and type(g) is ndarray:  # not a Tensor
                ours.add(target)
        elif target in ours:
            total += g
        else:
            total = total + g
            if type(total) is ndarray:
                ours.add(target)
            if meter is not None:
                meter.hold(total)
        left = pending[target] - 1
        if left:
            pending[target] = left
            waiting[target] = total
        elif type(target) is AccumulateGrad and target.watch is None:
            found[target] = total
        else:
            ready.append(target)
            complete.append(total)

    def forgo(targets: Iterable[Any]) -> None:
        """These get nothing from a node; if nothing from any, then nothing from them either."""
        stack = [target for target in targets if target in pending]
        while stack:
            target = stack.pop()
            pending[target] -= 1
            if pending[target]:
                continue
            for place in (waiting, gathered):
                if target in place:
                    ready.append(target)
                    complete.append(place.pop(target))
                    break
            else:
                stack += [further for further in target.targets if further in pending]

    for root, seed in roots.items():
        if root in pending:
            pending[root] += 1
            send(root, seed)
    while ready:
        node = ready.pop()
        g = complete.pop()
        watch = node.watch
        if watch is not None:
            if watch.tensor:
                g = replaced(watch.tensor, g)
                ours.discard(node)
            if watch.retained is not None:
                found[node] = g
        if type(node) is AccumulateGrad:
            found[node] = g
            continue
        if type(node) is Output:
            if watch is not None or node in collect:
                found[node] = g
            owner = node.a
            if owner in pending:
                gathered.setdefault(owner, {})[node.number] = g
                pending[owner] -= 1
                if not pending[owner]:
                    ready.append(owner)
                    complete.append(gathered.pop(owner))
            continue
        if targeted:
            if node in collect:
                found[node] = g
            if not any(target in pending for target in node.targets):
                continue
        op, x, w, y = node.op, node.x, node.w, node.y
        if y is FREED:
            raise freed(node)
        if op.several:  # as a tuple, None for outputs that got none
            g = tuple([g.get(k) for k in range(len(y))])
        if watch is not None and watch.before:
            g = prehooked(watch.before, g)
            if not any(part is not None for part in (g if op.several else (g,))):
                forgo(node.targets)
                continue
        if meter is not None:
            meter.slope(node, next(x for x in g if x is not None) if op.several else g)
        specs = node.specs
        if (
            anomaly
            or watch is not None
            or op.special
            or (specs is not None and g.dtype is not double and g.dtype is not single)
        ):
            sent = parts(node, g, pending, wrap, batch)
            if anomaly:
                sent = without_nan(node, sent)
            if watch is not None and watch.after:
                sent = posthooked(node, g, sent)
            for target, part, made in sent:
                if part is None:
                    forgo((target,))
                    continue
                send(target, part, made)
        elif node.more is not None:
            values = unpacked(node, wrap)
            if wrap is not None and op.saves_y:
                y = wrap(y, node)
            rules = blocks.rules(op, g) if meter is not None and op.divides else op.rules
            arguments = (g, *values, y) if node.static is None else (g, *values, y, *node.static)
            for k, target in enumerate(node.more):
                if target is None or (targeted and target not in pending):
                    continue
                part, spec = rules[k](*arguments), specs[k]
                if part.shape != spec.shape or part.dtype is not spec.dtype:
                    part = fit(part, spec, batch)
                send(target, part, op.makes[k])
        else:
            if x is not None:
                if x.meta is not None and x.meta.version is not None:
                    check_versions(node)
                if wrap is None:
                    x = x.value
            if w is not None:
                if w.meta is not None and w.meta.version is not None:
                    check_versions(node)
                if wrap is None:
                    w = w.value
            if wrap is not None and op.saves_y:
                y = wrap(y, node)
            target, rules = node.a, op.rules if meter is None else blocks.rules(op, g)
            if op.single:
                static = node.static
                part = rules[0](g, x, y) if static is None else rules[0](g, x, y, *static)
                send(target, part if specs is None else fit(part, specs[0], batch))
            else:
                if target is not None and target in pending:
                    part = rules[0](g, x, w, y)
                    send(target, part if specs is None else fit(part, specs[0], batch))
                target = node.b
                if target is not None and target in pending:
                    part = rules[1](g, x, w, y)
                    send(target, part if specs is None else fit(part, specs[1], batch))
        if not retain and op.saves:
            node.x = node.w = None
            node.y = FREED
            if watch is not None:
                watch.packed = None
    return found


def freed(node: Node) -> GraphFreed:
    return GraphFreed(
        f"backward a second time: {node.name} has dropped the values it saved",
        hint="the first backward needs retain_graph=True",
    )


# ---- anomalies ----------------------------------------------------------------------------------


def without_nan(node: Node, sent: Iterable[Sent]) -> Iterator[Sent]:
    """What a node sends, unless nan is in it: the first is an error that says where."""
    for k, (target, part, made) in enumerate(sent):
        value: Any = getattr(part, "value", part)
        if value is not None and np.isnan(value).any():
            here.state.span = node.span
            raise Anomaly(f"{node.name} gave nan as the gradient of its operand {k + 1}")
        yield target, part, made


# ---- nodes whose cotangents must be made to fit -------------------------------------------------


def parts(
    node: Node, g: Any, pending: Mapping[Any, int], wrap: Wrap | None, batch: int
) -> Iterator[Sent]:
    """What any node sends: of any number of operands, broadcast, of mixed or complex dtype."""
    op = node.op
    if op.joint:
        yield from joint_parts(node, g, pending, wrap, batch)
        return
    if node.watch is not None and node.watch.packed is not None:
        node = node.watch.packed.opened(node, wrap is not None)
    operands, y = unpacked(node, wrap), node.y
    if wrap is not None and op.saves_y:
        y = wrap(y, node)
    if op.analytic and is_complex(g):
        operands = [conjugate(x) for x in operands]
        y = tuple([conjugate(part) for part in y]) if op.several else conjugate(y)
    static, rules = node.static or (), op.rules if op.several else blocks.rules(op, g)
    for k, target in enumerate(node.targets):
        if target is None or target not in pending:
            continue
        rule: Any = rules[0 if op.variadic else k]
        arguments = (k, operands) if op.variadic else operands
        part = rule(g, *arguments, y, *static)
        made = not op.variadic and op.makes[k] and wrap is None
        yield target, part if node.specs is None else fit(part, node.specs[k], batch), made


def unpacked(node: Node, wrap: Wrap | None) -> Sequence[Any]:
    """The saved operands, as the rules read them, if they are as they were when they were saved."""
    operands = node.x if node.more is not None else (node.x, node.w)[: len(node.op.rules)]
    values, seen, doubtful = [], node.seen, node.watch is not None
    for k, x in enumerate(operands):
        if x is None or type(x) is Spec:
            values.append(x)
            continue
        values.append(x.value)
        version = None if x.meta is None else x.meta.version
        if version is not None and version.count != (0 if seen is None else seen[k]):
            doubtful = True
    if doubtful:
        check_versions(node)
    return values if wrap is None else operands


def joint_parts(
    node: Node, g: Any, pending: Mapping[Any, int], wrap: Wrap | None, batch: int
) -> Iterator[Sent]:
    """What a node sends whose one rule, on Tensors, gives the cotangents of all its operands."""
    check_versions(node)
    assert node.specs is not None
    gs = g if type(g) is tuple else (g,)
    found = row_by_row(node, gs, wrap, batch) if batch else fitted(node, gs, wrap)
    for target, part in zip(node.targets, found, strict=False):
        if target is not None and target in pending:
            yield target, part, False


def fitted(node: Node, gs: tuple[Any, ...], wrap: Wrap | None) -> list[Any]:
    """The cotangents of the operands by a joint rule, None where there is none."""
    assert node.specs is not None
    rule: Any = node.op.rules[0]
    found: list[Any] = []
    for part, spec in zip(rule(as_tensors(gs), node), node.specs, strict=False):
        given = None if part is None else fit(part.value if wrap is None else part, spec, 0)
        if given is not None and given.shape != spec.shape:
            raise ShapeMismatch(
                f"{node.name} gave a gradient of shape {given.shape} for shape {spec.shape}"
            )
        found.append(given)
    return found


def row_by_row(node: Node, gs: tuple[Any, ...], wrap: Wrap | None, batch: int) -> list[Any]:
    """The same of cotangents with leading axes: a program's own rule knows nothing of them."""
    lead = next(g.shape[:batch] for g in gs if g is not None)
    rows = [
        fitted(node, tuple([None if g is None else g[at] for g in gs]), wrap)
        for at in np.ndindex(lead)
    ]
    if not rows:
        assert node.specs is not None
        return [np.zeros((*lead, *spec.shape), spec.dtype) for spec in node.specs]
    found: list[Any] = []
    for column in zip(*rows, strict=True):
        if any(part is None for part in column):
            found.append(None)
            continue
        stack = np.stack(column)
        found.append(stack.reshape(*lead, *stack.shape[1:]))
    return found


def is_complex(g: Any) -> bool:
    """Of a cotangent, or of the several of a node with several outputs."""
    if type(g) is not tuple:
        return bool(g.dtype.kind == "c")
    return any(x is not None and x.dtype.kind == "c" for x in g)


def conjugate(value: Any) -> Any:
    """The conjugate of a complex value, as the adjoint of a complex-linear map needs it."""
    if type(value) is Spec or value is None or value.dtype.kind != "c":
        return value
    return np.conj(value)


def fit(g: Any, spec: Spec, batch: int) -> Any:
    """Sum over the axes that broadcasting added or stretched, and cast to the operand's dtype."""
    shape = spec.shape
    if not shape and not batch and type(g) is ndarray:
        g = np.add.reduce(g, None)
    elif (g.shape[batch:] if batch else g.shape) != shape:
        extra = g.ndim - batch - len(shape)
        total = SUM.forward if type(g) is ndarray else SUM
        if extra > 0:
            g = total(g, tuple(range(batch - g.ndim, batch - g.ndim + extra)), False)
        if 1 in shape:
            rank = len(shape)
            stretched = [k for k in range(-rank, 0) if shape[k] == 1 and g.shape[k] != 1]
            if stretched:
                g = total(g, tuple(stretched), True)
    if g.dtype is not spec.dtype and g.dtype != spec.dtype:
        if g.dtype.kind == "c" and spec.dtype.kind != "c":
            g = np.real(g)
        g = g.astype(spec.dtype)
    return g
