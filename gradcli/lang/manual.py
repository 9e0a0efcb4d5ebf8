"""What a person may ask about a name: how it is called, and what it is in one line."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from gradcli.engine.functions import FUNCTIONS, ROW_OF
from gradcli.engine.functions.registry import FUNCTION_HOMES
from gradcli.engine.ops.table import Op
from gradcli.lang.text import brief_value
from gradcli.lang.types import TYPES
from gradcli.lang.values import Builtin, Derivative, Function, Method, Module
from gradcli.lang.vm import calls


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
    head, _, rest = calls.signature(function).partition("(")
    shown = [
        f"{name}={brief_value(function.defaults[name], 20)}" if name in function.defaults else name
        for name in rest.removesuffix(")").split(", ")
    ]
    return called(head, shown)


@cache
def builtin_signature(function: Builtin) -> str:
    return called(function.name.rpartition(".")[2], parameters(function.name, function.call))


def method_signature(owner: type, name: str) -> str | None:
    """How a method of a type is called; None for an attribute."""
    call = TYPES[owner].methods.get(name)
    return None if call is None else bound_signature(name, call)


@cache
def bound_signature(name: str, call: Any) -> str:
    """A signature without the owner, which stands before the dot."""
    first, *rest = parameters(name, call) or [""]
    return called(name, [first, *rest] if first.startswith("*") else rest)


def parameters(name: str, call: Any) -> list[str]:
    """Of a function or a method under its name: parameters, with defaults where there are any."""
    row = ROW_OF.get(name) or ROW_OF.get(name.removesuffix("_"))
    if row is not None:
        return row_parameters(row)
    try:
        return signature_parts(FUNCTIONS.get(name, call))
    except ValueError:  # a function of C that does not tell
        return ["..."]


def row_parameters(op: Op) -> list[str]:
    """Of a row as it is called: by the function of its name, if one is registered."""
    if op.name in FUNCTION_HOMES:
        return signature_parts(FUNCTIONS[op.name])
    return operand_names(op) if op.bind is None else signature_parts(op.bind)


def operand_names(op: Op) -> list[str]:
    """As the row's rules call its operands."""
    if op.variadic:
        return ["*operands"]
    count = len(op.rules)
    rule = next((rule for rule in op.rules if rule is not None), None)
    code = getattr(rule, "__code__", None)
    if code is None or code.co_argcount <= count:
        return ["x"] if count == 1 else list("abcdef"[:count])
    return [name.lstrip("_") for name in code.co_varnames[1 : count + 1]]


def signature_parts(function: Callable[..., Any]) -> list[str]:
    """Names and defaults of a Python function's parameters, without annotations."""
    signature = inspect.signature(function)
    plain = [p.replace(annotation=p.empty) for p in signature.parameters.values()]
    return split(str(signature.replace(parameters=plain, return_annotation=signature.empty))[1:-1])


def called(name: str, parts: list[str]) -> str:
    return f"{name}({', '.join(parts)})"


def split(text: str) -> list[str]:
    """Parameters between commas; a default may hold commas in brackets."""
    parts, depth = [""], 0
    for character in text:
        depth += (character in "([{") - (character in ")]}")
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts]


def summary(name: str) -> str | None:
    """A function, method or attribute in one line."""
    said = lines().get(name)
    if said is None and name.endswith("_") and name[:-1] in lines():
        return f"in place: {lines()[name[:-1]]}"
    return said


@cache
def lines() -> dict[str, str]:
    """The lines of summaries.txt, by all names that they are for."""
    text = Path(__file__).with_name("summaries.txt").read_text(encoding="utf-8")
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
    return shown
