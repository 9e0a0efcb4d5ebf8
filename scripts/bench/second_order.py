"""The gradient of a gradient: a recorded pass over bodies drawn from a seed, and a pass over that.

python scripts/bench/second_order.py [--seed N] [--bodies N] [--operations N]
"""

from __future__ import annotations

import argparse
import random
from typing import Any

import peers
import small_ops
import timing


def curved(body: peers.Body) -> peers.Body:
    """The squared length of the body's gradient."""

    def squared(t: Any, *inputs: Any) -> Any:
        y = body(t, *inputs)
        gradients = t.autograd.grad(y, inputs, create_graph=True)
        return sum(t.sum(g * g) for g in gradients)

    return squared


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--bodies", type=int, default=4)
    parser.add_argument("--operations", type=int, default=20)
    options = parser.parse_args(arguments)
    print(f"\nsecond_order: --seed {options.seed}")
    found = peers.installed("gradcli", "PyTorch")
    rng = random.Random(options.seed)
    bodies = [
        curved(small_ops.compiled(small_ops.draw(rng, options.operations)))
        for _ in range(options.bodies)
    ]
    rows = []
    for shape, values in small_ops.INPUTS.items():
        for k, body in enumerate(bodies):
            steps = {name: peer(body, values) for name, peer in found.items()}
            rows.append((f"{shape}, body {k}", timing.interleaved(steps)))
    timing.show(f"gradient of a gradient, {options.operations} operations", rows, 1e-6, "us")


if __name__ == "__main__":
    main()
