"""Whole Hessians and Jacobians, against PyTorch's ways to have them.

python scripts/bench/matrices.py [--seed N] [--sizes 100 1000]
"""

from __future__ import annotations

import argparse
import importlib
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import timing

Ways = dict[str, Callable[[], object]]


def rosenbrock(t: Any, x: Any) -> Any:
    return t.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def hessians(x: np.ndarray[Any, Any]) -> Ways:
    """Ours, and each of PyTorch's ways that is installed."""
    from gradcli.engine.transforms import hessian  # noqa: PLC0415  # as the peer is

    ways: Ways = {"gradcli": lambda: hessian(lambda v: rosenbrock(np, v))(x)}
    torch = pytorch()
    if torch is not None:
        point = torch.tensor(x)

        def f(v: Any) -> Any:
            return rosenbrock(torch, v)

        functional = torch.autograd.functional.hessian
        ways["func.hessian"] = lambda: torch.func.hessian(f)(point)
        ways["jacrev(jacrev)"] = lambda: torch.func.jacrev(torch.func.jacrev(f))(point)
        ways["functional"] = lambda: functional(f, point)
        ways["vectorized"] = lambda: functional(f, point, vectorize=True)
    return ways


def jacobians(x: np.ndarray[Any, Any], w: np.ndarray[Any, Any], v: np.ndarray[Any, Any]) -> Ways:
    """Of a network of two layers."""
    from gradcli.engine.transforms import jacobian  # noqa: PLC0415  # as the peer is

    ways: Ways = {"gradcli": lambda: jacobian(lambda z: v @ np.tanh(w @ z))(x)}
    torch = pytorch()
    if torch is not None:
        point, inner, outer = map(torch.tensor, (x, w, v))
        ways["jacrev"] = lambda: torch.func.jacrev(lambda z: outer @ torch.tanh(inner @ z))(point)
        ways["jacfwd"] = lambda: torch.func.jacfwd(lambda z: outer @ torch.tanh(inner @ z))(point)
    return ways


def pytorch() -> Any:
    try:
        torch = importlib.import_module("torch")
    except ImportError:
        return None
    torch.set_num_threads(1)
    return torch


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--sizes", type=int, nargs="*", default=[100, 1000])
    options = parser.parse_args(arguments)
    print(f"\nmatrices: --seed {options.seed}")
    rng = np.random.default_rng(options.seed)
    rows = [
        (f"Rosenbrock, n = {n}", timing.interleaved(hessians(rng.normal(size=n)), rounds=5))
        for n in options.sizes
    ]
    timing.show("Hessian", rows, 1e-3, "ms")
    rows = [
        (
            f"network {n} -> {n}",
            timing.interleaved(
                jacobians(rng.normal(size=n), *rng.normal(size=(2, n, n)) / n), rounds=5
            ),
        )
        for n in options.sizes
    ]
    timing.show("Jacobian", rows, 1e-3, "ms")


if __name__ == "__main__":
    main()
