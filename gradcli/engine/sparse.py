"""Sparse forward mode: every column of a Jacobian at once, where elements depend on few inputs.

A tangent is a list of terms (columns, values), two arrays of its primal's shape: element i moves by
values[i] when the input numbered columns[i] moves by 1. Elementwise rows act on the values, rows
that only move elements about on both; anything else mixes all inputs, and is for a dense pass.
The cost is that of a few passes, whatever the number of inputs (Griewank and Walther, Evaluating
Derivatives, 2008, chapter 7).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from gradcli.engine.apply import ROWS
from gradcli.engine.backward import Wrap, freed
from gradcli.engine.forward import Place, applied, ascending
from gradcli.engine.graph import FREED, Node, here
from gradcli.engine.ops.index import Index
from gradcli.engine.ops.shape import SCATTER
from gradcli.engine.storage import check_versions, saved_operands
from gradcli.engine.tensor import Tensor

Terms = list[tuple[Any, Any]]
# Beyond so many terms an element, a dense pass is as fast.
MOST_TERMS = 24


def numbered(x: Any, first: int) -> Terms:
    """The tangent of an input whose elements are numbered from `first`: each moves itself."""
    return [(np.reshape(np.arange(first, first + x.size), x.shape), np.ones(x.shape, x.dtype))]


def push_terms(
    root: Place, inputs: Mapping[Place, Terms], wrap: Wrap | None = None
) -> Terms | None:
    """The root's terms; None where something on the way is not sparse.

    With `wrap` (see backward.run) values are Tensors, and this is recorded.
    """
    moving: dict[Any, Terms] = dict(inputs)
    meter = here.state.meter
    for node in ascending(root, list(inputs)):
        if node in inputs:
            continue
        if type(node) is not Node or node.op.several or node.op.joint:
            return None
        given = [moving.get(target, []) for target in node.targets]
        if meter is not None:
            for terms in given:
                for _, values in terms:
                    meter.slope(node, values)
        found = pushed(node, given, wrap)
        if found is None or len(found) > MOST_TERMS or any(v.dtype.kind == "c" for _, v in found):
            return None
        moving[node] = found
    return moving.get(root, [])


def pushed(node: Node, given: Sequence[Terms], wrap: Wrap | None) -> Terms | None:
    """The terms of a node's result."""
    op, y = node.op, node.y
    if y is FREED:
        raise freed(node)
    check_versions(node)
    if op.elementwise:
        return merged(scaled(node, given, wrap))
    if op.linear and op.moves(node.static or ()):
        return list(moved(node, given, wrap))
    return None


def scaled(node: Node, given: Sequence[Terms], wrap: Wrap | None) -> Iterator[tuple[Any, Any]]:
    """The terms of every operand, each through its rule."""
    operands, y = saved_operands(node)[: len(given)], node.y
    if wrap is None:
        operands = tuple([getattr(x, "value", x) for x in operands])
    elif node.op.saves_y:
        y = wrap(y, node)
    static, specs = node.static or (), node.specs
    shape = None if specs is None else np.broadcast_shapes(*(spec.shape for spec in specs))
    for rule, terms in zip(node.op.rules, given, strict=True):
        if rule is None:
            continue
        for columns, values in terms:
            if shape is None or values.shape == shape:
                yield columns, rule(values, *operands, y, *static)
            else:
                spread = np.broadcast_to(values, shape)
                yield np.broadcast_to(columns, shape), rule(spread, *operands, y, *static)


def merged(terms: Iterator[tuple[Any, Any]]) -> Terms:
    """Terms of the same columns as one."""
    found: Terms = []
    for columns, values in terms:
        for k, (known, total) in enumerate(found):
            if known is columns or same(known, columns):
                found[k] = (known, total + values)
                break
        else:
            found.append((columns, values))
    return found


def same(known: Any, columns: Any) -> bool:
    """Are they equal? Most that differ do so in their first element already."""
    if columns.size and known.item(0) != columns.item(0):
        return False
    return bool((known == columns).all())


def moved(node: Node, given: Sequence[Terms], wrap: Wrap | None) -> Iterator[tuple[Any, Any]]:
    """The terms of a row that moves elements about; where it puts zeros, nothing moves."""
    op, static, specs = node.op, node.static or (), node.specs
    if op.single:
        for columns, values in given[0]:
            yield op.forward(columns, *static), applied(op, [values], static, wrap)
        return
    assert specs is not None
    nothing = [(np.zeros(spec.shape, np.intp), np.zeros(spec.shape, spec.dtype)) for spec in specs]
    for k in range(max(map(len, given))):
        pairs = [
            terms[k] if k < len(terms) else still
            for terms, still in zip(given, nothing, strict=True)
        ]
        every, move = zip(*pairs, strict=True)
        yield op.forward(*every, *static), applied(op, move, static, wrap)


def dense(terms: Terms, size: int, count: int, dtype: Any) -> Any:
    """The matrix of `size` rows, one an element of the result, and `count` columns."""
    matrix = np.zeros((size, count), dtype)
    rows = np.arange(size)
    for columns, values in terms:
        matrix[rows, np.ravel(columns)] += np.ravel(values)
    return matrix


def recorded_dense(terms: Terms, size: int, count: int, dtype: Any) -> Tensor:
    """The same of Tensors."""
    if not terms:
        return Tensor(np.zeros((size, count), dtype))
    first = np.arange(0, size * count, count)
    places = np.concatenate([first + np.ravel(columns) for columns, _ in terms])
    every = ROWS["concatenate"]([ROWS["ravel"](values) for _, values in terms])
    index = Index.of(places, (size * count,))
    return ROWS["reshape"](SCATTER(every, index, (size * count,)), (size, count))
