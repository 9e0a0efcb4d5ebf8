"""Every name of every framework module, called with arguments that do not fit.

Each call gives a value or a short error that says where; never an internal error.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest

from gradcli.errors import GradcliError, Status
from gradcli.lang.dialects import speaking
from gradcli.lang.frameworks import MODULES
from gradcli.lang.session import Session
from gradcli.lang.source import Source
from gradcli.lang.types import attributes_of
from gradcli.lang.values import CALLABLE, Module

# Vectors, a matrix, places, truths, a complex batch; what is no tensor at all; too many.
ARGUMENTS = (
    *("", "'text'", "None", "math", "v", "m", "1.5", "v, v", "v, 'a'", "m, 1", "c, c", "b"),
    *("[1., 2.], v", "(2, 3)", "f, v", "k, k", "v, m, 0", "v, 2, 2", "x=3", "v, bogus=1"),
    "v, v, v, v, v, v, v, v, v",
)
VALUES = """
import math
v, m = {make}([0.5, -1.25, 2.0]), {make}([[0.5, -1.0, 2.0], [1.5, 0.25, -0.75]])
k, b, c = {make}([1, 2, 0]), {make}([True, False]), {make}([[[1 + 2j]]])
"""
MAKERS = {"mindspore": "mindspore.Tensor", "numpy": "numpy.array", "oneflow": "oneflow.tensor"}
# Modules that have most of their names from another one: every so manieth argument will do.
SHARED = {"mindspore": 3, "oneflow": 5}
SLOW = ("resnet18", "resnet34", "resnet50")  # which need no arguments
LONGEST = 300


def session(module: str) -> Session:
    """One that has imported the module, with values of it."""
    made = Session(write=lambda text: None)
    make = MAKERS.get(module, "torch.tensor")
    also = "" if module in MAKERS else "import torch\n"
    made.run(Source(f"{also}import {module}\n{VALUES.format(make=make)}"), script=True)
    return made


def functions(module: Module, seen: set[int]) -> Iterator[Any]:
    """Whatever can be called, each once, in modules of modules too."""
    for value in module.names.values():
        if id(value) in seen:
            continue
        seen.add(id(value))
        if type(value) is Module:
            yield from functions(value, seen)
        elif type(value) in CALLABLE and value.name.rpartition(".")[2] not in SLOW:
            yield value


def faults(running: Session, calls: Iterator[str]) -> Iterator[str]:
    """The calls that end otherwise than by a value or a proper error."""
    for call in calls:
        try:
            running.run(Source(call), script=True)
        except GradcliError as error:
            long = len(error.message) > LONGEST
            if error.status == Status.INTERNAL or error.location is None or long:
                yield f"{call}: {error.message[:LONGEST]}"


@pytest.mark.parametrize("module", [*MODULES])
def test_functions_answer_or_refuse(module: str) -> None:
    running, found = session(module), []
    some = ARGUMENTS[:: SHARED.get(module, 1)]
    for function in functions(running.machine.imported[module], set()):
        running.machine.variables["f"] = function
        bad = faults(running, iter([f"f({arguments})" for arguments in some]))
        found += [f"{function.name}: {fault}" for fault in bad]
    assert not found


@pytest.mark.parametrize("module", ["mindspore", "numpy", "torch"])
def test_methods_answer_or_refuse(module: str) -> None:
    running = session(module)
    with speaking(running.dialect):
        names = attributes_of(running.machine.variables["v"])
    some = ARGUMENTS[::3]
    calls = [f"{x}.{name}({arguments})" for name in names for x in "kc" for arguments in some]
    assert not [*faults(running, iter(calls))]


# Instances of what the frameworks make; each has attributes, methods and items.
INSTANCES = """
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.Linear(3, 2)
    def forward(self, x):
        return self.inner(x)
net, layer, row = Net(), nn.Linear(3, 2), nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))
optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=2)
rows = TensorDataset(m, m)
loader = DataLoader(rows, batch_size=2)
node = (v.requires_grad_() * 2).sum().grad_fn
pair, size = torch.max(m, 1), m.shape
"""
USES = (
    *("{}['a']", "{}[5]", "{}[v]", "{}[None]", "{}[:1]", "{}[0] = 3", "len({})", "[*{}]", "{} + 1"),
    *("{}()", "{}(v)", "{}({})", "{}(x=3)", "{}.nothing", "1 in {}", "print({})", "bool({})"),
    *("isinstance({}, {})", "torch.tensor({})", "v[{}]", "with {}: pass", "raise {}"),
)
NAMED = ("net", "layer", "row", "optimizer", "scheduler", "rows", "loader", "node", "pair", "size")


@pytest.mark.parametrize("name", NAMED)
def test_instances_answer_or_refuse(name: str) -> None:
    running = session("torch")
    running.run(Source(INSTANCES), script=True)
    with speaking(running.dialect):
        known = attributes_of(running.machine.variables[name])
    calls = [use.replace("{}", name) for use in USES]
    for attribute in known:
        calls += [f"{name}.{attribute}({arguments})" for arguments in (*ARGUMENTS, "{}", "[v]")]
        calls += [f"{name}.{attribute} = {new}" for new in ("v", "3", "None", "'text'")]
    assert not [*faults(running, iter(calls))]


@pytest.mark.parametrize("framework", ["mindspore", "numpy", "torch"])
def test_what_is_said_to_be_lacking_is(framework: str) -> None:
    """See scripts/lacking.py, which writes the lists."""
    running = session(framework)
    lists = import_module(f"gradcli.lang.frameworks.lacking.{framework}").NAMES
    with speaking(running.dialect):
        methods = attributes_of(running.machine.variables["v"])
    for path, text in lists.items():
        owner: Any = running.machine.imported[framework]
        for name in path.split(".")[1:]:
            owner = owner.names.get(name) if type(owner) is Module else None
        known = owner.names if type(owner) is Module else methods
        assert path and not {*text.split()} & {*known}
