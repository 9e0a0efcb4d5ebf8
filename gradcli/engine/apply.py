"""Applying a row of the op table: compute the value and, where due, record a node.

One function a form: operations of one number, of two, and of anything. The first two are the hot
path of every program, so what they need is in local variables and they call nothing on scalars.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gradcli.engine.graph import Node, State, here
from gradcli.engine.ops.table import BINARY, TABLE, UNARY, Op, Spec
from gradcli.engine.tensor import Tensor, edge
from gradcli.errors import ShapeMismatch, WrongType, WrongValue

Apply = Callable[..., Tensor]

float64 = np.float64
new = object.__new__


# ---- operands that are no tensors ---------------------------------------------------------------


def constant(value: Any, like: Any) -> Any:
    """A number or array as a raw value that may meet `like`: a bare number takes its dtype."""
    kind = type(value)
    if kind is float or kind is int or kind is bool:
        if type(like) is float64:
            return float64(value)
        dtype = like.dtype
        if dtype.kind in "fc":
            return dtype.type(value)
        return np.int64(value) if kind is not float and abs(value) < 2**63 else float64(value)
    if kind is complex:
        return (
            np.complex64(value)
            if like.dtype in (np.float32, np.complex64)
            else np.complex128(value)
        )
    if isinstance(value, np.ndarray | np.generic):
        if value.dtype.kind in "fciub":
            return value
        raise WrongType(f"an array of {value.dtype} is no operand")
    if isinstance(value, list | tuple):
        return as_array(value)
    raise WrongType(f"a {kind.__name__} is no operand")


def as_array(values: Any) -> Any:
    """Nested lists of numbers (and of tensors that need no gradient) as an array."""
    try:
        array = np.asarray(values)
    except (TypeError, ValueError):
        raise WrongType("nested lists become a tensor only where their lengths agree") from None
    if array.dtype.kind not in "fciub":
        raise WrongType(f"an array of {array.dtype} is no operand")
    return array


def unwrap(value: Any, like: Any) -> Any:
    return value.value if type(value) is Tensor else constant(value, like)


# ---- shapes and dtypes --------------------------------------------------------------------------


def align(x: Any, w: Any) -> tuple[Any, Any, tuple[Spec, Spec] | None]:
    """Two raw operands ready to meet, and their Specs if the pass must restore either.

    A scalar takes the dtype of an array of its category (else float64 would promote float32).
    """
    dx, dw = x.dtype, w.dtype
    sx, sw = x.shape, w.shape
    if sx == sw and dx is dw and dx.kind != "c":
        return x, w, None
    specs = (Spec(sx, dx), Spec(sw, dw))
    if sx != sw:
        check_broadcast(sx, sw)
    if dx != dw:
        if not sx and sw and same_category(dx, dw):
            x = x.astype(dw)
        elif not sw and sx and same_category(dw, dx):
            w = w.astype(dx)
    return x, w, specs


def same_category(scalar: np.dtype[Any], array: np.dtype[Any]) -> bool:
    """Would a scalar of this dtype leave the array's dtype as it is? bool < int < float < complex."""
    order = "biufc"
    return order.index(scalar.kind) <= order.index(array.kind)


def check_broadcast(left: tuple[int, ...], right: tuple[int, ...]) -> None:
    for n, m in zip(reversed(left), reversed(right), strict=False):
        if n not in (m, 1) and m != 1:
            raise ShapeMismatch(f"shapes {left} and {right} do not fit")


def refused(op: Op, operands: tuple[Any, ...], reason: Exception) -> WrongType | WrongValue:
    """numpy would not have these operands."""
    kinds = " and ".join(str(getattr(x, "dtype", type(x).__name__)) for x in operands)
    if isinstance(reason, TypeError):
        return WrongType(f"{op.name} is not defined for {kinds}")
    return WrongValue(f"{op.name} of {kinds}: {reason}")


# ---- one operand --------------------------------------------------------------------------------


def unary(op: Op) -> Apply:
    forward, differentiable = op.forward, op.differentiable
    save_x, save_y = bool(op.keep[1]), op.saves_y

    def apply(a: Any, *static: Any) -> Tensor:
        state = here.state
        if type(a) is not Tensor:
            a = Tensor(constant(a, ONE))
        x = a.value
        if type(x) is float64:
            y = forward(x, *static)
            plain = type(y) is float64
        else:
            y = metered(op, (x,), static, state)
            plain = y.dtype is x.dtype and y.dtype.kind != "c"
        out: Tensor = new(Tensor)
        out.value = y
        out.meta = None
        out.grad_fn = None
        if not differentiable or not state.recording:
            return out
        target = a.grad_fn
        if target is None and (a.meta is None or (target := edge(a)) is None):
            return out
        node: Node = new(Node)
        node.op = op
        node.a = target
        node.b = node.more = node.w = node.retained = None
        node.x = a if save_x else None
        node.y = y if save_y else None
        node.static = static or None
        node.specs = None if plain else (Spec(x.shape, x.dtype),)
        node.span = state.span
        if state.meter is not None:
            state.meter.node()
        out.grad_fn = node
        return out

    return apply


# ---- two operands -------------------------------------------------------------------------------


