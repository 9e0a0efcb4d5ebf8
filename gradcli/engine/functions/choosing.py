"""Names that choose among several operations: powers, products, extremes, cuts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np

from gradcli.engine.apply import ROWS, record
from gradcli.engine.arguments import bound
from gradcli.engine.functions.registry import Function, calling, named
from gradcli.engine.graph import here
from gradcli.engine.operands import ONE, as_operand
from gradcli.engine.ops import TABLE
from gradcli.engine.ops.axes import integer, negative_axis
from gradcli.engine.ops.linalg import matmul_row
from gradcli.engine.tensor import Tensor
from gradcli.errors import DtypeMismatch, WrongValue

# ---- powers, products, extremes, choices --------------------------------------------------------


@named("pow", "power", numpy=(np.power, np.float_power))
def power(a: Any, b: Any) -> Tensor:
    """a^b; the row depends on which of the two is a constant."""
    if type(b) is not Tensor:
        if isinstance(b, int | float | complex) and type(b) is not bool:
            return ROWS["pow_scalar"](a, checked_exponent(a, b))
        return ROWS["pow_tensor"](a, b)
    if type(a) is not Tensor:
        return ROWS["pow_base"](a, b)
    return ROWS["pow_tensor"](a, b)


def checked_exponent(a: Any, n: Any) -> Any:
    """numpy has no integer for `2 ** -1`: a negative power of integers is a fraction.

    Exponents are Python numbers, so that they take the dtype of the base.
    """
    if isinstance(n, int):
        if not -(2**63) <= n < 2**63:
            raise WrongValue("an integer exponent has no more than 64 bits")
        if n < 0 and type(a) is Tensor and a.value.dtype.kind in "iub":
            if here.state.floating is not None:
                raise DtypeMismatch(
                    "a negative power of integers is no integer",
                    hint="write the base with a decimal point",
                )
            return float(n)
        return int(n)
    return complex(n) if isinstance(n, complex) else float(n)


@named("matmul", numpy=(np.matmul,))
def matmul(a: Any, b: Any) -> Tensor:
    """The product of matrices, of a matrix and a vector, or of vectors; `a @ b`."""
    a, b = as_operand(a), as_operand(b)
    return record(TABLE[matmul_row(a, b)], (a, b), ())


def extreme(name: str) -> Function:
    over, along, pairwise = calling(TABLE[name]), TABLE[f"{name}_along"], ROWS[f"{name}imum"]

    def choose(x: Any, axis: Any = None, keepdims: Any = False) -> Tensor:
        if isinstance(axis, Tensor):
            return pairwise(x, axis)
        if axis is None or isinstance(axis, Sequence):
            return over(x, axis, keepdims)
        operands, (axes, keepdims) = bound(TABLE[name], (x, axis, keepdims), {})
        return record(along, operands, (axes[0], keepdims))

    choose.__name__ = name
    return choose


named("max", numpy=(np.max,))(extreme("max"))
named("min", numpy=(np.min,))(extreme("min"))


@named("where", numpy=(np.where,))
def where(condition: Any, a: Any, b: Any) -> Tensor:
    """a where the condition holds, else b."""
    alone = ONE if here.state.floating is None else np.int64(1)  # where no tensor stands beside
    b = as_operand(b, a.value if type(a) is Tensor else alone)
    a = as_operand(a, b.value)
    mask = as_operand(condition)
    if mask.value.dtype.kind != "b":
        mask = ROWS["ne"](mask, 0)
    return record(TABLE["where"], (mask, a, b), ())


# ---- functions of several results ---------------------------------------------------------------


@named("split")
def split(x: Any, size: Any, axis: Any = 0) -> tuple[Tensor, ...]:
    """Windows along an axis, as views: of one size (the last may be shorter), or of a list's."""
    row = TABLE["split_with_sizes" if isinstance(size, list | tuple) else "split"]
    return cast("tuple[Tensor, ...]", record(row, *bound(row, (x, size, axis), {})))


@named("chunk")
def chunk(x: Any, count: Any, axis: Any = 0) -> tuple[Tensor, ...]:
    """At most `count` windows of one size along an axis, as views."""
    x = as_operand(x)
    number = integer(count, "a count")
    if number < 1:
        raise WrongValue("chunk takes a count of at least 1")
    length = x.shape[negative_axis(axis, x.ndim)]
    return split(x, max(1, -(-length // number)), axis)
