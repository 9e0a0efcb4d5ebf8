"""Norms of vectors of any order."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradcli.engine.apply import ROWS, record
from gradcli.engine.arguments import bound
from gradcli.engine.functions.registry import FUNCTIONS, named
from gradcli.engine.operands import as_operand
from gradcli.engine.ops import TABLE
from gradcli.engine.tensor import Tensor
from gradcli.errors import WrongValue

LARGEST = 2**53  # of the orders, but for infinity


@named("vector_norm", numpy=(np.linalg.vector_norm,))
def vector_norm(x: Any, ord: Any = 2, axis: Any = None, keepdims: Any = False) -> Tensor:
    """(sum |x|^ord)^(1/ord) of vectors along an axis, or of all elements.

    With inf and -inf the largest and the smallest size; with 0 the number of those that are not 0.
    """
    x = as_operand(x)
    order = ord.item() if isinstance(ord, np.generic) else ord
    if type(order) not in (int, float) or not (abs(order) < LARGEST or abs(order) == math.inf):
        raise WrongValue("norm: an order is inf or a number")
    if order == 2:
        return record(TABLE["norm2"], *bound(TABLE["norm2"], (x, axis, keepdims), {}))
    if order == 0:
        return FUNCTIONS["sum"](ROWS["sign"](ROWS["abs"](x)), axis, keepdims)
    if order == 1:
        return FUNCTIONS["sum"](ROWS["abs"](x), axis, keepdims)
    if math.isinf(order):
        return FUNCTIONS["amax" if order > 0 else "amin"](ROWS["abs"](x), axis, keepdims)
    operands, static = bound(TABLE["norm2"], (x, axis, keepdims), {})
    return record(TABLE["norm_p"], operands, (float(order), *static))
