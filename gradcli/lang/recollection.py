"""What a conversation's variables were calculated from, up to a size: `graph(y)` may yet come.

What no variable depends on any more is forgotten between texts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from gradcli.engine.tape import Tape
from gradcli.engine.tensor import Tensor
from gradcli.lang.session import Session

# Operations and inputs that are recorded, and bytes of their values.
MOST, ROOM = 20_000, 64 * 2**20
# Looking for what can be forgotten is linear: not before so many are new, nor before as many as
# were left the last time.
FEW = 64


class Recollection:
    """The tape of a session whose texts come one at a time."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.tape = session.tape = Tape(whole=True, most=MOST, room=ROOM)
        self.left = 0

    def forget(self) -> None:
        """Let go of what no variable depends on, if that may be worth its time."""
        tape = self.tape
        if len(tape.entries) > FEW + 2 * self.left or tape.left < ROOM // 2:
            tape.keep(held(self.session.variables.values()))
            self.left = len(tape.entries)


def held(values: Iterable[Any]) -> Iterator[Tensor]:
    """The tensors among values and in their collections, and gradients that have a graph."""
    pending, seen = list(values), set()
    while pending:
        value = pending.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        kind = type(value)
        if kind in (list, tuple):
            pending += value
        elif kind is dict:
            pending += value.values()
        elif kind is Tensor:
            yield value
            if value.is_leaf and value.grad is not None:
                pending.append(value.grad)
