"""A small scalar calculation as one sympy expression, differentiated whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy

from gradcli.proof.calculation import Calculation
from gradcli.proof.formula import Context, Formula, Notes, Number, Unsupported
from gradcli.proof.twins import expression, is_elementwise, require_twin

OPERATIONS = 50


def is_small(calculation: Calculation) -> bool:
    """Is sympy likely to differentiate it in well under a second?"""
    steps = [step for step in calculation.steps if step.op is not None]
    inputs = {k for k, step in enumerate(calculation.steps) if step.op is None}
    return (
        len(steps) <= OPERATIONS
        and calculation.real
        and all(step.op is not None and is_elementwise(step.op) for step in steps)
        and all(step.shape == () for step in calculation.steps)
        and all(target.step in inputs for target in calculation.targets)
    )


@dataclass(frozen=True, slots=True)
class Whole:
    """The value, and the derivative by each variable; nan and a note where there is none."""

    value: Number
    slopes: list[Number]
    notes: Notes


def differentiate(calculation: Calculation, ctx: Context) -> Whole:
    """Raises Unsupported where sympy leaves a derivative unevaluated."""
    symbols: dict[int, Any] = {}
    inputs: list[Number] = []
    built: list[Any] = []
    for k, step in enumerate(calculation.steps):
        if step.op is None:
            built.append(leaf(k, step.value, calculation, symbols, inputs, ctx))
            continue
        require_twin(step.op)
        operands = [built[i] for i in step.operands]
        built.append(sympy.sympify(expression(step.op, operands, step.static), strict=True))
    names = list(symbols.values())
    notes: Notes = []
    value = Formula(built[-1], names)(ctx, inputs, notes)
    slopes = []
    for target in calculation.targets:
        try:
            slope = built[-1].diff(symbols[target.step])
        except sympy.core.function.ArgumentIndexError:
            raise Unsupported("a derivative that sympy does not know") from None
        slopes.append(Formula(slope, names, derived=True)(ctx, inputs, notes))
    return Whole(value, slopes, notes)


def leaf(
    k: int,
    value: Any,
    calculation: Calculation,
    symbols: dict[int, Any],
    inputs: list[Number],
    ctx: Context,
) -> Any:
    """A symbol v0, v1, … for every number; small whole numbers and truths stand for themselves."""
    if value.dtype.kind == "b":
        return sympy.true if value else sympy.false
    number = value.item()
    variable = any(target.step == k for target in calculation.targets)
    if not variable and np.isfinite(number) and number == int(number) and 0 < abs(number) < 1000:
        return sympy.Integer(int(number))
    symbols[k] = sympy.Symbol(f"v{len(symbols)}", real=True)
    inputs.append(ctx.mpf(number))
    return symbols[k]
