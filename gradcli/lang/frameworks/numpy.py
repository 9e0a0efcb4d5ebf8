"""`numpy`: the operations under numpy's own defaults, on arrays that are tensors."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine.functions import FUNCTIONS
from gradcli.engine.ops.axes import integer
from gradcli.engine.tensor import Tensor
from gradcli.errors import AssertionFailed, WrongType, WrongValue
from gradcli.lang.constructors import made, shape_of
from gradcli.lang.dialects import Dialect
from gradcli.lang.frameworks.factories import DRAW, Factories, listed
from gradcli.lang.frameworks.numpy_names import FFT, LINALG, MISSING
from gradcli.lang.frameworks.strictness import builtins_of
from gradcli.lang.operations import DTYPES, OPERATIONS, SHORTER
from gradcli.lang.tensors import as_tensor
from gradcli.lang.types.table import Type
from gradcli.lang.types.tensor import TENSOR
from gradcli.lang.values import DType, Module

if TYPE_CHECKING:
    from gradcli.lang.session import Session

CONSTANTS = {name: getattr(math, name) for name in ("e", "inf", "nan", "pi")}
TABLE: Type = TENSOR._replace(methods={**TENSOR.methods, "copy": FUNCTIONS["clone"]})

# ---- printing -----------------------------------------------------------------------------------


def printed(tensor: Any, digits: int | None) -> str:
    """`[1. 2.]`"""
    if not tensor.ndim:
        return str(tensor.value)
    return np.array2string(np.asarray(tensor.value), precision=digits)


def described(tensor: Any, digits: int | None) -> str:
    """`array([1., 2.])`"""
    if not tensor.ndim:
        return repr(tensor.value)
    return np.array_repr(np.asarray(tensor.value), precision=digits)


# ---- arrays -------------------------------------------------------------------------------------


class Arrays(Factories):
    """numpy's factories: floats are float64, and a shape is one argument."""

    @property
    def floating(self) -> np.dtype[Any]:
        return np.dtype(np.float64)

    def array(self, data: Any, dtype: Any = None) -> Tensor:
        return self.tensor(data, dtype)

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


# ---- random numbers -----------------------------------------------------------------------------


def drawing(session: Session, generator: Callable[[], np.random.Generator]) -> dict[str, Any]:
    """Distributions, drawn from what `generator` gives."""

    def draw(name: str, size: Any, *parameters: Any) -> Any:
        numbers = [x.item() if type(x) is Tensor else x for x in parameters]
        if any(type(x) not in (int, float) for x in numbers):
            raise WrongType(f"random.{name} takes numbers")
        shape = () if size is None else shape_of(tuple(listed(size)))
        try:
            array = made(
                session, shape, DRAW, lambda: getattr(generator(), name)(*numbers, size=shape)
            )
        except ValueError:
            raise WrongValue(f"random.{name}: the parameters do not fit") from None
        return Tensor(array) if shape else array.item() if hasattr(array, "item") else array

    return {
        "normal": lambda loc=0.0, scale=1.0, size=None: draw("normal", size, loc, scale),
        "permutation": lambda n: draw_permutation(session, generator(), n),
        "rand": lambda *size: draw("random", size or None),
        "randint": lambda low, high=None, size=None: draw(
            "integers", size, *((0, low) if high is None else (low, high))
        ),
        "randn": lambda *size: draw("standard_normal", size or None),
        "random": lambda size=None: draw("random", size),
        "standard_normal": lambda size=None: draw("standard_normal", size),
        "uniform": lambda low=0.0, high=1.0, size=None: draw("uniform", size, low, high),
    }


def draw_permutation(session: Session, generator: np.random.Generator, n: Any) -> Tensor:
    (count,) = shape_of((integer(n, "a count"),))
    return Tensor(made(session, (count,), DRAW, lambda: generator.permutation(count)))


def random_names(session: Session, factories: Factories) -> dict[str, Any]:
    path = "numpy.random"

    def default_rng(seed: Any = None) -> Module:
        if seed is not None and (type(seed) is not int or seed < 0):
            raise WrongValue("a seed is an integer that is not negative")
        generator = np.random.default_rng(seed)
        own = drawing(session, lambda: generator)
        return Module("Generator", builtins_of("Generator", {**own, "integers": own["randint"]}))

    return builtins_of(
        path,
        {
            **drawing(session, lambda: session.random),
            "default_rng": default_rng,
            "seed": factories.manual_seed,
        },
    )


# ---- tests --------------------------------------------------------------------------------------


def assert_allclose(
    actual: Any, desired: Any, rtol: Any = 1e-7, atol: Any = 0, err_msg: Any = ""
) -> None:
    """An error unless |actual - desired| <= atol + rtol |desired| everywhere."""
    x, y = (np.asarray(as_tensor(value).value) for value in (actual, desired))
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


def table(path: str, names: Any) -> dict[str, Any]:
    return builtins_of(path, {name: OPERATIONS[name] for name in names})


def names(session: Session) -> dict[str, Any]:
    arrays = Arrays(session)
    if session.dialect is None:
        session.adopt(
            Dialect("numpy", described, printed, {Tensor: TABLE}, str, tensor="ndarray"), None
        )
    testing: dict[str, Callable[..., Any]] = {
        "assert_allclose": assert_allclose,
        "assert_array_equal": assert_array_equal,
        "assert_almost_equal": partial(assert_allclose, rtol=0, atol=1.5e-7),
    }
    return {
        **CONSTANTS,
        **table("numpy", OPERATIONS.keys() - MISSING),
        **builtins_of("numpy", makers(arrays)),
        **{name: DType(name) for name in (*DTYPES, *SHORTER) if name != "bool"},
        "bool_": DType("bool"),
        "fft": Module("numpy.fft", table("numpy.fft", FFT)),
        "linalg": Module("numpy.linalg", table("numpy.linalg", LINALG)),
        "newaxis": None,
        "random": Module("numpy.random", random_names(session, arrays)),
        "testing": Module("numpy.testing", builtins_of("numpy.testing", testing)),
    }
