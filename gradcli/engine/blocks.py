"""Large kernels in blocks, between which whoever meters the work can stop it.

An elementwise operation gives bit for bit what one call gives, in the same layout. A product of
matrices may round differently in its last bit, as it does with another number of threads.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from gradcli.engine import folding
from gradcli.engine.folding import Folding
from gradcli.engine.graph import here
from gradcli.engine.metering import Meter
from gradcli.engine.ops.table import Op, Rule

# Elements: of what goes in blocks at all, and of a block, which fits a processor's cache.
MANY = 2**20
BLOCK = 2**17
# Nanoseconds, by the row's price, that fewer elements than those take.
SHORT = MANY * 0.1
# Nanoseconds, by the row's price, of a product that goes in blocks, and of a block.
LONG = 1e8
PRODUCTS = frozenset({"mm", "bmm"})


def forward(op: Op, operands: tuple[Any, ...], static: tuple[Any, ...], meter: Meter) -> Any:
    """The row's value on arrays, once the work is charged."""
    if type(meter) is Folding:
        return folding.forward(op, operands, static)
    if op.elementwise and not op.view:
        largest = max([x.size for x in operands])
        if largest ** len(operands) > MANY and op.elements(operands, static) > MANY:
            return elementwise(op.forward, (*operands, *static), meter)
    elif op.forward is np.matmul and operands[0].ndim > 1:
        nanoseconds = op.nanoseconds(operands, static)
        if nanoseconds > LONG:
            a, b = operands
            return product(a, b, math.ceil(nanoseconds / LONG), meter)
    return op.forward(*operands, *static)


def rules(op: Op, g: Any) -> tuple[Any, ...]:
    """The row's rules for a cotangent: in blocks, if it is large and somebody meters the work."""
    if g.size <= MANY and op.name not in PRODUCTS:
        return op.rules
    meter = here.state.meter
    if meter is None or type(g) is not np.ndarray:
        return op.rules

    def in_blocks(rule: Rule) -> Rule:
        return lambda *arguments: elementwise(rule, arguments, meter)

    if op.elementwise and g.size > MANY:
        return tuple([rule and in_blocks(rule) for rule in op.rules])
    if op.name in PRODUCTS:  # of g @ b.mT and a.mT @ g, rows and columns of g
        return product_rule(op, 0, -2, meter), product_rule(op, 1, -1, meter)
    return op.rules


def elementwise(function: Callable[..., Any], arguments: tuple[Any, ...], meter: Meter) -> Any:
    """`function(*arguments)`, which works on each element of the arrays among them by itself."""
    places = [k for k, x in enumerate(arguments) if type(x) is np.ndarray and x.ndim]
    arrays = np.broadcast_arrays(*[arguments[k] for k in places])
    # Axes from the slowest to the fastest in memory, as numpy lays out what it makes of arrays.
    order = sorted(range(arrays[0].ndim), key=lambda k: -max(abs(x.strides[k]) for x in arrays))
    arrays = tuple([x.transpose(order) for x in arrays])
    block, result = list(arguments), None
    for index in blocks(arrays[0].shape, BLOCK):
        meter.charge(0)
        for place, x in zip(places, arrays, strict=True):
            block[place] = x[index]
        y = function(*block)
        if y.shape != arrays[0][index].shape or any(y is x for x in block):
            return function(*arguments)  # which gives a constant, or what it was given
        if result is None:
            result = np.empty(arrays[0].shape, y.dtype)
        result[index] = y
    assert result is not None  # there are many elements
    return result.transpose(np.argsort(order))


def blocks(shape: tuple[int, ...], size: int) -> Iterator[tuple[int | slice, ...]]:
    """Indices that cut an array, in order, into blocks of at most so many elements."""
    axis = next(k for k in range(len(shape)) if math.prod(shape[k + 1 :]) <= size)
    step = size // math.prod(shape[axis + 1 :])
    for outer in np.ndindex(*shape[:axis]):
        for start in range(0, shape[axis], step):
            yield (*outer, slice(start, start + step))


def product(a: Any, b: Any, count: int, meter: Meter) -> Any:
    """a @ b in about so many blocks: of matrices in a batch, or of the left operand's rows."""
    batch = a.ndim > 2 and a.ndim == b.ndim and len(a) == len(b) > 1

    def rows(some: slice) -> Any:
        return np.matmul(a[some], b[some]) if batch else np.matmul(a[..., some, :], b)

    axis = 0 if batch else -1 if b.ndim == 1 else -2
    return joined(rows, len(a) if batch else a.shape[-2], count, axis, meter)


def product_rule(op: Op, number: int, axis: int, meter: Meter) -> Rule:
    """A rule of a product of matrices, which is linear in each row, or column, of g by itself."""
    rule: Any = op.rules[number]

    def in_blocks(g: Any, a: Any, b: Any, y: Any) -> Any:
        each = op.nanoseconds((a, b), ()) / max(1, op.elements((a, b), ()))
        count = math.ceil(each * g.size / LONG)
        if count < 2:
            return rule(g, a, b, y)

        def part(some: slice) -> Any:
            return rule(g[..., some, :] if axis == -2 else g[..., some], a, b, y)

        return joined(part, g.shape[axis], count, axis, meter)

    return in_blocks


def joined(
    part: Callable[[slice], Any], length: int, count: int, axis: int, meter: Meter
) -> np.ndarray[Any, Any]:
    """About so many parts, made one by one and joined along an axis of this length."""
    step = max(1, length // count)
    parts = []
    for start in range(0, length, step):
        meter.charge(0)
        parts.append(part(slice(start, start + step)))
    return np.concatenate(parts, axis)
