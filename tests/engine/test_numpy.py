"""Tensors in numpy's functions (NEP 13 and 18), beside arrays, and out of the graph."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from gradcli.engine import autograd
from gradcli.engine.functions import FUNCTIONS, NUMPY, TABLE
from gradcli.engine.tensor import Tensor, tensor
from gradcli.errors import NoGraph, WrongIndex, WrongType, WrongValue

VALUES = np.array([[1.0, 2.0], [3.0, 4.0]])

CALLS: dict[str, Callable[[Any], Any]] = {
    "np.sin": np.sin,
    "np.power": lambda x: np.power(x, 2),
    "np.float_power": lambda x: np.float_power(x, 0.5),
    "np.power of arrays": lambda x: np.power(np.array([2.0, 3.0]), x),
    "ndarray * tensor": lambda x: np.array([2.0, 3.0]) * x,
    "ndarray - tensor": lambda x: np.array([2.0, 3.0]) - x,
    "ndarray @ tensor": lambda x: np.array([2.0, 3.0]) @ x,
    "ndarray ** tensor": lambda x: np.array([2.0, 3.0]) ** x,
    "np.float64 * tensor": lambda x: np.float64(3) * x,
    "np.float64 / tensor": lambda x: np.float64(3) / x,
    "tensor - np.float64": lambda x: x - np.float64(3),
    "np.sum": np.sum,
    "np.sum along": lambda x: np.sum(x, axis=0, keepdims=True),
    "np.mean": np.mean,
    "np.prod": np.prod,
    "np.max": lambda x: np.max(x, axis=1),
    "np.where": lambda x: np.where(x > 2, x, 0.5),
    "np.concatenate": lambda x: np.concatenate([x, x], axis=1),
    "np.stack": lambda x: np.stack([x, 2 * x]),
    "np.linalg.norm": np.linalg.norm,
    "np.linalg.norm order 1": lambda x: np.linalg.norm(x, 1, axis=0),
    "np.linalg.norm order 3": lambda x: np.linalg.norm(x, 3, axis=0),
    "np.matmul": lambda x: np.matmul(x, x),
    "np.dot": lambda x: np.dot(x, x),
    "np.outer": lambda x: np.outer(x[0], x[1]),
    "np.einsum": lambda x: np.einsum("ij,ik->jk", x, x),
    "np.reshape": lambda x: np.reshape(x, (4,)),
    "np.transpose": np.transpose,
    "np.swapaxes": lambda x: np.swapaxes(x, 0, 1),
    "np.expand_dims": lambda x: np.expand_dims(x, 0),
    "np.squeeze": lambda x: np.squeeze(x[None]),
    "np.broadcast_to": lambda x: np.broadcast_to(x, (3, 2, 2)),
    "np.ravel": np.ravel,
    "np.clip": lambda x: np.clip(x, 1.5, 3.5),
    "np.maximum": lambda x: np.maximum(x, 2.5),
    "np.abs": np.abs,
    "np.real": np.real,
    "np.imag": lambda x: np.imag(x * 1j),
    "np.zeros_like": np.zeros_like,
    "np.astype": lambda x: np.astype(x, np.float32),
    "np.argmax": np.argmax,
    "np.isnan": np.isnan,
    "np.equal": lambda x: np.equal(x, 2),
    "np.add.reduce": np.add.reduce,
    "np.multiply.reduce": lambda x: np.multiply.reduce(x, axis=1, keepdims=True),
    "np.maximum.reduce": lambda x: np.maximum.reduce(x, axis=(0, 1), initial=1.5),
}


@pytest.mark.parametrize("name", CALLS)
def test_numpy_gives_tensors_of_the_same_value(name: str) -> None:
    function = CALLS[name]
    result = function(tensor(VALUES, requires_grad=True))
    expected = function(VALUES)
    assert type(result) is Tensor
    assert result.shape == np.shape(expected)
    assert result.dtype == expected.dtype
    np.testing.assert_allclose(result.detach().numpy(), expected, rtol=1e-15)


def test_gradients_flow_through_numpy() -> None:
    x = tensor([1.0, 2.0], requires_grad=True)
    y = np.linalg.norm(np.concatenate([np.sin(x), np.array([2.0]) * x[:1]]))
    (by_numpy,) = autograd.grad(y, x)
    y = FUNCTIONS["norm"](FUNCTIONS["concatenate"]([x.sin(), 2 * x[:1]]))
    (by_name,) = autograd.grad(y, x)
    assert by_numpy.tolist() == by_name.tolist()


def test_every_numpy_function_in_the_table_is_answered() -> None:
    x = tensor(0.5)
    rows = {*TABLE.values()}  # so all of them are imported
    assert {*NUMPY.values()} <= rows
    for function, op in NUMPY.items():
        if op.form == 1 and op.bind is None and op.differentiable:
            assert type(function(x)) is Tensor, op.name


REFUSED: dict[str, Callable[[Tensor], Any]] = {
    "a function that is no row": np.fft.hfft,
    "a ufunc that is no row": lambda x: np.spacing(x),  # noqa: PLW0108  # a ufunc has no name
    "a method of a ufunc": np.add.accumulate,
    "out=": lambda x: np.sin(x, out=np.zeros((2, 2))),
    "where=": lambda x: np.add(x, 1, where=[True, False]),
    "in-place into an array": lambda x: np.ones((2, 2)).__iadd__(x),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    with pytest.raises(WrongType):
        REFUSED[name](tensor(VALUES))


def test_becoming_an_array_would_cut_the_graph() -> None:
    x = tensor(VALUES, requires_grad=True)
    for convert in (np.asarray, np.array, lambda x: (x * 2).numpy()):
        with pytest.raises(NoGraph, match="the graph would be cut") as caught:
            convert(x)
        assert "detach()" in str(caught.value.hint)
    assert np.asarray(x.detach()).tolist() == VALUES.tolist()
    assert np.asarray(tensor(2.0)).shape == ()


def test_out_of_the_graph() -> None:
    x = tensor(2.5, requires_grad=True)
    assert (float(x), int(x), complex(x), bool(x), x.item()) == (2.5, 2, 2.5 + 0j, True, 2.5)
    assert tensor(VALUES).tolist() == VALUES.tolist()
    assert [3, 4][tensor(1, dtype=np.int64)] == 4
    assert [row.tolist() for row in tensor(VALUES)] == VALUES.tolist()
    assert len(tensor(VALUES)) == 2
    with pytest.raises(WrongValue, match="ambiguous"):
        bool(tensor(VALUES))
    with pytest.raises(WrongValue):
        tensor(VALUES).item()
    with pytest.raises(WrongIndex):
        [3, 4][tensor(1.0)]
    with pytest.raises(WrongType):
        len(x)
