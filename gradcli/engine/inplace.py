"""In-place operations: a row is applied out of place, and its result written over its operand.

The write raises the storage's version, and what looks at the storage gets a new history: the
tensor itself, or, if it is a view, its base, of which every view then is a fresh view.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from gradcli.engine.apply import ROWS, record
from gradcli.engine.arguments import bound
from gradcli.engine.graph import Node, Output, Target, here, stop
from gradcli.engine.hooks import watch_of
from gradcli.engine.notice import warn
from gradcli.engine.operands import as_operand, detached_index
from gradcli.engine.ops import TABLE
from gradcli.engine.ops.table import Op, Spec
from gradcli.engine.ops.writing import Region
from gradcli.engine.promotion import category
from gradcli.engine.storage import (
    INFERENCE,
    check_not_inference,
    live_views,
    saved_operands,
    version_of,
)
from gradcli.engine.tensor import Tensor, edge
from gradcli.errors import DtypeMismatch, LeafRule, NotInPlace, ShapeMismatch

Function = Callable[..., Tensor]
COPY, ZERO, FILL, INDEX_PUT = (TABLE[name] for name in ("copy", "zero", "fill", "index_put"))
COPY_SLICES, AS_STRIDED, GETITEM = (TABLE[n] for n in ("copy_slices", "as_strided", "getitem"))


def in_place(target: Tensor, function: Function, *arguments: Any, **named: Any) -> Tensor:
    """Give the target the value and the history of `function(target, *arguments)`."""
    check_writable(target)
    # The operation reads an alias: the target itself is about to become the result.
    alias = Tensor(target.value, target.origin)
    if here.state.tape is not None:
        here.state.tape.alias(alias, target)
    write(target, function(alias, *arguments, **named), alias)
    return target


def check_writable(target: Tensor) -> None:
    """Refuse what would make a leaf that needs a gradient into something else."""
    check_not_inference(target)
    if not here.state.recording or target.meta is None:
        return
    base = target.meta.base
    hint = "no_grad() allows it where it is not to be recorded"
    if target.origin is None and target.requires_grad:
        raise LeafRule("an in-place operation on a leaf that needs a gradient", hint=hint)
    if base is not None and base.requires_grad:
        if base.origin is None:
            raise LeafRule("an in-place operation on a view of a leaf that needs one", hint=hint)
        if target.meta.closed is not None:
            raise LeafRule(
                f"an in-place operation on a view that {target.meta.closed}",
                hint="write into a copy, or make the view by an index where that is recorded",
            )


def write(target: Tensor, out: Tensor, alias: Tensor | None = None) -> None:
    """Write `out` over the target; `alias` stands for the target's old value in its graph."""
    out = fitting(out, target)
    tape = here.state.tape
    base = target if target.meta is None or target.meta.base is None else target.meta.base
    # The calculation before the write: only a tape asks what the base was.
    before = None
    if tape is not None:
        tape.overwrite(target)
        before = Tensor(np.copy(base.value)[()], base.origin)
        tape.alias(before, base)
    if here.state.meter is not None:
        here.state.meter.writing(target, base)
    version = version_of(target)
    store(target, out, alias)
    version.count += 1
    part = edge(out)
    if not here.state.recording or (part is None and base.origin is None):
        if tape is not None:
            for tensor in (base, *live_views(base)):
                tape.forget(tensor, out)
        if base.origin is not None:
            refresh(base)
        return
    untangle(target, part)
    rebase(target, part, None if before is None else (before, out))


def fitting(out: Tensor, target: Tensor) -> Tensor:
    """`out` in the target's dtype; the target can neither grow nor change its kind of number."""
    if out.shape != target.shape:
        raise NotInPlace(
            f"a result of shape {out.shape} does not fit in place into shape {target.shape}"
        )
    if out.dtype == target.dtype:
        return out
    if category(out.dtype) > category(target.dtype):
        raise NotInPlace(f"a result of {out.dtype} does not fit in place into {target.dtype}")
    return ROWS["astype"](out, target.dtype)


