"""`torch.distributions`: what random numbers are like, with PyTorch's formulas and numbers.

Importing this module adds their types to the closed set.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np

from gradcli.engine.functions import FUNCTIONS as F
from gradcli.engine.graph import recording
from gradcli.engine.tensor import Tensor
from gradcli.errors import WrongType, WrongValue, described
from gradcli.lang import text
from gradcli.lang.constructors import shape_of
from gradcli.lang.frameworks.factories import Factories
from gradcli.lang.frameworks.modules import admit
from gradcli.lang.frameworks.strictness import builtins_of
from gradcli.lang.numbers import NUMBERS
from gradcli.lang.types.table import Type
from gradcli.lang.values import ABSENT, CLASS_OF, LISTS, SHOWN, Class, Size

Shape = tuple[int, ...]
HALF_LOG_TAU = math.log(2 * math.pi) / 2

# ---- what they share ----------------------------------------------------------------------------


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


# ---- of real numbers ----------------------------------------------------------------------------


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


# ---- of whole numbers ---------------------------------------------------------------------------


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


# ---- of vectors ---------------------------------------------------------------------------------


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


# ---- how far one is from another ----------------------------------------------------------------


def of_normals(p: Any, q: Any) -> Tensor:
    ratio = (p.of("scale") / q.of("scale")) ** 2
    away = ((p.of("loc") - q.of("loc")) / q.of("scale")) ** 2
    y: Tensor = 0.5 * (ratio + away - 1 - F["log"](ratio))
    return y


def of_bernoullis(p: Any, q: Any) -> Tensor:
    a, b = p.of("probs"), q.of("probs")
    one = F["xlogy"](a, a) - F["xlogy"](a, b)
    y: Tensor = one + F["xlogy"](1 - a, 1 - a) - F["xlogy"](1 - a, 1 - b)
    return y


def of_categoricals(p: Any, q: Any) -> Tensor:
    return F["sum"](p.of("probs") * (p.of("logits") - q.of("logits")), -1)


def of_exponentials(p: Any, q: Any) -> Tensor:
    ratio = q.of("rate") / p.of("rate")
    y: Tensor = ratio - F["log"](ratio) - 1
    return y


def of_vectors(p: Any, q: Any) -> Tensor:
    def solved(right: Any) -> Any:
        return F["solve_triangular"](q.factor, right, upper=False)

    spread = F["sum"](solved(p.factor) ** 2, (-2, -1))
    away = F["sum"](solved((q.of("loc") - p.of("loc"))[..., None]) ** 2, (-2, -1))
    rest = spread + away - p.event_shape[0]
    y: Tensor = q.half_log_det() - p.half_log_det() + 0.5 * rest
    return y


DIVERGENCES: dict[type[Distribution], Callable[[Any, Any], Tensor]] = {
    Bernoulli: of_bernoullis,
    Categorical: of_categoricals,
    Exponential: of_exponentials,
    LogNormal: of_normals,
    MultivariateNormal: of_vectors,
    Normal: of_normals,
}


def kl_divergence(p: Any, q: Any) -> Tensor:
    """The mean, by p, of log p - log q."""
    if type(p) is Independent and type(q) is Independent and p.count == q.count:
        return p.over_events(kl_divergence(p.base, q.base))
    if type(p) is not type(q) or type(p) not in DIVERGENCES:
        known = ", ".join(kind.__name__ for kind in DIVERGENCES)
        raise WrongType(
            f"there is no formula here for how far {described(p)} is from {described(q)}",
            hint=f"it is there for two of a kind: {known}, Independent",
        )
    return DIVERGENCES[type(p)](p, q)


# ---- in the language ----------------------------------------------------------------------------


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
        except (NotImplementedError, TypeError):
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
