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
    """Of an index that has the operand's shape but for the axis."""
    x, index = use.operands
    if use.torch:
        return use.call("gather", x, use.static[0], index)
    if not along(use.sources[0].shape, use.sources[1].shape, use.static[0]):
        raise use.refused()
    return use.call("take_along_axis", x, index, use.along(use.static[0]))


@form("scatter_add")
def added_along(use: Use) -> str:
    x, index, source = use.operands
    axis = use.static[0]
    if use.torch:
        return use.call("scatter_add", x, axis, index, source)
    if not along(use.sources[0].shape, use.sources[1].shape, axis):
        raise use.refused()
    return f"added_along({x}, {index}, {source}, {axis})"


def along(shape: Shape, index: Shape, axis: int) -> bool:
    """Have they the same lengths but for that along the axis?"""
    return len(shape) == len(index) and all(
        n == m for k, (n, m) in enumerate(zip(shape, index, strict=True)) if k != axis + len(shape)
    )


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
    letters, chosen = pointed(index, at, line.value.static[0])
    if len(at) != len(source):
        raise no_form("gather", "C")
    own = element(line.name, line.value.shape, letters)
    return [";", *nested(at, f"{own} = {element(x, source, chosen)};")]


@statement("scatter_add")
def added_along_in_c(line: Line) -> Statements:
    (x, index, source), shape = line.operands, line.value.shape
    at = line.sources[1].shape
    letters, chosen = pointed(index, at, line.value.static[0])
    if len(at) != len(shape) or line.sources[2].shape != at:
        raise no_form("scatter_add", "C")
    whole = LOOPS[: len(shape)]
    first = element(x, line.sources[0].shape, whole)
    given = element(source, at, letters)
    return [
        ";",
        *nested(shape, f"{element(line.name, shape, whole)} = {first};"),
        *nested(at, f"{element(line.name, shape, chosen)} += {given};"),
    ]


def pointed(index: str, shape: Shape, axis: int) -> tuple[list[str], list[str]]:
    """The letters of an index's loops, and those of where it points along the axis."""
    letters = [*LOOPS[: len(shape)]]
    chosen = [*letters]
    chosen[axis] = f"(int){element(index, shape, letters)}"
    return letters, chosen