def store(target: Tensor, out: Tensor, alias: Tensor | None) -> None:
    """Change the storage. What a node saved of the old value is kept for it."""
    value = target.value
    if type(value) is not np.ndarray:
        target.value = out.value
        return
    if not value.flags.writeable:
        if target.meta is not None and target.meta.base is not None:
            raise NotInPlace(
                "an in-place operation on a view that shows one element in several places",
                hint="write into a copy of it",
            )
        value = target.value = value.copy()
    node = out.grad_fn
    if node is not None and any(x is alias for x in saved_operands(node)) and alias is not None:
        alias.value = value.copy()
    value[...] = out.value


def overwrite(target: Tensor, change: Callable[[Any], None]) -> None:
    """Let `change` write into a constant's or leaf's storage, which nothing records.

    Optimizers and running statistics are written so: no result is allocated.
    """
    overwrite_all([target], lambda values: change(values[0]))


def overwrite_all(
    targets: Sequence[Tensor], change: Callable[[list[np.ndarray[Any, Any]]], None]
) -> None:
    """Let `change` write into the storages of several at once. Their versions rise."""
    state, values, scalars = here.state, [], []
    versions = list(map(version_of, targets))
    if INFERENCE in versions:
        for target in targets:
            check_not_inference(target)
    if state.meter is not None:
        state.meter.overwriting(targets)
    if state.tape is not None:
        for target in targets:
            state.tape.forget(target)
    for target, version in zip(targets, versions, strict=True):
        value = target.value
        if type(value) is not np.ndarray or not value.flags.writeable:
            if not value.shape:
                scalars.append(target)
            value = target.value = np.array(value)
        values.append(value)
        version.count += 1
    change(values)
    for target in scalars:
        target.value = target.value[()]


# ---- histories ----------------------------------------------------------------------------------


def set_history(tensor: Tensor, node: Node | Output) -> None:
    """The tensor is the result of `node` from now on, and keeps its gradient there if it did."""
    meta = tensor._meta()
    if meta.retains_grad:
        old = tensor.origin
        if old is not None and old.watch is not None:
            old.watch.retained = None
        watch_of(node).retained = weakref.ref(tensor)
    tensor.origin = node
    if type(node) is Node and node.op.saves_y and meta.version is not None:
        watch = watch_of(node)
        watch.version, watch.at = meta.version, meta.version.count


def rebase(target: Tensor, part: Target, taped: tuple[Tensor, Tensor] | None = None) -> None:
    """The target was written with the result of `part`: so was its base, and views of that follow.

    `taped` are the base as it was and the result, for a tape.
    """
    meta = target._meta()
    if meta.base is None:
        assert type(part) is Node or type(part) is Output  # the target's old history is part of it
        set_history(target, part)
        refresh(target)
        return
    base, region = meta.base, Region.of(target.value, meta.base.value)
    set_history(base, node_of(COPY_SLICES, (edge(base), part), (base, target), base, (region,)))
    if taped is not None and here.state.tape is not None:
        here.state.tape.append(COPY_SLICES, taped, (region,), base)
    refresh(base)


NEAR = 64  # nodes: enough for what one statement calculates


def untangle(target: Tensor, part: Target) -> None:
    """Let what was just calculated from the target hold an alias of it, as it was.

    A node that saved the target, or a view of it, would own its own result once the target's
    history leads to that node, and such a cycle waits for the collector. What was calculated long
    before is not looked for: that would take time in proportion to the graph.
    """
    base = target if target.meta is None or target.meta.base is None else target.meta.base
    stack, seen = [part], 0
    while stack and seen < NEAR:
        node, _ = stop(stack.pop())
        if type(node) is not Node or node is target.grad_fn:
            continue
        seen += 1
        stack.extend(node.targets)
        if node.more is None:
            node.x, node.w = untangled(node.x, base), untangled(node.w, base)
        elif type(node.x) is tuple:
            node.x = tuple([untangled(x, base) for x in node.x])


def untangled(saved: Any, base: Tensor) -> Any:
    """A saved operand, or its alias if it is the base or a view of it. It keeps the version."""
    if type(saved) is not Tensor or saved.meta is None:
        return saved
    if saved is not base and saved.meta.base is not base:
        return saved
    alias = Tensor(saved.value, saved.origin)
    alias._meta().version = version_of(saved)
    return alias


