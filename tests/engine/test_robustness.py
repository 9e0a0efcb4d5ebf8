"""Any arguments to any function give a Tensor or one of our errors, in value and in gradient."""

from __future__ import annotations

import operator
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gradcli.engine import autograd
from gradcli.engine.functions import FUNCTIONS
from gradcli.engine.graph import State, here
from gradcli.engine.metering import Meter
from gradcli.engine.notice import GradWarning
from gradcli.engine.tensor import Tensor, tensor
from gradcli.errors import GradcliError, LimitExceeded, WrongType, WrongValue


class Small(Meter):
    """Nothing larger than a million elements is computed."""

    def charge(self, units: float) -> None: ...
    def slope(self, op: Any, g: Any) -> None: ...
    def hold(self, value: Any) -> None: ...
    def node(self) -> None: ...

    def work(self, op: Any, operands: tuple[Any, ...], static: tuple[Any, ...]) -> float:
        if op.nanoseconds(operands, static) > 1e6 or op.elements(operands, static) > 1e6:
            raise LimitExceeded(f"{op.name} is too large", limit="tensor")
        return float(op.nanoseconds(operands, static))


@pytest.fixture(scope="module", autouse=True)
def small() -> Any:
    before, here.state = here.state, State()
    here.state.meter = Small()
    yield
    here.state = before


SHAPES: list[tuple[int, ...]] = [(), (1,), (2,), (3,), (0,), (2, 3), (3, 3), (2, 0), (2, 1, 3)]
DTYPES = [np.float64, np.float64, np.float32, np.complex128, np.int64, np.int8, np.bool_, np.uint64]


def filled(shape: tuple[int, ...], dtype: Any, start: float) -> np.ndarray:
    count = int(np.prod(shape))
    values = start + np.arange(count)
    return (
        np.nan_to_num(values.real).astype(dtype).reshape(shape)
        if dtype in (np.int64, np.int8, np.bool_, np.uint64)
        else values.astype(dtype).reshape(shape)
    )


arrays = st.builds(
    filled,
    st.sampled_from(SHAPES),
    st.sampled_from(DTYPES),
    st.sampled_from([0.0, -1.0, 0.5, 100.0, np.nan, np.inf]),
)


def leaf(array: np.ndarray) -> Tensor:
    return tensor(array, requires_grad=array.dtype.kind in "fc")


tensors = arrays.map(leaf)
INTEGERS = [0, 1, -1, 2, -2, 7, 2**62, 2**63, 2**64, -(2**63), 10**400, 10**5000, True, False]
FLOATS = [0.0, -0.5, 2.5, 1e300, 1e-300, float("inf"), float("nan"), 1j, complex("nan")]
STRINGS = ["", "ij,j->i", "i", "ij->ji", "->", "...", "i->j", "a,b", "fro", b"x", "float32"]
LISTS = [(), [], [[]], [[], [1]], [1, [2]], ["a"], [None], (0,), (0, 1), (-1, 5), (0, 0), (-1,)]
SIZES = [(10**30,), (2, 3), (10**9, 10**9), np.int8(3), np.float16(2), np.float64(1)]
STRANGERS = [None, ..., slice(None), {}, object(), int, range(3), np.dtype("f4")]
ARRAYS = [np.datetime64(0, "s"), np.array("x"), np.array([None]), np.ma.masked_array([1.0, 2.0])]
numbers = st.sampled_from([*INTEGERS, *FLOATS])
oddities: st.SearchStrategy[Any] = st.sampled_from([*STRINGS, *LISTS, *SIZES, *STRANGERS, *ARRAYS])
arguments = st.one_of(
    tensors,
    tensors,
    arrays,
    numbers,
    oddities,
    st.lists(st.one_of(tensors, numbers, arrays), max_size=3),
)
keywords = st.dictionaries(
    st.sampled_from(["axis", "keepdims", "ord", "min", "dtype", "shape", "nonsense"]),
    st.one_of(numbers, oddities, tensors),
    max_size=1,
)


def differentiate(y: Tensor, inputs: list[Any]) -> None:
    leaves = [x for x in inputs if isinstance(x, Tensor) and x.requires_grad]
    if y.requires_grad and leaves:
        seed = np.ones(y.shape, y.dtype)
        found = autograd.grad(y, leaves, seed, create_graph=True, allow_unused=True)
        for x, g in zip(leaves, found, strict=True):
            assert g is None or (g.shape == x.shape and g.dtype == x.dtype)


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(st.lists(arguments, max_size=4), keywords)
def test_any_arguments(name: str, given_arguments: list[Any], named: dict[str, Any]) -> None:
    check(FUNCTIONS[name], given_arguments, named)


