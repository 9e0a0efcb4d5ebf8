"""What operators mean for values of each type, and when two values are equal, close or true."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from gradcli.engine.functions import FUNCTIONS
from gradcli.engine.tensor import Tensor
from gradcli.errors import GradcliError, ShapeMismatch, WrongType, described
from gradcli.lang import numbers, text
from gradcli.lang.dialects import active
from gradcli.lang.limits import current
from gradcli.lang.numbers import NUMBERS
from gradcli.lang.tensors import as_tensor
from gradcli.lang.values import (
    ITEMS,
    LISTS,
    TUPLES,
    Builtin,
    Function,
    Method,
    Module,
    Size,
)

ROW_OF = {
    "+": "add",
    "-": "sub",
    "*": "mul",
    "/": "div",
    "//": "floor_divide",
    "%": "remainder",
    "^": "pow",
    "@": "matmul",
    "&": "bitwise_and",
    "|": "bitwise_or",
    "==": "eq",
    "!=": "ne",
    "<": "lt",
    "<=": "le",
    ">": "gt",
    ">=": "ge",
}

# A tensor's own operators are the shortest way to the rows.
OF_TENSORS: dict[str, Callable[[Any, Any], Tensor]] = {
    symbol: FUNCTIONS[name] for symbol, name in ROW_OF.items()
} | {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "^": operator.pow,
    "@": operator.matmul,
}

# What becomes a tensor when an operation meets it.
CONTAINERS = LISTS | {Tensor}


def operand(value: Any, other: Any) -> Any:
    """What an operation on tensors takes: a tensor, or a bare number."""
    if type(value) is Tensor or type(value) in NUMBERS:
        return value
    return as_tensor(value, other.dtype if type(other) is Tensor else None)


def binary(symbol: str, a: Any, b: Any) -> Any:
    """a `symbol` b, for the arithmetic operators and those on masks."""
    ta, tb = type(a), type(b)
    if ta is Tensor:
        if tb is Tensor or tb in NUMBERS:
            return OF_TENSORS[symbol](a, b)
    elif tb is Tensor and ta in NUMBERS:
        if symbol in "+*" and active.dialect is not None:
            a, b = b, a  # 3 * x is x.__rmul__(3): its node shows the tensor first
        return OF_TENSORS[symbol](a, b)
    if ta in NUMBERS and tb in NUMBERS:
        if symbol in "&|":
            return mask_of_bools(symbol, a, b)
        if symbol == "@":
            raise WrongType("@ multiplies matrices and vectors", hint="* multiplies numbers")
        return numbers.BINARY[symbol](a, b)
    if symbol == "+" and ta is tb is str:
        return a + b
    if symbol == "+" and ta in TUPLES and tb in TUPLES:
        return (Size if Size in (ta, tb) else tuple)((*a, *b))
    if symbol == "%" and ta is str:
        return text.filled(a, b)
    if symbol == "*" and str in (ta, tb) and int in (ta, tb):
        return repeated(a, b) if ta is str else repeated(b, a)
    if active.dialect is not None and (joined := as_sequences(symbol, a, b)) is not None:
        return joined
    if all(t in NUMBERS or t in CONTAINERS for t in (ta, tb)):
        return binary(symbol, operand(a, b), operand(b, a))
    raise undefined(symbol, a, b)


def as_sequences(symbol: str, a: Any, b: Any) -> Any:
    """What Python makes of lists where a program follows a framework: + joins, * repeats.

    None for what is no such operation. In the language's own formulas lists are vectors.
    """
    ta, tb = type(a), type(b)
    meter = current()
    if symbol == "+" and ta is tb is list:
        if meter is not None:
            meter.check_items(len(a) + len(b), "list")
        return [*a, *b]
    if symbol == "*" and ta is int and tb in LISTS:
        return repeated(b, a)
    if symbol == "*" and tb is int and ta in LISTS:
        return repeated(a, b)
    return None


def repeated(sequence: Any, count: int) -> Any:
    """A string, list or tuple so many times over."""
    meter = current()
    if meter is not None:
        if type(sequence) is str:
            meter.check_string(len(sequence) * count)
        else:
            meter.check_items(len(sequence) * count, "list")
    return sequence * count


def mask_of_bools(symbol: str, a: Any, b: Any) -> bool:
    if type(a) is not bool or type(b) is not bool:
        raise WrongType(f"{symbol} is for masks, not for numbers", hint="and, or; ^ is the power")
    return (a and b) if symbol == "&" else (a or b)


def undefined(symbol: str, a: Any, b: Any) -> GradcliError:
    hint = None
    for value in (a, b):
        if type(value) in (Function, Builtin, Method):
            hint = f"{value.name} is a function: call it, as in {value.name}(x)"
    return WrongType(f"{symbol} is not defined for {described(a)} and {described(b)}", hint=hint)


def unary(symbol: str, a: Any) -> Any:
    kind = type(a)
    if symbol == "not":
        return not truth(a)
    if symbol == "~":
        if kind is bool:
            return not a
        if kind is Tensor and a.dtype.kind not in "fc":
            return FUNCTIONS["invert"](a)
        if kind is Tensor:
            raise WrongType("~ is for masks, not for numbers", hint="-x changes the sign")
    elif kind in NUMBERS:
        return numbers.UNARY[symbol](a)
    elif kind in (Tensor, list):
        return FUNCTIONS["neg" if symbol == "-" else "positive"](as_tensor(a))
    raise WrongType(f"{symbol} is not defined for {described(a)}")


# ---- comparison ---------------------------------------------------------------------------------


def compare(symbol: str, a: Any, b: Any) -> Any:
    """One link of a chain of comparisons: a bool, or a mask if a tensor is compared."""
    special = SPECIAL.get(symbol)
    if special is not None:
        return special(a, b)
    ta, tb = type(a), type(b)
    if ta in NUMBERS and tb in NUMBERS:
        if symbol not in ("==", "!=") and complex in (ta, tb):
            raise WrongType("complex numbers have no order", hint="compare abs(z)")
        return numbers.COMPARE[symbol](a, b)
    if Tensor in (ta, tb) and all(t in NUMBERS or t in CONTAINERS for t in (ta, tb)):
        if symbol not in ("==", "!=") and any(is_complex(x) for x in (a, b)):
            raise WrongType("complex numbers have no order", hint="compare abs(z)")
        return FUNCTIONS[ROW_OF[symbol]](operand(a, b), operand(b, a))
    if symbol in ("==", "!="):
        return equal(a, b) == (symbol == "==")
    if ta is tb is str:
        return bool(numbers.COMPARE[symbol](a, b))
    raise undefined(symbol, a, b)


def is_complex(value: Any) -> bool:
    return type(value) is complex or (type(value) is Tensor and value.dtype.kind == "c")


def equal(a: Any, b: Any) -> bool:
    """Equality by value of numbers, strings and collections of them; of the rest by identity.

    A tensor of one element equals its number. A pair of collections is compared once, wherever
    it occurs again, in itself too.
    """
    pairs = [(a, b)]
    seen: set[tuple[int, int]] = set()
    meter = current()
    while pairs:
        a, b = pairs.pop()
        if meter is not None:
            meter.charge(2)
        if type(a) is Tensor and type(b) in NUMBERS and a.size == 1:
            a = a.item()
        elif type(b) is Tensor and type(a) in NUMBERS and b.size == 1:
            b = b.item()
        if type(a) in NUMBERS and type(b) in NUMBERS:
            if a != b:
                return False
        elif type(a) is not type(b) and not {type(a), type(b)} <= TUPLES:
            return False
        elif (id(a), id(b)) in seen:
            continue
        elif type(a) in LISTS:
            seen.add((id(a), id(b)))
            if len(a) != len(b):
                return False
            pairs += zip(a, b, strict=True)
        elif type(a) is dict:
            seen.add((id(a), id(b)))
            if a.keys() != b.keys():
                return False
            pairs += [(a[key], b[key]) for key in a]
        elif type(a) is Tensor:
            if meter is not None:
                meter.charge(a.size / 500)
            if a.shape != b.shape or not bool(np.all(a.taken() == b.taken())):
                return False
        elif a is not b and (type(a) not in (str, range) or a != b):
            return False
    return True


def identical(a: Any, b: Any) -> bool:
    if type(a) in NUMBERS or type(a) is str:
        return type(a) is type(b) and bool(a == b)
    return a is b


def close(a: Any, b: Any) -> bool:
    """a ~= b: equal to 9 digits (5 in float32), everywhere; nan is close to nothing."""
    x, y = (np.asarray(as_tensor(v).taken()) for v in (a, b))
    short = np.float32 in (x.dtype, y.dtype) or np.complex64 in (x.dtype, y.dtype)
    meter = current()
    try:
        if meter is not None:
            meter.allocate(np.broadcast_shapes(x.shape, y.shape), 1 / 50)
        return bool(np.allclose(x, y, rtol=1e-5 if short else 1e-9, atol=0))
    except ValueError:
        raise ShapeMismatch(f"shapes {x.shape} and {y.shape} do not fit") from None


def contains(a: Any, b: Any) -> bool:
    if type(b) in LISTS:
        return any(equal(a, item) for item in b)
    if type(b) is dict and type(a) is str:
        return a in b
    if type(b) is str and type(a) is str:
        meter = current()
        if meter is not None:
            meter.charge(len(b) / 500)
        return a in b
    if type(b) is range and type(a) in NUMBERS:
        # Python would look at each number of the range for one that is no integer.
        return a == a.real and float(a.real).is_integer() and int(a.real) in b
    if type(b) is Tensor and (type(a) in NUMBERS or type(a) is Tensor):
        return bool(np.any(compare("==", b, a).taken()))
    if type(b) in ITEMS and type(a) is str:  # modules by name
        return any(a == name for name in ITEMS[type(b)](b) if type(name) is str)
    raise WrongType(f"'in' is not defined for {described(a)} and {described(b)}")


SPECIAL: dict[str, Callable[[Any, Any], bool]] = {
    "is": identical,
    "is not": lambda a, b: not identical(a, b),
    "~=": close,
    "in": contains,
    "not in": lambda a, b: not contains(a, b),
}


def truth(value: Any) -> bool:
    kind = type(value)
    if kind is Tensor:
        return bool(value)
    if kind in NUMBERS or kind in LISTS or kind in (str, dict, range) or value is None:
        return bool(value)
    if kind is Module:
        raise WrongType("a module is neither true nor false")
    return True
