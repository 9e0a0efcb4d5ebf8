"""Errors as programs see them: by the names of Python's exceptions."""

from __future__ import annotations

from typing import Any

from gradcli.errors import GradcliError, Raised
from gradcli.lang import text
from gradcli.lang.values import ErrorType, ErrorValue

# Each kind of error and the more general one that catches it too.
PARENTS = {
    "Exception": "",
    "ArithmeticError": "Exception",
    "AssertionError": "Exception",
    "AttributeError": "Exception",
    "ImportError": "Exception",
    "IndexError": "LookupError",
    "KeyError": "LookupError",
    "LookupError": "Exception",
    "ModuleNotFoundError": "ImportError",
    "NameError": "Exception",
    "NotImplementedError": "RuntimeError",
    "OverflowError": "ArithmeticError",
    "RuntimeError": "Exception",
    "StopIteration": "Exception",
    "TypeError": "Exception",
    "ValueError": "Exception",
    "ZeroDivisionError": "ArithmeticError",
}
ERROR_TYPES: dict[str, Any] = {name: ErrorType(name) for name in PARENTS}


def kinds_of(error: GradcliError) -> list[str]:
    """The kinds by which an error can be caught, the closest first."""
    if type(error) is not Raised:
        return [base.__name__ for base in type(error).__mro__ if base.__name__ in PARENTS]
    found, name = [], error.name
    while name:
        found.append(name)
        name = PARENTS[name]
    return found


def kind_of(error: GradcliError) -> str:
    return kinds_of(error)[0]


def raised(value: ErrorValue) -> Raised:
    """The error that `raise value` raises."""
    return Raised(value.name, text.said(value), value.arguments)
