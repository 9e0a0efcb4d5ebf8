"""Tensors print in PyTorch's layout with the shortest digits that round-trip."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradcli.engine.display import array, describe, number
from gradcli.engine.functions import FUNCTIONS
from gradcli.engine.tensor import tensor

SHOWN: list[tuple[Any, str]] = [
    (2.0, "tensor(2.)"),
    (-0.0, "tensor(-0.)"),
    (0.1 + 0.2, "tensor(0.30000000000000004)"),
    (1e-7, "tensor(1e-07)"),
    (1e22, "tensor(1e+22)"),
    (float("nan"), "tensor(nan)"),
    (float("-inf"), "tensor(-inf)"),
    (1 - 2.5j, "tensor(1.-2.5j, dtype=complex128)"),
    (True, "tensor(True)"),
    (np.int64(3), "tensor(3)"),
    (np.int8(3), "tensor(3, dtype=int8)"),
    (np.float32(0.1), "tensor(0.1, dtype=float32)"),
    ([1, 2], "tensor([1., 2.])"),
    ([1, 10.5], "tensor([  1., 10.5])"),
    ([True, False], "tensor([ True, False])"),
    ([], "tensor([])"),
    (np.zeros((0, 3)), "tensor([], size=(0, 3))"),
    ([[1, 2], [3, 4]], "tensor([[1., 2.],\n        [3., 4.]])"),
    ([[1, -2.5]], "tensor([[  1., -2.5]])"),
    (
        np.arange(8).reshape(2, 2, 2),
        "tensor([[[0, 1],\n         [2, 3]],\n\n        [[4, 5],\n         [6, 7]]])",
    ),
    (
        np.arange(1001),
        "tensor([   0,    1,    2, ...,  998,  999, 1000])",
    ),
    (
        np.zeros((40, 40)),
        "tensor([[0., 0., 0., ..., 0., 0., 0.],\n"
        "        [0., 0., 0., ..., 0., 0., 0.],\n"
        "        [0., 0., 0., ..., 0., 0., 0.],\n"
        "        ...,\n"
        "        [0., 0., 0., ..., 0., 0., 0.],\n"
        "        [0., 0., 0., ..., 0., 0., 0.],\n"
        "        [0., 0., 0., ..., 0., 0., 0.]])",
    ),
]


@pytest.mark.parametrize(("value", "text"), SHOWN, ids=[text[:40] for _, text in SHOWN])
def test_shown(value: Any, text: str) -> None:
    assert repr(tensor(value)) == text


def test_its_place_in_the_graph() -> None:
    a = tensor([1.0, 2.0], requires_grad=True)
    assert repr(a) == "tensor([1., 2.], requires_grad=True)"
    assert repr(a * 2) == "tensor([2., 4.], grad_fn=<MulBackward0>)"
    assert repr(FUNCTIONS["sum"](a)) == "tensor(3., grad_fn=<SumBackward0>)"
    single = tensor(1.0, dtype=np.float32, requires_grad=True)
    assert repr(single) == "tensor(1., dtype=float32, requires_grad=True)"
    assert describe(single, default="float32") == "tensor(1., requires_grad=True)"


def test_digits_round_the_display_alone() -> None:
    a = tensor([1 / 3, 2.0])
    assert describe(a, digits=3) == "tensor([0.333,    2.])"
    assert a.tolist() == [1 / 3, 2.0]


def test_long_rows_wrap_under_their_beginning() -> None:
    lines = repr(tensor(np.arange(200))).split("\n")
    assert len(lines) > 1
    assert all(len(line) <= 80 for line in lines)
    assert all(line.startswith(" " * 8) for line in lines[1:])


@pytest.mark.parametrize("value", [0.1, 1e300, 5e-324, 123456789.123, -2 / 3])
def test_digits_round_trip(value: float) -> None:
    assert float(number(np.float64(value))) == value
    assert np.float32(number(np.float32(value))) == np.float32(value)
    assert [float(x) for x in array([value, 1.0]).strip("[]").split(",")] == [value, 1.0]
