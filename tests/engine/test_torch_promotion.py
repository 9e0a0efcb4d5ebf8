"""The facts in promotion_facts.py and gradient_facts.py are PyTorch's own, where that is there."""

from __future__ import annotations

import numpy as np
import pytest
from gradient_facts import EXPRESSIONS, GRADIENTS, LEAVES, WRITES, gradients, written
from promotion_facts import BINARY, UNARY, binary_table, unary_row

torch = pytest.importorskip("torch", reason="PyTorch is not installed; its facts are recorded")


@pytest.mark.parametrize("name", BINARY)
def test_pytorch_has_the_same_table(name: str) -> None:
    table = binary_table(torch, name, len(BINARY[name]))
    if name == "pow":  # a power with the exponent True, which is refused here
        table = [row.replace(" blfF", " .lfF") for row in table]
    assert table == BINARY[name]


@pytest.mark.parametrize("name", UNARY)
def test_pytorch_has_the_same_row(name: str) -> None:
    assert {unary_row(torch, name, shape) for shape in [(), (3,)]} == {UNARY[name]}


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_pytorch_has_the_same_gradients(name: str) -> None:
    for leaf, (dtype, gradient) in gradients(torch, name).items():
        assert dtype == LEAVES[leaf][0]
        np.testing.assert_allclose(gradient, GRADIENTS[name][leaf], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", WRITES)
def test_pytorch_writes_the_same(name: str) -> None:
    assert written(torch, name) == WRITES[name][1]
