"""Bessel functions of integer order: J, Y, I and K, and I and K without their exponential growth.

J'_n = (J_{n-1} - J_{n+1}) / 2, and so for the rest with other signs (DLMF 10.6.1 and 10.29.1); at 0
this has no quotient to take a limit of.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gradcli.engine.ops.axes import integer
from gradcli.engine.ops.special import real, row
from gradcli.engine.ops.table import NONZERO, POSITIVE, REAL, Bound, Interval, Value


def order_arguments(x: Value, n: Any) -> Bound:
    return (x,), (integer(n, "the order of a Bessel function"),)


def of_order(function: str) -> Callable[..., Value]:
    forward = real(function)
    return lambda x, n: forward(np.asarray(n, x.dtype if x.dtype.kind == "f" else float), x)


# Short of the first root of Y_1'.
SMOOTH = Interval(0.1, 3.4)
# PyTorch's names of nodes, where it has any.
NODES = {"i0": "I0Backward0", **{f"i{n}e": f"SpecialI{n}EBackward0" for n in (0, 1)}}
NODES["i1"] = "SpecialI1Backward0"


def kind(
    letter: str,
    domain: Interval,
    sides: tuple[float, float],
    cost: float,
    own: Callable[[Value], Value] | None = None,
) -> None:
    """The rows of one letter: orders 0 and 1, which have functions of their own, and any order.

    The slope of order n is sides[0] times order n - 1, plus sides[1] times order n + 1, plus, of
    functions that are scaled, `own(x)` times itself.
    """
    bare, scaled = letter[0], "e" if own else ""
    below, above = sides
    mirror = -1.0 if bare in "jy" else 1.0  # order -1 is so many times order 1

    def at(x: Value, n: int) -> Value:
        if n == -1:
            return at(x, 1) * mirror
        return ZERO(x) if n == 0 else ONE(x) if n == 1 else ANY(x, n)

    def slope(g: Value, x: Value, y: Value, n: int) -> Value:
        move = at(x, n - 1) * below + at(x, n + 1) * above
        return g * (move + y * own(x) if own else move)

    def twin(S: Any, x: Any, n: Any) -> Any:
        y = getattr(S, f"bessel{bare}")(n, x)
        return y * S.exp(x if bare == "k" else -S.Abs(x)) if own else y

    common: dict[str, Any] = {
        "saves": "xy" if own else "x",
        "domain": domain,
    }
    if letter == "ie":
        common["kink"] = lambda x, *_: x == 0, "its slope at 0 is taken as that of the growth alone"
    ANY = row(
        f"{bare}v{scaled}",
        of_order(f"{bare}v{scaled}"),
        slope,
        twin=twin,
        cost=3000.0 if bare == "y" else 900.0,
        bind=order_arguments,
        public=False,
        **common,
    )
    ZERO, ONE = (
        row(
            f"{bare}{n}{scaled}",
            real(f"{bare}{n}{scaled}"),
            lambda g, x, y, n=n: slope(g, x, y, n),
            twin=lambda S, x, n=n: twin(S, x, n),
            cost=cost + n * ANY.cost / 6,  # the slope of order 1 has one of order 2
            node=NODES.get(f"{bare}{n}{scaled}"),
            **common,
        )
        for n in (0, 1)
    )


kind("j", REAL, (0.5, -0.5), 40.0)
kind("y", SMOOTH, (0.5, -0.5), 60.0)
kind("i", REAL, (0.5, 0.5), 80.0)
kind("k", POSITIVE, (-0.5, -0.5), 100.0)
kind("ie", NONZERO, (0.5, 0.5), 80.0, lambda x: -np.sign(x))
kind("ke", POSITIVE, (-0.5, -0.5), 100.0, lambda _x: 1.0)
