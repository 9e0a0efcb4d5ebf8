"""Applying a row of the op table: compute the value and, where due, record a node.

One function a form: operations of one number, of two, and of anything. The first two are the hot
path of every program, so what they need is in local variables and they call nothing on scalars.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any

import numpy as np

from gradcli.engine import blocks
from gradcli.engine.arguments import REFUSALS, bound, refused
from gradcli.engine.catalogue import Catalogue
from gradcli.engine.graph import Node, State, Target, here, output
from gradcli.engine.operands import ONE, as_operand
from gradcli.engine.ops.table import BINARY, TABLE, UNARY, Op, Spec, spec_of, specs_of
from gradcli.engine.promotion import NUMBERED, check_broadcast, met
from gradcli.engine.storage import made_in_inference, note_versions, note_view, shared
from gradcli.engine.tensor import Tensor, edge
from gradcli.errors import WrongType

Apply = Callable[..., Tensor]

float64, ndarray = np.float64, np.ndarray
float64_dtype, float32_dtype = np.dtype(np.float64), np.dtype(np.float32)
new = object.__new__
# These are run by map() without a step of Python.
VALUE, KIND = attrgetter("value"), attrgetter("dtype.kind")


# ---- one operand --------------------------------------------------------------------------------


def unary(op: Op) -> Apply:  # noqa: PLR0915  # the hot path
    """A row of one operand. Where it is not elementwise, Specs stand for what is not saved."""
    forward, differentiable, elementwise = op.forward, op.differentiable, op.elementwise
    save_x, save_y, view = bool(op.keep[1]), op.saves_y, op.view
    unnumbered = op.name not in NUMBERED

    def apply(a: Any, *static: Any) -> Tensor:  # noqa: PLR0915  # calls would double its cost
        state = here.state
        if type(a) is not Tensor:
            a = as_operand(a)
        x = a.value
        plain = elementwise
        if view and type(x) is not ndarray:
            x = shared(a)
        if (type(x) is float64 and elementwise) or (
            x.dtype is float64_dtype and x.shape and state.meter is None
        ):
            try:
                y = forward(x, *static)
            except REFUSALS as reason:
                raise refused(op, (x,), reason) from None
            if type(y) is not float64:
                if y.dtype is not float64_dtype:
                    plain = False
                if not (elementwise or view or y.shape):
                    y = y[()]
        else:
            dtype = x.dtype
            agrees = dtype is float64_dtype or (dtype is float32_dtype and unnumbered)
            raw = (x,) if agrees else met(op, (x,), static, state.floating)
            y, _ = metered(op, raw, static, state)
            if plain and not (agrees and y.dtype is dtype):
                plain = y.dtype is dtype and dtype.kind != "c"
        out: Tensor = new(Tensor)
        out.value = y
        out.meta = out.origin = None
        if view:
            note_view(out, a)
        if not differentiable or not state.recording:
            return unrecorded(op, (a,), static, out, state)
        target = a.origin
        if target is None and (a.meta is None or (target := edge(a)) is None):
            return unrecorded(op, (a,), static, out, state)
        node: Node = new(Node)
        node.op = op
        node.a = target
        node.b = node.more = node.w = node.seen = node.price = node.watch = None
        node.static = static or None
        spec = None if plain else spec_of(x)
        node.specs = None if spec is None else (spec,)
        if elementwise:
            node.x = a if save_x else None
            node.y = y if save_y else None
        else:
            node.x = a if save_x else spec
            node.y = y if save_y else spec_of(y)
        if save_x and a.meta is not None and a.meta.version is not None:
            note_versions(node)
        node.span = state.span
        if state.meter is not None:
            state.meter.node()
        out.origin = node
        if state.tape is not None:
            state.tape.append(op, (a,), static, out)
        return out

    return apply


# ---- two operands -------------------------------------------------------------------------------


def binary(op: Op) -> Apply:  # noqa: PLR0915  # the hot path
    forward, differentiable, keep, save_y = op.forward, op.differentiable, op.keep, op.saves_y
    rule_a, rule_b = op.rules

    def apply(a: Any, b: Any) -> Tensor:  # noqa: PLR0915  # calls would double its cost
        state = here.state
        if type(a) is not Tensor:
            a = as_operand(a, b.value if type(b) is Tensor else ONE)
        x = a.value
        if type(b) is not Tensor:
            b = as_operand(b, x)
        w = b.value
        mixed = False
        if type(x) is float64 and type(w) is float64:
            try:
                y = forward(x, w)
            except REFUSALS as reason:
                raise refused(op, (x, w), reason) from None
        elif x.dtype is float64_dtype and w.dtype is float64_dtype:
            shape, other = x.shape, w.shape
            if shape != other:
                mixed = True
                if shape and other and state.meter is not None:
                    check_broadcast(shape, other)  # before anything is charged
            try:
                y = forward(x, w) if state.meter is None else metered(op, (x, w), (), state)[0]
            except REFUSALS as reason:
                raise refused(op, (x, w), reason) from None
        else:
            mixed = True
            y, _ = metered(op, met(op, (x, w), (), state.floating), (), state)
        out: Tensor = new(Tensor)
        out.value = y
        out.meta = out.origin = None
        if not differentiable or not state.recording:
            return unrecorded(op, (a, b), (), out, state)
        to_a = a.origin
        if to_a is None and a.meta is not None:
            to_a = edge(a)
        to_b = b.origin
        if to_b is None and b.meta is not None:
            to_b = edge(b)
        if to_a is None or rule_a is None:
            if to_b is None or rule_b is None:
                return unrecorded(op, (a, b), (), out, state)
            to_a, kept = None, keep[2]
        else:
            kept = keep[1] if to_b is None else keep[3]
        node: Node = new(Node)
        node.op = op
        node.a = to_a
        node.b = to_b
        node.more = node.static = node.seen = node.price = node.watch = None
        node.x = a if kept & 1 else None
        node.w = b if kept & 2 else None
        node.y = y if save_y else None
        node.specs = None
        if mixed and not (  # an array and a constant number, which need no Specs
            to_b is None and x.dtype is float64_dtype is w.dtype and x.shape == y.shape
        ):
            node.specs = unfit((x, w), (to_a, to_b), y)
        if (a.meta is not None and a.meta.version is not None) or (
            b.meta is not None and b.meta.version is not None
        ):
            note_versions(node)
        node.span = state.span
        if state.meter is not None:
            state.meter.node()
        out.origin = node
        if state.tape is not None:
            state.tape.append(op, (a, b), (), out)
        return out

    return apply


def unfit(operands: tuple[Any, Any], targets: tuple[Any, Any], y: Any) -> tuple[Spec, ...] | None:
    """The operands' Specs; None if all are real, of the result's dtype and, where they need
    gradients, of its shape: then the rules' cotangents fit as they are."""
    shape, dtype = y.shape, y.dtype
    for x, target in zip(operands, targets, strict=True):
        if x.dtype is not dtype or dtype.kind == "c" or (target is not None and x.shape != shape):
            return tuple([spec_of(x) for x in operands])
    return None


