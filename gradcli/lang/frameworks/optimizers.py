"""`optim` in the language: optimizers and schedulers, each with its table.

Importing this module adds their types to the closed set.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gradcli import nn
from gradcli.engine.tensor import Tensor
from gradcli.errors import WrongType
from gradcli.lang import text
from gradcli.lang.constructors import constant
from gradcli.lang.frameworks.calling import fitting, maker
from gradcli.lang.frameworks.members import zero_grad
from gradcli.lang.frameworks.modules import admit, python_classes
from gradcli.lang.hooks import evaluation
from gradcli.lang.types.table import Type
from gradcli.lang.values import SHOWN, Class
from gradcli.nn.optimizer import Optimizer


def step(optimizer: Optimizer, closure: Any = None) -> Any:
    if closure is None:
        return optimizer.step()
    call_back = evaluation().call_back
    return optimizer.step(lambda: call_back(closure, ()))


def add_group(optimizer: Optimizer, param_group: Any) -> None:
    if type(param_group) is not dict or "params" not in param_group:
        raise WrongType("a group of parameters is a dict", hint="{'params': […], 'lr': 0.1}")
    evaluation().keep(optimizer.param_groups)
    fitting("add_param_group", optimizer.add_param_group)(param_group)


def state(optimizer: Optimizer) -> dict[str, Any]:
    """What it remembers of each parameter, by its number, and its options."""
    found = optimizer.state_dict()
    memory = {
        str(number): {
            name: constant(value) if isinstance(value, np.ndarray) else value
            for name, value in parts.items()
        }
        for number, parts in found["state"].items()
    }
    return {**found, "state": memory}


def load(optimizer: Optimizer, state_dict: Any) -> None:
    given = state_dict if type(state_dict) is dict else {}
    memory = given.get("state")
    if type(memory) is not dict or not all(
        number.isdigit() and type(parts) is dict for number, parts in memory.items()
    ):
        raise WrongType("an optimizer loads what state_dict() gave")
    raw = {
        int(number): {
            name: np.array(value.value) if type(value) is Tensor else value
            for name, value in parts.items()
        }
        for number, parts in memory.items()
    }
    evaluation().remembering(optimizer)
    keep_groups(optimizer)
    fitting("load_state_dict", optimizer.load_state_dict)({**given, "state": raw})


def keep_groups(optimizer: Optimizer) -> None:
    """The options of its groups, before they change."""
    for group in optimizer.param_groups:
        evaluation().keep(group)


def changing(name: str) -> Callable[..., Any]:
    """A method of schedulers, which changes them and the groups' options."""

    def call(scheduler: Any, *arguments: Any, **named: Any) -> Any:
        keep_scheduler(scheduler)
        return fitting(name, getattr(scheduler, name))(*arguments, **named)

    return call


def keep_scheduler(scheduler: Any) -> None:
    """What it counts, and those that it is made of, before they change."""
    evaluation().keep(vars(scheduler))
    keep_groups(scheduler.optimizer)
    for part in vars(scheduler).get("schedulers", ()):
        keep_scheduler(part)


OPTIMIZER = Type(
    attributes={
        "defaults": lambda optimizer: dict(optimizer.options),
        "param_groups": lambda optimizer: optimizer.param_groups,
        "parameters": lambda optimizer: [
            x for group in optimizer.param_groups for x in group["params"]
        ],
    },
    methods={
        "add_param_group": add_group,
        "load_state_dict": load,
        "state_dict": state,
        "step": step,
        "zero_grad": zero_grad,
    },
)
SCHEDULER = Type(
    attributes={
        "base_lrs": lambda scheduler: list(scheduler.base_lrs),
        "last_epoch": lambda scheduler: scheduler.last_epoch,
        "optimizer": lambda scheduler: scheduler.optimizer,
    },
    methods={
        "get_last_lr": lambda scheduler: scheduler.get_last_lr(),
        "load_state_dict": changing("load_state_dict"),
        "state_dict": lambda scheduler: scheduler.state_dict(),
        "step": changing("step"),
    },
)


def optimizer_shown(optimizer: Optimizer) -> str:
    """Each group's options in their order."""
    groups = []
    for number, group in enumerate(optimizer.param_groups):
        options = sorted(name for name in group if name != "params")
        lines = [f"    {name}: {text.show(group[name])}" for name in options]
        groups.append("\n".join([f"Parameter Group {number}", *lines]))
    return f"{type(optimizer).__name__} (\n{chr(10).join(groups)}\n)"


KINDS = {
    name: python
    for name, python in python_classes(nn.optim, Optimizer).items()
    if name != "Optimizer"
}
OPTIMIZERS = {name: Class(name, call=fitting(name, python)) for name, python in KINDS.items()}
PLACE = nn.optim.lr_scheduler
SCHEDULERS = {name: Class(name, call=maker(name, getattr(PLACE, name))) for name in PLACE.__all__}
for _python in KINDS.values():
    admit(_python, "optimizer", OPTIMIZER)
    SHOWN[_python] = optimizer_shown
for _name in SCHEDULERS:
    admit(getattr(PLACE, _name), "scheduler", SCHEDULER)
