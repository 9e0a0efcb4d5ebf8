"""A tape: every recorded operation in order, with all its operands, constants included.

Nodes save only what their rules read: of `x + 1` nothing, so the 1 is lost. Whoever needs the whole
calculation puts a Tape into `here.state.tape` while it runs (`with taping() as tape:`). Operations
whose result needs no gradient are not on it: such results enter as inputs, by value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine.graph import here
from gradcli.errors import WrongType

if TYPE_CHECKING:
    from gradcli.engine.ops.table import Op
    from gradcli.engine.tensor import Tensor


class Entry:
    """An operation, or (without `op`) an input: a leaf or a constant.

    operands  the numbers of the entries that it reads
    part      which result it is of an operation with several
    value     its result as it was then; a copy, if it needs no gradient and is not folded (see
              `folding`)
    tensor    the input or result; held, with its origin, so that their identities stay their own
    """

    __slots__ = ("op", "operands", "origin", "part", "static", "tensor", "value")

    def __init__(
        self,
        op: Op | None,
        operands: tuple[int, ...],
        static: tuple[Any, ...],
        tensor: Tensor,
        part: int | None = None,
    ) -> None:
        self.op = op
        self.operands = operands
        self.static = static
        self.part = part
        self.tensor = tensor
        self.origin = tensor.origin
        value = tensor.value
        fixed = type(value) is np.ndarray and (op is None or not tensor.requires_grad)
        self.value = value.copy() if fixed and any(value.strides or (1,)) else value


class Tape:
    """Entries in the order of their calculation: operands stand before what reads them.

    A result is known by its node: a recorded pass reads saved results through tensors of its own,
    and what is overwritten gets a new node. An input is known by its tensor.

    whole   also what depends on the inputs but needs no gradient: comparisons, what is detached
    inputs  how many of the first entries may take other values when the calculation is repeated
    most    entries, and `room` bytes of values, of a tape that is kept beside a conversation: at
            the first operation beyond them it withdraws from the evaluation
    """

    __slots__ = (
        "aliases",
        "entries",
        "inputs",
        "left",
        "most",
        "numbers",
        "room",
        "sharing",
        "whole",
    )

    def __init__(self, *, whole: bool = False, most: int | None = None, room: int = 0) -> None:
        self.whole = whole
        self.most = most
        self.room = self.left = room
        self.inputs = 0
        self.aliases: list[Tensor] = []
        # By their version, tensors that share a storage outside of the graph.
        self.sharing: dict[int, list[Tensor]] = {}
        self.entries: list[Entry] = []
        self.numbers: dict[int, int] = {}

    def append(
        self,
        op: Op,
        operands: Sequence[Tensor],
        static: tuple[Any, ...],
        result: Tensor,
        part: int | None = None,
    ) -> None:
        """Record one application. Its operands that are not on the tape yet enter as inputs."""
        if self.most is not None and not self.takes(operands, result):
            here.state.tape = None
            return
        numbers = tuple([self.enter(x) for x in operands])
        self._add(Entry(op, numbers, static, result, part))

    def takes(self, operands: Sequence[Tensor], result: Tensor) -> bool:
        """Whether there is room for one application more, which is used up."""
        new = [x for x in operands if id(x.origin or x) not in self.numbers]
        self.left -= sum(x.value.nbytes for x in (*new, result))
        return self.left >= 0 and len(self.entries) < (self.most or 0)

    def note(
        self,
        op: Op,
        operands: Sequence[Tensor],
        static: tuple[Any, ...],
        result: Tensor,
        part: int | None = None,
    ) -> None:
        """Record an application whose result needs no gradient: on a whole tape, if it depends on
        what is there."""
        if self.whole and any(
            x.requires_grad or id(x.origin or x) in self.numbers for x in operands
        ):
            self.append(op, operands, static, result, part)

    def alias(self, tensor: Tensor, source: Tensor) -> None:
        """A tensor that is the same value as another, outside the graph."""
        number = self.numbers.get(id(source.origin or source))
        if self.whole and number is not None:
            self.aliases.append(tensor)
            self.numbers[id(tensor.origin or tensor)] = number
            if tensor.meta is not None and tensor.meta.version is not None:
                self.sharing.setdefault(id(tensor.meta.version), []).extend((tensor, source))

    def enter(self, tensor: Tensor) -> int:
        """The number of the entry that holds this tensor's value; a new input if none does."""
        number = self.numbers.get(id(tensor.origin or tensor))
        return self._add(Entry(None, (), (), tensor)) if number is None else number

    def refuse(self, tensor: Tensor, what: str = "a branch, or a number taken out,") -> None:
        """Raise WrongType if a value that leaves the calculation depends on what may change."""
        number = self.numbers.get(id(tensor.origin or tensor)) if self.inputs else None
        if number is not None and any(k < self.inputs for k in self.ancestors(number)):
            raise WrongType(
                f"{what} depends on the inputs: it would be the same for all others",
                hint="where(condition, a, b) chooses between values for every input",
            )

    def forget(self, tensor: Tensor, *written: Tensor) -> None:
        """It was overwritten without a record: when it is read next, it is a new input."""
        for value in (tensor, *written):
            self.refuse(value, "what a write outside of the graph changes")
        self.numbers.pop(id(tensor.origin or tensor), None)

    def overwrite(self, target: Tensor) -> None:
        """A storage is about to be written: what shares it outside of the graph is not recorded."""
        version = None if target.meta is None else target.meta.version
        for tensor in self.sharing.get(id(version), ()):
            if tensor is not target:
                self.forget(tensor)

    def _add(self, entry: Entry) -> int:
        number = len(self.entries)
        self.numbers[id(entry.tensor.origin or entry.tensor)] = number
        self.entries.append(entry)
        return number

    def ancestors(self, *numbers: int, moving: bool = False) -> list[int]:
        """The entries that these depend on and themselves, in the order of their calculation.

        moving  not those behind what needs no gradient
        """
        needed = bytearray(max(numbers, default=-1) + 1)
        for number in numbers:
            needed[number] = 1
        for k in range(len(needed) - 1, -1, -1):
            if needed[k] and (not moving or self.entries[k].tensor.requires_grad):
                for operand in self.entries[k].operands:
                    needed[operand] = 1
        return [k for k, wanted in enumerate(needed) if wanted]

    def keep(self, outputs: Iterable[Tensor]) -> None:
        """Forget what these results do not depend on."""
        known = [self.numbers.get(id(y.origin or y)) for y in outputs]
        kept = self.ancestors(*[number for number in known if number is not None])
        place = {number: k for k, number in enumerate(kept)}
        self.entries = [self.entries[number] for number in kept]
        self.numbers = {key: place[n] for key, n in self.numbers.items() if n in place}
        self.aliases = [x for x in self.aliases if id(x.origin or x) in self.numbers]
        left = set(map(id, self.aliases))
        self.sharing = {k: xs for k, xs in self.sharing.items() if not left.isdisjoint(map(id, xs))}
        self.left = self.room
        for entry in self.entries:
            entry.operands = tuple([place[k] for k in entry.operands])
            self.left -= entry.value.nbytes


def repeatable() -> bool:
    """Is what this thread computes recorded, to be repeated for other inputs?"""
    tape = here.state.tape
    return tape is not None and tape.inputs > 0


@contextmanager
def taping(tape: Tape | None = None) -> Iterator[Tape]:
    """Record on a tape, as much as it may be, what this thread computes inside."""
    state = here.state
    tape = tape or Tape()
    before, most = state.tape, tape.most
    state.tape, tape.most = tape, None
    try:
        yield tape
    finally:
        state.tape, tape.most = before, most
