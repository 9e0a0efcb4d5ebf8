"""Running sums, products, extremes and logarithms of sums along an axis."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradcli.engine.ops.arranging import FLIP, ROLL
from gradcli.engine.ops.axes import leading, negative_axis
from gradcli.engine.ops.gathering import GATHER, SCATTER_ADD
from gradcli.engine.ops.table import Bound, Op, Value, op
from gradcli.engine.summation import DOUBLE


def running_arguments(x: Value, axis: Any = None) -> Bound:
    """Along an axis; of several axes without a name the elements in their order."""
    if axis is None:
        x, axis = x if x.ndim == 1 else x.reshape(-1), -1
    return (x,), (negative_axis(axis, x.ndim),)


# ---- sums ---------------------------------------------------------------------------------------


def running_sum(x: Value, axis: int) -> Value:
    """Of numbers of 32 bits it is kept with 64, as the errors of a million steps add up."""
    wide = DOUBLE.get(x.dtype)
    return np.cumsum(x, axis, wide).astype(x.dtype) if wide else np.cumsum(x, axis)


CUMSUM: Op = op(
    "cumsum",
    running_sum,
    lambda g, _x, _y, axis: FLIP(CUMSUM(FLIP(g, (axis,)), axis), (axis,)),
    twin=lambda x, axis: np.cumsum(x, axis=axis),
    elementwise=False,
    linear=True,
    cost=5.0,
    bind=running_arguments,
    numpy=(np.cumsum,),
)

# ---- linear recurrences -------------------------------------------------------------------------


def recurrence(a: Value, b: Value) -> Value:
    """s_k = a_k s_{k-1} + b_k along the last axis; the first is b_0."""
    shape = np.broadcast_shapes(a.shape, b.shape)
    steps = np.array(np.moveaxis(np.broadcast_to(b, shape), -1, 0), np.result_type(a, b))
    factors = np.moveaxis(np.broadcast_to(a, shape), -1, 0)
    for k in range(1, len(steps)):
        steps[k] += factors[k] * steps[k - 1]
    return np.moveaxis(steps, 0, -1)


def backwards(a: Value, b: Value) -> Value:
    """The adjoint: s_k = a_{k+1} s_{k+1} + b_k; the last is b's."""
    return FLIP(RECURRENCE(ROLL(FLIP(a, (-1,)), (1,), (-1,)), FLIP(b, (-1,))), (-1,))


def before(y: Value, first: Value) -> Value:
    """Along the last axis, what preceded each element; `first` precedes the first."""
    return np.concatenate([np.zeros_like(y[..., :1]) + first, y[..., :-1]], axis=-1)


def lifted(t: Value, x: Value, y: Value) -> Value:
    """A tangent of x with as many axes behind its batch axes as y has."""
    batch = t.shape[: len(t.shape) - len(x.shape)]
    return np.reshape(t, (*batch, *(1,) * (len(y.shape) - len(x.shape)), *x.shape))


def recurrence_tangent(t: Any, a: Value, b: Value, y: Value) -> Value:
    """t_k = a_k t_{k-1} + s_{k-1} da_k + db_k."""
    moves = []
    if t[0] is not None:
        moves.append(lifted(t[0], a, y) * before(y, 0))
    if t[1] is not None:
        moves.append(lifted(t[1], b, y))
    return RECURRENCE(a, sum(moves[1:], start=moves[0]))


def recurrence_work(a: Value, b: Value) -> float:
    """Numpy's time for a step, and a little an element."""
    n = int(max(a.shape[-1:] + b.shape[-1:]))
    return 2000.0 * n + 8.0 * math.prod(np.broadcast_shapes(a.shape, b.shape))


def step_by_step(a: Value, b: Value) -> Value:
    a, s = np.broadcast_arrays(a, b)
    s = s.copy()
    for k in range(1, s.shape[-1]):
        s[..., k] = a[..., k] * s[..., k - 1] + s[..., k]
    return s


RECURRENCE = op(
    "recurrence",
    recurrence,
    lambda g, a, _b, y: backwards(a, g) * before(y, 0),
    lambda g, a, _b, _y: backwards(a, g),
    jvp=recurrence_tangent,
    saves="ay",
    twin=step_by_step,
    elementwise=False,
    work=recurrence_work,
    extent=lambda a, b: math.prod(np.broadcast_shapes(a.shape, b.shape)),
    public=False,
    numpy=(),
)

# ---- products -----------------------------------------------------------------------------------


