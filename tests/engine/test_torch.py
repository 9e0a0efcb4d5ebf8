"""The facts in programs/ are PyTorch's own. Runs only where PyTorch is installed."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from programs import PROGRAMS, outcome

torch = pytest.importorskip("torch", reason="PyTorch is not installed; its facts are recorded")


@pytest.fixture(autouse=True)
def double_precision() -> Iterator[None]:
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


@pytest.mark.parametrize("name", PROGRAMS)
def test_pytorch_states_the_same(name: str) -> None:
    program, expected = PROGRAMS[name]
    np.testing.assert_equal(outcome(program, torch), expected)
