"""Names that compose rows: numpy's values under numpy's names, and gradients by differences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from engine_calls import differences, seeded

from gradcli.engine import autograd
from gradcli.engine.functions import FUNCTIONS as F
from gradcli.engine.tensor import Tensor, tensor
from gradcli.errors import GradcliError, ShapeMismatch, WrongIndex, WrongType, WrongValue

inf, nan = np.inf, np.nan

# As numpy calls it, on one operand of a shape: the same call on a Tensor comes to the table.
AS_NUMPY: dict[str, tuple[Callable[[Any], Any], tuple[int, ...]]] = {
    "median, odd": (np.median, (5,)),
    "median, even": (lambda x: np.median(x, axis=0), (4, 2)),
    "median of axes": (lambda x: np.median(x, axis=(0, 2), keepdims=True), (2, 3, 2)),
    "quantile": (lambda x: np.quantile(x, 0.3), (2, 3)),
    "quantiles": (lambda x: np.quantile(x, [0.0, 0.25, 1.0], axis=-1), (2, 4)),
    "percentile": (lambda x: np.percentile(x, 40, axis=0, keepdims=True), (5, 2)),
    **{
        method: (lambda x, m=method: np.quantile(x, [0.1, 0.5, 0.8], method=m), (6,))
        for method in ("lower", "higher", "nearest", "midpoint")
    },
    "nanmax": (lambda x: np.nanmax(x, axis=0), (3, 2)),
    "nanmin": (np.nanmin, (3, 2)),
    "nanmean": (lambda x: np.nanmean(x, axis=1), (3, 2)),
    "ptp": (lambda x: np.ptp(x, axis=0), (3, 2)),
    "average": (np.average, (2, 3)),
    "average, weighed": (lambda x: np.average(x, axis=1, weights=[1.0, 2.0, 4.0]), (2, 3)),
    "diff": (np.diff, (5,)),
    "diff, twice": (lambda x: np.diff(x, 2, axis=0), (4, 2)),
    "diff, extended": (lambda x: np.diff(x, prepend=0.0, append=1.0), (2, 3)),
    "trapezoid": (np.trapezoid, (5,)),
    "trapezoid over x": (lambda y: np.trapezoid(y, [0.0, 1.0, 3.0], axis=0), (3, 2)),
    "trapezoid over itself": (lambda x: np.trapezoid(x * x, x), (4,)),
    "trapezoid, steps": (lambda y: np.trapezoid(y, dx=0.5), (2, 3)),
    "cov": (np.cov, (2, 5)),
    "cov of a vector": (np.cov, (5,)),
    "cov of columns": (lambda x: np.cov(x, rowvar=False, bias=True), (5, 2)),
    "cov of two": (lambda x: np.cov(x, x * x, ddof=0), (5,)),
    "corrcoef": (np.corrcoef, (3, 5)),
    "vector_norm": (lambda x: np.linalg.vector_norm(x, ord=3, axis=0), (3, 2)),
    "vector_norm 1": (lambda x: np.linalg.vector_norm(x, ord=1), (3, 2)),
    "vector_norm inf": (lambda x: np.linalg.vector_norm(x, ord=inf, axis=1), (3, 2)),
    "vector_norm -inf": (lambda x: np.linalg.vector_norm(x, ord=-inf, keepdims=True), (3, 2)),
    "vector_norm 0": (lambda x: np.linalg.vector_norm(x, ord=0), (3, 2)),
    "fliplr": (np.fliplr, (2, 3)),
    "flipud": (np.flipud, (2, 3)),
    "roll": (lambda x: np.roll(x, 4), (2, 3)),
    "moveaxis": (lambda x: np.moveaxis(x, 0, -1), (2, 3, 4)),
    "moveaxis, several": (lambda x: np.moveaxis(x, (0, 2), (1, 0)), (2, 3, 4)),
    "atleast_1d": (np.atleast_1d, ()),
    "atleast_2d": (np.atleast_2d, (3,)),
    "atleast_3d of a scalar": (np.atleast_3d, ()),
    "atleast_3d of a vector": (np.atleast_3d, (3,)),
    "atleast_3d of a matrix": (np.atleast_3d, (2, 3)),
    "vstack": (lambda x: np.vstack([x, 2 * x]), (3,)),
    "hstack": (lambda x: np.hstack([x, 2 * x]), (2, 3)),
    "hstack of vectors": (lambda x: np.hstack([x, 2 * x]), (3,)),
    "dstack": (lambda x: np.dstack([x, 2 * x]), (2, 3)),
    "column_stack": (lambda x: np.column_stack([x, 2 * x]), (3,)),
    "meshgrid": (lambda x: np.meshgrid(x, x[:2] * x[2])[0], (3,)),
    "meshgrid, ij": (lambda x: np.meshgrid(x, x[:2], x[1:], indexing="ij")[2], (3,)),
    "broadcast_arrays": (lambda x: np.broadcast_arrays(x, x[:, :1])[1], (2, 3)),
    "diag of a vector": (lambda x: np.diag(x, 1), (3,)),
    "diag of a matrix": (lambda x: np.diag(x, -1), (3, 3)),
    "diagflat": (np.diagflat, (2, 2)),
    "take": (lambda x: np.take(x, [[0, -1], [2, 2]]), (2, 3)),
    "take along an axis": (lambda x: np.take(x, [[0, -1], [2, 2]], axis=-1), (2, 3)),
    "take one": (lambda x: np.take(x, -1, axis=0), (2, 3)),
    "take_along_axis": (
        lambda x: np.take_along_axis(x, np.array([[2, 0], [1, 1]]), axis=1),
        (2, 3),
    ),
    "sliding_window_view": (
        lambda x: np.lib.stride_tricks.sliding_window_view(x, (2, 3)),
        (3, 4),
    ),
    "sort, flattened": (lambda x: np.sort(x, axis=None), (2, 3)),
}


def point(name: str, shape: tuple[int, ...]) -> np.ndarray:
    return seeded(name).normal(size=shape)


@pytest.mark.parametrize("name", AS_NUMPY)
def test_numpy_gives_the_same(name: str) -> None:
    function, shape = AS_NUMPY[name]
    x = point(name, shape)
    y, expected = function(tensor(x, requires_grad=True)), function(x)
    assert isinstance(y, Tensor)
    assert y.shape == np.shape(expected)
    np.testing.assert_allclose(y.detach().numpy(), expected, rtol=1e-14, atol=1e-15)


@pytest.mark.parametrize("name", AS_NUMPY)
def test_gradients_agree_with_differences(name: str) -> None:
    function, shape = AS_NUMPY[name]
    x = point(name, shape)

    def loss(x: Any) -> Any:
        y = function(x)
        return F["sum"](y * seeded(name, 1).uniform(0.5, 1.5, y.shape))

    leaf = tensor(x, requires_grad=True)
    (g,) = autograd.grad(loss(leaf), [leaf])
    (d,) = differences(lambda x: loss(tensor(x)).item(), (x,))
    np.testing.assert_allclose(g.numpy(), d, rtol=1e-8, atol=1e-9)


# ---- what numpy has not, or where a nan or an infinity is ---------------------------------------

VALUES: dict[str, tuple[Callable[[], Any], Any]] = {
    "topk": (lambda: F["topk"]([3.0, 1, 4, 1, 5], 2), ([5, 4], [4, 2])),
    "topk, least": (lambda: F["topk"]([3.0, 1, 4, 1], 2, largest=False), ([1, 1], [1, 3])),
    "topk of nan": (lambda: F["topk"]([3.0, nan, 4], 1), ([nan], [1])),
    "kthvalue": (lambda: F["kthvalue"]([[3.0, 1, 4]], 2, keepdims=True), ([[3]], [[0]])),
    "sort, descending": (lambda: F["sort"]([1.0, nan, 3], descending=True), [nan, 3, 1]),
    "argsort, descending": (lambda: F["argsort"]([1.0, 3, 1, 3], descending=True), [1, 3, 0, 2]),
    "median of nan": (lambda: F["median"]([[1.0, nan], [1, 2]], axis=1), [nan, 1.5]),
    "median of infinities": (lambda: F["quantile"]([inf, inf, 1.0], 0.9), inf),
    "cummax of nan": (lambda: F["cummax"]([1.0, nan, 3]), [1, nan, nan]),
    "nanmax of nan alone": (lambda: F["nanmax"]([[nan, nan], [1, nan]], axis=1), [nan, 1]),
    "std of one": (lambda: F["std"]([2.0], ddof=1), nan),
    "var of large": (lambda: F["var"]([1e8, 1e8 + 1]), 0.25),
    "std of large": (lambda: F["std"]([-3e200, 3e200]), 3e200),
    "count_nonzero": (lambda: F["count_nonzero"]([[0, 2], [3, 4]], axis=0), [1, 2]),
    "logcumsumexp": (lambda: F["logcumsumexp"]([-inf, 1000.0, -inf]), [-inf, 1000, 1000]),
    "vector_norm, large": (lambda: F["vector_norm"]([1e200, 0], 3), 1e200),
    "vector_norm -1 with a zero": (lambda: F["vector_norm"]([0.0, 2], -1), 0),
    "unflatten": (lambda: F["unflatten"]([1.0, 2, 3, 4], 0, (2, -1)), [[1, 2], [3, 4]]),
    "flatten": (lambda: F["flatten"](np.zeros((2, 3, 4)), 1).shape, (2, 12)),
    "narrow": (lambda: F["narrow"]([1.0, 2, 3], 0, -2, 2), [2, 3]),
    "select": (lambda: F["select"]([[1.0, 2], [3, 4]], 1, -1), [2, 4]),
    "masked_select": (lambda: F["masked_select"]([[1.0, 2], [3, 4]], [True, False]), [1, 3]),
    "scatter": (lambda: F["scatter"]([0.0, 0, 0], 0, [2, 2], [1.0, 5]), [0, 0, 5]),
    "cartesian_prod": (lambda: F["cartesian_prod"]([1, 2], [3]), [[1, 3], [2, 3]]),
    "cumulative_trapezoid": (lambda: F["cumulative_trapezoid"]([1.0, 3, 5]), [2, 6]),
    "searchsorted": (lambda: F["searchsorted"]([1.0, 2, 3], [0.0, 2, 9]), [0, 1, 3]),
    "bincount": (lambda: F["bincount"]([0, 2, 2], minlength=4), [1, 0, 2, 0]),
    "unique": (lambda: F["unique"]([3.0, 1, 3]), [1, 3]),
    "one_hot": (lambda: F["one_hot"]([1, 0]), [[0, 1], [1, 0]]),
}


def plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(map(plain, value))
    return value.tolist() if isinstance(value, Tensor) else value


@pytest.mark.parametrize("name", VALUES)
def test_value(name: str) -> None:
    call, expected = VALUES[name]
    found = plain(call())
    pairs = zip(found, expected, strict=True) if type(found) is tuple else [(found, expected)]
    for y, e in pairs:
        np.testing.assert_allclose(y, e, rtol=1e-15)


ERRORS: dict[str, tuple[Callable[[], Any], type[GradcliError]]] = {
    "gather outside": (lambda: F["gather"]([1.0, 2], 0, [2]), WrongIndex),
    "gather of another rank": (lambda: F["gather"]([[1.0]], 0, [0]), ShapeMismatch),
    "places that are no integers": (lambda: F["take"]([1.0], [0.5]), WrongType),
    "topk of too many": (lambda: F["topk"]([1.0], 2), WrongValue),
    "a quantile above 1": (lambda: F["quantile"]([1.0], 2), WrongValue),
    "median of nothing": (lambda: F["median"](np.zeros(0)), WrongValue),
    "sort of complex numbers": (lambda: F["sort"](np.array([1j])), WrongType),
    "pad by an unknown mode": (lambda: F["pad"]([1.0], 1, "mirror"), WrongValue),
    "windows that are too long": (lambda: F["unfold"]([1.0, 2], 0, 3), WrongValue),
    "weights that do not fit": (
        lambda: F["average"]([1.0, 2], axis=0, weights=[1.0]),
        ShapeMismatch,
    ),
    "an unknown keyword": (lambda: F["meshgrid"]([1.0], order="ij"), WrongType),
    "a norm of a strange order": (lambda: F["vector_norm"]([1.0], nan), WrongValue),
    "one_hot of too few classes": (lambda: F["one_hot"]([2], 2), WrongValue),
}


@pytest.mark.parametrize("name", ERRORS)
def test_error(name: str) -> None:
    call, kind = ERRORS[name]
    with pytest.raises(kind):
        call()
