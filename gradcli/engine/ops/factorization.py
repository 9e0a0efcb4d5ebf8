"""Factorizations of matrices: Cholesky, QR, LU, eigenvalues of symmetric ones, singular values.

Sources of the formulas: I. Murray, "Differentiation of the Cholesky decomposition" (2016);
M. Seeger et al., "Auto-differentiating linear algebra" (2017), for QR, eigenvectors and singular
vectors; J. Townsend, "Differentiating the singular value decomposition" (2016), for what lies
outside the spans of a rectangular matrix. In all of them d is a tangent, X^H the adjoint.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradcli.engine import exact
from gradcli.engine.ops.matrices import (
    adjoint,
    conjugate,
    diagonal,
    hermitian,
    lower,
    price,
    real,
    refusing,
    upper,
)
from gradcli.engine.ops.systems import NOT_FINITE, SOLVE
from gradcli.engine.ops.table import Value, op
from gradcli.errors import DomainError, ShapeMismatch

# ---- Cholesky -----------------------------------------------------------------------------------


def half(x: Value) -> Value:
    """The lower triangle with half of the diagonal."""
    return (lower(x) + lower(x, -1)) / 2


@refusing("the matrix is not positive definite")
def cholesky(x: Value) -> Value:
    return np.linalg.cholesky(hermitian(x))


def right_divided(x: Value, a: Value) -> Value:
    """X A^-1."""
    return SOLVE(a.mT, x.mT, False).mT


# dL = L half(L^-1 dA L^-H)
def cholesky_slope(g: Value, _x: Value, y: Value) -> Value:
    inner = half(adjoint(y) @ g)
    return hermitian(right_divided(SOLVE(adjoint(y), inner, False), y))


def cholesky_push(t: Value, _x: Value, y: Value) -> Value:
    left = SOLVE(y, hermitian(t), False)
    return y @ half(right_divided(left, adjoint(y)))


op(
    "cholesky",
    cholesky,
    cholesky_slope,
    jvp=cholesky_push,
    saves="y",
    twin=exact.cholesky,
    elementwise=False,
    normwise=True,
    analytic=False,
    work=price(10_000, 12, 0.12),
    node="LinalgCholeskyExBackward0",
    public=False,
    numpy=(),
)

# ---- QR -----------------------------------------------------------------------------------------


def tall(x: Value, name: str) -> None:
    if x.shape[-2] < x.shape[-1]:
        raise ShapeMismatch(f"{name} of a wide matrix, of shape {x.shape[-2:]}, has no gradient")


# With Z = Q^H dA R^-1: dR = (Z - W) R and dQ = dA R^-1 - Q Z + Q W, where W is the skew matrix that
# leaves Z - W upper triangular with a real diagonal.
def qr_slope(g: Any, x: Value, y: Any) -> Value:
    tall(x, "qr")
    gq, gr = g
    q, r = y
    inner: Value = 0
    if gr is not None:
        inner = gr @ adjoint(r)
    if gq is not None:
        inner = inner - adjoint(q) @ gq
    inner = upper(inner)
    inner = inner + adjoint(upper(inner, 1)) - imaginary_diagonal(inner)
    outer = q @ inner if gq is None else gq + q @ inner
    return SOLVE(conjugate(r), outer.mT, False).mT


def imaginary_diagonal(x: Value) -> Value:
    """i times the imaginary part of the diagonal, on it; 0 of real matrices."""
    if x.dtype.kind != "c":
        return 0
    return np.where(np.eye(x.shape[-1], dtype=bool), 1j * np.imag(x), 0)


def qr_push(t: Value, x: Value, y: Any) -> tuple[Value, Value]:
    tall(x, "qr")
    q, r = y
    left = right_divided(t, r)
    z = adjoint(q) @ left
    below = lower(z, -1)
    w = below - adjoint(below) + imaginary_diagonal(z)
    return left - q @ z + q @ w, (z - w) @ r


op(
    "qr",
    lambda x: tuple(np.linalg.qr(x)),
    qr_slope,
    jvp=qr_push,
    saves="y",
    twin=exact.orthogonal_factors,
    elementwise=False,
    normwise=True,
    analytic=False,
    several=True,
    work=price(15_000, 40, 0.5),
    node="LinalgQrBackward0",
    public=False,
    numpy=(),
)

# ---- LU -----------------------------------------------------------------------------------------


def triangular_factors(x: Value) -> tuple[Value, Value, Value]:
    """P, L, U of A = P L U with the largest pivots; P of integers."""
    m, n = x.shape[-2:]
    a = np.array(x, dtype=np.result_type(x, np.float32) if x.dtype.kind in "fc" else np.float64)
    order = np.broadcast_to(np.arange(m), a.shape[:-1]).copy()
    k = min(m, n)
    for i in range(k):
        column = a[..., i:, i]
        size = np.abs(column.real) + np.abs(column.imag)  # as LAPACK compares
        pivot = i + np.argmax(size, axis=-1)[..., None]
        for rows in (a, order[..., None]):
            found = np.take_along_axis(rows, pivot[..., None], axis=-2)
            np.put_along_axis(rows, pivot[..., None], rows[..., i : i + 1, :], axis=-2)
            rows[..., i : i + 1, :] = found
        head = a[..., i, i, None]
        a[..., i + 1 :, i] /= np.where(head == 0, 1, head)
        a[..., i + 1 :, i + 1 :] -= a[..., i + 1 :, i, None] * a[..., i, None, i + 1 :]
    p = (order[..., None, :] == np.arange(m)[:, None]).astype(np.int64)
    low = lower(a[..., :k], -1) + np.eye(m, k, dtype=a.dtype)
    return p, low, upper(a[..., :k, :])


# dL = L lower(F, -1) and dU = upper(F) U, where F = L^-1 P^T dA U^-1.
def lu_slope(g: Any, x: Value, y: Any) -> Value:
    if x.shape[-1] != x.shape[-2]:
        raise ShapeMismatch(f"lu of a matrix of shape {x.shape[-2:]}, not square, has no gradient")
    _, gl, gu = g
    p, low, up = y
    inner: Value = 0
    if gl is not None:
        inner = lower(low.mT @ gl, -1)
    if gu is not None:
        inner = inner + upper(gu @ up.mT)
    return p.astype(low.dtype) @ SOLVE(low.mT, right_divided(inner, up.mT), False)


def lu_push(t: Value, x: Value, y: Any) -> tuple[None, Value, Value]:
    if x.shape[-1] != x.shape[-2]:
        raise ShapeMismatch(f"lu of a matrix of shape {x.shape[-2:]}, not square, has no tangent")
    p, low, up = y
    inner = right_divided(SOLVE(low, p.mT.astype(low.dtype) @ t, False), up)
    return None, low @ lower(inner, -1), upper(inner) @ up


def lu_work(x: Value) -> float:
    """Every column is a pass of numpy over the rest of the matrix."""
    return price(100_000, 100, 1.5)(x) + 30_000 * int(min(x.shape[-2:]))


op(
    "lu",
    triangular_factors,
    lu_slope,
    jvp=lu_push,
    saves="y",
    twin=exact.triangular_factors,
    elementwise=False,
    normwise=True,
    several=True,
    work=lu_work,
    extent=lambda x: max(x.size, x.size // max(1, x.shape[-1]) * x.shape[-2]),
    node="LinalgLuBackward0",
    public=False,
    numpy=(),
)

# ---- eigenvalues of symmetric matrices ----------------------------------------------------------


def gaps(values: Value) -> Value:
    """1 / (v_j - v_i) off the diagonal, 0 on it: infinite where two values are the same."""
    eye = np.eye(values.shape[-1], dtype=values.dtype)
    return (1 - eye) / (values[..., None, :] - values[..., :, None] + eye)


def raw(x: Value) -> Value:
    """The array, where a recorded pass gives a Tensor."""
    return getattr(x, "value", x)


def refuse_phases(twist: Value, size: Value) -> None:
    """A complex vector's phase is arbitrary, so no result may move when it is turned."""
    turn, whole = np.abs(raw(twist)), np.abs(raw(size))
    scale = np.max(whole, axis=(-2, -1), initial=0)[..., None]
    if not np.all(turn <= math.sqrt(np.finfo(turn.dtype).eps) * scale):
        raise DomainError(
            "the result depends on the phases of complex vectors, which are arbitrary",
            hint="differentiate what turning a vector leaves alone, such as abs(v)",
        )


