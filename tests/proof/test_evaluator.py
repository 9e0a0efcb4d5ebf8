"""sympy expressions evaluated by steps: against sympy's own evaluation, and at jumps."""

from typing import Any

import pytest
import sympy
from mpmath import mp

from gradcli.proof.evaluator import KINK, POLE, SAME_ARGUMENTS, Formula, Notes, Unsupported
from gradcli.proof.precision import context

CTX = context()
X, Y = sympy.symbols("x y", real=True)
POINT = sympy.Rational(3, 7), sympy.Rational(5, 3)
R = sympy.Rational


def value(expression: Any, *inputs: Any, derived: bool = False) -> tuple[Any, Notes]:
    notes: Notes = []
    numbers = [CTX.mpf(int(x.p)) / int(x.q) for x in map(sympy.Rational, inputs)]
    symbols = [X, Y][: len(numbers)]
    return Formula(expression, symbols, derived=derived)(CTX, numbers, notes), notes


def close(found: Any, wanted: Any) -> bool:
    with mp.workdps(60):
        exact = mp.mpf(sympy.Float(sympy.N(wanted, 60), 60)._mpf_)
        return bool(abs(mp.mpf(found._mpf_) - exact) <= mp.mpf(10) ** -46 * (1 + abs(exact)))


EXPRESSIONS = [
    X + Y - R(1, 3),
    X * Y / 7,
    X**3 * Y**-2,
    X ** R(1, 3),
    sympy.sqrt(X) + sympy.pi * sympy.E - sympy.EulerGamma,
    X**Y,
    2**X,
    sympy.log(X) / sympy.log(10),
    sympy.Max(X, Y) + sympy.Min(X, Y, 1),
    sympy.Piecewise((X, X > Y), (Y**2, sympy.Ne(X, 2)), (0, True)),
    sympy.Piecewise((X, (X > Y) | (X < 1) & ~(Y < 0)), (0, True)),
    sympy.Heaviside(X - Y, Y) + sympy.sign(X - Y) + sympy.floor(9 * X),
    sympy.beta(X, Y) + sympy.loggamma(Y) + sympy.polygamma(2, X),
    sympy.besselj(1, X) + sympy.besseli(0, Y) + sympy.expint(2, X),
    sympy.lowergamma(X, Y) + sympy.uppergamma(X, Y),
    sympy.LambertW(X) + sympy.Ei(X) + sympy.Si(X) + sympy.erfinv(X),
    sympy.atan2(X, Y) + sympy.acosh(Y),
    sympy.Float("0.1", 60) * X,
]


@pytest.mark.parametrize("expression", EXPRESSIONS, ids=str)
def test_values_are_those_of_sympy(expression: Any) -> None:
    found, notes = value(expression, *POINT)
    assert notes == []
    assert close(found, expression.subs({X: POINT[0], Y: POINT[1]}))


ONE_ARGUMENT = sorted(
    set(SAME_ARGUMENTS)
    - {"atan2", "beta", "besselj", "bessely", "besseli", "besselk", "expint", "polygamma"}
    - {"acosh"}
)


@pytest.mark.parametrize("name", ONE_ARGUMENT)
def test_functions_are_those_of_sympy(name: str) -> None:
    expression = getattr(sympy, name)(X)
    assert close(value(expression, POINT[0])[0], expression.subs(X, POINT[0]))


@pytest.mark.parametrize("expression", EXPRESSIONS[:12], ids=str)
def test_derivatives_are_those_of_sympy(expression: Any) -> None:
    for symbol in (X, Y):
        try:
            found, _ = value(expression.diff(symbol), *POINT, derived=True)
        except Unsupported:
            continue
        step = R(1, 10**30)
        at = dict(zip((X, Y), POINT, strict=True))
        above, below = (
            expression.subs(at | {symbol: at[symbol] + h}).evalf(120) for h in (step, -step)
        )
        wanted = sympy.N((above - below) / (2 * step), 60)
        assert close(found, wanted)


@pytest.mark.parametrize(
    ("expression", "point"),
    [
        (sympy.Abs(X), 0),
        (sympy.sign(X) * X, 0),
        (sympy.floor(X), 3),
        (sympy.ceiling(2 * X), R(1, 2)),
        (sympy.Max(X, 1), 1),
        (sympy.Piecewise((X, X > 0), (0, True)), 0),
        (X - 2 * sympy.floor(X / 2), 4),
    ],
)
def test_a_derivative_has_no_value_at_a_jump(expression: Any, point: Any) -> None:
    found, notes = value(expression.diff(X), point, derived=True)
    assert CTX.isnan(found)
    assert KINK in notes
    beside, notes = value(expression.diff(X), R(point) + R(1, 1000), derived=True)
    assert not CTX.isnan(beside)
    assert notes == []


@pytest.mark.parametrize(
    ("expression", "point"),
    [(1 / X, 0), (sympy.sqrt(X), -1), (sympy.asin(X), 2), (sympy.log(X), -1), (X ** R(-1, 2), 0)],
)
def test_a_pole_is_noted(expression: Any, point: int) -> None:
    found, notes = value(expression, point)
    assert CTX.isnan(found)
    assert POLE in notes


def test_a_branch_not_taken_does_no_harm() -> None:
    expression = sympy.Piecewise((sympy.sin(X) / X, sympy.Ne(X, 0)), (1, True))
    assert value(expression, 0)[0] == 1


def test_deep_expressions_are_evaluated_without_recursion() -> None:
    expression: Any = X
    for _ in range(150):
        expression = sympy.sin(expression) + 1
    assert 1 < value(expression, 1)[0] < 2


def test_what_cannot_be_evaluated_says_so() -> None:
    with pytest.raises(Unsupported, match="Integral"):
        Formula(sympy.Integral(sympy.exp(-(X**3)), X), [X])
