"""The one loop that runs instructions, with frames of its own.

Fuel, the stop flag and the depth of calls live here. A function of the program is a frame of
instructions; a native function that calls others is a generator, resumed with each result. So no
program, however nested, uses Python's stack.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.engine.graph import here
from gradcli.errors import GradcliError, LimitExceeded, WrongType
from gradcli.lang import calculus
from gradcli.lang.values import (
    CALLABLE,
    Builtin,
    Derivative,
    Function,
    Method,
    NativeSteps,
    Scope,
    described,
)

if TYPE_CHECKING:
    from gradcli.lang.compiler import Code, Instruction, Place
    from gradcli.lang.limits import Limits, Meter


# What a call that waits for others takes, roughly, with its names.
FRAME_BYTES = 1000
# How many runs of the machine may be inside each other: each takes some of Python's stack.
NESTED = 16
# What has a length that counts against a limit. A list that holds others counts its own items.
MEASURED = frozenset({str, tuple, list, dict})


class Frame:
    """A body being run: its instructions, where it is in them, its stack and its names."""

    __slots__ = ("at", "back", "instructions", "scope", "stack")

    def __init__(
        self, instructions: list[Instruction], scope: Scope, back: Frame | Native | None
    ) -> None:
        self.instructions = instructions
        self.at = 0
        self.stack: list[Any] = []
        self.scope = scope
        self.back = back


class Native:
    """A native function between two calls that it makes."""

    __slots__ = ("back", "place", "steps", "value")

    def __init__(self, steps: NativeSteps, place: Place, back: Frame | Native | None) -> None:
        self.steps = steps
        self.place = place
        self.back = back
        self.value: Any = None


class Machine:
    """Runs statements over one set of global names."""

    def __init__(self, limits: Limits, meter: Meter, builtins: dict[str, Any]) -> None:
        self.limits = limits
        self.meter = meter
        meter.call_back = self.call_back
        self.builtins = builtins
        self.globals = Scope()
        self.result: Any = None
        self.depth = 0
        self.nested = 0
        self.frame: Any = None
        self.stack: list[Any] = []
        # The operation or call being done, and its operands: what a warning may quote.
        self.operands: tuple[Any, ...] = ()

    def run(self, code: Code) -> Any:
        """The value of a statement, None if it has none.

        An error carries its place, and takes back what the statement changed before it failed.
        """
        self.result = None
        self.depth = 0
        self.operands = ()
        try:
            with self.meter.journal.statement():
                self.enter(Frame(code.instructions, self.globals, None))
                self.loop()
                self.meter.charge(0)  # the last kernel may have been long
                return self.result
        finally:
            self.unwind()

    def loop(self) -> None:
        """Run instructions until those of a frame end without a return: the outermost one's."""
        state, meter = here.state, self.meter
        place: Any = None
        try:
            while True:
                frame = self.frame
                if type(frame) is Native:
                    place = state.span = frame.place
                    self.resume(frame)
                    continue
                if frame.at == len(frame.instructions):
                    return
                handler, argument, place = frame.instructions[frame.at]
                frame.at += 1
                state.span = place
                meter.fuel -= 1
                if meter.fuel < 0 or meter.stop is not None:
                    meter.halt()
                handler(self, argument)
        except GradcliError as error:
            if error.location is None and place is not None:
                error.location = place.source.locate(place.span)
            raise

    def unwind(self) -> None:
        """Leave every frame that an error left behind, so that natives undo what they set."""
        while self.frame is not None:
            if type(self.frame) is Native:
                self.frame.steps.close()
            self.frame = self.frame.back
        self.stack = []
        self.operands = ()

    # ---- calls ----

    def enter(self, frame: Frame | Native) -> None:
        self.frame = frame
        self.stack = frame.stack if type(frame) is Frame else []

    def deliver(self, value: Any) -> None:
        """Leave the current frame, with its value, for the one that waits for it."""
        self.depth -= 1
        back = self.frame.back
        self.enter(back)
        if type(back) is Native:
            back.value = value
        else:
            self.stack.append(value)

    def call(self, function: Any, arguments: tuple[Any, ...], named: dict[str, Any]) -> None:
        """Call any callable value; its result arrives at the current frame."""
        kind = type(function)
        if kind is Method:
            self.give(native(function, (function.owner, *arguments), named))
        elif kind is Builtin and not function.steps:
            self.give(native(function, arguments, named))
        elif kind is Function:
            self.deeper()
            scope = Scope(function.scope)
            scope.names = bound(function, arguments, named)
            self.enter(Frame(function.code.instructions, scope, self.frame))
        elif kind is Builtin or kind is Derivative:
            self.deeper()
            steps = (
                native(function, arguments, named)
                if kind is Builtin
                else calculus.derivative(function, *one_argument(function, arguments, named))
            )
            self.enter(Native(steps, here.state.span, self.frame))
        else:
            raise WrongType(f"{described(function)} is not a function")

    def call_back(self, function: Any, arguments: tuple[Any, ...]) -> Any:
        """The result of a call that native code waits for, such as a pass for that of a hook.

        This is a run within a run. Its frames stand on one of their own, which ends the loop.
        """
        state = here.state
        outer = (self.frame, self.stack, self.operands, self.depth, self.nested)
        span = state.span
        if state.meter is not self.meter:  # a pass outside an evaluation
            self.meter.refill()
        bottom = Frame([], self.globals, None)
        self.enter(bottom)
        self.nested += 1
        try:
            if self.nested > NESTED:
                raise LimitExceeded(
                    f"more than {NESTED} hooks within the passes of hooks",
                    limit="depth",
                    hint="does a hook begin the pass that calls it?",
                )
            self.call(function, arguments, {})
            self.loop()
            return bottom.stack.pop()
        finally:
            self.unwind()
            self.frame, self.stack, self.operands, self.depth, self.nested = outer
            state.span = span

    def made(self, value: Any) -> Any:
        """A string or collection that was just made, charged by its length, which is limited."""
        if type(value) in MEASURED:
            self.meter.check_length(value)
            self.meter.charge(len(value) / 4)
        return value

    def give(self, value: Any) -> None:
        """Hand the result of a native function to the current frame."""
        self.made(value)
        if type(self.frame) is Native:
            self.frame.value = value
        else:
            self.stack.append(value)

    def deeper(self) -> None:
        self.depth += 1
        self.meter.reserve(self.depth * FRAME_BYTES)
        if self.depth > self.limits.depth:
            raise LimitExceeded(
                f"more than {self.limits.depth} calls within calls",
                limit="depth",
                hint="does a function call itself without end?",
            )

    def resume(self, frame: Native) -> None:
        """Let a native function go on, to its next call or to its end."""
        value, frame.value = frame.value, None
        try:
            function, arguments, named = frame.steps.send(value)
        except StopIteration as stop:
            self.deliver(stop.value)
            return
        if type(function) not in CALLABLE:
            raise WrongType(f"{described(function)} is not a function")
        self.call(function, arguments, named)