# dw = diag(V^H dA V) and dV = V (E o V^H dA V), where E_ij = 1 / (w_j - w_i). Kink: where
# eigenvalues meet, vectors have no derivative and the values only together.
def eigh_slope(g: Any, _x: Value, y: Any) -> Value:
    gw, gv = g
    w, v = y
    inner: Value = 0
    if gv is not None:
        turn = adjoint(v) @ gv
        if v.dtype.kind == "c":
            refuse_phases(np.imag(diagonal(turn)), turn)
        inner = turn * gaps(w)
    if gw is not None:
        inner = inner + gw[..., None] * np.eye(w.shape[-1], dtype=v.dtype)
    return hermitian(v @ inner @ adjoint(v))


def eigh_push(t: Value, _x: Value, y: Any) -> tuple[Value, Value]:
    w, v = y
    inner = adjoint(v) @ hermitian(t) @ v
    return real(diagonal(inner)), v @ (inner * gaps(w))


@refusing(NOT_FINITE)
def eigenpairs(x: Value) -> tuple[Value, Value]:
    return tuple(np.linalg.eigh(hermitian(x)))  # type: ignore[return-value]  # a pair


op(
    "eigh",
    eigenpairs,
    eigh_slope,
    jvp=eigh_push,
    saves="y",
    twin=exact.eigenpairs,
    signs=(None, -2),
    elementwise=False,
    normwise=True,
    analytic=False,
    several=True,
    work=price(10_000, 250, 0.8),
    node="LinalgEighBackward0",
    public=False,
    numpy=(),
    kink=(
        lambda _x, y: np.diff(y[0], axis=-1) == 0,
        "eigenvalues that meet are differentiated as they come, and vectors not at all",
    ),
)

