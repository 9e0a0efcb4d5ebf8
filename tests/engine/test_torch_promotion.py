"""The facts in promotion_facts.py are PyTorch's own. Runs only where PyTorch is installed."""

from __future__ import annotations

import pytest
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