def running_product_slope(g: Value, x: Value, y: Value, axis: int) -> Value:
    """prod_{j<k} x_j times sum_{i>=k} g_i prod_{k<j<=i} x_j: no division, so zeros are exact."""
    g, x, y = (np.swapaxes(z, axis, -1) for z in (g, x, y))
    return np.swapaxes(before(y, 1) * backwards(x, g), axis, -1)


def running_product_tangent(t: Value, x: Value, y: Value, axis: int) -> Value:
    t, x, y = (np.swapaxes(z, axis, -1) for z in (t, x, y))
    return np.swapaxes(RECURRENCE(x, before(y, 1) * t), axis, -1)


op(
    "cumprod",
    lambda x, axis: np.cumprod(x, axis=axis),
    running_product_slope,
    jvp=running_product_tangent,
    saves="xy",
    twin=lambda x, axis: np.cumprod(x, axis=axis),
    elementwise=False,
    cost=125.0,
    bind=running_arguments,
    numpy=(np.cumprod,),
)

# ---- logarithms of sums -------------------------------------------------------------------------


def shares(x: Value, y: Value) -> tuple[Value, Value]:
    """Of y_k = log(exp(y_{k-1}) + exp(x_k)): its slopes by y_{k-1} and by x_k.

    They are made to sum to 1: rounding in a large y would show in both. What equals y, an infinity
    too, differs from it by 0.
    """
    past = before(y, y[..., :1])
    old = np.exp(np.where(past == y, 0, past - y)) * (np.arange(y.shape[-1]) > 0)
    new = np.exp(np.where(x == y, 0, x - y))
    return old / (old + new), new / (old + new)


def running_log_slope(g: Value, x: Value, y: Value, axis: int) -> Value:
    g, x, y = (np.swapaxes(z, axis, -1) for z in (g, x, y))
    old, new = shares(x, y)
    return np.swapaxes(new * backwards(old, g), axis, -1)


def running_log_tangent(t: Value, x: Value, y: Value, axis: int) -> Value:
    t, x, y = (np.swapaxes(z, axis, -1) for z in (t, x, y))
    old, new = shares(x, y)
    return np.swapaxes(RECURRENCE(old, new * t), axis, -1)


op(
    "logcumsumexp",
    lambda x, axis: np.logaddexp.accumulate(x, axis=axis),
    running_log_slope,
    jvp=running_log_tangent,
    saves="xy",
    twin=lambda x, axis: np.log(np.cumsum(np.exp(x), axis=axis)),
    elementwise=False,
    ordered=True,
    cost=125.0,
    bind=running_arguments,
    numpy=(),
)

# ---- extremes -----------------------------------------------------------------------------------


def running_extreme(name: str, ufunc: Any, reaches: Any) -> None:
    """cummax or cummin; `reaches(past, x)` tells where the extreme stays what it was."""

    def places(x: Value, axis: int) -> Value:
        """Where along the axis the extreme so far was first attained. A nan is one for good."""
        moved = np.moveaxis(x, axis, -1)
        past = ufunc.accumulate(moved, axis=-1)[..., :-1]
        changes = np.ones(moved.shape, bool)
        changes[..., 1:] = ~(reaches(past, moved[..., 1:]) | np.isnan(past))
        along = np.where(changes, np.arange(moved.shape[-1]), 0)
        return np.moveaxis(np.maximum.accumulate(along, axis=-1), -1, axis)

    def ties(x: Value, _y: Value, axis: int) -> Value:
        moved = np.moveaxis(x, axis, -1)
        past = ufunc.accumulate(moved, axis=-1)[..., :-1]
        return past == moved[..., 1:]

    common: dict[str, Any] = {"elementwise": False, "ordered": True}
    PLACES = op(f"arg{name}", places, None, **common, cost=20.0, bind=running_arguments, numpy=())
    op(
        name,
        lambda x, axis: ufunc.accumulate(x, axis=axis),
        lambda g, x, y, axis: SCATTER_ADD(
            np.zeros(leading(g, y) + x.shape, g.dtype), PLACES(x, axis), g, axis
        ),
        jvp=lambda t, x, _y, axis: GATHER(t, PLACES(x, axis), axis),
        saves="x",
        **common,
        twin=lambda x, axis: ufunc.accumulate(x, axis=axis),
        cost=5.0,
        bind=running_arguments,
        numpy=(),
        kink=(ties, "of a tie the first takes all"),
    )


running_extreme("cummax", np.maximum, np.greater_equal)
running_extreme("cummin", np.minimum, np.less_equal)