# ---- singular values ----------------------------------------------------------------------------


@refusing(NOT_FINITE)
def singular_factors(x: Value) -> tuple[Value, Value, Value]:
    return tuple(np.linalg.svd(x, full_matrices=False))  # type: ignore[return-value]  # a triple


# With P = U^H dA V and E_ij = 1 / (s_j^2 - s_i^2): ds = diag(P), dU = U (E o (P S + S P^H)) + what
# leaves the span of U, (1 - U U^H) dA V / S; and so for V with E o (S P + P^H S) and dA^H U / S.
# Kinks: where singular values meet, and at 0, where the slope of s is taken as 0.
def svd_slope(g: Any, _x: Value, y: Any) -> Value:
    gu, gs, gvh = g
    u, s, vh = y
    row, column = s[..., None, :], s[..., :, None]
    gap = gaps(s * s)
    inner: Value = 0
    if gs is not None:
        eye = np.eye(s.shape[-1], dtype=u.dtype)
        inner = np.where(s == 0, 0, gs)[..., None] * eye
    twist: Value = 0
    if gu is not None:
        a = adjoint(u) @ gu
        inner = inner + (a - adjoint(a)) * gap * row
        twist = a
    if gvh is not None:
        gv = adjoint(gvh)
        b = vh @ gv
        inner = inner + column * ((b - adjoint(b)) * gap)
        twist = twist - b if gu is not None else -b
    if u.dtype.kind == "c" and (gu is not None or gvh is not None):
        inner = inner + turned(twist, g, u, vh, s)
    outer = u @ inner @ vh
    if gu is not None and u.shape[-2] > s.shape[-1]:
        outer = outer + ((gu - u @ a) / row) @ vh
    if gvh is not None and vh.shape[-1] > s.shape[-1]:
        outer = outer + u @ adjoint((gv - adjoint(vh) @ b) / row)
    return outer


def turned(twist: Value, g: Any, u: Value, vh: Value, s: Value) -> Value:
    """What the phase between a complex pair u, v adds: i Im(u^H gu - v^H gv) / 2s."""
    gu, _, gvh = g
    both: Value = 0 if gu is None else np.imag(diagonal(adjoint(u) @ gu))
    if gvh is not None:
        both = both + np.imag(diagonal(vh @ adjoint(gvh)))
    refuse_phases(both, twist)
    phase = 1j * np.imag(diagonal(twist)) / (2 * s)
    return phase[..., None] * np.eye(s.shape[-1], dtype=u.dtype)


def svd_push(t: Value, _x: Value, y: Any) -> tuple[Value, Value, Value]:
    u, s, vh = y
    row, column = s[..., None, :], s[..., :, None]
    v = adjoint(vh)
    p = adjoint(u) @ t @ v
    ph = adjoint(p)
    gap = gaps(s * s)
    phase = imaginary_diagonal(p) / (2 * row)
    du = u @ (gap * (p * row + column * ph) + phase)
    dv = v @ (gap * (column * p + ph * row) - phase)
    if u.shape[-2] > s.shape[-1]:
        du = du + (t @ v - u @ p) / row
    if vh.shape[-1] > s.shape[-1]:
        dv = dv + (adjoint(t) @ u - v @ ph) / row
    return du, real(diagonal(p)), adjoint(dv)


op(
    "svd",
    singular_factors,
    svd_slope,
    jvp=svd_push,
    saves="y",
    twin=exact.singular_factors,
    signs=(-2, None, -1),
    elementwise=False,
    normwise=True,
    analytic=False,
    several=True,
    work=price(10_000, 250, 2),
    node="LinalgSvdBackward0",
    public=False,
    numpy=(),
    kink=(
        lambda _x, y: np.diff(y[1], axis=-1, append=0) == 0,
        "singular values that meet are differentiated as they come, and their vectors not at all",
    ),
)
