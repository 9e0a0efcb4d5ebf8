"""`x[…]`."""

from __future__ import annotations

from typing import Any

from gradcli.engine.apply import SINGLE, record
from gradcli.engine.arguments import bound
from gradcli.engine.operands import detached_index
from gradcli.engine.ops.index import Index
from gradcli.engine.ops.table import TABLE
from gradcli.engine.tensor import Tensor

take, GETITEM = SINGLE["getitem"], TABLE["getitem"]


def getitem(x: Tensor, index: Any) -> Tensor:
    plain = Index.plain(index, x.value.shape)
    if plain is not None:
        return take(x, plain)
    operands, static = bound(GETITEM, (x, detached_index(index)), {})
    return record(GETITEM, operands, static)
