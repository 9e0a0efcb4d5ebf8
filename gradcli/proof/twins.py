"""What the op table says of each row for proofs: its twin, read in one of two ways.

- Elementwise rows: `twin` is the name of a sympy function, or is called with (sympy, *symbols,
  *static). sympy differentiates the expression it gives, once for each set of static parameters.
- Rows on whole tensors: `twin` is called with (*arrays, *static), where the arrays are numpy object
  arrays of 50-digit numbers (masks and integers stay as they are), and gives the value. `np.exp`
  and its like work on them. Its derivative is taken by differences.

Nothing here calls a row's rules or its `forward`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import sympy

from gradcli.engine.ops.table import Op
from gradcli.proof import hyperbolic
from gradcli.proof.difference import slope
from gradcli.proof.evaluator import Context, Expression, Formula, Notes, Number, Unsupported
from gradcli.proof.precision import shaped

EXACT_DIGITS = 60


class NoTwin(Exception):
    """The row has none, and says why."""


def require_twin(op: Op) -> None:
    if op.twin is None:
        why = f": {op.why_no_twin}" if op.why_no_twin else ""
        raise NoTwin(f"{op.name} has no twin{why}")


def expression(op: Op, operands: Sequence[Expression], static: Sequence[Any]) -> Expression:
    """The twin of an elementwise row as a sympy expression."""
    require_twin(op)
    parameters = [symbolic(value) for value in static]
    operands = [operand(op, k, x) for k, x in enumerate(operands)]
    if isinstance(op.twin, str):
        function = hyperbolic.FUNCTIONS.get(op.twin) or getattr(sympy, op.twin)
        return function(*operands, *parameters)
    assert op.twin is not None
    return op.twin(sympy, *operands, *parameters)


def operand(op: Op, k: int, value: Expression) -> Expression:
    """A truth is a number, but for an operand that no gradient can have: a condition."""
    if not isinstance(value, sympy.logic.boolalg.BooleanAtom) or op.rules[k] is None:
        return value
    return sympy.Integer(bool(value))


def symbolic(value: Any) -> Any:
    """A static parameter's exact value in sympy; what is no number stays as it is."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bool) or not isinstance(value, int | float | complex):
        return value
    if isinstance(value, complex):
        return symbolic(value.real) + sympy.I * symbolic(value.imag)
    if isinstance(value, float):
        if value in (np.inf, -np.inf):
            return sympy.oo if value > 0 else -sympy.oo
        if math.isnan(value):
            return sympy.nan
        p, q = value.as_integer_ratio()
        if q > 2**20 or abs(p) > 2**53:
            return sympy.Float(value, EXACT_DIGITS)
        return sympy.Rational(p, q)
    return sympy.Integer(value)


class Local:
    """An elementwise row with given static parameters, as a function of numbers.

    truths  for each operand True or False if it is a mask's element, else None
    """

    def __init__(
        self, op: Op, static: Sequence[Any], truths: Sequence[bool | None], *, real: bool
    ) -> None:
        self.real = real
        self.analytic = real or op.analytic
        self.symbols = [
            sympy.Symbol(f"v{k}", real=True) if real else sympy.Symbol(f"v{k}")
            for k in range(len(truths))
        ]
        operands = [
            symbol if truth is None else sympy.true if truth else sympy.false
            for symbol, truth in zip(self.symbols, truths, strict=True)
        ]
        self.expression = sympy.sympify(expression(op, operands, static), strict=True)
        self.partials: dict[int, Formula | None] = {}

    @cached_property
    def value(self) -> Formula:
        return Formula(self.expression, self.symbols, real=self.real)

    def partial(
        self,
        ctx: Context,
        k: int,
        inputs: Sequence[Number],
        notes: Notes,
        inner: Callable[[Number], Number] | None = None,
    ) -> Number:
        """The derivative by operand k: sympy's, or by differences where that has no value."""
        if k not in self.partials:
            self.partials[k] = self.differentiated(k)
        formula = self.partials[k]
        doubts: Notes = []
        found = ctx.nan if formula is None else formula(ctx, inputs, doubts, inner)
        if not ctx.isnan(found):
            return found
        # The formula may have no value where the function is smooth: x |x| at 0.
        unit = [ctx.mpf(i == k) for i in range(len(inputs))]
        return self.along(ctx, inputs, unit, notes)

    def differentiated(self, k: int) -> Formula | None:
        try:
            derivative = self.expression.diff(self.symbols[k])
            return Formula(derivative, self.symbols, derived=True, real=self.real)
        except (Unsupported, sympy.core.function.ArgumentIndexError):
            return None

    def along(
        self, ctx: Context, inputs: Sequence[Number], tangents: Sequence[Number], notes: Notes
    ) -> Number:
        """The derivative along a direction, by differences of the value."""
        sizes = [abs(x) / abs(t) for x, t in zip(inputs, tangents, strict=True) if t and x]

        def moved(h: Number) -> Any:
            point = [x + h * t if t else x for x, t in zip(inputs, tangents, strict=True)]
            return shaped([self.value(ctx, point, [])], ())

        return slope(ctx, moved, min(sizes, default=ctx.one), notes)[()]
