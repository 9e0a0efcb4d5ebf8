"""Special functions of one number: error functions, the gamma function and its kin, Lambert's W.

scipy computes them; it is imported when the first of them is called.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any

import numpy as np

from gradcli.engine.ops.table import NONZERO, POSITIVE, UNIT, Bound, Interval, Op, Value, op
from gradcli.errors import WrongType, WrongValue


class Library:
    """scipy.special, which takes longer to import than everything else together."""

    def __getattr__(self, name: str) -> Any:
        function = getattr(import_module("scipy.special"), name)
        setattr(self, name, function)  # so that this is asked once a name
        return function


sp = Library()
NEEDS = "scipy.special"
row = partial(op, needs=NEEDS, numpy=())
PROBABILITY = Interval(0.05, 0.95)


def special(name: str) -> Callable[..., Value]:
    """A function of scipy's, looked up when it is called."""

    def forward(*operands: Value) -> Value:
        return getattr(sp, name)(*operands)

    return forward


def real(name: str) -> Callable[..., Value]:
    """The same on real numbers alone: scipy has not its derivative on complex ones."""

    def forward(*operands: Value) -> Value:
        if "c" in [x.dtype.kind for x in operands]:
            raise TypeError
        return getattr(sp, name)(*operands)

    return forward


# ---- error functions ----------------------------------------------------------------------------

TWO_OVER_ROOT_PI = 2 / math.sqrt(math.pi)
ROOT_HALF = math.sqrt(0.5)


def bell(x: Value) -> Value:
    """exp(-x^2)."""
    return np.exp(-(x * x))


row(
    "erf",
    special("erf"),
    lambda g, x, _y: g * (bell(x) * TWO_OVER_ROOT_PI),
    code="erf(x)",
    saves="x",
    twin="erf",
    cost=18.0,
)
row(
    "erfc",
    special("erfc"),
    lambda g, x, _y: g * (bell(x) * -TWO_OVER_ROOT_PI),
    code="erfc(x)",
    saves="x",
    twin="erfc",
    cost=20.0,
)
row(
    "erfinv",
    special("erfinv"),
    lambda g, _x, y: g * (np.exp(y * y) / TWO_OVER_ROOT_PI),
    saves="y",
    domain=UNIT,
    twin="erfinv",
    cost=35.0,
)
row(
    "erfcinv",
    special("erfcinv"),
    lambda g, _x, y: g * (np.exp(y * y) / -TWO_OVER_ROOT_PI),
    saves="y",
    domain=Interval(0.05, 1.95),
    twin=lambda S, x: S.erfinv(1 - x),
    cost=35.0,
)
# The normal distribution: its integral, the logarithm of that, and its inverse.
row(
    "ndtr",
    special("ndtr"),
    lambda g, x, _y: g * (np.exp(x * x * -0.5) * (TWO_OVER_ROOT_PI * ROOT_HALF / 2)),
    saves="x",
    twin=lambda S, x: S.erfc(-x / S.sqrt(2), evaluate=False) / 2,
    cost=15.0,
)
row(
    "ndtri",
    special("ndtri"),
    lambda g, _x, y: g * (np.exp(y * y * 0.5) * math.sqrt(2 * math.pi)),
    saves="y",
    domain=PROBABILITY,
    twin=lambda S, x: S.sqrt(2) * S.erfinv(2 * x - 1),
    cost=20.0,
    node="SpecialNdtriBackward0",
)

# ---- log-odds and entropy -----------------------------------------------------------------------

row(
    "logit",
    special("logit"),
    lambda g, x, _y: g / (x * (1 - x)),
    saves="x",
    domain=PROBABILITY,
    twin=lambda S, x: S.log(x / (1 - x)),
    cost=30.0,
)
# entr'(0) = +inf, the limit from the right.
row(
    "entr",
    special("entr"),
    lambda g, x, _y: g * (-1 - np.log(x)),
    saves="x",
    domain=POSITIVE,
    twin=lambda S, x: -x * S.log(x),
    cost=15.0,
    node="SpecialEntrBackward0",
)

# ---- the gamma function -------------------------------------------------------------------------


