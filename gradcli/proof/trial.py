"""An expression tried at points: value, derivatives and the tape that proves them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from gradcli.engine.functions import FUNCTIONS
from gradcli.engine.jacobians import by_columns, by_rows, gradients_of, jacobian_of
from gradcli.engine.kinks import kinks
from gradcli.engine.program import Program, program_of
from gradcli.engine.reach import reachable
from gradcli.engine.tape import Tape, taping
from gradcli.engine.tensor import Tensor, edge
from gradcli.errors import DomainError, GradcliError, SeedNeeded, ShapeMismatch, WrongType
from gradcli.lang.calculus import result_of
from gradcli.lang.session import Session
from gradcli.lang.source import Source, Span
from gradcli.lang.tensors import as_tensor, cast
from gradcli.lang.text import brief

Array = np.ndarray[Any, Any]
Point = Mapping[str, Array]
# Outputs times inputs of a derivative that is compared component by component.
LARGEST = 10_000


@dataclass(frozen=True)
class Claim:
    """What somebody says a derivative is.

    by    the variable, or for a block of the Hessian two
    text  the expression, which may use the variables and what EXPR assigns
    """

    by: tuple[str, ...]
    source: Source

    @property
    def name(self) -> str:
        return ",".join(self.by)


@dataclass(frozen=True, eq=False)
class Sample:
    """What an expression gave at a point.

    names    all variables of the session, as the expression left them
    kinks    operations that lie on a kink, with the convention followed there
    reverse  the derivative by each variable, of the shape of the output and then of the variable
    forward  the same in forward mode
    """

    point: Point
    leaves: Mapping[str, Tensor]
    output: Tensor
    tape: Tape
    names: Mapping[str, Any]
    kinks: Sequence[str]
    reverse: Mapping[str, Array]
    forward: Mapping[str, Array]

    @property
    def finite(self) -> bool:
        """Has it a value and a derivative?"""
        every = [self.output.value, *self.reverse.values()]
        return all(bool(np.all(np.isfinite(each))) for each in every)

    @cached_property
    def program(self) -> Program:
        """The output by the operations alone; raises WrongType for one of a user's own."""
        return program_of(self.tape, self.leaves, [self.output])

    def moved(self, name: str, direction: Array) -> Callable[[float | complex], Array]:
        """The output as a function of how far a variable moved."""
        values: dict[str, Any] = {n: leaf.value for n, leaf in self.leaves.items()}

        def at(h: float | complex) -> Array:
            there = values | {name: np.asarray(values[name] + h * direction)[()]}
            try:
                with np.errstate(all="ignore"):
                    return np.asarray(self.program.run(there)[0])
            except DomainError:  # the step left the domain
                return np.full(self.output.shape, np.nan)

        return at


class Trial:
    """A calculation with variables, run at one point after another.

    running  what an evaluation happens inside of
    """

    def __init__(self, session: Session, wrt: Sequence[str]) -> None:
        self.session = session
        self.wrt = wrt

    def running(self) -> AbstractContextManager[None]:
        return self.session.evaluating()

    def run(self, leaves: Mapping[str, Tensor]) -> tuple[Tape, Tensor, Mapping[str, Any]]:
        """The value with these variables, on a tape of its own, and what the claims may use."""
        raise NotImplementedError

    def said(self, sample: Sample, claim: Claim) -> Any:
        """What a claim says at a point, recorded on the sample's tape."""
        raise NotImplementedError

    def leaves(self, point: Point) -> dict[str, Tensor]:
        return {name: cast(value, self.session.dtype, True) for name, value in point.items()}

    def check(self, point: Point, claims: Sequence[Claim] = ()) -> Tape:
        """Raise what the expression, or a claim about it, raises at a point."""
        leaves = self.leaves(point)
        tape, y, names = self.run(leaves)
        if claims:
            # Claims are recorded on a tape of their own.
            sample = Sample(point, leaves, y, Tape(), names, (), {}, {})
            for claim in claims:
                self.claimed(sample, claim)
        return tape

    def at(self, point: Point, *, forward: bool = True) -> Sample:
        """Value and derivatives, in both modes or in reverse; raises what the expression does."""
        leaves = self.leaves(point)
        tape, y, names = self.run(leaves)
        with self.running():
            met = [
                f"{brief(n.span) if n.span else n.name}: {n.op.kink.convention}"
                for n in kinks(edge(y))
                if n.op.kink is not None
            ]
            by = [leaves[name] for name in self.wrt]
            reverse = self.derivative(by_rows, y, by)
            ahead = self.derivative(by_columns, y, by) if forward else {}
        return Sample(point, leaves, y, tape, names, met, reverse, ahead)

    def derivative(self, way: Any, y: Tensor, by: Sequence[Tensor]) -> dict[str, Array]:
        """The Jacobian by each variable, found by one of the engine's two modes."""
        sizes = [x.size for x in by]
        if y.size * sum(sizes) > LARGEST:
            raise ShapeMismatch(
                f"a derivative of {y.size * sum(sizes):,} components is too large to check",
                hint=f"at most {LARGEST:,}; sum() the result, or choose with --wrt",
            )
        self.session.meter.allocate((y.size, sum(sizes)))
        root = edge(y)
        inside = [k for k, x in enumerate(by) if root is not None and depends(y, x)]
        shapes = [y.shape + x.shape for x in by]
        found = [np.zeros(shape) for shape in shapes]
        if inside:
            matrix = way(root, y, [by[k] for k in inside])
            ends = np.cumsum([sizes[k] for k in inside])[:-1]
            for k, part in zip(inside, np.split(matrix, ends, axis=1), strict=True):
                found[k] = np.reshape(part, shapes[k])
        return dict(zip(self.wrt, found, strict=True))

    def claimed(self, sample: Sample, claim: Claim) -> tuple[Tensor, Tensor, Array]:
        """What a claim is a derivative of, the claim's value, and the engine's derivative.

        For a block of the Hessian that is the gradient by its first variable.
        """
        value = self.said(sample, claim)
        with self.running(), taping(sample.tape):
            root = sample.output
            if len(claim.by) > 1:
                if root.size != 1:
                    raise SeedNeeded("a Hessian is of one number", hint="sum() the result")
                (root,) = gradients_of(root, [sample.leaves[claim.by[0]]], again=True)
            last = sample.leaves[claim.by[-1]]
            shape = root.shape + last.shape
            try:
                said = as_tensor(value)
            except WrongType as error:
                raise self.blame(error, claim) from None
            if root.size == 1 and said.shape == last.shape:
                shape = said.shape
            if said.shape != shape:
                said = self.spread(said, shape, claim)
            truth = jacobian_of(root, [last])[0] if edge(root) is not None else None
            found = np.zeros(shape) if truth is None else np.reshape(truth.value, shape)
        return root, said, np.asarray(found, float)

    def spread(self, said: Tensor, shape: tuple[int, ...], claim: Claim) -> Tensor:
        """A claim of one number for all components."""
        if said.size != 1:
            error = ShapeMismatch(
                f"the claim for {claim.name} has shape {said.shape}, the derivative {shape}"
            )
            raise self.blame(error, claim)
        found: Tensor = FUNCTIONS["broadcast_to"](FUNCTIONS["reshape"](said, ()), shape)
        return found

    def blame(self, error: GradcliError, _claim: Claim) -> GradcliError:
        """An error of a claim, with its place if that is known here."""
        return error