def refresh(base: Tensor) -> None:
    """Make every view of the base one of its new value."""
    for view in live_views(base):
        region = Region.of(view.value, base.value)
        set_history(view, node_of(AS_STRIDED, (base.origin,), (base,), view, (region,)))
        if here.state.tape is not None:
            here.state.tape.append(AS_STRIDED, (base,), (region,), view)


def node_of(
    op: Op, targets: tuple[Any, ...], operands: tuple[Any, ...], y: Any, static: tuple[Any, ...]
) -> Node:
    """A node of a row that saves nothing and whose value is there already."""
    node: Node = object.__new__(Node)
    node.op = op
    node.a = node.b = node.w = node.seen = node.price = node.watch = None
    node.more = targets
    node.static = static
    node.specs = node.x = tuple([Spec(x.shape, x.dtype) for x in operands])
    node.y = Spec(y.shape, y.dtype)
    node.span = here.state.span
    if here.state.meter is not None:
        here.state.meter.node()
    return node


# ---- assignment ---------------------------------------------------------------------------------


def source_for(target: Tensor, value: Any) -> Tensor:
    """What is to be written, as a tensor. A complex number does not become a real one unasked."""
    source = value if type(value) is Tensor else as_operand(value, target.value)
    if source is not value and source.dtype.kind == "c" and target.dtype.kind != "c":
        raise NotInPlace(
            f"a complex number does not fit in place into {target.dtype}",
            hint="its real(), imag() or abs() does",
        )
    return source


def note_cast(target: Tensor, source: Tensor) -> None:
    """Warn of what is lost where a tensor is cast to be written."""
    if source.dtype.kind == "c" and target.dtype.kind != "c":
        warn(
            f"complex numbers lose their imaginary parts where they are written into {target.dtype}"
        )


def copy_(target: Tensor, value: Any) -> Tensor:
    """Overwrite with another tensor's elements, which may broadcast and are cast."""
    source = source_for(target, value)
    check_writable(target)
    note_cast(target, source)
    if target.meta is None or target.meta.base is None:
        return in_place(target, lambda x: record(COPY, (x, source), ()))
    # What a view showed before needs no gradient: its base's history is cut where it looks.
    fits = source.shape == target.shape and source.dtype == target.dtype
    write(target, source if fits else record(COPY, (Tensor(target.value), source), ()))
    return target


def zero_(target: Tensor) -> Tensor:
    """Overwrite with zeros."""
    return in_place(target, ROWS["zero"])


def fill_(target: Tensor, value: Any) -> Tensor:
    """Overwrite every element with one number."""
    if type(value) is Tensor:
        if value.shape:
            raise ShapeMismatch(f"fill_ takes one number, not shape {value.shape}")
        return copy_(target, value)
    number = source_for(target, value)
    if number.shape:
        raise ShapeMismatch(f"fill_ takes one number, not shape {number.shape}")
    return in_place(target, ROWS["fill"], number.item())


def setitem(target: Tensor, index: Any, value: Any) -> None:
    """`target[index] = value`: through a view, or element by element for arrays of indices."""
    check_writable(target)
    (operand,), (place,) = bound(GETITEM, (target, detached_index(index)), {})
    source = source_for(target, value)
    extra = source.ndim - len(place.shape)
    if extra > 0 and source.shape[:extra] == (1,) * extra:
        source = record(TABLE["reshape"], (source,), (source.shape[extra:],))
    if place.basic:
        copy_(record(GETITEM, (operand,), (place,)), source)
        return
    if source.dtype != target.dtype:
        if type(value) is Tensor and here.state.floating is not None:
            raise DtypeMismatch(
                f"elements of {source.dtype} are put into a tensor of {target.dtype}",
                hint="cast them, or write through a slice",
            )
        note_cast(target, source)
        source = ROWS["astype"](source, target.dtype)
    in_place(target, lambda x: record(INDEX_PUT, (x, source), (place,)))


__all__ = [
    "check_writable",
    "copy_",
    "fill_",
    "in_place",
    "overwrite",
    "overwrite_all",
    "rebase",
    "setitem",
    "write",
    "zero_",
]
