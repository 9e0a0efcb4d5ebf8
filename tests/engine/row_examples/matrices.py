"""Calls of the rows on matrices. What depends on signs that are arbitrary is squared."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.engine.functions import FUNCTIONS as F
from gradcli.engine.functions import TABLE
from gradcli.engine.tensor import Tensor


def regular(x: Tensor) -> Tensor:
    """A well-conditioned matrix made of any square one."""
    return x / 4 + 3 * np.eye(x.shape[-1], dtype=x.dtype)


def adjoint(x: Tensor) -> Tensor:
    return F["conj"](x.mT) if x.dtype.kind == "c" else x.mT


def definite(x: Tensor) -> Tensor:
    """A positive definite matrix made of any square one."""
    return x @ adjoint(x) / 8 + 2 * np.eye(x.shape[-1], dtype=x.dtype)


def apart(x: Tensor) -> Tensor:
    """A symmetric matrix whose eigenvalues keep their distance."""
    return (x + adjoint(x)) / 8 + np.diag(3 * np.arange(1, 1 + x.shape[-1])).astype(x.dtype)


def tall(x: Tensor) -> Tensor:
    """A rectangular matrix whose singular values keep their distance."""
    return x / 6 + (np.eye(*x.shape[-2:]) * np.arange(2, 2 + x.shape[-1])).astype(x.dtype)


def total(*parts: Tensor) -> Any:
    """One number that each element of several results has its own weight in."""
    weighted = [
        (k + 1) * (p * np.cos(np.arange(p.size)).reshape(p.shape).astype(p.dtype))
        for k, p in enumerate(parts)
    ]
    return sum((F["sum"](p) for p in weighted[1:]), start=F["sum"](weighted[0]))


def squares(x: Tensor) -> Tensor:
    return F["abs"](x) ** 2


def low_rank(a: Tensor, b: Tensor) -> Tensor:
    return F["pinv"](tall(a) @ tall(b.mT).mT, 1e-6)


def polar(x: Tensor) -> Tensor:
    """The unitary part of a matrix: U and V together have no arbitrary phases."""
    u, _, vh = F["svd"](tall(x))
    return u @ vh


A, B = (3, 3), (1, 3, 2, 2)
EXAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "addmm": [
        (F["addmm"], (4,), (2, 3), (3, 4)),
        (F["addmm"], (2, 4), (2, 3), (3, 4)),
        (lambda c, a, b: F["addmm"](c, a, b, beta=0.5, alpha=2), (1, 4), (2, 3), (3, 4)),
    ],
    "linear": [(F["linear"], (2, 3), (4, 3), (4,)), (F["linear"], (3, 3), (3, 3), (3,))],
    "inv": [(lambda x: F["inv"](regular(x)), A), (lambda x: regular(x).inverse(), B)],
    "det": [
        (lambda x: F["det"](regular(x)), A),
        (lambda x: F["det"](regular(x)), B),
        (lambda x: F["det"](x - x), A),
        (F["det"], (1, 1)),
    ],
    "cofactor": [
        (lambda x: TABLE["cofactor"](regular(x)), A),
        (lambda x: TABLE["cofactor"](regular(x)), B),
        (lambda a, b: TABLE["cofactor"](tall(a) @ tall(b.mT).mT), (3, 2), (2, 3)),
        (lambda a, b: TABLE["cofactor"](tall(a) @ tall(b.mT).mT), (4, 3), (3, 4)),
        (lambda a, b: TABLE["cofactor"](tall(a) @ tall(b.mT).mT), (1, 3, 2, 1), (1, 3, 1, 2)),
        (lambda x: TABLE["cofactor"](x - x), (2, 1, 1)),
    ],
    "slogdet": [
        (lambda x: F["slogdet"](regular(x))[1], A),
        (lambda x: F["logdet"](regular(x)), B),
        (lambda x: total(*F["slogdet"](regular(x))), A),
        (lambda x: F["slogdet"](regular(x))[0], B),
    ],
    "solve": [
        (lambda a, b: F["solve"](regular(a), b), A, (3, 2)),
        (lambda a, b: F["solve"](regular(a), b), A, (3, 3)),
        (lambda a, b: F["solve"](regular(a), b), A, (3,)),
        (lambda a, b: F["solve"](regular(a), b), (4, 2, 2), (2,)),
        (lambda a, b: F["solve"](regular(a), b), (2, 2), (3, 2, 1)),
        (lambda a, b: F["solve"](regular(a), b), (2, 1, 2, 2), (3, 2, 2)),
    ],
    "solve_triangular": [
        (lambda a, b: F["solve_triangular"](regular(a), b, upper=True), A, (3, 2)),
        (lambda a, b: F["solve_triangular"](regular(a), b, lower=True), A, (3,)),
        (lambda a, b: F["solve_triangular"](a, b, False, unitriangular=True), A, (3, 3)),
        (lambda a, b: F["cholesky_solve"](b, regular(a)), (2, 2), (3, 2, 1)),
        (lambda a, b: F["cholesky_solve"](b, regular(a), True), (2, 2), (2,)),
    ],
    "pinv": [
        (lambda x: F["pinv"](tall(x)), (3, 2)),
        (lambda x: F["pinv"](tall(x.mT).mT), (2, 2, 3)),
        (low_rank, (3, 2), (2, 3)),
        (lambda a, b: F["lstsq"](tall(a), b)[0], (4, 2), (4,)),
    ],
    "cholesky": [
        (lambda x: F["cholesky"](definite(x)), A),
        (lambda x: F["cholesky"](definite(x), upper=True) * 1, B),
    ],
    "qr": [
        (lambda x: total(*F["qr"](tall(x))), (4, 2)),
        (lambda x: F["qr"](regular(x))[0], B),
        (lambda x: F["qr"](regular(x), "r"), A),
    ],
    "lu": [
        (lambda x: total(*F["lu"](x)[1:]), A),
        (lambda x: total(*F["lu"](regular(x)[[1, 2, 0]])[1:]), A),
        (lambda x: F["lu"](x)[1], B),
        (lambda x: F["lu"](regular(x))[2], A),
    ],
    "eigh": [
        (lambda x: F["eigvalsh"](apart(x)), A),
        (lambda x: squares(F["eigh"](apart(x))[1]), A),
        (lambda x: total(*map(squares, F["eigh"](apart(x)))), B),
    ],
    "svd": [
        (lambda x: F["svdvals"](tall(x)), (2, 3, 2)),
        (lambda x: squares(F["svd"](tall(x))[0]), (1, 4, 2)),
        (lambda x: squares(F["svd"](tall(x))[0]), (3, 3, 2)),
        (lambda x: squares(F["svd"](tall(x.mT).mT)[2]), (2, 3)),
        (lambda x: squares(F["svd"](tall(x.mT).mT)[2]), (3, 2, 3)),
        (lambda x: total(*map(squares, F["svd"](tall(x)))), B),
        (polar, A),
        (lambda x: F["norm"](tall(x), "nuc"), (3, 2)),
        (lambda x: F["norm"](tall(x), 2, (0, 2)), (3, 2, 2)),
        (lambda x: F["cond"](tall(x)), A),
    ],
    "expm": [
        (F["expm"], (2, 2)),
        (lambda x: F["expm"](x / 4), (3, 1, 2, 2)),
        (lambda x: F["matrix_exp"](x * 3), (2, 2)),
    ],
    "trace": [
        (F["trace"], (2, 3)),
        (lambda x: x.trace(1), (3, 3)),
        (lambda x: x.trace(-1, 2, 0), (3, 2, 2)),
    ],
    "cross": [
        (F["cross"], (3,), (3,)),
        (F["cross"], (2, 3), (3,)),
        (lambda a, b: F["cross"](a, b, axis=0), (3, 2), (3, 2)),
    ],
}