def check(function: Any, given_arguments: list[Any], named: dict[str, Any]) -> None:
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", np.exceptions.ComplexWarning)
        warnings.simplefilter("ignore", GradWarning)
        try:
            result = function(*given_arguments, **named)
            nested = [x for x in given_arguments if isinstance(x, list)]
            for y in result if isinstance(result, tuple) else (result,):
                assert isinstance(y, Tensor)
                assert isinstance(y.value, np.ndarray | np.generic)
                assert repr(y).startswith("tensor(")
                differentiate(y, [*given_arguments, *(x for part in nested for x in part)])
        except GradcliError as error:
            assert "\n" not in error.message
            assert len(error.message) < 400


OPERATORS: dict[str, Any] = {
    "+": operator.add,
    "r-": lambda a, b: b - a,
    "r**": lambda a, b: b**a,
    "**": operator.pow,
    "/": operator.truediv,
    "r/": lambda a, b: b / a,
    "//": operator.floordiv,
    "%": operator.mod,
    "@": operator.matmul,
    "&": operator.and_,
    "<": operator.lt,
    "[]": operator.getitem,
    "[,]": lambda a, b: a[b, ..., b],
}


@pytest.mark.parametrize("symbol", OPERATORS)
@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(tensors, arguments)
def test_any_operands(symbol: str, a: Tensor, b: Any) -> None:
    if symbol.startswith("r") and isinstance(b, np.datetime64 | np.ndarray | str | bytes):
        return  # their own methods come first
    check(OPERATORS[symbol], [a, b], {})


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(arguments, st.sampled_from([None, np.float32, "int8", "nonsense", np.complex128]))
def test_any_data_for_a_tensor(data: Any, dtype: Any) -> None:
    check(tensor, [data], {"dtype": dtype})


one = tensor(1.0)
EXACT: dict[str, tuple[Any, Any]] = {
    "a single bool as an index": (lambda: tensor([1.0])[tensor(True)], WrongType),
    "a number too large for a float": (lambda: one * 10**400, WrongValue),
    "an integer past 64 bits meets an integer": (lambda: index(3) + 2**63, 2.0**63 + 3),
    "an integer that int8 cannot hold": (lambda: index(3, np.int8) + 300, 303),
    "minus of bools": (lambda: -tensor(True), WrongType),
    "2 ** -1 of integers": (lambda: index(2) ** -1, 0.5),
    "max of nothing": (lambda: FUNCTIONS["max"](np.zeros((0,))), WrongValue),
    "sum of nothing": (lambda: FUNCTIONS["sum"](np.zeros((0,))), 0.0),
    "bits of a float": (lambda: tensor(1.0) & tensor(2.0), WrongType),
    "bits of floats": (lambda: tensor([1.0]) & tensor([2.0]), WrongType),
    "bits of floats, unmetered": (lambda: unmetered(lambda: one[None] & one[None]), WrongType),
    "not of floats, unmetered": (lambda: unmetered(lambda: ~one[None]), WrongType),
    "a Python int keeps float32": (lambda: str((tensor(1, np.float32) + 2).dtype), "float32"),
    "a scalar keeps an array's float32": (
        lambda: str((tensor([1], np.float32) * tensor(2.0)).dtype),
        "float32",
    ),
    "the same in where": (
        lambda: str(FUNCTIONS["where"]([True], tensor([1], np.float32), tensor(2.0)).dtype),
        "float32",
    ),
    "lists of tensors": (lambda: tensor(2.0) * [tensor(1.0), 3], [2.0, 6.0]),
    "equality with nothing": (lambda: tensor(1.0) == None, False),  # noqa: E711  # equality is what is tested
}


def unmetered(act: Any) -> Any:
    meter, here.state.meter = here.state.meter, None
    try:
        return act()
    finally:
        here.state.meter = meter


def index(value: int, dtype: Any = np.int64) -> Tensor:
    return tensor(value, dtype=dtype)


@pytest.mark.parametrize("name", EXACT)
def test_exactly(name: str) -> None:
    act, expected = EXACT[name]
    if isinstance(expected, type):
        with pytest.raises(expected):
            act()
    else:
        result = act()
        assert (result.tolist() if isinstance(result, Tensor) else result) == expected
