"""What stands between the brackets of `x[...]`, resolved against a shape."""

from __future__ import annotations

import math
from functools import cached_property
from typing import Any

import numpy as np

from gradcli.engine.ops.axes import integer
from gradcli.errors import WrongIndex, WrongType, described

Shape = tuple[int, ...]
# Indices in an array that are written out.
SHORT = 8
WHOLE = slice(None)
ENDS = frozenset((int, type(None)))


class Index:
    """A hashable index into values of one shape.

    parts   what numpy's `x[parts]` takes: integers, slices, None and integer arrays, for every
            axis and without an ellipsis, so that batch axes may stand before them
    source  the shape indexed
    basic   no array among the parts
    """

    def __init__(self, parts: tuple[Any, ...], source: Shape) -> None:
        self.parts = parts
        self.source = source
        self.basic = np.ndarray not in map(type, parts)

    @property
    def size(self) -> int:
        """The number of elements indexed."""
        return math.prod(self.source)

    @cached_property
    def flat(self) -> np.ndarray[Any, Any]:
        """For each element of the result, the flat position it comes from."""
        places = np.arange(self.size, dtype=np.int64).reshape(self.source)
        return np.asarray(places[self.parts]).reshape(-1)

    @cached_property
    def shape(self) -> Shape:
        """Of the result: the axes of slices, and those of the arrays in their place together.

        Arrays that a slice separates bring their axes to the front, as in numpy.
        """
        axes: list[int] = []
        places: list[int] = []
        source = iter(self.source)
        for k, part in enumerate(self.parts):
            if part is None:
                axes.append(1)
            elif isinstance(part, slice):
                axes.append(len(range(*part.indices(next(source)))))
            else:
                next(source)
                places.append(k)
        if self.basic:
            return tuple(axes)
        together = places[-1] - places[0] + 1 == len(places)
        at = places[0] if together else 0
        arrays = np.broadcast_shapes(*(np.shape(self.parts[k]) for k in places))
        return (*axes[:at], *arrays, *axes[at:])

    @property
    def rank(self) -> int:
        """The number of the result's axes."""
        arrays = [part.ndim for part in self.parts if type(part) is np.ndarray]
        others = [part for part in self.parts if part is None or type(part) is slice]
        return max(arrays, default=0) + len(others)

    @property
    def kind(self) -> str:
        """What PyTorch calls it: by arrays, else by the last part that is not a whole slice."""
        if not self.basic:
            return "Index"
        for part in reversed(self.parts):
            if part is None:
                return "Unsqueeze"
            if isinstance(part, int):
                return "Select"
            if part != slice(None):
                return "Slice"
        return "Alias"

    @cached_property
    def key(self) -> tuple[Any, ...]:
        """The parts as values that compare and hash by content."""
        return tuple(
            ("slice", part.start, part.stop, part.step)
            if isinstance(part, slice)
            else ("array", part.shape, part.tobytes())
            if isinstance(part, np.ndarray)
            else part
            for part in self.parts
        )

    def __str__(self) -> str:
        """What stands between the brackets; whole axes at its end are left out."""
        parts = list(self.parts)
        while len(parts) > 1 and isinstance(parts[-1], slice) and parts[-1] == slice(None):
            parts.pop()
        return ", ".join(written(part) for part in parts)

    def __hash__(self) -> int:
        return hash((self.key, self.source))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Index) and self.key == other.key and self.source == other.source

    @classmethod
    def plain(cls, index: Any, shape: Shape) -> Index | None:
        """One of integers within bounds, slices from one to the next and new axes, as most are;
        None if it is another."""
        parts = index if type(index) is tuple else (index,)
        axis = 0
        for part in parts:
            if part is None:
                continue
            if axis == len(shape) or not is_plain(part, shape[axis]):
                return None
            axis += 1
        return cls((*parts, *(WHOLE,) * (len(shape) - axis)), shape)

    @classmethod
    def of(cls, index: Any, shape: Shape) -> Index:
        """Check `index` against `shape` and spell out its ellipsis, masks and missing axes."""
        parts = [plain(part) for part in (index if isinstance(index, tuple) else (index,))]
        taken = sum([consumed(part) for part in parts])
        if taken > len(shape):
            axes = f"{len(shape)} {'axis' if len(shape) == 1 else 'axes'}" if shape else "no axes"
            raise WrongIndex(f"too many indices: {taken} for shape {shape}, which has {axes}")
        ellipses = [k for k, part in enumerate(parts) if part is Ellipsis]
        if len(ellipses) > 1:
            raise WrongIndex("an index has at most one ellipsis")
        at = ellipses[0] if ellipses else len(parts)
        parts[at : at + 1] = [WHOLE] * (len(shape) - taken)
        return cls(tuple(resolved(parts, shape)), shape)