def order_of(n: Any, what: str) -> int:
    """A static order, from 0 up to where its factorial leaves the range of numbers."""
    number = n.item() if getattr(n, "shape", None) == () else n
    if isinstance(number, bool) or not isinstance(number, int | float) or number != int(number):
        raise WrongType(f"{what} is an integer")
    if not 0 <= number <= 170:
        raise WrongValue(f"{what} is from 0 to 170")
    return int(number)


def polygamma_arguments(x: Value, n: Any = 1) -> Bound:
    return (x,), (order_of(n, "the order of polygamma"),)


def polygamma(x: Value, n: int) -> Value:
    """The n-th derivative of digamma: (-1)^(n+1) n! zeta(n+1, x)."""
    if x.dtype.kind == "c":
        raise TypeError
    if n == 0:
        return sp.digamma(x)
    size = math.factorial(n) if n <= 170 else math.inf
    return (-1.0) ** (n + 1) * size * sp.zeta(n + 1.0, x)


POLYGAMMA: Op = row(
    "polygamma",
    polygamma,
    lambda g, x, _y, n: g * POLYGAMMA(x, n + 1),
    saves="x",
    domain=POSITIVE,
    twin=lambda S, x, n: S.polygamma(n, x),
    cost=450.0,
    bind=polygamma_arguments,
    public=False,
)
DIGAMMA = row(
    "digamma",
    real("digamma"),
    lambda g, x, _y: g * POLYGAMMA(x, 1),
    saves="x",
    domain=POSITIVE,
    twin=lambda S, x: S.polygamma(0, x),
    cost=105.0,
    aliases=("psi",),
)
row(
    "gamma",
    real("gamma"),
    lambda g, x, y: g * (y * DIGAMMA(x)),
    code="tgamma(x)",
    saves="xy",
    domain=POSITIVE,
    twin="gamma",
    cost=25.0,
)
# log |gamma(x)|, on both sides of 0.
LGAMMA = row(
    "lgamma",
    real("gammaln"),
    lambda g, x, _y: g * DIGAMMA(x),
    saves="x",
    domain=POSITIVE,
    twin=lambda S, x: S.log(S.Abs(S.gamma(x))),
    cost=45.0,
    aliases=("gammaln",),
)
row(
    "loggamma",
    real("loggamma"),
    lambda g, x, _y: g * DIGAMMA(x),
    saves="x",
    domain=POSITIVE,
    twin="loggamma",
    cost=45.0,
)


def multigammaln_arguments(x: Value, d: Any) -> Bound:
    dimension = order_of(d, "the dimension of multigammaln")
    if not dimension:
        raise WrongValue("multigammaln is of at least one dimension")
    return (x,), (dimension,)


def multigammaln(x: Value, d: int) -> Value:
    """The logarithm of the d-dimensional gamma function, nan outside its domain."""
    terms = [sp.gammaln(x - j / 2) for j in range(d)]
    y = sum(terms[1:], terms[0]) + d * (d - 1) / 4 * math.log(math.pi)
    return np.where(x > (d - 1) / 2, y, np.nan).astype(x.dtype) if x.dtype.kind == "f" else y


def multigammaln_slope(g: Value, x: Value, _y: Value, d: int) -> Value:
    terms = [DIGAMMA(x - j / 2) for j in range(d)]
    return g * sum(terms[1:], terms[0])


row(
    "multigammaln",
    multigammaln,
    multigammaln_slope,
    saves="x",
    domain=Interval(2.1, 6.0),
    twin=lambda S, x, d: sum(
        (S.loggamma(x - S.Rational(j, 2)) for j in range(int(d))), d * (d - 1) / 4 * S.log(S.pi)
    ),
    work=lambda x, d: 30.0 * d * x.size,
    ordered=True,
    node="MvlgammaBackward0",
    aliases=("mvlgamma",),
    bind=multigammaln_arguments,
)


# ---- the beta function --------------------------------------------------------------------------

