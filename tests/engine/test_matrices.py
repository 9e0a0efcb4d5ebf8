"""Matrices: values against numpy, gradients of singular ones, and what is refused."""

from __future__ import annotations

import itertools
from contextlib import nullcontext
from typing import Any

import numpy as np
import pytest

from gradcli.engine import autograd
from gradcli.engine.functions import FUNCTIONS as F
from gradcli.engine.kinks import kinks
from gradcli.engine.notice import GradWarning
from gradcli.engine.ops import factorization
from gradcli.engine.tensor import Tensor, edge, tensor
from gradcli.engine.transforms import jvp
from gradcli.errors import DomainError, ShapeMismatch, WrongValue

rng = np.random.default_rng(0)
A, B, C = rng.normal(size=(3, 4, 4))
T, U = rng.normal(size=(2, 2, 3, 4))
V, W = rng.normal(size=(2, 3))
Z = A + 1j * B

# what gives numpy's value, called with arrays and with tensors
ALIKE: dict[str, tuple[Any, ...]] = {
    "dot of a stack": (np.dot, A[:3, :3], T),
    "inner of matrices": (np.inner, A, B),
    "inner of a stack": (np.inner, T, A),
    "vdot": (np.vdot, Z, A),
    "outer of matrices": (np.outer, A, V),
    "kron": (np.kron, A, V),
    "kron of stacks": (np.kron, T, A),
    "cross": (np.cross, V, W),
    "tensordot": (lambda a, b: np.tensordot(a, b, 1), T, A),
    "tensordot over lists": (lambda a, b: np.tensordot(a, b, ([1, 0], [1, 0])), T, U),
    "tensordot over nothing": (lambda a, b: np.tensordot(a, b, 0), V, W),
    "multi_dot": (lambda *xs: np.linalg.multi_dot(list(xs)), V, A[:3], B, C[:, :2]),
    "multi_dot of vectors": (lambda *xs: np.linalg.multi_dot(list(xs)), V, A[:3], B[0]),
    "matrix_power": (lambda a: np.linalg.matrix_power(a, 5), A),
    "matrix_power 0": (lambda a: np.linalg.matrix_power(a, 0), A),
    "matrix_power -2": (lambda a: np.linalg.matrix_power(a, -2), A),
    "vander": (np.vander, V),
    "vander, increasing": (lambda v: np.vander(v, 5, increasing=True), V),
    "trace": (np.trace, A),
    "trace of a stack": (lambda t: np.trace(t, 1, 2, 1), T),
    "det": (np.linalg.det, Z),
    "slogdet": (np.linalg.slogdet, Z),
    "inv": (np.linalg.inv, Z),
    "solve": (np.linalg.solve, A, B),
    "lstsq": (np.linalg.lstsq, A[:, :2], B[0]),
    "lstsq, wide": (np.linalg.lstsq, A[:2], B[:2]),
    "pinv": (np.linalg.pinv, T),
    "qr": (np.linalg.qr, Z),
    "qr, wide": (np.linalg.qr, A[:2]),
    "eigh": (np.linalg.eigh, A + A.T),
    "svd": (lambda a: np.linalg.svd(a, full_matrices=False), T),
    "matrix_rank": (np.linalg.matrix_rank, A[:, :1] * B[0]),
    "cond": (np.linalg.cond, T),
    "cond 1": (lambda a: np.linalg.cond(a, 1), A),
    **{
        f"norm {order}": (lambda a, order=order: np.linalg.norm(a, order), A)
        for order in ("fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf)
    },
    "norm along two axes": (lambda t: np.linalg.norm(t, 1, (2, 0), keepdims=True), T),
    "norm of order 2 along two axes": (lambda t: np.linalg.norm(t, 2, (0, 2), True), T),
    "norm along one axis": (lambda t: np.linalg.norm(t, 3, 1), T),
}


@pytest.mark.parametrize("name", ALIKE)
def test_numpy_gives_tensors_what_it_gives_arrays(name: str) -> None:
    function, *arrays = ALIKE[name]
    expected = function(*arrays)
    found = function(*map(tensor, arrays))
    pairs = zip(found, expected, strict=True) if type(found) is tuple else [(found, expected)]
    for y, e in pairs:
        assert isinstance(y, Tensor)
        assert y.shape == np.shape(e)
        np.testing.assert_allclose(y.value, e, rtol=1e-12, atol=1e-13)


def test_lu_multiplies_to_the_matrix() -> None:
    for x in (A, Z, T, A[:, :2], np.zeros((3, 3)), np.array([[0.0, 1], [1, 0]])):
        p, low, up = F["lu"](tensor(x))
        np.testing.assert_allclose((p @ low @ up).value, x, atol=1e-14)
        assert np.max(np.abs(low.value)) <= 1


@pytest.mark.parametrize("scale", [1e-8, 1, 100])
def test_the_exponential_of_a_rotation_is_one(scale: float) -> None:
    y = F["expm"](tensor([[0, -scale], [scale, 0]]))
    c, s = np.cos(scale), np.sin(scale)
    np.testing.assert_allclose(y.value, [[c, -s], [s, c]], atol=1e-15 * max(1, scale))


def test_triangles_are_all_that_is_read() -> None:
    x = F["solve_triangular"](A, V4 := rng.normal(size=4), lower=True)
    np.testing.assert_allclose(np.tril(A) @ x.value, V4)
    x = F["solve_triangular"](A, V4, upper=True, unitriangular=True)
    np.testing.assert_allclose((np.triu(A, 1) + np.eye(4)) @ x.value, V4)


# ---- singular matrices --------------------------------------------------------------------------


def cofactors(a: np.ndarray) -> np.ndarray:
    n = len(a)
    minors = [
        np.linalg.det(np.delete(np.delete(a, i, 0), j, 1)) * (-1) ** (i + j)
        for i, j in itertools.product(range(n), repeat=2)
    ]
    return np.reshape(minors, a.shape)


SINGULAR = {
    "rank 2 of 3": np.array([[1.0, 2, 3], [4, 5, 6], [7, 8, 9]]),
    "rank 1 of 2": np.array([[1.0, 2], [2, 4]]),
    "rank 1 of 3": np.outer([1.0, 2, 3], [1, -1, 2]),
    "nothing": np.zeros((2, 2)),
    "one number": np.zeros((1, 1)),
    "nearly": np.diag([1.0, 1, 1e-200]),
}


@pytest.mark.parametrize("name", SINGULAR)
def test_det_of_singular_matrices_has_its_gradient(name: str) -> None:
    x = tensor(SINGULAR[name], requires_grad=True)
    (g,) = autograd.grad(F["det"](x), [x])
    np.testing.assert_allclose(g.value, cofactors(SINGULAR[name]), atol=1e-14)


def test_det_of_singular_matrices_has_its_second_and_third_derivative() -> None:
    x = tensor(np.zeros((3, 3)), requires_grad=True)
    y = F["det"](x)
    for k in range(3):
        y = autograd.grad(y, [x], create_graph=True)[0][k, k]
    assert y.item() == 1


SYMMETRIC_FUNCTIONS = {
    "sum": (lambda w: w.sum(), np.eye(3)),
    "sum of squares": (lambda w: (w * w).sum(), 4 * np.eye(3)),
    "product": (lambda w: w.prod(), 4 * np.eye(3)),
}


@pytest.mark.parametrize("name", SYMMETRIC_FUNCTIONS)
def test_symmetric_functions_of_repeated_eigenvalues_have_gradients(name: str) -> None:
    function, expected = SYMMETRIC_FUNCTIONS[name]
    for values in (F["eigvalsh"], F["svdvals"]):
        x = tensor(2 * np.eye(3), requires_grad=True)
        (g,) = autograd.grad(function(values(x)), [x])
        np.testing.assert_allclose(g.value, expected, atol=1e-15)


def test_eigenvectors_of_repeated_eigenvalues_have_none() -> None:
    x = tensor(np.eye(2), requires_grad=True)
    with np.errstate(all="ignore"):
        (g,) = autograd.grad(F["eigh"](x)[1].sum(), [x])
    assert not np.all(np.isfinite(g.value))


ROWS = np.array([[1.0, 2, 3]])
KINKS = {
    "nuclear norm, nothing": (lambda x: F["norm"](x, "nuc"), np.zeros((2, 3)), np.zeros((2, 3))),
    "largest singular value, tie": (lambda x: F["norm"](x, 2), np.eye(2), np.eye(2) / 2),
    "sum of columns, tie": (lambda x: F["norm"](x, 1), np.eye(2), np.eye(2) / 2),
    "distance from itself": (lambda x: F["cdist"](x, ROWS), ROWS, np.zeros((1, 3))),
}


@pytest.mark.parametrize("name", KINKS)
def test_kink(name: str) -> None:
    function, point, expected = KINKS[name]
    x = tensor(point, requires_grad=True)
    (g,) = autograd.grad(F["sum"](function(x)), [x])
    np.testing.assert_allclose(g.value, expected, atol=1e-15)


def test_values_that_meet_are_named_as_a_kink() -> None:
    for function in (F["eigvalsh"], F["svdvals"]):
        for point, met in ((np.eye(2), True), (np.diag([1.0, 2]), False)):
            root = edge(function(tensor(point, requires_grad=True)).sum())
            assert bool([*kinks(root)]) == met


# ---- what is refused ----------------------------------------------------------------------------

ONES = np.ones((2, 2))
REFUSED: dict[str, tuple[Any, type]] = {
    "inv, singular": (lambda: F["inv"](ONES), DomainError),
    "solve, singular": (lambda: F["solve"](ONES, ONES), DomainError),
    "matrix_power, singular": (lambda: F["matrix_power"](ONES, -1), DomainError),
    "solve_triangular, singular": (
        lambda: F["solve_triangular"](np.triu(ONES, 1), ONES, upper=True),
        DomainError,
    ),
    "solve_triangular of any side": (lambda: F["solve_triangular"](ONES, ONES), WrongValue),
    "cholesky, not definite": (lambda: F["cholesky"](-ONES), DomainError),
    "svd of nan": (lambda: F["svd"](ONES * np.nan), DomainError),
    "expm, large": (lambda: F["expm"](ONES * 1e17), DomainError),
    "det, not square": (lambda: F["det"](A[:2]), ShapeMismatch),
    "cross of pairs": (lambda: F["cross"](ONES, ONES), ShapeMismatch),
    "svd, all of U": (lambda: F["svd"](A[:2], True), WrongValue),
    "qr, wide": (lambda: slope(lambda x: F["qr"](x)[0], A[:2]), ShapeMismatch),
    "qr, wide, of a batch": (
        lambda: slope(lambda x: F["qr"](x)[0], C[[[0, 1]] * 5, :3]),
        ShapeMismatch,
    ),
    "lu, wide": (lambda: slope(lambda x: F["lu"](x)[1], A[:2]), ShapeMismatch),
    "lu, wide, forward": (lambda: jvp(lambda x: F["lu"](x)[1], [A[:2]], [A[:2]]), ShapeMismatch),
    "slogdet, singular": (lambda: slope(lambda x: F["slogdet"](x)[1], ONES), DomainError),
    "eigenvectors' phases": (
        lambda: slope(lambda x: F["eigh"](x)[1].real, Z + Z.conj().T),
        DomainError,
    ),
    "left singular vectors' phases": (lambda: slope(lambda x: F["svd"](x)[0].real, Z), DomainError),
    "right singular vectors' phases": (
        lambda: slope(lambda x: F["svd"](x)[2].real, Z),
        DomainError,
    ),
}


def slope(function: Any, point: np.ndarray) -> Any:
    x = tensor(point, requires_grad=True)
    return autograd.grad(F["sum"](function(x)), [x])


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    act, error = REFUSED[name]
    with pytest.raises(error):
        act()


# How far each vector's phase would turn, the cotangent that is measured by, and is it too far.
TURNS = {
    "nothing": ([0.0, 0.0], [[0.0, 0.0], [0.0, 0.0]], False),
    "rounding": ([1e-10, 0.0], [[1.0, 0.0], [0.0, 0.0]], False),
    "rounding of a negative one": ([1e-10], [[-1.0]], False),
    "rounding of a large one": ([100.0], [[1e10]], False),
    "all of a small one": ([1e-10], [[1e-10]], True),
    "back": ([-1.0], [[1.0]], True),
}


@pytest.mark.parametrize("name", TURNS)
def test_phases_are_refused_beyond_rounding(name: str) -> None:
    twist, size, refused = TURNS[name]
    with pytest.raises(DomainError) if refused else nullcontext():
        factorization.refuse_phases(np.array(twist), np.array(size))


@pytest.mark.parametrize("name", ["eigh", "eigvalsh", "cholesky"])
def test_of_a_matrix_that_is_not_symmetric_the_symmetric_part_is_taken(name: str) -> None:
    skewed = np.array([[2.0, 1], [0, 2]])
    with pytest.warns(GradWarning, match="not symmetric"):
        found = F[name](skewed)
    expected = F[name]((skewed + skewed.T) / 2)
    pairs = [(found, expected)] if isinstance(found, Tensor) else zip(found, expected, strict=True)
    for y, e in pairs:
        np.testing.assert_array_equal(y.value, e.value)


def test_the_order_of_a_product_is_the_cheapest() -> None:
    from gradcli.engine.functions.products import best_cuts

    assert best_cuts([10, 100, 5, 50])[0, 2] == 1  # (AB)C: 7,500 multiplications, not 75,000


def test_axes_of_tensordot_may_be_a_table() -> None:
    found = F["tensordot"](T, U, tensor([[1.0, 0], [1, 0]]))
    np.testing.assert_allclose(found.value, np.tensordot(T, U, ([1, 0], [1, 0])))
