"""A short run of the fuzzer: programs, mutants and bytes, under a hook that hears what they do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.slow
def test_inputs_end_in_a_value_or_a_short_error() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "fuzz.py", "--count", "3000", "--seed", "7"],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3,000 now" in done.stdout
