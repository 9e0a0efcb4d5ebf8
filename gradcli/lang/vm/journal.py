"""What a statement changed, and how to take it back: one that fails leaves all as it was."""

from __future__ import annotations

import weakref
from collections import deque
from collections.abc import Callable, Iterable, Iterator, MutableSequence, Sequence
from contextlib import contextmanager
from functools import partial
from operator import attrgetter
from typing import Any

import numpy as np

from gradcli.engine.hooks import Hooks, watch_of
from gradcli.engine.metering import Keeper
from gradcli.engine.storage import Version, live_views, version_of
from gradcli.engine.tensor import Tensor
from gradcli.lang.values import ABSENT

VALUE = attrgetter("value")
# Makes copies of values that are about to be overwritten, and charges them.
Copies = Callable[[Sequence[Any]], list[Any]]


class Journal:
    """Keeps what a statement is about to change. Variables, items, gradients, storage, hooks."""

    __slots__ = ("_actions", "_gradients", "_whole")

    def __init__(self) -> None:
        # What undoes the changes of the statement being run; outside of one, nothing is kept.
        self._actions: MutableSequence[Callable[[], object]] = deque(maxlen=0)
        # Tensors whose whole storage and history are kept, and optimizers whose memory is, by
        # identity: the first time suffices.
        self._whole: dict[int, Tensor | Keeper] = {}
        # Whether a pass has made the present `.grad` of tensors whose former one is kept.
        self._gradients: dict[int, bool] = {}

    @contextmanager
    def statement(self) -> Iterator[None]:
        """If what runs inside fails, undo what it changed, the last change first."""
        outer = self._actions, self._whole, self._gradients
        self._actions, self._whole, self._gradients = [], {}, {}
        try:
            yield
        except BaseException:  # an interrupt, too
            for action in reversed(self._actions):
                action()
            raise
        finally:
            self._actions, self._whole, self._gradients = outer

    def commit(self) -> None:
        """Keep what was done so far, whatever happens to the rest."""
        if self._actions:
            self._actions.clear()
            self._whole.clear()
            self._gradients.clear()

    def mark(self) -> int:
        """A point to go back to."""
        self._whole, self._gradients = {}, {}
        return len(self._actions)

    def back(self, mark: int) -> None:
        """Undo what was done since a mark."""
        while len(self._actions) > mark:
            self._actions.pop()()
        self._whole, self._gradients = {}, {}

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

    def gradients(self, owners: Sequence[Tensor], *, made: bool) -> None:
        """Which tensor is the `.grad`, before it becomes another, which a pass may have made."""
        known = self._gradients
        former = [
            (owner, None if owner.meta is None else owner.meta.grad)
            for owner in owners
            if id(owner) not in known
        ]
        if former:
            self.undo(partial(give_back, former))
        known.update(dict.fromkeys(map(id, owners), made))

    def sum(self, owner: Tensor, grad: Tensor, copies: Copies) -> None:
        """Which tensor is the `.grad`, and what is in it: nobody misses one that a pass made."""
        known = self._gradients.get(id(owner))
        if known is None:
            self.gradients([owner], made=False)
        if id(grad) in self._whole or known:
            return
        self.storages([grad], copies)

    def storages(self, targets: Iterable[Tensor], copies: Copies) -> None:
        """Before writes into whole storages: their elements and more, as of `storage`."""
        whole = self._whole
        new = [target for target in targets if id(target) not in whole]
        if new:
            contents = copies(list(map(VALUE, new)))
            self.undo(partial(rewind_all, list(map(former, new, new, contents))))
            for target in new:
                whole[id(target)] = target

    def storage(self, target: Tensor, base: Tensor, copies: Copies) -> None:
        """Before a write: the target's elements, the version, the histories that will change."""
        if target is base:
            self.storages([target], copies)
        elif id(base) not in self._whole:
            self.undo(partial(rewind_all, [former(target, base, *copies([target.value]))]))

    def memory(self, owner: Keeper, copies: Copies) -> None:
        """What an optimizer remembers, the first time: it goes on with copies."""
        if id(owner) not in self._whole:
            self._whole[id(owner)] = owner
            self.undo(owner.renew(copies))

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


def give_back(former: Iterable[tuple[Tensor, Tensor | None]]) -> None:
    for owner, grad in former:
        owner.grad = grad


# A storage before it was written: the tensor that is, its value, what was in that, its version and
# the count of it; and the histories of all tensors that look at the storage.
Former = tuple[Tensor, Any, Any, Version, int, list[tuple[Tensor, Any]]]


def former(tensor: Tensor, base: Tensor, content: Any) -> Former:
    version = version_of(tensor)
    origins = [(base, base.origin)]
    if base.meta is not None and base.meta.views:
        origins += [(view, view.origin) for view in live_views(base)]
    return tensor, tensor.value, content, version, version.count, origins


def rewind_all(formers: Iterable[Former]) -> None:
    """Give back the values, the same arrays with their former elements, and what goes with them."""
    for tensor, value, content, version, written, origins in formers:
        if type(value) is np.ndarray and value.flags.writeable:
            value[...] = content
        tensor.value = value
        for owner, origin in origins:
            set_origin(owner, origin)
        version.count = written


def set_origin(tensor: Tensor, origin: Any) -> None:
    tensor.origin = origin
    if origin is not None and tensor.retains_grad:
        watch_of(origin).retained = weakref.ref(tensor)


def replace(hooks: Hooks, before: Hooks) -> None:
    hooks.clear()
    hooks.update(before)
