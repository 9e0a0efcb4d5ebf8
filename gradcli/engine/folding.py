"""Recording with large arrays whose rows are all the same: of full shape, in the memory of one row.

A program is read off shapes, so it may be recorded with such arrays. What elementwise operations
make of them is of that kind again, and is calculated for one row.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradcli.engine.graph import Node
from gradcli.engine.ops.table import Op

# Elements of arrays that are worth it.
LARGE = 2**16


def folded(x: Any) -> Any:
    """A large array with its first row in the place of every other."""
    if x.size <= LARGE:
        return x
    return np.broadcast_to(x[:1], x.shape)


def forward(op: Op, operands: tuple[Any, ...], static: tuple[Any, ...]) -> Any:
    """The row's value; of an elementwise one on folded arrays folded, too."""
    rank = max([x.ndim for x in operands], default=0)
    long = [x for x in operands if x.ndim == rank and rank and len(x) > 1]
    plain = op.elementwise and not op.view and not op.several
    if not (plain and long) or any(x.strides[0] for x in long):
        return op.forward(*operands, *static)
    first = [x[:1] if x.ndim == rank else x for x in operands]
    y = op.forward(*first, *static)
    return np.broadcast_to(y, (len(long[0]), *y.shape[1:]))


class Folding:
    """A Meter that lets everything pass, and has elementwise operations done on one row."""

    def charge(self, units: float) -> None: ...
    def allocate(self, shape: tuple[int, ...]) -> None: ...
    def work(self, op: Op, operands: tuple[Any, ...], static: tuple[Any, ...]) -> float:
        return math.inf

    def slope(self, node: Node, g: Any) -> None: ...
    def hold(self, value: Any) -> None: ...
    def node(self) -> None: ...
    def changing(self, owners: Any) -> None: ...
    def writing(self, target: Any, base: Any) -> None: ...
    def overwriting(self, targets: Any) -> None: ...
    def remembering(self, owner: Any) -> None: ...
