"""Distributions of whole numbers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradcli.engine.functions import FUNCTIONS as F
from gradcli.engine.tensor import Tensor
from gradcli.errors import WrongType, WrongValue
from gradcli.lang.frameworks.distributions.base import Distribution, Shape
from gradcli.lang.frameworks.factories import Factories


class Chances(Distribution):
    """Of probabilities, or of what the logistic function or softmax makes probabilities of."""

    reparametrized = False
    names = ("probs", "logits")

    def __init__(
        self, factories: Factories, probs: Any = None, logits: Any = None, validate_args: Any = None
    ) -> None:
        if (probs is None) == (logits is None):
            raise WrongType(f"{self.kind} takes probs, or logits, and not both")
        self.factories = factories
        self.given = "probs" if logits is None else "logits"
        value = self.parameter(self.given, probs if logits is None else logits)
        if self.given == "probs" and not np.all((value.value >= 0) & (value.value < math.inf)):
            raise WrongValue(f"{self.kind}: probabilities are not negative")
        self.parameters = self.both(value)

    def both(self, value: Tensor) -> dict[str, Tensor]:
        raise NotImplementedError

    def shown(self) -> dict[str, Tensor]:
        return {self.given: self.of(self.given)}


def clamped(probs: Tensor) -> Tensor:
    """Away from 0 and 1, so that logarithms are finite."""
    small = float(np.finfo(probs.dtype).eps)
    return F["clip"](probs, small, 1 - small)


class Bernoulli(Chances):
    def both(self, value: Tensor) -> dict[str, Tensor]:
        if self.given == "logits":
            return {"probs": F["sigmoid"](value), "logits": value}
        if np.any(value.value > 1):
            raise WrongValue("Bernoulli: probabilities are from 0 to 1")
        near = clamped(value)
        return {"probs": value, "logits": F["log"](near) - F["log1p"](-near)}

    @property
    def mean(self) -> Tensor:
        return self.of("probs")

    @property
    def variance(self) -> Tensor:
        y: Tensor = self.of("probs") * (1 - self.of("probs"))
        return y

    def log_prob(self, x: Any) -> Tensor:
        logits = self.of("logits")
        target = F["broadcast_tensors"](logits, x)
        return -F["binary_cross_entropy_with_logits"](*target, reduction="none")

    def entropy(self) -> Tensor:
        loss = F["binary_cross_entropy_with_logits"]
        return loss(self.of("logits"), self.of("probs"), reduction="none")

    def draw(self, shape: Shape) -> Tensor:
        return F["astype"](self.rand(shape) < self.of("probs").detach(), self.first.dtype)


class Categorical(Chances):
    """Places along the last axis of its parameters."""

    def both(self, value: Tensor) -> dict[str, Tensor]:
        if not value.ndim:
            raise WrongType("Categorical takes a vector of parameters, or rows of them")
        if self.given == "logits":
            logits = value - F["logsumexp"](value, -1, True)
            return {"probs": F["softmax"](logits, -1), "logits": logits}
        probs = value / F["sum"](value, -1, True)
        return {"probs": probs, "logits": F["log"](clamped(probs))}

    @property
    def batch_shape(self) -> Shape:
        return tuple(self.first.shape[:-1])

    def log_prob(self, x: Any) -> Tensor:
        index = F["astype"](x, np.int64)[..., None]
        logits = self.of("logits")
        lead = np.broadcast_shapes(index.shape[:-1], logits.shape[:-1])
        rows = F["broadcast_to"](logits, (*lead, logits.shape[-1]))
        return F["squeeze"](F["gather"](rows, -1, F["broadcast_to"](index, (*lead, 1))), -1)

    def entropy(self) -> Tensor:
        logits = F["clip"](self.of("logits"), float(np.finfo(self.first.dtype).min))
        return -F["sum"](logits * self.of("probs"), -1)

    def draw(self, shape: Shape) -> Tensor:
        probs = self.of("probs").detach()
        rows = probs.reshape(-1, probs.shape[-1])
        count = math.prod(shape) // max(1, len(rows))
        drawn = self.factories.multinomial(rows, count, True)
        return F["swapaxes"](drawn, 0, 1).reshape(shape)


class Poisson(Distribution):
    names = ("rate",)
    reparametrized = False

    @property
    def mean(self) -> Tensor:
        return self.of("rate")

    @property
    def variance(self) -> Tensor:
        return self.of("rate")

    def log_prob(self, x: Any) -> Tensor:
        rate = self.of("rate")
        y: Tensor = F["xlogy"](x, rate) - rate - F["lgamma"](x + 1)
        return y

    def draw(self, shape: Shape) -> Tensor:
        return self.factories.poisson(F["broadcast_to"](self.of("rate").detach(), shape))
