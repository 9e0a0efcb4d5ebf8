"""Pools: the largest or the mean of every window, and means over a given number of windows."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradcli.engine.ops.table import Op, Value, op
from gradcli.engine.ops.windows import Layout, Sizes, padded

PER_TAP = 3.0  # nanoseconds an element of a window


def work(x: Value, layout: Layout) -> float:
    lead = math.prod(x.shape[: x.ndim - layout.rank])
    filled = lead * math.prod(layout.padded(x.shape))
    seen = lead * math.prod(layout.outputs(x.shape)) * layout.taps
    return PER_TAP * float(seen) + 2 * float(filled)


def extent(x: Value, layout: Layout) -> int:
    return math.prod((*x.shape[: x.ndim - layout.rank], *layout.padded(x.shape)))


def extent_of_x(g: Value, *rest: Any) -> int:
    """Of an array that windows are put back into."""
    *_, spatial, layout = rest
    return math.prod((*g.shape[: g.ndim - layout.rank], *layout.padded(spatial)))


def work_of_rest(g: Value, *rest: Any) -> float:
    layout = rest[-1]
    filled = extent_of_x(g, *rest) if len(rest) > 2 else 0
    return PER_TAP * float(layout.taps * g.size) + 2 * filled


def spatial_of(x: Value, layout: Layout) -> Sizes:
    return tuple(x.shape[x.ndim - layout.rank :])


def hollow(lead: tuple[int, ...], spatial: Sizes, layout: Layout, dtype: Any) -> Value:
    """Zeros that windows can be added to, the padding with them."""
    return np.zeros((*lead, *layout.padded(spatial)), dtype)


# ---- the largest --------------------------------------------------------------------------------
# The cotangent goes to one element of each window, the first of the largest; nan is largest of all.


def largest(x: Value, layout: Layout) -> Value:
    filled = padded(x, layout, -math.inf)
    first, *others = layout.seen(x.shape)
    y = filled[first].copy()
    for seen in others:
        np.maximum(y, filled[seen], out=y)
    return y


def place_of_largest(x: Value, layout: Layout) -> Value:
    """Which element of its window it is."""
    filled = padded(x, layout, -math.inf)
    first, *others = layout.seen(x.shape)
    best = filled[first].copy()
    places = np.zeros(best.shape, np.int32)
    for k, seen in enumerate(others, 1):
        new = filled[seen]
        larger = ~(new <= best) & ~np.isnan(best)  # nan is larger than all, and stays
        np.copyto(best, new, where=larger)
        np.copyto(places, k, where=larger)
    return places


def put(g: Value, places: Value, spatial: Sizes, layout: Layout) -> Value:
    lead = np.broadcast_shapes(g.shape, places.shape)[: -layout.rank]
    out = hollow(lead, spatial, layout, g.dtype)
    for k, seen in enumerate(layout.seen(spatial)):
        out[seen] += np.where(places == k, g, 0)
    return out[layout.inside(spatial)]


def pick(x: Value, places: Value, layout: Layout) -> Value:
    filled = padded(x, layout)
    y = np.zeros((), x.dtype)
    for k, seen in enumerate(layout.seen(x.shape)):
        y = np.where(places == k, filled[seen], y)
    return y


def tied(x: Value, _y: Value, layout: Layout) -> Value:
    """Do two elements of a window attain the largest?"""
    filled, y = padded(x, layout, -math.inf), largest(x, layout)
    return sum((filled[seen] == y).astype(np.int32) for seen in layout.seen(x.shape)) > 1


def seen_by(out: Sizes, place: int, layout: Layout) -> Sizes:
    """For the twins: where in a padded array the given element of one window lies."""
    tap = np.unravel_index(place, layout.kernel)
    axes = zip(out, tap, layout.stride, layout.dilation, strict=True)
    return tuple(int(o * s + k * d) for o, k, s, d in axes)


def put_one_by_one(g: Value, places: Value, spatial: Sizes, layout: Layout) -> Value:
    lead = g.shape[: g.ndim - layout.rank]
    out = np.zeros((*lead, *layout.padded(spatial)), object)
    for at in np.ndindex(g.shape):
        out[(*at[: len(lead)], *seen_by(at[len(lead) :], places[at], layout))] += g[at]
    return out[layout.inside(spatial)]


def picked_one_by_one(x: Value, places: Value, layout: Layout) -> Value:
    filled, lead = padded(x, layout), x.ndim - layout.rank
    y = np.zeros(places.shape, object)
    for at in np.ndindex(places.shape):
        y[at] = filled[(*at[:lead], *seen_by(at[lead:], places[at], layout))]
    return y


PLACES = op(
    "max_pool_places",
    place_of_largest,
    None,
    elementwise=False,
    ordered=True,
    work=lambda x, layout: 6 * work(x, layout),
    extent=extent,
    public=False,
    numpy=(),
)
PUT: Op = op(
    "max_pool_put",
    put,
    lambda g, _a, places, _y, _spatial, layout: PICK(g, places, layout),
    None,
    saves="b",
    twin=put_one_by_one,
    elementwise=False,
    multilinear=True,
    work=work_of_rest,
    extent=extent_of_x,
    node="MaxPool2DWithIndicesBackwardBackward0",
    public=False,
    numpy=(),
)
PICK: Op = op(
    "max_pool_pick",
    pick,
    lambda g, x, places, _y, layout: PUT(g, places, spatial_of(x, layout), layout),
    None,
    saves="b",
    twin=picked_one_by_one,
    elementwise=False,
    multilinear=True,
    work=lambda x, _places, layout: work(x, layout),
    extent=lambda x, _places, layout: extent(x, layout),
    node="GatherBackward0",
    public=False,
    numpy=(),
)
op(
    "max_pool",
    largest,
    lambda g, x, _y, layout: PUT(g, PLACES(x, layout), spatial_of(x, layout), layout),
    saves="x",
    kink=(tied, "of a tie the first takes all"),
    twin=lambda x, layout: np.max(
        [padded(x, layout, -math.inf)[seen] for seen in layout.seen(x.shape)], axis=0
    ),
    elementwise=False,
    ordered=True,
    jvp=lambda t, x, _y, layout: PICK(t, PLACES(x, layout), layout),
    work=work,
    extent=extent,
    node="MaxPool2DWithIndicesBackward0",
    public=False,
    numpy=(),
)

# ---- means --------------------------------------------------------------------------------------
# Zeros of the padding count as elements of their windows.


def mean(x: Value, layout: Layout) -> Value:
    filled = padded(x, layout)
    first, *others = layout.seen(x.shape)
    y = filled[first] / layout.taps if not others else filled[first].copy()
    for seen in others:
        y = y + filled[seen]
    return y / layout.taps if others else y


def spread(g: Value, spatial: Sizes, layout: Layout) -> Value:
    out = hollow(g.shape[: g.ndim - layout.rank], spatial, layout, g.dtype)
    share = g / layout.taps
    for seen in layout.seen(spatial):
        out[seen] += share
    return out[layout.inside(spatial)]


def mean_by_definition(x: Value, layout: Layout) -> Value:
    """The twin: window by window."""
    filled, outputs = padded(x, layout), layout.outputs(x.shape)
    y = np.zeros((*x.shape[: x.ndim - layout.rank], *outputs), object)
    axes = tuple(range(-layout.rank, 0))
    for out in np.ndindex(outputs):
        ends = zip(out, layout.stride, layout.kernel, strict=True)
        window = filled[(..., *(slice(o * s, o * s + k) for o, s, k in ends))]
        y[(..., *out)] = np.sum(window, axis=axes) / layout.taps
    return y


def spread_by_definition(g: Value, spatial: Sizes, layout: Layout) -> Value:
    """The twin: window by window."""
    lead = g.shape[: g.ndim - layout.rank]
    out = np.zeros((*lead, *layout.padded(spatial)), object)
    for at in np.ndindex(layout.outputs(spatial)):
        ends = zip(at, layout.stride, layout.kernel, strict=True)
        window: Any = (..., *(slice(o * s, o * s + k) for o, s, k in ends))
        out[window] += (g[(..., *at)] / layout.taps)[(..., *(None,) * layout.rank)]
    return out[layout.inside(spatial)]


MEAN: Op = op(
    "avg_pool",
    mean,
    lambda g, x, _y, layout: SPREAD(g, spatial_of(x, layout), layout),
    twin=mean_by_definition,
    elementwise=False,
    linear=True,
    work=work,
    extent=extent,
    node="AvgPool2DBackward0",
    public=False,
    numpy=(),
)
SPREAD: Op = op(
    "avg_pool_spread",
    spread,
    lambda g, _x, _y, _spatial, layout: MEAN(g, layout),
    twin=spread_by_definition,
    elementwise=False,
    linear=True,
    work=lambda g, spatial, layout: work_of_rest(g, None, spatial, layout),
    extent=extent_of_x,
    node="AvgPool2DBackwardBackward0",
    public=False,
    numpy=(),
)


def shares(length: int, count: int, dtype: Any) -> Value:
    """A matrix of `count` means over an axis, of windows that cover it as evenly as can be."""
    at = np.arange(count)[:, None]
    start, end = at * length // count, -((at + 1) * -length // count)
    inside = (np.arange(length) >= start) & (np.arange(length) < end)
    return (inside / (end - start)).astype(dtype)


def evenly(x: Value, sizes: Sizes) -> Value:
    """Means over as many windows as `sizes` says, along the last two axes."""
    tall, wide = (shares(n, m, x.dtype) for n, m in zip(x.shape[-2:], sizes, strict=True))
    return np.matmul(np.matmul(tall, x), wide.mT)


def evenly_slope(g: Value, x: Value, _y: Value, sizes: Sizes) -> Value:
    tall, wide = (shares(n, m, x.dtype) for n, m in zip(x.shape[-2:], sizes, strict=True))
    return np.matmul(np.matmul(tall.mT, g), wide)


def evenly_by_definition(x: Value, sizes: Sizes) -> Value:
    """The twin: window by window."""
    y = np.zeros((*x.shape[:-2], *sizes), object)
    for at in np.ndindex(sizes):
        pairs = list(zip(at, x.shape[-2:], sizes, strict=True))
        ends = (slice(k * n // m, -((k + 1) * -n // m)) for k, n, m in pairs)
        window = x[(..., *ends)]
        y[(..., *at)] = np.sum(window, axis=(-2, -1)) / (window.shape[-2] * window.shape[-1])
    return y


op(
    "adaptive_avg_pool",
    evenly,
    evenly_slope,
    twin=evenly_by_definition,
    elementwise=False,
    linear=True,
    work=lambda x, sizes: 1.0 * x.size * (sizes[0] + sizes[1]),
    extent=lambda x, sizes: math.prod(x.shape[:-2]) * sizes[1] * max(sizes[0], x.shape[-2]),
    node="AdaptiveAvgPool2DBackward0",
    public=False,
    numpy=(),
)
