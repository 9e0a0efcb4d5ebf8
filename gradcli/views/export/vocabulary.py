"""What a target language says directly, and how other operations are said in terms of those."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from gradcli.engine.functions import FUNCTIONS as F
from gradcli.engine.ops import TABLE
from gradcli.engine.ops.shape import gather
from gradcli.engine.ops.sigmoidal import SATURATED
from gradcli.engine.program import Value

Table = np.ndarray[Any, Any]


class Vocabulary(NamedTuple):
    """
    language  its name, for errors
    forms     rows that are written by a name, or a statement, of the language
    codes     code of rows that have none in the table: functions that the language lacks
    """

    language: str
    forms: Collection[str]
    codes: Mapping[str, str] = {}

    def known(self, value: Value, operands: Sequence[Value]) -> bool:
        """Is an operation said in one piece?"""
        assert value.op is not None
        by_name = value.op.name in self.forms or placed(value, operands)
        return by_name or bool(self.code(value, operands))

    def code(self, value: Value, operands: Sequence[Value]) -> str:
        """The operation as an expression of its operands, if it is one here."""
        op = value.op
        assert op is not None
        if op.name == "astype" and operands[0].dtype.kind != "b":
            return "x"  # whole numbers and real ones are written alike
        return "" if op.name in self.forms else self.codes.get(op.name) or op.code


def placed(value: Value, operands: Sequence[Value]) -> bool:
    """Does it move elements to places that are known?"""
    return any(table(value, operands) is not None for table in (places, added_at, written_at))


def places(value: Value, operands: Sequence[Value]) -> Table | None:
    """Of an operation that only moves elements: where in its first operand each comes from.

    It is -1 where a zero is put.
    """
    op = value.op
    assert op is not None
    indexed = op.name in BY_INDEX and operands[1].constant is not None
    edged = op.name == "pad" and value.static[1] != "constant"
    if not (indexed or edged or (len(operands) == 1 and op.moves(value.static))):
        return None
    source = operands[0]
    numbers = np.arange(1, 1 + source.size).reshape(source.shape)
    rest = [x.constant for x in operands[1:]]
    return np.asarray(op.forward(numbers, *rest, *value.static)) - 1


BY_INDEX = ("gather", "index_select", "embedding")
# Of what writes or adds elements at an index, what reads them there; and of what writes alone.
READERS = {"scatter_add": "gather", "index_add": "index_select"}
WRITERS = ("scatter", "copy_slices", "index_put")


def added_at(value: Value, operands: Sequence[Value]) -> Table | None:
    """Of an operation that adds its last operand to the first: where each element is added.

    The first of a single operand is zeros.
    """
    op = value.op
    assert op is not None
    if op.name not in (*READERS, "scatter_index") or any(
        x.constant is None for x in operands[1:-1]
    ):
        return None
    numbers = np.arange(value.size).reshape(value.shape)
    if op.name == "scatter_index":
        index = value.static[0]
        return np.asarray(numbers[(..., *index.parts)] if index.basic else gather(numbers, index))
    places = [x.constant for x in operands[1:-1]]
    return np.asarray(TABLE[READERS[op.name]].forward(numbers, *places, *value.static))


def written_at(value: Value, operands: Sequence[Value]) -> Table | None:
    """Of an operation that writes its last operand over the first: which element stands where.

    It is -1 where the first operand's stays.
    """
    op = value.op
    assert op is not None
    if op.name not in WRITERS or any(x.constant is None for x in operands[1:-1]):
        return None
    base, part = operands[0], operands[-1]
    numbers = np.arange(part.size).reshape(part.shape)
    index = [x.constant for x in operands[1:-1]]
    return np.asarray(op.forward(np.full(base.shape, -1), *index, numbers, *value.static))


def repeated(array: Table) -> float | None:
    """The number that every element of an array is, if that is finite and has no sign."""
    if array.dtype.kind != "f" or not array.size:
        return None
    first = float(array.flat[0])
    plain = math.isfinite(first) and math.copysign(1, first) > 0
    same = plain and bool(np.all(array == first)) and not np.signbit(array).any()
    return first if same else None


# ---- in terms of others -------------------------------------------------------------------------


def deviation(x: Any, axes: Any, keepdims: bool, ddof: float) -> Any:
    """The square root of a variance."""
    return F["sqrt"](F["var"](x, axes, keepdims, ddof=ddof))


def chosen(x: Any, nan: float, above: float, below: float) -> Any:
    y = F["where"](x == math.inf, above, F["where"](x == -math.inf, below, x))
    return F["where"](F["isnan"](x), nan, y)


def rounded(x: Any, decimals: int) -> Any:
    scale = 10.0 ** abs(decimals)
    return F["rint"](x * scale) / scale if decimals >= 0 else F["rint"](x / scale) * scale


def entropy(x: Any) -> Any:
    """-x log x, 0 at 0, and -inf below."""
    inside = -x * F["log"](F["where"](x > 0, x, 1.0))
    return F["where"](x > 0, inside, F["where"](x == 0, 0.0, F["where"](x < 0, -math.inf, x)))


def gaussian_gate(x: Any, approximate: str) -> Any:
    if approximate == "tanh":
        return TABLE["gelu"].forward(x, approximate)
    return F["maximum"](x, -SATURATED) * F["ndtr"](x)


def log_shares(x: Any, axis: int) -> Any:
    below = x - F["max"](x, axis, keepdims=True)
    return below - F["log"](F["sum"](F["exp"](below), axis, keepdims=True))


# What rows do whose own forward says it in other words than rows.
COMPOSED: dict[str, Callable[..., Any]] = {
    "addmm": lambda c, a, b, beta, alpha: c * beta + (a @ b) * alpha,
    "angle": lambda x: F["arctan2"](F["where"](F["isnan"](x), x, 0.0), x),
    "copy": lambda x, y: F["broadcast_to"](y, x.shape),
    "entr": entropy,
    "fill": lambda x, number: F["zeros_like"](x) + number,
    "gamma_density": lambda a, x: F["exp"](F["xlogy"](a - 1, x) - x - F["lgamma"](a)),
    "gelu": gaussian_gate,
    "lbeta": lambda a, b: F["lgamma"](a) + F["lgamma"](b) - F["lgamma"](a + b),
    "linear": lambda b, x, w: x @ w.mT + b,
    "log_softmax": log_shares,
    "logit": lambda x: F["log"](x / (1 - x)),
    "nan_to_num": chosen,
    "ndtr": lambda x: F["erfc"](x * -math.sqrt(0.5)) * 0.5,
    "round_decimals": rounded,
    "std": deviation,
    "trace": lambda x, offset, a, b: F["sum"](F["diagonal"](x, offset, a, b), -1),
    "zero": F["zeros_like"],
}
