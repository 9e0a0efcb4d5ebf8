"""A small scalar calculation as one sympy expression, differentiated whole.

For a proof its derivatives are evaluated; for a formula they are written down as nested lists:
["Symbol", k] is the k-th target, ["Rational", p, q] a number, and all else a name and its parts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy

from gradcli.proof.calculation import Calculation, from_json
from gradcli.proof.evaluator import Context, Formula, Notes, Number, Unsupported
from gradcli.proof.twins import expression, require_twin, symbolic
from gradcli.proof.wire import Json


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
    built = whole(calculation, lambda k, x: leaf(k, x, calculation, symbols, inputs, ctx))
    names = list(symbols.values())
    notes: Notes = []
    value = Formula(built, names)(ctx, inputs, notes)
    slopes = []
    for target in calculation.targets:
        try:
            slope = built.diff(symbols[target.step])
        except sympy.core.function.ArgumentIndexError:
            raise Unsupported("a derivative that sympy does not know") from None
        slopes.append(Formula(slope, names, derived=True)(ctx, inputs, notes))
    return Whole(value, slopes, notes)


def whole(calculation: Calculation, leaf: Callable[[int, Any], Any]) -> Any:
    """The last value as an expression of the inputs, each of which `leaf` makes one."""
    built: list[Any] = []
    for k, step in enumerate(calculation.steps):
        if step.op is None:
            built.append(leaf(k, step.value))
            continue
        require_twin(step.op)
        operands = [built[i] for i in step.operands]
        built.append(sympy.sympify(expression(step.op, operands, step.static), strict=True))
    return built[-1]


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


# ---- formulas -----------------------------------------------------------------------------------


def derivatives(task: Json) -> Iterator[Any]:
    """The derivative by the first target as sympy finds it, factored, and as one quotient.

    Constants are exact, and all targets symbols.
    """
    calculation = from_json(task)
    targets = [target.step for target in calculation.targets]
    symbols = {k: sympy.Symbol(f"v{n}", real=True) for n, k in enumerate(targets)}
    found = whole(calculation, lambda k, x: symbols.get(k, symbolic(x[()])))
    for _ in range(task["order"]):
        found = found.diff(symbols[targets[0]])
    names = {symbol: n for n, symbol in enumerate(symbols.values())}
    yield written(found, names)
    yield written(sympy.factor_terms(found), names)
    yield written(sympy.together(found), names)


def written(found: Any, names: dict[Any, int]) -> Any:
    if found in names:
        return ["Symbol", names[found]]
    if isinstance(found, sympy.Rational):
        return ["Rational", str(found.p), str(found.q)]
    return [type(found).__name__, *(written(part, names) for part in found.args)]
