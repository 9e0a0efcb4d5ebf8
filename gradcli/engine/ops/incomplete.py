"""The incomplete gamma and beta functions, with derivatives of any order by their parameters.

Both are integrals of a density; a derivative by a parameter is the integral of the density times a
polynomial in log t, which of first order has one root. The side of the root that x lies on is
integrated, so nothing cancels there, by Gauss and Legendre's rule as far as the density matters.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from gradcli.engine.ops.special import DIGAMMA, POLYGAMMA, PROBABILITY, real, row, sp
from gradcli.engine.ops.table import POSITIVE, Bound, Op, Value, broadcast_size

NEGLIGIBLE = 45.0  # exp of minus this adds nothing to a sum
NODES = 80
CHUNK = 4096  # elements at a time, each with so many nodes
VALUE = 1900.0  # nanoseconds: of a value a tenth, but its slopes take several times as long


@cache
def gauss() -> tuple[Value, Value]:
    """Nodes and weights on [0, 1]."""
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    return (nodes + 1) / 2, weights / 2


Cumulants = Callable[[int, int], Value]


def moment(h: Cumulants, m: int, n: int = 0) -> Value:
    """The derivative of exp f over exp f, m times by a and n times by b.

    h(i, j) is that of f: moments of cumulants, by Leibniz' rule for (exp f)' = f' exp f.
    """
    if m == n == 0:
        return 1.0
    if m == 0:
        return moment(lambda i, j: h(j, i), n, m)
    terms = [
        h(i + 1, j) * moment(h, m - 1 - i, n - j) * (math.comb(m - 1, i) * math.comb(n, j))
        for i in range(m)
        for j in range(n + 1)
    ]
    return sum(terms[1:], terms[0])


def psi(x: Value, order: int) -> Value:
    return DIGAMMA(x) if order == 0 else POLYGAMMA(x, order)


def in_chunks(function: Callable[..., Value], *operands: Value) -> Value:
    """A function of equally long real vectors, of operands of any shapes that broadcast."""
    if "c" in [x.dtype.kind for x in operands]:
        raise TypeError
    dtype = np.result_type(*[x.dtype if x.dtype.kind == "f" else np.float64 for x in operands])
    arrays = np.broadcast_arrays(*operands)
    flat = [x.ravel().astype(np.float64) for x in arrays]
    parts = [
        function(*(x[start : start + CHUNK] for x in flat))
        for start in range(0, max(flat[0].size, 1), CHUNK)
    ]
    return np.concatenate(parts).reshape(arrays[0].shape).astype(dtype)


def excess(u: Value) -> Value:
    """exp u - 1 - u; by its series where that would cancel."""
    total = np.ones_like(u)
    for k in range(18, 2, -1):
        total = 1 + total * u / k
    return np.where(np.abs(u) < 0.6, u * u / 2 * total, np.expm1(u) - u)


def shortfall(x: Value, peak: Value) -> Value:
    """u - log(1 + u), likewise, where x is (1 + u) peak: 2 artanh(u / (2 + u)) is the logarithm."""
    u = (x - peak) / peak
    r = u / (2 + u)
    total = np.zeros_like(r)
    for k in range(33, 1, -2):
        total = (total + 1 / k) * r * r
    with np.errstate(all="ignore"):
        return np.where(np.abs(u) < 0.5, r * (u - 2 * total), u - np.log(x / peak))


def stirling(a: Value) -> Value:
    """log gamma(a) beyond (a - 1/2) log a - a + log(2 pi) / 2, for a of at least 16."""
    z = 1 / (a * a)
    series = 1 / 12 - z * (1 / 360 - z * (1 / 1260 - z * (1 / 1680 - z * (1 / 1188))))
    return series / a


LARGE = 16.0

# ---- gamma --------------------------------------------------------------------------------------


def gamma_density(a: Value, x: Value) -> Value:
    """x^(a-1) exp(-x) / gamma(a), about its peak where a is large."""

    def vectors(a: Value, x: Value) -> Value:
        with np.errstate(all="ignore"):
            small = np.minimum(a, LARGE)
            plain = np.minimum(x, 1e4) ** (small - 1) * np.exp(-x) / sp.gamma(small)
            size = np.maximum(a, LARGE)
            peak = np.sqrt(size / (2 * math.pi)) / x * np.exp(-stirling(size))
            far = peak * np.exp(-size * shortfall(x, size))
            return np.where(a < LARGE, plain, np.where(x == 0, 0, far))

    return in_chunks(vectors, a, x)


def log_over_psi(a: Value, x: Value) -> Value:
    """log x - digamma(a), whose terms nearly cancel where a is large."""
    size = np.maximum(a, LARGE)
    z = 1 / (size * size)
    rest = 1 / 12 - z * (1 / 120 - z * (1 / 252 - z * (1 / 240 - z * (1 / 132))))
    near = np.log1p((x - size) / size) + 1 / (2 * size) + z * rest
    return np.where(a < LARGE, np.log(x) - sp.digamma(a), near)


def gammainc(a: Value, x: Value, m: int) -> Value:
    """P(a, x), m times differentiated by a."""
    return real("gammainc")(a, x) if m == 0 else in_chunks(lambda a, x: gamma_slopes(a, x, m), a, x)


def gamma_slopes(a: Value, x: Value, m: int) -> Value:
    with np.errstate(all="ignore"):
        # P(a, x) = P(a + 1, x) + density(a + 1, x): no slow tails are left.
        step = (a < 1) & (x < 1.5)
        a = a + step
        logs = log_over_psi(a, x)
        stepped = np.where(step, gamma_density(a, x) * moment(gamma_cumulants(a, logs), m), 0)
        below = logs < 0
        d = np.abs(a - x)
        reach: Value = np.where(below, reach_below(a, d), reach_above(x, x - a))
        nodes, weights = gauss()
        u = nodes * (reach * (1 - 2 * below))[:, None]
        a1, x1 = a[:, None], x[:, None]
        density = np.exp((a1 - x1) * u - x1 * excess(u))
        values = density * moment(gamma_cumulants(a1, logs[:, None] + u), m)
        area = (values @ weights) * reach * gamma_density(a, x) * x
        found = np.where(below, area, -area) + stepped
        found = np.where((x == 0) | np.isinf(x), 0, found)
        return np.where((a > 0) & (x >= 0), found, np.nan)


def reach_below(a: Value, d: Value) -> Value:
    """Where d s + x s^2 / (2 + s), less than the exponent's fall, is enough: a s^2 + b s = c."""
    b = 2 * d - NEGLIGIBLE
    root = np.sqrt(b * b + 8 * NEGLIGIBLE * a)
    return np.where(b > 0, 4 * NEGLIGIBLE / (root + b), (root - b) / (2 * a))


