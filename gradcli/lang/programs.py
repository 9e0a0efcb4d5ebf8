"""An expression, its gradient and its Hessian as a program, for all values of its variables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations_with_replacement
from typing import Any, NamedTuple

import numpy as np

from gradcli.engine import autograd
from gradcli.engine.functions import FUNCTIONS
from gradcli.engine.jacobians import jacobian_of
from gradcli.engine.program import Program, program_of
from gradcli.engine.reach import reachable
from gradcli.engine.tape import Tape
from gradcli.engine.tensor import Tensor, edge
from gradcli.errors import GradcliError, ParseError, SeedNeeded, WrongType, WrongValue
from gradcli.lang.compiler import Place
from gradcli.lang.session import Session
from gradcli.lang.source import Source, Span
from gradcli.lang.tensors import as_tensor


class Recorded(NamedTuple):
    """An expression as a whole tape, on which nothing but the `leaves` may change."""

    tape: Tape
    leaves: Mapping[str, Tensor]
    value: Any
    place: Place


class Watch(NamedTuple):
    """Where a program tells that a row lies on a kink: the place, and the convention there."""

    place: Place | None
    convention: str


class RowProgram(NamedTuple):
    """A program of numbers: value, derivatives, then for each watch whether it is met."""

    program: Program
    derivatives: tuple[tuple[str, ...], ...]
    watches: tuple[Watch, ...]


def record(session: Session, source: Source, leaves: Mapping[str, Tensor]) -> Recorded:
    """Raises WrongValue if it draws random numbers: a program would have the same ones always."""
    before = session.numbers.position()
    codes = session.compile(source)
    session.variables.update(leaves)
    tape = session.tape = Tape(whole=True)
    for leaf in leaves.values():
        tape.enter(leaf)
    tape.inputs = len(leaves)
    results = session.run_code(codes)
    if not results or not results[-1].is_expression:
        if not codes:
            raise source.blame(ParseError("there is no expression"), Span(0, 0))
        error = WrongValue(
            "the last statement is no expression, so there is nothing to differentiate",
            hint="end with the value that is wanted",
        )
        raise source.blame(error, codes[-1].place.span)
    # A framework that was imported, or a seed, begins a stream of its own.
    if session.numbers.position() not in (before, session.numbers.start):
        error = WrongValue("random numbers would be the same ones for all values of the variables")
        raise source.blame(error, results[-1].place.span)
    return Recorded(tape, leaves, results[-1].value, results[-1].place)


def program_of_text(
    session: Session, source: Source, leaves: Mapping[str, Tensor], *, hessian: bool = False
) -> Program:
    """The value, then the derivatives by each variable, then those of each of these by each.

    The value must be one number. Branches and indices must not depend on the variables' values.
    """
    found = record(session, source, leaves)
    with session.evaluating():
        try:
            y = number(found.value, "what is exported")
            inputs = list(leaves.values())
            outputs = [y]
            first = gradients(y, inputs)
            outputs += first
            for g in first if hessian else ():
                outputs += jacobian(g, inputs)
            return program_of(found.tape, leaves, outputs)
        except GradcliError as error:
            raise source.blame(error, found.place.span) from None


def program_of_rows(
    session: Session,
    source: Source,
    leaves: Mapping[str, Tensor],
    by: Sequence[str],
    *,
    order: int = 1,
) -> RowProgram:
    """The value, the derivatives up to this order (of the second each pair once), the kinks.

    The variables are numbers, and the value is one; random numbers are refused. Raises WrongType
    where the rows' calculation is not the same for all.
    """
    found = record(session, source, leaves)
    with session.evaluating():
        try:
            y = number(found.value, "the value of a row")
            watches = kinks(found.tape, y) if order else {}
            outputs, derivatives = [y], list[tuple[str, ...]]()
            if order:
                inputs = [leaves[name] for name in by]
                first = gradients(y, inputs)
                outputs += first
                derivatives += [(name,) for name in by]
            if order > 1:
                rows = dict(zip(by, (gradients(g, inputs) for g in first), strict=True))
                for a, b in combinations_with_replacement(by, 2):
                    outputs.append(rows[a][list(by).index(b)])
                    derivatives.append((a, b))
            program = program_of(found.tape, leaves, [*outputs, *watches.values()])
        except GradcliError as error:
            raise error if error.location else source.blame(error, found.place.span) from None
    return RowProgram(program, tuple(derivatives), tuple(watches))


def number(value: Any, what: str) -> Tensor:
    """A result as one number."""
    y = as_tensor(value)
    if y.size != 1:
        raise SeedNeeded(
            f"{what} is one number; the result has shape {y.shape}",
            hint="sum() it, or choose an element",
        )
    return y.reshape(()) if y.ndim else y


def kinks(tape: Tape, y: Tensor) -> dict[Watch, Tensor]:
    """For every operation that y depends on and that has kinks: is it at one?"""
    found: dict[Watch, Tensor] = {}
    differentiated = {id(node) for node in reachable([edge(y)])}
    for k in tape.ancestors(tape.enter(y)):
        entry = tape.entries[k]
        node = entry.tensor.grad_fn
        if node is None or id(node) not in differentiated or node.op.kink is None:
            continue
        operands = [tape.entries[j].tensor for j in entry.operands]
        try:
            if node.op.several:
                raise TypeError
            at = as_tensor(node.op.kink.at(*operands, entry.tensor, *entry.static))
        except (AttributeError, TypeError):
            # It is made for arrays: of these rows numpy sorts, or gives several results.
            raise WrongType(f"the kinks of {node.name} are in no program") from None
        at = FUNCTIONS["any"](at) if at.ndim else at
        watch = Watch(node.span, node.op.kink.convention)
        found[watch] = found[watch] | at if watch in found else at
    return found


def gradients(y: Tensor, inputs: list[Tensor]) -> list[Tensor]:
    """By each input; zeros where y does not depend on it."""
    if not y.requires_grad:
        return [FUNCTIONS["zeros_like"](x) for x in inputs]
    found = autograd.grad(y, inputs, create_graph=True, materialize_grads=True)
    return [g for g in found if g is not None]


def jacobian(y: Tensor, inputs: list[Tensor]) -> list[Tensor]:
    """By each input, of y's shape and then its own."""
    return jacobian_of(y, inputs) if y.ndim else gradients(y, inputs)


def example(shape: tuple[int, ...]) -> Any:
    """An array of which nothing is singular, or equal to anything else."""
    return np.random.default_rng(0).uniform(0.25, 0.75, shape)
