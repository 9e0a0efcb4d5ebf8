"""Value and gradient of a scalar function of many operations, compiled once and called often.

python scripts/bench/scalar_program.py [--seed N] [--operations N]
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
INPUTS = [0.3, 0.7, 1.1, 0.9]


# What the operations of a body are: none leaves the range of numbers, and all are smooth.
KINDS: list[Callable[[Any, Any, Any], Any]] = [
    lambda _t, a, b: (a + b) / 2,
    lambda _t, a, b: a - b / 2,
    lambda _t, a, b: a * b / 4,
    lambda _t, a, b: a / (1 + b * b),
    lambda t, a, _b: t.sin(a),
    lambda t, a, _b: t.tanh(a),
    lambda t, a, _b: t.exp(-a * a),
    lambda t, a, _b: t.log(2 + a * a),
]


def draw(seed: int, count: int) -> Callable[..., Any]:
    """A function of a namespace of mathematics and of the inputs, the same for the same seed."""

    def body(t: Any, *inputs: Any) -> Any:
        rng = random.Random(seed)
        values = list(inputs)
        for _ in range(count):
            a, b = rng.choice(values[-12:]), rng.choice(values[-12:])
            values.append(rng.choice(KINDS)(t, a, b))
        return sum(values[-12:]) + sum(inputs)

    return body


def ours(body: Callable[..., Any]) -> Step:
    import gradcli  # noqa: PLC0415  # as the peers are

    function = gradcli.compile(lambda *xs: body(np, *xs), grad=True)
    return lambda: function(*INPUTS)


def casadi(body: Callable[..., Any]) -> Step:
    sx = importlib.import_module("casadi")
    xs = [sx.SX.sym(f"x{k}") for k in range(len(INPUTS))]
    y = body(sx, *xs)
    function = sx.Function("f", xs, [y, sx.gradient(y, sx.vertcat(*xs))])
    return lambda: function(*INPUTS)


def jax(body: Callable[..., Any]) -> Step:
    module = importlib.import_module("jax")
    module.config.update("jax_enable_x64", True)
    names = importlib.import_module("jax.numpy")
    function = module.jit(
        module.value_and_grad(lambda *xs: body(names, *xs), tuple(range(len(INPUTS))))
    )
    return lambda: module.block_until_ready(function(*INPUTS))


def pytorch(body: Callable[..., Any]) -> Step:
    torch = importlib.import_module("torch")
    xs = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in INPUTS]
    return lambda: torch.autograd.grad(body(torch, *xs), xs)


def lambdified(body: Callable[..., Any]) -> Step:
    sympy = importlib.import_module("sympy")
    xs = sympy.symbols(f"x:{len(INPUTS)}")
    y = body(sympy, *xs)
    function = sympy.lambdify(xs, [y, *(y.diff(x) for x in xs)], "math", cse=True)
    return lambda: function(*INPUTS)


PEERS = {"casadi": casadi, "jax": jax, "torch": pytorch}


def measure(seed: int, operations: int) -> list[timing.Row]:
    """Seconds an operation of each package that is installed."""
    rows: list[timing.Row] = []
    for count in (operations // 50, operations):
        peers = PEERS if count > 50 else {**PEERS, "sympy": lambdified}  # it takes minutes
        body = draw(seed, count)
        steps = {"gradcli": ours(body)} | timing.available(peers, body)
        spent = timing.interleaved(steps)
        rows.append((f"{count} operations", {k: s / count for k, s in spent.items()}))
    return rows


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--operations", type=int, default=1000)
    options = parser.parse_args(arguments)
    print(f"\nscalar_program: --seed {options.seed}")
    for row in measure(options.seed, options.operations):
        timing.show("value + gradient, one of many operations", [row], 1e-9, "ns")


if __name__ == "__main__":
    main()
