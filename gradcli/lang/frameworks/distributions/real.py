"""Distributions of real numbers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradcli.engine.functions import FUNCTIONS as F
from gradcli.engine.tensor import Tensor
from gradcli.lang.frameworks.distributions.base import Distribution, Shape

HALF_LOG_TAU = math.log(2 * math.pi) / 2


class Normal(Distribution):
    names = ("loc", "scale")
    positive = ("scale",)

    @property
    def mean(self) -> Tensor:
        return self.of("loc")

    @property
    def variance(self) -> Tensor:
        return self.of("scale") ** 2

    @property
    def stddev(self) -> Tensor:
        return self.of("scale")

    def log_prob(self, x: Any) -> Tensor:
        loc, scale = self.parameters.values()
        y: Tensor = -((x - loc) ** 2) / (2 * scale**2) - F["log"](scale) - HALF_LOG_TAU
        return y

    def entropy(self) -> Tensor:
        y: Tensor = 0.5 + HALF_LOG_TAU + F["log"](self.of("scale"))
        return y

    def cdf(self, x: Any) -> Tensor:
        loc, scale = self.parameters.values()
        y: Tensor = 0.5 * (1 + F["erf"]((x - loc) / (scale * math.sqrt(2))))
        return y

    def icdf(self, p: Any) -> Tensor:
        loc, scale = self.parameters.values()
        y: Tensor = loc + scale * F["erfinv"](2 * p - 1) * math.sqrt(2)
        return y

    def draw(self, shape: Shape) -> Tensor:
        y: Tensor = self.of("loc") + self.randn(shape) * self.of("scale")
        return y


class LogNormal(Normal):
    @property
    def mean(self) -> Tensor:
        return F["exp"](self.of("loc") + self.of("scale") ** 2 / 2)

    @property
    def variance(self) -> Tensor:
        spread = self.of("scale") ** 2
        y: Tensor = F["expm1"](spread) * F["exp"](2 * self.of("loc") + spread)
        return y

    @property
    def stddev(self) -> Tensor:
        return F["sqrt"](self.variance)

    def log_prob(self, x: Any) -> Tensor:
        logarithm = F["log"](x)
        return super().log_prob(logarithm) - logarithm

    def entropy(self) -> Tensor:
        return super().entropy() + self.of("loc")

    def cdf(self, x: Any) -> Tensor:
        return super().cdf(F["log"](x))

    def icdf(self, p: Any) -> Tensor:
        return F["exp"](super().icdf(p))

    def draw(self, shape: Shape) -> Tensor:
        return F["exp"](super().draw(shape))

    def shown(self) -> dict[str, Tensor]:
        return {}


class Laplace(Distribution):
    names = ("loc", "scale")
    positive = ("scale",)

    @property
    def mean(self) -> Tensor:
        return self.of("loc")

    @property
    def variance(self) -> Tensor:
        y: Tensor = 2 * self.of("scale") ** 2
        return y

    def log_prob(self, x: Any) -> Tensor:
        loc, scale = self.parameters.values()
        y: Tensor = -F["log"](2 * scale) - F["abs"](x - loc) / scale
        return y

    def entropy(self) -> Tensor:
        y: Tensor = 1 + F["log"](2 * self.of("scale"))
        return y

    def draw(self, shape: Shape) -> Tensor:
        loc, scale = self.parameters.values()
        lowest = float(np.finfo(loc.dtype).eps) - 1
        u = self.rand(shape) * (1 - lowest) + lowest
        y: Tensor = loc - scale * F["sign"](u) * F["log1p"](-F["abs"](u))
        return y


class Uniform(Distribution):
    names = ("low", "high")

    @property
    def mean(self) -> Tensor:
        y: Tensor = (self.of("low") + self.of("high")) / 2
        return y

    @property
    def variance(self) -> Tensor:
        y: Tensor = (self.of("high") - self.of("low")) ** 2 / 12
        return y

    def log_prob(self, x: Any) -> Tensor:
        low, high = self.parameters.values()
        inside = F["astype"]((x >= low) & (x < high), low.dtype)
        y: Tensor = F["log"](inside) - F["log"](high - low)
        return y

    def entropy(self) -> Tensor:
        return F["log"](self.of("high") - self.of("low"))

    def cdf(self, x: Any) -> Tensor:
        low, high = self.parameters.values()
        return F["clip"]((x - low) / (high - low), 0, 1)

    def draw(self, shape: Shape) -> Tensor:
        low, high = self.parameters.values()
        y: Tensor = low + self.rand(shape) * (high - low)
        return y


class Exponential(Distribution):
    names = positive = ("rate",)

    @property
    def mean(self) -> Tensor:
        return F["reciprocal"](self.of("rate"))

    @property
    def variance(self) -> Tensor:
        y: Tensor = self.of("rate") ** -2.0
        return y

    def log_prob(self, x: Any) -> Tensor:
        rate = self.of("rate")
        y: Tensor = F["log"](rate) - rate * x
        return y

    def entropy(self) -> Tensor:
        y: Tensor = 1 - F["log"](self.of("rate"))
        return y

    def cdf(self, x: Any) -> Tensor:
        y: Tensor = 1 - F["exp"](-self.of("rate") * x)
        return y

    def draw(self, shape: Shape) -> Tensor:
        y: Tensor = self.exponential(shape) / self.of("rate")
        return y


class Gamma(Distribution):
    names = positive = ("concentration", "rate")
    reparametrized = False

    @property
    def mean(self) -> Tensor:
        y: Tensor = self.of("concentration") / self.of("rate")
        return y

    @property
    def variance(self) -> Tensor:
        y: Tensor = self.of("concentration") / self.of("rate") ** 2
        return y

    def log_prob(self, x: Any) -> Tensor:
        a, rate = self.parameters.values()
        y: Tensor = F["xlogy"](a, rate) + F["xlogy"](a - 1, x) - rate * x - F["lgamma"](a)
        return y

    def entropy(self) -> Tensor:
        a, rate = self.parameters.values()
        y: Tensor = a - F["log"](rate) + F["lgamma"](a) + (1 - a) * F["digamma"](a)
        return y

    def draw(self, shape: Shape) -> Tensor:
        a, rate = self.parameters.values()
        drawn = self.factories.session.random.standard_gamma(np.broadcast_to(a.value, shape))
        y: Tensor = Tensor(np.asarray(drawn, a.dtype)[()]) / rate
        return y


class Beta(Distribution):
    names = positive = ("concentration1", "concentration0")
    reparametrized = False

    @property
    def mean(self) -> Tensor:
        a, b = self.parameters.values()
        y: Tensor = a / (a + b)
        return y

    @property
    def variance(self) -> Tensor:
        a, b = self.parameters.values()
        total = a + b
        y: Tensor = a * b / (total**2 * (total + 1))
        return y

    def log_prob(self, x: Any) -> Tensor:
        a, b = self.parameters.values()
        scale = F["lgamma"](a + b) - F["lgamma"](a) - F["lgamma"](b)
        y: Tensor = F["xlogy"](a - 1, x) + F["xlogy"](b - 1, 1 - x) + scale
        return y

    def entropy(self) -> Tensor:
        a, b = self.parameters.values()
        scale = F["lgamma"](a) + F["lgamma"](b) - F["lgamma"](a + b)
        slopes = (a - 1) * F["digamma"](a) + (b - 1) * F["digamma"](b)
        y: Tensor = scale - slopes + (a + b - 2) * F["digamma"](a + b)
        return y

    def draw(self, shape: Shape) -> Tensor:
        a, b = [np.broadcast_to(x.value, shape) for x in self.parameters.values()]
        drawn = self.factories.session.random.beta(a, b)
        return Tensor(np.asarray(drawn, self.first.dtype)[()])

    def shown(self) -> dict[str, Tensor]:
        return {}
