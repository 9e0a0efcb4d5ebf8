"""Values travel bit by bit, and nothing else travels."""

import json
import math
from typing import Any

import numpy as np
import pytest

from gradcli.engine.ops.index import Index
from gradcli.proof.wire import Unsendable, decode, encode

INDEX = Index.of((slice(None, None, -2), np.array([0, 2, 1]), None), (4, 3))


def travelled(value: Any) -> Any:
    return decode(json.loads(json.dumps(encode(value))))


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        -(2**70),
        "ij,jk",
        0.1,
        -0.0,
        5e-324,
        math.inf,
        1e308 + 1e-3j,
        (),
        ((0, -1), False, [2.5, None]),
        slice(1, None, -2),
        ...,
        np.dtype(np.float32),
        INDEX,
    ],
)
def test_round_trip(value: Any) -> None:
    back = travelled(value)
    assert back == value
    assert type(back) is type(value)
    assert repr(back) == repr(value) or isinstance(value, Index)


def test_nan() -> None:
    assert math.isnan(travelled(math.nan))


@pytest.mark.parametrize("dtype", [np.float16, np.float32, float, complex, np.int8, bool])
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 0, 3), (2, 3)])
def test_arrays(dtype: type, shape: tuple[int, ...]) -> None:
    array = np.random.default_rng(0).normal(size=shape).astype(dtype)
    back = travelled(array)
    assert back.shape == shape
    assert back.dtype == array.dtype
    assert back.tobytes() == array.tobytes()
    turned = travelled(np.asfortranarray(array))
    assert (turned == array).all()


def test_an_index_takes_the_same_elements() -> None:
    x = np.arange(12.0).reshape(4, 3)
    assert (x[travelled(INDEX).parts] == x[INDEX.parts]).all()


@pytest.mark.parametrize(
    "value", [object(), {1: 2}, {1}, b"x", print, np.array([object()]), np.array(["a"]), (1, print)]
)
def test_nothing_else_is_sent(value: Any) -> None:
    with pytest.raises(Unsendable):
        encode(value)


@pytest.mark.parametrize(
    "data",
    [
        {},
        1.5,
        ["eval", "1"],
        ["dtype", "O"],
        ["dtype", "M8[s]"],
        ["array", "|O", [1], "AAAAAAAAAAA="],
        ["array", "<f8", [2], "AAAAAAAAAAA="],
        ["float", "__import__('os')"],
        [],
    ],
)
def test_nothing_else_is_read(data: Any) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        decode(data)
