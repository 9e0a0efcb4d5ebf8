"""A training loop of a small network, the same text under `gradcli run` and under PyTorch.

python scripts/bench/language_training.py [--seed N] [--threads N] [--rounds N]

The loop alone is timed, and then whole processes, from the shell's prompt to the shell's prompt.
Sizes come from the seed.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import timing

STEPS = 2000


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


def loops(seed: int, steps: int = STEPS) -> list[Loop]:
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


def ours(loop: Loop) -> Callable[[], object]:
    from gradcli.lang.session import Session  # noqa: PLC0415  # after the number of threads is set
    from gradcli.lang.source import Source  # noqa: PLC0415

    session, source = Session(), Source(loop.steps, "loop")
    session.run(Source(loop.setting, "setting"), script=True)
    return lambda: session.run(source, script=True)


def pytorch(loop: Loop) -> Callable[[], object]:
    import torch  # noqa: PLC0415

    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    names: dict[str, object] = {}
    exec(loop.setting, names)
    code = compile(loop.steps, "loop", "exec")
    return lambda: exec(code, names)


def process(command: list[str], loop: Loop) -> float:
    """Seconds from the start of a process that runs the program to its end."""
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "train.grad"
        file.write_text(loop.text, encoding="utf-8")
        began = time.perf_counter()
        subprocess.run([*command, str(file)], check=True, capture_output=True)
        return time.perf_counter() - began


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args(arguments)
    for library in ("OMP", "OPENBLAS", "MKL"):
        os.environ[f"{library}_NUM_THREADS"] = str(options.threads)
    print(f"\ntraining in the language: --seed {options.seed} --threads {options.threads}")
    peers = {"gradcli": ours, "PyTorch": pytorch}
    programs = loops(options.seed)
    inside = []
    for loop in programs:
        steps = timing.available(peers, loop)
        inside.append((loop.label, timing.interleaved(steps, options.rounds)))
    timing.show(f"{STEPS:,} steps, the loop alone", inside, 1e-3, "milliseconds")
    commands = {"gradcli": [sys.executable, "-m", "gradcli", "run"]}
    if len(inside[0][1]) > 1:
        commands["PyTorch"] = [sys.executable]
    whole = [
        (
            loop.label,
            {
                name: min(process(command, loop) for _ in range(2))
                for name, command in commands.items()
            },
        )
        for loop in programs
    ]
    timing.show(f"{STEPS:,} steps, with the start of the process", whole, 1e-3, "milliseconds")


if __name__ == "__main__":
    main()
