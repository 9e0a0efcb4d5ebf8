"""`numpy`: the operations under numpy's own defaults, on arrays that are tensors."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine.functions import FUNCTIONS
from gradcli.engine.tensor import Tensor
from gradcli.errors import AssertionFailed, WrongType, WrongValue
from gradcli.lang.arrays import marked, numpy_promotion
from gradcli.lang.dialects import Dialect
from gradcli.lang.frameworks.factories import Factories
from gradcli.lang.frameworks.numpy.names import FFT, LINALG, MISSING
from gradcli.lang.frameworks.numpy.random import random_names
from gradcli.lang.frameworks.precision import finfo, iinfo
from gradcli.lang.frameworks.strictness import builtins_of
from gradcli.lang.operations import DTYPES, OF_LISTS, OPERATIONS, SHORTER, dtype_name
from gradcli.lang.tensors import as_index, as_tensor
from gradcli.lang.types.table import Type
from gradcli.lang.types.tensor import TENSOR
from gradcli.lang.values import LISTS, Builtin, DType, Module

if TYPE_CHECKING:
    from gradcli.lang.session import Session

CONSTANTS = {name: getattr(math, name) for name in ("e", "inf", "nan", "pi")}
TABLE: Type = TENSOR._replace(methods={**TENSOR.methods, "copy": FUNCTIONS["clone"]})

# ---- printing -----------------------------------------------------------------------------------


class Printing:
    """How a session writes arrays, as `set_printoptions` has it."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.options: dict[str, Any] = {}

    def printed(self, tensor: Any, digits: int | None) -> str:
        """`[1. 2.]`"""
        if not tensor.ndim:
            return str(tensor.value)
        with self.chosen(digits):
            return str(np.asarray(tensor.value))

    def described(self, tensor: Any, digits: int | None) -> str:
        """`array([1., 2.])`"""
        if not tensor.ndim:
            return repr(tensor.value[()])
        with self.chosen(digits):
            return repr(np.asarray(tensor.value))

    def chosen(self, digits: int | None) -> Any:
        return np.printoptions(**self.options | ({} if digits is None else {"precision": digits}))

    def set(self, precision: Any = None, **named: Any) -> None:
        given = {"precision": precision} | named
        for name, value in given.items():
            if name not in ("edgeitems", "linewidth", "precision", "suppress", "threshold"):
                raise WrongType(f"set_printoptions has no '{name}'")
            if value is not None and (type(value) not in (int, bool) or not 0 <= value <= 1000):
                raise WrongValue(f"{name} is an integer from 0 to 1,000")
        chosen = {name: value for name, value in given.items() if value is not None}
        self.session.meter.journal.undo(partial(setattr, self, "options", self.options))
        self.options = self.options | chosen


# ---- arrays -------------------------------------------------------------------------------------


class Arrays(Factories):
    """numpy's factories: floats are float64, and a shape is one argument."""

    @property
    def floating(self) -> np.dtype[Any]:
        return np.dtype(np.float64)

    def array(self, data: Any, dtype: Any = None) -> Tensor:
        """A copy; numpy has no graph that an array would end, so that of its elements goes on."""
        kept = as_tensor(data) if type(data) is Tensor or type(data) in LISTS else None
        if kept is None or not kept.requires_grad:
            return self.tensor(data, dtype)
        if dtype is None:
            return FUNCTIONS["clone"](kept)
        return FUNCTIONS["astype"](kept, dtype_name(dtype))

    def of_shape(self, value: float) -> Callable[..., Tensor]:
        return lambda shape, dtype=None: self.full(shape, value, dtype=dtype)

    def in_steps(self, start: Any, stop: Any = None, step: Any = 1, dtype: Any = None) -> Tensor:
        return self.arange(start, stop, step, dtype=dtype)

    def evenly(self, start: Any, stop: Any, num: Any = 50) -> Tensor:
        return self.linspace(start, stop, num)

    def powers(self, start: Any, stop: Any, num: Any = 50, base: Any = 10.0) -> Tensor:
        return self.logspace(start, stop, num, base)


