"""Jacobians and Hessians: three ways that must agree, for every row and for whole functions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from engine_calls import CALLS, Call, leaves

from gradcli.engine import autograd
from gradcli.engine.autograd import saved_result
from gradcli.engine.compiled import compile
from gradcli.engine.functions import FUNCTIONS as F
from gradcli.engine.graph import here
from gradcli.engine.jacobians import by_columns, by_rows, hessian_of, jacobian_of, sparse_terms
from gradcli.engine.sparse import dense, push_terms, recorded_dense
from gradcli.engine.tensor import edge, tensor
from gradcli.engine.transforms import grad, hessian, hvp, jacobian, jvp, stop_gradient, vjp, vmap
from gradcli.errors import GradcliError, SeedNeeded, ShapeMismatch, WrongType


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.label)
def test_rows_columns_and_sparse_terms_agree(call: Call) -> None:
    inputs = leaves(call)
    y = call.function(*inputs)
    root = edge(y)
    assert root is not None
    rows, columns = by_rows(root, y, inputs), by_columns(root, y, inputs)
    np.testing.assert_allclose(columns, rows, rtol=1e-12, atol=1e-13)
    places = [edge(x) for x in inputs]
    terms = sparse_terms(root, y, inputs, places)
    again = sparse_terms(root, y, inputs, places, saved_result)
    assert (terms is None) == (again is None)
    if terms is not None and again is not None:
        found = dense(terms, *rows.shape, rows.dtype)
        np.testing.assert_allclose(found, rows, rtol=1e-12, atol=1e-13)
        np.testing.assert_array_equal(recorded_dense(again, *rows.shape, rows.dtype).value, found)


def rosenbrock(x: Any) -> Any:
    return F["sum"](100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def test_the_hessian_of_rosenbrocks_function_is_tridiagonal_and_found_sparsely() -> None:
    x = tensor(np.linspace(-1, 2, 50), requires_grad=True)
    (g,) = autograd.grad(rosenbrock(x), [x], create_graph=True)
    terms = push_terms(edge(g), {edge(x): [(np.arange(50), np.ones(50))]})
    assert terms is not None
    assert len(terms) == 4  # where a shift puts a zero, a term of its own
    h = hessian(rosenbrock)(x).detach().numpy()
    v = x.detach().numpy()
    diagonal = np.zeros(50)
    diagonal[:-1] += 1200 * v[:-1] ** 2 - 400 * v[1:] + 2
    diagonal[1:] += 200
    expected = np.diag(diagonal) + np.diag(-400 * v[:-1], 1) + np.diag(-400 * v[:-1], -1)
    np.testing.assert_allclose(h, expected, rtol=1e-13)


W = np.random.default_rng(0).normal(size=(4, 3))


FUNCTIONS: list[tuple[Any, Any]] = [
    (lambda x: x * x[0], [1.0, 2.0, 3.0]),
    (lambda x: F["tanh"](W @ x), [1.0, 2.0, 3.0]),
    (lambda x: W.T @ F["tanh"](W @ x), [1.0, 2.0, 3.0]),
    (lambda x: F["outer"](x, x) * F["sum"](x), [1.0, 2.0]),
    (lambda x: F["sum"](x * x), [[1.0, 2.0], [3.0, 4.0]]),
    (lambda x: F["concatenate"]([x[::-1], x**2]), [1.0, 2.0]),
    (F["sin"], 0.5),
    (lambda x: tensor([1.0, 2.0]), [1.0]),
    (lambda x: F["stack"](list(x.split(1)[::-1])), [1.0, 2.0]),
]


@pytest.mark.parametrize(("function", "at"), FUNCTIONS)
def test_jacobians_against_differences(function: Any, at: Any) -> None:
    x, h = np.asarray(at), 1e-6
    j = jacobian(function)(x).numpy()
    y = np.asarray(function(tensor(x)).value)
    assert j.shape == y.shape + x.shape
    for k in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[k] = h
        above, below = function(tensor(x + step)).value, function(tensor(x - step)).value
        np.testing.assert_allclose(j[(..., *k)], (above - below) / (2 * h), rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize(("function", "at"), FUNCTIONS)
def test_hessians_are_jacobians_of_gradients(function: Any, at: Any) -> None:
    def number(x: Any) -> Any:
        return F["sum"](F["sin"](function(x)))

    h = hessian(number)(at)
    np.testing.assert_allclose(h.numpy(), jacobian(grad(number))(at).numpy(), rtol=1e-12)
    v = np.ones_like(np.asarray(at, float))
    product = np.tensordot(h.numpy(), v, v.ndim)
    np.testing.assert_allclose(hvp(number, at, v).numpy(), product, rtol=1e-12, atol=1e-14)


def test_several_arguments_and_results() -> None:
    j = jacobian(lambda x, y: x * y, (0, 1))([1.0, 2.0], 3.0)
    assert [part.tolist() for part in j] == [[[3, 0], [0, 3]], [1, 2]]
    first, second = jacobian(lambda x: (x * 2, F["sum"](x)))([1.0, 2.0])
    assert first.tolist() == [[2, 0], [0, 2]]
    assert second.tolist() == [1, 1]
    blocks = hessian(lambda x, y: x * x * y, (0, 1))(2.0, 3.0)
    assert [[part.item() for part in row] for row in blocks] == [[6, 4], [4, 0]]


def test_they_stay_differentiable_where_something_outside_needs_it() -> None:
    a = tensor(2.0, requires_grad=True)
    j = jacobian(lambda x: x**3 * a)([1.0, 2.0])
    F["sum"](j).backward()
    assert a.grad is not None
    assert a.grad.item() == 15
    third = grad(hessian(lambda y: y**4))(3.0)
    assert third.item() == 72
    nested = grad(lambda x: jvp(lambda y: y * y * x, [x], [1.0])[1])(3.0)
    assert nested.item() == 12
    product = grad(lambda x: hvp(lambda y: F["sum"](y**3), x, [1.0, 0.0])[0])([2.0, 1.0])
    assert product.tolist() == [6, 0]


def test_an_exact_zero_beside_an_infinite_slope() -> None:
    root = jacobian(F["sqrt"])
    assert root([0.0, 4.0]).tolist() == [[np.inf, 0], [0, 0.25]]
    with np.errstate(divide="ignore"):
        assert compile(root)(np.array([0.0, 4.0])).tolist() == [[np.inf, 0], [0, 0.25]]


def test_vjp_and_jvp() -> None:
    y, pullback = vjp(lambda x, w: x * w, [1.0, 2.0], [3.0, 4.0])
    assert y.tolist() == [3, 8]
    for _ in range(2):
        assert [g.tolist() for g in pullback([1.0, 10.0])] == [[3, 40], [1, 20]]
    y, t = jvp(lambda x: F["sum"](x * x), [[1.0, 2.0]], [[1.0, 1.0]])
    assert (y.item(), t.item()) == (5, 6)
    assert jvp(lambda x: tensor(3.0), [1.0], [1.0])[1].item() == 0
    with pytest.raises(ShapeMismatch):
        jvp(F["sin"], [[1.0, 2.0]], [1.0])
    with pytest.raises(WrongType):
        jvp(F["sin"], [1.0], [])


def test_vmap_is_a_loop() -> None:
    x, w = np.arange(6.0).reshape(2, 3), np.arange(3.0)
    assert vmap(lambda row: row @ row)(x).tolist() == [5, 50]
    assert vmap(lambda row, v: row @ v, (0, None))(x, w).tolist() == [5, 14]
    assert vmap(F["sum"], 1)(x).tolist() == [3, 5, 7]
    assert vmap(grad(lambda v: v**3))([1.0, 2.0]).tolist() == [3, 12]
    with pytest.raises(ShapeMismatch):
        vmap(lambda a, b: a + b)([1.0], [1.0, 2.0])


def test_stop_gradient() -> None:
    assert grad(lambda x: x * stop_gradient(x))(3.0).item() == 3


def test_long_jacobians_tell_their_progress() -> None:
    seen: list[tuple[int, int]] = []
    here.state.progress = lambda done, every: seen.append((done, every))
    try:
        big = tensor(np.ones(1000), requires_grad=True)
        jacobian_of(big * F["sum"](big), [big])
    finally:
        here.state.progress = None
    assert seen[-1] == (1000, 1000)
    assert len(seen) > 3


def test_errors() -> None:
    with pytest.raises(SeedNeeded):
        hessian(lambda x: x)([1.0, 2.0])
    with pytest.raises(GradcliError):
        jacobian(lambda x: "text")(1.0)
    assert hessian_of(tensor(1.0), [tensor(2.0, requires_grad=True)])[0][0].item() == 0


def test_complex_jacobians_are_conjugated_whatever_their_shape() -> None:
    """As gradients are: rows are what a pass gives, of tall Jacobians too."""
    z = np.array([1 + 2j])
    assert jacobian(lambda z: z * z)(z).tolist() == [[2 - 4j]]
    tall = jacobian(lambda z: z * z * np.array([1.0, 1.0, 1.0]))(z)
    assert tall.tolist() == [[2 - 4j]] * 3
