"""What a person may ask about a name: how it is called, and what it is in one line."""

from __future__ import annotations

import inspect
from functools import cache
from typing import Any

from gradcli.engine.functions import FUNCTIONS
from gradcli.engine.functions.registry import ROW_OF
from gradcli.engine.ops.table import BINARY, UNARY, Op
from gradcli.lang import machine
from gradcli.lang.text import brief_value
from gradcli.lang.types import TYPES
from gradcli.lang.values import Builtin, Derivative, Function, Method, Module

STARS: dict[Any, str] = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}
# The operands of rows whose rules alone say how many there are.
OPERANDS = {UNARY: ("x",), BINARY: ("x", "y")}


def signature(value: Any) -> str | None:
    """`sum(x, axis=None, keepdims=False)`; None for what cannot be called."""
    kind = type(value)
    if kind is Function:
        return function_signature(value)
    if kind is Derivative:
        return f"{value.name}(x)"
    if kind is Method:
        return method_signature(type(value.owner), value.name)
    return builtin_signature(value) if kind is Builtin else None


def function_signature(function: Function) -> str:
    """`f(x, n=2, *rest)`: of a function of the program, with the values of its defaults."""
    head, _, rest = machine.signature(function).partition("(")
    shown = [
        f"{name}={brief_value(function.defaults[name], 20)}" if name in function.defaults else name
        for name in rest.removesuffix(")").split(", ")
    ]
    return f"{head}({', '.join(shown)})"


@cache
def builtin_signature(function: Builtin) -> str:
    return f"{function.name}({', '.join(parameters(function.name, function.call))})"


def method_signature(owner: type, name: str) -> str | None:
    """How a method of a type is called; None for an attribute."""
    call = TYPES[owner].methods.get(name)
    return None if call is None else bound_signature(name, call)


@cache
def bound_signature(name: str, call: Any) -> str:
    """A signature without the owner, which stands before the dot."""
    first, *rest = parameters(name, call) or [""]
    return f"{name}({', '.join([first, *rest] if first.startswith('*') else rest)})"


def parameters(name: str, call: Any) -> list[str]:
    """Names, with defaults where there are any."""
    row = ROW_OF.get(name) or ROW_OF.get(name.removesuffix("_"))
    if row is not None:
        return row_parameters(row)
    try:
        found = inspect.signature(FUNCTIONS.get(name, call))
    except ValueError:  # a function of C that does not tell
        return ["..."]
    starred, shown = False, []
    for parameter in found.parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and not starred:
            shown.append("*")
        starred = starred or parameter.kind in (parameter.KEYWORD_ONLY, parameter.VAR_POSITIONAL)
        default = "" if parameter.default is parameter.empty else f"={parameter.default!r}"
        star = STARS.get(parameter.kind, "")
        shown.append(f"{star}{parameter.name}{default}")
    return shown


def row_parameters(row: Op) -> list[str]:
    if row.bind is not None:
        return parameters("", row.bind)
    if row.form in OPERANDS:
        return list(OPERANDS[row.form])
    rule = next((rule for rule in row.rules if rule is not None), None)
    if rule is None:
        return ["x", "y", "z"][: len(row.rules)]
    return [name.lstrip("_") for name in parameters("", rule)[1 : 1 + len(row.rules)]]


def summary(name: str) -> str | None:
    """A function, method or attribute in one line."""
    said = lines().get(name)
    if said is None and name.endswith("_") and name[:-1] in lines():
        return f"in place: {lines()[name[:-1]]}"
    return said


@cache
def lines() -> dict[str, str]:
    """The lines of summaries.txt, by all names that they are for."""
    from importlib.resources import files  # noqa: PLC0415  # only who asks needs it

    text = files("gradcli.lang").joinpath("summaries.txt").read_text(encoding="utf-8")
    found: dict[str, str] = {}
    for line in text.splitlines():
        names, _, said = line.partition(": ")
        found |= dict.fromkeys(names.split(), said) if said and not line.startswith("#") else {}
    return found


def about(name: str, value: Any) -> list[str]:
    """All that is known of a name, a line each."""
    shown = [signature(value) or name]
    said = summary(name.rpartition(".")[2])
    if said:
        shown.append(said)
    if type(value) is Module:
        shown.append("names: " + ", ".join(value.names))
    row = ROW_OF.get(name) if type(value) in (Builtin, Method) else None
    if row is not None:
        others = [other for other in (row.name, *row.aliases) if other != name]
        shown += [f"also called {', '.join(others)}"] if others else []
        shown += [f"as an operator: x {row.infix} y"] if row.infix else []
        shown += [f"kink: {row.kink.convention}"] if row.kink is not None else []
    return shown
