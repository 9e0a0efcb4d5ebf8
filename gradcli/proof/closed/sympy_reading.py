"""sympy's derivatives of small scalar calculations, read into the algebra of formulas."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial
from typing import Any

from gradcli.proof.calculation import is_small, to_json
from gradcli.proof.closed.algebra import Algebra
from gradcli.proof.closed.problem import Problem
from gradcli.proof.closed.terms import NoFormula, Poly
from gradcli.proof.crosscheck import MEMORY, collect
from gradcli.proof.process import Stopped, ask
from gradcli.proof.wire import Unsendable

RELATIONS = {
    "Equality": "eq",
    "StrictGreaterThan": "gt",
    "GreaterThan": "ge",
    "StrictLessThan": "lt",
    "LessThan": "le",
}
# sympy's name and the language's, of functions of one argument
FUNCTIONS = {
    **{name: name for name in ("cos", "cosh", "sin", "sinh", "tan", "tanh")},
    **{f"a{name}": f"arc{name}" for name in ("cos", "cosh", "sin", "sinh", "tan", "tanh")},
    **{name: name for name in ("erf", "erfc", "exp", "gamma", "log", "sign")},
    "Abs": "abs",
    "loggamma": "lgamma",
}


def by_sympy(problem: Problem, algebra: Algebra) -> Iterator[Callable[[], Poly]]:
    """Readings of what sympy finds in its time, if all is small and scalar."""
    if any(problem.axes.values()):
        return
    point = problem.points()[0]
    tape, value, leaves = problem.taped(point)
    if value.shape:
        return
    try:
        ordered = {problem.wrt: leaves.pop(problem.wrt), **leaves}
        calculation = collect(tape, value, ordered, {}, None)
        if calculation is None or not is_small(calculation):
            return
        request = to_json(calculation) | {"order": problem.order}
        found = ask([request], seconds=problem.session.limits.check, memory=MEMORY)
    except Unsendable:
        return
    except Stopped as stopped:
        found = stopped.lines
    names = [algebra.whole(algebra.base(name)) for name in ordered]
    for tree in found:
        if tree not in ("memory", "next"):
            yield partial(poly_of, tree, names, algebra)


def poly_of(tree: Any, names: list[Poly], algebra: Algebra) -> Poly:
    """A nested list of sympy's names and parts as a Poly."""
    kind, *parts = tree
    if kind == "Symbol":
        symbol: int = parts[0]
        return names[symbol]
    if kind == "Rational":
        return algebra.number(Fraction(int(parts[0]), int(parts[1])))
    if kind == "Piecewise":
        return piecewise(parts, names, algebra)
    if kind in RELATIONS:
        operands = [poly_of(part, names, algebra) for part in parts]
        return algebra.whole(algebra.base(RELATIONS[kind], operands))
    if kind == "Pi":
        return algebra.whole(algebra.base("pi"))
    read = [poly_of(part, names, algebra) for part in parts]
    if kind == "Add":
        return algebra.add(*read)
    if kind == "Mul":
        return algebra.times(*read)
    if kind == "Pow":
        base, exponent = read
        if exponent.constant is not None:
            return algebra.power(base, exponent.constant)
        return algebra.whole(algebra.base("pow", [base, exponent]))
    if kind == "Exp1":
        return algebra.whole(algebra.base("exp", [algebra.number(1)]))
    if kind not in FUNCTIONS or len(read) != 1:
        raise NoFormula(f"{kind} has no place in a formula")
    return algebra.whole(algebra.base(FUNCTIONS[kind], read))


def piecewise(parts: list[Any], names: list[Poly], algebra: Algebra) -> Poly:
    """The first value whose condition holds."""
    *pairs, (_, last, _) = parts
    found = poly_of(last, names, algebra)
    for _, value, condition in reversed(pairs):
        branches = [poly_of(part, names, algebra) for part in (condition, value)]
        found = algebra.whole(algebra.base("where", [*branches, found]))
    return found
