"""Determinants, inverses, and systems of linear equations.

The formulas are those of M. Giles, "An extended collection of matrix derivative results for forward
and reverse mode algorithmic differentiation" (2008), and of G. Golub and V. Pereyra (1973) for the
pseudoinverse. All act on the last two axes.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradcli.engine import exact
from gradcli.engine.ops.matrices import (
    adjoint,
    columns,
    diagonal,
    lifted,
    lower,
    matrix_arguments,
    price,
    refusing,
    square_arguments,
    upper,
)
from gradcli.engine.ops.reduction import products_of_others
from gradcli.engine.ops.table import Bound, Value, op
from gradcli.errors import ShapeMismatch, WrongValue

SINGULAR = "the matrix is singular"
NOT_FINITE = "the matrix has nan or infinity in it"

# ---- inverse ------------------------------------------------------------------------------------


@refusing(SINGULAR)
def inverse(x: Value) -> Value:
    return np.linalg.inv(x)


# d(A^-1) = -A^-1 dA A^-1
INV = op(
    "inv",
    inverse,
    lambda g, _x, y: -(y.mT @ g @ y.mT),
    jvp=lambda t, _x, y: -(y @ t @ y),
    saves="y",
    twin=exact.inverse,
    elementwise=False,
    normwise=True,
    work=price(5_000, 20, 0.13),
    node="LinalgInvExBackward0",
    aliases=("inverse",),
    bind=square_arguments,
    numpy=(np.linalg.inv,),
)

# ---- determinant --------------------------------------------------------------------------------

# Up to this condition number (in the 1-norm) cofactors are taken from the inverse.
REGULAR = 1e3


def inverse_if_regular(x: Value) -> Value | None:
    """The inverses, if none of the matrices is near a singular one."""
    try:
        found = np.linalg.inv(x)
    except np.linalg.LinAlgError:
        return None
    sizes = [np.max(np.sum(np.abs(a), axis=-2), axis=-1, initial=0) for a in (x, found)]
    return found if np.all(sizes[0] * sizes[1] < REGULAR) else None


def cofactors(x: Value) -> Value:
    """det(A) A^-T, of singular matrices too: U det(U) diag(products of other s) det(V) V^T."""
    found = inverse_if_regular(x)
    if found is not None:
        return np.linalg.det(x)[..., None, None] * found.mT
    finite = np.all(np.isfinite(x), axis=(-2, -1), keepdims=True)
    u, s, vh = np.linalg.svd(np.where(finite, x, np.nan_to_num(x * 0)))
    signs = np.linalg.det(u) * np.linalg.det(vh)
    others = products_of_others(s)[..., None, :]
    y = signs[..., None, None] * ((np.conj(u) * others) @ np.conj(vh))
    return np.where(finite, y, np.array(np.nan, y.dtype))


def cofactor_slope(g: Value, x: Value, y: Value) -> Value:
    """(<g, C> C - C g^T C) / det A; near singular matrices the same as a polynomial in A."""
    if inverse_if_regular(getattr(x, "value", x)) is None:
        return moving_cofactors(x, g)
    whole = np.sum(g * y, axis=(-2, -1), keepdims=True)
    return (whole * y - y @ g.mT @ y) / DET(x)[..., None, None]


def moving_cofactors(x: Value, t: Value) -> Value:
    """The tangent of C along t by the recursion of Faddeev and LeVerrier, free of divisions by A.

    M <- A M + c I with c = -tr(A M)/k leads from M = I to the adjugate, up to its sign.
    """
    n = x.shape[-1]
    one = np.eye(n, dtype=x.dtype)
    m, dm = one, np.zeros_like(one)
    for k in range(1, n):
        am, dam = x @ m, t @ m + x @ dm
        m = am - np.sum(diagonal(am), axis=-1)[..., None, None] * one / k
        dm = dam - np.sum(diagonal(dam), axis=-1)[..., None, None] * one / k
    return np.broadcast_to((dm if n % 2 else -dm).mT, t.shape)


def cofactor_work(x: Value) -> float:
    """With the rule's n products of matrices, where they are near singular ones."""
    return price(30_000, 300, 2.2)(x) + 0.08 * float(x.size) * float(x.shape[-1]) ** 2


COFACTOR = op(
    "cofactor",
    cofactors,
    cofactor_slope,
    jvp=cofactor_slope,  # the second derivative of det is symmetric
    saves="xy",
    twin=exact.cofactors,
    elementwise=False,
    normwise=True,
    work=cofactor_work,
    node="CofactorBackward0",
    public=False,
    numpy=(),
)
# d det A = <C, dA>, by the matrix of cofactors (Jacobi), which singular matrices have as well. The
# price is that of the rule.
DET = op(
    "det",
    np.linalg.det,
    lambda g, x, _y: g[..., None, None] * COFACTOR(x),
    jvp=lambda t, x, _y: np.sum(COFACTOR(x) * t, axis=(-2, -1)),
    saves="x",
    twin=exact.determinant,
    elementwise=False,
    normwise=True,
    work=price(15_000, 150, 1.1),
    node="LinalgDetBackward0",
    bind=square_arguments,
    numpy=(np.linalg.det,),
)


