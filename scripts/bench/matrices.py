"""Whole Hessians and Jacobians, against the ways of PyTorch and JAX to have them.

`gradcli` is compiled, as JAX is; `eager` is gradcli without.

python scripts/bench/matrices.py [--seed N] [--sizes 100 1000 3000]
"""

from __future__ import annotations

import argparse
import importlib
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import timing

Step = Callable[[], object]
Ways = dict[str, Step]
Array = np.ndarray[Any, Any]
# PyTorch's ways take seconds beyond.
LARGE = 1000


def rosenbrock(t: Any, x: Any) -> Any:
    return t.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def network(t: Any, z: Any, w: Any, v: Any) -> Any:
    """Two layers."""
    return v @ t.tanh(w @ z)


def ours(name: str, function: Callable[..., Any], *points: Array) -> Ways:
    import gradcli  # noqa: PLC0415  # as the peers are

    derivative = getattr(gradcli, name)(lambda x, *rest: function(np, x, *rest))
    compiled = gradcli.compile(derivative)
    return {"gradcli": lambda: compiled(*points), "eager": lambda: derivative(*points)}


def jax(name: str, function: Callable[..., Any], *points: Array) -> Step:
    module = importlib.import_module("jax")
    module.config.update("jax_enable_x64", True)
    names = importlib.import_module("jax.numpy")
    derivative = module.jit(getattr(module, name)(lambda *xs: function(names, *xs)))
    arrays = [names.array(x) for x in points]
    return lambda: module.block_until_ready(derivative(*arrays))


def pytorch(name: str, function: Callable[..., Any], *points: Array) -> Step:
    """The quicker of its ways for this work, on one thread."""
    torch = importlib.import_module("torch")
    torch.set_num_threads(1)
    x, *rest = map(torch.tensor, points)

    def of_x(z: Any) -> Any:
        return function(torch, z, *rest)

    if name == "hessian":
        return lambda: torch.autograd.functional.hessian(of_x, x, vectorize=True)
    return lambda: torch.func.jacrev(of_x)(x)


PEERS = {"jax": jax, "torch": pytorch}


def measure(seed: int, sizes: list[int]) -> list[timing.Row]:
    """Seconds a call of each package that is installed."""
    rng = np.random.default_rng(seed)
    work: list[tuple[str, str, Callable[..., Any], tuple[Array, ...]]] = []
    for n in sizes:
        work.append(
            (f"Hessian of Rosenbrock, n = {n}", "hessian", rosenbrock, (rng.normal(size=n),))
        )
    for n in (n for n in sizes if n <= LARGE):
        points = rng.normal(size=n), *rng.normal(size=(2, n, n)) / n
        work.append((f"Jacobian of a network, {n} -> {n}", "jacobian", network, points))
    rows: list[timing.Row] = []
    for label, name, function, points in work:
        steps = ours(name, function, *points)
        peers = PEERS if len(points[0]) <= LARGE else {"jax": jax}
        steps |= timing.available(peers, name, function, *points)
        rows.append((label, timing.interleaved(steps, rounds=7)))
    return rows


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--sizes", type=int, nargs="*", default=[100, 1000, 3000])
    options = parser.parse_args(arguments)
    print(f"\nmatrices: --seed {options.seed}")
    for row in measure(options.seed, options.sizes):
        timing.show("a call", [row], 1e-3, "ms")


if __name__ == "__main__":
    main()