def reach_above(x: Value, d: Value) -> Value:
    """Where d s + x (exp s - 1 - s) is enough, by Newton from beyond: it is convex."""
    s = 2 * NEGLIGIBLE / (d + np.sqrt(d * d + 2 * x * NEGLIGIBLE))
    for _ in range(4):
        s = s - (d * s + x * excess(s) - NEGLIGIBLE) / (d + x * np.expm1(s))
    return s


def gamma_cumulants(a: Value, logs: Value) -> Cumulants:
    """Of t^a / gamma(a); `logs` is log t - digamma(a)."""
    return lambda i, _j: logs if i == 1 else -psi(a, i - 1)


def gamma_slope(g: Value, a: Value, x: Value, m: int) -> Value:
    return g * (DENSITY(a, x) * moment(gamma_cumulants(a, np.log(x) - DIGAMMA(a)), m))


def gammainc_arguments(a: Value, x: Value) -> Bound:
    return (a, x), (0,)


def gamma_twin(S: Any, a: Any, x: Any, m: int) -> Any:
    y = S.lowergamma(a, x) / S.gamma(a)
    return S.Derivative(y, (a, m)) if m else y


DENSITY: Op = row(
    "gamma_density",
    gamma_density,
    lambda g, a, x, y: g * (y * (np.log(x) - DIGAMMA(a))),
    lambda g, a, x, y: g * (y * ((a - 1) / x - 1)),
    saves="aby",
    domain=POSITIVE,
    twin=lambda S, a, x: x ** (a - 1) * S.exp(-x) / S.gamma(a),
    cost=400.0,
    public=False,
)
GAMMAINC: Op = row(
    "gammainc",
    gammainc,
    lambda g, a, x, _y, m: g * GAMMAINC(a, x, m + 1),
    lambda g, a, x, _y, m: gamma_slope(g, a, x, m),
    saves="ab",
    domain=POSITIVE,
    twin=gamma_twin,
    work=lambda a, x, m: broadcast_size((a, x)) * (7000.0 if m else VALUE),
    node="IgammaBackward0",
    aliases=("igamma",),
    bind=gammainc_arguments,
)
row(
    "gammaincc",
    real("gammaincc"),
    lambda g, a, x, _y: -g * GAMMAINC(a, x, 1),
    lambda g, a, x, _y: -gamma_slope(g, a, x, 0),
    saves="ab",
    domain=POSITIVE,
    twin=lambda S, a, x: S.uppergamma(a, x) / S.gamma(a),
    cost=VALUE,
    node="IgammacBackward0",
    aliases=("igammac",),
)

