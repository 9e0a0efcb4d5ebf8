"""Applying a row of the op table: compute the value and, where due, record a node.

One function a form: operations of one number, of two, and of anything. The first two are the hot
path of every program, so what they need is in local variables and they call nothing on scalars.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gradcli.engine import blocks
from gradcli.engine.catalogue import Catalogue
from gradcli.engine.graph import Node, State, Target, here, output
from gradcli.engine.operands import ONE, as_operand, constant
from gradcli.engine.ops.table import BINARY, TABLE, UNARY, Op, Spec, spec_of
from gradcli.engine.promotion import check_broadcast, met
from gradcli.engine.storage import made_in_inference, note_versions, note_view, shared
from gradcli.engine.tensor import Tensor, edge
from gradcli.errors import GradcliError, WrongType, WrongValue, misfit

Apply = Callable[..., Tensor]

float64, ndarray = np.float64, np.ndarray
float64_dtype = np.dtype(np.float64)
new = object.__new__
# What numpy and Python raise for operands and parameters that an operation cannot take.
REFUSALS = (TypeError, ValueError, OverflowError, IndexError)


def refused(op: Op, operands: tuple[Any, ...], reason: Exception) -> GradcliError:
    """The error for operands that numpy would not have."""
    if isinstance(reason, GradcliError):
        return reason
    if op.form == BINARY:
        check_broadcast(*[x.shape for x in operands])
    kinds = " and ".join(str(getattr(x, "dtype", type(x).__name__)) for x in operands)
    if isinstance(reason, TypeError):
        return WrongType(f"{op.infix or op.name} is not defined for {kinds}")
    return WrongValue(f"{op.name} of {kinds}: {reason}")


# ---- one operand --------------------------------------------------------------------------------


def unary(op: Op) -> Apply:  # noqa: PLR0915  # the hot path
    """A row of one operand. Where it is not elementwise, Specs stand for what is not saved."""
    forward, differentiable, elementwise = op.forward, op.differentiable, op.elementwise
    save_x, save_y, view = bool(op.keep[1]), op.saves_y, op.view

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
            double = x.dtype is float64_dtype
            raw = (x,) if double else met(op, (x,), static, state.floating)
            y = metered(op, raw, static, state)
            if plain and not (double and y.dtype is float64_dtype):
                plain = y.dtype is x.dtype and y.dtype.kind != "c"
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
        node.b = node.more = node.w = node.seen = node.watch = None
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
                y = forward(x, w) if state.meter is None else metered(op, (x, w), (), state)
            except REFUSALS as reason:
                raise refused(op, (x, w), reason) from None
        else:
            mixed = True
            y = metered(op, met(op, (x, w), (), state.floating), (), state)
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
        node.more = node.static = node.seen = node.watch = None
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


def metered(op: Op, operands: tuple[Any, ...], static: tuple[Any, ...], state: State) -> Any:
    """The row's value on arrays: charged before, entered into the ledger after.

    A result is a numpy scalar or an array with axes, never an array without: numpy's scalars are
    several times as fast.
    """
    meter = state.meter
    if meter is not None:
        meter.work(op, operands, static)
    if op.ordered and "c" in [x.dtype.kind for x in operands]:
        raise WrongType(f"{op.name} needs an order, which complex numbers do not have")
    try:
        if meter is not None and op.divides:
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
    return y


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


def prepared(op: Op, arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    """The arguments with what can be an operand made one: the first, or in a variadic call all."""
    if not op.variadic:
        return (as_operand(arguments[0]), *arguments[1:]) if arguments else ()
    if not arguments or isinstance(arguments[0], str):
        return tuple(x if isinstance(x, str) else as_operand(x) for x in arguments)
    first = arguments[0]
    parts = first if isinstance(first, list | tuple) else as_operand(first)
    if type(parts) is list and {*map(type, parts)} == {Tensor}:
        return arguments
    return ([as_operand(x) for x in parts], *arguments[1:])


def bound(
    op: Op, arguments: tuple[Any, ...], named: dict[str, Any]
) -> tuple[tuple[Tensor, ...], tuple[Any, ...]]:
    """A call's operands, as Tensors, and its static parameters, normalised."""
    operands, static = arguments, ()
    if op.bind is not None:
        if not arguments and (first := op.bind.__code__.co_varnames[0]) in named:
            arguments, named = (named[first],), {k: v for k, v in named.items() if k != first}
        plain = not op.variadic and arguments and type(arguments[0]) is Tensor
        ready = arguments if plain else prepared(op, arguments)
        try:
            operands, static = op.bind(*ready, **named)
        except REFUSALS as reason:
            raise unbound(op, reason) from None
    elif named:
        raise WrongType(f"{op.name} takes no keyword '{next(iter(named))}'")
    if not op.variadic and len(operands) != len(op.rules):
        raise WrongType(f"{op.name} takes {len(op.rules)} operands, not {len(operands)}")
    if {*map(type, operands)} == {Tensor}:
        return operands, static
    like = next((x.value for x in operands if type(x) is Tensor), ONE)
    return tuple(x if type(x) is Tensor else Tensor(constant(x, like)) for x in operands), static


