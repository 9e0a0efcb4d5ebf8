"""Whole Jacobians and Hessians of results that have been recorded.

Of one number a backward pass. Else all columns in one sparse forward pass where every element
depends on few inputs; or dense passes over identity seeds, forward where there are fewer inputs
than outputs, backward otherwise, in blocks of seeds that stay in the cache.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from gradcli.engine import autograd
from gradcli.engine.apply import ROWS
from gradcli.engine.autograd import needing, saved_result
from gradcli.engine.backward import Wrap, run
from gradcli.engine.forward import Place, push
from gradcli.engine.graph import AccumulateGrad, here, recording
from gradcli.engine.reach import count
from gradcli.engine.sparse import Terms, dense, numbered, push_terms, recorded_dense
from gradcli.engine.tape import repeatable
from gradcli.engine.tensor import Tensor, edge

# Elements of a block of seeds, times the larger side of the Jacobian: 2 MB of float64.
BLOCK = 1 << 18


def depends_on_more(root: Any, inputs: Sequence[Tensor]) -> bool:
    """Does a result depend on any leaf that is not one of `inputs`? Then its gradient may too.

    What is to be repeated for other inputs depends on them, wherever its graph leads.
    """
    if root is None:
        return False
    if repeatable():
        return True
    own = {edge(x) for x in inputs}
    return any(type(node) is AccumulateGrad and node not in own for node in count([root]))


def jacobian_of(y: Tensor, inputs: Sequence[Tensor]) -> list[Tensor]:
    """d y / d x of each input, of the shape of y and then of x.

    They have a graph of their own if y depends on anything else that needs a gradient.
    """
    root = edge(y)
    if root is None:
        return [Tensor(zeros(y, x)) for x in inputs]
    places = [needing(x) for x in inputs]
    count = sum(x.size for x in inputs)
    if here.state.meter is not None:
        here.state.meter.allocate((y.size, count))
    if depends_on_more(root, inputs):
        return recorded(y, inputs, places)
    terms = None if y.size == 1 else sparse_terms(root, y, inputs, places)
    if terms is not None:
        matrix = dense(terms, y.size, count, y.dtype)
    elif y.dtype.kind == "c":
        # Rows are conj(J), which is the convention of gradients, and of a real variable they are
        # the real part alone: columns are J itself.
        ways = [by_columns if x.dtype.kind == "f" else by_rows for x in inputs]
        matrix = np.hstack([way(root, y, [x]) for way, x in zip(ways, inputs, strict=True)])
    else:
        real = all(x.dtype.kind == "f" for x in inputs)
        way = by_columns if real and count < y.size else by_rows
        matrix = way(root, y, inputs)
    parts = np.split(matrix, np.cumsum([x.size for x in inputs])[:-1], axis=1)
    return [
        Tensor(np.reshape(part.astype(slope_dtype(y, x), copy=False), y.shape + x.shape)[()])
        for part, x in zip(parts, inputs, strict=True)
    ]


def slope_dtype(y: Tensor, x: Tensor) -> Any:
    """The input's; complex if the result is."""
    return np.result_type(x.dtype, np.complex64) if y.dtype.kind == "c" else x.dtype


def zeros(y: Tensor, x: Tensor) -> Any:
    if here.state.meter is not None:
        here.state.meter.allocate(y.shape + x.shape)
    return np.zeros(y.shape + x.shape, x.dtype)[()]


# ---- the three ways -----------------------------------------------------------------------------


def sparse_terms(
    root: Place, y: Tensor, inputs: Sequence[Tensor], places: list[Any], wrap: Wrap | None = None
) -> Terms | None:
    """What a sparse pass finds, if it does."""
    if any(x.dtype.kind != "f" for x in (y, *inputs)) or len(set(places)) < len(places):
        return None
    firsts = np.cumsum([0, *(x.size for x in inputs)]).tolist()
    seeds = {
        place: numbered(x, first) for place, x, first in zip(places, inputs, firsts, strict=False)
    }
    return push_terms(root, seeds, wrap)


