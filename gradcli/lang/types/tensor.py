"""Tensors in the language: the op table's methods, and their place in the graph."""

from __future__ import annotations

from typing import Any

from gradcli.engine.functions import FUNCTIONS, NOT_METHODS
from gradcli.engine.tensor import Tensor
from gradcli.errors import WrongType
from gradcli.lang import calculus
from gradcli.lang.limits import current
from gradcli.lang.operations import OPERATIONS
from gradcli.lang.types.table import Type
from gradcli.lang.values import DType


def set_grad(tensor: Tensor, value: Any) -> None:
    if value is not None and type(value) is not Tensor:
        raise WrongType(".grad is a tensor or None")
    tensor.grad = value


def set_requires_grad(tensor: Tensor, value: Any) -> None:
    if type(value) is not bool:
        raise WrongType("requires_grad is True or False")
    tensor.requires_grad = value


def to_list(tensor: Tensor) -> Any:
    meter = current()
    if meter is not None:
        meter.check_items(tensor.size, "list")
        meter.charge(tensor.size / 8)
    return tensor.tolist()


TENSOR = Type(
    attributes={
        "T": FUNCTIONS["transpose"],
        "mT": lambda x: FUNCTIONS["swapaxes"](x, -1, -2),
        "data": Tensor.detach,
        "dtype": lambda x: DType(str(x.dtype)),
        "grad": lambda x: x.grad,
        "grad_fn": lambda x: x.grad_fn,
        "imag": FUNCTIONS["imag"],
        "is_leaf": lambda x: x.is_leaf,
        "ndim": lambda x: x.ndim,
        "real": FUNCTIONS["real"],
        "requires_grad": lambda x: x.requires_grad,
        "retains_grad": lambda x: x.retains_grad,
        "shape": lambda x: x.shape,
        "size": lambda x: x.size,
    },
    methods={
        **{name: call for name, call in OPERATIONS.items() if name not in NOT_METHODS},
        "backward": calculus.backward,
        "detach": Tensor.detach,
        "dim": lambda x: x.ndim,
        "item": Tensor.item,
        "numel": lambda x: x.size,
        "requires_grad_": Tensor.requires_grad_,
        "retain_grad": Tensor.retain_grad,
        "tolist": to_list,
    },
    setters={"grad": set_grad, "requires_grad": set_requires_grad},
)


NODE = Type(
    attributes={"next_functions": lambda node: node.next_functions},
    methods={"name": lambda node: node.name},
)
ACCUMULATOR = Type(
    attributes={
        "next_functions": lambda node: node.next_functions,
        "variable": lambda node: node.variable,
    },
    methods={"name": lambda node: node.name},
)
