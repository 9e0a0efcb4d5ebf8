"""Derivatives of one function many times over: calculated a few times, then run as a program.

A function that only calculates (see `purity`) is recorded with its derivative once it has been
called some times with arguments of one kind. From then on the program stands for it wherever all
that it read is as it was; tensors that it reads besides its arguments are inputs of the program.
Whatever is not plain sailing is calculated as ever: a nan or an infinity that is new, an error, too
little fuel, a tape. So its results, warnings and errors are the same, and it takes as much fuel.

No code is generated here (see `engine.stepwise`).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine.arguments import REFUSALS
from gradcli.engine.executors.stepwise import Run, step_by_step
from gradcli.engine.graph import here
from gradcli.engine.storage import is_inference
from gradcli.engine.tape import taping
from gradcli.engine.tensor import Tensor
from gradcli.errors import GradcliError, WrongType, described
from gradcli.lang.dialects import active
from gradcli.lang.limits import current
from gradcli.lang.numbers import NUMBERS
from gradcli.lang.repetition.faithful import Recording, driven, is_shared_number, program_with
from gradcli.lang.repetition.purity import derived_from, purity_of
from gradcli.lang.values import Function, NativeSteps

if TYPE_CHECKING:
    from gradcli.lang.limits import Meter

# What a derivative of a function is at some arguments: steps that call it.
Calculation = Callable[[tuple[Any, ...]], NativeSteps]
Arguments = tuple[Any, ...]

# Calls that pay for a recording: it takes as long as some of them.
CALLS = 8
# Times that a new program must agree with the calculation at other numbers, to the last bit.
TRIALS = 2
# Times that a program may be of no use, or what it read another, before it is given up.
FAILURES = 8
# Kinds of calls that one evaluation looks at.
MOST = 64
# Values of a program, and bytes of them; units of a call, and its arguments. Beside large arrays
# the interpreter takes no time.
LONGEST, LARGEST = 10_000, 2**20
DEAREST, ARGUMENTS = 10_000, 32


def repeated(
    what: Hashable,
    function: Any,
    positions: Sequence[int],
    arguments: Arguments,
    calculation: Calculation,
) -> NativeSteps:
    """The result of a calculation, which is that of `what` of the function by the arguments at
    these positions, and nothing else."""
    function, whats = derived_from(function)
    call = call_of((what, *whats), function, positions, arguments)
    if call is None:
        return (yield from calculation(arguments))
    return (yield from call.result(function, arguments, calculation))


def call_of(
    what: Hashable, function: Any, positions: Sequence[int], arguments: Arguments
) -> RepeatedCall | None:
    """What is known of such calls; None where they are not to be recorded."""
    state, meter = here.state, current()
    if (
        type(function) is not Function
        or meter is None
        or state.tape is not None
        or not state.recording
        or state.inference
        or state.anomaly
        or active.dialect is not None
    ):
        return None
    kinds = kinds_of(positions, arguments)
    if kinds is None:
        return None
    known, key = meter.repeated, (id(function.code), what, kinds)
    call: RepeatedCall | None = known.get(key)
    if call is None and len(known) < MOST:
        call = known[key] = RepeatedCall(function, positions, kinds, meter)
    return None if call is None or call.failures > FAILURES else call


def kinds_of(positions: Sequence[int], arguments: Arguments) -> tuple[Any, ...] | None:
    """What arguments have in common with those that a program is for; None if there is none."""
    count = len(arguments)
    if count > ARGUMENTS or any(not -count <= position < count for position in positions):
        return None
    inputs = [position % count for position in positions]
    kinds: list[Any] = []
    for at, x in enumerate(arguments):
        kind = type(x)
        if kind is Tensor:
            if x.requires_grad or is_inference(x):
                return None
            kinds.append((x.shape, x.dtype, type(x.value)))
        elif kind is not float and kind is not int:
            return None
        else:
            kinds.append(kind if at in inputs else (kind, repr(x)))
    return tuple(kinds)


class RepeatedCall:
    """Calls of a derivative of one function at arguments of one kind.

    kinds     of the arguments: a type of those that may be any number
    plain     do only numbers come in? Then numbers come out
    purity    of the function, with what else it reads
    tensors   the shapes and dtypes of the tensors among that, and which are the same tensor
    calls     how many cost as much fuel as each other: `price`
    run       the program, once there is one; `form` is that of its results
    results   how many it has; after them comes what `watches` look at
    shared    which of its results are arrays without axes
    depth     how many calls are within each other
    seen      the numbers that it was recorded at, and how many `trials` it has passed
    """

    def __init__(
        self, function: Function, positions: Sequence[int], kinds: tuple[Any, ...], meter: Meter
    ) -> None:
        self.code = function.code  # so that its identity stays its own
        self.kinds = kinds
        self.by = [position % len(kinds) for position in positions]
        self.plain = all(type(kind) is type or type(kind[0]) is type for kind in kinds)
        self.meter = meter
        self.machine = meter.machine
        self.failures = 0
        self.run: Run | None = None
        self.begin(function)

    def begin(self, function: Function) -> None:
        """Begin anew: what the function reads is other than it was."""
        self.run = None
        self.calls = self.trials = self.depth = 0
        self.price = -1.0
        self.purity = purity_of(function, self.machine.variables)
        self.tensors: list[Any] | None = None
        if self.purity is not None:
            tensors = self.purity.tensors(function, self.machine.variables)
            self.tensors = kinds_of_tensors(tensors or [])
        if self.tensors is None:
            self.give_up()

    def give_up(self) -> None:
        self.failures = FAILURES + 1
        self.run = None

    def result(
        self, function: Function, arguments: Arguments, calculation: Calculation
    ) -> NativeSteps:
        tensors = self.read(function)
        if tensors is None:
            self.failures += 1
            self.begin(function)
            tensors = self.read(function) or []
        if self.failures > FAILURES:
            return (yield from calculation(arguments))
        if self.run is None:
            return (yield from self.paid(function, arguments, tensors, calculation))
        numbers = self.numbers(arguments, tensors)
        found = self.calculated(numbers)
        if found is None:
            self.failures += 1
            return (yield from calculation(arguments))
        if self.trials < TRIALS and not all(map(same_bits, numbers, self.seen)):
            value = yield from calculation(arguments)
            self.try_out(value, found)
            return value
        self.meter.charge(self.price)
        for y in found:
            self.meter.hold(y)
        return self.filled(found)

    def read(self, function: Function) -> list[Tensor] | None:
        """The tensors that the function reads, if all that it reads is of the kind that it was."""
        if self.purity is None:
            return None
        tensors = self.purity.tensors(function, self.machine.variables)
        if not tensors or kinds_of_tensors(tensors) == self.tensors:
            return tensors
        return None

    # ---- before there is a program --------------------------------------------------------------

    def paid(
        self,
        function: Function,
        arguments: Arguments,
        tensors: list[Tensor],
        calculation: Calculation,
    ) -> NativeSteps:
        """The result, calculated; and a recording, once that has been paid for."""
        given = [x for x in (*arguments, *tensors) if type(x) is Tensor]
        versions = [(x.value, x._version) for x in given]
        fuel = self.meter.fuel
        value = yield from calculation(arguments)
        price = fuel - self.meter.fuel
        self.calls = self.calls + 1 if price == self.price else 1
        self.price = price
        if price > DEAREST:
            self.give_up()
            return value
        for x, (content, version) in zip(given, versions, strict=True):
            if x.value is not content or x._version != version or x.requires_grad:
                self.give_up()  # it wrote into what it was given
                return value
        if self.calls >= CALLS:
            self.record(arguments, tensors, calculation, value)
        return value

    def record(
        self,
        arguments: Arguments,
        tensors: list[Tensor],
        calculation: Calculation,
        value: Any,
    ) -> None:
        """Record the calculation again, and see whether the program gives this value."""
        state, meter, machine = here.state, self.meter, self.machine
        before = state.span, meter.fuel, meter.differentiated
        machine.deepest = machine.depth
        met: list[str] = []
        at = tuple(
            [
                x if value is None else Tensor(value)
                for x, value in zip(arguments, self.values(arguments), strict=True)
            ]
        )
        inputs = {f"x{k}": x for k, x in enumerate(unique([*at, *tensors]))}
        tape, outputs = Recording(whole=True), list[Tensor]()
        for x in inputs.values():
            tape.enter(x)
        tape.inputs = len(inputs)
        try:
            with np.errstate(all="call", call=lambda kind, _: met.append(kind)), taping(tape):
                result, ends = driven(calculation(at), machine.call_back, tape)
            self.form = form_of(result, outputs)
            program, self.watches = program_with(tape, ends, inputs, outputs)
        except GradcliError:
            self.give_up()  # a branch by a number, or not enough of what is limited
            return
        finally:
            state.span, meter.fuel, meter.differentiated = before
        size = sum(x.size * x.dtype.itemsize for x in program.values)
        if len(program.values) > LONGEST or size > LARGEST or {*met} - {"underflow"}:
            self.give_up()
            return
        self.depth = machine.deepest - machine.depth
        self.results = len(outputs)
        self.run = step_by_step(program, self.results)
        self.seen = [x.copy() for x in self.numbers(arguments, tensors)]
        found = self.calculated(self.seen)
        self.shared = {at for at, y in enumerate(tensors_of(value)) if is_shared_number(y)}
        if found is None or not same(value, self.filled(found)):
            self.give_up()

    # ---- with a program -------------------------------------------------------------------------

    def numbers(self, arguments: Arguments, tensors: list[Tensor]) -> list[Any]:
        """The program's inputs."""
        own = [value for value in self.values(arguments) if value is not None]
        return own + [x.value for x in unique(tensors)]

    def values(self, arguments: Arguments) -> list[Any]:
        """Of the arguments as the function finds them; None of constants."""
        return [self.value(at, x) for at, x in enumerate(arguments)]

    def value(self, at: int, x: Any) -> Any:
        if type(x) is Tensor:  # one to differentiate by is a leaf of its own
            return x.value[()] if at in self.by else x.value
        return np.float64(x) if type(self.kinds[at]) is type else None

    def calculated(self, numbers: list[Any]) -> list[Any] | None:
        """What the program gives; None where the interpreter might have something to tell."""
        meter, limits, run = self.meter, self.machine.limits, self.run
        if (
            run is None
            or meter.stop is not None
            or meter.fuel <= self.price
            or self.machine.depth + self.depth > limits.depth
            or meter.ledger.bound + LARGEST > limits.memory
        ):
            return None
        try:
            with np.errstate(divide="raise", over="raise", invalid="raise", under="ignore"):
                found = run(*numbers)
                met = any(watch.is_met(found) for watch in self.watches)
                return None if met else found[: self.results]
        except (FloatingPointError, GradcliError, *REFUSALS):
            return None

    def filled(self, found: list[Any]) -> Any:
        """The result: of plain numbers, if only those came in."""
        if self.plain:
            return filled(self.form, [Tensor(y) if y.ndim else y.item() for y in found])
        tensors = [
            Tensor(np.asarray(y) if at in self.shared else y[()]) for at, y in enumerate(found)
        ]
        return filled(self.form, tensors)

    def try_out(self, value: Any, found: list[Any]) -> None:
        """Compare the program with the calculation."""
        self.trials += 1
        if not same(value, self.filled(found)):
            self.give_up()


