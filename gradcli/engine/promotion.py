"""How dtypes meet: by numpy's promotion, or by PyTorch's where that dialect is switched on.

Categories are ordered: bool < integer < real < complex. In both, a Python number widens the
category of what it meets and never the precision (NEP 50). They differ in this:

- An integer beside float32 gives float64 in numpy, float32 in PyTorch; and what becomes real, as
  int / 2, is float64 in numpy, the default dtype in PyTorch.
- A tensor without axes is to PyTorch as good as a Python number where it meets one with axes. Here
  that holds natively, too, if its category is no higher: numbers that the language computes are
  float64 scalars, and numpy would let each of them turn float32 arrays into float64.
- PyTorch refuses what numpy has an answer for: bool - bool, the mean of integers, matrices of two
  dtypes.

Natively, real functions of truths and small integers give float64, where numpy gives half
precision, and powers of truths int64, where numpy gives int8.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from gradcli.engine.graph import here
from gradcli.engine.ops.table import DTYPE, Op
from gradcli.errors import DtypeMismatch, ShapeMismatch, WrongType

DType = np.dtype[Any]
CATEGORIES = ("b", "iu", "f", "c")
float32, float64 = np.dtype(np.float32), np.dtype(np.float64)
int64 = np.dtype(np.int64)


AGREEING = [[dtype] * count for count in (1, 2, 3) for dtype in (float32, float64)]


class torch_promotion:  # noqa: N801  # read as `with torch_promotion():`
    """Promote as PyTorch does while this context lasts. `default` is what integers become."""

    def __init__(self, default: Any = np.float32) -> None:
        self.default = np.dtype(default)
        if self.default not in (np.float32, np.float64):
            raise WrongType(f"a default dtype is float32 or float64, not {self.default}")
        self.before: list[DType | None] = []

    def __enter__(self) -> None:
        self.before.append(here.state.floating)
        here.state.floating = self.default

    def __exit__(self, *_: object) -> None:
        here.state.floating = self.before.pop()


def category(dtype: DType) -> int:
    """0 for bool, 1 for integers, 2 for real numbers, 3 for complex ones."""
    return next(k for k, kinds in enumerate(CATEGORIES) if dtype.kind in kinds)


def met(
    op: Op, operands: tuple[Any, ...], static: tuple[Any, ...], default: DType | None
) -> tuple[Any, ...]:
    """Raw operands of any dtypes, ready for the row; `default` is None for numpy's promotion."""
    if op.elementwise and len(operands) > 1:
        check_broadcast(*[x.shape for x in operands])
    if op.name not in NUMBERED:
        # All of one real dtype have nothing to promote, and nothing that is refused to them.
        values = operands if op.meets is None else [operands[k] for k in op.meets]
        if list(map(DTYPE, values)) in AGREEING:
            return operands
    if default is not None:
        return met_in_torch(op, operands, static, default)
    if not op.elementwise:
        return operands
    if len(operands) == 2:
        operands = align(*operands)
    elif len(operands) > 2:
        return settle(operands, op.rules)
    if all(x.dtype.kind in "biu" and x.dtype.itemsize < 4 for x in operands):
        return enlarged(op, operands, static)
    return operands


# ---- numpy --------------------------------------------------------------------------------------


def align(x: Any, w: Any) -> tuple[Any, Any]:
    """Two operands ready to meet."""
    if x.dtype != w.dtype:
        if not x.shape and w.shape:
            x = lowered(x, w.dtype)
        elif not w.shape and x.shape:
            w = lowered(w, x.dtype)
    return x, w


def lowered(scalar: Any, dtype: DType) -> Any:
    """A scalar in the dtype of an array of its category (else float64 would promote float32).

    An integer stays wide where the array's dtype cannot hold it.
    """
    if category(scalar.dtype) > category(dtype):
        return scalar
    cast = scalar.astype(dtype)
    return scalar if dtype.kind in "iu" and cast != scalar else cast


def settle(raw: tuple[Any, ...], rules: Sequence[Any]) -> tuple[Any, ...]:
    """`align` for any number of operands; one without a rule (a condition) stays as it is."""
    arrays = [x.dtype for x, rule in zip(raw, rules, strict=True) if rule and x.shape]
    if not arrays:
        return raw
    dtype = np.result_type(*arrays)
    return tuple(
        lowered(x, dtype) if rule and not x.shape else x for x, rule in zip(raw, rules, strict=True)
    )


def enlarged(op: Op, operands: tuple[Any, ...], static: tuple[Any, ...]) -> tuple[Any, ...]:
    """Truths and small integers in a dtype whose results are as precise as any other's."""
    dtype = np.result_type(*[x.dtype for x in operands])
    if dtype.kind == "b" and op.name in NUMBERED:
        return (operands[0].astype(promoted(operands, numbers(op, static, float64))),)
    result = answer(op, dtype, len(operands), static)
    if result is None or result == dtype or result.kind not in "fi":
        return operands
    return tuple([x.astype(float64 if result.kind == "f" else int64) for x in operands])


@lru_cache(maxsize=1024)
def answer(op: Op, dtype: DType, count: int, static: tuple[Any, ...]) -> DType | None:
    """The dtype that an elementwise row gives for operands of one dtype: it is asked of none."""
    try:
        result: DType = op.forward(*[np.zeros(0, dtype)] * count, *static).dtype
    except (TypeError, ValueError):  # which the row itself will raise
        return None
    return result


