"""Every function by name: the rows of the table, and the few names that choose among rows.

Importing this module gives Tensor its operators and methods and answers numpy's protocols (NEP 13
and 18), so that `np.sin(tensor)` is the same row as `tensor.sin()`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from typing import Any

import numpy as np

from gradcli.engine import homes
from gradcli.engine.apply import ROWS, SINGLE, record
from gradcli.engine.catalogue import Catalogue
from gradcli.engine.functions.registry import CHOOSERS, FUNCTIONS, Function
from gradcli.engine.operands import as_operand
from gradcli.engine.ops.table import GENERAL, NUMPY, ROW_OF, TABLE, Op
from gradcli.engine.tensor import Tensor
from gradcli.errors import WrongType

__all__ = ["FUNCTIONS", "IN_PLACE", "NOT_METHODS", "NUMPY", "ROW_OF", "TABLE"]

# ---- operators and methods of Tensor ------------------------------------------------------------


def swapped(row: Function) -> Function:
    return lambda a, b: row(b, a)


def number_minus(a: Tensor, b: Any) -> Tensor:
    """b - a for a number b, which PyTorch records as an operation of its own."""
    return ROWS["rsub"](b, a)


def comparable(row: Function) -> Function:
    """Equality that is merely false where there is nothing to compare with."""
    return lambda a, b: NotImplemented if b is None or isinstance(b, str) else row(a, b)


# Members of Tensor that few programs use come from modules that are imported for them.


def chooser(name: str) -> Function:
    function: Function = getattr(import_module("gradcli.engine.functions.choosing"), name)
    return function


def writer(name: str) -> Callable[..., Any]:
    function: Callable[..., Any] = getattr(import_module("gradcli.engine.inplace"), name)
    return function


# `x.sin_()`, `x.add_(y)`: what may overwrite its first operand with its result.
def overwriting(function: Function) -> Function:
    in_place = writer("in_place")
    return lambda target, *arguments, **named: in_place(target, function, *arguments, **named)


WRITERS = ("copy_", "fill_", "zero_")
OPERATORS = {
    "add": ROWS["add"],
    "sub": ROWS["sub"],
    "mul": ROWS["mul"],
    "truediv": ROWS["div"],
    "floordiv": ROWS["floor_divide"],
    "mod": ROWS["remainder"],
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
    "T": property(lambda x: SINGLE["transpose"](x, tuple(range(-1, -x.ndim - 1, -1)))),
    "mT": property(lambda x: FUNCTIONS["swapaxes"](x, -1, -2)),
    "real": property(ROWS["real"]),
    "imag": property(FUNCTIONS["imag"]),
}
LATER: dict[str, Callable[[], Callable[..., Any]]] = {
    "__pow__": lambda: chooser("power"),
    "__rpow__": lambda: swapped(chooser("power")),
    "__ipow__": lambda: overwriting(chooser("power")),
    "__matmul__": lambda: chooser("matmul"),
    "__rmatmul__": lambda: swapped(chooser("matmul")),
    "__getitem__": lambda: import_module("gradcli.engine.functions.indexing").getitem,
    "__setitem__": lambda: writer("setitem"),
    **{f"__i{name}__": partial(overwriting, row) for name, row in OPERATORS.items()},
}
MEMBERS = Catalogue(lambda name: LATER[name](), LATER)
WRITERS = ("copy_", "fill_", "zero_")
IN_PLACE = Catalogue(
    lambda name: writer(name) if name in WRITERS else overwriting(FUNCTIONS[name[:-1]]),
    dict.fromkeys(homes.IN_PLACE.split()),
    WRITERS,
)

# These are called with their operands in a list or after a string, so they are no methods.
NOT_METHODS = {
    *("broadcast_arrays", "broadcast_tensors", "cartesian_prod", "cat", "chain_matmul"),
    *("column_stack", "concat", "concatenate", "dstack", "einsum", "hstack", "meshgrid"),
    *("multi_dot", "row_stack", "stack", "vstack", "where"),
}


class Deferred:
    """A member of Tensor that takes its place there when it is first looked up."""

    __slots__ = ("catalogue", "name")

    def __init__(self, catalogue: Mapping[str, Any], name: str) -> None:
        self.catalogue = catalogue
        self.name = name

    def __get__(self, tensor: Tensor | None, owner: type[Tensor]) -> Any:
        setattr(Tensor, self.name, self.catalogue[self.name])
        return getattr(owner if tensor is None else tensor, self.name)


for _name, _member in SPECIAL.items():
    setattr(Tensor, _name, _member)
for _catalogue in (MEMBERS, IN_PLACE, FUNCTIONS):
    for _name in _catalogue:
        if _name not in NOT_METHODS and _name not in vars(Tensor):
            setattr(Tensor, _name, Deferred(_catalogue, _name))


# ---- numpy's protocols --------------------------------------------------------------------------


def apply_op(_tensor: Tensor, op: Op, arguments: tuple[Any, ...]) -> Tensor:
    """A rule called a row: operands first, static parameters after them, nothing to bind."""
    count = len(op.rules)
    if op.form != GENERAL:
        return ROWS[op.name](*arguments)
    operands = tuple(map(as_operand, arguments[:count]))
    return record(op, operands, arguments[count:])


# What folds an axis by a ufunc.
FOLDS = {np.add: "sum", np.multiply: "prod", np.maximum: "max", np.minimum: "min"}


def array_ufunc(_tensor: Tensor, ufunc: Any, method: str, *inputs: Any, **named: Any) -> Tensor:
    if method == "reduce" and ufunc in FOLDS and {"axis", "keepdims", "initial"}.issuperset(named):
        return folded(ufunc, *inputs, **named)
    function = numpy_function(ufunc)
    if function is None or method != "__call__" or named:
        call = f"np.{ufunc.__name__}" + ("" if method == "__call__" else f".{method}")
        raise WrongType(f"{call} {'with out= or where= ' if named else ''}is not for tensors")
    return function(*inputs)


def folded(
    ufunc: Any, x: Tensor, axis: Any = 0, keepdims: bool = False, initial: Any = None
) -> Tensor:
    """`np.add.reduce` and its like."""
    y: Tensor = FUNCTIONS[FOLDS[ufunc]](x, axis, keepdims=keepdims)
    return y if initial is None else ufunc(y, initial)


def array_function(_tensor: Tensor, function: Any, _types: Any, args: Any, named: Any) -> Tensor:
    ours = numpy_function(function)
    if ours is None:
        raise WrongType(f"np.{function.__name__} is not for tensors")
    return ours(*args, **named)


def numpy_function(function: Any) -> Function | None:
    """What answers for a numpy function; the rows that are private do so through no name."""
    if function in CHOOSERS:
        return CHOOSERS[function]
    # It may be of a module that is not imported yet: most likely of that with its name.
    for names in ([function.__name__], [*TABLE, *FUNCTIONS]):
        for name in names:
            FUNCTIONS.get(name)
        if function in CHOOSERS:
            return CHOOSERS[function]
        if function in NUMPY:
            return CHOOSERS.setdefault(function, FUNCTIONS[NUMPY[function].name])
    return None


for _name, _member in {
    "apply_op": apply_op,
    "__array_ufunc__": array_ufunc,
    "__array_function__": array_function,
}.items():
    setattr(Tensor, _name, _member)
