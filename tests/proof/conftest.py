"""Makes proving.py, and the engine's example calls, importable by the tests beside it."""

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "engine")]


@pytest.fixture(autouse=True)
def quiet_numpy() -> Iterator[None]:
    """nan and inf are values here."""
    with np.errstate(all="ignore"):
        yield
