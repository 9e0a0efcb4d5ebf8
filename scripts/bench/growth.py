"""What twice as many rows, operations or inputs take, of what they took: linear cost is 2.

python scripts/bench/growth.py [--seed N]
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import rows
import scalar_program
import timing

Step = Callable[[], object]


def of_rows(count: int, seed: int) -> Step:
    body = scalar_program.draw(seed, rows.OPERATIONS)
    return rows.ours(body, [np.linspace(-2, 2, count) for _ in rows.NAMES])


def of_operations(count: int, seed: int) -> Step:
    return scalar_program.ours(scalar_program.draw(seed, count))


def building(count: int, seed: int) -> Step:
    body = scalar_program.draw(seed, count)

    def build() -> object:
        return scalar_program.ours(body)()

    return build


def of_inputs(count: int, _seed: int) -> Step:
    """Value and gradient of a chain of so many numbers."""
    import gradcli  # noqa: PLC0415  # as in the other workloads

    def chain(*xs: Any) -> Any:
        return sum(100 * (b - a * a) ** 2 for a, b in pairwise(xs))

    function, xs = gradcli.compile(chain, grad=True), np.linspace(-1, 1, count).tolist()
    return lambda: function(*xs)


def of_a_hessian(count: int, _seed: int) -> Step:
    """All second derivatives of Rosenbrock's function: twice the inputs are four times as many."""
    import gradcli  # noqa: PLC0415  # as in the other workloads

    function = gradcli.compile(gradcli.hessian(lambda x: np.sum((x[1:] - x[:-1] ** 2) ** 2)))
    x = np.linspace(-1, 1, count)
    return lambda: function(x)


WORK: dict[str, tuple[Callable[[int, int], Step], list[int]]] = {
    "rows": (of_rows, [500_000, 1_000_000, 2_000_000, 4_000_000]),
    "operations": (of_operations, [500, 1000, 2000, 4000]),
    "operations, building": (building, [500, 1000, 2000, 4000]),
    "inputs": (of_inputs, [250, 500, 1000, 2000]),
    "inputs, of a Hessian (4 is linear)": (of_a_hessian, [250, 500, 1000, 2000]),
}


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    seed = parser.parse_args(arguments).seed
    print(f"\ngrowth: --seed {seed}")
    for label, (prepare, sizes) in WORK.items():
        steps = {f"{n:,}": prepare(n, seed) for n in sizes}
        for step in steps.values():
            step()
        spent = list(timing.interleaved(steps, rounds=7).values())
        ratios = [f"{b / a:.2f}" for a, b in pairwise(spent)]
        print(f"{label:36} {' -> '.join(steps):40} {'  '.join(ratios)}")


if __name__ == "__main__":
    main()