def binary(op: Op) -> Apply:
    forward, differentiable, keep, save_y = op.forward, op.differentiable, op.keep, op.saves_y
    rule_a, rule_b = op.rules

    def apply(a: Any, b: Any) -> Tensor:
        state = here.state
        if type(a) is not Tensor:
            a = Tensor(constant(a, b.value if type(b) is Tensor else ONE))
        x = a.value
        if type(b) is not Tensor:
            b = Tensor(constant(b, x))
        w = b.value
        if type(x) is float64 and type(w) is float64:
            specs = None
            y = forward(x, w)
        else:
            x, w, specs = align(x, w)
            y = metered(op, (x, w), (), state)
        out: Tensor = new(Tensor)
        out.value = y
        out.meta = None
        out.grad_fn = None
        if not differentiable or not state.recording:
            return out
        to_a = a.grad_fn
        if to_a is None and a.meta is not None:
            to_a = edge(a)
        to_b = b.grad_fn
        if to_b is None and b.meta is not None:
            to_b = edge(b)
        if to_a is None or rule_a is None:
            if to_b is None or rule_b is None:
                return out
            kept = keep[2]
        else:
            kept = keep[1] if to_b is None else keep[3]
        node: Node = new(Node)
        node.op = op
        node.a = to_a
        node.b = to_b
        node.more = node.static = node.retained = None
        node.x = a if kept & 1 else None
        node.w = b if kept & 2 else None
        node.y = y if save_y else None
        node.specs = specs
        node.span = state.span
        if state.meter is not None:
            state.meter.node()
        out.grad_fn = node
        return out

    return apply


ONE = float64(1)


def metered(op: Op, operands: tuple[Any, ...], static: tuple[Any, ...], state: State) -> Any:
    """The row's value on arrays: charged before, entered into the ledger after."""
    meter = state.meter
    if meter is not None:
        meter.work(op, operands, static)
    try:
        y = op.forward(*operands, *static)
    except (TypeError, ValueError) as reason:
        raise refused(op, operands, reason) from None
    if meter is not None:
        meter.hold(y)
    return y


# ---- any operands -------------------------------------------------------------------------------


def general(op: Op) -> Apply:
    return lambda *arguments, **named: record(op, *bound(op, arguments, named))


def as_operand(value: Any) -> Tensor:
    return value if type(value) is Tensor else Tensor(constant(value, ONE))


def prepared(op: Op, arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    """The arguments with what can be an operand made one: the first, or in a variadic call all."""
    if not op.variadic:
        return (as_operand(arguments[0]), *arguments[1:]) if arguments else ()
    if arguments and isinstance(arguments[0], list | tuple):
        return ([as_operand(x) for x in arguments[0]], *arguments[1:])
    return tuple(x if isinstance(x, str) else as_operand(x) for x in arguments)


def bound(
    op: Op, arguments: tuple[Any, ...], named: dict[str, Any]
) -> tuple[tuple[Tensor, ...], tuple[Any, ...]]:
    """A call's operands, as Tensors, and its static parameters, normalised."""
    if op.bind is None:
        if named:
            raise WrongType(f"{op.name} takes no keyword '{next(iter(named))}'")
        operands, static = arguments, ()
    else:
        try:
            operands, static = op.bind(*prepared(op, arguments), **named)
        except TypeError as reason:
            if isinstance(reason, WrongType):
                raise
            raise WrongType(f"{op.name}: {signature_error(reason)}") from None
    if not op.variadic and len(operands) != len(op.rules):
        raise WrongType(f"{op.name} takes {len(op.rules)} operands, not {len(operands)}")
    like = next((x.value for x in operands if type(x) is Tensor), ONE)
    return tuple(x if type(x) is Tensor else Tensor(constant(x, like)) for x in operands), static


def signature_error(reason: TypeError) -> str:
    """Python's words about a call that does not fit a signature, without the function's name."""
    return str(reason).partition("() ")[2] or "these arguments do not fit"


def record(op: Op, operands: tuple[Tensor, ...], static: tuple[Any, ...]) -> Tensor:
    state = here.state
    raw = tuple(x.value for x in operands)
    if op.elementwise and len(raw) > 1:
        for x in raw[1:]:
            check_broadcast(raw[0].shape, x.shape)
    y = metered(op, raw, static, state)
    out = Tensor(y)
    if not op.differentiable or not state.recording:
        return out
    targets = tuple(edge(x) for x in operands)
    if not op.variadic:
        targets = tuple(t if rule else None for t, rule in zip(targets, op.rules, strict=True))
    if not any(targets):
        return out
    node: Node = new(Node)
    node.op = op
    node.a = node.b = node.w = node.retained = None
    node.more = targets
    node.static = static or None
    node.specs = tuple(Spec(x.shape, x.dtype) for x in raw)
    node.x = saved(op, operands, targets, node.specs)
    node.y = y if op.saves_y else Spec(y.shape, y.dtype)
    node.span = state.span
    if state.meter is not None:
        state.meter.node()
    out.grad_fn = node
    return out


def saved(
    op: Op, operands: tuple[Tensor, ...], targets: tuple[Any, ...], specs: tuple[Spec, ...]
) -> tuple[Tensor | Spec, ...]:
    """Of each operand its tensor, if a rule that will run reads it, else its Spec."""
    if op.variadic:
        return operands if op.saves else specs
    kept = op.keep[sum(1 << k for k, target in enumerate(targets) if target is not None)]
    return tuple(
        x if kept >> k & 1 else spec
        for k, (x, spec) in enumerate(zip(operands, specs, strict=True))
    )


FORMS = {UNARY: unary, BINARY: binary}
ROWS: dict[str, Apply] = {name: FORMS.get(op.form, general)(op) for name, op in TABLE.items()}
