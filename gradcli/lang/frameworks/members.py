"""What a module offers to the program: its members, options and methods, in one table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradcli import nn
from gradcli.engine.hooks import Handle
from gradcli.engine.tensor import Tensor
from gradcli.errors import (
    UnknownAttribute,
    WrongIndex,
    WrongType,
    described,
)
from gradcli.lang import text
from gradcli.lang.calculus import function_of
from gradcli.lang.classes import member_of_instance, names_of
from gradcli.lang.frameworks.calling import ProgramModule, fitting, forward
from gradcli.lang.frameworks.factories import check_device
from gradcli.lang.hooks import evaluation, noted
from gradcli.lang.operations import dtype_name
from gradcli.lang.operators import truth
from gradcli.lang.sequences import items_of
from gradcli.lang.types.plain import bounds
from gradcli.lang.types.table import Type
from gradcli.lang.values import (
    CLASS_OF,
    DType,
    Record,
)
from gradcli.nn.applied import Applied
from gradcli.nn.containers import (
    ModuleDict,
    ModuleList,
    ParameterDict,
    ParameterList,
    Sequential,
    as_parameter,
)


def find(module: nn.Module, name: str) -> Any:
    """A member, a field, or an option."""
    for table in module.members.tables:
        if name in table:
            return table[name]
    if name == "training":
        return module.training
    if type(module) is ProgramModule:
        if name in module.fields:
            return module.fields[name]
        return member_of_instance(module.cls, module, name)
    if isinstance(module, Applied) and name in module.options:
        return module.chosen.get(name)
    own = vars(module)
    if name in own and name not in HIDDEN:
        return own[name]
    return CLASS_OF[type(module)](module).find(name)


HIDDEN = frozenset({"callbacks", "chosen", "cls", "fields", "members"})


def assign(module: nn.Module, name: str, value: Any) -> None:
    journal = evaluation().journal
    if name == "training":
        raise WrongType("training is not assigned", hint="train() and eval() set it")
    for table in module.members.tables:
        journal.item(table, name)
    fields = module.fields if type(module) is ProgramModule else None
    if fields is not None:
        evaluation().check_items(len(fields) + 1, "module")
        journal.item(fields, name)
    if module.members.take(name, value):
        if fields is not None:
            fields.pop(name, None)
    elif fields is not None:
        fields[name] = value
    else:
        raise WrongType(f"{described(module)} takes parameters and modules, not '{name}'")


def known(module: nn.Module) -> list[str]:
    found = [name for table in module.members.tables for name in table]
    if type(module) is ProgramModule:
        return [*found, *module.fields, *names_of(module.cls)]
    return [*found, *({*vars(module)} - HIDDEN)]


# ---- methods ------------------------------------------------------------------------------------


def listing(method: Callable[..., Any]) -> Callable[..., list[Any]]:
    return fitting(
        method.__name__, lambda module, *given, **named: list(method(module, *given, **named))
    )


def to(module: nn.Module, *kinds: Any, dtype: Any = None, device: Any = None) -> nn.Module:
    check_device(device)
    for kind in kinds:
        if type(kind) is DType:
            dtype = kind
        else:
            check_device(kind)
    return module if dtype is None else module.to(dtype_name(dtype))


def each(module: nn.Module, function: Any) -> nn.Module:
    """Call a function of the program with every module."""
    call_back = evaluation().call_back
    return module.apply(lambda each: call_back(function, (each,)))


def hooking(register: Callable[..., Handle]) -> Callable[..., Handle]:
    """A hook of the program: what it returns replaces what it was given."""

    def call(module: nn.Module, hook: Any, **options: Any) -> Handle:
        for name, chosen in options.items():
            if chosen is not False:
                raise WrongType(f"a hook has no option '{name}' here: leave it out")
        function = function_of("a hook", hook)
        call_back = evaluation().call_back
        return noted(register(module, lambda *given: call_back(function, given)))

    return call


def same(module: nn.Module, *_device: Any) -> nn.Module:
    return module


def train(module: nn.Module, mode: Any = True) -> nn.Module:
    for below in module.modules():
        evaluation().journal.item(vars(below), "training")
    return module.train(truth(mode))


def reset(module: nn.Module) -> None:
    """Begin a layer's parameters anew."""
    begin = getattr(module, "reset_parameters", None)
    if begin is None:
        raise UnknownAttribute(f"{described(module)} has no parameters of its own to reset")
    begin()


def trainable(module: nn.Module, recurse: Any = True) -> list[Tensor]:
    """The parameters that need gradients; those without a name get that of their path."""
    found = []
    for path, tensor in module.named_parameters(recurse=truth(recurse)):
        if tensor.requires_grad:
            if isinstance(tensor, nn.Parameter) and tensor.meta.name is None:  # type: ignore[union-attr]  # it has one
                tensor.meta.name = path  # type: ignore[union-attr]  # a parameter has one
            found.append(tensor)
    return found


CONTAINERS = (ModuleList, ParameterList, Sequential)
DICTS = (ModuleDict, ParameterDict)


