"""Every function by name: the rows of the table, and the few names that choose among rows.

Importing this module gives Tensor its operators and methods and answers numpy's protocols (NEP 13
and 18), so that `np.sin(tensor)` is the same row as `tensor.sin()`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from gradcli.engine.apply import ROWS, as_operand, bound, record, unwrap
from gradcli.engine.ops import NUMPY, TABLE
from gradcli.engine.ops.linalg import matmul_row
from gradcli.engine.ops.table import BINARY, GENERAL, UNARY, Op
from gradcli.engine.tensor import Tensor
from gradcli.errors import ShapeMismatch, WrongType, WrongValue

Function = Callable[..., Tensor]


def calling(op: Op) -> Function:
    """The row as a function of a user's arguments: checks their number, binds their keywords."""
    row = ROWS[op.name]
    if op.bind is None and op.form in (UNARY, BINARY):
        operands = op.form

        def call(*arguments: Any) -> Tensor:
            if len(arguments) != operands:
                s = "" if operands == 1 else "s"
                raise WrongType(f"{op.name} takes {operands} argument{s}, not {len(arguments)}")
            return row(*arguments)

        return call

    def bind_and_call(*arguments: Any, **named: Any) -> Tensor:
        operands, static = bound(op, arguments, named)
        return row(*operands, *static) if op.form == UNARY else record(op, operands, static)

    return bind_and_call


FUNCTIONS: dict[str, Function] = {}
for _op in TABLE.values():
    FUNCTIONS[_op.name] = calling(_op)
    for _alias in _op.aliases:
        FUNCTIONS[_alias] = FUNCTIONS[_op.name]

# ---- names that choose among rows ---------------------------------------------------------------


def named(*names: str, numpy: Sequence[Any] = ()) -> Callable[[Function], Function]:
    """Register a function under its names, and for numpy functions."""

    def register(function: Function) -> Function:
        for name in names:
            FUNCTIONS[name] = function
        for target in numpy:
            CHOOSERS[target] = function
        return function

    return register


CHOOSERS: dict[Any, Function] = {}


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
    """numpy has no integer for `2 ** -1`; a negative power of integers is a fraction."""
    if type(n) is int and n < 0 and type(a) is Tensor and a.value.dtype.kind in "iu":
        return float(n)
    return n


@named("matmul", numpy=(np.matmul,))
def matmul(a: Any, b: Any) -> Tensor:
    a, b = as_operand(a), as_operand(b)
    return record(TABLE[matmul_row(a, b)], (a, b), ())


@named("dot", "inner", numpy=(np.dot, np.inner))
def dot(a: Any, b: Any) -> Tensor:
    """The product of vectors; of matrices the matrix product; with a scalar the multiple."""
    a, b = as_operand(a), as_operand(b)
    return a * b if not a.ndim or not b.ndim else matmul(a, b)


@named("outer", numpy=(np.outer,))
def outer(a: Any, b: Any) -> Tensor:
    a, b = as_operand(a), as_operand(b)
    if a.ndim != 1 or b.ndim != 1:
        raise ShapeMismatch(f"outer takes two vectors; the shapes are {a.shape} and {b.shape}")
    return record(TABLE["outer"], (a, b), ())


def extreme(name: str) -> Function:
    over, along, pairwise = FUNCTIONS[name], TABLE[f"{name}_along"], ROWS[f"{name}imum"]

    def choose(x: Any, axis: Any = None, keepdims: bool = False) -> Tensor:
        if isinstance(axis, Tensor):
            return pairwise(x, axis)
        if axis is None or isinstance(axis, Sequence):
            return over(x, axis, keepdims)
        operands, (axes, keepdims) = bound(TABLE[name], (x, axis, keepdims), {})
        return record(along, operands, (axes[0], keepdims))

    return choose


named("max", numpy=(np.max,))(extreme("max"))
named("min", numpy=(np.min,))(extreme("min"))


@named("norm", numpy=(np.linalg.norm,))
def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Tensor:
    """The vector norm of order `ord`, by default 2; a matrix as one long vector (Frobenius)."""
    x = as_operand(x)
    if isinstance(ord, str):
        if ord != "fro":
            raise WrongValue(f"norm: there is no order '{ord}'", hint="'fro', inf or a number")
        ord = None
    if ord is not None and axis is None and x.ndim > 1:
        raise WrongValue(
            f"norm: order {ord} of a matrix", hint="axis= for vectors, or flatten it first"
        )
    if ord is None or ord == 2:
        return FUNCTIONS["norm2"](x, axis, keepdims)
    if not isinstance(ord, int | float) or ord != ord or ord == 0:
        raise WrongValue(f"norm: there is no order {ord!r}"[:100], hint="inf or a number, not 0")
    size = ROWS["abs"](x)
    if ord in (np.inf, -np.inf):
        return FUNCTIONS["amax" if ord > 0 else "amin"](size, axis, keepdims)
    if ord == 1:
        return FUNCTIONS["sum"](size, axis, keepdims)
    return power(FUNCTIONS["sum"](power(size, ord), axis, keepdims), 1 / ord)


