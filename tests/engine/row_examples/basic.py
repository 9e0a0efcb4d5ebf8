"""Calls of the first rows of the table: arithmetic, reductions, shapes, products."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gradcli.engine.functions import FUNCTIONS as F
from gradcli.engine.functions import TABLE
from gradcli.engine.tensor import Tensor


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


EXAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "pow_scalar": [(lambda x, n=n: x**n, (3,)) for n in (0, 1, 2, 3, 4, 0.5, -1, -2.5, 7)],
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
        (lambda x: x.prod(axis=1), (2, 3, 2)),
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
        (lambda x: x.logsumexp(axis=1), (2, 3)),
        (lambda x: x.logsumexp(1, keepdims=True), (2, 3)),
        (lambda x: x.logsumexp(axis=(1, 2)), (2, 3, 2)),
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
        (lambda g: scatter(g, ([0, 1], slice(None), [0, 2]), (2, 3, 3)), (2, 3)),
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
