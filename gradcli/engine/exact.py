"""Twins of the rows on matrices: textbook algorithms on object arrays of 50-digit numbers.

Slow and plain on purpose: they share nothing with LAPACK. `of_matrices` lets a function of matrices
work on batches of them. Decompositions by iteration are those of the numbers' own context.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Numbers = Any  # an object array


def of_matrices(signature: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Over the leading axes of the operands, broadcast together."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        results = signature.count("(", signature.index("->"))
        return np.vectorize(function, otypes=[object] * results, signature=signature)

    return decorate


def adjoint(a: Numbers) -> Numbers:
    return np.conj(a.mT)


# ---- elimination --------------------------------------------------------------------------------


def eliminated(a: Numbers) -> tuple[Numbers, list[int]]:
    """P A = L U: L below the diagonal of one array, U above; and the order of the rows of A.

    Pivots are LAPACK's, the largest |re| + |im|.
    """
    a = a.copy()
    m, n = a.shape
    order = list(range(m))
    for k in range(min(m, n)):
        pivot = k + int(np.argmax([float(abs(x.real) + abs(x.imag)) for x in a[k:, k]]))
        a[[k, pivot]] = a[[pivot, k]]
        order[k], order[pivot] = order[pivot], order[k]
        if a[k, k]:
            a[k + 1 :, k] /= a[k, k]
            a[k + 1 :, k + 1 :] -= a[k + 1 :, k, None] * a[None, k, k + 1 :]
    return a, order


def parity(order: list[int]) -> int:
    swaps = sum(order[i] > order[j] for i in range(len(order)) for j in range(i, len(order)))
    return -1 if swaps % 2 else 1


@of_matrices("(n,n)->()")
def determinant(a: Numbers) -> Any:
    lu, order = eliminated(a)
    return np.prod(np.diag(lu)) * parity(order)


@of_matrices("(n,n)->(),()")
def sign_and_log_determinant(a: Numbers) -> Any:
    d = determinant(a).item()
    return d / abs(d), a.flat[0].context.ln(abs(d))


@of_matrices("(n,n)->(n,n)")
def cofactors(a: Numbers) -> Numbers:
    n = len(a)
    found = np.empty((n, n), object)
    for i, j in np.ndindex(n, n):
        minor = np.delete(np.delete(a, i, 0), j, 1)
        found[i, j] = determinant(minor).item() * (-1) ** (i + j) if n > 1 else a[i, j] * 0 + 1
    return found


@of_matrices("(n,n),(n,m)->(n,m)")
def solved(a: Numbers, b: Numbers) -> Numbers:
    lu, order = eliminated(a)
    x = b[order]
    for k in range(len(a)):
        x[k] -= lu[k, :k] @ x[:k] if k else 0
    for k in reversed(range(len(a))):
        x[k] = (x[k] - (lu[k, k + 1 :] @ x[k + 1 :] if k + 1 < len(a) else 0)) / lu[k, k]
    return x


def solution(a: Numbers, b: Numbers) -> Numbers:
    return solved(a, b[:, None])[..., 0] if b.ndim == 1 else solved(a, b)


def inverse(a: Numbers) -> Numbers:
    return solved(a, np.eye(a.shape[-1], dtype=object) + 0 * a)


@of_matrices("(m,n)->(m,m),(m,k),(k,n)")
def triangular_factors(a: Numbers) -> Any:
    """The permutation P, L and U of A = P L U."""
    lu, order = eliminated(a)
    m, n = a.shape
    k = min(m, n)
    p = np.zeros((m, m), object)
    p[order, np.arange(m)] = 1
    return p, np.tril(lu[:, :k], -1) + np.eye(m, k, dtype=object), np.triu(lu[:k])


# ---- factorizations -----------------------------------------------------------------------------


@of_matrices("(n,n)->(n,n)")
def cholesky(a: Numbers) -> Numbers:
    """Of the Hermitian part, column by column."""
    a = (a + adjoint(a)) / 2
    n = len(a)
    low = a * 0
    for j in range(n):
        rest = a[j:, j] - (low[j:, :j] @ np.conj(low[j, :j]) if j else 0)
        low[j:, j] = rest / np.sqrt(rest[0])
    return low


@of_matrices("(m,n)->(m,k),(k,n)")
def orthogonal_factors(a: Numbers) -> Any:
    """Q and R by Householder's reflections, with LAPACK's signs: r_jj is -sign(Re a_jj) |a_j|."""
    m, n = a.shape
    r, q = a.copy(), np.eye(m, dtype=object) + 0 * (a @ adjoint(a))
    for j in range(min(m, n)):
        v = r[j:, j].copy()
        if not np.any(v[1:]) and v[0] == np.conj(v[0]):
            continue
        length = np.sqrt(np.sum(np.abs(v) ** 2))
        beta = -length if v[0].real >= 0 else length
        tau = (beta - v[0]) / beta
        v = v / (v[0] - beta)
        v[0] = v[0] * 0 + 1
        # LAPACK applies H^H = 1 - conj(tau) v v^H to A, and Q is the product of the H.
        r[j:] -= np.conj(tau) * v[:, None] * (np.conj(v) @ r[j:])[None, :]
        q[:, j:] -= tau * (q[:, j:] @ v)[:, None] * np.conj(v)[None, :]
    k = min(m, n)
    return q[:, :k], np.triu(r[:k])


def turned(vectors: Numbers) -> Numbers:
    """The phases that make the largest element of every column positive."""
    largest = np.argmax(np.abs(vectors).astype(float), axis=0)
    chosen = vectors[largest, np.arange(vectors.shape[1])]
    return np.conj(chosen) / np.abs(chosen)


def as_array(matrix: Any) -> Numbers:
    return np.array(matrix.tolist(), object).reshape(matrix.rows, matrix.cols)


@of_matrices("(n,n)->(n),(n,n)")
def eigenpairs(a: Numbers) -> Any:
    """Of the Hermitian part: eigenvalues, ascending, and vectors."""
    a = (a + adjoint(a)) / 2
    ctx = a.flat[0].context
    complex_ = any(isinstance(x, ctx.mpc) for x in a.flat)
    values, vectors = (ctx.eighe if complex_ else ctx.eigsy)(ctx.matrix(a.tolist()))
    found = as_array(vectors)
    return np.array([*values], object), found * turned(found)


@of_matrices("(m,n)->(m,k),(k),(k,n)")
def singular_factors(a: Numbers) -> Any:
    """U, s and V^H of A = U diag(s) V^H, thin."""
    ctx = a.flat[0].context
    complex_ = any(isinstance(x, ctx.mpc) for x in a.flat)
    u, s, vh = (ctx.svd_c if complex_ else ctx.svd_r)(ctx.matrix(a.tolist()))
    left = as_array(u)
    phases = turned(left)
    return left * phases, np.array([*s], object), as_array(vh) * np.conj(phases)[:, None]


def pseudoinverse(a: Numbers, rcond: float) -> Numbers:
    u, s, vh = singular_factors(a)
    kept = s > rcond * s[..., :1]
    inverted = np.where(kept, 1 / np.where(kept, s, 1), 0)
    return adjoint(vh) @ (inverted[..., None] * adjoint(u))


@of_matrices("(n,n)->(n,n)")
def exponential(a: Numbers) -> Numbers:
    ctx = a.flat[0].context
    return as_array(ctx.expm(ctx.matrix(a.tolist())))


def trace(a: Numbers, offset: int, axis1: int, axis2: int) -> Numbers:
    return a.trace(offset, axis1, axis2)
