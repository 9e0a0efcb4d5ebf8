"""Gradients of mixed dtypes and of complex numbers, and writes in place: PyTorch's own.

A cotangent is dL/d(re) + i dL/d(im) of a real loss L (the conjugate-Wirtinger convention), and has
its leaf's dtype.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

LEAVES = {
    "x": ("float32", [1.5, -2.0]),
    "X": ("float64", [0.5, 3.0]),
    "s": ("float64", 2.5),
    "z": ("complex64", [1 + 2j, -0.5 + 1j]),
    "Z": ("complex128", [2 - 1j, 0.5 + 0.25j]),
}
CONSTANTS = {"n": ("int64", [2, 3]), "m": ("bool", [True, False])}


class Names:
    """The leaves and constants as attributes, new ones for each expression."""

    def __init__(self, t: Any) -> None:
        for name, (dtype, value) in LEAVES.items():
            setattr(self, name, t.tensor(value, dtype=getattr(t, dtype), requires_grad=True))
        for name, (dtype, value) in CONSTANTS.items():
            setattr(self, name, t.tensor(value, dtype=getattr(t, dtype)))


# A real or complex result y; the loss is the sum of Re((1 - 0.5i) y).
EXPRESSIONS: dict[str, Callable[[Any, Any], Any]] = {
    "x * X": lambda t, v: v.x * v.X,
    "x * s": lambda t, v: v.x * v.s,
    "s ** x": lambda t, v: v.s ** (v.x * v.x),
    "x / n": lambda t, v: v.x / v.n,
    "x ** n": lambda t, v: v.x**v.n,
    "n ** X": lambda t, v: v.n**v.X,
    "X - x * m": lambda t, v: v.X - v.x * v.m,
    "where(m, x, X)": lambda t, v: t.where(v.m, v.x, v.X * v.X),
    "where(m, x, s)": lambda t, v: t.where(v.m, v.x, v.s),
    "concatenate x, Z": lambda t, v: t.concatenate([v.x, v.Z * v.Z]),
    "stack x, z": lambda t, v: t.stack([v.x, v.z]) ** 2,
    "maximum x, X": lambda t, v: t.maximum(v.x, v.X),
    "|z|": lambda t, v: v.z.abs(),
    "|z|^2": lambda t, v: v.z.abs() ** 2,
    "re z": lambda t, v: v.z.real * v.x,
    "im z": lambda t, v: v.Z.imag * v.X,
    "z conj z": lambda t, v: v.z * v.z.conj(),
    "arg z": lambda t, v: v.z.angle(),
    "z / |z|": lambda t, v: v.z.sgn(),
    "z^2": lambda t, v: v.z**2,
    "z^x": lambda t, v: v.z**v.x,
    "x^z": lambda t, v: (v.x * v.x) ** v.z,
    "2^z": lambda t, v: 2**v.z,
    "z / x": lambda t, v: v.z / v.x,
    "x / z": lambda t, v: v.x / v.z,
    "z * Z": lambda t, v: v.z * v.Z,
    "X * z": lambda t, v: v.X * v.z,
    "s - z": lambda t, v: v.s - v.z * v.z,
    "exp(i x)": lambda t, v: (v.x * 1j).exp(),
    "sin z": lambda t, v: v.z.sin(),
    "log z": lambda t, v: v.z.log(),
    "sqrt z tanh Z": lambda t, v: v.z.sqrt() * v.Z.tanh(),
    "z . Z": lambda t, v: v.Z @ (v.Z.conj() * v.X),
    "prod z": lambda t, v: v.z.prod() * v.s,
    "mean z": lambda t, v: v.z.mean() * v.x,
    "norm z": lambda t, v: v.z.norm() * v.X,
    "z[0] x": lambda t, v: v.z[0] * v.x,
    "complex(x, X)": lambda t, v: (v.x + 1j * v.X) ** 3,
}


def gradients(t: Any, name: str, create_graph: bool = False) -> dict[str, Any]:
    """The gradient of each leaf that the expression uses, with its dtype's name."""
    v = Names(t)
    y = EXPRESSIONS[name](t, v)
    leaves = [getattr(v, leaf) for leaf in GRADIENTS[name]]
    found = t.autograd.grad((y * (1 - 0.5j)).real.sum(), leaves, create_graph=create_graph)
    return {
        leaf: (str(g.dtype).removeprefix("torch."), g.detach().tolist())
        for leaf, g in zip(GRADIENTS[name], found, strict=True)
    }


