"""An expression of one variable at many points: its values and its derivatives."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import numpy as np

from gradcli.engine.executors.sweeps import over_rows
from gradcli.engine.jacobians import gradients_of
from gradcli.engine.program import Program, program_of
from gradcli.engine.tape import Tape
from gradcli.engine.tensor import Tensor
from gradcli.errors import DomainError, GradcliError, ParseError, UsageError, WrongType, described
from gradcli.lang.orders import derivatives_of
from gradcli.lang.programs import gradients
from gradcli.lang.session import Session
from gradcli.lang.source import Source, Span
from gradcli.lang.tensors import as_tensor

Array = np.ndarray[Any, Any]
# Curves of one expression: more are no picture.
MOST = 12
# Of the ends of a range, and how narrow it may be beside them.
LARGEST, NARROWEST = 1e290, 1e-12
# Parts of a range where an example is sought: nothing that an expression is singular at.
PARTS = (0.618, 0.382, 0.911, 0.089)


class Curves:
    """The results of a text, each a function of the variable `name`; others keep their values.

    What is made of numbers by elementwise operations is recorded once, and run over blocks of
    points. Anything else, such as a branch by the variable's value, is evaluated at each point.

    bounds  of the variable
    order   up to which derivatives are calculated, at least 1
    count   of the results: several if the text ends with a list or a vector
    """

    def __init__(
        self, session: Session, source: Source, name: str, bounds: tuple[float, float], order: int
    ) -> None:
        self.session = session
        self.source = source
        self.codes = session.compile(source)
        self.name = name
        self.order = order
        if not self.codes:
            raise source.blame(ParseError("there is no expression"), Span(0, 0))
        example, self.count = self.first_value(*bounds)
        self.cost = 0.0
        self.execute = self.executor(example)

    def __call__(self, x: Array) -> Array:
        """Values and derivatives at these points: an array (count, order + 1, points).

        They are nan outside of the domain.
        """
        if self.execute is not None:
            try:
                return self.in_a_block(self.execute, x)
            except DomainError:  # at one point of them, where there is no value
                self.execute = None
        return np.stack([self.at_point(float(point)) for point in x], axis=-1)

    def in_a_block(self, execute: Callable[..., list[Any]], x: Array) -> Array:
        with self.session.evaluating():
            self.session.meter.charge(self.cost * len(x) / 1000)
            found = execute(x)
        return np.array(found, np.float64).reshape(self.count, self.order + 1, len(x))

    def first_value(self, low: float, high: float) -> tuple[float, int]:
        """A point of the domain, and how many results there are; an error if none is found."""
        for part in PARTS:
            point = low + part * (high - low)
            try:
                return point, len(self.results(self.session.leaf_of(point)))
            except DomainError:
                if part == PARTS[-1]:
                    raise
        raise AssertionError

    # ---- in blocks ----

    def executor(self, example: float) -> Callable[..., list[Any]] | None:
        """What runs the recorded program over points, if it can be recorded so."""
        try:
            program = self.recorded(example)
        except WrongType:
            return None  # it depends on the variable what is calculated
        self.cost = sum(value.op.cost for value in program.values if value.op is not None)
        return over_rows(program, [self.name])

    def recorded(self, example: float) -> Program:
        x = self.session.leaf_of(example)
        tape = Tape(whole=True)
        tape.enter(x)
        tape.inputs = 1
        outputs: list[Tensor] = []
        with self.taping(tape):
            for y in self.results(x):
                with self.session.evaluating():
                    outputs.append(y)
                    for _ in range(self.order):
                        outputs += gradients(outputs[-1], [x])
        with self.session.evaluating():
            return program_of(tape, {self.name: x}, outputs)

    # ---- point by point ----

    def at_point(self, point: float) -> Array:
        """The same of one point: an array (count, order + 1)."""
        x = self.session.leaf_of(point)
        try:
            with self.taping(Tape()):
                found = [[y.value, *self.derivatives(y, x)] for y in self.results(x)]
        except DomainError:
            return np.full((self.count, self.order + 1), np.nan)
        return np.array(found, np.float64)

    def derivatives(self, y: Tensor, x: Tensor) -> list[Any]:
        with self.session.evaluating():
            if self.order > 1:
                slopes = derivatives_of(y, x, self.session.tape, self.order)
            else:
                slopes = gradients_of(y, [x], again=True)
        return [slope.value for slope in slopes]

    # ---- both ----

    @contextmanager
    def taping(self, tape: Tape) -> Iterator[None]:
        before, self.session.tape = self.session.tape, tape
        try:
            yield
        finally:
            self.session.tape = before

    def results(self, x: Tensor) -> list[Tensor]:
        """The numbers that the text ends with; the session's variables stay as they were."""
        session = self.session
        variables = dict(session.variables)
        session.variables[self.name] = x
        try:
            result = session.run_code(self.codes)[-1]
            if not result.is_expression:
                raise WrongType("the last statement is no expression: nothing can be drawn")
            with session.evaluating():
                return [real_number(y) for y in parts(result.value)]
        except GradcliError as error:
            if error.location is None:
                raise self.source.blame(error, self.codes[-1].place.span) from None
            raise
        finally:
            session.variables.clear()
            session.variables.update(variables)


def parts(value: Any) -> Sequence[Any]:
    """The results that a value consists of: the items of a list or a vector."""
    found: Sequence[Any]
    if type(value) in (list, tuple):
        found = value
    elif type(value) is Tensor and value.ndim:
        if value.ndim > 1:
            raise WrongType(f"a curve is of numbers, not of {described(value)}")
        found = [value[k] for k in range(min(value.size, MOST + 1))]
    else:
        found = [value]
    if not 0 < len(found) <= MOST:
        raise WrongType(f"{described(value)}: 1 to {MOST} curves can be drawn")
    return found


def real_number(value: Any) -> Tensor:
    y = as_tensor(value)
    if y.size != 1 or y.dtype.kind == "c":
        raise WrongType(f"a curve is of real numbers, not of {described(value)}")
    return y.reshape(()) if y.ndim else y


# ---- ranges -------------------------------------------------------------------------------------


def ends(text: str) -> list[str]:
    """`-3:3` as its ends: what colons part that stand outside of brackets."""
    depth = 0
    cuts = [-1]
    for k, char in enumerate(text):
        depth += (char in "([{") - (char in ")]}")
        if char == ":" and not depth:
            cuts.append(k)
    return [text[a + 1 : b].strip() for a, b in pairwise([*cuts, len(text)])]


def bounds(session: Session, text: str, what: str) -> tuple[float, float]:
    """`-3:3` or `0:2pi` as numbers, the first below the second."""
    parts = ends(text)
    if len(parts) != 2 or not all(parts):
        raise UsageError(f"{what}: '{text}' is not of the form LOW:HIGH", hint="such as -3:3")
    low, high = (number(session, part, what) for part in parts)
    if not low < high:
        raise UsageError(f"{what}: {low:g} is not below {high:g}")
    largest = max(abs(low), abs(high))
    if largest > LARGEST or high - low < max(NARROWEST * largest, 1 / LARGEST):
        raise UsageError(f"{what}: {low:g} to {high:g} is too wide or too narrow to be drawn")
    return low, high


def number(session: Session, text: str, what: str) -> float:
    """An expression of constants as a finite number."""
    found = session.leaf(Source(text, name=what), requires_grad=False)
    if found.ndim or not math.isfinite(found.value):
        raise UsageError(f"{what}: '{text.strip()}' is no finite number")
    return float(found.value)