row(
    "beta",
    special("beta"),
    lambda g, a, b, y: g * (y * (DIGAMMA(a) - DIGAMMA(a + b))),
    lambda g, a, b, y: g * (y * (DIGAMMA(b) - DIGAMMA(a + b))),
    saves="aby",
    domain=POSITIVE,
    twin=lambda S, a, b: S.gamma(a) * S.gamma(b) / S.gamma(a + b),
    cost=120.0,
)
LBETA = row(
    "lbeta",
    special("betaln"),
    lambda g, a, b, _y: g * (DIGAMMA(a) - DIGAMMA(a + b)),
    lambda g, a, b, _y: g * (DIGAMMA(b) - DIGAMMA(a + b)),
    saves="ab",
    domain=POSITIVE,
    twin=lambda S, a, b: S.loggamma(a) + S.loggamma(b) - S.loggamma(a + b),
    cost=120.0,
    aliases=("betaln",),
)

# ---- zeta ---------------------------------------------------------------------------------------


# Of Euler and Maclaurin's formula: terms that are summed, and B_2j / (2j)! of the correction.
SUMMED = 12
BERNOULLI = (
    *(1 / 12, -1 / 720, 1 / 30240, -1 / 1209600),
    *(1 / 47900160, -691 / 1307674368000, 1 / 74724249600, -3617 / 10670622842880000),
)


def zeta_slope(s: Value, q: Value) -> Value:
    """The derivative by s of the sum over k of (q + k)^-s.

    The first terms, then with m = q + 12 the integral m^(1-s)/(s-1), half of m^-s, and
    B_2j/(2j)! s(s+1)…(s+2j-2) m^(1-s-2j) (DLMF 25.11.5).
    """
    total = -np.log(q) * q**-s
    for k in range(1, SUMMED):
        total = total - np.log(q + k) * (q + k) ** -s
    m = q + SUMMED
    log, power = np.log(m), m**-s
    total = total - m * power * (log / (s - 1) + 1 / ((s - 1) * (s - 1))) - log * power / 2
    product, ratio = s, 1 / s
    power = power / m
    for j, factor in enumerate(BERNOULLI):
        total = total + factor * product * power * (ratio - log)
        low, high = s + (2 * j + 1), s + (2 * j + 2)
        product, ratio = product * low * high, ratio + 1 / low + 1 / high
        power = power / (m * m)
    return total


# Hurwitz's zeta function, the sum of (q + k)^-s.
ZETA: Op = row(
    "zeta",
    real("zeta"),
    lambda g, a, b, _y: g * zeta_slope(a, b),
    lambda g, a, b, _y: -g * (a * ZETA(a + 1, b)),
    saves="ab",
    domain=(Interval(1.5, 6.0), POSITIVE),
    twin=lambda S, a, b: S.zeta(a, b),
    cost=450.0,
    node="SpecialZetaBackward0",
    public=False,
)

# ---- exponential integrals and Lambert's W ------------------------------------------------------

row(
    "exp1",
    real("exp1"),
    lambda g, x, _y: -g * (np.exp(-x) / x),
    saves="x",
    domain=POSITIVE,
    twin=lambda S, x: S.expint(1, x),
    cost=700.0,
)
row(
    "expi",
    real("expi"),
    lambda g, x, _y: g * (np.exp(x) / x),
    saves="x",
    domain=NONZERO,
    twin="Ei",
    cost=600.0,
)


def lambertw_arguments(x: Value, k: Any = 0) -> Bound:
    number = k.item() if getattr(k, "shape", None) == () else k
    if number not in (0, -1):
        raise WrongValue("lambertw: its real branches are 0 and -1")
    return (x,), (int(number),)


def lambertw(x: Value, k: int) -> Value:
    """W with W exp W = x; of real numbers it is real, nan where no real W is."""
    y = sp.lambertw(x, k)
    if x.dtype.kind == "c":
        return y.astype(x.dtype)
    kind = x.dtype if x.dtype.kind == "f" else np.float64
    return np.where(y.imag == 0, y.real, np.nan).astype(kind)


row(
    "lambertw",
    lambertw,
    lambda g, _x, y, _k: g * (np.exp(-y) / (1 + y)),
    saves="y",
    domain=POSITIVE,
    twin=lambda S, x, k: S.LambertW(x, k),
    cost=450.0,
    bind=lambertw_arguments,
)
