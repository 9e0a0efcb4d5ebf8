"""Operations on whole arrays as loops in C: arrays are flat, by rows.

Every array has its own axes; a loop over an axis is named by a letter, and the place of an element
is the sum of its letters' strides.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence

import numpy as np

from gradcli.engine.program import Value
from gradcli.errors import WrongType
from gradcli.views.export.arrays import no_form
from gradcli.views.export.listing import Line
from gradcli.views.export.vocabulary import Table, added_at, places, written_at

LOOPS = "ijklmnop"
Shape = tuple[int, ...]
# What ends an array's declaration, and the statements that fill it.
Statements = list[str]
Statement = Callable[[Line], Statements]
STATEMENTS: dict[str, Statement] = {}


def statement(*names: str) -> Callable[[Statement], Statement]:
    def register(function: Statement) -> Statement:
        STATEMENTS.update(dict.fromkeys(names, function))
        return function

    return register


def filled(line: Line) -> Statements:
    """An operation that is not elementwise."""
    op = line.value.op
    assert op is not None
    if op.name in STATEMENTS:
        return STATEMENTS[op.name](line)
    table = places(line.value, line.sources)
    if table is not None:
        return [";", *moved(line, table, line.operands[0], "0")]
    over, added = written_at(line.value, line.sources), added_at(line.value, line.sources)
    if over is None and added is None:
        raise no_form(op.name, "C")
    shape = line.value.shape
    first = element(line.operands[0], line.sources[0].shape, LOOPS[: len(shape)])
    if over is not None:
        return [";", *moved(line, over, line.operands[-1], first)]
    assert added is not None
    copied = nested(shape, f"{element(line.name, shape, LOOPS[: len(shape)])} = {first};")
    return [";", *copied, *put(line, len(line.operands) - 1, added, "+=")]


# Elements of an array that may stand on the stack.
SMALL = 2048


def array(kind: str, name: str, size: int) -> str:
    """Its declaration."""
    return f"{'' if size <= SMALL else 'static '}{kind} {name}[{max(1, size)}];"


# ---- places -------------------------------------------------------------------------------------


def nested(shape: Shape, statement: str) -> list[str]:
    """A statement in a loop over every axis that it depends on, on lines of their own."""
    if len(shape) > len(LOOPS):
        raise WrongType(f"export: no loops over {len(shape)} axes in C")
    loops = [
        f"for (int {i} = 0; {i} < {n}; {i}++)"
        for i, n in zip(LOOPS, shape, strict=False)
        if n != 1 or re.search(rf"\b{i}\b", statement)
    ]
    return ["    " * k + line for k, line in enumerate([*loops, statement])]


def place(shape: Shape, letters: Sequence[str]) -> str:
    """Of an element of an array; an axis of length 1 is broadcast over its letter's loop."""
    terms, step = [], 1
    for n, letter in zip(reversed(shape), reversed(letters), strict=True):
        if n > 1 and letter != "0":
            terms.append(letter if step == 1 else f"{letter}*{step}")
        step *= n
    return " + ".join(reversed(terms)) or "0"


def flat(shape: Shape, loops: Shape) -> str:
    """The place in an array of `shape`, broadcast to loops over another."""
    return place(shape, LOOPS[len(loops) - len(shape) : len(loops)])


def element(name: str, shape: Shape, letters: Sequence[str]) -> str:
    return f"{name}[{place(shape, letters)}]" if shape else name


def affine(table: Table) -> str | None:
    """A table of places as a sum of multiples of the loops' variables, if it is one."""
    if not table.size:
        return "0"
    first = int(table.flat[0])
    if not table.ndim:
        return str(first)
    steps = []
    for axis, n in enumerate(table.shape):
        second = tuple(1 if k == axis else 0 for k in range(table.ndim))
        steps.append(int(table[second]) - first if n > 1 else 0)
    grid = np.indices(table.shape).reshape(table.ndim, -1)
    if not np.array_equal(np.array(steps) @ grid + first, table.ravel()):
        return None
    terms = [
        letter if s == 1 else f"{letter}*{s}" for letter, s in zip(LOOPS, steps, strict=False) if s
    ]
    return " + ".join(terms + [str(first)] * (first != 0 or not terms)).replace("+ -", "- ")


