"""`torch.Generator`: streams of random numbers of a program's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from gradcli.engine.randomness import PyTorchNumbers, stream
from gradcli.errors import WrongType, WrongValue, described
from gradcli.lang.types.table import Type

FIRST_SEED = 67280421310721  # that of PyTorch's generators


class Generator:
    """A stream of random numbers, from a seed."""

    def __init__(self) -> None:
        self.numbers, self.seed = PyTorchNumbers(FIRST_SEED), FIRST_SEED

    def manual_seed(self, seed: Any) -> Generator:
        if type(seed) is not int or seed < 0:
            raise WrongValue("a seed is an integer that is not negative")
        self.numbers, self.seed = PyTorchNumbers(seed), seed
        return self


@contextmanager
def drawing(generator: Any) -> Iterator[None]:
    """Random numbers inside come from this generator, if there is one."""
    if generator is None:
        yield
        return
    if type(generator) is not Generator:
        raise WrongType(f"generator is a torch.Generator, not {described(generator)}")
    numbers = stream.numbers
    before = numbers.generator
    numbers.generator = generator.numbers.generator
    try:
        yield
    finally:
        numbers.generator = before


GENERATOR = Type(
    methods={
        "initial_seed": lambda generator: generator.seed,
        "manual_seed": Generator.manual_seed,
    }
)
