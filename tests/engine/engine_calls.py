"""Example calls of every differentiable row of the op table, and derivatives by differences."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np
from row_examples import EXAMPLES

from gradcli.engine.apply import ROWS
from gradcli.engine.functions import TABLE
from gradcli.engine.graph import no_grad
from gradcli.engine.tensor import Tensor, tensor


class Call(NamedTuple):
    """A call of one row at fixed points: `function(*tensors)`, and the arrays to call it with."""

    row: str
    label: str
    function: Callable[..., Tensor]
    points: tuple[np.ndarray, ...]


# Elementwise rows that are called with shapes of the test's choice too.
ALSO = {"heaviside", "sgn", "angle", "hardswish", "prelu", "sinc"}
SHAPES = {1: [((),), ((2, 3),)], 2: [((), ()), ((3,), (3,)), ((2, 1), (3,)), ((), (2, 2))]}


def seeded(*label: object) -> np.random.Generator:
    return np.random.default_rng(zlib.crc32(repr(label).encode()))


def draw(rng: np.random.Generator, interval: Any, shape: tuple[int, ...]) -> np.ndarray:
    """Points inside an interval, away from its holes and the integers (where floor jumps)."""
    low, high, holes = interval
    keep_off = [*holes, *range(-10, 11)]
    points = []
    for _ in range(int(np.prod(shape))):
        while True:
            x = rng.uniform(low, high)
            if all(abs(x - hole) > 0.04 for hole in keep_off):
                break
        points.append(x)
    return np.array(points).reshape(shape)


# Functions of a / b that jump where it is an integer.
JUMPS = {"remainder", "fmod", "floor_divide"}


def far_from_jumps(a: np.ndarray, b: np.ndarray) -> bool:
    near = np.abs(a / b - np.rint(a / b)) < 0.1
    return not np.any(near | (np.abs(a / b) > 4))


def calls_of(name: str) -> Iterable[Call]:
    op = TABLE[name]
    for k, (function, *shapes) in enumerate(EXAMPLES.get(name, ())):
        rng = seeded(name, k)
        domain = op.domain[-1] if op.elementwise else op.domain[0]
        points = tuple(draw(rng, domain, shape) for shape in shapes)
        yield Call(name, f"{name}-{k}", function, points)
    if op.elementwise and (name not in EXAMPLES or name in ALSO):
        for shapes in SHAPES[len(op.rules)]:
            rng = seeded(name, shapes)
            pairs = list(zip(op.domain, shapes, strict=True))
            while True:
                points = tuple(draw(rng, interval, shape) for interval, shape in pairs)
                if name not in JUMPS or far_from_jumps(*points):
                    break
            label = f"{name}-{shapes}".replace(" ", "")
            yield Call(name, label, ROWS[name], points)


DIFFERENTIABLE = [name for name, op in TABLE.items() if op.differentiable]
CALLS = [call for name in DIFFERENTIABLE for call in calls_of(name)]


# ---- derivatives by differences -----------------------------------------------------------------


def leaves(call: Call, dtype: Any = np.float64) -> list[Tensor]:
    return [tensor(np.array(x), dtype=dtype, requires_grad=True) for x in call.points]


def weights(call: Call, shape: tuple[int, ...]) -> np.ndarray:
    return seeded(call.label, "weights").uniform(0.5, 1.5, shape)


def differences(function: Callable[..., float], points: tuple[np.ndarray, ...]) -> list[np.ndarray]:
    """The gradient of a number by central differences, extrapolated twice (Richardson).

    Complex points: along the real axis, plus i times along the imaginary one.
    """

    def slope(k: int, at: tuple[int, ...], step: complex) -> float:
        def central(h: float) -> float:
            moved = [np.array(x) for x in points]
            moved[k][at] += step * h
            above = function(*moved)
            moved[k][at] -= 2 * step * h
            return (above - function(*moved)) / (2 * h)

        with no_grad():
            d = [central(h) for h in (4e-3, 2e-3, 1e-3)]
        once = [(4 * d[1] - d[0]) / 3, (4 * d[2] - d[1]) / 3]
        return (16 * once[1] - once[0]) / 15

    gradients = []
    for k, x in enumerate(points):
        g = np.zeros_like(x)
        for at in np.ndindex(x.shape):
            g[at] = slope(k, at, 1)
            if x.dtype.kind == "c":
                g[at] += 1j * slope(k, at, 1j)
        gradients.append(g)
    return gradients
