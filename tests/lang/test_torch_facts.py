"""What PyTorch's expressions print: the facts of tests/cases/torch.txt, here and in PyTorch."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gradcli.lang.session import Session
from gradcli.lang.source import Source

CASES = Path(__file__).parents[1] / "cases" / "torch.txt"
# Two vectors, a positive one, a matrix, integers, a batch of matrices, a square and a positive one.
VALUES = {
    "V": "torch.tensor([0.5, -1.25, 2.0])",
    "W": "torch.tensor([1.5, 0.75, -0.5])",
    "P": "torch.tensor([0.5, 1.25, 2.0])",
    "M": "torch.tensor([[0.5, -1.0, 2.0], [1.5, 0.25, -0.75]])",
    "I": "torch.tensor([[1, 2, 2], [3, 0, 1]])",
    "C": "torch.sin(torch.arange(12.0)).view(2, 2, 3)",
    "S": "torch.tensor([[2.0, 1.0, 0.0], [1.0, 3.0, -1.0], [0.5, 0.0, 1.0]])",
    "A": "torch.tensor([[2.0, 0.5], [0.5, 1.0]])",
}
IMPORTS = "import torch\nfrom torch import nn\nimport torch.nn.functional as F\n"


def facts() -> Iterator[tuple[str, str]]:
    text = re.sub(r"^# .*\n", "", CASES.read_text(), flags=re.M)
    for entry in re.split(r"^> ", text, flags=re.M)[1:]:
        expression, _, output = entry.partition("\n")
        yield expression, output.strip("\n")


FACTS = dict(facts())


@pytest.fixture(scope="module")
def printed() -> list[str]:
    return []


@pytest.fixture(scope="module")
def session(printed: list[str]) -> Session:
    made = Session(write=printed.append)
    made.run(Source(IMPORTS), script=True)
    return made


@pytest.mark.parametrize("expression", FACTS)
def test_prints_what_pytorch_prints(session: Session, printed: list[str], expression: str) -> None:
    used = [name for name in VALUES if re.search(rf"\b{name}\b", expression)]
    lines = [*(f"{name} = {VALUES[name]}" for name in used), f"print({expression})"]
    printed.clear()
    session.run(Source("\n".join(lines)), script=True)
    assert "".join(printed).strip("\n") == FACTS[expression]


def test_pytorch_prints_that() -> None:
    torch = pytest.importorskip("torch")
    known: dict[str, Any] = {"torch": torch, "nn": torch.nn, "F": torch.nn.functional}
    wrong = {}
    for expression, expected in FACTS.items():
        with warnings.catch_warnings(action="ignore"):  # of names that go out of use
            values = {name: eval(text, known) for name, text in VALUES.items()}  # our own table
            found = str(eval(expression, known | values))
        if re.sub(r" object at 0x[0-9a-f]+", "", found) != expected:
            wrong[expression] = found
    assert not wrong
