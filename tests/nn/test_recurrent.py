"""Recurrent layers: what PyTorch 2.13 gives, and what holds between cells and layers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from gradcli import nn
from gradcli.engine.functions import FUNCTIONS as F
from gradcli.engine.tensor import Tensor, tensor
from gradcli.errors import GradcliError, ShapeMismatch, WrongValue

NAMES = ("RNN", "LSTM", "GRU")


def waved(module: nn.Module) -> nn.Module:
    """With parameters that anybody can write down."""
    at = 0
    for parameter in module.parameters():
        parameter.value[...] = np.sin(np.arange(at, at + parameter.size)).reshape(parameter.shape)
        at += parameter.size
    return module


def states(found: Any) -> tuple[Tensor, ...]:
    return found if isinstance(found, tuple) else (found,)


# With two layers in both directions: the second step of three, and the gradient of its input.
FACTS: dict[str, tuple[list[float], list[float]]] = {
    "RNN": (
        [-0.7419050294, 0.4501060592, 0.0341333519, -0.8641744074],
        [-0.1070219066, -0.1551879457],
    ),
    "LSTM": (
        [-0.295762456, -0.5845041502, -0.3638528034, 0.0909186681],
        [-0.0232651071, 0.0513506887],
    ),
    "GRU": (
        [-0.4571431654, -0.5039091248, 0.0260252892, -0.1170913964],
        [-0.2382008474, -0.2897344698],
    ),
}


@pytest.mark.parametrize("name", NAMES)
def test_values_and_slopes_are_pytorchs(name: str) -> None:
    layer = waved(getattr(nn, name)(2, 2, 2, bidirectional=True))
    x = tensor(np.cos(np.arange(6.0)).reshape(3, 1, 2), requires_grad=True)
    y, _ = layer(x)
    F["sum"](y * y).backward()
    value, slope = FACTS[name]
    np.testing.assert_allclose(y.value[1, 0], value, atol=2e-10)
    np.testing.assert_allclose(x.grad.value[1, 0], slope, atol=2e-10)


@pytest.mark.parametrize("name", NAMES)
def test_a_layer_repeats_its_cell(name: str) -> None:
    layer, cell = waved(getattr(nn, name)(3, 4)), getattr(nn, f"{name}Cell")(3, 4)
    state = {key.removesuffix("_l0"): value for key, value in layer.state_dict().items()}
    assert cell.load_state_dict(state) == ([], [])
    x = tensor(np.random.default_rng(0).normal(size=(5, 2, 3)))
    y, end = layer(x)
    at: Any = None
    for k in range(5):
        at = cell(x[k], at)
        np.testing.assert_allclose(states(at)[0].value, y.value[k], rtol=1e-15)
    for ours, last in zip(states(at), states(end), strict=True):
        np.testing.assert_allclose(ours.value, last.value[0], rtol=1e-15)


@pytest.mark.parametrize("name", NAMES)
def test_batches_may_come_first_or_not_at_all(name: str) -> None:
    one, other = (getattr(nn, name)(3, 2, bias=False, batch_first=first) for first in (False, True))
    other.load_state_dict(waved(one).state_dict())
    x = tensor(np.random.default_rng(0).normal(size=(5, 2, 3)))
    y, end = one(x)
    np.testing.assert_array_equal(other(F["swapaxes"](x, 0, 1))[0].value.swapaxes(0, 1), y.value)
    np.testing.assert_allclose(one(x[:, 0])[0].value, y.value[:, 0], rtol=1e-14)
    # From where it came to, it goes on.
    head, middle = one(x[:2])
    tail, last = one(x[2:], middle)
    np.testing.assert_array_equal(F["concatenate"]([head, tail]).value, y.value)
    assert [s.shape for s in states(last)] == [s.shape for s in states(end)]


def test_names_are_pytorchs() -> None:
    names = [name for name, _ in nn.GRU(1, 1, 2, bidirectional=True).named_parameters()]
    assert names[:5] == [
        *("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0", "weight_ih_l0_reverse")
    ]
    assert len(names) == 16


def test_between_layers_some_numbers_are_dropped() -> None:
    layer = waved(nn.LSTM(1, 4, 2, dropout=1.0))
    x = tensor(np.ones((3, 1, 1)))
    assert not np.array_equal(layer(x)[0].value, layer.eval()(x)[0].value)


REFUSED: dict[str, tuple[Callable[[], Any], type[GradcliError]]] = {
    "no numbers": (lambda: nn.LSTM(0, 3), WrongValue),
    "no layers": (lambda: nn.GRU(1, 3, 0), WrongValue),
    "a nonlinearity": (lambda: nn.RNN(1, 3, nonlinearity="sine"), WrongValue),
    "another width": (lambda: nn.GRUCell(2, 3)(tensor([1.0])), ShapeMismatch),
    "no sequence": (lambda: nn.LSTM(1, 3)(tensor([1.0])), ShapeMismatch),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals(name: str) -> None:
    call, error = REFUSED[name]
    with pytest.raises(error):
        call()
