"""`numpy.random`: numpy's own streams, the same numbers from the same seed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine.functions import FUNCTIONS as F
from gradcli.engine.tensor import Tensor
from gradcli.errors import WrongType, WrongValue, described
from gradcli.lang.arrays import marked
from gradcli.lang.constructors import constant, made, shape_of
from gradcli.lang.frameworks.factories import DRAW, listed
from gradcli.lang.frameworks.strictness import builtins_of
from gradcli.lang.hooks import evaluation
from gradcli.lang.operators import truth
from gradcli.lang.tensors import as_index
from gradcli.lang.values import LISTS, Module

if TYPE_CHECKING:
    from gradcli.lang.session import Session

# Distributions by their parameters' defaults; without one a parameter must be given.
DISTRIBUTIONS: dict[str, dict[str, Any]] = {
    "beta": {"a": None, "b": None},
    "binomial": {"n": None, "p": None},
    "exponential": {"scale": 1.0},
    "gamma": {"shape": None, "scale": 1.0},
    "normal": {"loc": 0.0, "scale": 1.0},
    "poisson": {"lam": 1.0},
    "standard_normal": {},
    "uniform": {"low": 0.0, "high": 1.0},
}


class Stream:
    """Draws from numpy's older generator, whose seed may be set anew, or from a newer one."""

    def __init__(self, session: Session, source: Any) -> None:
        self.session, self.source = session, source

    def drawn(self, size: Any, draw: Callable[[Any], Any]) -> Any:
        shape = None if size is None else shape_of(tuple(listed(size)))
        try:
            found = made(self.session, shape or (), DRAW, lambda: np.asarray(draw(shape)))
        except (TypeError, ValueError, OverflowError) as error:
            raise WrongValue("the parameters of the random numbers do not fit") from error
        return found[()].item() if shape is None else marked(Tensor(found))

    def distribution(self, name: str, usual: dict[str, Any]) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:
            options = dict(zip([*usual, "size"], given, strict=False)) | named
            size = options.pop("size", None)
            numbers = [number(name, options.pop(key, usual[key])) for key in usual]
            if options or len(given) > len(usual) + 1:
                raise WrongType(f"random.{name} takes {', '.join([*usual, 'size'])}")
            return self.drawn(size, lambda shape: getattr(self.source, name)(*numbers, size=shape))

        return call

    def rand(self, *size: Any) -> Any:
        return self.drawn(size or None, self.source.random)

    def randn(self, *size: Any) -> Any:
        return self.drawn(size or None, self.source.standard_normal)

    def random(self, size: Any = None) -> Any:
        return self.drawn(size, self.source.random)

    def integers(self, low: Any, high: Any = None, size: Any = None, dtype: Any = None) -> Any:
        ends = (0, low) if high is None else (low, high)
        if any(type(end) is not int for end in ends) or ends[0] >= ends[1]:
            raise WrongValue("random integers: low and high are integers, and low is less")
        newer = isinstance(self.source, np.random.Generator)
        draw = self.source.integers if newer else self.source.randint
        return self.drawn(size, lambda shape: draw(*ends, size=shape))

    def order(self, count: int) -> Any:
        return made(self.session, (count,), DRAW, lambda: self.source.permutation(count))

    def permutation(self, x: Any) -> Tensor:
        """0 to x - 1 in any order, or the rows of x."""
        if type(x) is int and x >= 0:
            return Tensor(self.order(x))
        rows = array("permutation", x)
        return F["take"](rows, constant(self.order(rows.shape[0])), 0)

    def shuffle(self, x: Any) -> None:
        if type(x) is list:
            evaluation().keep(x)
            x[:] = [x[k] for k in self.order(len(x)).tolist()]
            return
        rows = array("shuffle", x)
        rows[:] = F["take"](rows, constant(self.order(rows.shape[0])), 0)

    def choice(self, a: Any, size: Any = None, replace: Any = True, p: Any = None) -> Any:
        """Of the numbers below a, or of the elements of a vector, each as likely as p says."""
        among = a if type(a) is int and a > 0 else array("choice", a).value
        chances = None if p is None else np.asarray(array("choice", p).value, np.float64)
        again = truth(replace)
        return self.drawn(size, lambda shape: self.source.choice(among, shape, again, chances))

    def names(self) -> dict[str, Callable[..., Any]]:
        own = {name: self.distribution(name, usual) for name, usual in DISTRIBUTIONS.items()}
        return {
            **own,
            "choice": self.choice,
            "integers": self.integers,
            "permutation": self.permutation,
            "rand": self.rand,
            "randint": self.integers,
            "randn": self.randn,
            "random": self.random,
            "random_sample": self.random,
            "shuffle": self.shuffle,
        }


def number(name: str, value: Any) -> Any:
    found = value.item() if type(value) is Tensor and value.size == 1 else value
    if type(found) not in (int, float):
        raise WrongType(f"random.{name} takes numbers, not {described(value)}")
    return found


def array(name: str, value: Any) -> Tensor:
    found = as_index(list(value)) if type(value) in LISTS else value
    if type(found) is not Tensor or not found.ndim:
        raise WrongType(f"{name} takes an array, not {described(value)}")
    return found


def seed_of(value: Any) -> int | None:
    if value is not None and (type(value) is not int or not 0 <= value < 1 << 32):
        raise WrongValue("a seed is an integer from 0 to 2^32 - 1")
    found: int | None = value
    return found


def random_names(session: Session) -> dict[str, Any]:
    stream = Stream(session, np.random.RandomState(session.numbers.seed))

    def begin(seed: Any = None) -> None:
        fresh = np.random.RandomState(seed_of(seed))
        evaluation().journal.undo(partial(setattr, stream, "source", stream.source))
        stream.source = fresh

    def default_rng(seed: Any = None) -> Module:
        own = Stream(session, np.random.default_rng(seed_of(seed)))
        return Module("Generator", builtins_of("Generator", own.names()))

    plain: dict[str, Callable[..., Any]] = {"default_rng": default_rng, "seed": begin}
    return builtins_of("numpy.random", stream.names() | plain)
