"""A sympy expression as a list of steps over mpmath numbers.

sympy builds and differentiates expressions; here they are evaluated: at any precision, thousands of
times, without recursion, and without `lambdify`, `evalf` or any text. Where an expression has no
value (at a kink, a jump, a pole) the result is nan and a note says why.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from operator import add, mul
from typing import Any

import sympy
from mpmath.libmp import NoConvergence

Context = Any  # an mpmath context: a precision and the functions that work to it
Number = Any  # an mpf or mpc of that context
Expression = Any
Notes = list[str]

KINK = "kink"
POLE = "pole"
FAILURES = (
    ZeroDivisionError,
    ValueError,
    OverflowError,
    TypeError,
    NotImplementedError,
    NoConvergence,
)


class Unsupported(Exception):
    """An expression with a part that has no evaluation here."""


class Formula:
    """An expression compiled for given symbols.

    derived  the expression is a derivative: a sign, a step or a comparison that is met exactly at
             its jump leaves it without a value
    """

    __slots__ = ("real", "steps", "templates")

    def __init__(
        self,
        expression: Expression,
        symbols: Sequence[Any],
        *,
        derived: bool = False,
        real: bool = True,
    ) -> None:
        self.real = real
        self.steps = compiled(expression, symbols, DERIVED if derived else VALUES)
        self.templates: dict[tuple[int, int], list[Any]] = {}

    def __call__(
        self,
        ctx: Context,
        inputs: Sequence[Number],
        notes: Notes,
        inner: Callable[[Number], Number] | None = None,
    ) -> Number:
        """The value at `inputs`, one for each symbol; nan, and a note, where there is none.

        inner  a rounding for the result of every operation
        """
        key = (id(ctx), ctx.prec)
        template = self.templates.get(key)
        if template is None:
            template = [act(ctx) if operands is None else None for act, operands in self.steps]
            self.templates[key] = template
        slots = list(template)
        for k, (act, operands) in enumerate(self.steps):
            if operands is None:
                continue
            if act is None:
                slots[k] = inputs[operands[0]]
                continue
            try:
                found = act(ctx, *[slots[i] for i in operands])
                slots[k] = found if inner is None or type(found) is bool else inner(found)
            except Jump:
                notes.append(KINK)
                slots[k] = ctx.nan
            except FAILURES:
                notes.append(POLE)
                slots[k] = ctx.nan
        return self.result(ctx, slots[-1], notes)

    def result(self, ctx: Context, value: Number, notes: Notes) -> Number:
        if not isinstance(value, ctx.mpc):
            return value
        if ctx.isnan(value) or (self.real and value.imag):
            notes.append(POLE)
            return ctx.nan
        return value.real if self.real else value


class Jump(Exception):
    """A step function was met exactly where it jumps."""


Steps = list[tuple[Any, tuple[int, ...] | None]]
Actions = dict[str, Callable[..., Any]]


def compiled(expression: Expression, symbols: Sequence[Any], actions: Actions) -> Steps:
    """Steps in an order in which every operand comes first; equal parts become one step.

    A step is (action, operands); with no operands, (constant,); with no action, an input's number.
    """
    places: dict[Any, int] = {}
    steps: Steps = []
    inputs = {symbol: k for k, symbol in enumerate(symbols)}
    stack = [expression]
    while stack:
        part = stack[-1]
        if part in places:
            stack.pop()
            continue
        action, operands = taken_apart(part, actions) if part not in inputs else (None, ())
        missing = [x for x in operands if x not in places]
        if missing:
            stack += missing
            continue
        stack.pop()
        places[part] = len(steps)
        if part in inputs:
            steps.append((None, (inputs[part],)))
        elif operands:
            steps.append((action, tuple(places[x] for x in operands)))
        else:
            steps.append((action, None))
    if places[expression] != len(steps) - 1:
        steps.append((same, (places[expression],)))
    return steps


def taken_apart(part: Any, actions: Actions) -> tuple[Any, tuple[Any, ...]]:
    """What to do at one node of an expression, and the parts it is done to."""
    name = type(part).__name__
    if isinstance(part, sympy.Rational | sympy.Float | sympy.NumberSymbol) or name in CONSTANTS:
        return constant(part), ()
    if isinstance(part, sympy.logic.boolalg.BooleanAtom):
        truth = bool(part)
        return (lambda _ctx: truth), ()
    if name in ("Derivative", "Subs"):
        name, argument = step_function(part)
        return STEP_FUNCTIONS[name], (argument,)
    if name == "Piecewise":
        return piecewise, tuple(x for pair in part.args for x in (pair.expr, pair.cond))
    action = actions.get(name)
    if action is None:
        raise Unsupported(name)
    return action, part.args


def step_function(part: Any) -> tuple[str, Any]:
    """The step function whose derivative this is, and at what; sympy leaves these unevaluated."""
    if type(part).__name__ == "Subs":
        inner, variables, points = part.args
        if type(inner).__name__ == "Derivative" and len(variables) == 1:
            function = inner.args[0]
            name = type(function).__name__
            if function.args[0] == variables[0] and name in STEP_FUNCTIONS:
                return name, points[0]
    function = part.args[0]
    name = type(function).__name__
    if name not in STEP_FUNCTIONS:
        raise Unsupported(f"the derivative of {name}")
    return name, function.args[0]


# ---- constants ----------------------------------------------------------------------------------

CONSTANTS: dict[str, Callable[[Context], Number]] = {
    "Pi": lambda ctx: +ctx.pi,
    "Exp1": lambda ctx: +ctx.e,
    "EulerGamma": lambda ctx: +ctx.euler,
    "Catalan": lambda ctx: +ctx.catalan,
    "GoldenRatio": lambda ctx: +ctx.phi,
    "ImaginaryUnit": lambda ctx: ctx.mpc(0, 1),
    "Infinity": lambda ctx: ctx.inf,
    "NegativeInfinity": lambda ctx: -ctx.inf,
    "ComplexInfinity": lambda ctx: ctx.nan,
    "NaN": lambda ctx: ctx.nan,
}


def constant(part: Any) -> Callable[[Context], Number]:
    known = CONSTANTS.get(type(part).__name__)
    if known is not None:
        return known
    if isinstance(part, sympy.Rational):
        return lambda ctx: ctx.mpf(int(part.p)) / int(part.q)
    if isinstance(part, sympy.Float):
        return lambda ctx: +ctx.make_mpf(part._mpf_)
    raise Unsupported(type(part).__name__)


# ---- functions ----------------------------------------------------------------------------------


def same(_ctx: Context, x: Number) -> Number:
    return x


def power(ctx: Context, x: Number, n: Number) -> Number:
    if n == -1:
        return 1 / x
    if n == 0.5:
        return ctx.sqrt(x)
    if isinstance(n, ctx.mpc) or not ctx.isint(n):
        return ctx.power(x, n)
    if abs(n) < 2**31:
        return x ** int(n)
    # mpmath would write out all digits of such an exponent; no machine's format holds the result
    # unless x is very near 1.
    return ctx.exp(n * ctx.ln(x))


def logarithm(ctx: Context, x: Number, *base: Number) -> Number:
    if x == 0:
        return -ctx.inf
    return ctx.ln(x) / ctx.ln(base[0]) if base else ctx.ln(x)


def sign(ctx: Context, x: Number) -> Number:
    if not x:
        return ctx.zero
    return x / abs(x) if isinstance(x, ctx.mpc) else ctx.mpf(1 if x > 0 else -1)


def sign_slope(ctx: Context, x: Number) -> Number:
    if not x:
        raise Jump
    return sign(ctx, x)


def heaviside(ctx: Context, x: Number, at_zero: Number) -> Number:
    return at_zero if x == 0 else ctx.mpf(1 if x > 0 else 0)


def heaviside_slope(ctx: Context, x: Number, _at_zero: Number) -> Number:
    if x == 0:
        raise Jump
    return ctx.mpf(1 if x > 0 else 0)


def dirac(ctx: Context, x: Number, *_order: Number) -> Number:
    if x == 0:
        raise Jump
    return ctx.zero


def jump_at_integers(ctx: Context, x: Number) -> Number:
    if ctx.isint(x):
        raise Jump
    return ctx.zero


# Derivatives of functions that are constant but for their jumps.
STEP_FUNCTIONS: Actions = {
    "floor": jump_at_integers,
    "ceiling": jump_at_integers,
    "sign": dirac,
}


def piecewise(ctx: Context, *parts: Any) -> Number:
    for value, condition in zip(parts[::2], parts[1::2], strict=True):
        if condition is True:
            return value
        if condition is not False:
            break  # it is nan: at its edge, or of something without a value
    return ctx.nan


def conjunction(ctx: Context, *truths: Any) -> Any:
    if any(truth is False for truth in truths):
        return False
    return True if all(truth is True for truth in truths) else ctx.nan


def disjunction(ctx: Context, *truths: Any) -> Any:
    if any(truth is True for truth in truths):
        return True
    return False if all(truth is False for truth in truths) else ctx.nan


def negation(ctx: Context, truth: Any) -> Any:
    return not truth if type(truth) is bool else ctx.nan


def real_part(ctx: Context, x: Number) -> Number:
    return x.real if isinstance(x, ctx.mpc) else x


def imaginary_part(ctx: Context, x: Number) -> Number:
    return x.imag if isinstance(x, ctx.mpc) else ctx.zero


def comparison(test: Callable[[Any, Any], bool], strict: bool) -> Callable[..., Any]:
    """A relation; inside a derivative (`strict`) one that holds by a hair has no answer."""

    def compare(ctx: Context, a: Number, b: Number) -> Any:
        if strict and a == b:
            raise Jump
        return ctx.nan if ctx.isnan(a) or ctx.isnan(b) else bool(test(a, b))

    return compare


def relations(strict: bool) -> Actions:
    return {
        "StrictGreaterThan": comparison(lambda a, b: a > b, strict),
        "GreaterThan": comparison(lambda a, b: a >= b, strict),
        "StrictLessThan": comparison(lambda a, b: a < b, strict),
        "LessThan": comparison(lambda a, b: a <= b, strict),
        "Equality": comparison(lambda a, b: a == b, strict),
        "Unequality": comparison(lambda a, b: a != b, strict),
    }


def named(name: str) -> Callable[..., Number]:
    return lambda ctx, *arguments: getattr(ctx, name)(*arguments)


# sympy's name and mpmath's name of a function with the same arguments
SAME_ARGUMENTS = {
    **{name: name for name in ("exp", "sin", "cos", "tan", "cot", "sec", "csc")},
    **{name: name for name in ("asin", "acos", "atan", "sinh", "cosh", "tanh", "coth")},
    **{name: name for name in ("asinh", "acosh", "atanh", "atan2", "sinc", "gamma", "loggamma")},
    **{name: name for name in ("erf", "erfc", "erfi", "erfinv", "digamma", "beta", "zeta", "arg")},
    **{name: name for name in ("besselj", "bessely", "besseli", "besselk", "airyai", "airybi")},
    **{name: name for name in ("expint", "factorial", "sech", "csch")},
    "Abs": "fabs",
    "ceiling": "ceil",
    "floor": "floor",
    "conjugate": "conj",
    "polygamma": "psi",
    "LambertW": "lambertw",
    "Ei": "ei",
    "Si": "si",
    "Ci": "ci",
    "Shi": "shi",
    "Chi": "chi",
    "elliptic_k": "ellipk",
    "elliptic_e": "ellipe",
}
VALUES: Actions = {
    **{ours: named(theirs) for ours, theirs in SAME_ARGUMENTS.items()},
    "Add": lambda _ctx, *terms: reduce(add, terms),
    "Mul": lambda _ctx, *factors: reduce(mul, factors),
    "Pow": power,
    "log": logarithm,
    "sign": sign,
    "Heaviside": heaviside,
    "DiracDelta": dirac,
    "Max": lambda _ctx, *items: max(items),
    "Min": lambda _ctx, *items: min(items),
    "re": real_part,
    "im": imaginary_part,
    "lowergamma": lambda ctx, s, x: ctx.gammainc(s, 0, x),
    "uppergamma": lambda ctx, s, x: ctx.gammainc(s, x),
    "betainc_regularized": lambda ctx, *arguments: ctx.betainc(*arguments, regularized=True),
    "And": conjunction,
    "Or": disjunction,
    "Not": negation,
    **relations(strict=False),
}
DERIVED: Actions = {
    **VALUES,
    "sign": sign_slope,
    "Heaviside": heaviside_slope,
    **relations(strict=True),
}
