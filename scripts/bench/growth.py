"""What twice as many rows, operations or inputs take, of what they took: linear cost is 2."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import rows
import scalar_program
import timing
from timing import Step


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
    """All second derivatives of Rosenbrock's function."""
    import gradcli  # noqa: PLC0415  # as in the other workloads

    function = gradcli.compile(gradcli.hessian(lambda x: np.sum((x[1:] - x[:-1] ** 2) ** 2)))
    x = np.linspace(-1, 1, count)
    return lambda: function(x)


class Growing(NamedTuple):
    """What is called `label` for a size and a seed; from `size` on it should grow by so much."""

    label: str
    prepare: Callable[[int, int], Step]
    size: int
    most: float = 2.2


WORK = (
    Growing("rows", of_rows, 1_000_000),
    Growing("operations, calling", of_operations, 1000),
    Growing("operations, building", building, 1000),
    Growing("inputs", of_inputs, 500),
    # Twice the inputs have four times as many second derivatives.
    Growing("inputs of a Hessian, of which 4 is linear", of_a_hessian, 500, 4.4),
)


def measure(seed: int) -> list[timing.Row]:
    found = []
    for label, prepare, size, most in WORK:
        steps = {"gradcli": prepare(2 * size, seed), "half of them": prepare(size, seed)}
        cost = timing.interleaved(steps, rounds=7)
        found.append(timing.Row(f"{2 * size:,} {label}", cost, {"half of them": most}))
    return found
