"""The op table as the language calls it: lists are tensors, plain numbers give plain numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from typing import Any

from gradcli.engine.catalogue import Catalogue
from gradcli.engine.functions import FUNCTIONS
from gradcli.engine.tensor import Tensor
from gradcli.errors import WrongType, WrongValue, described
from gradcli.lang.dialects import active
from gradcli.lang.numbers import NUMBERS, integer
from gradcli.lang.tensors import as_tensor
from gradcli.lang.values import CALLABLE, CALLED, LISTS, Builtin, DType

# Integers that only frameworks speak of.
SHORTER = ("int32", "int16", "int8", "uint8")
DTYPES = ("float64", "float32", "complex128", "complex64", "int64", "bool")

# What Python's types stand for as dtypes.
OF_TYPES = {"bool": "bool", "float": "float64", "int": "int64"}

# These take their operands in a list.
OF_LISTS = {
    *("cat", "chain_matmul", "column_stack", "concat", "concatenate", "dstack", "hstack"),
    *("multi_dot", "row_stack", "stack", "vstack"),
}
# Of plain numbers these are the largest and the smallest, not a reduction along an axis.
PAIRWISE = {"max": "maximum", "min": "minimum"}
# PyTorch's words for numpy's keywords.
KEYWORDS = {
    "dim": "axis",
    "dims": "axis",
    "dim1": "axis1",
    "dim2": "axis2",
    "diagonal": "k",
    "keepdim": "keepdims",
    "shifts": "shift",
}


def operation(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of the table over the language's values."""
    exact, counts = EXACT.get(name, (integer, ()))

    def call(*arguments: Any, **named: Any) -> Any:
        if len(arguments) == 1 and not named and type(arguments[0]) is Tensor:
            return function(arguments[0])
        if len(arguments) in counts and {*map(type, arguments)} == {int} and not named:
            return exact(*arguments)
        if "x" in named and not arguments:
            arguments = (named.pop("x"),)
        values = (*arguments, *named.values())
        like = dtype_among(values)
        named = {
            KEYWORDS.get(key, key): as_tensor(x, like) if nested(x) else x
            for key, x in named.items()
        }
        target = function
        if name in OF_LISTS and arguments and type(arguments[0]) in LISTS:
            arguments = ([as_tensor(x, like) for x in arguments[0]], *arguments[1:])
        elif arguments:
            if name in PAIRWISE and len(arguments) > 1 and scalar(arguments[0]):
                target = pairwise(FUNCTIONS[PAIRWISE[name]])
            first, *rest = arguments
            if type(first) in LISTS:
                first = as_tensor(first, like)
            arguments = (first, *(as_tensor(x, like) if nested(x) else x for x in rest))
        result = target(*arguments, **named)
        if type(result) is Tensor and not result.ndim and all(type(x) in NUMBERS for x in values):
            return result.item()
        return result

    return call


def dtype_among(values: Iterable[Any]) -> Any:
    """The dtype of the first tensor, in lists too, that numbers beside it are to take."""
    for value in values:
        if type(value) is Tensor:
            return value.dtype
        if type(value) in LISTS:
            inside = next((x.dtype for x in value if type(x) is Tensor), None)
            if inside is not None:
                return inside
    return None


# What these make of integers alone, so many of them, is an integer.
MANY = range(2, 100_000)
EXACT: dict[str, tuple[Callable[..., int | float], Sequence[int]]] = {
    "abs": (lambda a: integer(abs(a)), (1,)),
    "ceil": (lambda a: a, (1,)),
    "floor": (lambda a: a, (1,)),
    "max": (max, MANY),
    "min": (min, MANY),
}


def scalar(value: Any) -> bool:
    return type(value) in NUMBERS or (type(value) is Tensor and not value.ndim)


def pairwise(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *arguments, **named: reduce(lambda a, b: function(a, b, **named), arguments)


def nested(value: Any) -> bool:
    """Is this a list of tensors or of rows, rather than of sizes or axes?"""
    return type(value) in LISTS and any(type(item) in (Tensor, list, tuple) for item in value)


# ---- those with a signature of their own --------------------------------------------------------


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


def dtype_name(dtype: Any) -> str:
    """The name of a dtype of the language."""
    name = dtype.name if type(dtype) is DType else dtype
    if type(dtype) is Builtin:
        name = OF_TYPES.get(dtype.name, dtype)
    if type(name) is not str:
        raise WrongType(f"a dtype is one of {', '.join(DTYPES)}, not {described(dtype)}")
    if name not in DTYPES and not (name in SHORTER and active.dialect is not None):
        raise WrongValue(f"a dtype is one of {', '.join(DTYPES)}")
    return name


def astype(x: Any, dtype: Any) -> Any:
    return FUNCTIONS["astype"](as_tensor(x), dtype_name(dtype))


OPERATIONS = Catalogue(lambda name: operation(name, FUNCTIONS[name]), FUNCTIONS)
OPERATIONS.made |= {"round": rounded, "astype": astype}


def converting(dtype: DType) -> Builtin:
    """`float32(x)`: a number or a tensor in this dtype."""
    return Builtin(dtype.name, lambda x=0: OPERATIONS["astype"](x, dtype))


CALLABLE.add(DType)
CALLED[DType] = converting
