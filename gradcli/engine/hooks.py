"""What few nodes have: hooks, a result that keeps its gradient, versions that a pass must check."""

from __future__ import annotations

import itertools
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradcli.engine.graph import Output
    from gradcli.engine.meta import Meta
    from gradcli.engine.packing import PackedValues
    from gradcli.engine.storage import Version
    from gradcli.engine.tensor import Tensor

Hook = Callable[..., Any]
Hooks = dict[int, Hook]
_numbers = itertools.count()


class Watch:
    """Everything about a node that a pass seldom meets: a node without it runs at full speed.

    retained  weak reference to the output tensor, after retain_grad()
    version   the version of the storage that holds the saved result, and `at`, its count then
    tensor    hooks on the cotangent that arrives
    before    hooks on the node, before its rules run
    outputs   weak references to the outputs, by number, of a node that has several
    after     hooks on the node, with what its rules gave; on a leaf, with the leaf itself, once
              its .grad is there
    packed    what the program's functions keep of the saved values; see `packing`
    """

    __slots__ = ("after", "at", "before", "outputs", "packed", "retained", "tensor", "version")

    def __init__(self) -> None:
        self.retained: weakref.ref[Tensor] | None = None
        self.version: Version | None = None
        self.at = 0
        self.outputs: dict[int, weakref.ref[Output]] = {}
        self.tensor: Hooks = {}
        self.before: Hooks = {}
        self.after: Hooks = {}
        self.packed: PackedValues | None = None


def watch_of(node: Any) -> Watch:
    """The node's Watch, made when it is first needed."""
    if node.watch is None:
        node.watch = Watch()
    watch: Watch = node.watch
    return watch


def watch_of_leaf(meta: Meta) -> Watch:
    """The Watch of a leaf, which its accumulator has as well: the leaf keeps it."""
    if meta.watch is None:
        meta.watch = Watch()
    accumulator = None if meta.accumulator is None else meta.accumulator()
    if accumulator is not None:
        accumulator.watch = meta.watch
    return meta.watch


class Handle:
    """What registering a hook returns: `remove()` takes the hook away again."""

    __slots__ = ("_number", "hooks")

    def __init__(self, hooks: Hooks, hook: Hook) -> None:
        self.hooks = hooks
        self._number = next(_numbers)
        hooks[self._number] = hook

    def remove(self) -> None:
        self.hooks.pop(self._number, None)

    def __enter__(self) -> Handle:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()
