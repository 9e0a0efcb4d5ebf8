"""Products of vectors and matrices."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from itertools import zip_longest
from typing import Any

import numpy as np

from gradcli.engine.ops.parameters import real
from gradcli.engine.ops.table import Bound, Value, op
from gradcli.errors import ShapeMismatch, WrongType, WrongValue

# ---- matrix products ----------------------------------------------------------------------------
# One row a pair of ranks, as in PyTorch's graph. Vectors act as columns: g[..., None].

MULTIPLY_ADD = 0.4  # nanoseconds


def extent(a: Value, b: Value) -> int:
    """The number of elements of a @ b."""
    left, right = a.shape, b.shape
    rows = left[-2] if len(left) > 1 else 1
    columns = right[-1] if len(right) > 1 else 1
    if len(left) <= 2 and len(right) <= 2:
        return int(rows * columns)
    pairs = zip_longest(reversed(left[:-2]), reversed(right[:-2]), fillvalue=1)
    return int(rows * columns * math.prod(max(n, m) if n and m else 0 for n, m in pairs))


def work(a: Value, b: Value) -> float:
    """Multiply-adds of a @ b, times their price."""
    return MULTIPLY_ADD * int(a.shape[-1]) * extent(a, b)


def product_row(name: str, da: Any, db: Any, node: str) -> None:
    op(
        name,
        np.matmul,
        da,
        db,
        saves="ab",
        multilinear=True,
        fresh="ab",
        twin=lambda a, b: a @ b,
        elementwise=False,
        work=work,
        extent=extent,
        node=node,
        public=name == "dot",
        numpy=(),
    )


def transposed_product(a: Value, g: Value) -> Value:
    """a^T g; of all cotangents of a batch as one product of matrices, if a is one matrix."""
    return np.matmul(g, a) if a.ndim == 2 else np.matmul(a.mT, g[..., None])[..., 0]


product_row(
    "dot",
    lambda g, _a, b, _y: g[..., None] * b,
    lambda g, a, _b, _y: g[..., None] * a,
    "DotBackward0",
)
product_row(
    "mv",
    lambda g, _a, b, _y: g[..., None] * b,
    lambda g, a, _b, _y: transposed_product(a, g),
    "MvBackward0",
)
product_row(
    "vm",
    lambda g, _a, b, _y: transposed_product(b.mT, g),
    lambda g, a, _b, _y: a[..., None] * g[..., None, :],
    "SqueezeBackward4",
)
product_row(
    "mm",
    lambda g, _a, b, _y: np.matmul(g, b.mT),
    lambda g, a, _b, _y: np.matmul(a.mT, g),
    "MmBackward0",
)
product_row(
    "bmm",
    lambda g, _a, b, _y: np.matmul(g, b.mT),
    lambda g, a, _b, _y: np.matmul(a.mT, g),
    "UnsafeViewBackward0",
)
PRODUCT_OF_RANKS = {(1, 1): "dot", (2, 1): "mv", (1, 2): "vm", (2, 2): "mm"}


def matmul_row(a: Value, b: Value) -> str:
    """The row that multiplies operands of these ranks; an error names what does not fit."""
    if not a.ndim or not b.ndim:
        raise ShapeMismatch(
            f"@ multiplies vectors and matrices; the shapes are {a.shape}, {b.shape}"
        )
    inner = b.shape[-2] if b.ndim > 1 else b.shape[0]
    if a.shape[-1] != inner:
        raise ShapeMismatch(f"shapes {a.shape} and {b.shape} do not fit: {a.shape} @ {b.shape}")
    for n, m in zip(reversed(a.shape[:-2]), reversed(b.shape[:-2]), strict=False):
        if n not in (m, 1) and m != 1:
            raise ShapeMismatch(f"shapes {a.shape} and {b.shape} do not fit: their batches differ")
    row = PRODUCT_OF_RANKS.get((a.ndim, b.ndim))
    return row or ("mv" if b.ndim == 1 else "vm" if a.ndim == 1 else "bmm")


def product_and_sum(c: Value, a: Value, b: Value, beta: float, alpha: float) -> Value:
    """beta c + alpha a @ b, added where the product stands if it fits there."""
    y = np.matmul(a, b)
    y = y if alpha == 1 else y * alpha
    c = c if beta == 1 else c * beta
    in_place = y.ndim == 2 and np.result_type(c, y) == y.dtype
    return np.add(y, c, out=y) if in_place else y + c


def tangent_of_sum(
    t: Any, c: Value, a: Value, b: Value, y: Value, beta: float, alpha: float
) -> Value:
    moves = [np.matmul(t[1], b) * alpha] if t[1] is not None else []
    moves += [np.matmul(a, t[2]) * alpha] if t[2] is not None else []
    if t[0] is not None:
        lead = t[0].shape[: t[0].ndim - c.ndim]
        lifted = np.reshape(t[0], (*lead, *(1,) * (2 - c.ndim), *c.shape))
        moves.append(lifted * beta + np.zeros(y.shape, y.dtype))
    return sum(moves[1:], moves[0])


def addmm_arguments(c: Value, a: Value, b: Value, beta: Any = 1, alpha: Any = 1) -> Bound:
    c, a, b = (x if hasattr(x, "ndim") else np.asarray(x) for x in (c, a, b))
    if (a.ndim, b.ndim) != (2, 2) or a.shape[1] != b.shape[0]:
        raise ShapeMismatch(f"addmm multiplies two matrices; the shapes are {a.shape}, {b.shape}")
    whole = (a.shape[0], b.shape[1])
    pairs = zip(reversed(c.shape), reversed(whole), strict=False)
    if c.ndim > 2 or any(n not in (1, m) for n, m in pairs):
        raise ShapeMismatch(f"addmm adds shape {c.shape} to a product of shape {whole}")
    return (c, a, b), (real(beta, "beta"), real(alpha, "alpha"))


op(
    "addmm",
    product_and_sum,
    lambda g, _c, _a, _b, _y, beta, _alpha: g * beta,
    lambda g, _c, _a, b, _y, _beta, alpha: np.matmul(g * alpha, b.mT),
    lambda g, _c, a, _b, _y, _beta, alpha: np.matmul(a.mT, g * alpha),
    saves="bc",
    jvp=tangent_of_sum,
    fresh="abc",
    twin=lambda c, a, b, beta, alpha: c * beta + (a @ b) * alpha,
    elementwise=False,
    work=lambda _c, a, b, _beta, _alpha: work(a, b) + 2 * extent(a, b),
    extent=lambda _c, a, b, _beta, _alpha: extent(a, b),
    bind=addmm_arguments,
    numpy=(),
)

# ---- affine maps --------------------------------------------------------------------------------


def affine(b: Value, x: Value, w: Value) -> Value:
    """x @ w.mT + b, added where the product stands."""
    y = np.matmul(x, w.mT)
    return np.add(y, b, out=y) if b.dtype == y.dtype else y + b


@lru_cache(maxsize=64)
def ones(count: int, dtype: np.dtype[Any]) -> Value:
    """A vector whose product with a matrix is the sum of its rows: faster than to add them."""
    vector = np.ones(count, dtype)
    vector.flags.writeable = False
    return vector


def tangent_of_affine(t: Any, b: Value, x: Value, w: Value, y: Value) -> Value:
    moves = [np.matmul(t[1], w.mT)] if t[1] is not None else []
    moves += [np.matmul(x, t[2].mT)] if t[2] is not None else []
    if t[0] is not None:
        moves.append(t[0][..., None, :] + np.zeros(y.shape, y.dtype))
    return sum(moves[1:], moves[0])


op(
    "linear",
    affine,
    lambda g, _b, _x, _w, _y: np.matmul(ones(g.shape[-2], g.dtype), g),
    lambda g, _b, _x, w, _y: np.matmul(g, w),
    lambda g, _b, x, _w, _y: np.matmul(g.mT, x),
    saves="bc",
    jvp=tangent_of_affine,
    fresh="abc",
    twin=lambda b, x, w: x @ w.mT + b,
    elementwise=False,
    work=lambda b, x, w: MULTIPLY_ADD * x.size * w.shape[0] + 2 * x.shape[0] * w.shape[0],
    extent=lambda _b, x, w: int(x.shape[0] * w.shape[0]),
    node="AddmmBackward0",
    between=("", "", "TBackward0"),
    public=False,
    numpy=(),
)

# ---- outer product ------------------------------------------------------------------------------

op(
    "outer",
    lambda a, b: a[..., None] * b[..., None, :],
    lambda g, _a, b, _y: np.matmul(g, b[..., None])[..., 0],
    lambda g, a, _b, _y: np.matmul(g.mT, a[..., None])[..., 0],
    saves="ab",
    multilinear=True,
    twin=lambda a, b: a[:, None] * b[None, :],
    elementwise=False,
    extent=lambda a, b: a.size * b.size,
    node="MulBackward0",
    numpy=(),
)

# ---- einsum -------------------------------------------------------------------------------------


def einsum_arguments(subscripts: Any, *operands: Value) -> Bound:
    """Operands and explicit subscripts, one letter an axis.

    A letter that one operand repeats (`ii->`) is renamed, and an identity matrix joins the product
    in its place, so that the rule below need not know of diagonals. An ellipsis becomes letters.
    """
    if not isinstance(subscripts, str):
        raise WrongType("einsum begins with its subscripts, a string such as 'ij,j->i'")
    if any(isinstance(x, str) for x in operands):
        raise WrongType("einsum takes one string, its subscripts, and then tensors")
    inputs, output = spelled(subscripts.replace(" ", ""), operands)
    sizes: dict[str, int] = {}
    for letters, x in zip(inputs, operands, strict=True):
        for letter, n in zip(letters, x.shape, strict=True):
            if sizes.setdefault(letter, n) != n:
                raise ShapeMismatch(
                    f"einsum: '{letter}' is {sizes[letter]} in one operand and {n} in another"
                )
    extra: list[Value] = []
    spare = unused(inputs)
    for k, letters in enumerate(tuple(inputs)):
        for letter in [c for c in dict.fromkeys(letters) for _ in range(letters.count(c) - 1)]:
            if not spare:
                raise WrongValue("einsum: too many letters")
            at, new = inputs[k].rindex(letter), spare.pop(0)
            inputs[k] = inputs[k][:at] + new + inputs[k][at + 1 :]
            inputs.append(letter + new)
            extra.append(np.eye(sizes[letter], dtype=operands[k].dtype))
    return (*operands, *extra), (tuple(inputs), output)


LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def unused(inputs: Sequence[str]) -> list[str]:
    return [c for c in LETTERS if not any(c in term for term in inputs)]


def spelled(subscripts: str, operands: Sequence[Value]) -> tuple[list[str], str]:
    """Inputs and output with every ellipsis as letters and the output stated."""
    left, arrow, output = subscripts.partition("->")
    inputs = left.split(",")
    if len(inputs) != len(operands):
        raise WrongValue(f"einsum: subscripts of {len(inputs)} tensors, and {len(operands)} given")
    used = [c for c in left if c.isalpha()]
    spare = unused(inputs)
    if any(c not in LETTERS + ",." for c in left) or any(c not in LETTERS + "." for c in output):
        raise WrongValue("einsum's subscripts are of the form 'ij,jk->ik'")
    if any(t.count(".") and (t.count("."), t.count("...")) != (3, 1) for t in [*inputs, output]):
        raise WrongValue("einsum: an ellipsis is three dots, once in a term")
    ranks = [x.ndim - len(t.replace("...", "")) for t, x in zip(inputs, operands, strict=True)]
    dots = spare[: max([0, *(r for r, t in zip(ranks, inputs, strict=True) if "..." in t)])]
    for k, (term, rank) in enumerate(zip(inputs, ranks, strict=True)):
        if rank < 0 or (rank and "..." not in term):
            raise ShapeMismatch(f"einsum: '{term}' does not name the axes of {operands[k].shape}")
        inputs[k] = term.replace("...", "".join(dots[len(dots) - rank :]))
    once = "".join(sorted(c for c in set(used) if used.count(c) == 1))
    output = output.replace("...", "".join(dots)) if arrow else "".join(dots) + once
    letters = "".join(inputs)
    if len(set(output)) < len(output) or not set(output) <= set(letters):
        raise WrongValue(f"einsum: the output '{output}' names a letter twice or an unknown one")
    return inputs, output


def einsum_forward(*arguments: Any) -> Value:
    *operands, inputs, output = arguments
    y = np.einsum(f"{','.join(inputs)}->{output}", *operands)
    return y.copy() if len(operands) == 1 else y  # of one operand numpy may give a view


def einsum_slope(
    g: Value, k: int, operands: Sequence[Any], _y: Value, inputs: tuple[str, ...], output: str
) -> Value:
    """Swap the k-th operand and the output; letters that only it has are summed, so spread."""
    others = [(t, x) for i, (t, x) in enumerate(zip(inputs, operands, strict=True)) if i != k]
    known = set(output).union(*(t for t, _ in others))
    lonely = [
        (letter, np.ones(n, operands[k].dtype))
        for letter, n in zip(inputs[k], operands[k].shape, strict=True)
        if letter not in known
    ]
    terms = [("..." + output, g), *others, *lonely]
    return np.einsum(
        ",".join(t for t, _ in terms) + "->..." + inputs[k],
        *(x for _, x in terms),
    )


def einsum_work(*arguments: Any) -> float:
    *operands, inputs, _output = arguments
    sizes: dict[str, int] = {}
    for letters, x in zip(inputs, operands, strict=True):
        sizes.update(zip(letters, x.shape, strict=True))
    return float(math.prod(sizes.values()) * max(1, len(operands) - 1))


def einsum_extent(*arguments: Any) -> int:
    *operands, inputs, output = arguments
    sizes: dict[str, int] = {}
    for letters, x in zip(inputs, operands, strict=True):
        sizes.update(zip(letters, x.shape, strict=True))
    return math.prod(sizes[letter] for letter in output)


op(
    "einsum",
    einsum_forward,
    einsum_slope,
    saves="*",
    multilinear=True,
    twin=lambda *arguments: np.einsum(
        f"{','.join(arguments[-2])}->{arguments[-1]}", *arguments[:-2]
    ),
    elementwise=False,
    variadic=True,
    work=einsum_work,
    extent=einsum_extent,
    node="EinsumBackward0",
    bind=einsum_arguments,
    numpy=(np.einsum,),
)
