"""How a program goes over rows: what is done with a block of them, as one Python function.

Values of a block go into buffers, which are used again as soon as nothing reads them any more. Only
numbers of values and functions of the table are compiled.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from gradcli.engine.executors import circle
from gradcli.engine.executors.batches import batched
from gradcli.engine.ops.table import NUMPY, TABLE, Op
from gradcli.engine.program import Program, Value

Shape = tuple[int, ...]
# Of a buffer: the dtype, and the shape of a row.
Space = tuple[np.dtype[Any], Shape]


class Plan(NamedTuple):
    """How a program goes over its rows, by the numbers of its values.

    given    inputs and constants of rows
    results  outputs that are calculated row by row
    shared   what the kernel reads that is the same for all rows
    before   depend on no rows, in their order
    sums     are sums over all rows, and what they are divided by (1, but of means)
    after    depend on sums
    shapes   of a row of each value of rows
    spaces   of the buffers
    kernel   `kernel(*given, *results, *shared, *buffers)` fills a block of the results, and returns
             the block's sums
    flat     rows may as well be elements
    """

    given: tuple[int, ...]
    results: tuple[int, ...]
    shared: tuple[int, ...]
    before: tuple[int, ...]
    sums: dict[int, int]
    after: tuple[int, ...]
    shapes: dict[int, Shape]
    spaces: tuple[Space, ...]
    kernel: Callable[..., tuple[Any, ...]]
    flat: bool

    @property
    def row_bytes(self) -> int:
        """What a row of every buffer takes."""
        return sum([dtype.itemsize * math.prod(shape) for dtype, shape in self.spaces])


class Step(NamedTuple):
    """An operation on a block, `function(*operands, *targets)`.

    careless  a ufunc, which may write over what it reads
    returns   it returns its target instead: a sum
    """

    function: Callable[..., Any]
    operands: tuple[int, ...]
    targets: tuple[int, ...]
    careless: bool = False
    returns: bool = False


def plan_of_arrays(program: Program, given: set[int]) -> Plan | None:
    """Of a program of arrays, of whose inputs and constants these have rows; None if its values are
    not made row by row."""
    values, rows, sums = program.values, set(given), dict[int, int]()
    before: list[int] = []
    late = set[int]()  # sums, and what depends on them
    like = values[next(iter(given))].shape
    for k, value in enumerate(values):
        if k in given:
            continue
        of_sums = not late.isdisjoint(value.operands)
        if rows.isdisjoint(value.operands):
            if of_sums:
                late.add(k)
            else:
                before.append(k)
        elif not of_sums and is_sum_of_rows(value, values):
            count = values[value.operands[0]].size // value.size
            sums[k] = count if value.op is TABLE["mean"] else 1
            late.add(k)
        elif not of_sums and pointwise(value) and is_of_rows(value, like):
            rows.add(k)
        else:
            return None
    after = sorted(late.difference(sums))
    shapes = {k: values[k].shape[1:] for k in rows}
    flat = all(values[k].shape == like for k in rows) and all(values[k].size == 1 for k in sums)
    return planned(program, given, rows, before, sums, after, shapes, flat)


def plan_of_rows(program: Program, given: set[int], *, exact: bool = False) -> Plan:
    """Of a program of one row as one of many: these inputs get one more axis, before their own.

    exact  every operation as numpy does it on a row by itself
    """
    rows = set(given)
    for k, value in enumerate(program.values):
        if not rows.isdisjoint(value.operands):
            rows.add(k)
    before = [k for k in range(len(program.values)) if k not in rows]
    shapes = {k: program.values[k].shape for k in rows}
    flat = not any(shapes.values())
    return planned(program, given, rows, before, {}, [], shapes, flat, exact=exact)


def is_sum_of_rows(value: Value, values: Sequence[Value]) -> bool:
    """Is it the sum or mean of an array over its first axis, and maybe others?"""
    if value.op not in (TABLE["sum"], TABLE["mean"]) or not value.size:
        return False
    axes, _ = value.static
    return axes is None or -len(values[value.operands[0]].shape) in axes


def pointwise(value: Value) -> bool:
    """Is it made element by element?"""
    op = value.op
    assert op is not None
    return (op.elementwise and not op.view and not op.several) or op.name == "astype"


def is_of_rows(value: Value, like: Shape) -> bool:
    return len(value.shape) == len(like) and value.shape[:1] == like[:1]


def planned(
    program: Program,
    given: set[int],
    rows: set[int],
    before: Sequence[int],
    sums: dict[int, int],
    after: Sequence[int],
    shapes: dict[int, Shape],
    flat: bool,
    *,
    exact: bool = False,
) -> Plan:
    steps = steps_of(program, sorted(rows.difference(given).union(sums)), rows, sums, exact)
    read = {j for step in steps for j in step.operands}
    shared = sorted(read - rows)
    flat = flat and all(program.values[j].size == 1 for j in shared)
    results = tuple(sorted(rows.difference(given).intersection(program.outputs)))
    names = {k: f"v{k}" for k in (*sorted(given), *results, *shared)}
    spaces = assign(program, steps, names, shapes)
    buffers = [f"b{n}" for n in range(len(spaces))]
    whole = [names[k] for k in (*sorted(given), *results, *shared)]
    kernel = compiled([*whole, *buffers], steps, names, list(sums))
    return Plan(
        tuple(sorted(given)),
        results,
        tuple(shared),
        tuple(before),
        sums,
        tuple(after),
        shapes,
        tuple(spaces),
        kernel,
        flat,
    )


# ---- steps --------------------------------------------------------------------------------------


def steps_of(
    program: Program, numbers: Sequence[int], rows: set[int], sums: dict[int, int], exact: bool
) -> list[Step]:
    values, steps = program.values, list[Step]()
    halved = not exact and circle.by_half_angle()
    circular = {
        (value.op.name, value.operands): k
        for k in numbers
        if (value := values[k]).op is not None and value.dtype == np.float64 and halved
    }
    done: set[int] = set()
    for k in numbers:
        value = values[k]
        sine, cosine = (circular.get((name, value.operands)) for name in ("sin", "cos"))
        if k in done:
            continue
        if k in sums:
            axes, keepdims = value.static
            every = axes is None or len(axes) == len(values[value.operands[0]].shape)
            function = partial(np.add.reduce, axis=None if every else axes, keepdims=keepdims)
            steps.append(Step(function, value.operands, (k,), returns=True))
        elif k in (sine, cosine) and sine is not None and cosine is not None:
            steps.append(Step(circle.sine_and_cosine, value.operands, (sine, cosine)))
            done |= {sine, cosine}
        elif k in (sine, cosine):
            alone = circle.sine_alone if k == sine else circle.cosine_alone
            steps.append(Step(alone, value.operands, (k,)))
        else:
            steps.append(step_of(k, value, [values[j] for j in value.operands], rows, exact))
    return steps


def step_of(k: int, value: Value, operands: Sequence[Value], rows: set[int], exact: bool) -> Step:
    """An operation that writes its result into a buffer."""
    op, static = value.op, value.static
    assert op is not None
    rank = max([len(x.shape) for x in operands])
    short = any(
        len(x.shape) < rank and j in rows for j, x in zip(value.operands, operands, strict=True)
    )
    aligned = pointwise(value) and not short
    ufunc = ufunc_of(op)
    if ufunc is not None and not static and aligned:
        return Step(ufunc, value.operands, (k,), careless=True)
    if op.name == "where" and aligned:
        return Step(choose, value.operands, (k,))
    function = batched(value, operands, [j in rows for j in value.operands], exact=exact)

    def fill(*arguments: Any) -> None:
        *given, target = arguments
        np.copyto(target, function(*given))

    return Step(fill, value.operands, (k,))


def ufunc_of(op: Op) -> np.ufunc | None:
    for function, row in NUMPY.items():
        if row is op and isinstance(function, np.ufunc) and function.nout == 1:
            return function
    return None


def choose(condition: Any, a: Any, b: Any, target: Any) -> None:
    np.copyto(target, b)
    np.copyto(target, a, where=condition)


# ---- buffers, and the function ------------------------------------------------------------------


def assign(
    program: Program, steps: Sequence[Step], names: dict[int, str], shapes: dict[int, Shape]
) -> list[Space]:
    """Name the buffers of all values that have no name yet: each one that nothing reads any more,
    the last that was used (which is in the cache), or a new one."""
    last = {k: at for at, step in enumerate(steps) for k in (*step.targets, *step.operands)}
    slots: dict[int, int] = {}
    spaces: list[Space] = []
    free: list[int] = []
    for at, step in enumerate(steps):
        dying = [slots[k] for k in {*step.operands} if k in slots and last[k] == at]
        free += dying if step.careless else []
        for k in step.targets:
            if k in names or k not in shapes:
                names.setdefault(k, f"s{k}")
                continue
            space = program.values[k].dtype, shapes[k]
            slot = next((n for n in reversed(free) if spaces[n] == space), None)
            if slot is None:
                slot = len(spaces)
                spaces.append(space)
            else:
                free.remove(slot)
            slots[k] = slot
            names[k] = f"b{slot}"
        free += [] if step.careless else dying
        free += [slots[k] for k in step.targets if k in slots and last[k] == at]
    return spaces


def compiled(
    arguments: Sequence[str], steps: Sequence[Step], names: dict[int, str], sums: Sequence[int]
) -> Callable[..., tuple[Any, ...]]:
    functions = {f"f{at}": step.function for at, step in enumerate(steps)}
    lines = []
    for at, step in enumerate(steps):
        operands = [names[k] for k in step.operands]
        if step.returns:
            lines.append(f"{names[step.targets[0]]} = f{at}({operands[0]})")
        else:
            out = "out=" if step.careless else ""
            targets = [f"{out}{names[k]}" for k in step.targets]
            lines.append(f"f{at}({', '.join(operands + targets)})")
    returned = "".join(f"{names[k]}, " for k in sums)
    source = f"def kernel({', '.join(arguments)}):\n    " + "\n    ".join(
        [*lines, f"return ({returned})"]
    )
    found: dict[str, Any] = {"__builtins__": {}, **functions}
    exec(compile(source, "<kernel>", "exec"), found)  # no text but what is made here
    kernel: Callable[..., tuple[Any, ...]] = found["kernel"]
    return kernel
