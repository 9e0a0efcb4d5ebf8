"""What an evaluation may use, and the one gate where that is charged.

Fuel is deterministic: a unit is about a microsecond, taken from the rows' costs and the shapes,
before anything is allocated or computed. So a text that ends within its limits here ends within
them everywhere.
"""

from __future__ import annotations

import gc
import math
import weakref
from collections.abc import Callable, Sequence, Sized
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np

from gradcli.engine.graph import Node, here
from gradcli.engine.metering import Keeper
from gradcli.errors import Interrupted, LimitExceeded, UsageError
from gradcli.lang.lexer import TextLimits
from gradcli.lang.nearest import closest
from gradcli.lang.vm.journal import Journal
from gradcli.lang.vm.ledger import LEDGER_FROM, Ledger

if TYPE_CHECKING:
    from gradcli.engine.ops.table import Op
    from gradcli.engine.tensor import Tensor

UNLIMITED = 2**62
ndarray = np.ndarray
# For map(), which takes no step of Python then.
NBYTES, SIZE = attrgetter("value.nbytes"), attrgetter("value.size")
SHAPE = attrgetter("shape")


class Limits(NamedTuple):
    """Every limit of an evaluation; the field names are those of `--limit NAME=N`."""

    source: int = 65_536  # characters of an expression
    script: int = 1_048_576  # characters of a script
    nesting: int = 100
    name: int = 256
    string: int = 65_536
    list: int = 100_000
    number: int = 1_000
    steps: int = 10_000_000  # fuel
    kernel: int = 2_000_000  # fuel of one operation that cannot be interrupted
    depth: int = 100  # of calls
    elements: int = 10_000_000  # of one tensor
    rank: int = 32
    memory: int = 512 * 2**20  # bytes of live tensors
    nodes: int = 1_000_000  # of live graph
    order: int = 16  # of derivatives
    output: int = 2**20  # characters printed
    seconds: int = 10  # wall clock, a backstop
    check: int = 2  # seconds of processor time of the cross-check

    def text(self, *, script: bool) -> TextLimits:
        """The limits that reading a text is under."""
        source = self.script if script else self.source
        return TextLimits(source, self.nesting, self.name, self.string, self.list, self.number)

    def changed(self, name: str, value: int) -> Limits:
        if name not in self._fields:
            raise UsageError(
                f"there is no limit '{name}'",
                hint=closest(name, self._fields) or "the limits are " + ", ".join(self._fields),
            )
        return self._replace(**{name: value})

    def setting(self, text: str) -> Limits:
        """`steps=1e8`: with one limit changed, as people write it."""
        name, equals, number = text.partition("=")
        try:
            value = float(number)
            if not equals or not 0 <= value < UNLIMITED:
                raise ValueError
        except ValueError:
            raise UsageError(
                f"the limit '{text}' is not of the form NAME=N", hint="such as steps=1e8"
            ) from None
        return self.changed(name.strip(), int(value))

    def beyond(self, what: str, limit: str) -> LimitExceeded:
        return LimitExceeded(f"{what}; the limit is {self._asdict()[limit]:,}", limit=limit)

    def trusted(self) -> Limits:
        """Without fuel, wall clock and memory: for a person's own work."""
        free = ("steps", "kernel", "memory", "nodes", "elements", "seconds")
        return self._replace(**dict.fromkeys(free, UNLIMITED))


def counted(number: int) -> str:
    return f"{number:,}" if number < 10**15 else "more than 10^15"


def no_program(function: Any, arguments: tuple[Any, ...]) -> Any:
    raise NotImplementedError  # a machine puts itself here


def current() -> Meter | None:
    """The meter of the evaluation that this thread is in."""
    return cast("Meter | None", here.state.meter)


def note_change(owner: Tensor) -> None:
    """The tensor's `.grad` is about to be assigned."""
    meter = current()
    if meter is not None:
        meter.assigning([owner])


# Elements of a rule that costs nothing beside the node.
SMALL = LEDGER_FROM // 8
# Units of a rule whose results are too small to ask for their memory in advance.
SLIGHT = 20


