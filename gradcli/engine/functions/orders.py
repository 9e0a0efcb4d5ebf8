"""Functions that are called with an order before their argument: polygamma, zeta, Bessel's."""

from __future__ import annotations

from typing import Any

from gradcli.engine.apply import ROWS, record
from gradcli.engine.arguments import bound
from gradcli.engine.functions.registry import named
from gradcli.engine.ops import TABLE
from gradcli.engine.ops.special import NEEDS
from gradcli.engine.tensor import Tensor


def of_order(row: str, n: Any, x: Any) -> Tensor:
    """`row(n, x)`; and `x.row(n)`, the method, which begins with its tensor."""
    if type(n) is Tensor and type(x) is not Tensor:
        n, x = x, n
    return record(TABLE[row], *bound(TABLE[row], (x, n), {}))


@named("polygamma", needs=NEEDS)
def polygamma(n: Any, x: Any) -> Tensor:
    """The n-th derivative of digamma at x."""
    return of_order("polygamma", n, x)


@named("jv", "jn", needs=NEEDS)
def jv(n: Any, x: Any) -> Tensor:
    """Bessel's function J of an integer order."""
    return of_order("jv", n, x)


@named("yv", "yn", needs=NEEDS)
def yv(n: Any, x: Any) -> Tensor:
    """Bessel's function Y of an integer order."""
    return of_order("yv", n, x)


@named("iv", needs=NEEDS)
def iv(n: Any, x: Any) -> Tensor:
    """The modified Bessel function I of an integer order."""
    return of_order("iv", n, x)


@named("kv", "kn", needs=NEEDS)
def kv(n: Any, x: Any) -> Tensor:
    """The modified Bessel function K of an integer order."""
    return of_order("kv", n, x)


@named("zeta", needs=NEEDS)
def zeta(s: Any, q: Any = 1.0) -> Tensor:
    """Hurwitz's zeta function, the sum of (q + k)^-s; Riemann's where q is 1."""
    return ROWS["zeta"](s, q)
