"""PyTorch's functions of where elements are and which there are: places, ranks, counts, parts."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from gradcli.engine.functions import FUNCTIONS as F
from gradcli.engine.ops.axes import integer, negative_axis
from gradcli.engine.tensor import Tensor
from gradcli.errors import DtypeMismatch, WrongType, WrongValue, described
from gradcli.lang.constructors import constant, shape_of
from gradcli.lang.limits import current
from gradcli.lang.operators import truth
from gradcli.lang.values import LISTS, Record

# What looking at an element takes, and putting it in its place among the others, in units.
LOOK, PLACE = 1 / 200, 1 / 8


def looked_at(name: str, x: Any, units: float) -> Any:
    """The elements of a tensor, paid for."""
    if type(x) is not Tensor:
        raise WrongType(f"{name} takes a tensor, not {described(x)}")
    meter = current()
    if meter is not None:
        meter.charge(x.size * units)
    return np.asarray(x.taken())


def result(name: str, **fields: Tensor) -> Record:
    return Record(f"torch.return_types.{name}", dict(fields))


# ---- places -------------------------------------------------------------------------------------


def nonzero(input: Any, *, as_tuple: Any = False) -> Any:
    """The places of what is not 0: a row each, or a tensor an axis."""
    value = looked_at("nonzero", input, LOOK)
    if truth(as_tuple):
        return tuple([constant(at) for at in np.nonzero(np.atleast_1d(value))])
    return constant(np.argwhere(value))


def where(condition: Any, *choices: Any) -> Any:
    """Of two tensors by a mask; without them the places where it holds."""
    return F["where"](condition, *choices) if choices else nonzero(condition, as_tuple=True)


def chosen_of(mask: Any, input: Any, other: Any) -> Tensor:
    """`x.where(mask, y)`"""
    return F["where"](mask, input, other)


def corner(name: str, places: Callable[..., Any]) -> Callable[..., Tensor]:
    """`tril_indices` and `triu_indices`: rows above columns."""

    def call(row: Any, col: Any, offset: Any = 0) -> Tensor:
        n, m = shape_of((row, col))
        meter = current()
        if meter is not None:
            meter.allocate((2, n * m))
        return constant(np.array(places(n, integer(offset, f"{name}: the offset"), m)))

    return call


# ---- ranks --------------------------------------------------------------------------------------


def aminmax(input: Any, *, dim: Any = None, keepdim: Any = False) -> Record:
    keep = truth(keepdim)
    return result("aminmax", min=F["amin"](input, dim, keep), max=F["amax"](input, dim, keep))


def msort(input: Any) -> Tensor:
    return F["sort"](input, 0)


def mode(input: Any, dim: Any = -1, keepdim: Any = False) -> Record:
    """The most frequent element, the least of several, and its last place."""
    value = np.atleast_1d(looked_at("mode", input, PLACE))
    axis = negative_axis(dim, value.ndim)
    rows = np.moveaxis(value, axis, -1)
    places = np.empty(rows.shape[:-1], np.int64)
    for at in np.ndindex(places.shape):
        found, counts = np.unique(rows[at], return_counts=True)
        most = found[np.argmax(counts)]
        nan = most != most  # noqa: PLR0124  # which is not equal to itself
        same = rows[at] != rows[at] if nan else rows[at] == most
        places[at] = np.flatnonzero(same)[-1]
    places = np.expand_dims(places, axis)
    x = input if input.ndim else F["reshape"](input, (1,))
    values, indices = F["take_along_axis"](x, Tensor(places), axis), constant(places)
    if not truth(keepdim):
        values, indices = F["squeeze"](values, axis), F["squeeze"](indices, axis)
    return result("mode", values=values, indices=indices)


def nanmedian(input: Any) -> Tensor:
    """The lower one of the two in the middle of what is a number."""
    value = looked_at("nanmedian", input, PLACE).reshape(-1)
    there = np.flatnonzero(~np.isnan(value))
    x = F["ravel"](input)
    return F["kthvalue"](x[Tensor(there)], (there.size + 1) // 2, 0)[0] if there.size else x.sum()


# ---- which there are ----------------------------------------------------------------------------


def unique(
    input: Any,
    sorted: Any = True,
    return_inverse: Any = False,
    return_counts: Any = False,
    dim: Any = None,
) -> Any:
    """The different elements, or slices along `dim`, in order."""
    truth(sorted)
    value = looked_at("unique", input, PLACE)
    axis = None if dim is None else negative_axis(dim, value.ndim)
    _, first, inverse, counts = np.unique(
        value, return_index=True, return_inverse=True, return_counts=True, axis=axis
    )
    x = F["ravel"](input) if axis is None else input
    found = F["index_select"](x, -1 if axis is None else axis, Tensor(first))
    return asked(
        found,
        inverse.reshape(value.shape if dim is None else -1),
        counts,
        return_inverse,
        return_counts,
    )


def unique_consecutive(input: Any, return_inverse: Any = False, return_counts: Any = False) -> Any:
    """Without what repeats the element before it."""
    value = looked_at("unique_consecutive", input, LOOK)
    flat = value.reshape(-1)
    new = np.ones(flat.size, bool)
    new[1:] = flat[1:] != flat[:-1]
    starts = np.flatnonzero(new)
    inverse = (np.cumsum(new) - 1).reshape(value.shape)
    counts = np.diff(np.append(starts, flat.size))
    found = F["index_select"](F["ravel"](input), 0, Tensor(starts))
    return asked(found, inverse, counts, return_inverse, return_counts)


def asked(found: Tensor, inverse: Any, counts: Any, with_inverse: Any, with_counts: Any) -> Any:
    parts = [found]
    if truth(with_inverse):
        parts.append(constant(inverse))
    if truth(with_counts):
        parts.append(constant(counts))
    return parts[0] if len(parts) == 1 else tuple(parts)


def histc(input: Any, bins: Any = 100, min: Any = 0, max: Any = 0) -> Tensor:
    """How many elements lie in each of so many equal intervals."""
    value = looked_at("histc", input, LOOK)
    if value.dtype.kind != "f":
        raise DtypeMismatch(f"histc is not defined for {value.dtype}", hint="cast it to float32")
    count = integer(bins, "histc: how many bins")
    if count < 1 or not {type(min), type(max)} <= {int, float} or max < min:
        raise WrongValue("histc takes a positive number of bins and min <= max")
    meter = current()
    if meter is not None:
        meter.allocate((count,))
    low, high = (min, max) if min != max or not value.size else (value.min(), value.max())
    if not np.isfinite(low) or not np.isfinite(high):
        raise WrongValue("histc: the range is not finite")
    counts, _ = np.histogram(value, count, (low, high))
    return constant(counts.astype(value.dtype))


def isin(elements: Any, test_elements: Any) -> Tensor:
    first, second = (looked_at("isin", x, PLACE) for x in (elements, test_elements))
    return constant(np.isin(first, second))


def searchsorted(
    sorted_sequence: Any, input: Any, *, right: Any = False, side: Any = None
) -> Tensor:
    """Where to insert elements so that the sequence stays in order."""
    if side not in (None, "left", "right"):
        raise WrongValue("searchsorted: the side is 'left' or 'right'")
    after = truth(right) or side == "right"
    value = F["searchsorted"](sorted_sequence, input)
    if not after:
        return value
    ends = looked_at("searchsorted", sorted_sequence, 0)
    wanted = input.taken() if type(input) is Tensor else input
    return constant(np.asarray(np.searchsorted(ends, wanted, "right")))


def bincount(input: Any, weights: Any = None, minlength: Any = 0) -> Tensor:
    """How often each integer from 0 on occurs, or the sum of the weights at its places."""
    counts = F["bincount"](input, minlength=minlength)
    if weights is None:
        return counts
    if type(weights) is not Tensor:
        raise WrongType(f"bincount: weights are a tensor, not {described(weights)}")
    return F["index_add"](F["zeros_like"](counts) * weights.sum(), 0, input, weights)


def combinations(input: Any, r: Any = 2, with_replacement: Any = False) -> Tensor:
    """So many elements of a vector, in every choice of places."""
    value = looked_at("combinations", input, LOOK)
    if value.ndim != 1 or type(r) is not int or not 0 <= r <= 8:
        raise WrongValue("combinations takes a vector and how many of it, at most 8")
    again = truth(with_replacement)
    count = math.comb(value.size + r - 1 if again else value.size, r)
    meter = current()
    if meter is not None:
        meter.allocate((count, r), 1)
    choose = itertools.combinations_with_replacement if again else itertools.combinations
    places = np.array([*choose(range(value.size), r)], np.int64).reshape(count, r)
    return F["take"](input, constant(places), 0)


def bucketize(input: Any, boundaries: Any, *, right: Any = False) -> Tensor:
    return searchsorted(boundaries, input, right=right)


# ---- parts --------------------------------------------------------------------------------------


def tensor_split(input: Any, indices_or_sections: Any, dim: Any = 0) -> tuple[Tensor, ...]:
    """Parts between places, or so many of about the same length."""
    length = looked_at("tensor_split", input, 0).shape[negative_axis(dim, input.ndim)]
    if type(indices_or_sections) in LISTS:
        ends = [integer(at, "tensor_split: a place") for at in indices_or_sections]
    else:
        count = integer(indices_or_sections, "tensor_split: how many parts")
        if not 1 <= count <= 100_000:
            raise WrongValue("tensor_split: how many parts is a positive number")
        small, more = divmod(length, count)
        ends = [k * small + min(k, more) for k in range(1, count)]
    parts = zip([0, *ends], [*ends, length], strict=True)
    return tuple([F["narrow"](input, dim, start, max(0, stop - start)) for start, stop in parts])


def splitting(axis: int) -> Callable[..., tuple[Tensor, ...]]:
    """`hsplit`, `vsplit` and `dsplit`."""

    def call(input: Any, indices_or_sections: Any) -> tuple[Tensor, ...]:
        ndim = looked_at("a split", input, 0).ndim
        return tensor_split(input, indices_or_sections, 0 if ndim == 1 else axis)

    return call


def block_diag(*tensors: Any) -> Tensor:
    """Matrices along the diagonal of a larger one, with 0 beside them."""
    blocks = [F["atleast_2d"](x) for x in tensors]
    width = sum(block.shape[1] for block in blocks)
    rows, before = [], 0
    for block in blocks:
        after = width - before - block.shape[1]
        rows.append(F["pad"](block, ((0, 0), (before, after))))
        before += block.shape[1]
    return F["concatenate"](rows, 0) if rows else Tensor(np.zeros((1, 0), np.float32))


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "aminmax": aminmax,
    "argwhere": nonzero,
    "bincount": bincount,
    "dsplit": splitting(2),
    "histc": histc,
    "hsplit": splitting(1),
    "mode": mode,
    "msort": msort,
    "nanmedian": nanmedian,
    "nonzero": nonzero,
    "tensor_split": tensor_split,
    "unique": unique,
    "unique_consecutive": unique_consecutive,
    "vsplit": splitting(0),
}
OTHERS: dict[str, Callable[..., Any]] = {
    "block_diag": block_diag,
    "bucketize": bucketize,
    "combinations": combinations,
    "isin": isin,
    "searchsorted": searchsorted,
    "tril_indices": corner("tril_indices", np.tril_indices),
    "triu_indices": corner("triu_indices", np.triu_indices),
    "where": where,
}
METHODS: dict[str, Callable[..., Any]] = {
    "where": lambda input, condition, other: chosen_of(condition, input, other),
}
