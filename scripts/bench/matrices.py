"""Whole Hessians and Jacobians, against the ways of PyTorch and JAX to have them.

gradcli is compiled, as JAX is; it is compared with itself uncompiled, too.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import timing
from timing import Step

Array = np.ndarray[Any, Any]
# PyTorch's ways take seconds beyond.
LARGE = 1000


def rosenbrock(t: Any, x: Any) -> Any:
    return t.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def network(t: Any, z: Any, w: Any, v: Any) -> Any:
    """Two layers."""
    return v @ t.tanh(w @ z)


def ours(name: str, function: Callable[..., Any], *points: Array) -> dict[str, Step]:
    import gradcli  # noqa: PLC0415  # as the peers are

    derivative = getattr(gradcli, name)(lambda x, *rest: function(np, x, *rest))
    compiled = gradcli.compile(derivative)
    return {"gradcli": lambda: compiled(*points), "itself uncompiled": lambda: derivative(*points)}


def jax(name: str, function: Callable[..., Any], *points: Array) -> Step:
    module = importlib.import_module("jax")
    module.config.update("jax_enable_x64", True)
    names = importlib.import_module("jax.numpy")
    derivative = module.jit(getattr(module, name)(lambda *xs: function(names, *xs)))
    arrays = [names.array(x) for x in points]
    return lambda: module.block_until_ready(derivative(*arrays))


def pytorch(name: str, function: Callable[..., Any], *points: Array) -> Step:
    """The quicker of its ways for this work."""
    torch = importlib.import_module("torch")
    x, *rest = map(torch.tensor, points)

    def of_x(z: Any) -> Any:
        return function(torch, z, *rest)

    if name == "hessian":
        return lambda: torch.autograd.functional.hessian(of_x, x, vectorize=True)
    return lambda: torch.func.jacrev(of_x)(x)


PEERS = {"PyTorch": pytorch, "JAX": jax}


# By the number of inputs, the targets.
HESSIANS = {100: {"PyTorch": 0.3, "JAX": 2.0}, 1000: {"PyTorch": 0.1}, 3000: {"JAX": 1.0}}
JACOBIAN = 100


class Work(NamedTuple):
    label: str
    derivative: str
    function: Callable[..., Any]
    points: tuple[Array, ...]
    targets: dict[str, float]


def drawn(seed: int) -> list[Work]:
    rng = np.random.default_rng(seed)
    work = [
        Work(
            f"Hessian of Rosenbrock, n = {n:,}", "hessian", rosenbrock, (rng.normal(size=n),), most
        )
        for n, most in HESSIANS.items()
    ]
    n = JACOBIAN
    points = rng.normal(size=n), *rng.normal(size=(2, n, n)) / n
    label = f"Jacobian of two layers, {n} -> {n}"
    return [*work, Work(label, "jacobian", network, points, {"PyTorch": 1.0})]


def measure(seed: int) -> list[timing.Row]:
    rows = []
    for label, derivative, function, points, targets in drawn(seed):
        # PyTorch's ways take seconds for large ones.
        peers = PEERS if len(points[0]) <= LARGE else {"JAX": jax}
        steps = ours(derivative, function, *points)
        steps |= timing.available(peers, derivative, function, *points)
        rows.append(timing.Row(label, timing.interleaved(steps, rounds=7), targets))
    return rows
