"""Arithmetic of plain numbers: integers of 64 bits that become floats past that, IEEE floats.

Nothing raises: a division by zero is inf or nan, a root of a negative number is nan, as they are
for tensors. numpy's scalars do the floats, so that its error state sees what happens.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from gradcli.errors import WrongType

Number = int | float | complex

SMALLEST, LARGEST = -(2**63), 2**63 - 1
NUMBERS = frozenset({int, float, complex, bool})


def integer(value: int) -> int | float:
    """The integer if 64 bits hold it, else the nearest float."""
    return value if SMALLEST <= value <= LARGEST else float(value)


def plain(value: Any) -> Number:
    """A numpy scalar as the number it is."""
    number: Number = value.item()
    return number


def real(value: Any) -> Any:
    """A number as a numpy scalar."""
    return np.complex128(value) if type(value) is complex else np.float64(value)


def power(a: Any, b: Any) -> Number:
    """a^b, exact in integers while 64 bits suffice; never a big integer on the way."""
    integers = isinstance(a, int) and isinstance(b, int) and b >= 0
    if integers and (abs(a) < 2 or b * (abs(a).bit_length() - 1) < 64):
        return integer(int(a) ** int(b))
    return plain(real(a) ** real(b))


def in_floats(function: Callable[[Any, Any], Any]) -> Callable[[Number, Number], Number]:
    return lambda a, b: plain(function(real(a), real(b)))


def exact(function: Callable[[Any, Any], Any]) -> Callable[[Number, Number], Number]:
    """In integers where both are integers, else in floats."""

    def apply(a: Number, b: Number) -> Number:
        if isinstance(a, int) and isinstance(b, int):
            exactly: int = function(int(a), int(b))
            return exactly if SMALLEST <= exactly <= LARGEST else float(exactly)
        if type(a) is float and type(b) is float:
            result: float = function(a, b)
            if result - result == 0:  # finite: nothing happened that anybody must hear of
                return result
        return plain(function(real(a), real(b)))

    return apply


def divided(function: Callable[[Any, Any], Any]) -> Callable[[Number, Number], Number]:
    """The same, but integers are divided by zero in floats: inf or nan."""
    integers = exact(function)

    def apply(a: Number, b: Number) -> Number:
        if isinstance(a, complex) or isinstance(b, complex):
            raise WrongType("// and % need an order, which complex numbers do not have")
        return integers(a, b) if b else plain(function(real(a), real(b)))

    return apply


BINARY: dict[str, Callable[[Any, Any], Number]] = {
    "+": exact(operator.add),
    "-": exact(operator.sub),
    "*": exact(operator.mul),
    "/": in_floats(operator.truediv),
    "//": divided(operator.floordiv),
    "%": divided(operator.mod),
    "^": power,
}
UNARY: dict[str, Callable[[Any], Number]] = {
    "-": lambda a: integer(-a) if isinstance(a, int) else -a,
    "+": lambda a: +a,
}
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