def makers(arrays: Arrays) -> dict[str, Callable[..., Any]]:
    return {
        "arange": arrays.in_steps,
        "array": arrays.array,
        "asarray": arrays.array,
        "empty": arrays.of_shape(0.0),
        "eye": arrays.eye,
        "full": lambda shape, fill_value, dtype=None: arrays.full(shape, fill_value, dtype=dtype),
        "full_like": lambda a, fill_value: arrays.full_like(as_tensor(a), fill_value),
        "identity": arrays.eye,
        "linspace": arrays.evenly,
        "logspace": arrays.powers,
        "ones": arrays.of_shape(1.0),
        "ones_like": lambda a: arrays.alike(1.0)(as_tensor(a)),
        "zeros": arrays.of_shape(0.0),
        "zeros_like": lambda a: arrays.alike(0.0)(as_tensor(a)),
    }


# ---- tests --------------------------------------------------------------------------------------


def assert_allclose(
    actual: Any, desired: Any, rtol: Any = 1e-7, atol: Any = 0, err_msg: Any = ""
) -> None:
    """An error unless |actual - desired| <= atol + rtol |desired| everywhere."""
    x, y = (np.asarray(as_tensor(value).taken()) for value in (actual, desired))
    if x.shape != y.shape and x.shape and y.shape:
        raise AssertionFailed(f"the shapes {x.shape} and {y.shape} differ")
    if any(type(bound) not in (int, float) for bound in (rtol, atol)):
        raise WrongType("rtol and atol are numbers")
    near = np.isclose(x, y, rtol, atol, equal_nan=True)
    if not np.all(near):
        said = f"{err_msg}: " if type(err_msg) is str and err_msg else ""
        raise AssertionFailed(f"{said}{np.count_nonzero(~near)} of {near.size} elements differ")


def assert_array_equal(actual: Any, desired: Any) -> None:
    assert_allclose(actual, desired, rtol=0)


def array(found: Any) -> Any:
    """What numpy returns: arrays, in tuples too; of tensors that need gradients, tensors."""
    return tuple(map(marked, found)) if type(found) is tuple else marked(found)


# What the operands are called in calls by name.
OPERANDS = ("a", "x", "x1", "m", "v", "ary", "condition")


def of_arrays(name: str) -> Callable[..., Any]:
    """An operation; lists of integers are arrays of integers."""
    call = OPERATIONS[name]

    def checked(*arguments: Any, **named: Any) -> Any:
        first = next((key for key in OPERANDS if key in named), None)
        if not arguments and first is not None:
            arguments = (named.pop(first),)
        if name in OF_LISTS or not arguments or type(arguments[0]) is not list:
            with numpy_promotion(arguments):
                return array(call(*arguments, **named))
        count = 2 if len(arguments) > 1 and type(arguments[1]) is list else 1
        lists = [as_index(x) for x in arguments[:count]]
        with numpy_promotion(arguments[count:]):
            return array(call(*lists, *arguments[count:], **named))

    return checked


def making(make: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *arguments, **named: array(make(*arguments, **named))


def table(path: str, names: Any) -> dict[str, Any]:
    return builtins_of(path, {name: of_arrays(name) for name in names})


def array_equal(a1: Any, a2: Any) -> bool:
    x, y = (np.asarray(as_tensor(value).taken()) for value in (a1, a2))
    return x.shape == y.shape and bool(np.all(x == y))


def names(session: Session) -> dict[str, Any]:
    arrays, printing = Arrays(session), Printing(session)
    if session.dialect is None:
        show, write = printing.described, printing.printed
        session.adopt(Dialect("numpy", show, write, {Tensor: TABLE}, str, tensor="ndarray"), None)
    testing: dict[str, Callable[..., Any]] = {
        "assert_allclose": assert_allclose,
        "assert_array_equal": assert_array_equal,
        "assert_almost_equal": partial(assert_allclose, rtol=0, atol=1.5e-7),
    }
    return {
        **CONSTANTS,
        **table("numpy", OPERATIONS.keys() - MISSING),
        **builtins_of("numpy", {n: making(make) for n, make in makers(arrays).items()}),
        **{name: DType(name) for name in (*DTYPES, *SHORTER) if name != "bool"},
        "array_equal": Builtin("numpy.array_equal", array_equal),
        "bool_": DType("bool"),
        "finfo": Builtin("numpy.finfo", finfo),
        "iinfo": Builtin("numpy.iinfo", iinfo),
        "set_printoptions": Builtin("numpy.set_printoptions", printing.set),
        "fft": Module("numpy.fft", table("numpy.fft", FFT)),
        "linalg": Module("numpy.linalg", table("numpy.linalg", LINALG)),
        "newaxis": None,
        "random": Module("numpy.random", random_names(session)),
        "testing": Module("numpy.testing", builtins_of("numpy.testing", testing)),
    }
