"""The stream of random numbers that layers and initialisers draw from, one a thread."""

from __future__ import annotations

import threading
from functools import cached_property
from typing import Any

import numpy as np

from gradcli.engine.ops.axes import integer
from gradcli.errors import WrongValue


class Numbers:
    """Random numbers from a seed, or from anywhere.

    numpy imports what draws them when the first is drawn, which most programs never do.
    `start` is the position of the stream where it began.
    """

    start = ""

    def __init__(self, seed: int | None = None) -> None:
        self.seed = seed

    @cached_property
    def generator(self) -> np.random.Generator:
        return self.begin(self.seed)

    def begin(self, seed: int | None) -> np.random.Generator:
        """Draw from the beginning of a new stream from now on."""
        self.generator = self.begun(seed)
        self.start = self.position()
        return self.generator

    def begun(self, seed: int | None) -> np.random.Generator:
        """A new stream."""
        return np.random.default_rng(seed)

    def place(self) -> tuple[Any, float | None]:
        """Where in the stream it is, to go back to."""
        return self.generator.bit_generator.state, getattr(self.generator, "waiting", None)

    def go_back(self, place: tuple[Any, float | None]) -> None:
        self.generator.bit_generator.state = place[0]
        if hasattr(self.generator, "waiting"):
            self.generator.waiting = place[1]

    def position(self) -> str:
        """How far the stream was read: the same until the next number is drawn."""
        state, waiting = self.place()
        return f"{state} {waiting}"


class PyTorchNumbers(Numbers):
    """Those that PyTorch draws from a seed."""

    def begun(self, seed: int | None) -> np.random.Generator:
        from gradcli.engine.mersenne import PyTorchGenerator  # noqa: PLC0415  # as late as numpy's

        return PyTorchGenerator(seed)


class _Stream(threading.local):
    def __init__(self) -> None:
        self.numbers = Numbers()

    @property
    def generator(self) -> np.random.Generator:
        return self.numbers.generator


stream = _Stream()


def manual_seed(seed: int) -> None:
    """Begin the stream anew: the same seed gives the same numbers, on every machine."""
    number = integer(seed, "a seed")
    if number < 0:
        raise WrongValue("a seed is not negative")
    stream.numbers = Numbers(number)
