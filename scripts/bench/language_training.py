"""A training loop of a small network, the same text under `gradcli run` and under PyTorch.

The loop alone is timed, and then whole processes, from the shell's prompt to the shell's prompt.
Sizes come from the seed.
"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import timing
from timing import Step

from gradcli.lang.session import Session
from gradcli.lang.source import Source

TARGETS = {"PyTorch": 1.0}


class Loop(NamedTuple):
    """A program: what makes the network and the data, and the loop that trains it."""

    label: str
    setting: str
    steps: str

    @property
    def text(self) -> str:
        return f"{self.setting}\n{self.steps}\nprint(loss.item())\n"


STEP = """\
for step in range({steps}):
    optimizer.zero_grad()
    loss = loss_of(net(x), y)
    loss.backward()
    optimizer.step()
"""
HEAD = """\
import torch
from torch import nn

torch.manual_seed({seed})
x = torch.randn({batch}, {inputs})
"""
ROW = """\
net = nn.Sequential(nn.Linear({inputs}, {hidden}), nn.{act}(), nn.Linear({hidden}, {outputs}))
"""
CLASS = """\
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear({inputs}, {hidden})
        self.out = nn.Linear({hidden}, {outputs})

    def forward(self, x):
        return self.out(torch.relu(self.hidden(x)))

net = Net()
"""
FIT = "y = torch.randn({batch}, {outputs})\nloss_of = nn.MSELoss()\n"
CLASSIFY = "y = torch.randint(0, {outputs}, ({batch},))\nloss_of = nn.CrossEntropyLoss()\n"
SGD = "optimizer = torch.optim.SGD(net.parameters(), lr=0.01)\n"
MOMENTUM = "optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)\n"
ADAM = "optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)\n"
KINDS = {
    "Tanh, MSE, SGD": (ROW, "Tanh", FIT, SGD),
    "ReLU, MSE, Adam": (ROW, "ReLU", FIT, ADAM),
    "ReLU, cross entropy, momentum": (ROW, "ReLU", CLASSIFY, MOMENTUM),
    "ReLU, cross entropy, Adam": (ROW, "ReLU", CLASSIFY, ADAM),
    "a class, MSE, SGD": (CLASS, "ReLU", FIT, SGD),
}


def loops(seed: int, steps: int) -> list[Loop]:
    """One program a kind, of sizes that the seed chooses."""
    draw = random.Random(seed)
    found = []
    for label, (net, act, loss, optimizer) in KINDS.items():
        sizes = {
            "seed": draw.randrange(1000),
            "batch": draw.choice([16, 32, 64]),
            "inputs": draw.randrange(4, 17),
            "hidden": draw.randrange(8, 65),
            "outputs": draw.randrange(2, 9),
            "steps": steps,
            "act": act,
        }
        setting = (HEAD + net + loss + optimizer).format(**sizes)
        shape = "{batch} x {inputs}-{hidden}-{outputs}".format(**sizes)
        found.append(Loop(f"{label}, {shape}", setting, STEP.format(**sizes)))
    return found


def ours(loop: Loop) -> Step:
    session, source = Session(), Source(loop.steps, "loop")
    session.run(Source(loop.setting, "setting"), script=True)
    return lambda: session.run(source, script=True)


def pytorch(loop: Loop) -> Step:
    names: dict[str, object] = {}
    exec(loop.setting, names)
    code = compile(loop.steps, "loop", "exec")
    return lambda: exec(code, names)


def process(command: list[str], loop: Loop) -> Step:
    """A process that runs the program."""

    def run() -> None:
        with tempfile.TemporaryDirectory() as place:
            file = Path(place) / "train.grad"
            file.write_text(loop.text, encoding="utf-8")
            subprocess.run([*command, str(file)], check=True, capture_output=True)

    return run


def measure(seed: int, *, steps: int = 2000) -> list[timing.Row]:
    programs = loops(seed, steps)
    alone, whole = [], []
    for loop in programs:
        ways = {"gradcli": ours(loop)} | timing.available({"PyTorch": pytorch}, loop)
        alone.append(timing.Row(loop.label, timing.interleaved(ways, rounds=4), TARGETS))
        processes = {"gradcli": process([sys.executable, "-m", "gradcli", "run"], loop)}
        if "PyTorch" in ways:
            processes["PyTorch"] = process([sys.executable], loop)
        whole.append(timing.Row("", {name: timing.seconds(p) for name, p in processes.items()}))
    return [*alone, timing.together("all of them, as processes", whole, TARGETS)]
