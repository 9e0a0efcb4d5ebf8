"""numpy's arrays among tensors: they print as numpy's, and so do results of theirs.

An array is a tensor with a mark. Where numpy alone is spoken all tensors are arrays, unmarked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from gradcli.engine.graph import here
from gradcli.engine.meta import Meta
from gradcli.engine.tensor import Tensor
from gradcli.lang.dialects import active


class ArrayMeta(Meta):
    """The mark."""

    __slots__ = ()


def is_array(value: Any) -> bool:
    return type(value) is Tensor and type(value.meta) is ArrayMeta


def marked(value: Any) -> Any:
    """A tensor that needs no gradient as an array; anything else as it is."""
    if type(value) is not Tensor or active.dialect is None or active.dialect.name == "numpy":
        return value
    if value.requires_grad or (value.meta is not None and type(value.meta) is not Meta):
        return value
    meta = ArrayMeta()
    if value.meta is not None:
        for name in Meta.__slots__:
            setattr(meta, name, getattr(value.meta, name))
    value.meta = meta
    return value


@contextmanager
def numpy_promotion(operands: Iterable[Any]) -> Iterator[None]:
    """Among arrays alone dtypes meet as numpy has it, whatever framework is spoken."""
    state = here.state
    floating = state.floating
    if all(is_array(x) for x in operands if type(x) is Tensor):
        state.floating = None
    try:
        yield
    finally:
        state.floating = floating


def alike(result: Any, *operands: Any) -> Any:
    """The result of an operation, an array if an operand is one and none is a proper tensor."""
    tensors = [x for x in operands if type(x) is Tensor]
    return marked(result) if tensors and all(map(is_array, tensors)) else result
