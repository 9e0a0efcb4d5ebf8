"""The stream of random numbers that layers and initialisers draw from, one a thread."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from gradcli.engine.ops.axes import integer
from gradcli.errors import WrongValue


class _Stream(threading.local):
    def __init__(self) -> None:
        self.generator = np.random.default_rng()


stream = _Stream()


def manual_seed(seed: int) -> None:
    """Begin the stream anew: the same seed gives the same numbers, on every machine."""
    number = integer(seed, "a seed")
    if number < 0:
        raise WrongValue("a seed is not negative")
    stream.generator = np.random.default_rng(number)


@contextmanager
def drawing_from(generator: np.random.Generator) -> Iterator[None]:
    """Draw from another stream until the context ends."""
    before, stream.generator = stream.generator, generator
    try:
        yield
    finally:
        stream.generator = before
