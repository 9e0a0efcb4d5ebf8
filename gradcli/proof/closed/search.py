"""A derivative as a formula of the language: found in several ways, tried, and the shortest kept.

The gradient's own program is read into the algebra, as it is and with all products expanded, and
each result written with and without its common factors in front. Of scalars sympy has a say too. No
formula leaves here that has not been parsed and evaluated, and found equal to the engine's
derivative at random points and sizes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np

from gradcli.engine.program import Program, trace
from gradcli.engine.tensor import Tensor
from gradcli.errors import (
    DomainError,
    GradcliError,
    LimitExceeded,
    ShapeMismatch,
    Undecided,
    WrongIndex,
)
from gradcli.lang.printer import canonical
from gradcli.lang.session import Session
from gradcli.lang.source import Source
from gradcli.lang.syntax import Compare, Expression
from gradcli.lang.tensors import as_tensor
from gradcli.proof.closed import matrix_rows, rows  # noqa: F401  # they register readers
from gradcli.proof.closed.algebra import Algebra
from gradcli.proof.closed.expanding import complemented
from gradcli.proof.closed.factoring import factored, with_content
from gradcli.proof.closed.phrasing import length, phrase
from gradcli.proof.closed.problem import LENGTHS, STYLES, Point, Problem, Samples, near, samples_of
from gradcli.proof.closed.reading import Reading
from gradcli.proof.closed.sympy_reading import by_sympy
from gradcli.proof.closed.terms import ONE, Base, Dims, Factor, NoFormula, Poly, Term, mentioned
from gradcli.proof.closed.trees import binary, call, cost, integer, name

# At so many points at least a formula must have been compared.
POINTS = 2
# Formulas with more characters are of no use to anybody.
LONGEST = 1000


@dataclass(frozen=True, slots=True)
class Closed:
    """A formula, as a tree and as text, and at how many points it was tried."""

    tree: Expression
    text: str
    points: int


def closed_form(problem: Problem) -> Closed:
    """The shortest formula that is found for a derivative; raises Undecided."""
    check_text(problem)
    samples = samples_of(problem)
    reasons = ["it is not finite at the points tried"]
    for lengths in LENGTHS if len(samples) >= POINTS else ():
        reasons = []
        trees = sorted(candidates(problem, lengths, reasons), key=cost)
        if not trees:
            break
        for tree in trees:
            points = compared(canonical(tree), samples, problem.session)
            if points >= POINTS:
                return Closed(tree, canonical(tree), points)
            reasons.append("what was found is not exact")
    why = reasons[0] if reasons else "it is no short one"
    raise Undecided(
        f"no formula was found for the derivative by {problem.wrt}: {why}",
        hint="gradcli eval gives its numbers",
    )


def check_text(problem: Problem) -> None:
    """Evaluate it once, for what may be wrong with it."""
    try:
        problem.seed_shapes(problem.point(LENGTHS[0], STYLES[0]))
    except ShapeMismatch as error:
        letters = problem.letters(LENGTHS[0])
        if letters:
            here = "here " + ", ".join(f"{letter} is {n}" for letter, n in letters.items())
            error.hint = f"{here}: {error.hint}" if error.hint else here
        raise
    except WrongIndex as error:
        numbers = [name for name, axes in problem.axes.items() if not axes]
        if numbers and not error.hint:
            error.hint = f"{numbers[0]} is a number here; {numbers[0]}:n makes it a vector"
        raise


# ---- finding ------------------------------------------------------------------------------------


def candidates(problem: Problem, lengths: tuple[int, ...], reasons: list[str]) -> list[Expression]:
    """Formulas that may be right, each once; `reasons` receives why there are no others."""
    found: dict[str, Expression] = {}
    algebra = Algebra(problem.axis_names(lengths))
    for symbol, dims in problem.shapes(lengths).items():
        algebra.base(symbol, dims=dims)  # factors stand in the order of the symbols
    for read in chain(readings(problem, lengths, algebra, reasons), by_sympy(problem, algebra)):
        try:
            for variant in variants(algebra, read()):
                problem.session.meter.charge(0)  # Ctrl-C and the clock are heard here
                tree = filled(variant, problem, lengths, algebra)
                found.setdefault(canonical(tree), tree)
        except NoFormula as reason:
            reasons.append(str(reason))
    return [tree for text, tree in found.items() if len(text) < LONGEST]


def readings(
    problem: Problem, lengths: tuple[int, ...], algebra: Algebra, reasons: list[str]
) -> Iterator[Callable[[], Poly]]:
    """Readings of the derivative's program: as it is, and with products expanded; the last resort
    is one with all the guards of the rules."""
    try:
        program, seeds = recorded(problem, lengths)
    except LimitExceeded as error:
        reasons.append(error.message)
        return

    def without_seeds(poly: Poly) -> Poly:
        for seed, dims in reversed(seeds.items()):
            poly = unseeded(algebra, poly, seed, dims)
        return poly

    def read(**way: bool) -> Poly:
        (poly,) = Reading(algebra, **way).outputs(program)
        return poly

    try:
        plain = read()
    except NoFormula as reason:  # then no other way will do
        reasons.append(str(reason))
        return
    yield lambda: without_seeds(plain)
    yield lambda: without_seeds(complemented(algebra, plain))
    yield lambda: without_seeds(read(expand=True))
    yield lambda: without_seeds(read(guarded=True))


def variants(algebra: Algebra, poly: Poly) -> Iterator[Poly]:
    """Ways to write a sum: with its common factors in front, as it is, and without its content."""
    for way in (factored(algebra, poly), factored(algebra, poly, pack=False), poly):
        yield way
        yield with_content(algebra, way)


def recorded(problem: Problem, lengths: tuple[int, ...]) -> tuple[Program, dict[str, Dims]]:
    point = problem.point(lengths, STYLES[0])
    shapes = problem.seed_shapes(point)
    seeds = {key: problem_seed(shape) for key, shape in shapes.items()}

    def function(*inputs: Tensor) -> list[Tensor]:
        named = dict(zip([*point, *seeds], inputs, strict=True))
        given = {key: named.pop(key) for key in seeds}
        return [problem.recorded(named, given)]

    with problem.running():
        return trace(function, {**point, **seeds}), shapes


def problem_seed(shape: tuple[int, ...]) -> Any:
    return np.random.default_rng(7).uniform(0.5, 1.5, shape)


def unseeded(algebra: Algebra, poly: Poly, seed: str, dims: Dims) -> Poly:
    """The array that a Poly which is linear in a vector or matrix multiplies it with.

    The seed's axes become the first of the result.
    """
    rank = len(dims)
    terms: list[Term] = []
    for c, factors in poly.terms:
        held = [f for f in factors if isinstance(f.base, Base) and f.base.name == seed]
        if len(held) != 1 or held[0].power != 1:
            raise NoFormula("it is not linear where it should be")
        rest = [f for f in factors if f is not held[0]]
        alive = {n for f in rest for n in f.labels}
        shift = {n: n + rank for n in range(len(poly.dims))}
        moved = [f._replace(labels=tuple(shift.get(n, n) for n in f.labels)) for f in rest]
        for k, n in enumerate(held[0].labels):
            if n >= 0 or n in alive:
                moved.append(Factor(algebra.identity(dims[k]), ONE, (k, shift.get(n, n))))
        terms.append(algebra.term(c, moved))
    return algebra.poly((*dims, *poly.dims), terms)


# ---- writing ------------------------------------------------------------------------------------


def filled(poly: Poly, problem: Problem, lengths: tuple[int, ...], algebra: Algebra) -> Expression:
    """The expression of a Poly, of its whole shape also where no term names an axis."""
    tree = phrase(poly)
    if isinstance(tree, Compare):  # a number, not a truth
        tree = call("where", tree, integer(1), integer(0))
    axes = mentioned(poly)
    if len(axes) == len(poly.dims):
        return tree
    shapes = problem.shapes(lengths)
    same = [symbol for symbol in (problem.wrt, *shapes) if shapes[symbol] == poly.dims]
    if same:
        like = "zeros_like" if poly.constant == 0 else "ones_like"
        whole = call(like, name(same[0]))
    else:
        sizes = [length(algebra.sizes[n]) if n in algebra.sizes else integer(n) for n in poly.dims]
        whole = call("zeros" if poly.constant == 0 else "ones", *sizes)
    if poly.constant in (0, 1):
        return whole
    return binary("*", tree, whole)


# ---- trying -------------------------------------------------------------------------------------


def compared(text: str, samples: Samples, like: Session) -> int:
    """At how many points a formula, read again, is the derivative; 0 if it differs at any.

    Where it has no value (an inverse beside a determinant of 0) there is nothing to compare.
    """
    verdicts = [agrees(text, point, value, like) for point, value in samples]
    return 0 if False in verdicts else verdicts.count(True)


def agrees(text: str, point: Point, value: np.ndarray[Any, Any], like: Session) -> bool | None:
    session = Session(like.limits, dtype=like.dtype)
    session.variables.update({key: Tensor(x) for key, x in point.items()})
    try:
        found = np.asarray(as_tensor(session.evaluate(Source(text))).value)
    except DomainError:
        return None
    except GradcliError:
        return False
    return near(found, value)