def slogdet_slope(g: Any, x: Value, _y: Any) -> Value:
    """d log det A = tr(A^-1 dA): its real part moves log|det|, the imaginary one turns the sign."""
    of_sign, of_size = g
    weight: Value = of_sign * 0 if of_size is None else of_size
    if of_sign is not None and x.dtype.kind == "c":
        weight = weight - 1j * np.imag(np.conj(of_sign) * SLOGDET(x)[0])
    return weight[..., None, None] * adjoint(INV(x))


def slogdet_push(t: Value, x: Value, _y: Any) -> tuple[Value, Value]:
    turn = np.sum(INV(x).mT * t, axis=(-2, -1))
    if x.dtype.kind != "c":
        return turn * 0, turn
    return 1j * SLOGDET(x)[0] * np.imag(turn), np.real(turn)


SLOGDET = op(
    "slogdet",
    lambda x: tuple(np.linalg.slogdet(x)),
    slogdet_slope,
    jvp=slogdet_push,
    saves="x",
    twin=exact.sign_and_log_determinant,
    elementwise=False,
    normwise=True,
    analytic=False,
    several=True,
    work=price(5_000, 20, 0.13),
    node="LinalgSlogdetBackward0",
    bind=square_arguments,
    numpy=(np.linalg.slogdet,),
)

# ---- systems ------------------------------------------------------------------------------------


def is_vector(a: Value, b: Value) -> bool:
    """Is the right side one vector, rather than matrices of columns? Both must fit."""
    square_arguments(a)
    if not b.ndim or b.shape[-1 if b.ndim == 1 else -2] != a.shape[-1]:
        raise ShapeMismatch(
            f"a system of shape {a.shape} has no right side of shape {b.shape}",
            hint="b[..., None] for a batch of vectors" if b.ndim > 1 else None,
        )
    for n, m in zip(reversed(a.shape[:-2]), reversed(b.shape[:-2]), strict=False):
        if n != m and 1 not in (n, m):
            raise ShapeMismatch(f"shapes {a.shape} and {b.shape} do not fit: their batches differ")
    return bool(b.ndim == 1)


def system_extent(a: Value, b: Value, *_static: Any) -> int:
    """The number of the unknowns."""
    batch = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    return math.prod(batch) * math.prod(map(int, b.shape[-2:]))


def system_work(a: Value, b: Value, *_static: Any) -> float:
    """A factorization for every system, and n operations for every unknown."""
    n = int(a.shape[-1])
    systems = math.prod(np.broadcast_shapes(a.shape[:-2], b.shape[:-2]))
    return systems * (500 + n * n * (10 + 0.05 * n)) + system_extent(a, b) * (20 + 0.4 * n)


@refusing(SINGULAR)
def solution(a: Value, b: Value, _vector: bool) -> Value:
    return np.linalg.solve(a, b)


def cotangent_of_matrix(u: Value, y: Value, vector: bool) -> Value:
    """From A dX = -dA X: the adjoint solution times that of the system."""
    return -(u[..., None] @ y[..., None, :]) if vector else -(u @ y.mT)


def adjoint_solution(g: Value, a: Value, vector: bool) -> Value:
    u = SOLVE(a.mT, columns(g, vector), False)
    return u[..., 0] if vector else u


def moved_right_side(t: Any, a: Value, b: Value, y: Value, vector: bool) -> Value:
    """dB - dA X as columns."""
    rank = max(len(a.shape), len(y.shape))
    ta, tb = t
    total = None
    if ta is not None:
        total = -(lifted(ta, a, rank) @ columns(y, vector))
    if tb is not None:
        move = columns(tb, vector)
        ahead = tb.shape[: tb.ndim - len(b.shape)]
        own = move.shape[len(ahead) :]
        move = np.reshape(move, (*ahead, *(1,) * (rank - len(own)), *own))
        total = move if total is None else total + move
    return total


def solve_push(t: Any, a: Value, b: Value, y: Value, vector: bool) -> Value:
    found = SOLVE(a, moved_right_side(t, a, b, y, vector), False)
    return found[..., 0] if vector else found


SOLVE = op(
    "solve",
    solution,
    lambda g, a, _b, y, vector: cotangent_of_matrix(adjoint_solution(g, a, vector), y, vector),
    lambda g, a, _b, _y, vector: adjoint_solution(g, a, vector),
    jvp=solve_push,
    saves="ay",
    twin=lambda a, b, _vector: exact.solution(a, b),
    elementwise=False,
    normwise=True,
    work=system_work,
    extent=system_extent,
    node="LinalgSolveExBackward0",
    public=False,
    numpy=(),
)

