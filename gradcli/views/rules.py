"""Operations and their rules as texts, in the names and the numbers of an evaluation."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gradcli.engine import display
from gradcli.engine.functions import FUNCTIONS
from gradcli.engine.ops.table import Op
from gradcli.engine.tape import Entry
from gradcli.errors import GradcliError
from gradcli.lang.manual import operand_names
from gradcli.views.graph import sign
from gradcli.views.operations import source_of, static_names

NAME = re.compile(r"(?<![\w.])([A-Za-z_]\w*)")
CALLED = re.compile(r"([A-Za-z_]\w*)\(")
RESULT = "y"
# Rows that are written with an operator, and those that leave their operand as it is.
PRODUCTS = ("mv", "vm", "mm", "dot")
SAME = ("positive", "clone", "contiguous")
# Rules in the language, of rows whose own are written for cotangents with further axes.
MATRICES: Mapping[str, tuple[str, ...]] = {
    "mv": ("outer(g, b)", "a' @ g"),
    "vm": ("b @ g", "outer(a, g)"),
    "mm": ("g @ b'", "a' @ g"),
    "dot": ("g * b", "g * a"),
    "outer": ("g @ b", "g' @ a"),
    "det": ("g * y * inv(x)'",),
    "inv": ("-y' @ g @ y'",),
    "t": ("g'",),
    "trace": ("g * eye(len(x))",),
}
# The same of vectors, along their one axis.
VECTORS: Mapping[str, str] = {
    "log_softmax": "g - exp(y) * sum(g)",
    "softmax": "y * (g - g @ y)",
}
# What a tangent g of the operand does to the result.
TANGENTS: Mapping[str, str] = {
    "det": "y * trace(inv(x) @ g)",
    "inv": "-y @ g @ y",
}
# Ties have half of each.
TIES: Mapping[str, tuple[str, str]] = {
    "maximum": ("g * heaviside(a - b, 0.5)", "g * heaviside(b - a, 0.5)"),
    "minimum": ("g * heaviside(b - a, 0.5)", "g * heaviside(a - b, 0.5)"),
}
# Of whole tensors; `n` is the number of elements.
WHOLE: Mapping[str, str] = {
    "logsumexp": "g * softmax(x)",
    "mean": "g * ones_like(x) / n",
    "norm2": "g * x / y",
    "sum": "g * ones_like(x)",
}


def written(entry: Entry, operands: Sequence[str], values: Sequence[Any]) -> str:
    """`a * b`, `x^3`, `sin(x)`, `A @ x`, `sum(x, -1)`: with what stands for these values."""
    op = entry.op
    assert op is not None
    if op.name == "pow_scalar":
        return f"{bracketed(operands[0])}^{display.number(entry.static[0]).removesuffix('.0')}"
    title = sign(op)
    if op.name == "rsub":
        return f"{operands[0]} - {bracketed(operands[1])}"
    if op.infix and len(operands) == 2:
        return f"{operands[0]} {title} {bracketed(operands[1])}"
    if op.name in PRODUCTS:
        return f"{operands[0]} @ {operands[1]}"
    if op.name in SAME:
        return operands[0]
    if op.name == "t":
        return f"{operands[0]}'"
    if op.name == "stack" and entry.static == (-1,):
        return f"[{', '.join(operands)}]"
    if title == "neg":
        return f"-{bracketed(operands[0])}"
    if op.name == "getitem":
        return f"{operands[0]}[{entry.static[0]}]"
    given = () if is_usual(entry, values) else entry.static
    static = [str(value) for value in given if value not in (None, False)]
    part = "" if entry.part is None else f"[{entry.part}]"
    return f"{title}({', '.join([*operands, *static])}){part}"


def is_usual(entry: Entry, values: Sequence[Any]) -> bool:
    """Are its parameters those of a call that gives none?"""
    op = entry.op
    assert op is not None
    if op.bind is None or op.variadic or not entry.static:
        return not entry.static
    try:
        return bool(op.bind(*map(np.asarray, values))[1] == entry.static)
    except (GradcliError, TypeError, ValueError):  # one of them must be given
        return False


def bracketed(text: str) -> str:
    return f"({text})" if text.startswith("-") else text


def rule_text(entry: Entry, k: int, values: Sequence[Any]) -> str:
    """What a cotangent g of a result does to operand k, in the names of the row's operands, which
    are these values; "" if that is more than a line, or in terms of no function of the language."""
    op, x = entry.op, values[k]
    assert op is not None
    if op.name in TIES:
        return put_in(TIES[op.name][k], ["a", "b"], operand_names(op))
    if op.name in VECTORS and entry.static == (-1,) and np.ndim(x) == 1:
        return put_in(VECTORS[op.name], ["x"], operand_names(op))
    if op.name == "slogdet":
        return put_in("g * inv(x)'", ["x"], operand_names(op)) if entry.part == 1 else ""
    if op.name in MATRICES and is_usual(entry, values):
        letters = operand_names(op)
        return put_in(MATRICES[op.name][k], ["a", "b"] if letters[1:] else ["x"], letters)
    if op.name in WHOLE and entry.static[:2] == (None, False):
        return put_in(WHOLE[op.name], ["x", "n"], [*operand_names(op), str(np.size(x))])
    if op.variadic or op.joint:
        return ""
    function = op.rules[k]
    text = source_of(function) if getattr(function, "__name__", "") == "<lambda>" else ""
    if op.elementwise and not text:
        from gradcli.proof.partials import partial  # noqa: PLC0415  # it imports sympy

        slope = partial(op, operand_names(op), entry.static, k)
        text = "" if slope is None else "g" if slope == "1" else f"g * ({slope})"
    text = named(text.replace("np.", ""), function)
    known = all(name in FUNCTIONS for name in CALLED.findall(text))
    return text if known and ":" not in text else ""


def named(text: str, function: Any) -> str:
    """With the names of rows that a rule calls by names of its module."""
    places = getattr(function, "__globals__", {})
    rows = {name: places[name].name for name in NAME.findall(text) if type(places.get(name)) is Op}
    return put_in(text, list(rows), [function_of(row) for row in rows.values()])


def function_of(row: str) -> str:
    """A function of the language that is such a row, of real numbers."""
    return {"sgn": "sign"}.get(row, row)


def rule(
    entry: Entry, k: int, given: Sequence[str], values: Sequence[Any], numbers: Sequence[str]
) -> tuple[str, str]:
    """A rule with names put in, and with numbers if all are numbers.

    given    the names of the cotangent, the operands and the result
    values   what they are
    numbers  the same as texts
    """
    op = entry.op
    assert op is not None
    text = rule_text(entry, k, values[1:-1])
    if not text:
        return f"{sign(op)}'s rule on {given[0]}", ""
    parameters = ["g", *operand_names(op), RESULT, *static_names(op)]
    static = [str(value) for value in entry.static]
    formula = put_in(text, parameters, [*given, *static])
    if any(np.ndim(value) for value in values):
        return formula, ""
    return formula, put_in(text, parameters, [*numbers, *static])


def tangent(entry: Entry, moves: Sequence[str], given: Sequence[str], values: Sequence[Any]) -> str:
    """How the tangent of a result comes of those of its operands; "" is one that stands still.

    given, values  as of a rule
    """
    op = entry.op
    assert op is not None
    names = given[1:-1]
    if op.name == "rsub" and not all(moves):
        return moves[0] or f"-{bracketed(moves[1])}"
    if op.linear and (all(moves) or op.infix not in ("+", "-")):
        return written(entry, [move or "0" for move in moves], values[1:-1])
    if op.name in TANGENTS:
        text = put_in(TANGENTS[op.name], ["x"], operand_names(op))
        return put_in(text, ["g", *operand_names(op), RESULT], [moves[0], *given[1:]])
    parts = []
    for k, move in enumerate(moves):
        if not move:
            continue
        if op.multilinear and not op.linear:
            mixed = [move if n == k else x for n, x in enumerate(names)]
            parts.append(written(entry, mixed, values[1:-1]))
            continue
        text = rule_text(entry, k, values[1:-1])
        if not text or not op.elementwise:
            return f"{sign(op)}'s rule on {', '.join(filter(None, moves))}"
        parameters = ["g", *operand_names(op), RESULT, *static_names(op)]
        parts.append(put_in(text, parameters, [move, *given[1:], *map(str, entry.static)]))
    return " + ".join([*parts[:1], *map(bracketed, parts[1:])])


def put_in(text: str, parameters: Sequence[str], texts: Sequence[str]) -> str:
    """A text with other names, or numbers, for its parameters."""
    table = dict(zip(parameters, texts, strict=False))

    def replacement(match: re.Match[str]) -> str:
        return bracketed(table.get(match[1].lstrip("_"), match[1]))

    found = NAME.sub(replacement, text).replace("**", "^")
    return re.sub(r"\((\(-[\w.]+\))\)", r"\1", found)
