"""Where numbers and lists become tensors, and the op table as the language calls it."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np

from gradcli.engine.functions import FUNCTIONS
from gradcli.engine.tensor import Tensor
from gradcli.engine.tensor import tensor as make_tensor
from gradcli.errors import ShapeMismatch, WrongType, WrongValue
from gradcli.lang.limits import current
from gradcli.lang.numbers import NUMBERS, integer
from gradcli.lang.values import described

# How deep nested lists may be to become a tensor: the largest rank.
DEEPEST = 32


def as_tensor(value: Any) -> Tensor:
    """A number, or nested lists of numbers and tensors, as a tensor that keeps their graph.

    Lists are measured before anything is made: a few of them, each in the next one twice, may
    hold more numbers than fit any memory.
    """
    kind = type(value)
    if kind is Tensor:
        return value  # type: ignore[no-any-return]  # mypy does not narrow by `type`
    if kind in NUMBERS:
        return make_tensor(value)
    kinds: set[type] = set()
    shape = measured(value, {}, kinds, DEEPEST)
    meter = current()
    if meter is not None:
        meter.allocate(shape, 1 / 10)
    if Tensor in kinds:
        result = stacked(value)
    elif 0 in shape:
        result = Tensor(np.zeros(shape))
    elif kinds == {bool}:
        result = Tensor(np.array(value))
    else:
        result = make_tensor(value)
    if meter is not None:
        meter.hold(result.value)
    return result


def measured(
    value: Any, known: dict[int, tuple[int, ...]], kinds: set[type], depth: int
) -> tuple[int, ...]:
    """The shape of nested lists; each list is looked at once, however often it occurs.

    known  shapes of the lists that were looked at, by identity
    kinds  receives the types of what is no list
    """
    kind = type(value)
    if kind is not list and kind is not tuple:
        kinds.add(kind)
        if kind is Tensor:
            return value.shape  # type: ignore[no-any-return]
        if kind in NUMBERS:
            return ()
        raise WrongType(f"{described(value)} is no number")
    if id(value) in known:
        return known[id(value)]
    if not depth:
        raise WrongValue(f"lists nested more than {DEEPEST} deep are no tensor")
    shapes = {measured(item, known, kinds, depth - 1) for item in value}
    if len(shapes) > 1:
        raise ShapeMismatch("the rows of a list have different shapes, so it is no tensor")
    shape = known[id(value)] = (len(value), *(shapes.pop() if shapes else ()))
    return shape


def stacked(value: Any) -> Tensor:
    """Nested lists, of one shape, that hold tensors."""
    if type(value) is Tensor:
        return value
    if type(value) in NUMBERS:
        return make_tensor(value)
    parts = [stacked(item) for item in value]
    if any(part.requires_grad for part in parts):
        return FUNCTIONS["stack"](parts)
    return Tensor(np.stack([part.value for part in parts]))


def as_index(values: list[Any]) -> Tensor:
    """A list between the brackets of `x[...]`: integers stay integers."""
    kinds: set[type] = set()
    shape = measured(values, {}, kinds, DEEPEST)
    if not kinds <= {int, bool}:
        return as_tensor(values)
    meter = current()
    if meter is not None:
        meter.allocate(shape, 1 / 10)
    return Tensor(np.array(values, dtype=bool if kinds == {bool} else np.int64).reshape(shape))


def cast(raw: Any, dtype: str, requires_grad: bool = False) -> Tensor:
    """A leaf of a dtype. A complex number does not become a real one unasked."""
    if raw.dtype.kind == "c" and not dtype.startswith("complex"):
        raise WrongType(
            f"a complex number is no {dtype}", hint="--dtype complex128, or take real() or abs()"
        )
    leaf = make_tensor(raw, dtype, requires_grad=requires_grad)
    meter = current()
    if meter is not None:
        meter.hold(leaf.value)
    return leaf


# ---- the op table -------------------------------------------------------------------------------

# These take their operands in a list.
OF_LISTS = {"concatenate", "cat", "concat", "stack"}
# Of two plain numbers these are the larger and the smaller, not a reduction along an axis.
PAIRWISE = {"max": "maximum", "min": "minimum"}
# What these do with integers alone, which stay integers.
EXACT: dict[str, Callable[..., int | float]] = {
    "abs": lambda a: integer(abs(a)),
    "max": max,
    "min": min,
    "floor": lambda a: a,
    "ceil": lambda a: a,
}
ARITY = {"max": range(2, 1000), "min": range(2, 1000)}
# PyTorch's words for numpy's keywords.
KEYWORDS = {"dim": "axis", "keepdim": "keepdims"}


def operation(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of the table over the language's values: lists are tensors, and a result of
    plain numbers alone is a number."""

    exact, arity = EXACT.get(name), ARITY.get(name, (1,))

    def call(*arguments: Any, **named: Any) -> Any:
        if (
            exact is not None
            and not named
            and len(arguments) in arity
            and {*map(type, arguments)} == {int}
        ):
            return exact(*arguments)
        named = {
            KEYWORDS.get(key, key): as_tensor(x) if nested(x) else x for key, x in named.items()
        }
        target = function
        if name in OF_LISTS and arguments and type(arguments[0]) in (list, tuple):
            arguments = ([as_tensor(x) for x in arguments[0]], *arguments[1:])
        elif arguments:
            if name in PAIRWISE and len(arguments) > 1 and scalar(arguments[0]):
                target = pairwise(FUNCTIONS[PAIRWISE[name]])
            first, *rest = arguments
            if type(first) in (list, tuple):
                first = as_tensor(first)
            arguments = (first, *(as_tensor(x) if nested(x) else x for x in rest))
        result = target(*arguments, **named)
        if not result.ndim and all(type(x) in NUMBERS for x in arguments):
            return result.item()
        return result

    return call


def scalar(value: Any) -> bool:
    return type(value) in NUMBERS or (type(value) is Tensor and not value.ndim)


def pairwise(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *arguments, **named: reduce(lambda a, b: function(a, b, **named), arguments)


def nested(value: Any) -> bool:
    """Is this a list of tensors or of rows, rather than of sizes or axes?"""
    return type(value) in (list, tuple) and any(
        type(item) in (Tensor, list, tuple) for item in value
    )


OPERATIONS = {name: operation(name, function) for name, function in FUNCTIONS.items()}


def rounded(x: Any, decimals: Any = 0) -> Any:
    """To the nearest number of so many decimals, halves to the even one."""
    if type(decimals) is not int or abs(decimals) > 300:
        raise WrongValue("round: the number of decimals is an integer, at most 300")
    whole = OPERATIONS["rint"]
    if not decimals:
        return x if type(x) is int else whole(x)
    scale = 10.0**decimals
    result = FUNCTIONS["div"](whole(as_tensor(x) * scale), scale)
    return result.item() if type(x) in NUMBERS else result


OPERATIONS["round"] = rounded