# By leaf, to six digits.
GRADIENTS: dict[str, dict[str, Any]] = {
    "x * X": {"x": [0.5, 3.0], "X": [1.5, -2.0]},
    "x * s": {"x": [2.5, 2.5], "s": -0.5},
    "s ** x": {"x": [21.6033, -143.17], "s": 69.5731},
    "x / n": {"x": [0.5, 0.333333]},
    "x ** n": {"x": [3.0, 12.0]},
    "n ** X": {"X": [0.980258, 29.6625]},
    "X - x * m": {"x": [-1.0, -0.0], "X": [1.0, 1.0]},
    "where(m, x, X)": {"x": [1.0, 0.0], "X": [0.0, 6.0]},
    "where(m, x, s)": {"x": [1.0, 0.0], "s": 1.0},
    "concatenate x, Z": {"x": [1.0, 1.0], "Z": [(3 + 4j), (1.25 + 0j)]},
    "stack x, z": {"x": [3.0, -4.0], "z": [(4 - 3j), -2.5j]},
    "maximum x, X": {"x": [1.0, 0.0], "X": [0.0, 1.0]},
    "|z|": {"z": [(0.447214 + 0.894427j), (-0.447214 + 0.894427j)]},
    "|z|^2": {"z": [(2 + 4j), (-1 + 2j)]},
    "re z": {"x": [1.0, -0.5], "z": [(1.5 + 0j), (-2 + 0j)]},
    "im z": {"X": [-1.0, 0.25], "Z": [0.5j, 3j]},
    "z conj z": {"z": [(2 + 4j), (-1 + 2j)]},
    "arg z": {"z": [(-0.4 + 0.2j), (-0.8 - 0.4j)]},
    "z / |z|": {"z": [(0.268328 - 0.134164j), (0.894427 + 0.447214j)]},
    "z^2": {"z": [(4 - 3j), -2.5j]},
    "z^x": {"x": [-2.75496, -1.80816], "z": [(2.49764 - 0.225213j), (-1.536 - 0.448j)]},
    "x^z": {
        "x": [-4.80039, 0.614392],
        "z": [(0.817977 - 1.86878j), (0.467854 - 0.617802j)],
    },
    "2^z": {"z": [(0.935708 - 1.2356j), (0.533613 - 0.12466j)]},
    "z / x": {"x": [-0.888889, 0.0], "z": [(0.666667 + 0.333333j), (-0.5 - 0.25j)]},
    "x / z": {"x": [-0.0, -0.8], "z": [(0.3 - 0.15j), (-0.32 - 1.76j)]},
    "z * Z": {"z": [(1.5 + 2j), (0.625 + 0j)], "Z": [(2 - 1.5j), -1.25j]},
    "X * z": {"X": [2.0, 0.0], "z": [(0.5 + 0.25j), (3 + 1.5j)]},
    "s - z": {"s": 2.0, "z": [(-4 + 3j), 2.5j]},
    "exp(i x)": {"x": [-0.962126, 0.701224]},
    "sin z": {"z": [(0.506774 + 4.06826j), (1.63589 + 0.113669j)]},
    "log z": {"z": [0.5j, (-0.8 + 0.6j)]},
    "sqrt z tanh Z": {
        "z": [(0.188693 + 0.329355j), (0.127336 + 0.24623j)],
        "Z": [(-0.0580299 - 0.109965j), (0.927564 - 0.306011j)],
    },
    "z . Z": {"X": [5.0, 0.3125], "Z": [(2 - 1j), (3 + 1.5j)]},
    "prod z": {"s": -2.5, "z": [-3.125j, (5 - 3.75j)]},
    "mean z": {"x": [1.0, 1.0], "z": [(-0.25 - 0.125j), (-0.25 - 0.125j)]},
    "norm z": {"X": [2.5, 2.5], "z": [(1.4 + 2.8j), (-0.7 + 1.4j)]},
    "z[0] x": {"x": [2.0, 2.0], "z": [(-0.5 - 0.25j), 0j]},
    "complex(x, X)": {"x": [8.25, -33.0], "X": [-1.5, 28.5]},
}


