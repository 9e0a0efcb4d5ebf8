"""What distributions share: parameters of one shape, and what is asked of them."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from gradcli.engine.functions import FUNCTIONS as F
from gradcli.engine.tensor import Tensor
from gradcli.errors import WrongType, WrongValue, described
from gradcli.lang import text
from gradcli.lang.constructors import shape_of
from gradcli.lang.frameworks.factories import Factories
from gradcli.lang.numbers import NUMBERS
from gradcli.lang.values import LISTS, Class, Size

Shape = tuple[int, ...]


class Distribution:
    """A distribution, or one for each element of its parameters.

    names   of its parameters, all of one shape
    event   how many of the last axes of a number are one event
    """

    names: ClassVar[tuple[str, ...]]
    positive: ClassVar[tuple[str, ...]] = ()
    event: ClassVar[int] = 0

    cls: Class  # of the language

    def __init__(self, factories: Factories, *given: Any, **named: Any) -> None:
        self.factories = factories
        values = dict(zip(self.names, given, strict=False)) | named
        values.pop("validate_args", None)
        if len(given) > len(self.names) or values.keys() != {*self.names}:
            raise WrongType(f"{self.kind} takes {', '.join(self.names)}")
        tensors = [self.parameter(name, values[name]) for name in self.names]
        self.parameters = dict(zip(self.names, F["broadcast_tensors"](*tensors), strict=True))

    @property
    def kind(self) -> str:
        return type(self).__name__

    def parameter(self, name: str, value: Any) -> Tensor:
        if type(value) in NUMBERS:
            value = self.factories.tensor(float(value))
        if type(value) is not Tensor or value.dtype.kind != "f":
            raise WrongType(f"{self.kind}: {name} is a real number or a tensor of them")
        if name in self.positive and not np.all(value.value > 0):
            raise WrongValue(f"{self.kind}: {name} is positive")
        return value

    def of(self, name: str) -> Tensor:
        return self.parameters[name]

    @property
    def first(self) -> Tensor:
        return next(iter(self.parameters.values()))

    @property
    def batch_shape(self) -> Shape:
        return tuple(self.first.shape)

    @property
    def event_shape(self) -> Shape:
        return ()

    @property
    def mean(self) -> Tensor:
        raise NotImplementedError

    @property
    def variance(self) -> Tensor:
        raise NotImplementedError

    @property
    def stddev(self) -> Tensor:
        return F["sqrt"](self.variance)

    def log_prob(self, x: Any) -> Tensor:
        """The logarithm of the density, or of the probability, at x."""
        raise NotImplementedError

    def entropy(self) -> Tensor:
        raise NotImplementedError

    def draw(self, shape: Shape) -> Tensor:
        """Numbers of this shape, with derivatives by the parameters if it says so."""
        raise NotImplementedError

    reparametrized: ClassVar[bool] = True

    def shape(self, sample_shape: Any) -> Shape:
        given = tuple(sample_shape) if type(sample_shape) in LISTS else sample_shape
        lead = shape_of((given,)) if given != () else ()
        return (*lead, *self.batch_shape, *self.event_shape)

    def rand(self, shape: Shape) -> Tensor:
        return self.factories.rand(shape, dtype=str(self.first.dtype))

    def randn(self, shape: Shape) -> Tensor:
        return self.factories.randn(shape, dtype=str(self.first.dtype))

    def exponential(self, shape: Shape) -> Tensor:
        """Drawn in double precision, as PyTorch does."""
        even = self.factories.rand(shape, dtype="float64")
        return F["astype"](-F["log1p"](-even), self.first.dtype)

    def __repr__(self) -> str:
        parts = [f"{name}: {brief(x)}" for name, x in self.shown().items()]
        return f"{self.kind}({', '.join(parts)})"

    def shown(self) -> dict[str, Tensor]:
        return self.parameters


def brief(x: Tensor) -> str:
    if x.size != 1:
        return text.show(Size(x.shape))
    return text.show(x) if x.ndim else str(x.item())


def value_of(x: Any, like: Tensor) -> Tensor:
    if type(x) in NUMBERS:
        return Tensor(np.asarray(x, like.dtype)[()])
    if type(x) is not Tensor:
        raise WrongType(f"a value is a tensor, not {described(x)}")
    return x
