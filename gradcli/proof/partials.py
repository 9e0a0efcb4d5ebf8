"""The partial derivatives of an elementwise row as formulas, from its twin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy

from gradcli.engine.ops.table import Op
from gradcli.proof.calculation import is_elementwise
from gradcli.proof.twins import expression

# What twins say to symbols that stand for static parameters, which are numbers or choices.
NO_FORMULA = (TypeError, ValueError, AttributeError, NotImplementedError)


def partials(op: Op, names: Sequence[str]) -> list[str | None]:
    """For each operand the derivative by it, in the operands' and parameters' names.

    names  of the operands, then of the static parameters
    """
    count = len(op.rules)
    if op.twin is None or not is_elementwise(op):
        return [None] * count
    symbols = [sympy.Symbol(name, real=True) for name in names]
    try:
        value = sympy.sympify(expression(op, symbols[:count], symbols[count:]), strict=True)
        found = [
            None if rule is None else value.diff(symbol)
            for rule, symbol in zip(op.rules, symbols, strict=False)
        ]
    except (*NO_FORMULA, sympy.core.function.ArgumentIndexError):
        return [None] * count
    return [None if d is None or d.has(sympy.Derivative) else text(d) for d in found]


def partial(op: Op, names: Sequence[str], static: Sequence[Any], k: int) -> str | None:
    """The derivative by operand k, with the static parameters' values in it."""
    if op.twin is None or not is_elementwise(op):
        return None
    symbols = [sympy.Symbol(name, real=True) for name in names]
    try:
        value = sympy.sympify(expression(op, symbols, static), strict=True)
        found = value.diff(symbols[k])
    except (*NO_FORMULA, sympy.core.function.ArgumentIndexError):
        return None
    return None if found.has(sympy.Derivative) else text(found)


def text(formula: object) -> str:
    return str(formula).replace("**", "^")
