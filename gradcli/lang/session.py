"""Session: the one executor. Every command, the prompt and scripts run their text through it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from gradcli.engine.graph import Node, here
from gradcli.engine.randomness import Numbers, stream
from gradcli.engine.tape import Tape
from gradcli.engine.tensor import Tensor, tensor
from gradcli.errors import DomainError, GradcliError, LimitExceeded, unforeseen
from gradcli.lang.collector import collector
from gradcli.lang.compiler import Code, Place, compile_statement
from gradcli.lang.dialects import Dialect, active, speaking
from gradcli.lang.frameworks import modules
from gradcli.lang.limits import Limits, Meter
from gradcli.lang.names import CONSTANTS, builtins
from gradcli.lang.needs import load_needed
from gradcli.lang.outside import Outside
from gradcli.lang.parser import parse, parse_expression
from gradcli.lang.passes import untold
from gradcli.lang.source import Source, Span
from gradcli.lang.syntax import ExpressionStatement
from gradcli.lang.tensors import as_tensor, cast
from gradcli.lang.text import brief, brief_value
from gradcli.lang.values import CLASS_OF, Builtin
from gradcli.lang.vm import control, instructions
from gradcli.lang.vm.machine import Machine

# The instructions that assign a variable.
STORES = (instructions.store, instructions.put)


class Result(NamedTuple):
    """What a statement gave. `is_expression` tells a value of None from no value."""

    value: Any
    place: Place
    is_expression: bool


class Caution(NamedTuple):
    """Something a person should know, and where it happened."""

    message: str
    place: Place | None


class Event(NamedTuple):
    """What numpy's error state reported first: where, and on which operands of which operation."""

    kind: str
    place: Any
    where: str = "in "
    operands: tuple[Any, ...] = ()
    node: Node | None = None

    @property
    def quoted(self) -> str:
        """The operation as it is written, and the values of operands that are no literals."""
        if self.place is None:
            return "a constant"
        written = brief(self.place)
        if not self.operands:
            return written
        operation, *values = self.operands
        if not operation.operands:
            return written
        if not self.place.span.start <= operation.operands[0].span.start < self.place.span.end:
            return written
        quoted = [
            f"{brief(place)} = {brief_value(value)}"
            for place, value in zip(operation.operands, values, strict=False)
            if brief(place).strip("0123456789.eE_+-") and brief(place) != brief_value(value)
        ]
        return f"{written} where {', '.join(quoted)}" if quoted else written


