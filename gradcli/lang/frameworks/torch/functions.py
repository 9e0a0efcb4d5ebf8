"""Functions that PyTorch has otherwise than numpy: pairs of values and indices, other defaults."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from gradcli.engine.functions import FUNCTIONS as F
from gradcli.engine.ops.axes import negative_axis
from gradcli.engine.tensor import Tensor
from gradcli.errors import AssertionFailed, ShapeMismatch, WrongType, WrongValue, described
from gradcli.lang.constructors import constant
from gradcli.lang.operations import OPERATIONS
from gradcli.lang.operators import truth
from gradcli.lang.tensors import as_tensor
from gradcli.lang.values import LISTS, Record


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
    """The lower one of the two in the middle; nan, if there is one."""
    if dim is None:
        x = F["ravel"](input)
        return middle_of(x, F["kthvalue"](x, (x.size + 1) // 2, 0)[0])
    axis = negative_axis(dim, input.ndim)
    keep = truth(keepdim)
    values, indices = F["kthvalue"](input, (input.shape[axis] + 1) // 2, axis, True)
    undefined = np.isnan(input.value)
    if np.any(undefined):
        first = np.argmax(input.taken() != input.taken(), axis, keepdims=True)
        there = np.any(undefined, axis, keepdims=True)
        indices = Tensor(np.where(there, first, indices.value))
        values = F["take_along_axis"](input, indices, axis)
    if keep:
        return pair("median", values, indices)
    return pair("median", F["squeeze"](values, axis), F["squeeze"](indices, axis))


def middle_of(x: Tensor, middle: Tensor) -> Tensor:
    """A median of a vector: of equal elements each gets its part of the gradient."""
    if np.any(np.isnan(x.value)):
        return x[int(np.argmax(np.isnan(x.taken())))]
    if not middle.requires_grad or np.count_nonzero(x.value == middle.value) < 2:
        return middle
    shared = F["mean"](x[Tensor(np.flatnonzero(x.taken() == middle.value))])
    return middle.detach() + (shared - shared.detach())  # the value itself is not rounded


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


def summed(name: str) -> Callable[..., Any]:
    """Reductions and running ones that may be told the dtype to compute in."""

    def call(input: Any, *rest: Any, dtype: Any = None, **named: Any) -> Any:
        x = input if dtype is None else OPERATIONS["astype"](input, dtype)
        return OPERATIONS[name](x, *rest, **named)

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


def squeeze(input: Any, dim: Any = None) -> Tensor:
    """Without axes of length 1; those that are longer stay."""
    if dim is None:
        return F["squeeze"](input)
    axes = [negative_axis(each, input.ndim) for each in (dim if type(dim) in LISTS else (dim,))]
    return F["squeeze"](input, tuple([each for each in axes if input.shape[each] == 1]))


def flip(input: Any, *axes: Any, dims: Any = None) -> Tensor:
    given = axes if dims is None else (dims,)
    if len(given) == 1 and type(given[0]) in LISTS:
        given = tuple(given[0])
    return F["flip"](input, given)


def einsum(equation: Any, *operands: Any) -> Tensor:
    given = operands[0] if len(operands) == 1 and type(operands[0]) in LISTS else operands
    return F["einsum"](equation, *given)


def tensordot(a: Any, b: Any, dims: Any = 2) -> Tensor:
    return F["tensordot"](a, b, dims)


def sign_and_log(name: str) -> Callable[..., Record]:
    def call(A: Any) -> Record:
        sign, logabsdet = F["slogdet"](A)
        return Record(f"torch.return_types.{name}", {"sign": sign, "logabsdet": logabsdet})

    return call


def to_complex(real: Any, imag: Any) -> Tensor:
    for x in (real, imag):
        if type(x) is not Tensor or x.dtype.kind != "f":
            raise WrongType("complex takes two tensors of real numbers")
    found: Tensor = real + 1j * imag
    return found


def signbit(input: Any) -> Tensor:
    if input.dtype.kind == "c":
        raise WrongType("signbit is for real numbers")
    return constant(np.signbit(input.taken()))


def polar(abs: Any, angle: Any) -> Tensor:
    return to_complex(abs * F["cos"](angle), abs * F["sin"](angle))


def view_as_real(input: Any) -> Tensor:
    return F["stack"]([F["real"](input), F["imag"](input)], -1)


def bitwise_xor(input: Any, other: Any) -> Tensor:
    """Of truths, where they differ; of integers, bit by bit."""
    return bits(np.bitwise_xor, input, other)


def bits(function: Any, *operands: Any) -> Tensor:
    values = [np.asarray(x.taken() if type(x) is Tensor else x) for x in operands]
    if any(value.dtype.kind not in "biu" for value in values):
        raise WrongType(f"{function.__name__} is for integers and masks")
    try:
        return constant(function(*values))
    except ValueError:
        shapes = " and ".join(str(value.shape) for value in values)
        raise ShapeMismatch(f"shapes {shapes} do not fit") from None


def repeat(input: Any, *sizes: Any) -> Tensor:
    """The tensor itself so many times along each axis."""
    return F["tile"](input, *sizes)


# ---- comparison ---------------------------------------------------------------------------------


def equal(input: Any, other: Any) -> bool:
    for x in (input, other):
        if type(x) is not Tensor:
            raise WrongType(f"equal compares tensors, not {described(x)}")
    return input.shape == other.shape and bool(np.all(input.taken() == other.taken()))


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
    near = np.isclose(x.taken(), y.taken(), relative, absolute, equal_nan=truth(equal_nan))
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
    "bitwise_not": F["invert"],
    "bitwise_xor": bitwise_xor,
    "clamp_max": clamped("max"),
    "clamp_min": clamped("min"),
    "cummax": running("cummax"),
    "cummin": running("cummin"),
    "cumprod": summed("cumprod"),
    "cumsum": summed("cumsum"),
    "dist": distance,
    "div": divide,
    "divide": divide,
    "equal": equal,
    "flip": flip,
    "float_power": float_power,
    "gcd": partial(bits, np.gcd),
    "greater": F["gt"],
    "greater_equal": F["ge"],
    "kthvalue": kthvalue,
    "lcm": partial(bits, np.lcm),
    "less": F["lt"],
    "less_equal": F["le"],
    "log_softmax": along("log_softmax"),
    "logsumexp": along("logsumexp"),
    "max": extreme("max"),
    "mean": summed("mean"),
    "median": median,
    "min": extreme("min"),
    "norm": norm,
    "not_equal": F["ne"],
    "prod": summed("prod"),
    "signbit": signbit,
    "slogdet": sign_and_log("slogdet"),
    "softmax": along("softmax"),
    "sort": sort,
    "squeeze": squeeze,
    "std": spread("std"),
    "sub": scaled("sub"),
    "subtract": scaled("sub"),
    "sum": summed("sum"),
    "swapaxes": transpose,
    "swapdims": transpose,
    "topk": topk,
    "transpose": transpose,
    "var": spread("var"),
}
OTHERS: dict[str, Callable[..., Any]] = {
    "chain_matmul": lambda *matrices: F["multi_dot"](matrices),
    "complex": to_complex,
    "einsum": einsum,
    "meshgrid": meshgrid,
    "polar": polar,
    "std_mean": with_mean("std"),
    "tensordot": tensordot,
    "var_mean": with_mean("var"),
    "view_as_real": view_as_real,
}
