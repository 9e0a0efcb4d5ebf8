"""Example calls of every differentiable row of the op table, and derivatives by differences."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np

from gradcli.engine.apply import ROWS
from gradcli.engine.functions import FUNCTIONS, TABLE
from gradcli.engine.graph import no_grad
from gradcli.engine.tensor import Tensor, tensor

F = FUNCTIONS


class Call(NamedTuple):
    """A call of one row at fixed points: `function(*tensors)`, and the arrays to call it with."""

    row: str
    label: str
    function: Callable[..., Tensor]
    points: tuple[np.ndarray, ...]


def written(x: Tensor, view: Callable[[Tensor], Tensor], row: str) -> Tensor:
    """A base after a view of it was written, or the view after its base was."""
    y = x * 1
    shown = view(y)
    (y if row == "as_strided" else shown).mul_(3)
    return shown if row == "as_strided" else y


def put(x: Tensor, index: Any, values: Tensor) -> Tensor:
    y = x * 1
    y[index] = values
    return y


# Rows on whole tensors: what to call, and the shapes of its operands. Elementwise rows need none,
# but for those whose static parameters cannot be guessed.
EXAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "pow_scalar": [(lambda x, n=n: x**n, (3,)) for n in (0, 1, 2, 3, 0.5, -1, -2.5, 7)],
    "pow_base": [(lambda b: 2.5**b, (3,)), (lambda b: [1.5, 3] ** b, (3, 2))],
    "heaviside": [(lambda b: F["heaviside"]([0, 1], b), (3, 2))],
    "sgn": [(lambda x: F["sgn"](x + 0.5j).real, (2, 3))],
    "angle": [(lambda x: F["angle"](x + 0.5j), (2, 3))],
    "as_strided": [
        (lambda x: written(x, lambda y: y.T, "as_strided"), (2, 3)),
        (lambda x: written(x, lambda y: y[1, ::-2], "as_strided"), (2, 3)),
    ],
    "copy_slices": [
        (lambda x: written(x, lambda y: y[0], "copy_slices"), (2, 3)),
        (lambda x: written(x, lambda y: y.T[::-1, 1], "copy_slices"), (2, 3)),
    ],
    "index_put": [
        (lambda x, v: put(x, [0, 2], v), (3,), (2,)),
        (lambda x, v: put(x, np.array([[True, False], [True, True]]), v), (2, 2), (1,)),
        (lambda x, v: put(x, (slice(None), [1, 0]), v), (3, 2), (2,)),
    ],
    "copy": [(lambda x, v, n=n: (x * 1).copy_(v), (2, 3)[:n], (3,)[:n]) for n in (0, 2)],
    "zero": [(lambda x: (x * 1).zero_(), (3,))],
    "fill": [(lambda x: (x * 1).fill_(2.5), (2, 3)), (lambda x: (x * 1).fill_(2.5), ())],
    "split": [
        (lambda x: F["concatenate"](list(x.split(2)[::-1])), (5, 2)),
        (lambda x: x.split(2, 1)[1], (2, 5)),
    ],
    "split_with_sizes": [(lambda x: x.split([1, 3], -1)[1] * x.split([3, 1], -1)[0], (2, 4))],
    "unbind": [
        (lambda x: x.unbind()[1] * x.unbind()[0], (3, 2)),
        (lambda x: F["stack"](x.unbind(1)[:2]), (2, 3, 2)),
    ],
    "imag": [(lambda x: ((1 + 2j) * x).imag, (2, 3)), (F["imag"], (2, 3)), (F["imag"], ())],
    "rsub": [(lambda x: 3 - x, (3,))],
    "clip": [
        (lambda x: F["clip"](x, -0.5, 0.7), (4, 3)),
        (lambda x: F["clip"](x, min=0.1), (4,)),
        (lambda x: F["clip"](x, max=0.1), ()),
    ],
    "where": [
        (lambda a, b: F["where"](np.array([True, False, True]), a, b), (3,), (3,)),
        (lambda a, b: F["where"]([True, False], a, b), (3, 1), ()),
    ],
    "sum": [
        (F["sum"], (2, 3)),
        (F["sum"], ()),
        (lambda x: x.sum(axis=0), (2, 3)),
        (lambda x: x.sum(axis=(0, 2), keepdims=True), (2, 3, 4)),
        (lambda x: x.sum(axis=()), (2,)),
        (lambda x: x.sum(keepdims=True), (2, 3)),
    ],
    "mean": [
        (F["mean"], (2, 3)),
        (lambda x: x.mean(axis=-1), (2, 3)),
        (lambda x: x.mean(axis=(1, 0)), (2, 3, 2)),
    ],
    "prod": [
        (F["prod"], (5,)),
        (F["prod"], (1,)),
        (lambda x: x.prod(axis=1), (2, 3)),
        (lambda x: x.prod(axis=(0, 2), keepdims=True), (2, 3, 2)),
    ],
    "max": [(F["max"], (2, 3)), (lambda x: F["amax"](x, (0, 2)), (2, 3, 2))],
    "min": [(F["min"], (2, 3)), (lambda x: F["amin"](x, (0, 2), True), (2, 3, 2))],
    "max_along": [(lambda x: x.max(axis=0), (3, 2)), (lambda x: x.max(-1, True), (2, 3, 2))],
    "min_along": [(lambda x: x.min(axis=0), (3, 2)), (lambda x: x.min(1, True), (2, 3, 2))],
    "norm2": [
        (F["norm"], (4,)),
        (F["norm"], (2, 3)),
        (lambda x: F["norm"](x, axis=-1), (2, 3)),
        (lambda x: F["norm"](x, axis=0, keepdims=True), (2, 3)),
    ],
    "logsumexp": [
        (F["logsumexp"], (2, 3)),
        (lambda x: x.logsumexp(axis=0), (2, 3)),
        (lambda x: x.logsumexp(1, keepdims=True), (2, 3)),
    ],
    "dot": [(lambda a, b: a @ b, (3,), (3,))],
    "mv": [(lambda a, b: a @ b, (2, 3), (3,)), (lambda a, b: a @ b, (4, 2, 3), (3,))],
    "vm": [(lambda a, b: a @ b, (3,), (3, 2)), (lambda a, b: a @ b, (3,), (4, 3, 2))],
    "mm": [(lambda a, b: a @ b, (2, 3), (3, 4)), (lambda a, b: a @ b, (3, 3), (3, 3))],
    "bmm": [
        (lambda a, b: a @ b, (2, 2, 3), (2, 3, 2)),
        (lambda a, b: a @ b, (2, 1, 2, 3), (4, 3, 2)),
        (lambda a, b: a @ b, (2, 3), (4, 3, 2)),
    ],
    "outer": [(F["outer"], (2,), (3,)), (F["outer"], (3,), (3,))],
    "einsum": [
        (lambda a, b: F["einsum"]("ij,jk->ik", a, b), (2, 3), (3, 4)),
        (lambda a, b: F["einsum"]("i,j", a, b), (2,), (3,)),
        (lambda a: F["einsum"]("ij->j", a), (2, 3)),
        (lambda a: F["einsum"]("ii->", a), (3, 3)),
        (lambda a: F["einsum"]("ii->i", a), (3, 3)),
        (lambda a, b: F["einsum"]("...ij,j->...i", a, b), (4, 2, 3), (3,)),
        (lambda a, b, c: F["einsum"]("i,ij,j->", a, b, c), (2,), (2, 3), (3,)),
    ],
    "reshape": [(lambda x: x.reshape(3, -1), (2, 3)), (lambda x: x.reshape(()), (1, 1))],
    "ravel": [(F["ravel"], (2, 3))],
    "squeeze": [(F["squeeze"], (2, 1, 3, 1)), (lambda x: x.squeeze(1), (2, 1, 1))],
    "expand_dims": [
        (lambda x: x.expand_dims(0), (3,)),
        (lambda x: x.expand_dims((0, 2)), (3, 2)),
    ],
    "transpose": [(lambda x: x.T, (2, 3)), (lambda x: x.transpose(1, 2, 0), (2, 3, 4))],
    "t": [(lambda x: x.t(), (2, 3)), (lambda x: x.t(), (3,))],
    "swapaxes": [(lambda x: x.mT, (4, 2, 3)), (lambda x: x.swapaxes(0, 2), (2, 3, 4))],
    "broadcast_to": [
        (lambda x: x.broadcast_to((2, 3)), (3,)),
        (lambda x: x.expand(2, 4, 3), (2, 1, 3)),
    ],
    "getitem": [
        (lambda x: x[1], (3,)),
        (lambda x: x[0, 1], (2, 3)),
        (lambda x: x[:, ::-2], (2, 3)),
        (lambda x: x[..., None, 1], (2, 3)),
        (lambda x: x[[0, 2, 0]], (3, 2)),
        (lambda x: x[np.array([[0, 1], [1, 1]]), :, [0, 2]], (2, 3, 3)),
        (lambda x: x[np.array([True, False, True])], (3, 3)),
        (lambda x: x[:, None, [1, 1]], (3, 3)),
    ],
    "scatter_index": [
        (lambda g: scatter(g, (slice(None), 1)), (2,)),
        (lambda g: scatter(g, ([0, 1, 0],)), (3, 3)),
        (lambda g: scatter(g, ([1, 0], slice(None))), (2, 3)),
    ],
    "concatenate": [
        (lambda a, b: F["concatenate"]([a, b]), (2, 3), (1, 3)),
        (lambda a, b, c: F["concatenate"]([a, b, c], axis=1), (2, 1), (2, 2), (2, 1)),
    ],
    "stack": [
        (lambda a, b: F["stack"]([a, b]), (3,), (3,)),
        (lambda a, b: F["stack"]([a, b], axis=-1), (2, 3), (2, 3)),
        (lambda a, b: F["stack"]([a, b]), (), ()),
    ],
    "astype": [(lambda x: x.astype(np.float64), (3,))],
}


def scatter(g: Any, index: tuple[Any, ...], shape: tuple[int, ...] = (2, 3)) -> Any:
    from gradcli.engine.ops.index import Index

    return TABLE["scatter_index"](g, Index.of(index, shape), shape)


# Elementwise rows that are called with shapes of the test's choice too.
ALSO = {"heaviside", "sgn", "angle"}
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