class TextTrial(Trial):
    """Of the last value of a text."""

    def __init__(self, session: Session, source: Source, wrt: Sequence[str]) -> None:
        super().__init__(session, wrt)
        self.source = source
        self.codes = session.compile(source)

    def run(self, leaves: Mapping[str, Tensor]) -> tuple[Tape, Tensor, Mapping[str, Any]]:
        session = self.session
        session.tape = tape = Tape()
        session.variables.update(leaves)
        results = session.run_code(self.codes)
        place = results[-1].place if results else None
        if place is None or not results[-1].is_expression:
            span = place.span if place is not None else Span(0, len(self.source.text))
            error = WrongType("the last statement is no expression", hint="end with a value")
            raise self.source.blame(error, span)
        with self.running():
            output = real(as_tensor(results[-1].value))
        return tape, output, dict(session.variables)

    def said(self, sample: Sample, claim: Claim) -> Any:
        session = self.session
        session.tape = sample.tape
        session.variables.update(sample.names)
        return session.evaluate(claim.source)

    def blame(self, error: GradcliError, claim: Claim) -> GradcliError:
        return claim.source.blame(error, Span(0, len(claim.source.text)))


class FunctionTrial(Trial):
    """Of a function of a program that is running, and of one that claims to be its derivative.

    The claim is by the first variable, or of a tuple, as it `has_all` then, by each.
    """

    has_all = False

    def __init__(self, session: Session, function: Any, claim: Any, names: Sequence[str]) -> None:
        super().__init__(session, names)
        self.function = function
        self.claim = claim

    def running(self) -> AbstractContextManager[None]:
        return nullcontext()

    def called(self, function: Any, leaves: Mapping[str, Tensor]) -> Any:
        return self.session.machine.call_back(function, tuple([leaves[n] for n in self.wrt]))

    def run(self, leaves: Mapping[str, Tensor]) -> tuple[Tape, Tensor, Mapping[str, Any]]:
        with taping(Tape()) as tape:
            value = self.called(self.function, leaves)
            return tape, real(result_of(value, self.function.name)), {}

    def said(self, sample: Sample, claim: Claim) -> Any:
        with taping(sample.tape):
            value = self.called(self.claim, sample.leaves)
        self.has_all = type(value) is tuple
        if type(value) is not tuple:
            return value
        if len(value) != len(self.wrt):
            raise WrongType(
                f"{self.claim.name} returns {len(value)} derivatives of a function of "
                f"{len(self.wrt)} variables"
            )
        return value[self.wrt.index(claim.name)]


def real(y: Tensor) -> Tensor:
    if y.dtype.kind == "c":
        raise WrongType(
            "the result is complex", hint="check its real() and imag(), or use eval --check"
        )
    return y


def depends(y: Tensor, x: Tensor) -> bool:
    return edge(x) in set(reachable([edge(y)]))


def directions_of(shape: tuple[int, ...], most: int) -> Iterator[Array]:
    """Unit vectors, or three by lot where there are more than `most`."""
    size = int(np.prod(shape))
    if size <= most:
        for row in np.eye(size):
            yield row.reshape(shape)
        return
    lot = np.random.default_rng(0)
    for _ in range(3):
        yield lot.choice([-1.0, -0.5, 0.5, 1.0], shape)
