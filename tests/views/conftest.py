"""Makes the engine's example calls importable by the tests beside it."""

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "engine"))


@pytest.fixture(autouse=True)
def quiet_numpy() -> Iterator[None]:
    """nan and inf are values here."""
    with np.errstate(all="ignore"):
        yield
