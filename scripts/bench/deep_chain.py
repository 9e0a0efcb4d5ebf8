"""A chain of products, one after the other: what an operation costs when nothing else does.

python scripts/bench/deep_chain.py [--length N] [--longest N]

The longest chain runs once, in a process of its own with the collector on, and is weighed too.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import time
from pathlib import Path
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


def resident() -> int:
    """Bytes of memory that this process holds (Linux tells)."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def weigh(name: str, length: int) -> tuple[float, float]:
    """Of one forward + backward of a chain: seconds and bytes held in between, per operation."""
    _, peer = peers.ALL[name]
    held = []

    def body(t: Any, x: Any) -> Any:
        y = chain(length)(t, x)
        held.append(resident())
        return y

    peer(chain(1000), [0.9999])()
    step = peer(body, [0.9999])
    before, begin = resident(), time.perf_counter()
    step()
    return (time.perf_counter() - begin) / length, (held[0] - before) / length


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--length", type=int, default=10_000)
    parser.add_argument("--longest", type=int, default=1_000_000)
    options = parser.parse_args(arguments)
    length, longest = options.length, options.longest
    found = peers.installed()
    rows = []
    for shape, value in {"shape ()": 0.9999, "shape (3,)": [0.9999, 1.0, 1.0001]}.items():
        steps = {name: peer(chain(length), [value]) for name, peer in found.items()}
        times = timing.interleaved(steps)
        rows.append((f"{shape}, {length} products", {k: v / length for k, v in times.items()}))
    timing.show("forward + backward, an operation", rows, 1e-6, "microseconds")
    with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        weighed = {name: pool.apply(weigh, (name, longest)) for name in found if name != "autograd"}
    for k, (what, unit, of) in enumerate(
        [("time", 1e-6, "microseconds"), ("memory", 1.0, "bytes")]
    ):
        row = {name: figures[k] for name, figures in weighed.items()}
        timing.show(f"{what} of an operation", [(f"shape (), {longest} products", row)], unit, of)


if __name__ == "__main__":
    main()
