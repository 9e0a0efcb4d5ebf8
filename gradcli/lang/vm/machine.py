"""The one loop that runs instructions, with frames of its own.

Fuel, the stop flag and the depth of calls live here. A function of the program is a frame of
instructions; a native function that calls others is a generator, resumed with each result. So no
program, however nested, uses Python's stack.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from gradcli.engine.graph import here
from gradcli.errors import GradcliError, LimitExceeded, WrongType, described
from gradcli.lang.classes import instantiated
from gradcli.lang.values import (
    CALLABLE,
    CALLED,
    LISTS,
    Bound,
    Builtin,
    Class,
    Derivative,
    ErrorType,
    ErrorValue,
    Function,
    Method,
    Module,
    NativeSteps,
    Scope,
)
from gradcli.lang.vm.blocks import Guard, caught, leave_guard
from gradcli.lang.vm.calls import bound, derivative, native

if TYPE_CHECKING:
    from gradcli.lang.compiler import Code, Instruction, Place
    from gradcli.lang.limits import Limits, Meter


# What a call that waits for others takes, roughly, with its names.
FRAME_BYTES = 1000
# How many runs of the machine may be inside each other: each takes some of Python's stack.
NESTED = 16
# What has a length that counts against a limit. A list that holds others counts its own items.
MEASURED = LISTS | {str, dict}


class Frame:
    """A body being run: its instructions, where it is in them, its stack and its names.

    guards  the blocks that an error or a return passes on its way out
    saved   the journal's mark after the last statement that was committed
    name    of the function, if it has one
    """

    __slots__ = ("at", "back", "guards", "instructions", "name", "names", "saved", "scope", "stack")

    steps: NativeSteps | None = None

    def __init__(
        self,
        instructions: list[Instruction],
        scope: Scope,
        back: Frame | Native | None,
        name: str = "",
    ) -> None:
        self.instructions = instructions
        self.at = 0
        self.stack: list[Any] = []
        self.scope = scope
        self.names = scope.names
        self.back = back
        self.name = name
        self.guards: list[Guard] | None = None
        self.saved = 0

    def guard(self, guard: Guard) -> None:
        if self.guards is None:
            self.guards = []
        self.guards.append(guard)

    @property
    def place(self) -> Place | None:
        """Where it is: at the call that it waits for."""
        return self.instructions[self.at - 1][2] if self.at else None


class Native:
    """A native function between two calls that it makes: their results come on its stack."""

    __slots__ = ("back", "place", "stack", "steps")

    guards = None

    def __init__(self, steps: NativeSteps, place: Place, back: Frame | Native | None) -> None:
        self.steps = steps
        self.place = place
        self.back = back
        self.stack: list[Any] = []


class Machine:
    """Runs statements over one set of global names.

    modules   by name, what makes the names of each module that a program may import
    """

    def __init__(
        self,
        limits: Limits,
        meter: Meter,
        builtins: Mapping[str, Any],
        modules: Mapping[str, Callable[[], dict[str, Any]]],
    ) -> None:
        self.limits = limits
        self.meter = meter
        meter.call_back = self.call_back
        meter.machine = self
        self.builtins = builtins
        self.modules = modules
        self.imported: dict[str, Module] = {}
        self.globals = Scope()
        self.variables = self.globals.names
        self.result: Any = None
        self.depth = 0
        self.deepest = 0
        self.nested = 0
        self.frame: Any = None
        self.stack: list[Any] = []
        # The operation or call being done, and its operands: what a warning may quote.
        self.operands: tuple[Any, ...] = ()

    def module(self, name: str) -> Module | None:
        """A module that is built in, made when it is first imported."""
        if name not in self.imported and name in self.modules:
            self.meter.journal.undo(partial(self.imported.pop, name, None))
            self.imported[name] = Module(name, self.modules[name]())
        return self.imported.get(name)

    def run(self, code: Code) -> Any:
        """The value of a statement, None if it has none.

        An error carries its place, and takes back what the simple statement changed before it
        failed; those that ended before within this one stay done.
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
        """Run until the outermost frame ends; an error goes on at the handler that takes it."""
        while True:
            try:
                self.steps()
                return
            except GradcliError as error:
                if not caught(self, error):
                    raise

    def steps(self) -> None:
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
                # An iterator of a list can be asked where it is, and told where to go on.
                run: Any = iter(frame.instructions)
                end, paid = len(frame.instructions), frame.at
                run.__setstate__(paid)
                for handler, argument, place in run:
                    state.span = place
                    to = handler(self, argument)
                    if to is not None:
                        # What runs straight on is no longer than the text: jumps are to pay.
                        at = end - run.__length_hint__()
                        meter.charge(at - paid)
                        if to < 0:
                            if self.frame is not frame:
                                frame.at = at
                            break
                        run.__setstate__(to)
                        paid = to
                else:
                    meter.charge(end - paid)
                    return
        except GradcliError as error:
            if error.location is None and place is not None:
                error.location = place.source.locate(place.span)
            raise

    def unwind(self) -> None:
        """Leave every frame that an error left behind, so that natives undo what they set."""
        while self.frame is not None:
            if type(self.frame) is Native:
                self.frame.steps.close()
            for guard in reversed(self.frame.guards or ()):
                leave_guard(self.frame, guard)
            self.frame = self.frame.back
        self.stack = []
        self.operands = ()

    # ---- calls ----

    def enter(self, frame: Frame | Native) -> None:
        self.frame = frame
        self.stack = frame.stack

    def deliver(self, value: Any) -> None:
        """Leave the current frame, with its value, for the one that waits for it."""
        self.depth -= 1
        self.enter(self.frame.back)
        self.stack.append(value)

    def call(self, function: Any, arguments: tuple[Any, ...], named: dict[str, Any]) -> None:
        """Call any callable value; its result arrives at the current frame."""
        kind = type(function)
        if kind in CALLED:
            function = CALLED[kind](function)
            kind = type(function)
        if kind is Bound:
            arguments = (function.owner, *arguments)
            function, kind = function.function, Function
        if kind is Method:
            self.give(native(function, (function.owner, *arguments), named))
        elif kind is Function:
            self.deeper()
            scope = Scope(function.scope)
            scope.names = bound(function, arguments, named)
            code = function.code
            self.enter(Frame(code.instructions, scope, self.frame, code.name))
        elif kind is Builtin and not function.steps:
            self.give(native(function, arguments, named))
        elif kind is Class:
            if function.call is not None:
                self.give(native(function, arguments, named))
                return
            self.deeper()
            self.enter(
                Native(instantiated(function, arguments, named), here.state.span, self.frame)
            )
        elif kind is ErrorType:
            if named:
                raise WrongType(f"{function.name} takes no names")
            self.give(ErrorValue(function.name, arguments))
        elif kind is Builtin or kind is Derivative:
            self.deeper()
            steps = (
                native(function, arguments, named)
                if kind is Builtin
                else derivative(function, arguments, named)
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
                    f"more than {NESTED} calls from built-in functions within each other",
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
        if type(value) in MEASURED:
            self.made(value)
        self.stack.append(value)

    def deeper(self) -> None:
        self.depth += 1
        self.deepest = max(self.deepest, self.depth)
        self.meter.reserve(self.depth * FRAME_BYTES)
        if self.depth > self.limits.depth:
            raise LimitExceeded(
                f"more than {self.limits.depth} calls within calls",
                limit="depth",
                hint="does a function call itself without end?",
            )

    def resume(self, frame: Native) -> None:
        """Let a native function go on, to its next call or to its end."""
        try:
            function, arguments, named = frame.steps.send(
                frame.stack.pop() if frame.stack else None
            )
        except StopIteration as stop:
            self.deliver(stop.value)
            return
        if type(function) not in CALLABLE:
            raise WrongType(f"{described(function)} is not a function")
        self.call(function, arguments, named)
