"""Tensors in the language: the op table's methods, and their place in the graph."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradcli.engine.catalogue import Catalogue
from gradcli.engine.functions import IN_PLACE, NOT_METHODS
from gradcli.engine.tensor import Tensor
from gradcli.errors import WrongType
from gradcli.lang import hooks, passes
from gradcli.lang.arrays import alike
from gradcli.lang.limits import current, note_change
from gradcli.lang.operations import OPERATIONS
from gradcli.lang.tensors import as_tensor
from gradcli.lang.types.table import Type
from gradcli.lang.values import LISTS, DType


def set_grad(tensor: Tensor, value: Any) -> None:
    if value is not None and type(value) is not Tensor:
        raise WrongType(".grad is a tensor or None")
    note_change(tensor)
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


def overwriting(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """`x.add_(y)` over the language's values."""

    def call(target: Tensor, *arguments: Any, **named: Any) -> Tensor:
        found: Tensor = function(target, *(operand_like(x, target) for x in arguments), **named)
        return found

    call.__name__ = name
    return call


def operand_like(value: Any, target: Tensor) -> Any:
    return as_tensor(value, target.dtype) if type(value) in LISTS else value


def method(name: str) -> Callable[..., Any]:
    return overwriting(name, IN_PLACE[name]) if name in IN_PLACE else OPERATIONS[name]


METHODS = Catalogue(
    method, {name: None for name in (*OPERATIONS, *IN_PLACE) if name not in NOT_METHODS}
)
METHODS.made |= {
    "backward": passes.backward,
    "detach": Tensor.detach,
    "dim": lambda x: x.ndim,
    "item": Tensor.item,
    "numel": lambda x: x.size,
    "register_hook": hooks.on_tensor,
    "register_post_accumulate_grad_hook": hooks.after_accumulation,
    "requires_grad_": Tensor.requires_grad_,
    "retain_grad": Tensor.retain_grad,
    "tolist": to_list,
}
TENSOR = Type(
    attributes={
        "T": lambda x: x.T,
        "_version": lambda x: x._version,
        "mT": lambda x: x.mT,
        "data": Tensor.detach,
        "dtype": lambda x: DType(str(x.dtype)),
        "grad": lambda x: x.grad,
        "grad_fn": lambda x: x.grad_fn,
        "imag": lambda x: x.imag,
        "is_leaf": lambda x: x.is_leaf,
        "ndim": lambda x: x.ndim,
        "real": lambda x: x.real,
        "requires_grad": lambda x: x.requires_grad,
        "retains_grad": lambda x: x.retains_grad,
        "shape": lambda x: x.shape,
        "size": lambda x: x.size,
    },
    methods=METHODS,
    setters={"grad": set_grad, "requires_grad": set_requires_grad},
)


def of_arrays(call: Callable[..., Any]) -> Callable[..., Any]:
    """A method of arrays, whose result is one."""
    return lambda x, *arguments, **named: alike(call(x, *arguments, **named), x)


def array_method(name: str) -> Callable[..., Any]:
    return of_arrays(TENSOR.methods["clone" if name == "copy" else name])


# What an array offers beside tensors: numpy's ways are the language's.
ARRAY = TENSOR._replace(
    attributes={
        **TENSOR.attributes,
        "T": lambda x: alike(TENSOR.attributes["T"](x), x),
        "shape": lambda x: x.shape,
    },
    methods=Catalogue(array_method, METHODS, ("copy",)),
)
NODE = Type(
    attributes={"next_functions": lambda node: node.next_functions},
    methods={
        "name": lambda node: node.name,
        "register_hook": hooks.after_node,
        "register_prehook": hooks.before_node,
    },
)
ACCUMULATOR = Type(
    attributes={
        "next_functions": lambda node: node.next_functions,
        "variable": lambda node: node.variable,
    },
    methods=NODE.methods,
)
HANDLE = Type(methods={"remove": hooks.remove})