def blocks(count: int, other: int) -> Iterator[tuple[int, int]]:
    """Ranges of seeds, told to whoever shows progress."""
    size = max(1, min(count, BLOCK // max(1, other, count)))
    for begin in range(0, count, size):
        yield begin, min(begin + size, count)
        if here.state.progress is not None:
            here.state.progress(min(begin + size, count), count)


def identity(count: int, begin: int, end: int, dtype: Any) -> Any:
    """Rows of the identity matrix."""
    seeds = np.zeros((end - begin, count), dtype)
    seeds[np.arange(end - begin), np.arange(begin, end)] = 1
    return seeds


def by_columns(root: Place, y: Tensor, inputs: Sequence[Tensor]) -> Any:
    """Forward: the tangents of y for every input's every element."""
    matrix = np.zeros((y.size, sum(x.size for x in inputs)), y.dtype)
    start = 0
    for x in inputs:
        place = needing(x)
        for begin, end in blocks(x.size, y.size):
            seeds = np.reshape(identity(x.size, begin, end, x.dtype), (end - begin, *x.shape))
            t = push(root, {place: seeds}, batch=1)
            if t is not None:
                matrix[:, start + begin : start + end] = np.reshape(t, (end - begin, -1)).T
        start += x.size
    return matrix


def by_rows(root: Place, y: Tensor, inputs: Sequence[Tensor]) -> Any:
    """Backward: the cotangents of the inputs for y's every element."""
    count = sum(x.size for x in inputs)
    matrix = np.zeros((y.size, count), np.result_type(*(x.dtype for x in inputs)))
    places = [needing(x) for x in inputs]
    for begin, end in blocks(y.size, count):
        seeds = np.reshape(identity(y.size, begin, end, y.dtype), (end - begin, *y.shape))
        found = run({root: seeds}, retain=True, wanted=places, batch=1)
        start = 0
        for x, place in zip(inputs, places, strict=True):
            if place in found:
                matrix[begin:end, start : start + x.size] = found[place].reshape(end - begin, -1)
            start += x.size
    return matrix


def recorded(y: Tensor, inputs: Sequence[Tensor], places: list[Any]) -> list[Tensor]:
    """As a calculation that can be differentiated itself: sparse, or backward over all seeds."""
    if y.size != 1:
        sparse = recorded_sparsely(y, inputs)
        if sparse is not None:
            return sparse
    with recording(True):
        root = needing(y)
        if here.state.meter is not None:
            here.state.meter.allocate((y.size, y.size))
        seeds = np.reshape(identity(y.size, 0, y.size, y.dtype), (y.size, *y.shape))

        def rows(seeds: Any) -> dict[Any, Any]:
            return run(
                {root: Tensor(seeds)}, retain=True, wrap=saved_result, wanted=places, batch=1
            )

        found = rows(seeds)
        # A real variable's cotangent is the real part of the row, or with i the imaginary one.
        imaginary = rows(1j * seeds) if y.dtype.kind == "c" else {}
        return [
            ROWS["reshape"](
                found[place] + 1j * imaginary[place]
                if imaginary and x.dtype.kind == "f"
                else found[place],
                y.shape + x.shape,
            )
            if place in found
            else Tensor(zeros(y, x))
            for x, place in zip(inputs, places, strict=True)
        ]


def recorded_sparsely(y: Tensor, inputs: Sequence[Tensor]) -> list[Tensor] | None:
    """The same, if elements of y depend on few of the inputs'; in a program, too."""
    places = [needing(x) for x in inputs]
    with recording(True):
        terms = sparse_terms(needing(y), y, inputs, places, saved_result)
        if terms is None:
            return None
        count = sum([x.size for x in inputs])
        return split(recorded_dense(terms, y.size, count, y.dtype), y, inputs)


def split(matrix: Tensor, y: Tensor, inputs: Sequence[Tensor]) -> list[Tensor]:
    """The Jacobian by each input: columns of that by all."""
    ends = np.cumsum([x.size for x in inputs]).tolist()
    return [
        ROWS["reshape"](matrix[:, end - x.size : end], y.shape + x.shape)
        for end, x in zip(ends, inputs, strict=True)
    ]


# ---- second order -------------------------------------------------------------------------------


def gradients_of(y: Tensor, inputs: Sequence[Tensor], *, again: bool = False) -> list[Tensor]:
    """d y / d inputs, zeros if unused; with a graph of their own where something needs it.

    again  they will be differentiated by the inputs once more
    """
    root = edge(y)
    if root is None:
        return [Tensor(np.zeros_like(x.value)[()]) for x in inputs]
    found = autograd.grad(
        y,
        list(inputs),
        create_graph=again or depends_on_more(root, inputs),
        materialize_grads=True,
    )
    return [g for g in found if g is not None]


def hessian_of(y: Tensor, inputs: Sequence[Tensor]) -> list[list[Tensor]]:
    """d^2 y / (d x d w) of every pair of inputs, of the shape of x and then of w."""
    return [jacobian_of(g, inputs) for g in gradients_of(y, inputs, again=True)]


def tangent_of(y: Tensor, inputs: Sequence[Tensor], tangents: Sequence[Tensor]) -> Tensor:
    """The derivative of y along `tangents`; with a graph where something else needs it."""
    root = edge(y)
    zero = Tensor(np.zeros_like(y.value)[()])
    if root is None:
        return zero
    more = depends_on_more(root, inputs) or any(t.requires_grad for t in tangents)
    given = {needing(x): t if more else t.value for x, t in zip(inputs, tangents, strict=True)}
    with recording(more):
        t = push(root, given, wrap=saved_result if more else None)
    if t is None:
        return zero
    return t if isinstance(t, Tensor) else Tensor(np.asarray(t, y.dtype)[()])
