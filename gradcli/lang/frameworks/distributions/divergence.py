"""How far one distribution is from another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradcli.engine.functions import FUNCTIONS as F
from gradcli.engine.tensor import Tensor
from gradcli.errors import WrongType, described
from gradcli.lang.frameworks.distributions.base import Distribution
from gradcli.lang.frameworks.distributions.real import Exponential, LogNormal, Normal
from gradcli.lang.frameworks.distributions.vectors import Independent, MultivariateNormal
from gradcli.lang.frameworks.distributions.whole import Bernoulli, Categorical


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
