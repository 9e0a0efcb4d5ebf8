"""`torch.distributions`: what random numbers are like, with PyTorch's formulas and numbers.

Importing this package adds their types to the closed set.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from gradcli.engine.graph import recording
from gradcli.engine.tensor import Tensor
from gradcli.errors import GradcliError, WrongType
from gradcli.lang.frameworks.distributions.base import Distribution, value_of
from gradcli.lang.frameworks.distributions.divergence import kl_divergence
from gradcli.lang.frameworks.distributions.real import (
    Beta,
    Exponential,
    Gamma,
    Laplace,
    LogNormal,
    Normal,
    Uniform,
)
from gradcli.lang.frameworks.distributions.vectors import Independent, MultivariateNormal
from gradcli.lang.frameworks.distributions.whole import Bernoulli, Categorical, Poisson
from gradcli.lang.frameworks.factories import Factories
from gradcli.lang.frameworks.modules import admit
from gradcli.lang.frameworks.strictness import builtins_of
from gradcli.lang.types.table import Type
from gradcli.lang.values import ABSENT, CLASS_OF, SHOWN, Class, Size


def find(p: Distribution, name: str) -> Any:
    if name in p.parameters:
        return p.parameters[name]
    if name == "scale_tril" and isinstance(p, MultivariateNormal):
        return p.factor
    if name == "base_dist" and isinstance(p, Independent):
        return p.base
    return ABSENT


def fact(name: str) -> Callable[[Distribution], Any]:
    def get(p: Distribution) -> Any:
        try:
            return getattr(p, name)
        except NotImplementedError:
            raise WrongType(f"{p.kind} has no {name} here") from None

    return get


def method(name: str) -> Callable[..., Tensor]:
    def call(p: Distribution, *given: Any, **named: Any) -> Tensor:
        values = [value_of(x, p.first) for x in (*given, *named.values())]
        function = getattr(p, name, None)
        if function is None or len(values) > 1 or {*named} - {"value"}:
            raise WrongType(f"{p.kind} has no {name} of these arguments")
        try:
            found: Tensor = function(*values)
        except GradcliError:
            raise
        except (NotImplementedError, TypeError):  # it has none, or takes no value
            raise WrongType(f"{p.kind} has no {name} of these arguments") from None
        return found

    return call


def sample(p: Distribution, sample_shape: Any = ()) -> Tensor:
    """Numbers without a history."""
    with recording(False):
        return p.draw(p.shape(sample_shape))


def rsample(p: Distribution, sample_shape: Any = ()) -> Tensor:
    """Numbers with derivatives by the parameters."""
    base = p.base if isinstance(p, Independent) else p
    if not base.reparametrized:
        raise WrongType(
            f"{base.kind} has no rsample here",
            hint="sample() and log_prob(): loss = -(log_prob * reward)",
        )
    return p.draw(p.shape(sample_shape))


DISTRIBUTION = Type(
    attributes={
        **{name: fact(name) for name in ("mean", "stddev", "variance")},
        "batch_shape": lambda p: Size(p.batch_shape),
        "event_shape": lambda p: Size(p.event_shape),
        "has_rsample": lambda p: p.reparametrized,
    },
    methods={
        **{name: method(name) for name in ("cdf", "entropy", "icdf", "log_prob")},
        "rsample": rsample,
        "sample": sample,
    },
    find=find,
    known=lambda p: list(p.parameters),
)
KINDS: Sequence[type[Distribution]] = (
    *(Bernoulli, Beta, Categorical, Exponential, Gamma, Independent, Laplace, LogNormal),
    *(MultivariateNormal, Normal, Poisson, Uniform),
)
for _kind in KINDS:
    admit(_kind, "distribution", DISTRIBUTION)
    SHOWN[_kind] = repr
    CLASS_OF[_kind] = lambda p: p.cls


def class_of(kind: type[Distribution], base: Class, factories: Factories) -> Class:
    def make(*given: Any, **named: Any) -> Distribution:
        try:
            found = kind(factories, *given, **named)
        except TypeError as error:
            if isinstance(error, WrongType):
                raise
            raise WrongType(f"{kind.__name__}: these arguments do not fit") from None
        found.cls = cls
        return found

    cls = Class(kind.__name__, base, call=make)
    return cls


def distribution_names(factories: Factories) -> dict[str, Any]:
    base = Class("Distribution")
    classes = {kind.__name__: class_of(kind, base, factories) for kind in KINDS}
    functions = builtins_of("torch.distributions", {"kl_divergence": kl_divergence})
    return {"Distribution": base, **classes, **functions}
