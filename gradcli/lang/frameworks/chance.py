"""`random`: Python's random numbers, the same ones from the same seed."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from gradcli.errors import WrongType, WrongValue, described
from gradcli.lang.frameworks.strictness import builtins_of
from gradcli.lang.hooks import evaluation
from gradcli.lang.sequences import items_of

if TYPE_CHECKING:
    from gradcli.lang.session import Session


class Chance:
    def __init__(self, start: int | None) -> None:
        self.numbers = random.Random(start)

    def seed(self, a: Any = None) -> None:
        if a is not None and type(a) is not int:
            raise WrongType(f"a seed is an integer, not {described(a)}")
        evaluation().journal.undo(partial(setattr, self, "numbers", self.numbers))
        self.numbers = random.Random(a)

    def real(self, name: str) -> Callable[..., float]:
        """A distribution by its two numbers."""

        def call(first: Any = 0.0, second: Any = 1.0) -> float:
            if {type(first), type(second)} - {int, float}:
                raise WrongType(f"random.{name} takes two numbers")
            found: float = getattr(self.numbers, name)(first, second)
            return found

        return call

    def random(self) -> float:
        return self.numbers.random()

    def randint(self, a: Any, b: Any) -> int:
        """From a to b, both included."""
        if type(a) is not int or type(b) is not int or a > b:
            raise WrongValue("randint takes two integers, the lower one first")
        return self.numbers.randint(a, b)

    def randrange(self, *ends: Any) -> int:
        if not 1 <= len(ends) <= 3 or any(type(end) is not int for end in ends) or 0 in ends[2:]:
            raise WrongValue("randrange takes one to three integers")
        if not range(*ends):
            raise WrongValue("randrange: there is no number between the ends")
        return self.numbers.randrange(*ends)

    def choice(self, seq: Any) -> Any:
        items = items_of(seq)
        if not items:
            raise WrongValue("choice of nothing")
        return self.numbers.choice(items)

    def choices(self, population: Any, *, k: Any = 1) -> list[Any]:
        count = self.count(k)
        return self.numbers.choices(items_of(population), k=count)

    def sample(self, population: Any, k: Any) -> list[Any]:
        items, count = items_of(population), self.count(k)
        if count > len(items):
            raise WrongValue(f"sample: {count} of {len(items)} items")
        return self.numbers.sample(items, count)

    def shuffle(self, x: Any) -> None:
        if type(x) is not list:
            raise WrongType(f"shuffle reorders a list, not {described(x)}")
        evaluation().keep(x)
        self.numbers.shuffle(x)

    @staticmethod
    def count(value: Any) -> int:
        if type(value) is not int or value < 0:
            raise WrongValue("how many is an integer that is not negative")
        evaluation().check_items(value, "list")
        return value


def names(session: Session) -> dict[str, Any]:
    chance = Chance(session.numbers.seed)
    functions: list[Callable[..., Any]] = [
        *(chance.choice, chance.choices, chance.randint, chance.random, chance.randrange),
        *(chance.sample, chance.seed, chance.shuffle),
    ]
    drawn = {name: chance.real(name) for name in ("gauss", "normalvariate", "uniform")}
    return builtins_of("random", {f.__name__: f for f in functions} | drawn)
