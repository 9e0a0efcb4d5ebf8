"""L-BFGS down Rosenbrock's valley, along PyTorch's way."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradcli.engine.tensor import Tensor
from gradcli.errors import WrongType, WrongValue
from gradcli.nn import Parameter, optim

# The losses that PyTorch 2.13 finds at the start of eight calls.
LOSSES = [
    *(24.199999999999996, 4.103866506425657, 3.6414329897954603, 1.249321952342748),
    *(0.4165813191719325, 0.03807524648396139, 0.00019895046541700082, 1.1217386907197414e-08),
]


def valley(x: Tensor) -> Tensor:
    return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2


# The same with a line search, of five calls.
SEARCHED = [
    *(24.199999999999996, 3.756177249424952, 1.275845150015065),
    *(0.2911655296198708, 0.0058678118105733226),
]


def descent(losses: list[float], **options: Any) -> Parameter:
    """The losses of as many calls, which must be these, and where they lead."""
    x = Parameter([-1.2, 1.0])
    optimizer = optim.LBFGS([x], max_iter=8, history_size=5, **options)

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = valley(x)
        loss.backward()
        return loss

    found = [float(optimizer.step(closure)) for _ in losses]
    np.testing.assert_allclose(found, losses, rtol=2e-6)  # rounding grows along the way
    return x


def test_goes_where_pytorch_goes() -> None:
    x = descent(LOSSES, lr=0.5)
    np.testing.assert_allclose(x.value, [1.0, 1.0], rtol=1e-4)  # as far as PyTorch after 8 calls


def test_searches_lines_as_pytorch_does() -> None:
    descent(SEARCHED, line_search_fn="strong_wolfe")


def test_stops_at_a_minimum() -> None:
    x = Parameter([0.0])
    optimizer = optim.LBFGS([x])
    calls = []

    def closure() -> Tensor:
        calls.append(1)
        optimizer.zero_grad()
        loss = (x * x).sum()
        loss.backward()
        return loss

    assert optimizer.step(closure).item() == 0.0
    assert len(calls) == 1


def test_what_it_refuses() -> None:
    x = Parameter([1.0])
    with pytest.raises(WrongType, match="computes the loss several times"):
        optim.LBFGS([x]).step()
    with pytest.raises(WrongValue, match="strong_wolfe"):
        optim.LBFGS([x], line_search_fn="armijo")
    with pytest.raises(WrongValue, match="one group"):
        optim.LBFGS([{"params": [x]}, {"params": [Parameter([2.0])]}])
