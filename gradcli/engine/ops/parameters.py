"""Parameters that take no gradient, checked: numbers, truths and choices."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np

from gradcli.errors import WrongType, WrongValue, described


def real(value: Any, what: str) -> float:
    """A parameter as a Python float, which takes the dtype of what it meets."""
    scalar = hasattr(value, "item") and value.shape == ()
    if scalar and not getattr(value, "requires_grad", False):
        value = value.item()
    if type(value) is int or type(value) is float:
        try:
            return float(value)
        except OverflowError:
            raise WrongValue(f"{what} is too large for a number of 64 bits") from None
    raise WrongType(f"{what} is a number that takes no gradient, not {described(value)}")


def positive(value: Any, what: str) -> float:
    number = real(value, what)
    if not number > 0:
        raise WrongValue(f"{what} must be positive")
    return number


def truth(value: Any, what: str) -> bool:
    if not isinstance(value, bool | np.bool_):
        raise WrongType(f"{what} is True or False, not {described(value)}")
    return bool(value)


def choice(value: Any, what: str, known: Collection[str]) -> str:
    if isinstance(value, str) and value in known:
        return value
    raise WrongValue(f"{what} is one of {', '.join(map(repr, known))}")
