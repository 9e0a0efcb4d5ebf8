"""Programs over rows: block by block through the whole program, on a thread for every core.

A block's values stay in a processor's cache, and the memory beside the outputs is a few blocks,
whatever the number of rows. Values go into buffers that are used again when nothing reads them any
more. numpy releases Python's lock while it calculates.

A value is of rows if its leading axis is that of the inputs; what elementwise operations make of
rows is again. Sums over everything are added up block by block, so they may differ from numpy's in
the last digits; so may sines and cosines (see `circle`). What depends on no rows is calculated
once.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any, NamedTuple

import numpy as np

from gradcli.engine import circle
from gradcli.engine.code import written_out
from gradcli.engine.ops.table import NUMPY, Op
from gradcli.engine.program import Program, Value

# Of a buffer: the dtype, and the shape of a row.
Space = tuple[np.dtype[Any], tuple[int, ...]]

# Elements of a block. With fewer rows than that, nothing is gained.
BLOCK = 2**15
# Bytes of the buffers of all threads together.
BUDGET = 2**25

UFUNCS: dict[Op, np.ufunc] = {}
for _function, _op in NUMPY.items():
    if isinstance(_function, np.ufunc) and _function.nout == 1:
        UFUNCS.setdefault(_op, _function)


class Step(NamedTuple):
    """An operation on a block: `fill(*operands, out=targets)`."""

    fill: Callable[..., Any]
    operands: tuple[int, ...]
    targets: tuple[int, ...]


class Plan(NamedTuple):
    """How a program goes over its rows, by the numbers of its values.

    rows    are of rows
    before  depend on no rows
    steps   what is done with a block
    sums    are sums over all elements of a value of rows, and of which
    after   depend on sums
    slots   the buffer of each value of rows that is calculated, unless it is an output
    spaces  dtype and shape of a row of each buffer
    flat    rows may as well be elements
    """

    rows: frozenset[int]
    before: tuple[int, ...]
    steps: tuple[Step, ...]
    sums: dict[int, int]
    after: tuple[int, ...]
    slots: dict[int, int]
    spaces: tuple[Space, ...]
    flat: bool


# ---- planning -----------------------------------------------------------------------------------


def planned(program: Program, given: set[int], *, exact: bool = False) -> Plan | None:
    """A plan for a program, of whose inputs and constants these are of rows; None if none fits.

    exact  every operation as numpy does it: sines and cosines, too
    """
    values, rows, sums = program.values, set(given), dict[int, int]()
    before: list[int] = []
    after: list[int] = []
    like = values[next(iter(given))].shape
    for k, value in enumerate(values):
        if k in given:
            continue
        late = any(j in sums or j in after for j in value.operands)
        if rows.isdisjoint(value.operands):
            (after if late else before).append(k)
        elif not late and is_sum(value, values):
            sums[k] = value.operands[0]
        elif not late and is_of_rows(value, like):
            rows.add(k)
        else:
            return None
    steps = steps_of(program, rows - given, exact)
    slots, spaces = buffers(program, steps, {*sums.values()})
    small = {j for step in steps for j in step.operands} - rows
    flat = all(values[k].shape == like for k in rows) and all(values[j].size == 1 for j in small)
    return Plan(
        frozenset(rows), tuple(before), steps, sums, tuple(after), slots, tuple(spaces), flat
    )


def is_sum(value: Value, values: Sequence[Value]) -> bool:
    """Is it the sum or mean of all elements of an array?"""
    assert value.op is not None
    return (
        value.op.name in ("sum", "mean") and not value.shape and values[value.operands[0]].size > 1
    )


def is_of_rows(value: Value, like: tuple[int, ...]) -> bool:
    """Is a value made of rows element by element, and of as many rows?"""
    op, shape = value.op, value.shape
    assert op is not None
    plain = op.elementwise and not op.view and not op.several
    return plain and len(shape) == len(like) and shape[:1] == like[:1]


def steps_of(program: Program, numbers: set[int], exact: bool) -> tuple[Step, ...]:
    steps: list[Step] = []
    done: set[int] = set()
    circular = {
        (value.op.name, value.operands): k
        for k, value in enumerate(program.values)
        if k in numbers and value.op is not None and value.dtype == np.float64 and not exact
    }
    for k in sorted(numbers):
        operands = program.values[k].operands
        pair = circular.get(("sin", operands)), circular.get(("cos", operands))
        if k in pair and None not in pair:
            step = Step(circle.fastest(), operands, pair)  # type: ignore[arg-type]  # no None
        else:
            step = Step(filling(program.values[k]), operands, (k,))
        if k not in done:
            steps.append(step)
        done.update(step.targets)
    return tuple(steps)


def filling(value: Value) -> Callable[..., Any]:
    """An elementwise operation that writes its result into `out`, as a ufunc does."""
    op, static = value.op, value.static
    assert op is not None
    if op in UFUNCS and not static:
        return UFUNCS[op]

    def fill(*arguments: Any, out: tuple[Any]) -> None:
        if op.name == "where":
            condition, a, b = arguments
            np.copyto(out[0], b)
            np.copyto(out[0], a, where=condition)
        else:
            np.copyto(out[0], op.forward(*arguments, *static))

    return fill


def buffers(
    program: Program, steps: Sequence[Step], summed: set[int]
) -> tuple[dict[int, int], list[Space]]:
    """A buffer for every value that is no output: one that nothing reads any more, or a new one."""
    outputs = {*program.outputs}
    last = {k: at for at, step in enumerate(steps) for k in (*step.targets, *step.operands)}
    slots: dict[int, int] = {}
    spaces: list[Space] = []
    free: list[int] = []
    for at, step in enumerate(steps):
        dying = {k for k in step.operands if k in slots and last[k] == at and k not in summed}
        # A ufunc may write over what it reads.
        early = dying if isinstance(step.fill, np.ufunc) else set()
        free += [slots[k] for k in early]
        for k in step.targets:
            if k in outputs:
                continue
            value = program.values[k]
            space = value.dtype, value.shape[1:]
            slot = next((n for n in free if spaces[n] == space), None)
            if slot is None:
                slot = len(spaces)
                spaces.append(space)
            else:
                free.remove(slot)
            slots[k] = slot
        free += [slots[k] for k in dying - early]
        free += [slots[k] for k in step.targets if k in slots and last[k] == at and k not in summed]
    return slots, spaces


def bytes_of(spaces: Sequence[Space]) -> int:
    """What a row of every buffer takes."""
    return sum([dtype.itemsize * math.prod(shape) for dtype, shape in spaces])


# ---- running ------------------------------------------------------------------------------------


class Sweep:
    """One execution of a plan.

    found  values by number; those of rows whole: what is given, and the outputs
    parts  of every sum, those of the blocks
    """

    def __init__(self, program: Program, plan: Plan, inputs: Sequence[Any]) -> None:
        self.program = program
        self.plan = plan
        self.found = dict(zip(program.inputs.values(), inputs, strict=True))
        self.evaluate(plan.before)
        for k in plan.rows:
            value = program.values[k]
            if value.op is None and not value.name:
                self.found[k] = value.constant
        given = [x for k, x in self.found.items() if k in plan.rows]
        self.shape = given[0].shape
        flat = plan.flat and all(x.flags.c_contiguous for x in given)
        self.rows = math.prod(self.shape) if flat else len(given[0])
        for k in plan.rows.intersection(self.found):
            x = self.found[k]
            self.found[k] = x.reshape(-1) if flat else x
        for k in plan.rows.intersection(program.outputs).difference(self.found):
            value = program.values[k]
            self.found[k] = np.empty((self.rows, *(() if flat else value.shape[1:])), value.dtype)
        self.spaces = [(dtype, () if flat else shape) for dtype, shape in plan.spaces]
        self.parts: dict[int, dict[int, Any]] = {k: {} for k in plan.sums}

    def evaluate(self, numbers: Sequence[int]) -> None:
        """The values of these numbers, one after the other."""
        for k in numbers:
            value = self.program.values[k]
            if value.op is not None:
                operands = [self.found[j] for j in value.operands]
                result = value.op.forward(*operands, *value.static)
                result = result if value.part is None else result[value.part]
                self.found[k] = result[()] if isinstance(result, np.ndarray) else result
            elif not value.name:
                self.found[k] = value.constant

    def run(self, threads: int | None = None) -> list[Any]:
        """The outputs: all blocks, on so many threads or all cores, then what depends on sums."""
        workers = threads or os.cpu_count() or 1
        a_row = bytes_of(self.spaces)
        widest = max([math.prod(shape) for _, shape in self.spaces], default=1)
        rows = max(1, min(BLOCK // max(1, widest), BUDGET // (workers * max(1, a_row))))
        starts = iter(range(0, self.rows, rows))
        workers = min(workers, -(-self.rows // rows))
        with ThreadPoolExecutor(workers) as pool:
            try:
                # In copies of the context, which holds numpy's errstate.
                tasks = [
                    pool.submit(copy_context().run, self.work, starts, rows) for _ in range(workers)
                ]
                for task in tasks:
                    task.result()
            finally:
                for _ in starts:  # after an error or an interrupt there is nothing left to do
                    pass
        for k, parts in self.parts.items():
            total = np.add.reduce([parts[start] for start in sorted(parts)])
            value = self.program.values[k]
            assert value.op is not None
            size = math.prod(self.shape) if value.op.name == "mean" else 1
            self.found[k] = value.dtype.type(total / size if value.op.name == "mean" else total)
        self.evaluate(self.plan.after)
        return [
            self.found[k].reshape(self.shape)
            if k in self.plan.rows and self.plan.flat
            else self.found[k]
            for k in self.program.outputs
        ]

    def work(self, starts: Iterator[int], rows: int) -> None:
        """Take blocks as long as there are any: what every thread does."""
        buffers = [np.empty((rows, *shape), dtype) for dtype, shape in self.spaces]
        whole = {k: self.found[k] for k in self.plan.rows.intersection(self.found)}
        cells = dict(self.found)
        for start in starts:
            stop = min(start + rows, self.rows)
            cells.update({k: x[start:stop] for k, x in whole.items()})
            cells.update({k: buffers[n][: stop - start] for k, n in self.plan.slots.items()})
            for fill, operands, targets in self.plan.steps:
                fill(*[cells[k] for k in operands], out=tuple([cells[k] for k in targets]))
            for k, of in self.plan.sums.items():
                self.parts[k][start] = np.add.reduce(cells[of], axis=None)


def over_rows(
    program: Program, names: Sequence[str], *, exact: bool = False, threads: int | None = None
) -> Callable[..., list[Any]] | None:
    """A program of numbers as one of arrays: for each row of the inputs of these names.

    exact    every operation as numpy does it: sines and cosines, too
    threads  on which it runs; by default one for every core

    None if it is not elementwise. The inputs are in the program's order.
    """
    program = written_out(program)
    plan = planned(program, {program.inputs[name] for name in names}, exact=exact)
    if plan is None:
        return None

    def execute(*inputs: Any) -> list[Any]:
        sweep = Sweep(program, plan, inputs)
        # What does not depend on rows is the same in all of them.
        return [
            y if k in plan.rows and program.values[k].op else np.full(sweep.rows, y)
            for k, y in zip(program.outputs, sweep.run(threads), strict=True)
        ]

    return execute


def array_executor(program: Program) -> Callable[..., list[Any]] | None:
    """A program of large arrays, row by row; None if it is not elementwise, or not large."""
    values = program.values
    largest = max([values[k] for k in program.inputs.values()], key=lambda value: value.size)
    shape = largest.shape
    if largest.size <= BLOCK:
        return None
    rows = {
        k
        for k, value in enumerate(values)
        if value.op is None and len(value.shape) == len(shape) and value.shape[0] == shape[0]
    }
    plan = planned(program, rows)
    if plan is None or not (plan.flat or bytes_of(plan.spaces) <= BUDGET):
        return None
    return lambda *inputs: Sweep(program, plan, inputs).run()