def is_plain(part: Any, n: int) -> bool:
    if type(part) is int:
        return -n <= part < n
    if type(part) is not slice or part.step is not None:
        return False
    return type(part.start) in ENDS and type(part.stop) in ENDS


def written(part: Any) -> str:
    if isinstance(part, np.ndarray):
        return str(part.tolist()) if part.size <= SHORT else f"{part.size} indices"
    if not isinstance(part, slice):
        return str(part)
    ends = ["" if end is None else str(end) for end in (part.start, part.stop)]
    return ":".join(ends if part.step in (None, 1) else [*ends, str(part.step)])


def plain(part: Any) -> Any:
    """One part as an int, slice, None, Ellipsis or array of integers or bools."""
    if part is None or part is Ellipsis:
        return part
    if isinstance(part, slice):
        ends = (part.start, part.stop, part.step)
        start, stop, step = (None if end is None else integer_part(end) for end in ends)
        if step == 0:
            raise WrongIndex("a slice's step cannot be 0")
        return slice(start, stop, step)
    if isinstance(part, list | np.ndarray):
        array = rectangular(part)
        if array.size == 0 and array.dtype == float:
            array = array.astype(np.int64)
        if array.dtype.kind not in "iub":
            raise WrongType(f"an index holds integers or bools, not {array.dtype}")
        return array if array.ndim else integer_part(array[()])
    return integer_part(part)


def rectangular(part: list[Any] | np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    try:
        return np.asarray(part)
    except (TypeError, ValueError):
        raise WrongType("an index list holds integers, in rows of equal length") from None


def integer_part(value: Any) -> int:
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | np.integer):
        raise WrongType(f"an index is an integer, a slice or a mask, not {described(value)}")
    return integer(value, "an index")


def consumed(part: Any) -> int:
    """How many axes of the indexed value a part speaks of."""
    if part is None or part is Ellipsis:
        return 0
    if isinstance(part, np.ndarray) and part.dtype.kind == "b":
        return part.ndim
    return 1


def resolved(parts: list[Any], shape: Shape) -> list[Any]:
    """Every part checked against its axis; masks as integer arrays, integers within bounds."""
    found: list[Any] = []
    axis = 0
    for part in parts:
        count = consumed(part)
        if isinstance(part, np.ndarray) and part.dtype.kind == "b":
            if part.shape != shape[axis : axis + count]:
                raise WrongIndex(f"a mask of shape {part.shape} does not fit shape {shape}")
            found += np.nonzero(part)
        elif isinstance(part, int | np.ndarray):
            check_bounds(part, axis, shape[axis])
            found.append(part)
        else:
            found.append(part)
        axis += count
    check_arrays(found)
    return found


def check_bounds(part: int | np.ndarray[Any, Any], axis: int, n: int) -> None:
    if isinstance(part, int):
        bad = [] if -n <= part < n else [part]
    else:
        bad = part[(part < -n) | (part >= n)].tolist()
    if bad:
        raise WrongIndex(f"index {bad[0]} is outside axis {axis}, which has {n} elements")


def check_arrays(parts: list[Any]) -> None:
    shapes = [part.shape for part in parts if isinstance(part, np.ndarray)]
    if not shapes:
        return
    try:
        np.broadcast_shapes(*shapes)
    except ValueError:
        raise WrongIndex(f"index arrays of shapes {shapes} do not fit each other") from None
