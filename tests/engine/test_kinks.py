"""Kinks as SEMANTICS.md lists them, and infinities that must not breed nan."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradcli.engine import autograd
from gradcli.engine.backward import run
from gradcli.engine.forward import push
from gradcli.engine.functions import FUNCTIONS as F
from gradcli.engine.ops.loss import LEAST
from gradcli.engine.tensor import edge, tensor

inf, nan = np.inf, np.nan

# function, operands, expected gradients of the (summed) result
KINKS: dict[str, tuple[Any, list[Any], list[Any]]] = {
    "i0e": (F["i0e"], [0], [0]),
    "max_pool1d": (lambda x: F["max_pool1d"](x, 3), [[[1, 2, 2]]], [[[0, 1, 0]]]),
    "max_pool1d of nan": (lambda x: F["max_pool1d"](x, 3), [[[1, nan, 2]]], [[[0, 1, 0]]]),
    "entr": (F["entr"], [0], [inf]),
    "abs": (F["abs"], [0], [0]),
    "maximum tie": (F["maximum"], [2, 2], [0.5, 0.5]),
    "minimum tie": (F["minimum"], [2, 2], [0.5, 0.5]),
    "fmax tie": (F["fmax"], [2, 2], [1, 0]),
    "fmin tie": (F["fmin"], [2, 2], [1, 0]),
    "fmax nan": (F["fmax"], [2, nan], [1, 0]),
    "fmax nan first": (F["fmax"], [nan, 2], [0, 1]),
    "fmin nan": (F["fmin"], [2, nan], [1, 0]),
    "fmin nan first": (F["fmin"], [nan, 2], [0, 1]),
    "max over all": (F["max"], [[3, 1, 3, 3]], [[1 / 3, 0, 1 / 3, 1 / 3]]),
    "max along an axis": (lambda x: x.max(axis=0), [[3, 1, 3]], [[1, 0, 0]]),
    "min along an axis": (lambda x: x.min(axis=-1), [[[1, 1], [2, 0]]], [[[1, 0], [0, 1]]]),
    "max of nan": (F["max"], [[1, nan, 2]], [[0, 1, 0]]),
    "clip low edge": (lambda x: F["clip"](x, 0, 1), [[0, -1e-9]], [[1, 0]]),
    "clip high edge": (lambda x: F["clip"](x, 0, 1), [[1, 1.5]], [[1, 0]]),
    "sqrt": (F["sqrt"], [0], [inf]),
    "cbrt": (F["cbrt"], [0], [inf]),
    "norm": (F["norm"], [[0, 0]], [[0, 0]]),
    "hypot": (F["hypot"], [0, 0], [0, 0]),
    "atan2": (F["arctan2"], [0, 0], [0, 0]),
    "pow(0, 0)": (F["pow"], [0, 0], [0, 0]),
    "pow(0, -1)": (F["pow"], [0, -1], [-inf, -inf]),
    "pow(-2, 2)": (F["pow"], [-2, 2], [-4, nan]),
    "pow(0, 2)": (F["pow"], [0, 2], [0, 0]),
    "pow(2, 1)": (lambda a, b: F["pow"](a, b) * [1, 0], [[2, 0], 1], [[1, 0], 2 * np.log(2)]),
    "1 log 0": (F["xlogy"], [1, 0], [-inf, inf]),
    "0 log 0.5": (F["xlogy"], [0, 0.5], [np.log(0.5), 0]),
    "1 log -1": (F["xlogy"], [1, -1], [nan, -1]),
    "1 log1p -1": (F["xlog1py"], [1, -1], [-inf, inf]),
    "0 log1p -0.75": (F["xlog1py"], [0, -0.75], [np.log1p(-0.75), 0]),
    "0 log nan": (F["xlogy"], [0, nan], [nan, nan]),
    "0 log1p nan": (F["xlog1py"], [0, nan], [nan, nan]),
    "1 log1p -2": (F["xlog1py"], [1, -2], [nan, -1]),
    "x**0 at 0": (lambda x: x**0, [0], [0]),
    "x**1 at 0": (lambda x: x**1, [0], [1]),
    "x**0.5 at 0": (lambda x: x**0.5, [0], [inf]),
    "0**b": (lambda b: 0**b, [[0, 1, 2]], [[0, 0, 0]]),
    "prod with a zero": (F["prod"], [[0, 2, 3]], [[6, 0, 0]]),
    "prod with two zeros": (F["prod"], [[0, 2, 0]], [[0, 0, 0]]),
    "where, masked": (lambda x: F["where"](x > 0, F["sqrt"](x), 0), [0], [nan]),
    "where, double": (
        lambda x: F["where"](x > 0, F["sqrt"](F["where"](x > 0, x, 1)), 0),
        [0],
        [0],
    ),
    "log": (F["log"], [0], [inf]),
    "asin": (F["arcsin"], [1], [inf]),
    "acosh": (F["arccosh"], [1], [inf]),
    "norm of order 3": (lambda x: F["vector_norm"](x, 3), [[0, 0]], [[0, 0]]),
    "norm of order 3, of a zero": (lambda x: F["vector_norm"](x, 3), [[0, 2]], [[0, 1]]),
    "norm of order -1, of a zero": (lambda x: F["vector_norm"](x, -1), [[0, 2]], [[0, 0]]),
    "norm of order 0.5": (lambda x: F["vector_norm"](x, 0.5), [[0, 2]], [[0, 1]]),
    "var, one number": (lambda x: F["var"](x, ddof=1), [[2]], [[nan]]),
    "var, less than none": (lambda x: F["var"](x, ddof=3), [[2, 3]], [[-inf, inf]]),
    "sgn of a complex 0": (lambda z: F["sgn"](z).real, [[0j, 2]], [[0, 0]]),
    "angle of a complex 0": (F["angle"], [[0j, 2]], [[0, 0.5j]]),
    "softplus at its threshold": (lambda x: F["softplus"](x, 1, 1), [1], [1 / (1 + np.exp(-1))]),
    "bce where it is first held": (lambda x: F["bce"](x, 1.0), [LEAST], [-1 / LEAST]),
    "bce of an impossible target": (F["bce"], [0, 1], [-1e12, 100]),
    "bce of another": (F["bce"], [1, 0], [1e12, -100]),
    "sign, floor, round": (lambda x: F["sign"](x) + F["floor"](x) + F["round"](x), [1], [0]),
    "heaviside": (F["heaviside"], [0, 0.5], [0, 1]),
    "copysign": (F["copysign"], [0, -1], [0, 0]),
    "sinc": (F["sinc"], [0], [0]),
    "std of equal numbers": (F["std"], [[0.1, 0.1, 0.1]], [[0, 0, 0]]),
    "vector norm, origin": (lambda x: F["vector_norm"](x, 3), [[0, 0]], [[0, 0]]),
    "vector norm of order 1/2": (lambda x: F["vector_norm"](x, 0.5), [[4, 0]], [[1, 0]]),
    "cumprod with zeros": (F["cumprod"], [[2, 0, 3, 0]], [[1, 8, 0, 0]]),
    "cummax, tie": (F["cummax"], [[1, 3, 3, 2]], [[1, 3, 0, 0]]),
    "cummin, tie": (F["cummin"], [[2, 1, 1]], [[1, 2, 0]]),
    "sort, tie": (lambda x: x.sort() * [1, 2, 3], [[2, 1, 1]], [[3, 1, 2]]),
    "sort, descending, tie": (lambda x: x.sort(descending=True)[0], [[1, 2, 2]], [[0, 1, 0]]),
    "unique, of equal numbers": (lambda x: F["unique"](x) * [1, 2], [[2, 1, 2]], [[2, 1, 0]]),
    "median, tie": (F["median"], [[2, 1, 2, 5]], [[0.5, 0, 0.5, 0]]),
    "median of nan": (F["median"], [[2, nan, 1]], [[0, 1, 0]]),
    "nansum": (F["nansum"], [[1, nan]], [[1, 0]]),
    "nanmax": (F["nanmax"], [[1, nan, 3]], [[0, 0, 1]]),
    "scatter to one place": (lambda v: F["scatter"]([0.0], 0, [0, 0], v), [[5, 7]], [[0, 1]]),
}

# where the slope has a limit, or the range of numbers is left in between only
INFINITIES: dict[str, tuple[Any, list[Any], list[Any]]] = {
    "erf": (F["erf"], [[inf, -inf]], [[0, 0]]),
    "log_ndtr": (F["log_ndtr"], [[-1e200, 40]], [[1e200, 0]]),
    "j1": (F["j1"], [0], [0.5]),
    "lambertw": (F["lambertw"], [0], [1]),
    "gammainc, far out": (F["gammainc"], [2, inf], [0, 0]),
    "tanh": (F["tanh"], [inf], [0]),
    "atan": (F["arctan"], [-inf], [0]),
    "exp": (F["exp"], [-inf], [0]),
    "expm1": (F["expm1"], [-inf], [0]),
    "log": (F["log"], [inf], [0]),
    "sqrt": (F["sqrt"], [inf], [0]),
    "asinh": (F["arcsinh"], [[1e200, inf]], [[1e-200, 0]]),
    "reciprocal": (lambda x: 1 / x, [inf], [0]),
    "div": (F["div"], [1, inf], [0, 0]),
    "div of large numbers": (F["div"], [1e200, 1e200], [1e-200, -1e-200]),
    "logaddexp": (F["logaddexp"], [inf, 1], [1, 0]),
    "logaddexp of nothing": (F["logaddexp"], [-inf, 1], [0, 1]),
    "logsumexp": (F["logsumexp"], [[inf, 1]], [[1, 0]]),
    "logsumexp, large": (F["logsumexp"], [[1000, 1000]], [[0.5, 0.5]]),
    "logaddexp of nothings": (F["logaddexp"], [-inf, -inf], [0.5, 0.5]),
    "logsumexp of nothings": (F["logsumexp"], [[-inf, -inf]], [[0.5, 0.5]]),
    "logsumexp of nothing": (F["logsumexp"], [[-inf, 1]], [[0, 1]]),
    "norm, large": (F["norm"], [[3e200, 4e200]], [[0.6, 0.8]]),
    "norm, small": (F["norm"], [[3e-200, 4e-200]], [[0.6, 0.8]]),
    "hypot, large": (F["hypot"], [3e200, 4e200], [0.6, 0.8]),
    "atan2, large": (F["arctan2"], [1e200, 1e200], [5e-201, -5e-201]),
    "acosh, large": (F["arccosh"], [1e300], [1e-300]),
    "max of inf": (F["max"], [[inf, 1]], [[1, 0]]),
    "prod": (F["prod"], [[0, inf]], [[inf, 0]]),
    "std, large": (F["std"], [[-3e200, 3e200]], [[-0.5, 0.5]]),
    "vector norm, large": (lambda x: F["vector_norm"](x, 3), [[1e200, 0, 1e-200]], [[1, 0, 0]]),
    "logcumsumexp, large": (F["logcumsumexp"], [[1000, 1000]], [[1.5, 0.5]]),
    "logcumsumexp of nothing": (F["logcumsumexp"], [[-inf, 1]], [[1, 1]]),
    "logcumsumexp of nothings": (F["logcumsumexp"], [[-inf, -inf]], [[1.5, 0.5]]),
    "logcumsumexp after infinity": (F["logcumsumexp"], [[inf, 1]], [[2, 0]]),
    "logcumsumexp before infinity": (F["logcumsumexp"], [[1, inf]], [[1, 1]]),
}


def gradients(function: Any, operands: list[Any], seed: Any = None) -> list[Any]:
    inputs = [tensor(x, requires_grad=True) for x in operands]
    y = function(*inputs)
    found = autograd.grad(y, inputs, 1.0 if seed is None else seed, materialize_grads=True)
    return [g.tolist() for g in found]


@pytest.mark.parametrize("name", KINKS)
def test_kink(name: str) -> None:
    function, operands, expected = KINKS[name]
    for g, e in zip(gradients(function, operands), expected, strict=True):
        np.testing.assert_array_equal(g, e)


FINITE = [name for name, row in KINKS.items() if all(np.all(np.isfinite(e)) for e in row[2])]


@pytest.mark.parametrize("name", FINITE)
def test_batches_and_tangents_follow_the_same_convention(name: str) -> None:
    function, operands, expected = KINKS[name]
    inputs = [tensor(x, requires_grad=True) for x in operands]
    y = function(*inputs)
    seeds = np.stack([np.full(y.shape, n, y.dtype) for n in (1, 2, 3)])
    found = run({edge(y): seeds}, batch=1, retain=True)
    moves = [np.cos(np.arange(x.size)).reshape(x.shape) for x in inputs]
    pairs = [(np.asarray(e), m) for e, m in zip(expected, moves, strict=True)]
    for x, (e, _) in zip(inputs, pairs, strict=True):
        np.testing.assert_allclose(found[edge(x)], [e, 2 * e, 3 * e], rtol=1e-15)
    t = push(edge(y), {edge(x): m for x, m in zip(inputs, moves, strict=True)})
    total = sum(np.sum(np.real(e) * m) for e, m in pairs)
    np.testing.assert_allclose(np.sum(t), total, rtol=1e-14, atol=1e-15)


@pytest.mark.parametrize("name", FINITE)
def test_second_derivatives_at_kinks_are_finite(name: str) -> None:
    function, operands, _ = KINKS[name]
    inputs = [tensor(x, requires_grad=True) for x in operands]
    y = F["sum"](function(*inputs).real)
    options = {"create_graph": True, "materialize_grads": True}
    slopes = sum(F["sum"](g.real) for g in autograd.grad(y, inputs, **options))
    if slopes.requires_grad:
        for second in autograd.grad(slopes, inputs, materialize_grads=True):
            assert np.all(np.isfinite(second.value))


@pytest.mark.parametrize("name", INFINITIES)
def test_infinity(name: str) -> None:
    function, operands, expected = INFINITIES[name]
    for g, e in zip(gradients(function, operands), expected, strict=True):
        np.testing.assert_allclose(g, e, rtol=1e-15)


# An infinite cotangent of an element that was not chosen must not become 0 * inf.
CHOICES: dict[str, tuple[Any, list[Any], Any, list[Any]]] = {
    "where": (
        lambda a, b: F["where"]([True, False], a, b),
        [[1, 2], [3, 4]],
        [inf, inf],
        [[inf, 0], [0, inf]],
    ),
    "maximum": (F["maximum"], [[1, 2], [0, 3]], [inf, inf], [[inf, 0], [0, inf]]),
    "fmin": (F["fmin"], [[1, 2], [0, 3]], [inf, inf], [[0, inf], [inf, 0]]),
    "max": (F["max"], [[1, 2]], inf, [[0, inf]]),
    "max along": (lambda x: x.max(axis=0), [[1, 2]], inf, [[0, inf]]),
    "clip": (lambda x: F["clip"](x, 0, 1), [[0.5, 2]], [inf, inf], [[inf, 0]]),
    "getitem": (lambda x: x[0], [[1, 2]], inf, [[inf, 0]]),
    "floor": (F["floor"], [0.5], inf, [0]),
    "x**0": (lambda x: x**0, [3.0], inf, [0]),
}


@pytest.mark.parametrize("name", CHOICES)
def test_infinite_cotangents_reach_only_what_was_chosen(name: str) -> None:
    function, operands, seed, expected = CHOICES[name]
    for g, e in zip(gradients(function, operands, seed), expected, strict=True):
        np.testing.assert_array_equal(g, e)


@pytest.mark.parametrize("name", CHOICES)
def test_infinite_tangents_move_nothing_unless_chosen(name: str) -> None:
    function, operands, _, expected = CHOICES[name]
    inputs = [tensor(x, requires_grad=True) for x in operands]
    moves = [np.where(np.equal(e, 0), inf, 1.0) for e in expected]
    t = push(edge(function(*inputs)), dict(zip(map(edge, inputs), moves, strict=True)))
    assert np.all(np.isfinite(t))


@pytest.mark.parametrize("point", [[0, 40, 1], [40, 0, 1], [0, 1, 40]])
def test_terms_that_rounding_makes_equal_to_the_sum_still_depend_on_all(
    point: list[float],
) -> None:
    """Of log(sum(exp(x))) the second derivatives are -p_i p_j beside the diagonal."""
    x = tensor(np.array(point, float), requires_grad=True)
    (slope,) = autograd.grad(F["logsumexp"](x), x, create_graph=True)
    rows = [autograd.grad(slope[k], x, retain_graph=True)[0].value for k in range(3)]
    p = np.exp(np.array(point, float) - 40)
    for i, j in ((0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1)):
        np.testing.assert_allclose(rows[i][j], -p[i] * p[j], rtol=1e-12)