@named("stack", numpy=(np.stack,))
def stack(arrays: Sequence[Any], axis: Any = 0) -> Tensor:
    parts = [FUNCTIONS["expand_dims"](x, axis) for x in arrays]
    return FUNCTIONS["concatenate"](parts, axis)


@named("where", numpy=(np.where,))
def where(condition: Any, a: Any, b: Any) -> Tensor:
    """a where the condition holds, else b."""
    like = a if type(a) is Tensor else b
    raw = like.value if type(like) is Tensor else np.float64(1)
    chosen = tuple(x if type(x) is Tensor else Tensor(unwrap(x, raw)) for x in (a, b))
    mask = condition if type(condition) is Tensor else Tensor(np.asarray(condition))
    if mask.value.dtype.kind != "b":
        mask = Tensor(mask.value != 0)
    return record(TABLE["where"], (mask, *chosen), ())


FUNCTIONS["transpose"] = calling(TABLE["transpose"])

# ---- operators and methods of Tensor ------------------------------------------------------------


def swapped(row: Function) -> Function:
    return lambda a, b: row(b, a)


def number_minus(a: Tensor, b: Any) -> Tensor:
    """b - a for a number b, which PyTorch records as an operation of its own."""
    return ROWS["rsub"](b, a)


def getitem(x: Tensor, index: Any) -> Tensor:
    parts = index if isinstance(index, tuple) else (index,)
    raw = tuple(detached_index(part) for part in parts)
    operands, static = bound(TABLE["getitem"], (x, raw), {})
    return record(TABLE["getitem"], operands, static)


def detached_index(part: Any) -> Any:
    """An index takes no gradient: a tensor in it is its value."""
    if type(part) is Tensor:
        value = part.value
        return value if value.shape or value.dtype.kind == "b" else value.item()
    return part


for _symbol, _name in (
    ("add", "add"),
    ("sub", "sub"),
    ("mul", "mul"),
    ("truediv", "div"),
    ("floordiv", "floor_divide"),
    ("mod", "remainder"),
    ("and", "bitwise_and"),
    ("or", "bitwise_or"),
):
    setattr(Tensor, f"__{_symbol}__", ROWS[_name])
    setattr(Tensor, f"__r{_symbol}__", swapped(ROWS[_name]))
for _symbol in ("eq", "ne", "lt", "le", "gt", "ge", "invert"):
    setattr(Tensor, f"__{_symbol}__", ROWS[_symbol])
Tensor.__rsub__ = number_minus  # type: ignore[method-assign, assignment]
Tensor.__pow__ = power  # type: ignore[method-assign, assignment]
Tensor.__rpow__ = swapped(power)  # type: ignore[method-assign, assignment]
Tensor.__matmul__ = matmul  # type: ignore[method-assign, assignment]
Tensor.__rmatmul__ = swapped(matmul)  # type: ignore[method-assign, assignment]
Tensor.__neg__ = ROWS["neg"]  # type: ignore[method-assign, assignment]
Tensor.__pos__ = ROWS["positive"]  # type: ignore[method-assign, assignment]
Tensor.__abs__ = ROWS["abs"]  # type: ignore[method-assign, assignment]
Tensor.__getitem__ = getitem  # type: ignore[method-assign, assignment]
Tensor.T = property(FUNCTIONS["transpose"])  # type: ignore[misc, assignment]
Tensor.mT = property(lambda x: FUNCTIONS["swapaxes"](x, -1, -2))  # type: ignore[misc, assignment]
Tensor.real = property(ROWS["real"])  # type: ignore[misc, assignment]
Tensor.imag = property(ROWS["imag"])  # type: ignore[misc, assignment]

# These are called with their operands in a list or after a string, so they are no methods.
NOT_METHODS = {
    "concatenate",
    "cat",
    "concat",
    "stack",
    "einsum",
    "where",
    "getitem",
    "real",
    "imag",
}
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
    chooser = CHOOSERS.get(function)
    if chooser is not None:
        return chooser
    op = NUMPY.get(function)
    return None if op is None else FUNCTIONS[op.name]


Tensor.apply_op = apply_op
Tensor.__array_ufunc__ = array_ufunc
Tensor.__array_function__ = array_function
