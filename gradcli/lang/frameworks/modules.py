"""The classes of `nn` in the language. Importing this module adds their types to the closed set."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

from gradcli import nn
from gradcli.engine.tensor import Tensor
from gradcli.errors import (
    NAMES,
    WrongType,
    described,
)
from gradcli.lang.frameworks.calling import ProgramModule, built_in, called, maker
from gradcli.lang.frameworks.members import CONTAINERS, DICTS, MODULE
from gradcli.lang.operators import truth
from gradcli.lang.types import TYPES
from gradcli.lang.types.table import Type
from gradcli.lang.values import (
    CALLABLE,
    CALLED,
    CLASS_OF,
    ITEMS,
    Builtin,
    Class,
)

# ---- classes ------------------------------------------------------------------------------------


def python_classes(place: ModuleType, base: type) -> dict[str, type]:
    return {
        name: cls
        for name, cls in vars(place).items()
        if isinstance(cls, type) and issubclass(cls, base)
    }


def admit(cls: type, name: str, table: Type) -> None:
    NAMES[cls] = name
    TYPES[cls] = table


def admit_module(python: type[nn.Module], cls: Class, call: Callable[[Any], Any]) -> None:
    admit(python, "module of nn", MODULE)
    CALLABLE.add(python)
    CALLED[python] = call
    CLASS_OF[python] = lambda module: cls
    if issubclass(python, DICTS):
        ITEMS[python] = lambda module: module.keys()
    if issubclass(python, CONTAINERS):
        ITEMS[python] = list


# Functions that classes of nn have of their own.
STATIC: dict[str, dict[str, Callable[..., Any]]] = {
    "Embedding": {"from_pretrained": nn.Embedding.from_pretrained},
    "Transformer": {
        "generate_square_subsequent_mask": nn.Transformer.generate_square_subsequent_mask
    },
}
ROOT = Class("Module", blank=ProgramModule)
CELL = Class("Cell", blank=ProgramModule)
LAYERS = {
    name: Class(name, ROOT, call=maker(name, python))
    for name, python in python_classes(nn, nn.Module).items()
    if python not in (nn.Module,)
}
for _name, _functions in STATIC.items():
    for _member, _call in _functions.items():
        LAYERS[_name].names[_member] = Builtin(f"{_name}.{_member}", maker(_member, _call))
for _name, _python in python_classes(nn, nn.Module).items():
    if _name in LAYERS:
        admit_module(_python, LAYERS[_name], built_in)
for _python in (
    *python_classes(nn.resnet, nn.Module).values(),
    *python_classes(nn.attention, nn.Module).values(),
):
    if _python not in TYPES:
        admit_module(_python, Class(_python.__name__, ROOT), built_in)
admit_module(ProgramModule, ROOT, called)
CLASS_OF[ProgramModule] = lambda module: module.cls


def parameter(data: Any, requires_grad: Any = True, name: Any = None) -> Tensor:
    """A leaf that becomes part of the module that it is assigned to."""
    if type(data) is not Tensor:
        raise WrongType(f"a parameter is made of a tensor, not of {described(data)}")
    if name is not None and type(name) is not str:
        raise WrongType("the name of a parameter is a string")
    return nn.Parameter(data, truth(requires_grad), name)
