"""`optim` in the language: optimizers and schedulers, each with its table.

Importing this module adds their types to the closed set.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli import nn
from gradcli.engine.tensor import Tensor
from gradcli.errors import WrongType
from gradcli.lang import text
from gradcli.lang.constructors import constant
from gradcli.lang.frameworks.modules import admit, fitting, python_classes, zero_grad
from gradcli.lang.hooks import evaluation
from gradcli.lang.types.table import Type
from gradcli.lang.values import SHOWN, Class
from gradcli.nn.optimizer import Optimizer
from gradcli.nn.schedulers import Scheduler


def step(optimizer: Optimizer, closure: Any = None) -> Any:
    if closure is None:
        return optimizer.step()
    call_back = evaluation().call_back
    return optimizer.step(lambda: call_back(closure, ()))


def add_group(optimizer: Optimizer, param_group: Any) -> None:
    if type(param_group) is not dict or "params" not in param_group:
        raise WrongType("a group of parameters is a dict", hint="{'params': […], 'lr': 0.1}")
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
    fitting("load_state_dict", optimizer.load_state_dict)({**given, "state": raw})


OPTIMIZER = Type(
    attributes={
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
    methods={
        "get_last_lr": lambda scheduler: scheduler.get_last_lr(),
        "step": lambda scheduler, *metric: scheduler.step(*metric),
    }
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
SCHEDULERS = {
    name: Class(name, call=fitting(name, python))
    for name, python in python_classes(nn.optim.lr_scheduler, Scheduler).items()
    if name != "Scheduler"
}
for _python in KINDS.values():
    admit(_python, "optimizer", OPTIMIZER)
    SHOWN[_python] = optimizer_shown
for _name in SCHEDULERS:
    admit(getattr(nn.optim.lr_scheduler, _name), "scheduler", SCHEDULER)
