"""The whole process of one evaluation, beside a process that only imports what it needs."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

import timing

BESIDE = {
    "importing numpy and click": [sys.executable, "-c", "import numpy, click"],
    "Python alone": [sys.executable, "-c", "pass"],
}
EVALUATION = [sys.executable, "-m", "gradcli", "eval", "x^2", "x=3"]


def process(command: Sequence[str]) -> timing.Step:
    return lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def measure(seed: int) -> list[timing.Row]:
    steps = {name: process(command) for name, command in BESIDE.items()}
    cost = timing.interleaved({"gradcli": process(EVALUATION), **steps})
    return [timing.Row("`gradcli eval x^2 x=3`", cost, {"importing numpy and click": 1.15})]
