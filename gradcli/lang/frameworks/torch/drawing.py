"""Methods that overwrite a tensor with random numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradcli.engine.functions import FUNCTIONS as F
from gradcli.engine.functions import IN_PLACE
from gradcli.engine.tensor import Tensor
from gradcli.errors import WrongValue
from gradcli.lang.frameworks.factories import Factories, real


def drawing(factories: Factories) -> dict[str, Callable[..., Tensor]]:
    def precise(x: Tensor) -> Tensor:
        """Numbers from 0 to 1 in double precision, whatever the dtype."""
        return factories.rand_like(x, dtype="float64")

    def bernoulli_(x: Tensor, p: Any = 0.5) -> Tensor:
        return over(x, precise(x) < real(p, "bernoulli_"))

    def exponential_(x: Tensor, lambd: Any = 1.0) -> Tensor:
        rate = real(lambd, "exponential_")
        if rate <= 0:
            raise WrongValue("exponential_: the rate is positive")
        return over(x, -F["log1p"](-precise(x)) / rate)

    def normal_(x: Tensor, mean: Any = 0.0, std: Any = 1.0) -> Tensor:
        width = real(std, "normal_")
        return over(x, factories.randn_like(x) * width + real(mean, "normal_"))

    def uniform_(x: Tensor, a: Any = 0.0, b: Any = 1.0) -> Tensor:
        low, high = real(a, "uniform_"), real(b, "uniform_")
        return over(x, factories.rand_like(x) * (high - low) + low)

    functions: list[Callable[..., Tensor]] = [bernoulli_, exponential_, normal_, uniform_]
    return {f.__name__: f for f in functions}


def over(target: Tensor, values: Tensor) -> Tensor:
    found: Tensor = IN_PLACE["copy_"](target, values)
    return found