def tabled(name: str, table: Table) -> tuple[list[str], str]:
    """Places as an expression of the loops' variables, and the table that it needs, if any."""
    there = affine(table) if np.all(table >= 0) else None
    if there is not None:
        return [], there
    numbers = ", ".join(map(str, table.ravel().tolist()))
    return [
        f"static const int {name}[] = {{{numbers}}};"
    ], f"{name}[{flat(table.shape, table.shape)}]"


def is_same_memory(line: Line) -> bool:
    """Is the result what the operand is, in another shape?"""
    op, source = line.value.op, line.sources[0]
    if op is None or op.name in STATEMENTS or not (line.value.shape and source.shape):
        return False
    table = places(line.value, line.sources)
    return table is not None and np.array_equal(table.ravel(), np.arange(source.size))


# ---- moves --------------------------------------------------------------------------------------


def moved(line: Line, table: Table, x: str, otherwise: str) -> Statements:
    """Elements of an operand at the places of a table; something else where there are none."""
    source = line.sources[line.operands.index(x)]
    rows, there = tabled(f"{line.name}_at", table)
    into = element(line.name, table.shape, LOOPS[: table.ndim])
    given = f"{x}[{there}]" if source.shape else x
    given = given if np.all(table >= 0) else f"{there} < 0 ? {otherwise} : {given}"
    return [*rows, *nested(table.shape, f"{into} = {given};")]


def put(line: Line, k: int, table: Table, sign: str) -> Statements:
    """The elements of operand k at the places of a table, of its own shape, in the result."""
    x, source = line.operands[k], line.sources[k].shape
    rows, there = tabled(f"{line.name}_at{k}", table)
    into = f"{line.name}[{there}]" if line.value.shape else line.name
    given = element(x, source, LOOPS[len(table.shape) - len(source) : len(table.shape)])
    return [*rows, *nested(table.shape, f"{into} {sign} {given};")]


@statement("scatter_index")
def scattered(line: Line) -> Statements:
    table = added_at(line.value, line.sources)
    assert table is not None
    sign = "=" if line.value.static[0].basic else "+="
    return [" = {0};" if line.value.shape else " = 0;", *put(line, 0, table, sign)]


@statement("pad")
def padded(line: Line) -> Statements:
    widths, mode, number = line.value.static
    shape, source = line.value.shape, line.sources[0].shape
    if mode != "constant":
        table = np.pad(np.arange(math.prod(source)).reshape(source), widths, mode)
        return [";", *moved(line, table, line.operands[0], "0")]
    whole = np.arange(line.value.size).reshape(shape)
    inner = tuple([slice(low, low + n) for (low, _), n in zip(widths, source, strict=True)])
    around = nested(shape, f"{line.name}[{flat(shape, shape)}] = {float(number)!r};")
    start = [" = {0};"] if not number else [";", *around]
    return [*start, *put(line, 0, whole[inner], "=")]


@statement("stack", "concatenate")
def joined(line: Line) -> Statements:
    op, value = line.value.op, line.value
    assert op is not None
    whole = np.arange(value.size).reshape(value.shape)
    axis, start = value.static[0], 0
    rows = [";"]
    for k, source in enumerate(line.sources):
        length = 1 if op.name == "stack" else source.shape[axis]
        table = np.take(whole, np.arange(start, start + length), axis).reshape(source.shape)
        start += length
        rows += put(line, k, table, "=")
    return rows


# ---- sums, products, extremes -------------------------------------------------------------------