def read(node: Node) -> tuple[Any, ...]:
    """What stands for the operands of a node's row."""
    return node.specs or (() if node.x is None else (node.x,))


def largest(node: Node, g: Any) -> int:
    """The elements of the largest of a cotangent and the operands of the node that it came to."""
    return int(max((g.size, *map(math.prod, map(SHAPE, read(node))))))


class Meter:
    """Charges one evaluation. `stop` is a flag that signal handlers set and the loop reads."""

    __slots__ = (
        "call_back",
        "created",
        "differentiated",
        "fuel",
        "journal",
        "ledger",
        "limits",
        "machine",
        "node_check",
        "repeated",
        "stop",
        "sums",
    )

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.fuel: float = limits.steps
        self.ledger = Ledger()
        self.journal = Journal()
        # How native code calls a function of the program (see Machine.call_back).
        self.call_back: Callable[[Any, tuple[Any, ...]], Any] = no_program
        # The machine itself, and what it knows of calls that it makes again and again.
        self.machine: Any = None
        self.repeated: dict[Any, Any] = {}
        # The node whose rules run, or ran last.
        self.differentiated: Node | None = None
        self.created = 0
        self.node_check = limits.nodes
        self.stop: str | None = None
        # The tensors whose `.grad` a pass of this evaluation added to, by identity.
        self.sums: dict[int, weakref.ref[Tensor]] = {}

    def refill(self) -> None:
        """A new evaluation begins: fuel anew; what is alive stays counted."""
        self.fuel = self.limits.steps
        self.sums.clear()
        self.repeated.clear()

    def charge(self, units: float) -> None:
        self.fuel -= units
        if self.fuel < 0 or self.stop is not None:
            self.halt()

    def halt(self) -> None:
        """Out of fuel, or told to stop."""
        if self.stop == "interrupt":
            raise Interrupted("interrupted")
        if self.stop == "clock":
            raise LimitExceeded(
                f"more than {self.limits.seconds} s of wall-clock time", limit="seconds"
            )
        raise LimitExceeded(f"more than {self.limits.steps:,} steps of work", limit="steps")

    def work(self, op: Op, operands: tuple[Any, ...], static: tuple[Any, ...]) -> float:
        """Charge one forward application by its shapes, before it is made; its nanoseconds."""
        elements, nanoseconds = op.measure(operands, static)
        limits = self.limits
        if elements > limits.elements:
            self.check_elements(elements)
        if nanoseconds > 1000 * limits.kernel:
            units = counted(int(nanoseconds / 1000))
            raise limits.beyond(f"one operation of {units} steps", "kernel")
        if self.ledger.bound + elements * 8 > limits.memory:
            self.reserve(elements * 8)
        self.fuel -= nanoseconds / 1000
        if self.fuel < 0 or self.stop is not None:
            self.halt()
        return nanoseconds

    def slope(self, node: Node, g: Any) -> None:
        """Charge a node's rules: about twice what the operation itself cost.

        What goes wrong in them went wrong where the operation stands in the text.
        """
        here.state.span = node.span
        self.differentiated = node
        if self.stop is not None:
            self.halt()
        op, price = node.op, node.price
        if price is not None and g.shape == node.y.shape:
            if op.work is None and price <= op.cost * SMALL:
                return
            units = price / 500
        elif op.work is None:
            # The result of an elementwise row is as large as its largest operand.
            size = g.size if op.elementwise else largest(node, g)
            if size <= SMALL:
                return
            units = op.cost * size / 500
        else:
            static = node.static or ()
            units = op.work(*read(node), *static) / 500
            if op.several or op.elementwise or g.size != node.y.size:
                units *= max(1.0, g.size / max(1, op.elements(read(node), static)))
        if units > SLIGHT:
            size = largest(node, g)
            self.reserve(size * 8 * sum([target is not None for target in node.targets]))
        self.fuel -= units
        if self.fuel < 0:
            self.halt()

    def allocate(self, shape: tuple[int, ...], units: float = 1 / 1000) -> None:
        """Charge a tensor that is made of nothing or of lists, at so many units an element."""
        if len(shape) > self.limits.rank:
            raise self.limits.beyond(f"a tensor of rank {len(shape)}", "rank")
        self.check_extent(shape)
        elements = math.prod(shape)
        self.check_elements(elements)
        self.reserve(elements * 8)
        self.charge(elements * units)

    def check_elements(self, count: int) -> None:
        if count > self.limits.elements:
            raise self.limits.beyond(f"a tensor of {counted(count)} elements", "elements")

    def check_extent(self, shape: tuple[int, ...]) -> None:
        """Refuse what is empty but long: reduced over the empty axis it would be large."""
        if 0 in shape:
            self.check_elements(math.prod(n or 1 for n in shape))

    def check_length(self, value: str | Sized) -> None:
        """Refuse a string or a collection that is too long."""
        if type(value) is str:
            self.check_string(len(value))
        else:
            self.check_items(len(value), type(value).__name__)

    def check_string(self, length: int) -> None:
        if length > self.limits.string:
            raise self.limits.beyond(f"a string of {counted(length)} characters", "string")

    def check_items(self, count: int, kind: str) -> None:
        if count > self.limits.list:
            raise self.limits.beyond(f"a {kind} of {counted(count)} items", "list")

    def keep(self, container: Any) -> None:
        """A list or dict is about to change in more than one item."""
        self.charge(len(container) / 4)
        self.journal.contents(container)

    def changing(self, owners: Sequence[Tensor]) -> None:
        """A pass is about to add to `.grad`."""
        self.reserve(sum(map(NBYTES, owners)))
        new = []
        for owner in owners:
            grad = None if owner.meta is None else owner.meta.grad
            if grad is None:
                new.append(owner)
                continue
            if grad.value.any():
                self.sums[id(owner)] = weakref.ref(owner)
            self.journal.sum(owner, grad, self.copies)
        self.journal.gradients(new, made=True)

    def assigning(self, owners: Sequence[Tensor]) -> None:
        """Their `.grad` are about to become others."""
        self.journal.gradients(owners, made=False)

    def writing(self, target: Tensor, base: Tensor) -> None:
        self.journal.storage(target, base, self.copies)

    def overwriting(self, targets: Sequence[Tensor]) -> None:
        self.charge(sum(map(SIZE, targets)) / 100)
        self.journal.storages(targets, self.copies)

    def remembering(self, owner: Keeper) -> None:
        self.journal.memory(owner, self.copies)

    def copies(self, values: Sequence[Any]) -> list[Any]:
        """What to restore values from; of a scalar, and of what cannot be written, it is that."""
        size = sum([value.nbytes for value in values if type(value) is ndarray])
        if not size:
            return list(values)
        self.reserve(size)
        self.charge(size / 8000)
        found = [
            value.copy() if type(value) is ndarray and value.flags.writeable else value
            for value in values
        ]
        for copy in found:
            self.hold(copy)
        return found

    @property
    def live(self) -> int:
        """The bytes of tensors that are alive."""
        return self.ledger.count()

    def reserve(self, size: int) -> None:
        """Refuse bytes that would be too many, before they are allocated."""
        ledger, most = self.ledger, self.limits.memory - size
        if ledger.bound <= most:
            return
        self.charge(len(ledger) / 20)
        if ledger.count() > most:
            raise LimitExceeded(
                f"more than {self.limits.memory >> 20} MiB alive at once", limit="memory"
            )

    def hold(self, value: Any) -> None:
        """Count a result's bytes until they are freed."""
        if type(value) is not ndarray:
            return
        size = value.nbytes
        if not size:
            self.check_extent(value.shape)
        elif value.base is not None:
            self.ledger.hold(value)
        elif size >= LEDGER_FROM:
            self.ledger.enter(value, size)

    def node(self) -> None:
        """Count a node. Those that were freed meanwhile are found when the count runs out."""
        self.created += 1
        if self.created > self.node_check:
            alive = sum(type(thing) is Node for thing in gc.get_objects())
            if alive > self.limits.nodes:
                self.created = alive
                raise LimitExceeded(
                    f"a graph of more than {self.limits.nodes:,} nodes", limit="nodes"
                )
            self.created = alive
            self.node_check = max(self.limits.nodes, alive + self.limits.nodes // 8)
            self.charge(self.limits.nodes / 16)