class Session:
    """Variables that statements share, under limits.

    limits   what each call of `run` may use
    dtype    of the tensors that are made of numbers
    seed     of the random numbers
    write    receives what `print` writes
    digits   to which `print` rounds
    strict   makes an error of a result that is nan or infinite
    insight  gives, for this session, functions by name that look into calculations; a text that
             names one is recorded on a tape

    Where a call of backward() does not say, `retain_graph` and `create_graph` do. Its `tape`, where
    one is set, records every operation of an evaluation, for a proof.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        *,
        dtype: str = "float64",
        seed: int | None = None,
        write: Callable[[str], object] = lambda text: None,
        digits: int | None = None,
        strict: bool = False,
        insight: Callable[[Session], Mapping[str, Callable[..., Any]]] | None = None,
    ) -> None:
        self.limits = limits or Limits()
        self.meter = Meter(self.limits)
        self.dtype = dtype
        self.digits = digits
        self.strict = strict
        self.retain_graph: bool | None = None
        self.create_graph = False
        self.warnings: list[Caution] = []
        self.tape: Tape | None = None
        self.numbers = Numbers(seed)  # which layers and dropout draw from, too
        self._write = write
        self._written = 0
        self.event: Event | None = None
        # Of the framework that was imported: its ways, and the dtype that numbers take in it.
        self.dialect: Dialect | None = None
        self.floating: np.dtype[Any] | None = None
        self.outside = Outside()
        self.insight = {} if insight is None else insight(self)
        names = builtins(self)
        for name, call in self.insight.items():
            names.made[name] = Builtin(name, call)
        self.machine = Machine(self.limits, self.meter, names, modules(self))

    @property
    def variables(self) -> dict[str, Any]:
        return self.machine.variables

    def tensors(self) -> dict[str, Tensor]:
        """Those among the variables, and the parameters of modules, each under its first name:
        `x`, `net.weight`."""
        found: dict[str, Tensor] = {}
        for name, value in self.variables.items():
            if type(value) is Tensor and name != "ans":
                found[name] = value
            elif type(value) in CLASS_OF:  # so the modules are imported
                from gradcli.nn.module import Module  # noqa: PLC0415  # few programs have modules

                named = value.named_parameters() if isinstance(value, Module) else ()
                found |= {f"{name}.{path}": parameter for path, parameter in named}
        first = {id(x): name for name, x in reversed(found.items())}
        return {name: x for name, x in found.items() if first[id(x)] == name}

    def change_limits(self, limits: Limits) -> None:
        """Put what runs from now on under other limits."""
        self.limits = self.meter.limits = self.machine.limits = limits
        self.meter.node_check = limits.nodes

    @property
    def random(self) -> np.random.Generator:
        return self.numbers.generator

    def reseed(self, seed: int) -> None:
        """Begin the random numbers anew."""
        self.meter.journal.undo(partial(setattr, self.numbers, "generator", self.random))
        self.numbers.begin(seed)

    def write(self, text: str) -> None:
        """Pass on what the program prints, up to the limit."""
        self._written += len(text)
        if self._written > self.limits.output:
            raise LimitExceeded(
                f"more than {self.limits.output:,} characters printed", limit="output"
            )
        self._write(text)

    @contextmanager
    def muted(self) -> Iterator[None]:
        """Nothing is printed inside."""
        write, self._write = self._write, lambda text: None
        try:
            yield
        finally:
            self._write = write

    def warn(self, message: str, place: Place | None = None) -> None:
        warning = Caution(message, place)
        if warning not in self.warnings:
            self.warnings.append(warning)

    # ---- running ----

    def compile(self, source: Source, *, script: bool = False) -> list[Code]:
        """The statements of a text, ready to run."""
        block = parse(source, limits=self.limits.text(script=script))
        codes = [compile_statement(source, statement) for statement in block.statements]
        for code in codes:
            load_needed(code)
        if self.tape is None and self.looks_inside(codes):
            self.tape = Tape(whole=True)
        return codes

    def looks_inside(self, codes: list[Code]) -> bool:
        """Do these statements name a function that needs a tape?"""
        return any(
            handler is instructions.load and argument in self.insight
            for code in codes
            for handler, argument, _ in code.instructions
        )

    def run(self, source: Source, *, script: bool = False) -> list[Result]:
        """Run a text; the results of its statements. Errors say where; what ran before stays."""
        return self.run_code(self.compile(source, script=script))

    def run_code(self, codes: list[Code]) -> list[Result]:
        with self.evaluating():
            return [self.run_statement(code) for code in codes]

    def run_statement(self, code: Code) -> Result:
        self.note_shadowed(code)
        value = self.machine.run(code)
        is_expression = code.instructions[-1][0] is instructions.finish
        if is_expression and value is not None:
            self.variables["ans"] = value
        return Result(value, code.place, is_expression)

    def evaluate(self, source: Source) -> Any:
        """The value of one expression."""
        tree = parse_expression(source, limits=self.limits.text(script=False))
        code = compile_statement(source, ExpressionStatement(tree, tree.span))
        load_needed(code)
        with self.evaluating():
            return self.machine.run(code)

    def leaf(self, source: Source, *, requires_grad: bool = True) -> Tensor:
        """The value of an expression as a leaf of the session's dtype that needs a gradient."""
        value = self.evaluate(source)
        try:
            return self.leaf_of(value, requires_grad=requires_grad)
        except GradcliError as error:
            raise source.blame(error, Span(0, len(source.text))) from None

    def leaf_of(self, value: Any, *, requires_grad: bool = True) -> Tensor:
        """A value, or an array from elsewhere, as a leaf of the session's dtype."""
        with self.evaluating():
            if isinstance(value, np.ndarray):
                self.meter.allocate(value.shape)
                value = tensor(value)
            return cast(as_tensor(value).value, self.dtype, requires_grad)

    @contextmanager
    def evaluating(self) -> Iterator[None]:
        """The state of this thread's engine during an evaluation, and the firewall around it.

        Anything unforeseen becomes one line: this is the one place that catches everything.
        """
        state = here.state
        before = (state.meter, state.notice, state.span, state.recording, state.tape)
        on_kink, state.on_kink = state.on_kink, self.note_kink
        untold_before = untold.retain_graph, untold.create_graph
        floating, state.floating = state.floating, self.floating
        anomaly = state.anomaly
        numbers, stream.numbers = stream.numbers, self.numbers
        state.meter, state.notice, state.tape = self.meter, self.notice, self.tape
        untold.retain_graph, untold.create_graph = self.retain_graph, self.create_graph
        self.meter.refill()
        self._written = 0
        self.event = None
        try:
            with (
                speaking(self.dialect),
                collector.held_back(),
                np.errstate(all="call", call=self.floating_point_event),
            ):
                yield
        except (GradcliError, OSError):
            raise  # only `write` can meet the world's errors
        except MemoryError:
            raise LimitExceeded("out of memory", limit="memory") from None
        except RecursionError:
            raise LimitExceeded("values within values too deep", limit="depth") from None
        except Exception as error:  # the firewall: nothing unforeseen is a traceback
            raise unforeseen(error) from error
        finally:
            state.meter, state.notice, state.span, state.recording, state.tape = before
            untold.retain_graph, untold.create_graph = untold_before
            state.floating, state.anomaly, stream.numbers = floating, anomaly, numbers
            state.on_kink = on_kink

    def adopt(self, dialect: Dialect | None, floating: Any) -> None:
        """Follow a framework from now on; taken back if the statement fails."""
        self.meter.journal.undo(partial(self._adopt, self.dialect, self.floating))
        self._adopt(dialect, None if floating is None else np.dtype(floating))

    def _adopt(self, dialect: Dialect | None, floating: np.dtype[Any] | None) -> None:
        self.dialect = active.dialect = dialect
        kind = Numbers if dialect is None else dialect.numbers
        if type(self.numbers) is not kind:
            self.numbers = stream.numbers = kind(self.numbers.seed)
        self.floating = here.state.floating = floating

    # ---- what a person should know ----

    def notice(self, message: str) -> None:
        self.warn(message, here.state.span)

    def floating_point_event(self, kind: str, _flags: int) -> None:
        """numpy met a division by zero, an overflow or an invalid value: the first is kept."""
        if self.event is None and kind != "underflow":
            place, node = here.state.span, self.meter.differentiated
            if node is not None and node.span is place:
                self.event = Event(kind, place, "in the derivative of ", node=node)
            else:
                self.event = Event(kind, place, operands=self.machine.operands)

    def note_nonfinite(self, what: str, value: Any, advice: str = "") -> None:
        """Warn, once, if a result holds nan or inf, pointing at the first operation that did."""
        raw = value.value if type(value) is Tensor else value
        if type(raw) not in (float, complex) and not isinstance(raw, np.ndarray | np.generic):
            return
        if np.asarray(raw).dtype.kind not in "fc" or np.all(np.isfinite(raw)):
            return
        message = f"{what} is {nonfinite(raw)}"
        event, place = self.event, None
        if event is not None:
            place = event.place
            message += f": {event.kind} {event.where}{event.quoted}"
        self.caution(message + advice, place)

    def note_kink(self, node: Node) -> None:
        """Warn of a point without a derivative, and of what is taken for it."""
        if node.op.kink is not None:
            written = brief(node.span) if node.span is not None else node.name
            self.caution(f"{written} has a kink here: {node.op.kink.convention}", node.span)

    def caution(self, message: str, place: Place | None) -> None:
        """A warning about numbers, which --strict makes an error."""
        if self.strict:
            error = DomainError(message, hint="without --strict this is a warning")
            raise place.source.blame(error, place.span) if place is not None else error
        self.warn(message, place)

    def note_shadowed(self, code: Code) -> None:
        """Say that a constant is hidden, the first time that it is."""
        imports = any(handler is control.import_name for handler, *_ in code.instructions)
        for handler, argument, place in code.instructions:
            hides = handler in STORES and argument in CONSTANTS and not imports
            if hides and argument not in self.variables:
                self.warn(f"'{argument}' is now a variable; the constant is hidden", place)


def nonfinite(value: Any) -> str:
    """What is in an array that is no finite number: nan if there is one."""
    if np.any(np.isnan(value)):
        return "nan"
    return "-inf" if np.all(np.isfinite(value) | (np.real(value) < 0)) else "inf"
