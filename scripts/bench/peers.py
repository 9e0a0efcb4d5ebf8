"""gradcli, and the other packages that are installed, behind one way to ask for a gradient.

A body is a function of a namespace of mathematical functions and of the inputs; it returns a
number. What a peer makes of a body and of values evaluates and differentiates it once.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import timing
from timing import Step

Body = Callable[..., Any]
Peer = Callable[[Body, Sequence[Any]], Step]


def ours(body: Body, values: Sequence[Any]) -> Step:
    from gradcli.engine import autograd  # noqa: PLC0415  # as the peers are
    from gradcli.engine.functions import FUNCTIONS  # noqa: PLC0415  # as the peers are
    from gradcli.engine.tensor import tensor  # noqa: PLC0415  # only this peer is ours

    names = SimpleNamespace(**FUNCTIONS, autograd=autograd)
    leaves = [tensor(value, requires_grad=True) for value in values]

    def step() -> None:
        for x in leaves:
            x.grad = None
        body(names, *leaves).backward()

    return step


def pytorch(body: Body, values: Sequence[Any]) -> Step:
    torch = importlib.import_module("torch")
    leaves = [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in values]

    def step() -> None:
        for x in leaves:
            x.grad = None
        body(torch, *leaves).backward()

    return step


def hips_autograd(body: Body, values: Sequence[Any]) -> Step:
    autograd = importlib.import_module("autograd")
    names = importlib.import_module("autograd.numpy")
    inputs = [
        np.float64(value) if np.ndim(value) == 0 else np.array(value, float) for value in values
    ]
    gradient = autograd.grad(lambda *xs: body(names, *xs), tuple(range(len(inputs))))
    return lambda: gradient(*inputs)


PEERS: dict[str, Peer] = {"PyTorch": pytorch, "autograd": hips_autograd}


def steps(
    body: Body, values: Sequence[Any], names: Sequence[str] = tuple(PEERS)
) -> dict[str, Step]:
    """Ours first, then that of every peer, or of those named, that runs."""
    peers = {name: PEERS[name] for name in names}
    return {"gradcli": ours(body, values)} | timing.available(peers, body, values)
