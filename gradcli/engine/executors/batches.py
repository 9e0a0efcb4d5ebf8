"""Operations on many values at once: the same row with a leading axis before its operands' own.

Most of what moves, sums and multiplies takes such an axis as it is, if the operands that lack it,
or have fewer axes of their own, are lined up first. What does not is done one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from gradcli.engine.ops.reduction import reduction_arguments
from gradcli.engine.ops.shape import gather
from gradcli.engine.ops.table import Op
from gradcli.engine.program import Value

Batched = Callable[..., Any]
# A rank is that of an operand without the leading axis; None of one that has none.
Ranks = Sequence[int | None]

MATMUL = frozenset(("dot", "mv", "vm", "mm", "bmm", "matmul"))
TURNS = frozenset(("transpose", "t", "swapaxes"))
RESHAPES = frozenset(("reshape", "ravel", "squeeze", "expand_dims"))
# These work along the last axes, whatever stands before them.
LAST = frozenset(("scatter_index", "softmax", "log_softmax", "cumsum", "tril", "triu"))
LAST |= frozenset(("inv", "det", "cholesky", "diagonal", "diag_embed"))


def batched(
    value: Value, operands: Sequence[Value], of_rows: Sequence[bool], *, exact: bool = False
) -> Batched:
    """The operation of a value on operands of which some have one more axis, before all others.

    exact  rounded as on operands without that axis
    """
    op, static = value.op, value.static
    assert op is not None
    ranks = [len(x.shape) if lead else None for x, lead in zip(operands, of_rows, strict=True)]
    if op.elementwise and not op.several:
        every = [len(x.shape) for x in operands]
        return lambda *xs: op.forward(*lifted(xs, ranks, max(every, default=0)), *static)
    if op.name in MATMUL and not exact:
        return product(operands, of_rows)
    if op.bind is reduction_arguments and not exact:
        axes = tuple(range(-len(operands[0].shape), 0)) if static[0] is None else static[0]
        return lambda x: op.forward(x, axes, *static[1:])
    if op.name in RESHAPES:
        return lambda x: np.reshape(x, (len(x), *value.shape))
    if op.name == "broadcast_to":
        rank = len(value.shape)
        return lambda x: np.broadcast_to(lift(x, ranks[0], rank), (len(x), *value.shape))
    if op.name == "getitem":
        return lambda x: gather(x, static[0])
    if op.name in ("stack", "concatenate"):
        return joined(op, operands, of_rows, static)
    if op.name in TURNS or (op.name in LAST and not exact):
        return lambda x: op.forward(x, *static)
    return one_by_one(value, of_rows)


def lift(x: Any, rank: int | None, to: int) -> Any:
    """Axes of length 1 between the leading axis and the others, for a rank of `to` without it."""
    if rank is None or rank == to:
        return x
    return np.reshape(x, (len(x), *(1,) * (to - rank), *x.shape[1:]))


def lifted(xs: Sequence[Any], ranks: Ranks, to: int) -> list[Any]:
    return [lift(x, rank, to) for x, rank in zip(xs, ranks, strict=True)]


def product(operands: Sequence[Value], of_rows: Sequence[bool]) -> Batched:
    """Products of vectors and matrices: vectors are rows on the left and columns on the right."""
    left, right = (len(x.shape) for x in operands)
    if of_rows == [True, False] and left == 1 and right <= 2:
        return np.matmul  # one product of matrices, not one a row
    if of_rows == [False, True] and right == 1 and left <= 2:
        return lambda a, b: np.matmul(b, a.T)
    rank = max(left, right, 2)

    def multiply(a: Any, b: Any) -> Any:
        a = a[..., None, :] if left == 1 else a
        b = b[..., None] if right == 1 else b
        a, b = (
            lift(x, max(own, 2) if lead else None, rank)
            for x, own, lead in zip((a, b), (left, right), of_rows, strict=True)
        )
        y = np.matmul(a, b)
        y = y[..., 0] if right == 1 else y
        return y[..., 0, :] if left == 1 and right > 1 else y[..., 0] if left == 1 else y

    return multiply


def joined(
    op: Op, operands: Sequence[Value], of_rows: Sequence[bool], static: tuple[Any, ...]
) -> Batched:
    """Arrays joined along one of their own axes."""

    def join(*xs: Any) -> Any:
        rows = next(len(x) for x, lead in zip(xs, of_rows, strict=True) if lead)
        whole = [
            x if lead else np.broadcast_to(x, (rows, *value.shape))
            for x, lead, value in zip(xs, of_rows, operands, strict=True)
        ]
        return op.forward(*whole, *static)

    return join


def one_by_one(value: Value, of_rows: Sequence[bool]) -> Batched:
    """One row after the other."""
    op, static, part = value.op, value.static, value.part
    assert op is not None

    def each(*xs: Any) -> Any:
        rows = next(len(x) for x, lead in zip(xs, of_rows, strict=True) if lead)
        found = []
        for k in range(rows):
            y = op.forward(
                *[x[k] if lead else x for x, lead in zip(xs, of_rows, strict=True)], *static
            )
            found.append(y if part is None else y[part])
        return np.stack(found)

    return each
