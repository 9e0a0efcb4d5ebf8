"""Saved values that a program's own functions keep: what is saved is packed when an operation is
recorded and unpacked when its rules need it.

Packing stands where a tape would, so recording costs nothing where nobody packs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from gradcli.engine.apply import ROWS
from gradcli.engine.graph import AccumulateGrad, Node, Output, Target, here, recording
from gradcli.engine.hooks import watch_of
from gradcli.engine.ops.table import Spec, spec_of
from gradcli.engine.tape import Tape
from gradcli.engine.tensor import Tensor
from gradcli.errors import ShapeMismatch, WrongType, described

if TYPE_CHECKING:
    from gradcli.engine.ops.table import Op

Hook = Callable[[Any], Any]


class Packed(NamedTuple):
    """A saved value as a program's function keeps it.

    value   what the function made of it, and `unpack`, what makes the tensor again
    spec    the tensor's shape and dtype
    """

    value: Any
    unpack: Hook
    spec: Spec

    @property
    def meta(self) -> None:
        """It has no versions."""
        return None


class Packing(Tape):
    """Hands what each node saves to `pack`, and hears of nothing else.

    pack    gets the tensor that an operation met, and returns what is to be kept of it
    unpack  gets what `pack` returned, and gives a tensor of the same shape and dtype back
    under   the tape that is recorded at the same time
    """

    __slots__ = ("pack", "under", "unpack")

    def __init__(self, pack: Hook, unpack: Hook, under: Tape | None) -> None:
        super().__init__()
        self.pack, self.unpack, self.under = pack, unpack, under

    def append(
        self,
        op: Op,
        operands: Sequence[Tensor],
        static: tuple[Any, ...],
        result: Tensor,
        part: int | None = None,
    ) -> None:
        node = result.origin.a if type(result.origin) is Output else result.origin
        if type(node) is Node and not part:
            self.take(node)
        if self.under is not None:
            self.under.append(op, operands, static, result, part)
            if here.state.tape is None:  # that one is full and has withdrawn
                here.state.tape, self.under = self, None

    def note(self, *arguments: Any) -> None:
        if self.under is not None:
            self.under.note(*arguments)

    def alias(self, tensor: Tensor, source: Tensor) -> None:
        if self.under is not None:
            self.under.alias(tensor, source)

    def forget(self, tensor: Tensor, *written: Tensor) -> None:
        if self.under is not None:
            self.under.forget(tensor, *written)

    def overwrite(self, target: Tensor) -> None:
        if self.under is not None:
            self.under.overwrite(target)

    def refuse(self, tensor: Tensor, *what: str) -> None:
        if self.under is not None:
            self.under.refuse(tensor, *what)

    def take(self, node: Node) -> None:
        """Put a Spec in the place of every value that a node saved."""
        operands = list(node.x) if node.more is not None else [node.x, node.w]
        order = range(len(operands)) if node.more is not None else (1, 0)  # as PyTorch has it
        kept = {k: self.packed(operands[k]) for k in order if packs(operands[k])}
        result = None
        if node.op.saves_y and node.y is not None and type(node.y) is not tuple:
            result = self.packed(Tensor(node.y))  # a node never holds its own output tensor
            node.y = result.spec
        if not kept and result is None:
            return
        put(node, [kept[k].spec if k in kept else x for k, x in enumerate(operands)])
        node.seen = None
        watch = watch_of(node)
        watch.version, watch.packed = None, PackedValues(kept, result)

    def packed(self, tensor: Tensor) -> Packed:
        with silent():
            return Packed(self.pack(tensor), self.unpack, spec_of(tensor.value))


def packs(operand: Any) -> bool:
    """A tensor, unless it is a number that the operation met."""
    if type(operand) is not Tensor:
        return False
    return bool(operand.ndim) or operand.meta is not None or operand.origin is not None


@contextmanager
def silent() -> Iterator[None]:
    """Without a record, and without packing what packing itself calculates."""
    state = here.state
    tape, state.tape = state.tape, None
    try:
        with recording(False):
            yield
    finally:
        state.tape = tape


@contextmanager
def packing(pack: Hook, unpack: Hook) -> Iterator[None]:
    state = here.state
    before = state.tape
    state.tape = Packing(pack, unpack, before)
    try:
        yield
    finally:
        state.tape = before


def put(node: Node, operands: Sequence[Any]) -> None:
    if node.more is not None:
        node.x = tuple(operands)
    else:
        node.x, node.w = operands


# ---- in the pass --------------------------------------------------------------------------------


class PackedValues:
    """What a node saved: operands by their numbers, and the result or None."""

    __slots__ = ("operands", "result")

    def __init__(self, operands: dict[int, Packed], result: Packed | None) -> None:
        self.operands, self.result = operands, result

    def opened(self, node: Node, tracked: bool) -> Node:
        """The node with its values again; in a pass that is recorded, with their history."""
        copy: Node = object.__new__(Node)
        for name in ("a", "b", "more", "op", "seen", "span", "specs", "static", "w", "x", "y"):
            setattr(copy, name, getattr(node, name))
        copy.watch = None
        operands = list(node.x) if node.more is not None else [node.x, node.w]
        for place, each in self.operands.items():
            operands[place] = tensor(each, node.targets[place], tracked)
        put(copy, operands)
        if self.result is not None:
            copy.y = restored(self.result).value
        return copy


def restored(each: Packed) -> Tensor:
    with silent():
        found = each.unpack(each.value)
    if type(found) is not Tensor:
        raise WrongType(f"what was packed is unpacked to a tensor, not {described(found)}")
    spec = each.spec
    if found.shape != spec.shape or found.dtype != spec.dtype:
        raise ShapeMismatch(
            f"unpacked: a tensor of shape {found.shape} and dtype {found.dtype}, saved was one of "
            f"shape {spec.shape} and dtype {spec.dtype}"
        )
    return found


def tensor(each: Packed, target: Target, tracked: bool) -> Tensor:
    value = restored(each).value
    if not tracked or target is None:
        return Tensor(value)
    if not isinstance(target, AccumulateGrad):
        return Tensor(value, target)
    with recording(True):
        alias: Tensor = ROWS["positive"](target.variable)
    alias.value = value
    return alias
