"""One value used many times, and many values summed or joined: is it linear?

python scripts/bench/fan_out.py [--width N]
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

import peers
import timing

Wide = Callable[[Any, Any, int], Any]


def sum_of_uses(t: Any, x: Any, width: int) -> Any:
    return sum(x for _ in range(width))


def sum_of_products(t: Any, x: Any, width: int) -> Any:
    return sum(x * x for _ in range(width))


def stacked(t: Any, x: Any, width: int) -> Any:
    return t.stack([x] * width)


def joined_products(t: Any, x: Any, width: int) -> Any:
    row = t.reshape(x, (-1,))
    return t.concatenate([row * row for _ in range(width)])


WORKLOADS: tuple[Wide, ...] = (sum_of_uses, sum_of_products, stacked, joined_products)


def widened(wide: Wide, width: int) -> peers.Body:
    return lambda t, x: t.sum(wide(t, x, width))


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--width", type=int, default=100_000)
    most = parser.parse_args(arguments).width
    found = peers.installed("gradcli", "PyTorch")
    rows = []
    for shape, value in {"()": 0.5, "(3,)": [0.5, 1.0, 1.5]}.items():
        for wide in WORKLOADS:
            for width in (most // 10, most):
                body = widened(wide, width)
                steps = {name: peer(body, [value]) for name, peer in found.items()}
                spent = timing.interleaved(steps, rounds=3)
                label = f"{wide.__name__} {shape}, {width}"
                rows.append((label, {name: s / width for name, s in spent.items()}))
    timing.show("forward + backward, a use", rows, 1e-6, "microseconds")


if __name__ == "__main__":
    main()