def unbound(op: Op, reason: Exception) -> Exception:
    """The error for arguments that a row does not take."""
    if isinstance(reason, GradcliError):
        return reason
    return misfit(op.name, str(reason).partition("() ")[2])


def record(op: Op, operands: tuple[Tensor, ...], static: tuple[Any, ...]) -> Tensor:
    """Apply a row of any number of operands."""
    if op.single:
        return SINGLE[op.name](operands[0], *static)
    if op.several:
        return record_several(op, operands, static)  # type: ignore[no-any-return]  # a tuple
    state = here.state
    raw = tuple([x.value for x in operands])
    y = metered(op, met(op, raw, static, state.floating), static, state)
    out: Tensor = new(Tensor)
    out.value = y
    out.meta = out.origin = None
    if not op.differentiable or not state.recording:
        return unrecorded(op, operands, static, out, state)
    targets, needing = targets_of(op, operands)
    if not needing:
        return unrecorded(op, operands, static, out, state)
    specs = tuple([spec_of(x) for x in raw])
    node: Node = new(Node)
    node.op = op
    node.a = node.b = node.w = node.seen = node.watch = None
    node.more = targets
    node.static = static or None
    node.specs = specs
    node.x = saved(op, operands, needing, specs)
    node.y = y if op.saves_y else spec_of(y)
    note_versions(node)
    node.span = state.span
    if state.meter is not None:
        state.meter.node()
    out.origin = node
    if state.tape is not None:
        state.tape.append(op, operands, static, out)
    return out


def targets_of(op: Op, operands: tuple[Tensor, ...]) -> tuple[tuple[Target, ...], int]:
    """Where the operands' cotangents flow; and bits for those that need one, by position."""
    targets, needing = [], 0
    for k, x in enumerate(operands):
        target = edge(x) if op.variadic or op.rules[k] is not None else None
        targets.append(target)
        if target is not None:
            needing |= 1 << k
    return tuple(targets), needing


def record_several(op: Op, operands: tuple[Tensor, ...], static: tuple[Any, ...]) -> Any:
    """Apply a row that gives several results: views of its one operand, or new values.

    A result of whole numbers, such as a permutation, is a constant.
    """
    state = here.state
    raw = tuple([shared(x) if op.view else x.value for x in operands])
    values = metered(op, raw, static, state)
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
    node.a = node.b = node.w = node.seen = node.watch = None
    node.more = targets
    node.static = static or None
    node.specs = specs = tuple([spec_of(x) for x in raw])
    node.x = saved(op, operands, needing, specs)
    node.y = values if op.saves_y else tuple([spec_of(y) for y in values])
    note_versions(node)
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


def saved(
    op: Op, operands: tuple[Tensor, ...], needing: int, specs: tuple[Spec, ...]
) -> tuple[Tensor | Spec, ...]:
    """Of each operand its tensor, if a rule that will run reads it, else its Spec."""
    if op.variadic:
        return operands if op.saves else specs
    kept = op.keep[needing]
    return tuple([x if kept >> k & 1 else specs[k] for k, x in enumerate(operands)])


SINGLE: Catalogue[Apply] = Catalogue(lambda name: unary(TABLE[name]), TABLE)


def applying(name: str) -> Apply:
    op = TABLE[name]
    return SINGLE[name] if op.form == UNARY else FORMS.get(op.form, general)(op)


FORMS = {BINARY: binary}
ROWS: Catalogue[Apply] = Catalogue(applying, TABLE)
