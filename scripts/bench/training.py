"""A step of training a small network, Linear-ReLU-Linear on batches of 32, with SGD and Adam."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import numpy as np
import timing
from timing import Step

from gradcli import nn, tensor

HIDDEN = (16, 128)


def step_of(
    names: Any, optimizers: Any, make: Callable[[Any], Any], hidden: int, kind: str
) -> Step:
    """One step, written for either library."""
    rng = np.random.default_rng(0)
    x = make(rng.normal(size=(32, 8)).astype(np.float32))
    target = make(rng.normal(size=(32, 1)).astype(np.float32))
    net = names.Sequential(names.Linear(8, hidden), names.ReLU(), names.Linear(hidden, 1)).float()
    optimizer, loss = getattr(optimizers, kind)(net.parameters(), lr=1e-3), names.MSELoss()

    def step() -> None:
        optimizer.zero_grad()
        loss(net(x), target).backward()
        optimizer.step()

    return step


def ours(hidden: int, kind: str) -> Step:
    return step_of(nn, nn.optim, tensor, hidden, kind)


def pytorch(hidden: int, kind: str) -> Step:
    torch = importlib.import_module("torch")
    return step_of(torch.nn, torch.optim, torch.from_numpy, hidden, kind)


def measure(seed: int) -> list[timing.Row]:
    rows = []
    for kind in ("SGD", "Adam", "AdamW", "RMSprop"):
        for hidden in HIDDEN:
            steps = {"gradcli": ours(hidden, kind)}
            steps |= timing.available({"PyTorch": pytorch}, hidden, kind)
            rows.append(timing.Row(f"{kind}, {hidden} hidden", timing.interleaved(steps)))
    return rows
