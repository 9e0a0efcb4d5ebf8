"""The instructions: each takes the machine and its argument, and works on the frame's stack."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from gradcli.engine.functions import FUNCTIONS, IN_PLACE
from gradcli.engine.tensor import Tensor
from gradcli.errors import (
    LeafRule,
    ShapeMismatch,
    UnknownName,
    WrongType,
    described,
)
from gradcli.lang import classes, operators, text
from gradcli.lang.arrays import ArrayMeta, alike
from gradcli.lang.dialects import active
from gradcli.lang.nearest import did_you_mean
from gradcli.lang.tensors import as_tensor
from gradcli.lang.types import get_attribute, set_attribute
from gradcli.lang.types.collections import extend
from gradcli.lang.values import ABSENT, CALLABLE, LISTS, Base, Derivative, Function

if TYPE_CHECKING:
    from gradcli.lang.compiler import Call, Code, Operation
    from gradcli.lang.vm.machine import Machine

# What an instruction returns that changed the frame, or where to go on in it.
SWITCH = -1

# ---- the stack ----------------------------------------------------------------------------------


def push(machine: Machine, value: Any) -> None:
    machine.stack.append(value)


def drop(machine: Machine, _: None) -> None:
    machine.stack.pop()


def drop_under(machine: Machine, _: None) -> None:
    del machine.stack[-2]


def copy(machine: Machine, _: None) -> None:
    machine.stack.append(machine.stack[-1])


def keep_right(machine: Machine, _: None) -> None:
    """a b -> b a b: the next link of a chain of comparisons needs b again."""
    machine.stack.insert(-2, machine.stack[-1])


def taken(machine: Machine, count: int) -> list[Any]:
    """The last `count` values, taken off the stack."""
    stack = machine.stack
    at = len(stack) - count
    values = stack[at:]
    del stack[at:]
    return values


# ---- names --------------------------------------------------------------------------------------


def load(machine: Machine, name: str) -> None:
    """A variable of the script, or a name of the language."""
    names = machine.variables
    if name in names:
        machine.stack.append(names[name])
        return
    try:
        machine.stack.append(machine.builtins[name])
    except KeyError:
        known = [*machine.builtins, *names]
        hint = partial(did_you_mean, name, known)
        raise UnknownName(f"unknown name '{name}'", hint=hint) from None


def load_local(machine: Machine, name: str) -> None:
    value = machine.frame.names.get(name, ABSENT)
    if value is ABSENT:
        raise unassigned(name)
    machine.stack.append(value)


def load_outer(machine: Machine, argument: tuple[int, str]) -> None:
    """A name of a function around this one."""
    hops, name = argument
    scope = machine.frame.scope
    for _ in range(hops):
        scope = scope.outer
    if name not in scope.names:
        raise unassigned(name)
    machine.stack.append(scope.names[name])


def unassigned(name: str) -> UnknownName:
    return UnknownName(
        f"'{name}' has no value here yet",
        hint="a name that a function assigns is its own; pass the value as an argument",
    )


def store(machine: Machine, name: str) -> None:
    """Store what is taken back if the statement fails; a frame that handles no error is gone."""
    frame = machine.frame
    if frame.back is None or frame.guards:
        machine.meter.journal.item(frame.names, name)
    frame.names[name] = machine.stack.pop()


def put(machine: Machine, name: str) -> None:
    """Store what need not be taken back."""
    machine.frame.names[name] = machine.stack.pop()


# ---- attributes ---------------------------------------------------------------------------------


def load_attribute(machine: Machine, name: str) -> None:
    machine.stack.append(get_attribute(machine.stack.pop(), name))


def store_attribute(machine: Machine, name: str) -> None:
    new, value = taken(machine, 2)
    set_attribute(value, name, new)


def prime(machine: Machine, _: None) -> None:
    """The derivative of a function, the transpose of a matrix."""
    value = machine.stack.pop()
    kind = type(value)
    if kind is Tensor or kind is list:
        value = as_tensor(value)
        result: Any = value if value.ndim < 2 else FUNCTIONS["swapaxes"](value, -1, -2)
    elif kind is Derivative:
        if value.order >= machine.limits.order:
            raise machine.limits.beyond(f"a derivative of order {value.order + 1}", "order")
        result = Derivative(value.function, value.order + 1)
    elif kind in CALLABLE:
        result = Derivative(value, 1)
    else:
        raise WrongType(
            f"' is the derivative of a function or the transpose of a matrix, not of "
            f"{described(value)}"
        )
    machine.stack.append(result)


# ---- operators ----------------------------------------------------------------------------------


def unary(machine: Machine, symbol: str) -> None:
    value = machine.stack.pop()
    machine.stack.append(alike(operators.unary(symbol, value), value))


def binary(machine: Machine, operation: Operation) -> None:
    stack = machine.stack
    b = stack.pop()
    a = stack[-1]
    machine.operands = (operation, a, b)
    try:
        if type(a) is Tensor and type(b) in SINGLE:
            stack[-1] = result = operators.OF_TENSORS[operation[0]](a, b)
            if a.meta is not None and type(a.meta) is ArrayMeta:
                alike(result, a, b)
            return
        result = alike(operators.binary(operation.symbol, a, b), a, b)
    except ShapeMismatch as error:
        raise misfit(operation, a, b, error) from None
    stack[-1] = result if type(result) in SINGLE else machine.made(result)


# Operands that an operator of tensors takes, and results that have no length.
SINGLE = frozenset({Tensor, int, float})


def augment(machine: Machine, operation: Operation) -> None:
    """`a += b`: into a itself if it is a tensor, as PyTorch has it."""
    b, a = machine.stack[-1], machine.stack[-2]
    if type(a) is list and type(b) in LISTS:
        if active.dialect is None or operation.symbol != "+":
            raise two_readings(operation)
        del machine.stack[-2:]
        extend(a, b)
        machine.stack.append(a)
        return
    method = IN_PLACE.get(AUGMENTING.get(operation.symbol, "")) if type(a) is Tensor else None
    if method is None:
        binary(machine, operation)
        return
    del machine.stack[-2:]
    machine.operands = (operation, a, b)
    try:
        machine.stack.append(method(a, as_tensor(b, a.dtype) if type(b) is list else b))
    except LeafRule as error:
        left, right = text.brief(operation.left), text.brief(operation.right)
        error.hint = f"{left} = {left} {operation.symbol} {right} makes a new tensor instead"
        raise


def two_readings(operation: Operation) -> WrongType:
    """`xs += ys` appends in Python, and an operation makes tensors of lists."""
    left, right = text.brief(operation.left), text.brief(operation.right)
    return WrongType(
        f"'{left} {operation.symbol}= {right}' of lists can be read in two ways",
        hint=f"{left}.extend({right}) appends, {left} = {left} {operation.symbol} {right} "
        "calculates element by element",
    )


AUGMENTING = {
    "+": "add_",
    "-": "sub_",
    "*": "mul_",
    "/": "div_",
    "//": "floor_divide_",
    "%": "remainder_",
    "^": "pow_",
}


def compare(machine: Machine, operation: Operation) -> None:
    b = machine.stack.pop()
    a = machine.stack.pop()
    try:
        machine.stack.append(alike(operators.compare(operation.symbol, a, b), a, b))
    except ShapeMismatch as error:
        raise misfit(operation, a, b, error) from None


def misfit(operation: Operation, a: Any, b: Any, error: ShapeMismatch) -> ShapeMismatch:
    """The shapes of two operands do not fit: say so by what the person wrote."""
    x, y = as_tensor(a), as_tensor(b)
    symbol, left, right = operation.symbol, text.brief(operation.left), text.brief(operation.right)
    written = f"{left} {symbol} {right}"
    hint = None
    if symbol == "@" and x.ndim == 2 and y.ndim in (1, 2):
        have = f"{right} has {y.shape[0]} {'elements' if y.ndim == 1 else 'rows'}"
        hint = f"{have}, {left} has {x.shape[1]} columns"
        if x.shape[0] == y.shape[0]:
            hint += f"; did you mean {left}' @ {right} ?"
        elif y.ndim == 2 and x.shape[1] == y.shape[1]:
            hint += f"; did you mean {left} @ {right}' ?"
    elif not x.ndim or not y.ndim:
        return error
    return ShapeMismatch(
        f"the shapes of '{written}' do not fit: {x.shape} {symbol} {y.shape}", hint=hint
    )


# ---- jumps --------------------------------------------------------------------------------------


def jump(machine: Machine, to: int) -> int:
    return to


def jump_if_false(machine: Machine, to: int) -> int | None:
    return None if operators.truth(machine.stack[-1]) else to


def jump_if_true(machine: Machine, to: int) -> int | None:
    return to if operators.truth(machine.stack[-1]) else None


def branch_if_true(machine: Machine, to: int) -> int | None:
    return to if operators.truth(machine.stack.pop()) else None


def branch_if_false(machine: Machine, to: int) -> int | None:
    return None if operators.truth(machine.stack.pop()) else to


def jump_if_false_or_drop(machine: Machine, to: int) -> int | None:
    if not operators.truth(machine.stack[-1]):
        return to
    machine.stack.pop()
    return None


# ---- functions ----------------------------------------------------------------------------------


def make_function(machine: Machine, argument: tuple[Code, tuple[str, ...]]) -> None:
    """A function of a body and the values of the defaults of these parameters."""
    code, names = argument
    defaults = dict(zip(names, taken(machine, len(names)), strict=True))
    machine.stack.append(Function(code, defaults, machine.frame.scope))


def make_class(machine: Machine, name: str) -> None:
    machine.stack.append(classes.derived(name, machine.stack.pop()))


def add_member(machine: Machine, argument: tuple[str, bool]) -> None:
    """Give the class that is being made a member; a static one takes no instance."""
    name, static = argument
    cls = machine.frame.names["class"]
    cls.names[name] = machine.stack.pop()
    if static:
        cls.static.add(name)


def make_base(machine: Machine, _: None) -> None:
    cls, owner = taken(machine, 2)
    machine.stack.append(Base(cls, owner))


def call(machine: Machine, shape: Call) -> int | None:
    positional, keywords, _ = shape
    named = dict(zip(keywords, taken(machine, len(keywords)), strict=True)) if keywords else {}
    arguments: tuple[Any, ...] = ()
    if positional:
        stack = machine.stack
        arguments = tuple(stack[-positional:])
        del stack[-positional:]
    return apply(machine, shape, arguments, named)


def call_gathered(machine: Machine, shape: Call) -> int | None:
    named = machine.stack.pop()
    return apply(machine, shape, tuple(machine.stack.pop()), named)


def apply(
    machine: Machine, shape: Call, arguments: tuple[Any, ...], named: dict[str, Any]
) -> int | None:
    function = machine.stack.pop()
    machine.operands = (shape, *arguments)
    if type(function) not in CALLABLE:
        written = [text.brief(place) for place in shape.places]
        product = f"{written[0]}*({', '.join(written[1:])})"
        raise WrongType(
            f"{written[0]} is {described(function)}, not a function",
            hint=f"did you mean {product} ?" if len(written) == 2 else None,
        )
    frame = machine.frame
    try:
        machine.call(function, arguments, named)
    except ShapeMismatch as error:
        if error.hint is None:
            shapes = [
                f"{text.brief(place)} has shape {value.shape}"
                for place, value in zip(shape.places[1:], arguments, strict=False)
                if type(value) is Tensor
            ]
            error.hint = ", ".join(list(dict.fromkeys(shapes))[:4]) or None
        raise
    return None if machine.frame is frame else SWITCH


def give_back(machine: Machine, _: None) -> int:
    machine.deliver(machine.stack.pop())
    return SWITCH


def finish(machine: Machine, _: None) -> None:
    """The value of an expression statement."""
    machine.result = machine.stack.pop()


# ---- f-strings ----------------------------------------------------------------------------------


def format_field(machine: Machine, spec: str) -> None:
    machine.stack.append(machine.made(text.formatted(machine.stack.pop(), spec)))


def join(machine: Machine, count: int) -> None:
    parts = taken(machine, count)
    machine.meter.check_string(sum(map(len, parts)))
    machine.stack.append(machine.made("".join(parts)))
