"""A chain of products, one after the other: what an operation costs when nothing else does.

python scripts/bench/deep_chain.py [--length N]
"""

from __future__ import annotations

import argparse
from typing import Any

import peers
import timing


def chain(length: int) -> peers.Body:
    def body(t: Any, x: Any) -> Any:
        y = x
        for _ in range(length):
            y = y * x
        return t.sum(y)

    return body


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--length", type=int, default=10_000)
    length = parser.parse_args(arguments).length
    found = peers.installed()
    rows = []
    for shape, value in {"shape ()": 0.9999, "shape (3,)": [0.9999, 1.0, 1.0001]}.items():
        steps = {name: peer(chain(length), [value]) for name, peer in found.items()}
        times = timing.interleaved(steps)
        rows.append((f"{shape}, {length} products", {k: v / length for k, v in times.items()}))
    timing.show("forward + backward, an operation", rows, 1e-6, "microseconds")


if __name__ == "__main__":
    main()