def metered(
    op: Op, operands: tuple[Any, ...], static: tuple[Any, ...], state: State
) -> tuple[Any, float | None]:
    """The row's value on arrays, and its price: charged before, entered into the ledger after.

    A result is a numpy scalar or an array with axes, never an array without: numpy's scalars are
    several times as fast.
    """
    meter = state.meter
    price = None if meter is None else meter.work(op, operands, static)
    if op.ordered and "c" in map(KIND, operands):
        raise WrongType(f"{op.name} needs an order, which complex numbers do not have")
    try:
        if meter is not None and price is not None and op.divides and price > blocks.SHORT:
            y = blocks.forward(op, operands, static, meter)
        else:
            y = op.forward(*operands, *static)
    except REFUSALS as reason:
        raise refused(op, operands, reason) from None
    if type(y) is ndarray and not y.shape and not op.view:
        y = y[()]
    if meter is not None:
        for result in y if op.several else (y,):
            meter.hold(result)
    return y, price


def unrecorded(
    op: Op,
    operands: tuple[Tensor, ...],
    static: tuple[Any, ...],
    out: Tensor,
    state: State,
    part: int | None = None,
) -> Tensor:
    """A result that has no node: marked if made in inference_mode(), and told to a tape."""
    if state.inference:
        made_in_inference(out)
    if state.tape is not None:
        state.tape.note(op, operands, static, out, part)
    return out


# ---- any operands -------------------------------------------------------------------------------


def general(op: Op) -> Apply:
    return lambda *arguments, **named: record(op, *bound(op, arguments, named))


