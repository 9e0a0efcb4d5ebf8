"""One value used many times, and many values summed or joined: is it linear?"""

from __future__ import annotations

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


def measure(seed: int, *, width: int = 100_000) -> list[timing.Row]:
    rows = []
    for shape, value in {"()": 0.5, "(3,)": [0.5, 1.0, 1.5]}.items():
        for wide in WORKLOADS:
            for uses in (width // 10, width):
                steps = peers.steps(widened(wide, uses), [value], ["PyTorch"])
                spent = timing.interleaved(steps, rounds=3)
                cost = {name: seconds / uses for name, seconds in spent.items()}
                rows.append(timing.Row(f"{wide.__name__} {shape}, {uses:,}", cost))
    return rows
