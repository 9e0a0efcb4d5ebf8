"""What a call does before a body runs: arguments are bound to parameters, or refused."""

from __future__ import annotations

from inspect import CO_VARARGS, CO_VARKEYWORDS
from typing import Any

from gradcli.errors import WrongType, misfit
from gradcli.lang.values import Derivative, Function, Method, NativeSteps

# How Python says that arguments do not fit a signature, and the functions with `*rest, **options`.
UNBOUND = ("got ", "missing ", "takes ")
FORWARDS = CO_VARARGS | CO_VARKEYWORDS


def native(function: Any, arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """Call Python; arguments that its signature does not take are the program's error."""
    try:
        return function.call(*arguments, **named)
    except TypeError as error:
        reason = str(error).partition("() ")[2]
        if not reason.startswith(UNBOUND) or not forwarded(error):
            raise
        raise misfit(function.name, reason, type(function) is Method) from None


def forwarded(error: TypeError) -> bool:
    """Only functions that pass on what they were given lie between the call and the error."""
    trace: Any = error.__traceback__
    while (trace := trace.tb_next) is not None:
        if not trace.tb_frame.f_code.co_flags & FORWARDS:
            return False
    return True


def derivative(
    function: Derivative, arguments: tuple[Any, ...], named: dict[str, Any]
) -> NativeSteps:
    """A call of f'."""
    from gradcli.lang import orders  # noqa: PLC0415  # most programs do without

    if len(arguments) != 1 or named:
        raise WrongType(
            f"{function.name} is for functions of one argument",
            hint=f"grad({function.function.name}, k) differentiates by argument k",
        )
    return orders.derivative(function, arguments[0])


def bound(function: Function, arguments: tuple[Any, ...], named: dict[str, Any]) -> dict[str, Any]:
    """Parameter names with their arguments or defaults."""
    parameters, name = function.code.parameters, function.name
    positional = parameters.names
    if not named and len(arguments) == len(positional) and parameters.plain:
        return dict(zip(positional, arguments, strict=True))
    if len(arguments) > len(positional) and not parameters.rest:
        raise WrongType(f"{signature(function)} takes {len(positional)}, not {len(arguments)}")
    names = dict(zip(positional, arguments, strict=False))
    if parameters.rest:
        names[parameters.rest] = arguments[len(positional) :]
    options: dict[str, Any] = {}
    for key, value in named.items():
        if key not in positional and key not in parameters.only:
            if not parameters.options:
                raise WrongType(f"{name} has no parameter '{key}'")
            options[key] = value
        elif key in names:
            raise WrongType(f"{name}: '{key}' is given twice")
        else:
            names[key] = value
    if parameters.options:
        names[parameters.options] = options
    defaults = function.defaults
    missing = [key for key in parameters.all if key not in names and key not in defaults]
    if missing:
        raise WrongType(f"{signature(function)} is missing {', '.join(missing)}")
    return {**defaults, **names}


def signature(function: Function) -> str:
    return f"{function.name}({function.code.parameters})"
