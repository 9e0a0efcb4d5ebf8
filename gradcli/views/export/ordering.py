"""Sorting, and reading and adding at places that are calculated, in every language of arrays."""

from __future__ import annotations

import math

from gradcli.views.export.arrays import Use, form, no_form
from gradcli.views.export.listing import Line
from gradcli.views.export.loops import (
    LOOPS,
    Shape,
    Statements,
    array,
    element,
    nested,
    place,
    statement,
)

# ---- numpy, PyTorch, JAX ------------------------------------------------------------------------


@form("argsort")
def order(use: Use) -> str:
    """Equal elements keep their order; nan is the largest."""
    axis, descending = use.static
    if use.torch:
        words = "descending=True, stable=True" if descending else "stable=True"
        return use.call("argsort", use.x, use.along(axis), words)
    stable = 'kind="stable"' if use.module == "np" else "stable=True"
    if not descending:
        return use.call("argsort", use.x, use.along(axis), stable)
    turned = use.call("argsort", use.call("flip", use.x, axis), use.along(axis), stable)
    return f"{use.value.shape[axis] - 1} - {use.call('flip', turned, axis)}"


@form("sort")
def ordered(use: Use) -> str:
    """The elements of some ranks."""
    axis, descending, start, stop, _title = use.static
    text = use.call("sort", use.x, use.along(axis)) + (".values" if use.torch else "")
    n = use.sources[0].shape[axis]
    if descending:
        text = use.call("flip", text, (axis,) if use.torch else axis)
    if (start, stop) == (0, n):
        return text
    return f"{text}[..., {start}:{stop}{', :' * (-1 - axis)}]"


@form("gather")
def read_along(use: Use) -> str:
    """Of an index that has the operand's shape but for the axis, or for axes of a batch."""
    x, index = use.operands
    shape, places = use.sources[0].shape, use.sources[1].shape
    if not along(shape, places, use.static[0]):
        if use.torch and len(shape) == len(places):
            return use.call("gather", x, use.static[0], index)
        raise use.refused()
    if len(shape) > len(places):
        index = f"{index}[{', '.join(['None'] * (len(shape) - len(places)))}]"
    name = "take_along_dim" if use.torch else "take_along_axis"
    return use.call(name, x, index, use.along(use.static[0]))


@form("scatter_add")
def added_along(use: Use) -> str:
    x, index, source = use.operands
    axis, shape = use.static[0], use.sources[2].shape
    if use.torch:
        whole = "" if shape == use.sources[1].shape else f".expand{shape}"
        return use.call("scatter_add", x, axis, f"{index}{whole}", source)
    if not along(use.sources[0].shape, use.sources[1].shape, axis):
        raise use.refused()
    return f"added_along({x}, {index}, {source}, {axis})"


def along(shape: Shape, index: Shape, axis: int) -> bool:
    """Have they the same last lengths but for that along the axis, which counts from the end?"""
    pairs = enumerate(zip(reversed(shape), reversed(index), strict=False), 1)
    return len(index) <= len(shape) and all(n == m or k == -axis for k, (n, m) in pairs)


# ---- C ------------------------------------------------------------------------------------------

ORDER = """\
/* The places of the elements in order; equal ones keep theirs, and nan is the largest. */
static void order(int n, int step, int descending, const double *x, double *places)
{
    for (int i = 0; i < n; i++) {
        double a = x[i*step];
        int k = i;
        for (; k > 0; k--) {
            double b = x[(int)places[(k - 1)*step]*step];
            if (descending ? !(a > b || (isnan(a) && !isnan(b)))
                           : !(a < b || (isnan(b) && !isnan(a)))) break;
            places[k*step] = places[(k - 1)*step];
        }
        places[k*step] = i;
    }
}"""
HELPERS = {"order": ORDER}


def placing(name: str, x: str, shape: Shape, axis: int, descending: bool) -> Statements:
    """Fill an array of x's shape with the places in order along an axis."""
    letters = [*LOOPS[: len(shape)]]
    letters[axis] = "0"
    begin = place(shape, letters)
    step = math.prod(shape[len(shape) + axis + 1 :])
    there = "" if begin == "0" else f" + {begin}"
    call = f"order({shape[axis]}, {step}, {int(descending)}, {x}{there}, {name}{there});"
    others = tuple([1 if k == axis + len(shape) else n for k, n in enumerate(shape)])
    return nested(others, call)


@statement("argsort")
def order_in_c(line: Line) -> Statements:
    return [";", *placing(line.name, line.operands[0], line.value.shape, *line.value.static)]


@statement("sort")
def ordered_in_c(line: Line) -> Statements:
    axis, descending, start, _stop, _title = line.value.static
    x, source, shape = line.operands[0], line.sources[0].shape, line.value.shape
    at, letters = f"{line.name}_at", [*LOOPS[: len(shape)]]
    rank = [*letters]
    rank[axis] = f"({rank[axis]} + {start})" if start else rank[axis]
    chosen = [*letters]
    chosen[axis] = f"(int){element(at, source, rank)}"
    own = element(line.name, shape, letters)
    return [
        ";",
        array("double", at, math.prod(source)),
        *placing(at, x, source, axis, descending),
        *nested(shape, f"{own} = {element(x, source, chosen)};"),
    ]


@statement("gather")
def read_along_in_c(line: Line) -> Statements:
    (x, index), (source, at) = line.operands, (source.shape for source in line.sources)
    shape = line.value.shape
    letters, chosen = pointed(index, at, shape, line.value.static[0])
    if len(shape) != len(source):
        raise no_form("gather", "C")
    own = element(line.name, shape, letters)
    return [";", *nested(shape, f"{own} = {element(x, source, chosen)};")]


@statement("scatter_add")
def added_along_in_c(line: Line) -> Statements:
    (x, index, source), shape = line.operands, line.value.shape
    base, at, given = (source.shape for source in line.sources)
    letters, chosen = pointed(index, at, given, line.value.static[0])
    if len(given) != len(shape):
        raise no_form("scatter_add", "C")
    whole = LOOPS[: len(shape)]
    first = element(x, base, whole[len(shape) - len(base) :])
    return [
        ";",
        *nested(shape, f"{element(line.name, shape, whole)} = {first};"),
        *nested(
            given, f"{element(line.name, shape, chosen)} += {element(source, given, letters)};"
        ),
    ]


def pointed(index: str, places: Shape, shape: Shape, axis: int) -> tuple[list[str], list[str]]:
    """The letters of loops over a shape, and those of where an index points along the axis."""
    letters = [*LOOPS[: len(shape)]]
    chosen = [*letters]
    chosen[axis] = f"(int){element(index, places, letters[len(shape) - len(places) :])}"
    return letters, chosen
