"""Value and gradient of a formula for every row of large columns.

python scripts/bench/rows.py [--rows N]
"""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Callable
from typing import Any

import numpy as np
import timing

Step = Callable[[], object]
Columns = list[Any]


def formula(t: Any, x: Any, y: Any) -> Any:
    return t.exp(-x * x) * t.sin(x * y) + t.log(1 + y * y)


def ours(columns: Columns) -> Step:
    import gradcli  # noqa: PLC0415  # as the peers are

    function = gradcli.compile(lambda x, y: formula(np, x, y), grad=True, rows=True)
    return lambda: function(*columns)


def by_hand(columns: Columns) -> Step:
    """The same in numpy, derived by hand."""
    x, y = columns

    def step() -> object:
        e, p = np.exp(-x * x), x * y
        s, c, q = np.sin(p), np.cos(p), 1 + y * y
        return e * s + np.log(q), e * (y * c - 2 * x * s), e * x * c + 2 * y / q

    return step


def numexpr(columns: Columns) -> Step:
    """The same three formulas, each a string."""
    module = importlib.import_module("numexpr")
    names = dict(zip("xy", columns, strict=True))
    texts = (
        "exp(-x*x)*sin(x*y) + log(1 + y*y)",
        "exp(-x*x)*(y*cos(x*y) - 2*x*sin(x*y))",
        "exp(-x*x)*x*cos(x*y) + 2*y/(1 + y*y)",
    )
    return lambda: [module.evaluate(text, local_dict=names) for text in texts]


def torch_step(columns: Columns, prepare: Callable[[Any], Any]) -> Step:
    torch = importlib.import_module("torch")
    inputs = [torch.tensor(x, requires_grad=True) for x in columns]
    function = prepare(lambda *xs: formula(torch, *xs))

    def step() -> object:
        z = function(*inputs)
        return z, torch.autograd.grad(z, inputs, torch.ones_like(z))

    return step


def eager(columns: Columns) -> Step:
    return torch_step(columns, lambda function: function)


def torch_compiled(columns: Columns) -> Step:
    return torch_step(columns, importlib.import_module("torch").compile)


def jax(columns: Columns) -> Step:
    module = importlib.import_module("jax")
    module.config.update("jax_enable_x64", True)
    names = importlib.import_module("jax.numpy")
    one = module.value_and_grad(lambda x, y: formula(names, x, y), (0, 1))
    function, arrays = module.jit(module.vmap(one)), [names.array(x) for x in columns]
    return lambda: module.block_until_ready(function(*arrays))


PEERS = {
    "numpy": by_hand,
    "torch": eager,
    "torch.compile": torch_compiled,
    "jax": jax,
    "numexpr": numexpr,
}


def measure(count: int) -> list[timing.Row]:
    """Seconds a row of each package that is installed."""
    rng = np.random.default_rng(0)
    columns: Columns = [rng.uniform(-2, 2, count) for _ in range(2)]
    steps = {"gradcli": ours(columns)} | timing.available(PEERS, columns)
    spent = timing.interleaved(steps, rounds=3)
    return [(f"{count:,} rows", {name: seconds / count for name, seconds in spent.items()})]


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    options = parser.parse_args(arguments)
    timing.show("value + gradient, one row", measure(options.rows), 1e-9, "ns")


if __name__ == "__main__":
    main()