# What a fold begins with, and how it takes an element x into y.
FOLDS = {
    "sum": ("0", "{y} += {x};"),
    "mean": ("0", "{y} += {x};"),
    "nansum": ("0", "{y} += isnan({x}) ? 0 : {x};"),
    "prod": ("1", "{y} *= {x};"),
    "any": ("0", "{y} = {y} || {x};"),
    "all": ("1", "{y} = {y} && {x};"),
    "norm2": ("0", "{y} = hypot({y}, {x});"),
    "max": ("-INFINITY", "if ({x} > {y} || isnan({x})) {y} = {x};"),
    "min": ("INFINITY", "if ({x} < {y} || isnan({x})) {y} = {x};"),
}
FOLDS |= {"max_along": FOLDS["max"], "min_along": FOLDS["min"]}


def kept(source: Shape, axes: Sequence[int] | int | None) -> Shape:
    """The shape with the folded axes as axes of length 1."""
    every = range(-len(source), 0) if axes is None else (axes,) if isinstance(axes, int) else axes
    return tuple([1 if k - len(source) in every else n for k, n in enumerate(source)])


def into(line: Line, axes: Sequence[int] | int | None) -> str:
    """The element of the result that the source's loops lead to."""
    source = line.sources[0].shape
    if not line.value.shape:
        return line.name
    return f"{line.name}[{flat(kept(source, axes), source)}]"


@statement(*FOLDS)
def folded(line: Line) -> Statements:
    op, value, (x, source) = line.value.op, line.value, (line.operands[0], line.sources[0])
    assert op is not None
    axes = value.static[0]
    first, step = FOLDS[op.name]
    y = into(line, axes)
    text = step.format(y=y, x=element(x, source.shape, LOOPS[: len(source.shape)]))
    own = element(line.name, value.shape, LOOPS[: len(value.shape)])
    start = begun(value.shape, own, first)
    count = source.size // max(1, value.size)
    mean = nested(value.shape, f"{own} /= {count};") if op.name == "mean" else []
    return [*start, *nested(source.shape, text), *mean]


def begun(shape: Shape, own: str, first: str) -> Statements:
    """A declaration's end that gives every element its first value."""
    if not shape:
        return [f" = {first};"]
    return [" = {0};"] if first == "0" else [";", *nested(shape, f"{own} = {first};")]


@statement("argmax", "argmin")
def place_of_extreme(line: Line) -> Statements:
    """Of the first nan, or else of the first that is largest, or least."""
    op, x, source = line.value.op, line.operands[0], line.sources[0].shape
    assert op is not None
    axis, _ = line.value.static
    y, letters = into(line, axis), LOOPS[: len(source)]
    if axis is None:
        best, here = f"{x}[(int){y}]", place(source, letters)
    else:
        chosen = [*letters]
        here = chosen[axis]
        chosen[axis] = f"(int){y}"
        best = element(x, source, chosen)
    this, sign = element(x, source, letters), ">" if op.name == "argmax" else "<"
    better = f"({this} {sign} {best} || isnan({this})) && !isnan({best})"
    return [*begun(line.value.shape, "", "0"), *nested(source, f"if ({better}) {y} = {here};")]


@statement("cumsum", "cumprod")
def running(line: Line) -> Statements:
    op, shape, axis = line.value.op, line.value.shape, line.value.static[0]
    assert op is not None
    letters = LOOPS[: len(shape)]
    chosen = [*letters]
    chosen[axis] = f"({chosen[axis]} - 1)"
    own, before = (element(line.name, shape, x) for x in (letters, chosen))
    given = element(line.operands[0], shape, letters)
    sign = "+" if op.name == "cumsum" else "*"
    text = f"{own} = {letters[axis]} ? {before} {sign} {given} : {given};"
    return (
        [";", *nested(shape, text)]
        if shape[axis] > 1
        else [";", *nested(shape, f"{own} = {given};")]
    )


# ---- products -----------------------------------------------------------------------------------

PRODUCTS = {"dot": ("k", "k", ""), "mv": ("ik", "k", "i"), "vm": ("k", "kj", "j")}


