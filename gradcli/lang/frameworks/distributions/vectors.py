"""Distributions of vectors, and of several numbers as one event."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.engine.functions import FUNCTIONS as F
from gradcli.engine.tensor import Tensor
from gradcli.errors import WrongType, WrongValue, described
from gradcli.lang.frameworks.distributions.base import Distribution, Shape
from gradcli.lang.frameworks.distributions.real import HALF_LOG_TAU
from gradcli.lang.frameworks.factories import Factories


class MultivariateNormal(Distribution):
    names = ("loc", "covariance_matrix")

    def __init__(
        self,
        factories: Factories,
        loc: Any,
        covariance_matrix: Any = None,
        precision_matrix: Any = None,
        scale_tril: Any = None,
        validate_args: Any = None,
    ) -> None:
        given = [x for x in (covariance_matrix, precision_matrix, scale_tril) if x is not None]
        if len(given) != 1 or precision_matrix is not None:
            raise WrongType("MultivariateNormal takes covariance_matrix or scale_tril")
        self.factories = factories
        center, matrix = self.parameter("loc", loc), self.parameter("covariance_matrix", given[0])
        if not center.ndim or matrix.ndim < 2 or matrix.shape[-2:] != (center.shape[-1],) * 2:
            raise WrongValue(
                f"MultivariateNormal: a matrix of shape {matrix.shape} for {center.shape}"
            )
        if scale_tril is None:
            self.factor = F["cholesky"](matrix)
        else:
            self.factor = matrix
            matrix = F["matmul"](matrix, F["swapaxes"](matrix, -1, -2))
        self.parameters = {"loc": center, "covariance_matrix": matrix}

    @property
    def batch_shape(self) -> Shape:
        loc, matrix = self.parameters.values()
        return tuple(np.broadcast_shapes(loc.shape[:-1], matrix.shape[:-2]))

    @property
    def event_shape(self) -> Shape:
        return tuple(self.of("loc").shape[-1:])

    @property
    def mean(self) -> Tensor:
        return self.of("loc")

    @property
    def variance(self) -> Tensor:
        return F["diagonal"](self.of("covariance_matrix"), 0, -2, -1)

    def half_log_det(self) -> Tensor:
        return F["sum"](F["log"](F["diagonal"](self.factor, 0, -2, -1)), -1)

    def log_prob(self, x: Any) -> Tensor:
        away = (x - self.of("loc"))[..., None]
        scaled = F["solve_triangular"](self.factor, away, upper=False)[..., 0]
        size = self.event_shape[0] * HALF_LOG_TAU
        y: Tensor = -0.5 * F["sum"](scaled * scaled, -1) - size - self.half_log_det()
        return y

    def entropy(self) -> Tensor:
        y: Tensor = self.event_shape[0] * (0.5 + HALF_LOG_TAU) + self.half_log_det()
        return y

    def draw(self, shape: Shape) -> Tensor:
        moved = F["matmul"](self.factor, self.randn(shape)[..., None])[..., 0]
        y: Tensor = self.of("loc") + moved
        return y


class Independent(Distribution):
    """The last axes of another's batch as one event."""

    names = ()

    def __init__(
        self,
        factories: Factories,
        base_distribution: Any,
        reinterpreted_batch_ndims: Any,
        validate_args: Any = None,
    ) -> None:
        if not isinstance(base_distribution, Distribution):
            raise WrongType(f"Independent takes a distribution, not {described(base_distribution)}")
        count = reinterpreted_batch_ndims
        if type(count) is not int or not 0 <= count <= len(base_distribution.batch_shape):
            raise WrongValue(f"Independent: {base_distribution.kind} has not so many batch axes")
        self.factories, self.base, self.count = factories, base_distribution, count
        self.parameters = base_distribution.parameters
        self.axes = tuple(range(-count, 0))

    @property
    def batch_shape(self) -> Shape:
        whole = self.base.batch_shape
        return whole[: len(whole) - self.count]

    @property
    def event_shape(self) -> Shape:
        whole = self.base.batch_shape
        return (*whole[len(whole) - self.count :], *self.base.event_shape)

    @property
    def mean(self) -> Tensor:
        return self.base.mean

    @property
    def variance(self) -> Tensor:
        return self.base.variance

    def over_events(self, values: Tensor) -> Tensor:
        return F["sum"](values, self.axes) if self.axes else values

    def log_prob(self, x: Any) -> Tensor:
        return self.over_events(self.base.log_prob(x))

    def entropy(self) -> Tensor:
        return self.over_events(self.base.entropy())

    def draw(self, shape: Shape) -> Tensor:
        return self.base.draw(shape)

    def __repr__(self) -> str:
        return f"Independent({self.base!r}, {self.count})"