def check_broadcast(left: tuple[int, ...], *others: tuple[int, ...]) -> None:
    for right in others:
        if left == right:
            continue
        for n, m in zip(reversed(left), reversed(right), strict=False):
            if n not in (m, 1) and m != 1:
                raise ShapeMismatch(f"shapes {left} and {right} do not fit")
    if len(others) > 1:
        check_broadcast(*others)


# ---- PyTorch ------------------------------------------------------------------------------------

# Rows of several operands that promote though they are not elementwise; the others want one dtype,
PROMOTING = {"concatenate", "outer", "stack"}
# and so does this one.
ALIKE = {"heaviside"}
# Rows whose static numbers are operands to the promotion.
NUMBERED = {"clip", "pow_scalar", "square"}
# Sums of integers are int64.
TOTALS = {"cumprod", "cumsum", "prod", "sum"}
# Real numbers of integers, where numpy's are integers.
REAL = {"logsumexp", "reciprocal"}
# What is refused to truths, and what to integers too.
NO_BOOLS = {
    *("abs", "ceil", "conj", "floor", "neg", "positive", "rint", "trunc"),
    *("floor_divide", "fmod", "pow_base", "pow_tensor", "remainder"),
    *("argmax", "argmin", "bmm", "dot", "einsum", "mm", "mv", "vm"),
}
NO_INTEGERS = {
    *("heaviside", "hypot", "logaddexp", "logaddexp2"),
    *("log_softmax", "mean", "norm2", "softmax", "std", "var"),
    *("cholesky", "det", "inv", "pinv", "solve", "solve_triangular"),
}


def met_in_torch(
    op: Op, operands: tuple[Any, ...], static: tuple[Any, ...], default: DType
) -> tuple[Any, ...]:
    """The operands in the dtype that PyTorch computes the row in; DtypeMismatch if it does not."""
    if op.name == "copy":  # which casts its second operand
        return operands
    values = meeting(op, operands)
    dtype = promoted(values, numbers(op, static, default))
    refuse(op, [x.dtype for x in values], dtype)
    if dtype.kind in "biu":
        result = answer(op, int64, len(operands), static) if op.elementwise else None
        if op.name in TOTALS:
            dtype = int64
        elif op.name in REAL or (result is not None and result.kind == "f"):
            dtype = default
    those = {id(x) for x in values}
    return tuple(
        [x if x.dtype == dtype or id(x) not in those else x.astype(dtype) for x in operands]
    )


def meeting(op: Op, operands: tuple[Any, ...]) -> Sequence[Any]:
    """The operands that promote."""
    return operands if op.meets is None else [operands[k] for k in op.meets]


def promoted(values: Sequence[Any], scalars: Sequence[Any] = ()) -> DType:
    """The dtype in which PyTorch lets values, and Python numbers as `scalars`, meet."""
    arrays = [x.dtype for x in values if x.shape]
    single = [x.dtype for x in values if not x.shape]
    return widened(
        *[lattice(dtypes) for dtypes in (arrays, single, [x.dtype for x in scalars]) if dtypes]
    )


def lattice(dtypes: Sequence[DType]) -> DType:
    """The least dtype above all: as in numpy, except that integers widen no real number."""
    inexact = [dtype for dtype in dtypes if dtype.kind in "fc"]
    return np.result_type(*(inexact or dtypes))


def widened(dtype: DType, *weaker: DType) -> DType:
    """A dtype in the highest category among it and those that matter less and less."""
    if not weaker:
        return dtype
    other = widened(*weaker)
    if category(other) <= category(dtype):
        return dtype
    return np.result_type(dtype, np.complex64) if dtype.kind == "f" else lattice([dtype, other])


def numbers(op: Op, static: tuple[Any, ...], default: DType) -> list[Any]:
    """A row's static numbers as scalars, of the default precision."""
    if op.name == "square":
        return [int64.type(2)]
    if op.name not in NUMBERED:
        return []
    real = {bool: np.bool_, int: np.int64, float: default.type}
    narrow = np.complex64 if default == np.float32 else np.complex128
    return [real.get(type(n), narrow)(n) for n in static if n is not None]


def refuse(op: Op, dtypes: Sequence[DType], dtype: DType) -> None:
    """Raise DtypeMismatch where PyTorch has no such operation on operands that meet in `dtype`."""
    name, kind = op.name, dtype.kind
    if name in ("rsub", "sub") and np.dtype(bool) in dtypes:
        raise DtypeMismatch(
            "a bool is not subtracted, nor subtracted from",
            hint="~mask is the opposite of a mask, and a != b tells where two differ",
        )
    if (kind == "b" and name in NO_BOOLS) or (kind in "biu" and name in NO_INTEGERS):
        hint = "cast it to a float dtype"
        if name.startswith("pow_"):
            name, hint = "^, the power,", "logical_xor(a, b) is the exclusive or"
        raise DtypeMismatch(f"{name} is not defined for {dtype}", hint=hint)
    if kind == "c" and op.ordered:
        raise DtypeMismatch(f"{name} needs an order, which complex numbers do not have")
    alike = name in ALIKE or not (op.elementwise or name in PROMOTING)
    if alike and len(set(dtypes)) > 1:
        found = " and ".join(dict.fromkeys(map(str, dtypes)))
        raise DtypeMismatch(f"{name} wants operands of one dtype, not {found}")