# ---- tensors ------------------------------------------------------------------------------------


def unique(values: Sequence[Any]) -> list[Tensor]:
    """The tensors among values, each once."""
    return [*{id(x): x for x in values if type(x) is Tensor}.values()]


def kinds_of_tensors(tensors: list[Tensor]) -> list[Any] | None:
    """Their shapes and dtypes, and which are the same; None if one needs a gradient, or is none
    for graphs."""
    places: dict[int, int] = {}
    kinds = []
    for x in tensors:
        if x.requires_grad or is_inference(x):
            return None
        same = places.setdefault(id(x), len(places))
        kinds.append((same, x.shape, x.dtype, type(x.value)))
    return kinds


# ---- results ------------------------------------------------------------------------------------

# The place of a tensor among the outputs, or of each in a tuple.
Form = int | tuple["Form", ...]


def form_of(result: Any, outputs: list[Tensor]) -> Form:
    if type(result) is tuple:
        return tuple([form_of(part, outputs) for part in result])
    if type(result) is not Tensor:
        raise WrongType(f"{described(result)} is no part of a program")
    outputs.append(result)
    return len(outputs) - 1


def filled(form: Form, found: list[Any]) -> Any:
    if type(form) is tuple:
        return tuple([filled(part, found) for part in form])
    return found[form]  # type: ignore[index]  # it is no tuple


def tensors_of(result: Any) -> list[Any]:
    """The tensors, or numbers, of a result in their order."""
    if type(result) is not tuple:
        return [result]
    return [y for part in result for y in tensors_of(part)]


def same(a: Any, b: Any) -> bool:
    """Are two results equal in every bit?"""
    if type(a) is not type(b):
        return False
    if type(a) is tuple:
        return len(a) == len(b) and all(map(same, a, b))
    if type(a) is Tensor:
        alike = not a.requires_grad and type(a.value) is type(b.value)
        return alike and same_bits(a.value, b.value)
    return type(a) in NUMBERS and repr(a) == repr(b)


def same_bits(a: Any, b: Any) -> bool:
    return bool(a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes())
