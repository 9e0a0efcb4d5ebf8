"""A ResNet-18 step on one image of 64 x 64, float32: forward, backward, SGD with momentum.

python scripts/bench/resnet.py [--seed N] [--threads N]

With the same weights; the largest distance of two gradients, relative to their length, is printed,
and how far each is from the gradient in double precision: rounding in single precision is
amplified where the last layers normalize four numbers, in every package alike.
Threads are set before numpy is loaded, for every peer alike.
"""

from __future__ import annotations

import argparse
import importlib
import os
import random
from collections.abc import Callable
from typing import Any, NamedTuple

import timing


class Training(NamedTuple):
    """What is timed, and the gradients that it left."""

    forward: Callable[[], Any]
    backward: Callable[[], Any]  # and forward, before it
    step: Callable[[], Any]  # of the optimizer alone
    gradients: Callable[[], list[Any]]


def ours(x: Any, threads: int) -> tuple[Training, Any]:
    from gradcli import nn, tensor  # noqa: PLC0415  # after the number of threads is set
    from gradcli.engine.functions import FUNCTIONS as F  # noqa: PLC0415
    from gradcli.engine.randomness import manual_seed  # noqa: PLC0415

    manual_seed(0)
    net = nn.resnet.resnet18().float()
    optimizer = nn.optim.SGD(net.parameters(), lr=1e-6, momentum=0.9)
    image, target = tensor(x), tensor([3.0])

    def forward() -> Any:
        return F["cross_entropy"](net(image), target)

    def backward() -> None:
        optimizer.zero_grad()
        forward().backward()

    def gradients() -> list[Any]:
        return [p.grad.value for p in net.parameters() if p.grad is not None]

    return Training(forward, backward, optimizer.step, gradients), net.state_dict()


def pytorch(x: Any, threads: int, state: Any) -> Training:
    from residual import resnet18  # noqa: PLC0415  # beside its peer

    torch = importlib.import_module("torch")
    torch.set_num_threads(threads)
    net = resnet18(torch.nn)
    net.load_state_dict({k: torch.from_numpy(v.value.copy()) for k, v in state.items()})
    optimizer = torch.optim.SGD(net.parameters(), lr=1e-6, momentum=0.9)
    image, target = torch.from_numpy(x), torch.tensor([3])

    def forward() -> Any:
        return torch.nn.functional.cross_entropy(net(image), target)

    def backward() -> None:
        optimizer.zero_grad()
        forward().backward()

    def gradients() -> list[Any]:
        return [p.grad.numpy() for p in net.parameters()]

    return Training(forward, backward, optimizer.step, gradients)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args(arguments)
    for library in ("OMP", "OPENBLAS", "MKL"):
        os.environ[f"{library}_NUM_THREADS"] = str(options.threads)
    import numpy as np  # noqa: PLC0415  # after the number of threads is set

    print(f"\nresnet: --seed {options.seed} --threads {options.threads}")
    x = np.random.default_rng(options.seed).normal(size=(1, 3, 64, 64)).astype(np.float32)
    mine, state = ours(x, options.threads)
    peers = {"gradcli": mine}
    try:
        peers["PyTorch"] = pytorch(x, options.threads, state)
    except ImportError:
        print("(PyTorch is not installed)")
    for peer in peers.values():
        peer.backward()
    exact = in_double(x, state)
    found = {name: peer.gradients() for name, peer in peers.items()}
    for name, gradients in found.items():
        print(f"gradients of {name} are {far(gradients, exact):.1e} from those in float64")
    for name, gradients in [*found.items()][1:]:
        print(f"gradients of gradcli are {far(found['gradcli'], gradients):.1e} from {name}'s")
    parts: dict[str, dict[str, Callable[[], Any]]] = {
        "forward": {name: peer.forward for name, peer in peers.items()},
        "forward, backward": {name: peer.backward for name, peer in peers.items()},
        "SGD with momentum": {name: peer.step for name, peer in peers.items()},
        "whole step": {name: whole(peer) for name, peer in peers.items()},
    }
    rows = [(label, timing.interleaved(functions)) for label, functions in parts.items()]
    timing.show("ResNet-18, 1 x 3 x 64 x 64, float32", rows, 1e-3, "milliseconds")


def in_double(x: Any, state: Any) -> list[Any]:
    """The gradients without the rounding of single precision."""
    from gradcli import nn, tensor  # noqa: PLC0415  # after the number of threads is set
    from gradcli.engine.functions import FUNCTIONS as F  # noqa: PLC0415

    net = nn.resnet.resnet18()
    net.load_state_dict(state)
    F["cross_entropy"](net(tensor(x.astype(float))), tensor([3.0])).backward()
    return [p.grad.value for p in net.parameters() if p.grad is not None]


def far(ours: list[Any], theirs: list[Any]) -> float:
    """The largest distance of two gradients, relative to their length."""
    import numpy as np  # noqa: PLC0415  # after the number of threads is set

    pairs = zip(ours, theirs, strict=True)
    return float(max(np.linalg.norm(a - b) / np.linalg.norm(b) for a, b in pairs))


def whole(training: Training) -> Callable[[], Any]:
    def step() -> None:
        training.backward()
        training.step()

    return step


if __name__ == "__main__":
    main()