@statement("dot", "mv", "vm", "mm", "bmm", "matmul", "outer", "einsum")
def product(line: Line) -> Statements:
    """A sum of products: every axis of an operand has a letter, and the result those of its own."""
    op, sources = line.value.op, line.sources
    assert op is not None
    ranks = [len(source.shape) for source in sources]
    if op.name == "einsum":
        *_, inputs, output = line.value.static
        return contracted(line, [*inputs], output)
    if op.name == "outer":
        batch = "nopq"[: max(ranks) - 1]
        return contracted(
            line, [own(batch, ranks[0], "i"), own(batch, ranks[1], "j")], batch + "ij"
        )
    batch = "nopq"[: max(*ranks, 2) - 2]
    left = own(batch, ranks[0], "ik") if ranks[0] > 1 else "k"
    right = own(batch, ranks[1], "kj") if ranks[1] > 1 else "k"
    output = batch + ("i" if ranks[0] > 1 else "") + ("j" if ranks[1] > 1 else "")
    return contracted(line, [left, right], output)


def own(batch: str, rank: int, last: str) -> str:
    """The letters of an operand: of the batch as many as it has, and its last."""
    return batch[len(batch) - (rank - len(last)) :] + last


def contracted(line: Line, inputs: Sequence[str], output: str) -> Statements:
    lengths: dict[str, int] = {}
    for letters, source in zip(inputs, line.sources, strict=True):
        for letter, n in zip(letters, source.shape, strict=True):
            lengths[letter] = max(n, lengths.get(letter, 1))
    summed = [letter for letter in lengths if letter not in output]
    order = [*output, *summed]
    names = dict(zip(order, LOOPS, strict=False))
    if len(order) > len(LOOPS):
        raise WrongType(f"export: no loops over {len(order)} axes in C")
    factors = [
        element(x, source.shape, [names[letter] for letter in letters])
        for x, source, letters in zip(line.operands, line.sources, inputs, strict=True)
    ]
    y = element(line.name, line.value.shape, [names[letter] for letter in output])
    loops = tuple([lengths[letter] for letter in order])
    text = f"{y} {'+=' if summed else '='} {' * '.join(factors)};"
    start = begun(line.value.shape, y, "0") if summed else [";"]
    return [*start, *nested(loops, text)]


@statement("convolve")
def convolution(line: Line) -> Statements:
    """Every product of two elements, at the sum of their places: all of it, or its middle."""
    *batch, size = line.value.shape
    n, m = (source.shape[-1] for source in line.sources)
    skipped = {"full": 0, "same": (min(n, m) - 1) // 2, "valid": min(n, m) - 1}[
        line.value.static[0]
    ]
    *outer, i, j = [*LOOPS[: len(batch) + 2]]
    a, b = (
        element(x, source.shape, [*outer, k][len(batch) + 1 - len(source.shape) :])
        for x, source, k in zip(line.operands, line.sources, (i, j), strict=True)
    )
    there = f"{i} + {j}" if not skipped else f"{i} + {j} - {skipped}"
    inside = f"if ({i} + {j} >= {skipped} && {there} < {size}) " if skipped else ""
    y = element(line.name, line.value.shape, [*outer, f"({there})" if batch else there])
    return [" = {0};", *nested((*batch, n, m), f"{inside}{y} += {a} * {b};")]


@statement("recurrence")
def recurrence(line: Line) -> Statements:
    """s[k] = a[k] s[k-1] + b[k] along the last axis; the first is b[0]."""
    shape = line.value.shape
    letters = LOOPS[: len(shape)]
    last = letters[-1]
    y, before = (element(line.name, shape, x) for x in (letters, [*letters[:-1], f"({last} - 1)"]))
    a, b = (
        element(x, source.shape, letters[len(shape) - len(source.shape) :])
        for x, source in zip(line.operands, line.sources, strict=True)
    )
    if shape[-1] < 2:
        return [";", f"(void){line.operands[0]};", *nested(shape, f"{y} = {b};")]
    return [";", *nested(shape, f"{y} = {last} ? {a} * {before} + {b} : {b};")]


def kind(value: Value) -> str:
    """The C type: whole numbers are written as real ones, so that nothing divides them as such."""
    return "int" if value.dtype.kind == "b" else "double"
