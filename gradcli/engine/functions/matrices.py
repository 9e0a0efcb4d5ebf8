"""Systems and factorizations of matrices by the names that numpy and PyTorch give them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradcli.engine.apply import record
from gradcli.engine.functions.registry import FUNCTIONS, named
from gradcli.engine.notice import warn
from gradcli.engine.operands import as_operand
from gradcli.engine.ops import TABLE
from gradcli.engine.ops.matrices import adjoint, matrix_arguments, square_arguments
from gradcli.engine.ops.systems import is_vector
from gradcli.engine.tensor import Tensor
from gradcli.errors import ShapeMismatch, WrongType, WrongValue


def matrix(x: Any) -> Tensor:
    x = as_operand(x)
    matrix_arguments(x)
    return x  # type: ignore[no-any-return]  # as_operand gives a Tensor


def hermitian(x: Any) -> Tensor:
    """Square, and symmetric: of anything else the symmetric part is taken, with a warning."""
    x = as_operand(x)
    square_arguments(x)
    value = x.value
    if value.dtype.kind in "fc" and value.size:
        off = np.max(np.abs(value - adjoint(value)))
        if off > math.sqrt(np.finfo(value.dtype).eps) * np.max(np.abs(value)):
            warn("the matrix is not symmetric: its symmetric part (A + A^H)/2 is taken")
    return x  # type: ignore[no-any-return]  # as_operand gives a Tensor


def flag(value: Any, name: str) -> bool:
    if not isinstance(value, bool | np.bool_):
        raise WrongType(f"{name} is True or False")
    return bool(value)


# ---- systems ------------------------------------------------------------------------------------


@named("solve", numpy=(np.linalg.solve,))
def solve(a: Any, b: Any) -> Any:
    """x with a @ x = b, for a vector b or matrices of columns."""
    a = as_operand(a)
    b = as_operand(b, a.value)
    return record(TABLE["solve"], (a, b), (is_vector(a, b),))


@named("solve_triangular")
def solve_triangular(
    a: Any, b: Any, upper: Any = None, lower: Any = None, unitriangular: Any = False
) -> Any:
    """x with a @ x = b, where only a's upper or lower triangle is read.

    With `unitriangular` its diagonal counts as ones.
    """
    if (upper is None) == (lower is None):
        raise WrongValue("solve_triangular takes upper=True or lower=True")
    is_upper = flag(upper, "upper") if lower is None else not flag(lower, "lower")
    a = as_operand(a)
    b = as_operand(b, a.value)
    static = (is_upper, flag(unitriangular, "unitriangular"), is_vector(a, b))
    return record(TABLE["solve_triangular"], (a, b), static)


@named("cholesky_solve")
def cholesky_solve(b: Any, factor: Any, upper: Any = False) -> Any:
    """x with a @ x = b, of the Cholesky factor of a (see cholesky)."""
    factor = matrix(factor)
    low = adjoint(factor) if flag(upper, "upper") else factor
    return solve_triangular(adjoint(low), solve_triangular(low, b, lower=True), upper=True)


@named("lstsq", numpy=(np.linalg.lstsq,))
def lstsq(a: Any, b: Any, rcond: Any = None) -> Any:
    """The x of least norm among those that make |a @ x - b| least.

    Returns x, the squared residuals (empty where a has no full column rank or no rows to spare),
    the rank of a and its singular values. Singular values up to `rcond` times the largest count as
    zero; gradients hold as long as the rank stays what it is.
    """
    a = matrix(a)
    b = as_operand(b, a.value)
    m, n = a.shape[-2:]
    if not b.ndim or b.shape[-2 if b.ndim > 1 else -1] != m:
        raise ShapeMismatch(f"lstsq: shapes {a.shape} and {b.shape} do not fit")
    x = FUNCTIONS["pinv"](a, rcond) @ b
    rank, values = rank_and_values(a, rcond)
    rest = b - a @ x
    if m > n and np.all(rank.value == n):
        squares = FUNCTIONS["sum"](FUNCTIONS["abs"](rest) ** 2, -2 if b.ndim > 1 else -1)
        return x, squares if squares.ndim else squares.reshape((1,)), rank, values
    return x, Tensor(np.zeros(0, values.dtype)), rank, values


def rank_and_values(x: Tensor, rcond: Any) -> tuple[Tensor, Tensor]:
    """How many singular values are over `rcond` times the largest, and all of them: constants."""
    _, (least,) = TABLE["pinv"].bind(x, rcond)  # type: ignore[misc]  # it has one
    values = svdvals(x.detach())
    if not values.shape[-1]:
        return Tensor(np.zeros(values.shape[:-1], np.int64)), values
    return FUNCTIONS["sum"](values > values[..., :1] * least, -1), values


@named("matrix_rank", numpy=(np.linalg.matrix_rank,))
def matrix_rank(x: Any, rcond: Any = None) -> Any:
    """How many singular values are over `rcond` times the largest; a constant."""
    return rank_and_values(matrix(x), rcond)[0]


@named("logdet")
def logdet(x: Any) -> Any:
    """The logarithm of the determinant: nan for a negative one, -inf for a singular matrix."""
    sign, size = FUNCTIONS["slogdet"](x)
    return FUNCTIONS["log"](sign) + size


# ---- factorizations -----------------------------------------------------------------------------


@named("cholesky", numpy=(np.linalg.cholesky,))
def cholesky(x: Any, upper: Any = False) -> Any:
    """The lower triangular L with L L^H = x; with `upper`, L^H."""
    y = record(TABLE["cholesky"], (hermitian(x),), ())
    return adjoint(y) if flag(upper, "upper") else y


@named("qr", numpy=(np.linalg.qr,))
def qr(x: Any, mode: Any = "reduced") -> Any:
    """Q with orthonormal columns and R upper triangular, Q R = x; or R alone, with mode="r"."""
    if not isinstance(mode, str) or mode not in ("reduced", "r"):
        raise WrongValue("qr's mode is 'reduced' or 'r'")
    q, r = record(TABLE["qr"], (matrix(x),), ())
    return r if mode == "r" else (q, r)


@named("lu")
def lu(x: Any) -> Any:
    """The permutation P, L lower triangular with ones on its diagonal, and U, with P L U = x."""
    p, low, up = record(TABLE["lu"], (matrix(x),), ())
    return p.astype(low.dtype), low, up


@named("eigh", numpy=(np.linalg.eigh,))
def eigh(x: Any) -> Any:
    """Eigenvalues, ascending, and eigenvectors (columns) of a symmetric or Hermitian matrix."""
    return record(TABLE["eigh"], (hermitian(x),), ())


@named("eigvalsh", numpy=(np.linalg.eigvalsh,))
def eigvalsh(x: Any) -> Any:
    """Eigenvalues, ascending, of a symmetric or Hermitian matrix."""
    return eigh(x)[0]


@named("svd")
def svd(x: Any, full_matrices: Any = False) -> Any:
    """U, s and V^H with U diag(s) V^H = x; s descends, and U and V are as thin as they can be."""
    x = matrix(x)
    if flag(full_matrices, "full_matrices") and x.shape[-1] != x.shape[-2]:
        raise WrongValue("svd gives thin matrices only", hint="full_matrices=False")
    return record(TABLE["svd"], (x,), ())


@named(numpy=(np.linalg.svd,))
def numpy_svd(a: Any, full_matrices: Any = True, compute_uv: Any = True) -> Any:
    """svd with numpy's defaults."""
    return svd(a, full_matrices) if flag(compute_uv, "compute_uv") else svdvals(a)


@named("svdvals", numpy=(np.linalg.svdvals,))
def svdvals(x: Any) -> Any:
    """Singular values, descending."""
    return svd(x)[1]
