"""Storage that several tensors share: how often it was written, and who looks at it.

A storage has a Version once it is first written, viewed or detached; before that its version is 0.
A node that saved a value compares versions when it runs: what was overwritten since is an error,
never a wrong gradient.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine.graph import FREED, Node, here
from gradcli.engine.hooks import watch_of
from gradcli.engine.ops.table import Spec
from gradcli.errors import NoGraph, NotInPlace, Overwritten

if TYPE_CHECKING:
    from gradcli.engine.tensor import Tensor


class Version:
    """How often a storage was written. Shared by a tensor, its views and what it detached."""

    __slots__ = ("count",)

    def __init__(self) -> None:
        self.count = 0


# The version of all tensors made under inference_mode(): their writes are not counted.
INFERENCE = Version()


def is_inference(tensor: Tensor) -> bool:
    return tensor.meta is not None and tensor.meta.version is INFERENCE


def made_in_inference(tensor: Tensor) -> Tensor:
    """Mark a tensor that shares no other's storage."""
    meta = tensor._meta()
    if meta.version is None:
        meta.version = INFERENCE
    return tensor


def check_not_inference(target: Tensor) -> None:
    """A tensor made under inference_mode() is written there only: nobody would notice elsewhere."""
    if is_inference(target) and not here.state.inference:
        raise NotInPlace(
            "a tensor made under inference_mode() cannot be overwritten outside",
            hint="clone() it first",
        )


def version_of(tensor: Tensor) -> Version:
    """The version of the tensor's storage; from now on the node that saved it watches it."""
    meta = tensor._meta()
    if meta.version is None:
        node = tensor.grad_fn
        if node is not None and holds(node, tensor.value):
            meta.version = result_version(node)
        else:
            meta.version = Version()
    return meta.version


def holds(node: Node, value: Any) -> bool:
    """Did the node save this very value as its result, or one of its results?"""
    results = node.y if type(node.y) is tuple else (node.y,)
    return node.op.saves_y and any(y is value for y in results)


def result_version(node: Node) -> Version:
    """The version of the storage that a node's saved result is in."""
    watch = watch_of(node)
    if watch.version is None:
        watch.version = Version()
    return watch.version


def shared(tensor: Tensor) -> np.ndarray[Any, Any]:
    """The tensor's storage, for another tensor to share: a scalar becomes an array first."""
    version_of(tensor)
    if type(tensor.value) is not np.ndarray:
        tensor.value = np.asarray(tensor.value)
    return tensor.value


def note_view(view: Tensor, source: Tensor, closed: str | None = None) -> None:
    """If the two share storage, let them share its version, and let the base know the view."""
    value = view.value
    if value.base is not source.value and (
        value.base is None or not np.may_share_memory(value, source.value)
    ):
        return  # numpy had to copy
    version, above, meta = version_of(source), source._meta(), view._meta()
    base = source if above.base is None else above.base
    meta.base, meta.version = base, version
    meta.closed = above.closed or closed
    if not here.state.recording:
        meta.closed = "was made under no_grad()"
    top = base._meta()
    views = top.views
    if views is None:
        views = top.views = {}
    # An identity is reused after its tensor's death, so this grows no larger than what was alive.
    views[id(view)] = weakref.ref(view)


# ---- what nodes saved ---------------------------------------------------------------------------


def saved_operands(node: Node) -> tuple[Any, ...]:
    """By position; None or a Spec stands where nothing was saved."""
    return node.x if node.more is not None else (node.x, node.w)


def note_versions(node: Node) -> None:
    """Remember which versions a node saved. Nothing needs to be kept where all are 0."""
    seen, written = [], False
    for operand in node.x if node.more is not None else (node.x, node.w):
        if operand is None or type(operand) is Spec or operand.meta is None:
            seen.append(0)
            continue
        version = operand.meta.version
        if version is None:
            seen.append(0)
            continue
        if version is INFERENCE:
            raise NoGraph(
                f"{node.name} would have to save a tensor made under inference_mode()",
                hint="clone() it outside, or make it under no_grad()",
            )
        count = version.count
        seen.append(count)
        if count:
            written = True
    if written:
        node.seen = tuple(seen)


def check_versions(node: Node) -> None:
    """Raise Overwritten unless all that the node saved is as it was."""
    if node.y is FREED:
        return  # which the pass reports in its own words
    watch, seen = node.watch, node.seen
    operands = node.x if node.more is not None else (node.x, node.w)
    for k, operand in enumerate(operands):
        meta = None if operand is None or type(operand) is Spec else operand.meta
        version = None if meta is None else meta.version
        if version is None:
            continue
        expected = 0 if seen is None else seen[k]
        if version.count != expected:
            what = "its operand" if len(operands) == 1 else f"operand {k + 1}"
            raise overwritten(node, what, operand, version.count, expected)
    if watch is not None and watch.version is not None and watch.version.count != watch.at:
        results = node.y if type(node.y) is tuple else (node.y,)
        y = next(y for y in results if type(y) is not Spec)
        raise overwritten(node, "its result", y, watch.version.count, watch.at)


def overwritten(node: Node, what: str, value: Any, found: int, expected: int) -> Overwritten:
    return Overwritten(
        f"{node.name} saved {what} of shape {value.shape}, which was overwritten since: "
        f"version {found} was found, version {expected} expected",
        hint="write into a copy, or use an operation that is not in place",
    )


def live_views(base: Tensor) -> list[Tensor]:
    """The views of the base that there still are; it forgets the others."""
    meta = base.meta
    if meta is None or not meta.views:
        return []
    views = [view for reference in meta.views.values() if (view := reference()) is not None]
    if len(views) < len(meta.views):
        meta.views = {id(view): weakref.ref(view) for view in views}
    return views
