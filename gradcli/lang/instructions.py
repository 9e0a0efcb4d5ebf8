"""The instructions: each takes the machine and its argument, and works on the frame's stack."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.engine.functions import FUNCTIONS, IN_PLACE
from gradcli.engine.tensor import Tensor
from gradcli.errors import (
    LeafRule,
    LimitExceeded,
    ShapeMismatch,
    UnknownName,
    WrongType,
    WrongValue,
)
from gradcli.lang import operators, text
from gradcli.lang.nearest import did_you_mean
from gradcli.lang.tensors import as_index, as_tensor
from gradcli.lang.types import get_attribute, set_attribute
from gradcli.lang.types.plain import item_of_dict, item_of_sequence
from gradcli.lang.values import CALLABLE, Derivative, Function, described

if TYPE_CHECKING:
    from gradcli.lang.compiler import Call, Code, Operation
    from gradcli.lang.machine import Machine

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


# ---- names --------------------------------------------------------------------------------------


def load(machine: Machine, name: str) -> None:
    scope = machine.frame.scope
    while scope is not None:
        if name in scope.names:
            machine.stack.append(scope.names[name])
            return
        scope = scope.outer
    if name not in machine.builtins:
        known = [*machine.builtins, *machine.globals.names]
        raise UnknownName(f"unknown name '{name}'", hint=did_you_mean(name, known))
    machine.stack.append(machine.builtins[name])


def store(machine: Machine, name: str) -> None:
    names = machine.frame.scope.names
    if machine.frame.scope is machine.globals:
        machine.meter.journal.item(names, name)
    names[name] = machine.stack.pop()


def unpack(machine: Machine, count: int) -> None:
    value = machine.stack.pop()
    if type(value) is Tensor and value.ndim:
        length = value.shape[0]
    elif type(value) in (tuple, list):
        length = len(value)
    else:
        raise WrongType(f"{described(value)} is not a sequence of {count} values")
    if length != count:
        raise WrongValue(f"{length} values do not fit {count} names")
    machine.stack.extend(reversed(list(value)))


# ---- collections --------------------------------------------------------------------------------


def taken(machine: Machine, count: int) -> list[Any]:
    """The last `count` values, taken off the stack."""
    stack = machine.stack
    at = len(stack) - count
    values = stack[at:]
    del stack[at:]
    return values


def make_tuple(machine: Machine, count: int) -> None:
    machine.stack.append(tuple(taken(machine, count)))


def make_list(machine: Machine, count: int) -> None:
    machine.stack.append(taken(machine, count))


def make_dict(machine: Machine, count: int) -> None:
    values = taken(machine, 2 * count)
    keys = values[::2]
    if any(type(key) is not str for key in keys):
        raise WrongType("the keys of a dict are strings")
    machine.stack.append(dict(zip(keys, values[1::2], strict=True)))


def make_slice(machine: Machine, _: None) -> None:
    start, stop, step = taken(machine, 3)
    machine.stack.append(slice(start, stop, step))


def load_item(machine: Machine, _: None) -> None:
    value, index = taken(machine, 2)
    kind = type(value)
    if kind is Tensor:
        machine.stack.append(value[index_parts(index)])
    elif kind in (list, tuple, str):
        item = item_of_sequence(value, index)
        machine.stack.append(machine.made(item) if type(index) is slice else item)
    elif kind is dict:
        machine.stack.append(item_of_dict(value, index))
    else:
        raise WrongType(f"{described(value)} cannot be indexed")


def index_parts(index: Any) -> Any:
    """An index with its lists as tensors, which are measured before they are made."""
    if type(index) is tuple:
        return tuple(index_part(part) for part in index)
    return index_part(index)


def index_part(part: Any) -> Any:
    if type(part) is list:
        return as_index(part)
    if type(part) is slice:
        for end in (part.start, part.stop, part.step):
            if end is not None and type(end) is not Tensor and type(end) is not int:
                raise WrongType(f"the ends of a slice are integers, not {described(end)}")
    elif part is not None and type(part) not in (int, bool, Tensor, type(Ellipsis)):
        raise WrongType(f"an index is an integer, a slice or a mask, not {described(part)}")
    return part


def store_item(machine: Machine, _: None) -> None:
    new, value, index = taken(machine, 3)
    kind = type(value)
    if kind is Tensor:
        value[index_parts(index)] = as_tensor(new, value.dtype) if type(new) is list else new
    elif kind is dict and type(index) is str:
        machine.meter.journal.item(value, index)
        value[index] = new
        machine.meter.check_length(value)
    elif kind is list and type(index) is int:
        item_of_sequence(value, index)  # which checks the index
        machine.meter.journal.item(value, index)
        value[index] = new
    else:
        raise WrongType(f"items of {described(value)} cannot be assigned like this")


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
            raise LimitExceeded(f"a derivative of order {value.order + 1}", limit="order")
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
    machine.stack.append(operators.unary(symbol, machine.stack.pop()))


def binary(machine: Machine, operation: Operation) -> None:
    stack = machine.stack
    b = stack.pop()
    a = stack.pop()
    machine.operands = (operation, a, b)
    try:
        result = operators.binary(operation.symbol, a, b)
    except ShapeMismatch as error:
        raise misfit(operation, a, b, error) from None
    stack.append(result if type(result) is Tensor else machine.made(result))


def augment(machine: Machine, operation: Operation) -> None:
    """`a += b`: into a itself if it is a tensor, as PyTorch has it."""
    method = IN_PLACE.get(AUGMENTING.get(operation.symbol, ""))
    b, a = machine.stack[-1], machine.stack[-2]
    if method is None or type(a) is not Tensor:
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
        machine.stack.append(operators.compare(operation.symbol, a, b))
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


def jump(machine: Machine, to: int) -> None:
    machine.frame.at = to


def jump_if_false(machine: Machine, to: int) -> None:
    if not operators.truth(machine.stack[-1]):
        machine.frame.at = to


def jump_if_true(machine: Machine, to: int) -> None:
    if operators.truth(machine.stack[-1]):
        machine.frame.at = to


def branch_if_false(machine: Machine, to: int) -> None:
    if not operators.truth(machine.stack.pop()):
        machine.frame.at = to


def jump_if_false_or_drop(machine: Machine, to: int) -> None:
    if not operators.truth(machine.stack[-1]):
        machine.frame.at = to
    else:
        machine.stack.pop()


# ---- functions ----------------------------------------------------------------------------------


def make_function(machine: Machine, argument: tuple[Code, int]) -> None:
    code, count = argument
    defaults = tuple(taken(machine, count))
    machine.stack.append(Function(code, defaults, machine.frame.scope))


def call(machine: Machine, shape: Call) -> None:
    named = dict(zip(shape.keywords, taken(machine, len(shape.keywords)), strict=True))
    arguments = taken(machine, shape.positional)
    function = machine.stack.pop()
    machine.operands = (shape, *arguments)
    if type(function) not in CALLABLE:
        written = [text.brief(place) for place in shape.places]
        product = f"{written[0]}*({', '.join(written[1:])})"
        raise WrongType(
            f"{written[0]} is {described(function)}, not a function",
            hint=f"did you mean {product} ?" if len(written) == 2 else None,
        )
    try:
        machine.call(function, tuple(arguments), named)
    except ShapeMismatch as error:
        if error.hint is None:
            shapes = [
                f"{text.brief(place)} has shape {value.shape}"
                for place, value in zip(shape.places[1:], arguments, strict=False)
                if type(value) is Tensor
            ]
            error.hint = ", ".join(shapes[:4]) or None
        raise


def give_back(machine: Machine, _: None) -> None:
    machine.deliver(machine.stack.pop())


def finish(machine: Machine, _: None) -> None:
    """The value of an expression statement."""
    machine.result = machine.stack.pop()


# ---- f-strings ----------------------------------------------------------------------------------


def format_field(machine: Machine, spec: str) -> None:
    machine.stack.append(machine.made(text.formatted(machine.stack.pop(), spec)))


def join(machine: Machine, count: int) -> None:
    machine.stack.append(machine.made("".join(taken(machine, count))))
