"""What an error, `return`, `break` or `continue` passes on its way out of a frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from gradcli.errors import CallSite, GradcliError, InternalError, Interrupted, LimitExceeded
from gradcli.lang.values import Context

if TYPE_CHECKING:
    from gradcli.lang.vm.machine import Frame, Machine, Native

# What no program can catch.
FINAL = (LimitExceeded, Interrupted, InternalError)
# Calls that an error remembers; one that is caught and raised again collects more and more.
LONGEST_TRACE = 200


class Except(NamedTuple):
    """A `try` that goes on at a handler; the stack is then as high as it was."""

    at: int
    height: int


class Finally(NamedTuple):
    """A block that runs whatever happens, given what happened."""

    at: int
    height: int


class With(NamedTuple):
    """A context to leave."""

    context: Context
    height: int


class Handling(NamedTuple):
    """An `except` block: the error that a lone `raise` raises, and the name it goes by."""

    error: GradcliError
    name: str
    height: int


Guard = Except | Finally | With | Handling


class Return(NamedTuple):
    """What goes on after the blocks on its way: the end of the function."""

    value: Any


class Leave(NamedTuple):
    """The same: the end of a loop, or its beginning, that so many blocks are around."""

    guards: int
    to: int


def leave_guard(frame: Frame, guard: Guard) -> None:
    """Undo what a block set up."""
    if type(guard) is With:
        guard.context.manager.__exit__(None, None, None)
    elif type(guard) is Handling and guard.name:
        frame.names.pop(guard.name, None)


def proceed(machine: Machine, way: Return | Leave) -> None:
    """Leave blocks up to where `return`, `break` or `continue` leads, or to a `finally`."""
    frame = machine.frame
    guards = frame.guards
    while len(guards) > (way.guards if type(way) is Leave else 0):
        guard = guards.pop()
        del frame.stack[guard.height :]
        leave_guard(frame, guard)
        if type(guard) is Finally:
            frame.stack.append(way)
            frame.at = guard.at
            return
    if isinstance(way, Return):
        machine.deliver(way.value)
    else:
        frame.at = way.to


def caught(machine: Machine, error: GradcliError) -> bool:
    """Leave frames and blocks up to one that handles the error; what it changed is undone."""
    while machine.frame is not None:
        frame = machine.frame
        if frame.guards and handled(machine, frame, error):
            return True
        if frame.back is None:
            return False
        leave_frame(machine, frame, error)
    return False


def handled(machine: Machine, frame: Frame, error: GradcliError) -> bool:
    while frame.guards:
        guard = frame.guards.pop()
        del frame.stack[guard.height :]
        leave_guard(frame, guard)
        if type(guard) in (Except, Finally) and not isinstance(error, FINAL):
            assert isinstance(guard, Except | Finally)
            frame.stack.append(error.with_traceback(None))
            frame.at = guard.at
            machine.enter(frame)
            machine.meter.journal.back(frame.saved)
            return True
    return False


def traced(error: GradcliError) -> bool:
    return type(error) is not Interrupted and len(error.trace) < LONGEST_TRACE


def leave_frame(machine: Machine, frame: Frame | Native, error: GradcliError) -> None:
    """An error leaves a frame: its call becomes part of the trace."""
    back = frame.back
    assert back is not None
    place = back.place
    if frame.steps is not None:
        frame.steps.close()
    elif frame.name and place is not None and traced(error):
        error.trace = (*error.trace, CallSite(frame.name, place.source.locate(place.span)))
    machine.depth -= 1
    machine.enter(back)
