"""Mixed operations on numbers and on short vectors: bodies drawn from a seed, forward + backward.

python scripts/bench/small_ops.py [--seed N] [--bodies N] [--operations N]
"""

from __future__ import annotations

import argparse
import random
import statistics
from typing import Any

import peers
import timing

UNARY = ("sin", "cos", "tanh")
BINARY = ("+", "-", "*")
INPUTS: dict[str, list[Any]] = {
    "shape ()": [0.3, -0.7, 1.1],
    "shape (3,)": [[0.3, 1.0, 2.0], [0.1, 0.2, 0.3], [1.0, 2.0, 3.0]],
}


def draw(rng: random.Random, operations: int) -> str:
    """The source of a body: every value is used, and none can leave the range of numbers."""
    lines, unused = [], ["x", "y", "z"]
    for k in range(operations):
        kind = rng.random()
        a = unused.pop(rng.randrange(len(unused)))
        b = rng.choice([*unused, a, "x", "y", "z"])
        if kind < 0.4:
            text = f"t.{rng.choice(UNARY)}({a})"
        elif kind < 0.5:
            text = f"{a} * {rng.uniform(0.2, 0.9):.3f}"
        elif kind < 0.55:
            text = f"{a} / 3.5"
        else:
            text = f"{a} {rng.choice(BINARY)} t.sin({b})" if kind > 0.95 else (
                f"{a} {rng.choice(BINARY)} {b}")  # fmt: skip
        lines.append(f"    v{k} = {text}")
        unused.append(f"v{k}")
        if rng.random() < 0.3:  # squash, so that products of products stay small
            lines.append(f"    v{k} = t.tanh(v{k})")
    total = " + ".join(unused)
    return "def body(t, x, y, z):\n" + "\n".join(lines) + f"\n    return t.sum({total})\n"


def compiled(source: str) -> peers.Body:
    names: dict[str, Any] = {}
    exec(source, names)
    body: peers.Body = names["body"]
    return body


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--bodies", type=int, default=8)
    parser.add_argument("--operations", type=int, default=40)
    options = parser.parse_args(arguments)
    print(f"\nsmall_ops: --seed {options.seed}")
    found = peers.installed()
    rng = random.Random(options.seed)
    sources = [draw(rng, options.operations) for _ in range(options.bodies)]
    rows, summary = [], []
    for shape, values in INPUTS.items():
        ratios: dict[str, list[float]] = {name: [] for name in found}
        for k, source in enumerate(sources):
            body = compiled(source)
            steps = {name: peer(body, values) for name, peer in found.items()}
            times = timing.interleaved(steps)
            rows.append((f"{shape}, body {k}", times))
            for name in found:
                ratios[name].append(times["gradcli"] / times[name])
        for name in list(found)[1:]:
            middle = statistics.median(ratios[name])
            spread = f"{min(ratios[name]):.2f} to {max(ratios[name]):.2f}"
            summary.append(f"{shape}: {middle:.2f}x of {name} (median; {spread})")
    title = f"forward + backward of {options.operations} operations and more"
    timing.show(title, rows, 1e-6, "microseconds")
    print(*summary, sep="\n")


if __name__ == "__main__":
    main()
