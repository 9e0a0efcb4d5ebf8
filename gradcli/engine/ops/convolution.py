"""Convolutions, of vectors and for networks.

Those for networks are three rows, each linear in both of its operands, which are each other's
derivatives: the result from (x, w), the cotangent of x from (g, w) and that of w from (g, x). They
lay windows out as the columns of a matrix and multiply once, for as many images at a time as a
cache holds (Chellapilla, Puri and Simard, High Performance Convolutional Neural Networks for
Document Processing, 2006). Their operands may have leading batch axes, which broadcast.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from gradcli.engine.ops.table import Op, Value, op
from gradcli.engine.ops.windows import Layout, Sizes, columns, padded, scattered

# ---- vectors ------------------------------------------------------------------------------------


def convolved(a: Value, b: Value, mode: str) -> Value:
    """Along the last axis; what leads broadcasts. `valid` where b lies wholly within a."""
    lead = np.broadcast_shapes(a.shape[:-1], b.shape[:-1])
    if not lead:
        return np.convolve(a, b, "full" if mode == "full" else "valid")
    n, m = a.shape[-1], b.shape[-1]
    y = np.empty((*lead, n + m - 1 if mode == "full" else n - m + 1), np.result_type(a, b))
    a, b = np.broadcast_to(a, (*lead, n)), np.broadcast_to(b, (*lead, m))
    for at in np.ndindex(lead):
        y[at] = convolved(a[at], b[at], mode)
    return y


def slope_of_first(g: Value, _a: Value, b: Value, _y: Value, mode: str) -> Value:
    return CONVOLVE(g, b[..., ::-1], "valid" if mode == "full" else "full")


def slope_of_second(g: Value, a: Value, _b: Value, _y: Value, mode: str) -> Value:
    if mode == "full":
        return CONVOLVE(g, a[..., ::-1], "valid")
    return CONVOLVE(a, g[..., ::-1], "valid")[..., ::-1]


def sums_of_products(a: Value, b: Value, mode: str) -> Value:
    """The twin."""
    n, m = len(a), len(b)
    full = [
        sum(a[i] * b[k - i] for i in range(max(0, k - m + 1), min(k + 1, n)))
        for k in range(n + m - 1)
    ]
    return np.array(full if mode == "full" else full[m - 1 : n], object)


CONVOLVE: Op = op(
    "convolve",
    convolved,
    slope_of_first,
    slope_of_second,
    saves="ab",
    twin=sums_of_products,
    elementwise=False,
    multilinear=True,
    work=lambda a, b, _mode: 0.6 * max(a.size * b.shape[-1], b.size * a.shape[-1]),
    extent=lambda a, b, _mode: a.size + b.size,
    public=False,
    numpy=(),
)

# ---- networks -----------------------------------------------------------------------------------

MULTIPLY_ADD = 0.1  # nanoseconds
LAY_OUT = 2.0  # nanoseconds an element
# Elements of the columns that are laid out at once.
BLOCK = 2**19


def blocks(shape: tuple[int, ...], layout: Layout) -> Iterator[tuple[Any, ...]]:
    """Indices of x, (..., N, C, *axes), that take so many of its images."""
    images, channels = shape[-layout.rank - 2 : len(shape) - layout.rank]
    each = channels * layout.taps * math.prod(layout.outputs(shape))
    step = max(1, BLOCK // max(each, 1))
    for start in range(0, images, step):
        yield (..., slice(start, start + step), *(slice(None),) * (layout.rank + 1))


def lead(a: Value, b: Value, layout: Layout) -> tuple[int, ...]:
    """The batch axes of two operands, broadcast."""
    own = layout.rank + 2
    return np.broadcast_shapes(a.shape[: a.ndim - own], b.shape[: b.ndim - own])


def matrices(w: Value, layout: Layout) -> Value:
    """Weights (..., O, C / groups, *kernel) as (..., 1, groups, O / groups, C / groups * taps)."""
    *batch, filters = w.shape[: w.ndim - layout.rank - 1]
    return w.reshape(*batch, 1, layout.groups, filters // layout.groups, -1)


def rows(g: Value, layout: Layout) -> Value:
    """A result's (..., N, O, *places) as (..., N, groups, O / groups, places)."""
    *batch, filters = g.shape[: g.ndim - layout.rank]
    places = math.prod(g.shape[g.ndim - layout.rank :])
    return g.reshape(*batch, layout.groups, filters // layout.groups, places)


def over_images(parts: Value) -> Value:
    """(..., N, groups, R, places) as (..., groups, R, N * places): one product sums over both."""
    moved = np.moveaxis(parts, -4, -2)
    return moved.reshape(*moved.shape[:-2], -1)


def convolution(x: Value, w: Value, layout: Layout) -> Value:
    weights, own = matrices(w, layout), layout.rank + 2
    shape = (x.shape[-own], w.shape[-own], *layout.outputs(x.shape))
    y = np.empty((*lead(x, w, layout), *shape), np.result_type(x, w))
    for at in blocks(x.shape, layout):
        np.matmul(weights, columns(x[at], layout), out=rows(y[at], layout))
    return y


def cotangent_of_x(g: Value, w: Value, layout: Layout, spatial: Sizes) -> Value:
    weights, own = matrices(w, layout).mT, layout.rank + 2
    shape = (g.shape[-own], w.shape[1 - own] * layout.groups, *spatial)
    dx = np.empty((*lead(g, w, layout), *shape), np.result_type(g, w))
    for at in blocks(dx.shape, layout):
        dx[at] = scattered(np.matmul(weights, rows(g[at], layout)), spatial, layout)
    return dx


def cotangent_of_w(g: Value, x: Value, layout: Layout) -> Value:
    own = layout.rank + 2
    shape = (g.shape[1 - own], x.shape[1 - own] // layout.groups, *layout.kernel)
    dw = np.zeros((*lead(g, x, layout), *shape), np.result_type(g, x))
    total = matrices(dw, layout)[..., 0, :, :, :]
    for k, at in enumerate(blocks(x.shape, layout)):
        products = over_images(rows(g[at], layout)), over_images(columns(x[at], layout)).mT
        if k:
            total += np.matmul(*products)
        else:
            np.matmul(*products, out=total)
    return dw


def meetings(shape: tuple[int, ...], filters: int, layout: Layout) -> Iterator[Any]:
    """For the twins, by definition: (output place, kernel place, input place, filter, channels)."""
    each = filters // layout.groups
    depth = shape[-layout.rank - 1] // layout.groups
    for out in np.ndindex(layout.outputs(shape)):
        for tap in np.ndindex(layout.kernel):
            axes = zip(out, tap, layout.stride, layout.dilation, strict=True)
            place = tuple(o * s + k * d for o, k, s, d in axes)
            for o in range(filters):
                yield out, tap, place, o, slice(o // each * depth, (o // each + 1) * depth)


def twin(x: Value, w: Value, layout: Layout) -> Value:
    y = np.zeros((len(x), len(w), *layout.outputs(x.shape)), object)
    filled = padded(x, layout)
    for out, tap, place, o, channels in meetings(x.shape, len(w), layout):
        terms = filled[(slice(None), channels, *place)] * w[(o, slice(None), *tap)]
        y[(slice(None), o, *out)] += np.sum(terms, axis=-1)
    return y


def twin_of_x(g: Value, w: Value, layout: Layout, spatial: Sizes) -> Value:
    shape = (len(g), w.shape[1] * layout.groups, *spatial)
    dx = np.zeros((*shape[:2], *layout.padded(shape)), object)
    for out, tap, place, o, channels in meetings(shape, len(w), layout):
        each = g[(slice(None), o, *out)][:, None] * w[(o, slice(None), *tap)]
        dx[(slice(None), channels, *place)] += each
    return dx[layout.inside(shape)]


def twin_of_w(g: Value, x: Value, layout: Layout) -> Value:
    dw = np.zeros((g.shape[1], x.shape[1] // layout.groups, *layout.kernel), object)
    filled = padded(x, layout)
    for out, tap, place, o, channels in meetings(x.shape, g.shape[1], layout):
        terms = filled[(slice(None), channels, *place)] * g[(slice(None), o, *out)][:, None]
        dw[(o, slice(None), *tap)] += np.sum(terms, axis=0)
    return dw


def result_shape(x: Value, w: Value, layout: Layout) -> tuple[int, ...]:
    own = layout.rank + 2
    places = layout.outputs(x.shape)
    return (*lead(x, w, layout), x.shape[-own], w.shape[-own], *places)


def work(result: tuple[int, ...], channels: int, layout: Layout) -> float:
    """Nanoseconds of laying out the windows that a result of this shape sees, and multiplying."""
    filters = result[-layout.rank - 1]
    seen = math.prod(result) // max(filters, 1) * channels * layout.taps
    return seen * (LAY_OUT + MULTIPLY_ADD * filters / layout.groups)


def work_of_rest(g: Value, other: Value, layout: Layout, *spatial: Sizes) -> float:
    """The same for the cotangents: the other operand is w where `spatial` is given, else x."""
    batch = lead(g, other, layout)
    channels = other.shape[-layout.rank - 1] * (layout.groups if spatial else 1)
    return 1.5 * work((*batch, *g.shape[g.ndim - layout.rank - 2 :]), channels, layout)


def extent(x: Value, w: Value, layout: Layout) -> int:
    """Of the result or of the padded operand, whichever is larger."""
    filled = math.prod((*x.shape[: x.ndim - layout.rank], *layout.padded(x.shape)))
    return max(math.prod(result_shape(x, w, layout)), filled)


def extent_of_x(g: Value, w: Value, layout: Layout, spatial: Sizes) -> int:
    channels = w.shape[-layout.rank - 1] * layout.groups
    images = g.shape[-layout.rank - 2]
    return math.prod((*lead(g, w, layout), images, channels, *layout.padded(spatial)))


def extent_of_w(g: Value, x: Value, layout: Layout) -> int:
    own = layout.rank + 2
    filled = math.prod((*x.shape[: x.ndim - layout.rank], *layout.padded(x.shape)))
    each = g.shape[1 - own] * x.shape[1 - own] // layout.groups * layout.taps
    return int(max(filled, math.prod(lead(g, x, layout)) * each))


# ---- their rows ---------------------------------------------------------------------------------


def places_of(x: Value, layout: Layout) -> Sizes:
    return tuple(x.shape[x.ndim - layout.rank :])


def with_bias(x: Value, w: Value, b: Value, layout: Layout) -> Value:
    y = convolution(x, w, layout)
    y += lifted(b, layout)
    return y


def lifted(b: Value, layout: Layout) -> Value:
    """A number a channel as something that spreads over places."""
    return b[(..., *(None,) * layout.rank)]


def over_places(g: Value, layout: Layout) -> Value:
    """Summed over images and places: what every channel got."""
    return np.sum(g, axis=(-layout.rank - 2, *range(-layout.rank, 0)))


def moved(t: Any, x: Value, w: Value, _b: Value, y: Value, layout: Layout) -> Value:
    """The tangent of x * w + b."""
    moves = [CONVOLUTION(t[0], w, layout)] if t[0] is not None else []
    moves += [CONVOLUTION(x, t[1], layout)] if t[1] is not None else []
    if t[2] is not None:
        spread = np.expand_dims(lifted(t[2], layout), -layout.rank - 2)
        moves += [spread + np.zeros(y.shape, y.dtype)]
    return sum(moves[1:], moves[0])


CONVOLUTION: Op = op(
    "convolution",
    convolution,
    lambda g, x, w, _y, layout: BY_X(g, w, layout, places_of(x, layout)),
    lambda g, x, _w, _y, layout: BY_W(g, x, layout),
    saves="ab",
    twin=twin,
    elementwise=False,
    multilinear=True,
    fresh="ab",
    work=lambda x, w, layout: work(result_shape(x, w, layout), x.shape[-layout.rank - 1], layout),
    extent=extent,
    public=False,
    numpy=(),
)
op(
    "convolution_bias",
    with_bias,
    lambda g, x, w, _b, _y, layout: BY_X(g, w, layout, places_of(x, layout)),
    lambda g, x, _w, _b, _y, layout: BY_W(g, x, layout),
    lambda g, _x, _w, _b, _y, layout: over_places(g, layout),
    saves="ab",
    twin=lambda x, w, b, layout: twin(x, w, layout) + lifted(b, layout),
    elementwise=False,
    jvp=moved,
    fresh="abc",
    work=lambda x, w, _b, layout: work(
        result_shape(x, w, layout), x.shape[-layout.rank - 1] + 1, layout
    ),
    extent=lambda x, w, _b, layout: extent(x, w, layout),
    node="ConvolutionBackward0",
    public=False,
    numpy=(),
)


def by_x(name: str, node: str) -> Op:
    """The cotangent of x, or where it is an operation of its own the transposed convolution."""
    return op(
        name,
        cotangent_of_x,
        lambda g, _a, w, _y, layout, _spatial: CONVOLUTION(g, w, layout),
        lambda g, a, _w, _y, layout, _spatial: BY_W(a, g, layout),
        saves="ab",
        twin=twin_of_x,
        elementwise=False,
        multilinear=True,
        work=work_of_rest,
        extent=extent_of_x,
        node=node,
        public=False,
        numpy=(),
    )


BY_X: Op = by_x("convolution_by_x", "ConvolutionBackwardBackward0")
by_x("transposed_convolution", "ConvolutionBackward0")
BY_W: Op = op(
    "convolution_by_w",
    cotangent_of_w,
    lambda g, _a, x, _y, layout: CONVOLUTION(x, g, layout),
    lambda g, a, x, _y, layout: BY_X(a, g, layout, places_of(x, layout)),
    saves="ab",
    twin=twin_of_w,
    elementwise=False,
    multilinear=True,
    work=work_of_rest,
    extent=extent_of_w,
    node="ConvolutionBackwardBackward0",
    public=False,
    numpy=(),
)