# ---- beta ---------------------------------------------------------------------------------------


def beta_cumulants(logs: tuple[Value, Value], a: Value, b: Value, total: Value) -> Cumulants:
    """Of t^a (1-t)^b gamma(total) / gamma(a) / gamma(b); `logs` are those of t and 1 - t."""

    def h(i: int, j: int) -> Value:
        found = psi(total, i + j - 1)
        if j == 0:
            found = found - psi(a, i - 1)
        if i == 0:
            found = found - psi(b, j - 1)
        return found + logs[j] if i + j == 1 else found

    return h


def beta_density(a: Value, b: Value, x: Value) -> Value:
    """x^(a-1) (1-x)^(b-1) / B(a, b), about its peak where a and b are large."""

    def vectors(a: Value, b: Value, x: Value) -> Value:
        with np.errstate(all="ignore"):
            logs = sp.xlogy(a - 1, x) + sp.xlog1py(b - 1, -x) - sp.betaln(a, b)
            a1, b1 = np.maximum(a, LARGE), np.maximum(b, LARGE)
            n = a1 + b1
            fall = a1 * shortfall(x * n, a1) + b1 * shortfall((1 - x) * n, b1)
            rest = stirling(n) - stirling(a1) - stirling(b1) - fall
            far = np.sqrt(a1 * b1 / (2 * math.pi * n)) * np.exp(rest) / (x * (1 - x))
            inside = (x > 0) & (x < 1) & (a >= LARGE) & (b >= LARGE)
            return np.where(inside, far, np.exp(logs))

    return in_chunks(vectors, a, b, x)


def betainc(a: Value, b: Value, x: Value, m: int, n: int) -> Value:
    """I_x(a, b), differentiated m times by a and n times by b."""
    if m == n == 0:
        return real("betainc")(a, b, x)
    return in_chunks(lambda a, b, x: beta_slopes(a, b, x, m, n), a, b, x)


def beta_slopes(a: Value, b: Value, x: Value, m: int, n: int) -> Value:
    with np.errstate(all="ignore"):
        valid = (a > 0) & (b > 0) & (x >= 0) & (x <= 1)
        logs = np.log(x), np.log1p(-x)

        def step(more_a: Value, more_b: Value) -> Value:
            """x^a (1-x)^b gamma(a + b) / gamma(more_a) / gamma(more_b), differentiated."""
            size = a * logs[0] + b * logs[1] + sp.gammaln(a + b)
            size = np.exp(size - sp.gammaln(more_a) - sp.gammaln(more_b))
            return size * moment(beta_cumulants(logs, more_a, more_b, a + b), m, n)

        def is_below() -> Value:
            """Does x lie below the root of the first polynomial?"""
            if m:
                return logs[0] < sp.digamma(a) - sp.digamma(a + b)
            return logs[1] > sp.digamma(b) - sp.digamma(a + b)

        # I(a, b) is I(a + 1, b) and a step more, I(a, b + 1) and a step less: where the side to
        # integrate over would have a slow tail.
        slow = (a < 1) & (is_below() | (x < 0.1))
        found = np.where(slow, step(a + 1, b), 0)
        a = a + slow
        slow = (b < 1) & (~is_below() | (x > 0.9))
        found = found - np.where(slow, step(a, b + 1), 0)
        b = b + slow
        left = beta_area(a, b, x, 1 - x, logs, (m, n))
        right = beta_area(b, a, 1 - x, x, logs[::-1], (n, m))
        scale = beta_density(a, b, x) * x * (1 - x)
        found = found + np.where(is_below(), left, -right) * scale
        return np.where(valid, np.where((x == 0) | (x == 1), 0, found), np.nan)


