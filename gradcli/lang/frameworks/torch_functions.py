"""Functions that PyTorch has otherwise than numpy: pairs of values and indices, other defaults."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gradcli.engine.functions import FUNCTIONS as F
from gradcli.engine.ops.axes import negative_axis
from gradcli.engine.tensor import Tensor
from gradcli.errors import AssertionFailed, WrongType, WrongValue
from gradcli.lang.operations import OPERATIONS
from gradcli.lang.operators import truth
from gradcli.lang.tensors import as_tensor
from gradcli.lang.values import LISTS, Record, described


def pair(name: str, values: Tensor, indices: Tensor) -> Record:
    """Reads as `torch.return_types.max(values=…, indices=…)` and unpacks into two."""
    return Record(f"torch.return_types.{name}", {"values": values, "indices": indices})


# ---- values with their places -------------------------------------------------------------------


def extreme(name: str) -> Callable[..., Any]:
    def call(input: Any, dim: Any = None, keepdim: Any = False, *, other: Any = None) -> Any:
        beside = other if other is not None else dim
        if type(beside) is Tensor:
            return F[f"{name}imum"](input, beside)
        if dim is None:
            return F[name](input)
        keep = truth(keepdim)
        return pair(name, F[name](input, dim, keep), F[f"arg{name}"](input, dim, keep))

    return call


def sort(input: Any, dim: Any = -1, descending: Any = False, stable: Any = True) -> Record:
    order = {"descending": truth(descending), "stable": truth(stable)}
    return pair("sort", F["sort"](input, dim, **order), F["argsort"](input, dim, **order))


def topk(input: Any, k: Any, dim: Any = -1, largest: Any = True, sorted: Any = True) -> Record:
    truth(sorted)
    return pair("topk", *F["topk"](input, k, dim, truth(largest)))


def kthvalue(input: Any, k: Any, dim: Any = -1, keepdim: Any = False) -> Record:
    return pair("kthvalue", *F["kthvalue"](input, k, dim, truth(keepdim)))


def median(input: Any, dim: Any = None, keepdim: Any = False) -> Any:
    """The lower one of the two in the middle."""
    if dim is None:
        x = F["ravel"](input)
        return F["kthvalue"](x, (x.size + 1) // 2, 0)[0]
    count = input.shape[negative_axis(dim, input.ndim)]
    found = F["kthvalue"](input, (count + 1) // 2, dim, truth(keepdim))
    return pair("median", *found)


def running(name: str) -> Callable[..., Record]:
    def call(input: Any, dim: Any) -> Record:
        return pair(name, F[name](input, dim), F[f"arg{name}"](input, dim))

    return call


# ---- statistics ---------------------------------------------------------------------------------


def spread(name: str) -> Callable[..., Any]:
    """`var` and `std`, which divide by n - 1."""

    def call(
        input: Any,
        dim: Any = None,
        unbiased: Any = None,
        keepdim: Any = False,
        *,
        correction: Any = 1,
    ) -> Tensor:
        if type(dim) is bool:
            dim, unbiased = None, dim
        if unbiased is not None:
            correction = int(truth(unbiased))
        return F[name](input, dim, truth(keepdim), correction=correction)

    return call


def with_mean(name: str) -> Callable[..., Any]:
    def call(input: Any, dim: Any = None, **options: Any) -> tuple[Tensor, Tensor]:
        keep = truth(options.get("keepdim", False))
        return spread(name)(input, dim, **options), F["mean"](input, dim, keep)

    return call


def norm(input: Any, p: Any = 2, dim: Any = None, keepdim: Any = False) -> Tensor:
    """Of all elements in a row, whatever the shape."""
    order = 2 if p == "fro" or p is None else p
    if order == "nuc":
        return F["norm"](input, "nuc")
    return F["vector_norm"](input, order, dim, truth(keepdim))


def along(name: str) -> Callable[..., Tensor]:
    """Functions that must be told their axis."""

    def call(input: Any, dim: Any = None, dtype: Any = None, keepdim: Any = None) -> Tensor:
        if dim is None:
            raise WrongType(f"{name} needs its dim", hint=f"{name}(x, dim=-1) takes the last one")
        x = input if dtype is None else OPERATIONS["astype"](input, dtype)
        return F[name](x, dim) if keepdim is None else F[name](x, dim, truth(keepdim))

    return call


# ---- arithmetic and shapes ----------------------------------------------------------------------


def scaled(name: str) -> Callable[..., Any]:
    """`add(x, y, alpha=a)` is x + a y."""

    def call(input: Any, other: Any, *, alpha: Any = 1) -> Any:
        return F[name](input, other if type(alpha) is int and alpha == 1 else other * alpha)

    return call


def divide(input: Any, other: Any, *, rounding_mode: Any = None) -> Any:
    if rounding_mode == "floor":
        return F["floor_divide"](input, other)
    if rounding_mode == "trunc":
        return F["trunc"](F["div"](input, other))
    if rounding_mode is not None:
        raise WrongValue("div: the rounding_mode is 'floor', 'trunc' or None")
    return F["div"](input, other)


def transpose(input: Any, dim0: Any, dim1: Any) -> Tensor:
    return F["swapaxes"](input, dim0, dim1)


def meshgrid(*tensors: Any, indexing: Any = "ij") -> Any:
    given = tensors[0] if len(tensors) == 1 and type(tensors[0]) in LISTS else tensors
    return F["meshgrid"](*given, indexing=indexing)


def clamped(name: str) -> Callable[..., Tensor]:
    return lambda input, bound: F["clip"](input, **{name: bound})


def float_power(input: Any, exponent: Any) -> Tensor:
    """In double precision."""
    double = "complex128" if input.dtype.kind == "c" else "float64"
    return F["pow"](F["astype"](input, double), exponent)


def distance(input: Any, other: Any, p: Any = 2) -> Tensor:
    return norm(input - other, p)


def pad(input: Any, pad: Any, mode: Any = "constant", value: Any = None) -> Tensor:
    """Pairs of widths from the last axis on: F.pad(x, (1, 2)) pads the last one."""
    if type(pad) not in LISTS or len(pad) % 2 or len(pad) // 2 > input.ndim:
        raise WrongValue(f"pad takes pairs of widths, at most {input.ndim} of them")
    pairs = [tuple(pad[k : k + 2]) for k in range(0, len(pad), 2)]
    widths = (*((0, 0),) * (input.ndim - len(pairs)), *reversed(pairs))
    return F["pad"](input, widths, mode, 0 if value is None else value)


def repeat(input: Any, *sizes: Any) -> Tensor:
    """The tensor itself so many times along each axis."""
    return F["tile"](input, *sizes)


# ---- comparison ---------------------------------------------------------------------------------


def equal(input: Any, other: Any) -> bool:
    for x in (input, other):
        if type(x) is not Tensor:
            raise WrongType(f"equal compares tensors, not {described(x)}")
    return input.shape == other.shape and bool(np.all(input.value == other.value))


def allclose(
    input: Any, other: Any, rtol: Any = 1e-5, atol: Any = 1e-8, equal_nan: Any = False
) -> bool:
    return bool(F["allclose"](input, other, rtol, atol, truth(equal_nan)))


def assert_close(
    actual: Any,
    expected: Any,
    *,
    rtol: Any = None,
    atol: Any = None,
    equal_nan: Any = False,
    check_dtype: Any = True,
    msg: Any = None,
) -> None:
    """An error unless two tensors agree; how closely depends on their dtype."""
    x, y = as_tensor(actual), as_tensor(expected)
    if x.shape != y.shape:
        raise AssertionFailed(f"the shapes {x.shape} and {y.shape} differ")
    if truth(check_dtype) and x.dtype != y.dtype:
        raise AssertionFailed(f"the dtypes {x.dtype} and {y.dtype} differ")
    usual = TOLERANCES.get(x.dtype.name, (0.0, 0.0))
    relative, absolute = (u if t is None else t for u, t in zip(usual, (rtol, atol), strict=True))
    if any(type(bound) not in (int, float) for bound in (relative, absolute)):
        raise WrongType("rtol and atol are numbers")
    near = np.isclose(x.value, y.value, relative, absolute, equal_nan=truth(equal_nan))
    if not np.all(near):
        off = np.count_nonzero(~near)
        raise AssertionFailed(msg if type(msg) is str else f"{off} of {x.size} elements differ")


TOLERANCES = {
    "float32": (1.3e-6, 1e-5),
    "float64": (1e-7, 1e-7),
    "complex64": (1.3e-6, 1e-5),
    "complex128": (1e-7, 1e-7),
}

# Called with a tensor first: they are methods, too.
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "add": scaled("add"),
    "allclose": allclose,
    "clamp_max": clamped("max"),
    "clamp_min": clamped("min"),
    "cummax": running("cummax"),
    "cummin": running("cummin"),
    "dist": distance,
    "div": divide,
    "divide": divide,
    "equal": equal,
    "float_power": float_power,
    "greater": F["gt"],
    "greater_equal": F["ge"],
    "kthvalue": kthvalue,
    "less": F["lt"],
    "less_equal": F["le"],
    "log_softmax": along("log_softmax"),
    "logsumexp": along("logsumexp"),
    "max": extreme("max"),
    "median": median,
    "min": extreme("min"),
    "norm": norm,
    "not_equal": F["ne"],
    "softmax": along("softmax"),
    "sort": sort,
    "std": spread("std"),
    "sub": scaled("sub"),
    "subtract": scaled("sub"),
    "swapaxes": transpose,
    "swapdims": transpose,
    "topk": topk,
    "transpose": transpose,
    "var": spread("var"),
}
OTHERS: dict[str, Callable[..., Any]] = {
    "meshgrid": meshgrid,
    "std_mean": with_mean("std"),
    "var_mean": with_mean("var"),
}