def native(function: Builtin | Method, arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """Call Python; arguments that its signature does not take are the program's error."""
    try:
        return function.call(*arguments, **named)
    except TypeError as error:
        trace = error.__traceback__
        if isinstance(error, WrongType) or trace is None or trace.tb_next is not None:
            raise
        reason = str(error).partition("() ")[2] or "these arguments do not fit"
        raise WrongType(f"{function.name}: {reason}") from None


def one_argument(
    function: Derivative, arguments: tuple[Any, ...], named: dict[str, Any]
) -> tuple[Any]:
    if len(arguments) != 1 or named:
        raise WrongType(
            f"{function.name} is for functions of one argument",
            hint=f"grad({function.function.name}, k) differentiates by argument k",
        )
    return (arguments[0],)


def bound(function: Function, arguments: tuple[Any, ...], named: dict[str, Any]) -> dict[str, Any]:
    """Parameter names with their arguments or defaults."""
    parameters, name = function.code.parameters, function.name
    if len(arguments) > len(parameters):
        raise WrongType(f"{signature(function)} takes {len(parameters)}, not {len(arguments)}")
    names = dict(zip(parameters, arguments, strict=False))
    for key, value in named.items():
        if key not in parameters:
            raise WrongType(f"{name} has no parameter '{key}'")
        if key in names:
            raise WrongType(f"{name}: '{key}' is given twice")
        names[key] = value
    defaults = dict(
        zip(parameters[len(parameters) - len(function.defaults) :], function.defaults, strict=True)
    )
    missing = [key for key in parameters if key not in names and key not in defaults]
    if missing:
        raise WrongType(f"{signature(function)} is missing {', '.join(missing)}")
    return {**defaults, **names}


def signature(function: Function) -> str:
    return f"{function.name}({', '.join(function.code.parameters)})"