# ---- triangular systems -------------------------------------------------------------------------


def triangle(a: Value, is_upper: bool, unit: bool) -> Value:
    """The part of A that a triangular system reads."""
    if not unit:
        return upper(a) if is_upper else lower(a)
    strict = upper(a, 1) if is_upper else lower(a, -1)
    return strict + np.eye(a.shape[-1], dtype=a.dtype)


@refusing(SINGULAR)
def triangular_solution(a: Value, b: Value, is_upper: bool, unit: bool, _vector: bool) -> Value:
    return np.linalg.solve(triangle(a, is_upper, unit), b)


def triangular_adjoint(g: Value, a: Value, is_upper: bool, unit: bool, vector: bool) -> Value:
    u = TRIANGULAR(a.mT, columns(g, vector), not is_upper, unit, False)
    return u[..., 0] if vector else u


def triangular_slope(
    g: Value, a: Value, _b: Value, y: Value, is_upper: bool, unit: bool, vector: bool
) -> Value:
    u = triangular_adjoint(g, a, is_upper, unit, vector)
    return masked(cotangent_of_matrix(u, y, vector), is_upper, unit)


def masked(x: Value, is_upper: bool, unit: bool) -> Value:
    return upper(x, int(unit)) if is_upper else lower(x, -int(unit))


def triangular_push(
    t: Any, a: Value, b: Value, y: Value, is_upper: bool, unit: bool, vector: bool
) -> Value:
    ta, tb = t
    t = (None if ta is None else masked(ta, is_upper, unit), tb)
    moved = moved_right_side(t, a, b, y, vector)
    found = TRIANGULAR(a, moved, is_upper, unit, False)
    return found[..., 0] if vector else found


TRIANGULAR = op(
    "solve_triangular",
    triangular_solution,
    triangular_slope,
    lambda g, a, _b, _y, is_upper, unit, vector: triangular_adjoint(g, a, is_upper, unit, vector),
    jvp=triangular_push,
    saves="ay",
    twin=lambda a, b, is_upper, unit, _vector: exact.solution(triangle(a, is_upper, unit), b),
    elementwise=False,
    normwise=True,
    work=system_work,
    extent=system_extent,
    node="LinalgSolveTriangularBackward0",
    public=False,
    numpy=(),
)

# ---- pseudoinverse ------------------------------------------------------------------------------


def pinv_arguments(x: Value, rcond: Any = None) -> Bound:
    """Singular values up to `rcond` times the largest count as zero."""
    matrix_arguments(x)
    if rcond is None:
        eps = np.finfo(x.dtype).eps if x.dtype.kind in "fc" else np.finfo(np.float64).eps
        return (x,), (float(eps) * max(x.shape[-2:]),)
    if type(rcond) not in (int, float) or not 0 <= rcond < 1:
        raise WrongValue("pinv: rcond is a number from 0 to 1")
    return (x,), (float(rcond),)


@refusing(NOT_FINITE)
def pseudoinverse(x: Value, rcond: float) -> Value:
    return np.linalg.pinv(x, rcond=rcond)


# At constant rank, with P the pseudoinverse of A and R = P P^H:
# dP = -P dA P + R dA^H (1 - A P) + (1 - P A) dA^H P^H P.
def product(a: Value, b: Value, c: Value) -> Value:
    """a @ b @ c by way of the smaller product: x may be much longer than it is wide."""
    (rows, inner), columns = a.shape[-2:], c.shape[-1]
    return (a @ b) @ c if rows * b.shape[-1] <= inner * columns else a @ (b @ c)


def pinv_slope(g: Value, x: Value, y: Value, _rcond: float) -> Value:
    ph, gh = adjoint(y), adjoint(g)
    outside = product(gh - product(x, y, gh), y, ph)
    inside = product(ph, y, gh - product(gh, y, x))
    return outside + inside - product(ph, g, ph)


def pinv_push(t: Value, x: Value, y: Value, _rcond: float) -> Value:
    ph, th = adjoint(y), adjoint(t)
    outside = product(y, ph, th - product(th, x, y))
    inside = product(th - product(y, x, th), ph, y)
    return outside + inside - product(y, t, y)


op(
    "pinv",
    pseudoinverse,
    pinv_slope,
    jvp=pinv_push,
    saves="xy",
    twin=exact.pseudoinverse,
    elementwise=False,
    normwise=True,
    analytic=False,
    work=price(30_000, 270, 2.2),
    node="LinalgPinvBackward0",
    aliases=("pinverse",),
    bind=pinv_arguments,
    numpy=(np.linalg.pinv,),
)
