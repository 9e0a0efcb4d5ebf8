"""What a statement changed, and how to take it back: one that fails leaves all as it was."""

from __future__ import annotations

import weakref
from collections import deque
from collections.abc import Callable, Iterable, Iterator, MutableSequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine.hooks import Hooks, watch_of
from gradcli.engine.storage import Version, live_views, version_of
from gradcli.lang.values import ABSENT

if TYPE_CHECKING:
    from gradcli.engine.tensor import Tensor

# Makes the copy of a value that is about to be overwritten, and charges it.
Copy = Callable[[Any], Any]


class Journal:
    """Keeps what a statement is about to change. Variables, items, gradients, storage, hooks."""

    __slots__ = ("_actions", "_whole")

    def __init__(self) -> None:
        # What undoes the changes of the statement being run; outside of one, nothing is kept.
        self._actions: MutableSequence[Callable[[], object]] = deque(maxlen=0)
        # Tensors whose whole storage and history are kept, by identity: the first time suffices.
        self._whole: dict[int, Tensor] = {}

    @contextmanager
    def statement(self) -> Iterator[None]:
        """If what runs inside fails, undo what it changed, the last change first."""
        outer = self._actions, self._whole
        self._actions, self._whole = [], {}
        try:
            yield
        except BaseException:
            for action in reversed(self._actions):
                action()
            raise
        finally:
            self._actions, self._whole = outer

    def commit(self) -> None:
        """Keep what was done so far, whatever happens to the rest."""
        self._actions.clear()
        self._whole.clear()

    def mark(self) -> int:
        """A point to go back to."""
        self._whole = {}
        return len(self._actions)

    def back(self, mark: int) -> None:
        """Undo what was done since a mark."""
        while len(self._actions) > mark:
            self._actions.pop()()
        self._whole = {}

    def undo(self, action: Callable[[], object]) -> None:
        """What to do if the statement fails."""
        self._actions.append(action)

    def item(self, container: Any, key: Any) -> None:
        """A name, or an item of a list or dict."""
        before = container.get(key, ABSENT) if type(container) is dict else container[key]
        self.undo(partial(put, container, key, before))

    def contents(self, container: Any) -> None:
        """All that a list or dict holds, in its order."""
        self.undo(partial(fill, container, container.copy()))

    def gradient(self, owner: Tensor) -> None:
        """Which tensor is the `.grad`."""
        grad = owner.meta.grad if owner.meta is not None else None
        self.undo(partial(setattr, owner, "grad", grad))

    def sum(self, owner: Tensor, grad: Tensor, copy: Copy) -> None:
        """The same, and what is in it, before it is added to in place."""
        self.gradient(owner)
        self.undo(partial(rewind, grad, grad.value, copy(grad.value), *counted(grad), ()))

    def storage(self, target: Tensor, base: Tensor, copy: Copy) -> None:
        """Before a write: the target's elements, the version, the histories that will change."""
        if id(base) in self._whole:
            return
        origins = [(tensor, tensor.origin) for tensor in (base, *live_views(base))]
        content = copy(target.value)
        self.undo(partial(rewind, target, target.value, content, *counted(target), origins))
        if target is base:
            self._whole[id(base)] = base

    def hooks(self, hooks: Hooks) -> None:
        """The hooks at one place, before one is added or removed."""
        self.undo(partial(replace, hooks, dict(hooks)))


def put(container: Any, key: Any, before: Any) -> None:
    if before is ABSENT:
        container.pop(key, None)
    else:
        container[key] = before


def fill(container: Any, before: Any) -> None:
    container.clear()
    if type(container) is dict:
        container.update(before)
    else:
        container.extend(before)


def counted(tensor: Tensor) -> tuple[Version, int]:
    version = version_of(tensor)
    return version, version.count


def rewind(
    tensor: Tensor,
    value: Any,
    content: Any,
    version: Version,
    count: int,
    origins: Iterable[tuple[Tensor, Any]],
) -> None:
    """Give back a value, the same array with its former elements or the same scalar; and more."""
    if type(value) is np.ndarray and value.flags.writeable:
        value[...] = content
    tensor.value = value
    for owner, origin in origins:
        set_origin(owner, origin)
    version.count = count


def set_origin(tensor: Tensor, origin: Any) -> None:
    tensor.origin = origin
    if origin is not None and tensor.retains_grad:
        watch_of(origin).retained = weakref.ref(tensor)


def replace(hooks: Hooks, before: Hooks) -> None:
    hooks.clear()
    hooks.update(before)
