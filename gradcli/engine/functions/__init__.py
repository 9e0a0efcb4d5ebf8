"""Every function by name: the rows of the table, and the few names that choose among rows.

Importing this module gives Tensor its operators and methods and answers numpy's protocols (NEP 13
and 18), so that `np.sin(tensor)` is the same row as `tensor.sin()`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

import numpy as np

from gradcli.engine.apply import ROWS, bound, record
from gradcli.engine.functions import (  # noqa: F401  # they register names
    activations,
    arranging,
    classification,
    gathering,
    layers,
    losses,
    matrices,
    matrix_norms,
    orders,
    products,
    signals,
    statistics,
    vector_norms,
)
from gradcli.engine.functions.registry import CHOOSERS, FUNCTIONS, ROW_OF, Function, named
from gradcli.engine.graph import here
from gradcli.engine.inplace import copy_, fill_, in_place, setitem, zero_
from gradcli.engine.operands import ONE, as_operand, detached_index
from gradcli.engine.ops import NUMPY, TABLE
from gradcli.engine.ops.axes import integer, negative_axis
from gradcli.engine.ops.linalg import matmul_row
from gradcli.engine.ops.table import GENERAL, Op
from gradcli.engine.tensor import Tensor
from gradcli.errors import DtypeMismatch, WrongType, WrongValue

__all__ = ["FUNCTIONS", "IN_PLACE", "NOT_METHODS", "NUMPY", "ROW_OF", "TABLE"]

# ---- names that choose among rows ---------------------------------------------------------------


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
                raise DtypeMismatch("an integer has no integer power that is negative")
            return float(n)
        return int(n)
    return complex(n) if isinstance(n, complex) else float(n)


@named("matmul", numpy=(np.matmul,))
def matmul(a: Any, b: Any) -> Tensor:
    """The product of matrices, of a matrix and a vector, or of vectors; `a @ b`."""
    a, b = as_operand(a), as_operand(b)
    return record(TABLE[matmul_row(a, b)], (a, b), ())


def extreme(name: str) -> Function:
    over, along, pairwise = FUNCTIONS[name], TABLE[f"{name}_along"], ROWS[f"{name}imum"]

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


# ---- operators and methods of Tensor ------------------------------------------------------------


def swapped(row: Function) -> Function:
    return lambda a, b: row(b, a)


def number_minus(a: Tensor, b: Any) -> Tensor:
    """b - a for a number b, which PyTorch records as an operation of its own."""
    return ROWS["rsub"](b, a)


def comparable(row: Function) -> Function:
    """Equality that is merely false where there is nothing to compare with."""
    return lambda a, b: NotImplemented if b is None or isinstance(b, str) else row(a, b)


def getitem(x: Tensor, index: Any) -> Tensor:
    operands, static = bound(TABLE["getitem"], (x, detached_index(index)), {})
    return record(TABLE["getitem"], operands, static)


OPERATORS = {
    "add": ROWS["add"],
    "sub": ROWS["sub"],
    "mul": ROWS["mul"],
    "truediv": ROWS["div"],
    "floordiv": ROWS["floor_divide"],
    "mod": ROWS["remainder"],
    "pow": power,
    "matmul": matmul,
    "and": ROWS["bitwise_and"],
    "or": ROWS["bitwise_or"],
}
SPECIAL: dict[str, Any] = {
    **{f"__{name}__": row for name, row in OPERATORS.items()},
    **{f"__r{name}__": swapped(row) for name, row in OPERATORS.items()},
    **{f"__{name}__": comparable(ROWS[name]) for name in ("eq", "ne")},
    **{f"__{name}__": ROWS[name] for name in ("lt", "le", "gt", "ge", "invert", "neg", "abs")},
    "__rsub__": number_minus,
    "__pos__": ROWS["positive"],
    "__getitem__": getitem,
    "T": property(FUNCTIONS["transpose"]),
    "mT": property(lambda x: FUNCTIONS["swapaxes"](x, -1, -2)),
    "real": property(ROWS["real"]),
    "imag": property(FUNCTIONS["imag"]),
}


# `x.sin_()`, `x.add_(y)`: what may overwrite its first operand with its result.
def overwriting(function: Function) -> Function:
    return lambda target, *arguments, **named: in_place(target, function, *arguments, **named)


IN_PLACE: dict[str, Callable[..., Any]] = {
    f"{name}_": overwriting(function)
    for name, function in FUNCTIONS.items()
    if name in ("pow", "power")
    or ((row := ROW_OF.get(name)) and row.elementwise and any(row.rules))
} | {"copy_": copy_, "fill_": fill_, "zero_": zero_}
del IN_PLACE["where_"], IN_PLACE["clone_"]
SPECIAL |= {
    **{f"__i{name}__": overwriting(row) for name, row in OPERATORS.items() if name != "matmul"},
    "__setitem__": setitem,
} | IN_PLACE

# These are called with their operands in a list or after a string, so they are no methods.
NOT_METHODS = {
    *("broadcast_arrays", "broadcast_tensors", "cartesian_prod", "cat", "chain_matmul"),
    *("column_stack", "concat", "concatenate", "dstack", "einsum", "hstack", "meshgrid"),
    *("multi_dot", "row_stack", "stack", "vstack", "where"),
}

for _name, _member in SPECIAL.items():
    setattr(Tensor, _name, _member)
for _name, _function in FUNCTIONS.items():
    if _name not in NOT_METHODS and not hasattr(Tensor, _name):
        setattr(Tensor, _name, _function)


# ---- numpy's protocols --------------------------------------------------------------------------


def apply_op(_tensor: Tensor, op: Op, arguments: tuple[Any, ...]) -> Tensor:
    """A rule called a row: operands first, static parameters after them, nothing to bind."""
    count = len(op.rules)
    if op.form != GENERAL:
        return ROWS[op.name](*arguments)
    operands = tuple(map(as_operand, arguments[:count]))
    return record(op, operands, arguments[count:])


def array_ufunc(_tensor: Tensor, ufunc: Any, method: str, *inputs: Any, **named: Any) -> Tensor:
    function = numpy_function(ufunc)
    if function is None or method != "__call__" or named:
        call = f"np.{ufunc.__name__}" + ("" if method == "__call__" else f".{method}")
        raise WrongType(f"{call} {'with out= or where= ' if named else ''}is not for tensors")
    return function(*inputs)


def array_function(_tensor: Tensor, function: Any, _types: Any, args: Any, named: Any) -> Tensor:
    ours = numpy_function(function)
    if ours is None:
        raise WrongType(f"np.{function.__name__} is not for tensors")
    return ours(*args, **named)


def numpy_function(function: Any) -> Function | None:
    """What answers for a numpy function; the rows that are private do so through no name."""
    chooser = CHOOSERS.get(function)
    if chooser is None and (op := NUMPY.get(function)) is not None:
        chooser = CHOOSERS[function] = FUNCTIONS[op.name]
    return chooser


for _name, _member in {
    "apply_op": apply_op,
    "__array_ufunc__": array_ufunc,
    "__array_function__": array_function,
}.items():
    setattr(Tensor, _name, _member)
