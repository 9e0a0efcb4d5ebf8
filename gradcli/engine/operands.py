"""What may be an operand: tensors, and the constants that numbers, arrays and lists become."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from gradcli.engine.graph import here
from gradcli.engine.ops.table import TABLE
from gradcli.engine.tensor import DEEPEST, Tensor
from gradcli.errors import WrongType, WrongValue, described

float64 = np.float64
float64_dtype = np.dtype(float64)
ONE = float64(1)


# ---- operands that are no tensors ---------------------------------------------------------------


def as_operand(value: Any, like: Any = ONE) -> Tensor:
    """A tensor as it is; a number, an array or nested lists as a constant that may meet `like`.

    Tensors in nested lists are stacked, and keep their gradients.
    """
    if type(value) is Tensor:
        return value
    kind = type(value)
    if (kind is float or kind is int) and like.dtype is float64_dtype:
        return Tensor(float64(value) if kind is float else number(value, ONE))
    if isinstance(value, list | tuple) and any(type(x) is Tensor for x in flattened(value)):
        from gradcli.engine.apply import record  # noqa: PLC0415  # which builds on this module

        parts = tuple(as_operand(part, like) for part in value)
        operands, static = TABLE["stack"].bind(list(parts))  # type: ignore[misc]  # it has one
        return record(TABLE["stack"], operands, static)
    return Tensor(constant(value, like))


def detached_index(index: Any) -> Any:
    """An index takes no gradient: a tensor in it is its value."""
    if isinstance(index, tuple):
        return tuple(map(detached_index, index))
    if type(index) is Tensor:
        value = index.taken()
        return np.asarray(value) if value.shape or value.dtype.kind == "b" else value.item()
    return index


def flattened(values: Sequence[Any]) -> Iterator[Any]:
    """The elements of nested lists, in order."""
    stack = [iter(values)]
    while stack:
        for value in stack[-1]:
            if isinstance(value, list | tuple):
                if len(stack) == DEEPEST:
                    raise WrongValue(f"lists are nested deeper than {DEEPEST}")
                stack.append(iter(value))
                break
            yield value
        else:
            stack.pop()


def constant(value: Any, like: Any) -> Any:
    """A number or array as a raw value that may meet `like`: a bare number takes its dtype."""
    kind = type(value)
    if kind is float or kind is int:
        return number(value, like)
    if kind is bool:
        return number(value, like) if here.state.floating is None else np.bool_(value)
    if kind is complex:
        dtype = here.state.floating if like.dtype.kind in "biu" else like.dtype
        single = dtype in (np.float32, np.complex64)
        return np.complex64(value) if single else np.complex128(value)
    if isinstance(value, np.ndarray | np.generic):
        if value.dtype.kind not in "fciub":
            raise WrongType(f"an array of {value.dtype.name} holds no numbers")
        return value if kind is np.ndarray or not value.shape else np.asarray(value)
    if isinstance(value, list | tuple):
        return as_array(value, like)
    raise WrongType(f"{described(value)} is no number")


def number(value: float, like: Any) -> Any:
    """A Python number as a numpy scalar of the dtype of `like`, if that can hold it.

    Else it is wider; PyTorch's promotion knows no integer that widens another.
    """
    default = here.state.floating
    try:
        if type(like) is float64:
            return float64(value)
        dtype = like.dtype
        if dtype.kind in "fc":
            return dtype.type(value)
        if type(value) is float:
            return float64(value) if default is None else default.type(value)
        if type(value) is bool:
            return np.bool_(value)
        info = np.iinfo(dtype if dtype.kind in "iu" else np.int64)
        if default is not None or info.min <= value <= info.max:
            return info.dtype.type(value)
        return wide(value)
    except OverflowError:
        bits = 64 if like.dtype.kind not in "iu" else np.iinfo(like.dtype).bits
        raise WrongValue(f"an integer does not fit a number of {bits} bits") from None


def wide(value: float) -> Any:
    """An integer that the dtype at hand cannot hold: 64 bits, then float."""
    return np.int64(value) if -(2**63) <= value < 2**63 else float64(value)


def as_array(values: Any, like: Any) -> Any:
    """Nested lists of numbers as an array; Python's numbers take the dtype of `like`."""
    bare = all(type(x) in (int, float, bool) for x in flattened(values))
    try:
        array = np.asarray(values)
    except (TypeError, ValueError, OverflowError):
        raise WrongType("nested lists become a tensor only where their lengths agree") from None
    if array.dtype.kind not in "fciub":
        raise WrongType("nested lists become a tensor only if they hold numbers of 64 bits")
    if bare and array.dtype.kind != "b" and like.dtype.kind == "f":
        array = array.astype(like.dtype)
    return array
