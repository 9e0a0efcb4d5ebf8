"""Where numbers and lists become tensors."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from gradcli.engine.functions import FUNCTIONS
from gradcli.engine.tape import repeatable
from gradcli.engine.tensor import Tensor
from gradcli.engine.tensor import tensor as make_tensor
from gradcli.errors import ShapeMismatch, WrongType, WrongValue, described
from gradcli.lang.limits import current
from gradcli.lang.numbers import NUMBERS
from gradcli.lang.values import LISTS

# How deep nested lists may be to become a tensor: the largest rank.
DEEPEST = 32


def as_tensor(value: Any, like: Any = None) -> Tensor:
    """A number, or nested lists of numbers and tensors, as a tensor that keeps their graph.

    like  a dtype of the tensors that it will meet: numbers in lists do not widen it

    Lists are measured before anything is made: a few of them, each in the next one twice, may
    hold more numbers than fit any memory.
    """
    if type(value) is Tensor:
        return value
    kind = type(value)
    if kind in NUMBERS:
        return make_tensor(value)
    kinds: set[Any] = set()
    shape = measured(value, {}, kinds, DEEPEST)
    dtypes = [found for found in kinds if isinstance(found, np.dtype)]
    if dtypes:
        like = np.result_type(*dtypes)
    dtype = None if like not in SINGLE else np.complex64 if complex in kinds else like
    meter = current()
    if meter is not None:
        meter.allocate(shape, 1 / 10)
    if 0 in shape:
        result = Tensor(np.zeros(shape, dtype))
    elif dtypes:
        result = stacked(value, dtype)
    elif kinds == {bool}:
        result = Tensor(np.array(value))
    else:
        result = make_tensor(value, dtype)
    if meter is not None:
        meter.hold(result.value)
    return result


def as_integer(value: Any) -> int | None:
    """The integer that a value stands for where one counts or chooses, a tensor's one element
    too; None if there is none."""
    if type(value) is int:
        return value
    if type(value) is bool or (
        type(value) is Tensor and value.size == 1 and value.dtype.kind in "iub"
    ):
        return operator.index(value)
    return None


SINGLE = (np.float32, np.complex64)


def measured(
    value: Any, known: dict[int, tuple[int, ...]], kinds: set[Any], depth: int
) -> tuple[int, ...]:
    """The shape of nested lists; each list is looked at once, however often it occurs.

    known  shapes of the lists that were looked at, by identity
    kinds  receives the types of numbers and the dtypes of tensors
    """
    kind = type(value)
    if kind not in LISTS:
        if type(value) is Tensor:
            kinds.add(value.dtype)
            return value.shape
        if kind in NUMBERS:
            kinds.add(kind)
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


def stacked(value: Any, dtype: Any) -> Tensor:
    """Nested lists, of one shape, that hold tensors; numbers among them take the dtype."""
    if type(value) is Tensor:
        return value
    if type(value) in NUMBERS:
        return make_tensor(value, dtype)
    parts = [stacked(item, dtype) for item in value]
    if repeatable() or any(part.requires_grad for part in parts):
        return FUNCTIONS["stack"](parts)
    return Tensor(np.stack([part.value for part in parts]))


def as_index(values: list[Any]) -> Tensor:
    """A list between the brackets of `x[...]`: integers stay integers."""
    kinds: set[Any] = set()
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
