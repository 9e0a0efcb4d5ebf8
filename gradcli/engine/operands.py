"""What may be an operand, and how two of them meet: shapes and dtypes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from gradcli.engine.ops.table import TABLE
from gradcli.engine.tensor import DEEPEST, Tensor
from gradcli.errors import ShapeMismatch, WrongType, WrongValue

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
        value = index.value
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
    if kind is float or kind is int or kind is bool:
        return number(value, like)
    if kind is complex:
        single = like.dtype in (np.float32, np.complex64)
        return np.complex64(value) if single else np.complex128(value)
    if isinstance(value, np.ndarray | np.generic):
        if value.dtype.kind not in "fciub":
            raise WrongType(f"an array of {value.dtype} is no operand")
        return value if kind is np.ndarray or not value.shape else np.asarray(value)
    if isinstance(value, list | tuple):
        return as_array(value, like)
    raise WrongType(f"a {kind.__name__} is no operand")


def number(value: float, like: Any) -> Any:
    """A Python number as a numpy scalar of the dtype of `like`, if that can hold it."""
    try:
        if type(like) is float64:
            return float64(value)
        dtype = like.dtype
        if dtype.kind in "fc":
            return dtype.type(value)
        if type(value) is float:
            return float64(value)
        if type(value) is bool:
            return np.bool_(value)
        info = np.iinfo(dtype if dtype.kind in "iu" else np.int64)
        fits = info.min <= value <= info.max
        return info.dtype.type(value) if fits else wide(value)
    except OverflowError:
        raise WrongValue("an integer is too large for a number of 64 bits") from None


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


# ---- shapes and dtypes --------------------------------------------------------------------------


def align(x: Any, w: Any) -> tuple[Any, Any]:
    """Two raw operands ready to meet."""
    if x.shape != w.shape:
        check_broadcast(x.shape, w.shape)
    if x.dtype != w.dtype:
        if not x.shape and w.shape:
            x = lowered(x, w.dtype)
        elif not w.shape and x.shape:
            w = lowered(w, x.dtype)
    return x, w


def lowered(scalar: Any, dtype: np.dtype[Any]) -> Any:
    """A scalar in the dtype of an array of its category (else float64 would promote float32).

    bool < int < float < complex; an integer stays wide where the array's dtype cannot hold it.
    """
    order = "biufc"
    if order.index(scalar.dtype.kind) > order.index(dtype.kind):
        return scalar
    cast = scalar.astype(dtype)
    return scalar if dtype.kind in "iu" and cast != scalar else cast


def settle(raw: tuple[Any, ...], rules: Sequence[Any]) -> tuple[Any, ...]:
    """`align` for any number of operands; one without a rule (a condition) stays as it is."""
    arrays = [x.dtype for x, rule in zip(raw, rules, strict=True) if rule and x.shape]
    if not arrays:
        return raw
    dtype = np.result_type(*arrays)
    return tuple(
        lowered(x, dtype) if rule and not x.shape else x for x, rule in zip(raw, rules, strict=True)
    )


def check_broadcast(left: tuple[int, ...], *others: tuple[int, ...]) -> None:
    for right in others:
        for n, m in zip(reversed(left), reversed(right), strict=False):
            if n not in (m, 1) and m != 1:
                raise ShapeMismatch(f"shapes {left} and {right} do not fit")
    if len(others) > 1:
        check_broadcast(*others)
