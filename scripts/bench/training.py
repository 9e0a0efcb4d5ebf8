"""A step of training a small network, Linear-ReLU-Linear on batches of 32, with SGD and Adam.

python scripts/bench/training.py
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import numpy as np
import timing

from gradcli import nn, tensor

Step = Callable[[], object]
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


def main(_arguments: list[str] | None = None) -> None:
    peers: dict[str, tuple[Any, Any, Any]] = {"gradcli": (nn, nn.optim, tensor)}
    try:
        torch = importlib.import_module("torch")
    except ImportError:
        print("(PyTorch is not installed)")
    else:
        torch.set_num_threads(1)
        peers["PyTorch"] = (torch.nn, torch.optim, torch.from_numpy)
    rows = []
    for kind in ("SGD", "Adam", "AdamW", "RMSprop"):
        for hidden in HIDDEN:
            steps = {name: step_of(*peer, hidden, kind) for name, peer in peers.items()}
            rows.append((f"{kind}, {hidden} hidden", timing.interleaved(steps)))
    timing.show("a step of training", rows, 1e-6, "microseconds")


if __name__ == "__main__":
    main()
