"""Value and partial derivatives of formulas for every row of large columns: one that is given, and
bodies of the same size drawn from a seed.

python scripts/bench/rows.py [--rows N] [--bodies N] [--seed N]
"""

from __future__ import annotations

import argparse
import importlib
import random
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import scalar_program
import timing

Step = Callable[[], object]
Body = Callable[..., Any]
Columns = list[Any]
NAMES = "xyz"
OPERATIONS = 16


def formula(t: Any, x: Any, y: Any, z: Any) -> Any:
    return t.sin(x * y) + t.exp(-(z**2)) * t.log(1 + x**2) / (1 + t.tanh(y) ** 2)


def ours(body: Body, columns: Columns) -> Step:
    import gradcli  # noqa: PLC0415  # as the peers are

    function = gradcli.compile(lambda *xs: body(np, *xs), grad=True, rows=True)
    return lambda: function(*columns)


def torch_step(body: Body, columns: Columns, prepare: Callable[[Any], Any]) -> Step:
    torch = importlib.import_module("torch")
    inputs = [torch.tensor(x, requires_grad=True) for x in columns]
    function = prepare(lambda *xs: body(torch, *xs))

    def step() -> object:
        z = function(*inputs)
        return z, torch.autograd.grad(z, inputs, torch.ones_like(z))

    return step


def eager(body: Body, columns: Columns) -> Step:
    return torch_step(body, columns, lambda function: function)


def torch_compiled(body: Body, columns: Columns) -> Step:
    return torch_step(body, columns, importlib.import_module("torch").compile)


def jax(body: Body, columns: Columns) -> Step:
    module = importlib.import_module("jax")
    module.config.update("jax_enable_x64", True)
    names = importlib.import_module("jax.numpy")
    one = module.value_and_grad(lambda *xs: body(names, *xs), tuple(range(len(columns))))
    function, arrays = module.jit(module.vmap(one)), [names.array(x) for x in columns]
    return lambda: module.block_until_ready(function(*arrays))


def derived(body: Body) -> tuple[Any, list[Any]]:
    """The variables, the value and the partial derivatives, by sympy."""
    sympy = importlib.import_module("sympy")
    xs = sympy.symbols(" ".join(NAMES))
    y = body(sympy, *xs)
    return xs, [y, *(y.diff(x) for x in xs)]


def lambdified(body: Body, columns: Columns) -> Step:
    xs, results = derived(body)
    function = importlib.import_module("sympy").lambdify(xs, results, "numpy", cse=True)
    return lambda: function(*columns)


def numexpr(body: Body, columns: Columns) -> Step:
    module = importlib.import_module("numexpr")
    texts = [str(result) for result in derived(body)[1]]
    names = dict(zip(NAMES, columns, strict=True))
    return lambda: [module.evaluate(text, local_dict=names) for text in texts]


PEERS = {
    "torch": eager,
    "torch.compile": torch_compiled,
    "jax": jax,
    "lambdify": lambdified,
    "numexpr": numexpr,
}


def measure(count: int, bodies: dict[str, Body]) -> list[timing.Row]:
    """Seconds a row of each package that is installed."""
    rng = np.random.default_rng(0)
    columns: Columns = [rng.uniform(-2, 2, count) for _ in NAMES]
    rows: list[timing.Row] = []
    for label, body in bodies.items():
        steps = {"gradcli": ours(body, columns)} | timing.available(PEERS, body, columns)
        spent = timing.interleaved(steps, rounds=5)
        rows.append((f"{count:,} rows, {label}", {name: s / count for name, s in spent.items()}))
    return rows


def drawn(seed: int, count: int) -> dict[str, Body]:
    """The formula, and bodies of this and the next seeds."""
    others = range(seed, seed + count)
    return {"a formula": formula} | {
        f"body {k}": scalar_program.draw(k, OPERATIONS) for k in others
    }


def extra_memory(count: int) -> float:
    """Megabytes that a call takes beside its results."""
    columns = [np.linspace(-2, 2, count) for _ in NAMES]
    step = ours(formula, columns)
    tracemalloc.start()
    step()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return (peak - (1 + len(NAMES)) * 8 * count) / 2**20


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--bodies", type=int, default=2)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    options = parser.parse_args(arguments)
    print(f"\nrows: --seed {options.seed}")
    rows = measure(options.rows, drawn(options.seed, options.bodies))
    for row in rows:
        timing.show("value + 3 partial derivatives, one row", [row], 1e-9, "ns")
    print(f"memory beside the results: {extra_memory(options.rows):.0f} MB")


if __name__ == "__main__":
    main()