# ---- writes in place ----------------------------------------------------------------------------


def assigned(target: Any, index: Any, value: Any) -> Any:
    target[index] = value
    return target


def ints(t: Any) -> Any:
    return t.tensor([1, 2], dtype=t.int64)


def reals(t: Any) -> Any:
    return t.tensor([1.0, 2.0], dtype=t.float32)


def complexes(t: Any) -> Any:
    return t.tensor([1 + 2j, 3j], dtype=t.complex64)


def doubles(t: Any) -> Any:
    return t.tensor([0.5, 4.0], dtype=t.float64)


# What the target is after the write; a dot where it is refused.
WRITES: dict[str, tuple[Callable[[Any], Any], Any]] = {
    "int += int": (lambda t: ints(t).add_(2), [3, 4]),
    "int += bool": (lambda t: ints(t).add_(True), [2, 3]),
    "int += float": (lambda t: ints(t).add_(1.5), "."),
    "int /= int": (lambda t: ints(t).div_(2), "."),
    "int //= int": (lambda t: ints(t).floor_divide_(2), [0, 1]),
    "int **= int": (lambda t: ints(t).pow_(2), [1, 4]),
    "int **= float": (lambda t: ints(t).pow_(0.5), "."),
    "sin of int": (lambda t: ints(t).sin_(), "."),
    "bool += int": (lambda t: (ints(t) > 1).add_(1), "."),
    "bool *= bool": (lambda t: (ints(t) > 1).mul_(True), [False, True]),
    "float += double": (lambda t: reals(t).add_(doubles(t)), [1.5, 6.0]),
    "float *= int": (lambda t: reals(t).mul_(ints(t)), [1.0, 4.0]),
    "float *= complex": (lambda t: reals(t).mul_(1j), "."),
    "complex *= double": (lambda t: complexes(t).mul_(doubles(t)), [0.5 + 1j, 12j]),
    "int[0] = float": (lambda t: assigned(ints(t), 0, 2.5), [2, 2]),
    "int[0] = complex": (lambda t: assigned(ints(t), 0, 1j), "."),
    "float[0] = complex": (lambda t: assigned(reals(t), 0, 1j), "."),
    "float[0] = double tensor": (
        lambda t: assigned(reals(t), 0, doubles(t)[1]),
        [4.0, 2.0],
    ),
    "float[0] = complex tensor": (
        lambda t: assigned(reals(t), 0, complexes(t)[1]),
        [0.0, 2.0],
    ),
    "float[[0]] = complex": (lambda t: assigned(reals(t), [0], 1j), "."),
    "float[[0]] = double tensor": (
        lambda t: assigned(reals(t), [0], doubles(t)[:1]),
        ".",
    ),
    "int filled with float": (lambda t: ints(t).fill_(2.5), [2, 2]),
    "int filled with complex": (lambda t: ints(t).fill_(1j), "."),
    "int from double": (lambda t: ints(t).copy_(doubles(t)), [0, 4]),
    "float from complex": (lambda t: reals(t).copy_(complexes(t)), [1.0, 0.0]),
}


def written(t: Any, name: str) -> Any:
    """The target after a write, or a dot where it is refused."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return WRITES[name][0](t).tolist()
        except RuntimeError:
            return "."