def of_dict(name: str) -> Callable[[nn.Module], list[Any]]:
    """A method of modules or parameters by name."""

    def call(module: nn.Module) -> list[Any]:
        if not isinstance(module, DICTS):
            raise WrongType(f"{described(module)} has no members by name")
        found: list[Any] = getattr(module, name)()
        return found

    return call


def container(module: nn.Module) -> Any:
    if not isinstance(module, CONTAINERS):
        raise WrongType(f"{described(module)} has no rows")
    return module


def item(module: nn.Module, index: Any) -> Any:
    """A row of a container, or a container of several."""
    if isinstance(module, DICTS):
        return module[index]
    if type(index) is slice:
        index = bounds(index)
    return container(module)[index]


def put_item(module: nn.Module, index: Any, new: Any) -> None:
    """Put another module in a row's place, under its name."""
    parameters = isinstance(module, ParameterDict | ParameterList)
    if isinstance(module, DICTS):
        if type(index) is not str:
            raise WrongType(f"a {type(module).__name__} is indexed by strings")
        name = index
    else:
        count = len(container(module))
        if type(index) is not int or not -count <= index < count:
            raise WrongIndex(f"there is no row {text.brief_value(index)} to replace")
        table = module.members.parameters if parameters else module.members.modules
        name = [*table][index]
    if parameters:
        new = as_parameter(new)
    elif not isinstance(new, nn.Module):
        raise WrongType(f"a {type(module).__name__} holds modules, not {described(new)}")
    assign(module, name, new)


MODULE = Type(
    attributes={},
    methods={
        "add_module": fitting("add_module", nn.Module.register_module),
        "append": lambda module, child: container(module).append(child),
        "extend": lambda module, more: container(module).extend(items_of(more)),
        "apply": each,
        "buffers": listing(nn.Module.buffers),
        "children": listing(nn.Module.children),
        "cpu": same,
        "double": fitting("double", nn.Module.double),
        "eval": lambda module: train(module, False),
        "float": fitting("float", nn.Module.float),
        "forward": forward,
        "get_buffer": lambda module, target: member_at(module, target, "buffers"),
        "get_parameter": lambda module, target: member_at(module, target, "parameters"),
        "get_parameters": listing(nn.Module.parameters),
        "get_submodule": fitting("get_submodule", nn.Module.get_submodule),
        "items": of_dict("items"),
        "keys": of_dict("keys"),
        "values": of_dict("values"),
        "load_state_dict": lambda module, state, strict=True: load(module, state, strict),
        "modules": listing(nn.Module.modules),
        "named_buffers": listing(nn.Module.named_buffers),
        "named_children": listing(nn.Module.named_children),
        "named_modules": listing(nn.Module.named_modules),
        "named_parameters": listing(nn.Module.named_parameters),
        "parameters_and_names": listing(nn.Module.named_parameters),
        "parameters_dict": lambda module: dict(module.named_parameters()),
        "cells": listing(nn.Module.children),
        "parameters": listing(nn.Module.parameters),
        "register_buffer": fitting("register_buffer", nn.Module.register_buffer),
        "register_forward_hook": hooking(nn.Module.register_forward_hook),
        "register_forward_pre_hook": hooking(nn.Module.register_forward_pre_hook),
        "register_full_backward_hook": hooking(nn.Module.register_full_backward_hook),
        "register_full_backward_pre_hook": hooking(nn.Module.register_full_backward_pre_hook),
        "register_module": fitting("register_module", nn.Module.register_module),
        "register_parameter": fitting("register_parameter", nn.Module.register_parameter),
        "requires_grad_": fitting("requires_grad_", nn.Module.requires_grad_),
        "reset_parameters": reset,
        "set_train": train,
        "state_dict": fitting("state_dict", nn.Module.state_dict),
        "to": to,
        "train": train,
        "trainable_params": trainable,
        "zero_grad": lambda module, set_to_none=True: zero_grad(module, set_to_none),
    },
    find=find,
    put=assign,
    known=known,
    item=item,
    put_item=put_item,
)


def load(module: nn.Module, state: Any, strict: Any) -> Record:
    if type(state) is not dict:
        raise WrongType(f"a state is a dict, not {described(state)}")
    missing, unexpected = module.load_state_dict(state, truth(strict))
    return Record("_IncompatibleKeys", {"missing_keys": missing, "unexpected_keys": unexpected})


def member_at(module: nn.Module, path: Any, table: str) -> Any:
    """The parameter or buffer with this path."""
    if type(path) is not str:
        raise WrongType(f"a path is a string, not {described(path)}")
    owner, _, name = path.rpartition(".")
    members = getattr(module.get_submodule(owner).members, table)
    if members.get(name) is None:
        raise UnknownAttribute(f"the module has no '{path}' among its {table}"[:200])
    return members[name]


def zero_grad(owner: Any, set_to_none: Any = True) -> None:
    """Forget gradients; taken back if the statement fails."""
    forget = truth(set_to_none)
    if forget:
        evaluation().assigning([*owner.parameters()])
    owner.zero_grad(forget)
