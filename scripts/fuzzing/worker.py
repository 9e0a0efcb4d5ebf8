"""The process that tries inputs, one after the other."""

from __future__ import annotations

import resource
from typing import Any

from fuzzing.inputs import CORPUS, made
from fuzzing.judge import Watch, judged

MEMORY = 2**30


def work(seed: int, numbers: range, at: Any, found: Any) -> None:
    """Try these inputs; `at` is the number of the one being tried."""
    watch = Watch()
    for text in CORPUS:  # what is imported or compiled once
        judged(text.encode(), watch)
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    for number in numbers:
        at.value = number
        wrong = judged(made(seed, number), watch)
        if wrong is not None:
            found.put((number, wrong))
    at.value = numbers.stop
