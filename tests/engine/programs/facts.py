"""What a program is: a function of a namespace, and the facts that it must state."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

PROGRAMS: dict[str, tuple[Callable[[Any], Any], Any]] = {}


def fact(expected: Any) -> Callable[[Callable[[Any], Any]], None]:
    def register(program: Callable[[Any], Any]) -> None:
        PROGRAMS[program.__name__] = (program, expected)

    return register


def outcome(program: Callable[[Any], Any], t: Any) -> Any:
    """What a program states, in Python's own types."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return plain(program(t))
        except (RuntimeError, ValueError, TypeError) as error:
            kinds = (RuntimeError, ValueError, TypeError)
            return next(kind.__name__ for kind in kinds if isinstance(error, kind))


def plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    return value.tolist() if hasattr(value, "tolist") else value


def name(node: Any) -> str | None:
    """A node's name: an attribute here, a method with C++ namespaces in PyTorch."""
    if node is None:
        return None
    return (node.name() if callable(node.name) else node.name).rpartition("::")[2]


def leaf(t: Any, value: Any = 2.0) -> Any:
    return t.tensor(value, requires_grad=True)