def beta_area(
    a: Value, b: Value, x: Value, y: Value, logs: tuple[Value, Value], order: tuple[int, int]
) -> Value:
    """The integral below x over its density there, in s with t / (1-t) = x / y exp(-s)."""
    s = (NEGLIGIBLE - (a + b) * logs[1]) / a
    for _ in range(8):  # Newton, from beyond: the exponent is concave
        up, down = np.expm1(s), np.expm1(-s)
        fall = a * np.log1p(y * up) + b * np.log1p(x * down)
        slope = a * y * (up + 1) / (1 + y * up) - b * x * (down + 1) / (1 + x * down)
        s = s - (fall - NEGLIGIBLE) / slope
    nodes, weights = gauss()
    reach = s[:, None] * nodes
    a, b, x, y = a[:, None], b[:, None], x[:, None], y[:, None]
    more, less = np.log1p(y * np.expm1(reach)), np.log1p(x * np.expm1(-reach))
    at = logs[0][:, None] - more, logs[1][:, None] - less
    values = np.exp(-a * more - b * less) * moment(beta_cumulants(at, a, b, a + b), *order)
    return (values @ weights) * s


def betainc_arguments(a: Value, b: Value, x: Value) -> Bound:
    return (a, b, x), (0, 0)


def beta_slope(g: Value, a: Value, b: Value, x: Value, m: int, n: int) -> Value:
    logs = np.log(x), np.log1p(-x)
    return g * (BETA_DENSITY(a, b, x) * moment(beta_cumulants(logs, a, b, a + b), m, n))


def beta_twin(S: Any, a: Any, b: Any, x: Any, m: int, n: int) -> Any:
    y = S.betainc_regularized(a, b, 0, x)
    return S.Derivative(y, (a, m), (b, n)) if m or n else y


def density_slope(g: Value, y: Value, log: Value, a: Value, total: Value) -> Value:
    return g * (y * (log - DIGAMMA(a) + DIGAMMA(total)))


BETA_DENSITY: Op = row(
    "beta_density",
    beta_density,
    lambda g, a, b, x, y: density_slope(g, y, np.log(x), a, a + b),
    lambda g, a, b, x, y: density_slope(g, y, np.log1p(-x), b, a + b),
    lambda g, a, b, x, y: g * (y * ((a - 1) / x - (b - 1) / (1 - x))),
    saves="abcy",
    domain=PROBABILITY,
    twin=lambda S, a, b, x: (
        x ** (a - 1) * (1 - x) ** (b - 1) * S.gamma(a + b) / S.gamma(a) / S.gamma(b)
    ),
    cost=900.0,
    public=False,
)
BETAINC: Op = row(
    "betainc",
    betainc,
    lambda g, a, b, x, _y, m, n: g * BETAINC(a, b, x, m + 1, n),
    lambda g, a, b, x, _y, m, n: g * BETAINC(a, b, x, m, n + 1),
    lambda g, a, b, x, _y, m, n: beta_slope(g, a, b, x, m, n),
    saves="abc",
    domain=PROBABILITY,
    twin=beta_twin,
    work=lambda a, b, x, m, n: broadcast_size((a, b, x)) * (12000.0 if m or n else VALUE),
    bind=betainc_arguments,
)
