"""Recursion without Python's stack.

A step is a generator that yields the steps it needs and returns its own result:

    def depth(node: Node) -> Steps[int]:
        return 1 + (yield depth(node.child)) if node.child else 0

`run(depth(tree))` keeps the pending steps on a list, so a tree may be a million nodes deep.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, TypeAlias, TypeVar

T = TypeVar("T")
Steps: TypeAlias = Generator["Steps[Any]", Any, T]


def run(steps: Steps[T]) -> T:
    """The result of `steps`; an exception passes through the steps that wait for it."""
    waiting: list[Steps[Any]] = []
    current: Steps[Any] = steps
    result: Any = None
    error: Exception | None = None
    try:
        while True:
            try:
                if error is None:
                    needed = current.send(result)
                else:
                    failure, error = error, None
                    needed = current.throw(failure)
            except StopIteration as stop:
                result = stop.value
                if not waiting:
                    return result  # type: ignore[no-any-return]  # what `steps` returned, so a T
                current = waiting.pop()
            except Exception as failure:  # on its way to the steps that wait
                if not waiting:
                    raise
                error = failure
                current = waiting.pop()
            else:
                waiting.append(current)
                current = needed
                result = None
    finally:
        # Only an interrupt leaves any step unfinished here.
        current.close()
        while waiting:
            waiting.pop().close()
