"""A ResNet-18 step on one image of 64 x 64, float32: forward, backward, SGD with momentum.

With the same weights; the tests compare the gradients.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import timing
from residual import resnet18

from gradcli import nn, tensor
from gradcli.engine.functions import FUNCTIONS as F
from gradcli.engine.randomness import manual_seed

RATE, MOMENTUM = 1e-6, 0.9


class Training(NamedTuple):
    """The loss, and the optimizer of a network."""

    forward: Callable[[], Any]
    optimizer: Any

    def step(self) -> None:
        self.optimizer.zero_grad()
        self.forward().backward()
        self.optimizer.step()


Part = Callable[[Training], timing.Step]
PARTS: tuple[tuple[str, Part, dict[str, float]], ...] = (
    ("forward", lambda training: training.forward, {}),
    ("forward, backward, SGD with momentum", lambda training: training.step, {"PyTorch": 1.5}),
)


def ours(net: Any, image: Any) -> Training:
    x, target = tensor(image), tensor([3.0])
    optimizer = nn.optim.SGD(net.parameters(), lr=RATE, momentum=MOMENTUM)
    return Training(lambda: F["cross_entropy"](net(x), target), optimizer)


def pytorch(weights: Any, image: Any) -> Training:
    torch = importlib.import_module("torch")
    net = resnet18(torch.nn)
    net.load_state_dict({k: torch.from_numpy(np.array(v.value)) for k, v in weights.items()})
    x, target = torch.from_numpy(image), torch.tensor([3])
    optimizer = torch.optim.SGD(net.parameters(), lr=RATE, momentum=MOMENTUM)
    return Training(lambda: torch.nn.functional.cross_entropy(net(x), target), optimizer)


def measure(seed: int) -> list[timing.Row]:
    manual_seed(seed)
    net = nn.resnet.resnet18().float()
    image = np.random.default_rng(seed).normal(size=(1, 3, 64, 64)).astype(np.float32)
    weights = {name: tensor(np.array(w.value)) for name, w in net.state_dict().items()}
    mine = ours(net, image)
    rows = []
    for label, part, targets in PARTS:

        def theirs(part: Part = part) -> timing.Step:
            return part(pytorch(weights, image))

        steps = {"gradcli": part(mine)} | timing.available({"PyTorch": theirs})
        rows.append(timing.Row(label, timing.interleaved(steps, rounds=7), targets))
    return rows
