"""Whose rules a session follows: its own, or those of the framework that a program imported."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from gradcli.engine.randomness import Numbers

if TYPE_CHECKING:
    from gradcli.lang.types.table import Type


class Dialect(NamedTuple):
    """What a framework has otherwise than the language.

    name       of its module
    describe   a tensor as it echoes, to so many digits if told
    printed    a tensor as its `print` writes it
    types      what its values offer, by the language's type
    dtype      how a dtype is called
    tensor     what its tensors are called
    leaf       what the node of a leaf is called
    numbers    what draws its random numbers
    bare       whether an f-string shows a tensor without axes as a plain number
    """

    name: str
    describe: Callable[[Any, int | None], str]
    printed: Callable[[Any, int | None], str]
    types: Mapping[type, Type]
    dtype: Callable[[str], str]
    tensor: str = "Tensor"
    leaf: str = "AccumulateGrad"
    numbers: type[Numbers] = Numbers
    bare: bool = True


class _Active(threading.local):
    def __init__(self) -> None:
        self.dialect: Dialect | None = None


# The dialect of the evaluation that this thread is in.
active = _Active()


@contextmanager
def speaking(dialect: Dialect | None) -> Iterator[None]:
    """Read and print values by a dialect while this context lasts."""
    before, active.dialect = active.dialect, dialect
    try:
        yield
    finally:
        active.dialect = before
