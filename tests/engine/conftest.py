"""Makes engine_calls.py importable by the tests beside it, and keeps numpy quiet in them."""

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(autouse=True)
def quiet_numpy() -> Iterator[None]:
    """nan and inf are values here; the session above the engine is what reports them."""
    with np.errstate(all="ignore"):
        yield
