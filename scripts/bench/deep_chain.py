"""A chain of products, one after the other: what an operation costs when nothing else does.

The longest chain runs once, in a process of its own with the collector on, and is weighed too.
"""

from __future__ import annotations

import multiprocessing
import resource
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
    peer = {"gradcli": peers.ours, **peers.PEERS}[name]
    held = []

    def body(t: Any, x: Any) -> Any:
        y = chain(length)(t, x)
        held.append(resident())
        return y

    peer(chain(1000), [0.9999])()
    step = peer(body, [0.9999])
    before, begin = resident(), timing.clock()
    step()
    return (timing.clock() - begin) / length, (held[0] - before) / length


def measure(seed: int, *, length: int = 10_000, longest: int = 1_000_000) -> list[timing.Row]:
    rows = []
    for shape, value in {"()": 0.9999, "(3,)": [0.9999, 1.0, 1.0001]}.items():
        spent = timing.interleaved(peers.steps(chain(length), [value]), rounds=7)
        cost = {name: seconds / length for name, seconds in spent.items()}
        rows.append(timing.Row(f"{length:,} products, shape {shape}", cost))
    # Of the longest autograd takes two gigabytes, and minutes.
    names = ["gradcli", *(["PyTorch"] if "PyTorch" in cost else [])]
    with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        weighed = {name: pool.apply(weigh, (name, longest)) for name in names}
    label = f"{longest:,} products, shape ()"
    times = {name: seconds for name, (seconds, _) in weighed.items()}
    held = {name: memory for name, (_, memory) in weighed.items()}
    return [
        *rows,
        timing.Row(label, times, {"PyTorch": 0.5}),
        timing.Row(
            f"{label}, memory", held | {"350 bytes a product": 350}, {"350 bytes a product": 1}, "B"
        ),
    ]
