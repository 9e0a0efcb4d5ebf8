"""Activations and elementary functions that choose among rows or are made of several."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradcli.engine.apply import ROWS, record
from gradcli.engine.arguments import bound
from gradcli.engine.functions.registry import FUNCTIONS, named
from gradcli.engine.operands import as_operand
from gradcli.engine.ops import TABLE
from gradcli.engine.ops.parameters import positive, real
from gradcli.engine.promotion import check_broadcast
from gradcli.engine.tensor import Tensor
from gradcli.errors import ShapeMismatch, WrongValue

# ---- elementary ---------------------------------------------------------------------------------


@named("round", "around", numpy=(np.round, np.around))
def round(x: Any, decimals: Any = 0) -> Tensor:
    """To the nearest number of so many decimals; halves to the even one."""
    operands, static = bound(TABLE["round_decimals"], (x, decimals), {})
    return record(TABLE["round_decimals"], operands, static) if static[0] else ROWS["rint"](x)


@named("fix", numpy=(np.fix,))
def fix(x: Any) -> Tensor:
    """The integer part."""
    return ROWS["trunc"](x)


@named("logit")
def logit(x: Any, eps: Any = None) -> Tensor:
    """log(x / (1 - x)), of x held between eps and 1 - eps."""
    if eps is None:
        return ROWS["logit"](x)
    edge = real(eps, "eps")
    return ROWS["logit"](FUNCTIONS["clip"](x, edge, 1 - edge))


@named("allclose", numpy=(np.allclose,))
def allclose(a: Any, b: Any, rtol: Any = 1e-5, atol: Any = 1e-8, equal_nan: Any = False) -> Tensor:
    """Whether all elements are close, as `isclose` has it."""
    return FUNCTIONS["all"](FUNCTIONS["isclose"](a, b, rtol, atol, equal_nan))


# ---- activations --------------------------------------------------------------------------------


@named("relu6")
def relu6(x: Any) -> Tensor:
    """x between 0 and 6."""
    return FUNCTIONS["hardtanh"](x, 0, 6)


@named("prelu")
def prelu(x: Any, weight: Any) -> Tensor:
    """x, times the weight where it is negative: one for all, or one for each index of axis 1."""
    x = as_operand(x)
    weight = as_operand(weight, x.value)
    if weight.size != 1 and weight.ndim == 1 and x.ndim > 1:
        if weight.size != x.shape[1]:
            raise ShapeMismatch(f"prelu: {weight.size} weights for {x.shape[1]} channels")
        weight = weight.reshape(-1, *(1,) * (x.ndim - 2))
    return ROWS["prelu"](x, weight)


@named("softmin")
def softmin(x: Any, axis: Any = -1) -> Tensor:
    """The softmax of -x."""
    return FUNCTIONS["softmax"](-as_operand(x), axis)


def own_axis(x: Tensor, axis: Any) -> Any:
    """PyTorch's default axis for vectors side by side: 1, and of a single vector its own."""
    return min(1, x.ndim - 1) if axis is None else axis


@named("normalize")
def normalize(x: Any, p: Any = 2, axis: Any = None, eps: Any = 1e-12) -> Tensor:
    """x / max(norm, eps) along an axis: by default axis 1, of a vector its own."""
    x = as_operand(x)
    length = FUNCTIONS["norm"](x, p, own_axis(x, axis), True)
    return FUNCTIONS["div"](x, FUNCTIONS["clip"](length, min=positive(eps, "eps")))


@named("cosine_similarity")
def cosine_similarity(a: Any, b: Any, axis: Any = None, eps: Any = 1e-8) -> Tensor:
    """The cosine of the angle between vectors along an axis: by default axis 1, or their own."""
    a, b = as_operand(a), as_operand(b)
    if not a.ndim or not b.ndim:
        raise ShapeMismatch("cosine_similarity is of vectors, not of numbers")
    check_broadcast(a.shape, b.shape)
    shape = np.broadcast_shapes(a.shape, b.shape)
    a, b = (x if x.shape == shape else FUNCTIONS["broadcast_to"](x, shape) for x in (a, b))
    axis = own_axis(a, axis)
    return FUNCTIONS["sum"](normalize(a, 2, axis, eps) * normalize(b, 2, axis, eps), axis)


@named("pairwise_distance")
def pairwise_distance(a: Any, b: Any, p: Any = 2, eps: Any = 1e-6, keepdims: Any = False) -> Tensor:
    """The norm of a - b + eps along the last axis; eps keeps it off the kink at 0."""
    gap = as_operand(a) - b + real(eps, "eps")
    if not gap.ndim:
        raise ShapeMismatch("pairwise_distance is of vectors, not of numbers")
    if isinstance(p, float) and math.isnan(p):
        raise WrongValue("pairwise_distance: an order is inf or a number")
    return FUNCTIONS["norm"](gap, p, -1, keepdims)