def record(op: Op, operands: tuple[Tensor, ...], static: tuple[Any, ...]) -> Tensor:
    """Apply a row of any number of operands."""
    if op.single:
        return SINGLE[op.name](operands[0], *static)
    if op.several:
        return record_several(op, operands, static)  # type: ignore[no-any-return]  # a tuple
    state = here.state
    raw = tuple(map(VALUE, operands))
    y, price = metered(op, met(op, raw, static, state.floating), static, state)
    out: Tensor = new(Tensor)
    out.value = y
    out.meta = out.origin = None
    if not op.differentiable or not state.recording:
        return unrecorded(op, operands, static, out, state)
    targets, needing = targets_of(op, operands)
    if not needing:
        return unrecorded(op, operands, static, out, state)
    node: Node = new(Node)
    node.op = op
    node.a = node.b = node.w = node.seen = node.watch = None
    node.more = targets
    node.price = price if op.priced else None
    node.static = static or None
    save(node, operands, raw, needing)
    node.y = y if op.saves_y else spec_of(y)
    node.span = state.span
    if state.meter is not None:
        state.meter.node()
    out.origin = node
    if state.tape is not None:
        state.tape.append(op, operands, static, out)
    return out


def targets_of(op: Op, operands: tuple[Tensor, ...]) -> tuple[tuple[Target, ...], int]:
    """Where the operands' cotangents flow; and bits for those that need one, by position."""
    targets: list[Target] = []
    needing, rules = 0, op.rules * len(operands) if op.variadic else op.rules
    for k, x in enumerate(operands):
        target: Target = None
        if (x.origin is not None or x.meta is not None) and rules[k] is not None:
            target = edge(x)
            if target is not None:
                needing |= 1 << k
        targets.append(target)
    return tuple(targets), needing


def record_several(op: Op, operands: tuple[Tensor, ...], static: tuple[Any, ...]) -> Any:
    """Apply a row that gives several results: views of its one operand, or new values.

    A result of whole numbers, such as a permutation, is a constant.
    """
    state = here.state
    raw = tuple([shared(x) if op.view else x.value for x in operands])
    values, _ = metered(op, raw, static, state)
    if not op.view:
        values = tuple([y if y.shape else y[()] for y in values])
    outs = tuple([Tensor(y) for y in values])
    if op.view:
        for out in outs:
            note_view(out, operands[0], "is one of several that an operation returned")
    targets, needing = targets_of(op, operands)
    if not needing or not state.recording:
        return tuple(
            [unrecorded(op, operands, static, out, state, k) for k, out in enumerate(outs)]
        )
    node: Node = new(Node)
    node.op = op
    node.a = node.b = node.w = node.seen = node.price = node.watch = None
    node.more = targets
    node.static = static or None
    save(node, operands, raw, needing)
    node.y = values if op.saves_y else tuple([spec_of(y) for y in values])
    node.span = state.span
    if state.meter is not None:
        state.meter.node()
    for number, out in enumerate(outs):
        if out.dtype.kind not in "fc":
            unrecorded(op, operands, static, out, state, number)
            if state.tape is not None:  # rules find it by its place among the node's results
                state.tape.alias(Tensor(out.value, output(node, number)), out)
            continue
        out.origin = output(node, number)
        if state.tape is None:
            continue
        if op.view:
            state.tape.append(TABLE["getitem"], operands, (static[0][number],), out)
        else:
            state.tape.append(op, operands, static, out, part=number)
    return outs


def save(node: Node, operands: tuple[Tensor, ...], raw: tuple[Any, ...], needing: int) -> None:
    """Keep of each operand its tensor, if a rule that will run reads it, else its Spec."""
    op, versioned = node.op, False
    kept: list[Any] = specs_of(raw)
    node.specs = tuple(kept)
    every = range(len(operands)) if op.saves else ()
    for k in every if op.variadic else op.kept[needing]:
        kept[k] = x = operands[k]
        if x.meta is not None and x.meta.version is not None:
            versioned = True
    node.x = tuple(kept)
    if versioned:
        note_versions(node)


SINGLE: Catalogue[Apply] = Catalogue(lambda name: unary(TABLE[name]), TABLE)


def applying(name: str) -> Apply:
    op = TABLE[name]
    return SINGLE[name] if op.form == UNARY else FORMS.get(op.form, general)(op)


FORMS = {BINARY: binary}
ROWS: Catalogue[Apply] = Catalogue(applying, TABLE)
