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
from gradcli.errors import Overwritten

if TYPE_CHECKING:
    from gradcli.engine.tensor import Tensor


class Version:
    """How often a storage was written. Shared by a tensor, its views and what it detached."""

    __slots__ = ("count",)

    def __init__(self) -> None:
        self.count = 0


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
    if value.base is None or not np.may_share_memory(value, source.value):
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


def current(operand: Any) -> int:
    """The version of a saved operand now."""
    meta = getattr(operand, "meta", None)
    return 0 if meta is None or meta.version is None else meta.version.count


def note_versions(node: Node) -> None:
    """Remember which versions a node saved. Nothing needs to be kept where all are 0."""
    seen = tuple(map(current, saved_operands(node)))
    if any(seen):
        watch_of(node).seen = seen


def check_versions(node: Node) -> None:
    """Raise Overwritten unless all that the node saved is as it was."""
    if node.y is FREED:
        return  # which the pass reports in its own words
    operands, watch = saved_operands(node), node.watch
    seen = None if watch is None else watch.seen
    for k, operand in enumerate(operands):
        expected = 0 if seen is None else seen[k]
        if current(operand) != expected:
            what = "its operand" if len(operands) == 1 else f"operand {k + 1}"
            raise overwritten(node, what, operand, current(operand), expected)
    if watch is not None and watch.version is not None and watch.version.count != watch.at:
        raise overwritten(node, "its result", node.y, watch.version.count, watch.at)


def overwritten(node: Node, what: str, value: Any, found: int, expected: int) -> Overwritten:
    return Overwritten(
        f"{node.name} saved {what} of shape {value.shape}, which was overwritten since: "
        f"version {found} was found, version {expected} expected",
        hint="write into a copy, or use an operation that is not in place",
    )
