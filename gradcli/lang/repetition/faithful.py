"""Programs that do just what a calculation of the language does, and tell when it has more to say.

That is when an operation meets a kink, or numpy reports what floating point cannot hold: so all
that the function calculates is in its program, of use or not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from gradcli.engine.graph import here
from gradcli.engine.ops.table import Op
from gradcli.engine.program import Program, program_of
from gradcli.engine.tape import Entry, Tape
from gradcli.engine.tensor import Tensor
from gradcli.errors import WrongType
from gradcli.lang.values import NativeSteps

ROUNDED = ("add", "sub", "rsub", "mul", "div", "neg")


class Recording(Tape):
    """What is recorded here, which must be what is calculated otherwise, step by step."""


def forbid(what: str) -> None:
    """This is calculated in other steps while it is recorded."""
    if type(here.state.tape) is Recording:
        raise WrongType(f"{what} is no part of a program")


class Watch(NamedTuple):
    """Where a program tells that an operation lies on a kink, by its operands and its result."""

    at: Callable[..., Any]
    places: range
    static: tuple[Any, ...]

    def is_met(self, found: list[Any]) -> bool:
        return bool(np.any(self.at(*[found[k] for k in self.places], *self.static)))


def driven(
    steps: NativeSteps, call: Callable[[Any, tuple[Any, ...]], Any], tape: Tape
) -> tuple[Any, int]:
    """The result of native steps, whose calls are made here, and the tape's length after them."""
    value, end = None, 0
    try:
        while True:
            function, arguments, _ = steps.send(value)
            value = call(function, arguments)
            end = len(tape.entries)
    except StopIteration as stop:
        return stop.value, end
    finally:
        steps.close()


def program_with(
    tape: Tape, end: int, inputs: dict[str, Tensor], outputs: list[Tensor]
) -> tuple[Program, list[Watch]]:
    """The program of these outputs, and then of what the watches look at; of what is on a tape up
    to `end`, which is what the function calculated."""
    if reads_shared_numbers(tape):
        raise WrongType("a number that became an array is no part of a program")
    calculated = [entry for entry in tape.entries[:end] if entry.op is not None]
    every, watches = list(outputs), list[Watch]()
    for entry in calculated:
        if entry.op is not None and entry.op.kink is not None and entry.tensor.grad_fn is not None:
            seen = watched(entry, tape)
            places = range(len(every), len(every) + len(seen))
            watches.append(Watch(entry.op.kink.at, places, entry.static))
            every += seen
    whole = program_of(tape, inputs, [*every, *(entry.tensor for entry in calculated)])
    return Program(whole.values, whole.outputs[: len(every)]), watches


def watched(entry: Entry, tape: Tape) -> list[Tensor]:
    """What tells whether an operation lies on a kink: its operands and its result."""
    if entry.part is not None:
        raise WrongType("a kink of several results is no part of a program")
    return [*(tape.entries[k].tensor for k in entry.operands), entry.tensor]


def reads_shared_numbers(tape: Tape) -> bool:
    """Does an operation that may tell read a number that has become an array?

    Its powers are those of arrays, which may differ in the last digit from those of numbers. What
    rounds correctly gives the same of both; so do numpy's ufuncs, which make arrays of numbers, and
    what moves and sums.
    """
    shared = {k for k, entry in enumerate(tape.entries) if is_shared_number(entry.tensor)}
    for x in filter(is_shared_number, tape.aliases):
        shared.add(tape.enter(x))
    # The views of an array are arrays in a program, too.
    shared -= {k for k in shared if (op := tape.entries[k].op) is not None and op.view}
    return any(
        not shared.isdisjoint(entry.operands)
        for entry in tape.entries
        if entry.op is not None and may_tell(entry.op)
    )


def may_tell(op: Op) -> bool:
    """May an operation give another result of a number than of an array without axes?"""
    return not (op.linear or op.name in ROUNDED or type(op.forward) is np.ufunc)


def is_shared_number(x: Any) -> bool:
    """Has a number, which is a scalar of numpy, become an array, for a view of it to share?"""
    return type(x) is Tensor and type(x.value) is np.ndarray and not x.value.shape
