"""`math`: Python's functions of plain numbers."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gradcli.engine.tensor import Tensor
from gradcli.errors import DomainError, WrongType, WrongValue, described
from gradcli.lang.numbers import NUMBERS, integer
from gradcli.lang.values import Builtin

if TYPE_CHECKING:
    from gradcli.lang.session import Session

CONSTANTS = {name: getattr(math, name) for name in ("pi", "e", "tau", "inf", "nan")}
OF_FLOATS = (
    *("acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "copysign", "cos"),
    *("cosh", "degrees", "dist", "erf", "erfc", "exp", "exp2", "expm1", "fabs", "fmod", "gamma"),
    *("hypot", "isclose", "isfinite", "isinf", "isnan", "lgamma", "log", "log10", "log1p"),
    *("log2", "pow", "radians", "remainder", "sin", "sinh", "sqrt", "tan", "tanh"),
)
TO_INTEGERS = ("ceil", "floor", "trunc")
OF_INTEGERS = ("gcd", "isqrt", "lcm")


def names(_session: Session) -> dict[str, Any]:
    found: dict[str, Any] = dict(CONSTANTS)
    for name in (*OF_FLOATS, *TO_INTEGERS, *OF_INTEGERS):
        check = whole if name in OF_INTEGERS else real
        found[name] = Builtin(f"math.{name}", of_numbers(name, getattr(math, name), check))
    found["factorial"] = Builtin("math.factorial", factorial)
    return found


def of_numbers(
    name: str, function: Callable[..., Any], check: Callable[[str, Any], Any]
) -> Callable[..., Any]:
    def call(*arguments: Any, **named: Any) -> Any:
        numbers = [check(name, x) for x in arguments]
        options = {key: real(name, x) for key, x in named.items()}
        try:
            result = function(*numbers, **options)
        except ValueError:
            raise WrongValue(f"math.{name} has no real value here") from None
        except OverflowError:
            raise DomainError(f"the result of math.{name} is too large") from None
        except TypeError:
            raise WrongType(f"math.{name} takes other arguments") from None
        return integer(result) if type(result) is int else result

    return call


def real(name: str, value: Any) -> Any:
    """A number; a tensor of one element that no gradient flows through is one too."""
    if type(value) is Tensor and value.size == 1:
        if value.requires_grad:
            raise WrongType(
                f"math.{name} is for plain numbers: a gradient would end here",
                hint=f"{name}(x) differentiates; x.item() takes the number",
            )
        value = value.item()
    if type(value) not in NUMBERS or type(value) is complex:
        raise WrongType(f"math.{name} takes numbers, not {described(value)}")
    return value


def whole(name: str, value: Any) -> int:
    if type(value) is not int:
        raise WrongType(f"math.{name} takes integers, not {described(value)}")
    return value


def factorial(n: Any) -> int | float:
    """n!, in floats past 20!."""
    if whole("factorial", n) < 0:
        raise WrongValue("math.factorial of a negative number")
    if n > 170:
        raise DomainError("the result of math.factorial is too large")
    return integer(math.factorial(n))
