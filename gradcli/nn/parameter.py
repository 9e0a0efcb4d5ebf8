"""Parameters: leaves that a module owns."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.engine.graph import here
from gradcli.engine.meta import Meta
from gradcli.engine.tensor import Tensor, tensor


class ParameterMeta(Meta):
    """Marks a leaf as a parameter.

    name    by which MindSpore's users ask for it, if it was given one
    """

    __slots__ = ("name",)

    def __init__(self, name: str | None) -> None:
        super().__init__()
        self.name = name


class _Kind(type):
    def __instancecheck__(cls, value: object) -> bool:
        return type(value) is Tensor and type(value.meta) is ParameterMeta


class Parameter(metaclass=_Kind):
    """A leaf that becomes part of the module it is assigned to.

    The engine knows one class of tensors, so this makes one of those, and answers isinstance().
    """

    def __new__(  # type: ignore[misc]  # it makes what it stands for
        cls, data: Any, requires_grad: bool = True, name: str | None = None
    ) -> Tensor:
        leaf = tensor(data)
        leaf.meta = ParameterMeta(name)
        return leaf.requires_grad_(requires_grad)


def default_dtype(dtype: Any = None) -> np.dtype[Any]:
    """The dtype of new parameters: as given, else that of numbers with a decimal point."""
    kind: np.dtype[Any] = np.dtype(dtype or here.state.floating or np.float64)
    return kind


def blank(*shape: int, dtype: Any = None) -> Tensor:
    """A parameter of this shape, to be initialised."""
    meter = here.state.meter
    if meter is not None:
        meter.allocate(shape)
    leaf = Tensor(np.zeros(shape, default_dtype(dtype)))
    if meter is not None:
        meter.hold(leaf.value)
    leaf.meta = ParameterMeta(None)
    return leaf.requires_grad_()
