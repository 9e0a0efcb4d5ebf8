"""Programs over rows: block by block through the whole program, on a thread for every core.

A block's values stay in a processor's cache, and the memory beside the outputs is a few blocks,
whatever the number of rows. numpy releases Python's lock while it calculates.

Sums over everything are added up block by block, so they may differ from numpy's in the last
digits; so may sines and cosines (see `circle`). What depends on no rows is calculated once.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

import numpy as np

from gradcli.engine.executors.code import written_out
from gradcli.engine.executors.plan import Plan, plan_of_arrays, plan_of_rows
from gradcli.engine.program import Program

# Elements of a block.
BLOCK = 2**15
# Bytes of the buffers of all threads together.
BUDGET = 2**25


class Sweep:
    """One execution of a plan.

    found   values by number; those of rows whole
    whole   those of rows as the blocks are cut from them: given, then results
    shared  what blocks read that is the same for all
    parts   the sums of each block, by its beginning
    """

    def __init__(
        self, program: Program, plan: Plan, inputs: Sequence[Any], targets: Mapping[int, Any]
    ) -> None:
        values = program.values
        self.program, self.plan = program, plan
        self.found = dict(zip(program.inputs.values(), inputs, strict=True))
        program.evaluate(self.found, plan.before)
        self.found.update({k: values[k].constant for k in plan.given if not values[k].name})
        rows = len(self.found[plan.given[0]])
        for k in plan.results:
            target = targets.get(k)
            if target is None:
                target = np.empty((rows, *plan.shapes[k]), values[k].dtype)
            self.found[k] = target
        self.whole = [self.found[k] for k in (*plan.given, *plan.results)]
        self.shared = [self.found[k] for k in plan.shared]
        self.flat = plan.flat and all(x.ndim == 1 or x.flags.c_contiguous for x in self.whole)
        if self.flat:  # elements do as well as rows
            self.whole = [x.reshape(-1) for x in self.whole]
            self.shared = [x.reshape(())[()] for x in self.shared]
        self.parts: dict[int, tuple[Any, ...]] = {}

    def run(self, threads: int | None = None) -> None:
        """All blocks, on so many threads or all cores, then what depends on sums."""
        length = len(self.whole[0])
        workers = threads or cores()
        a_row = max(1, self.plan.row_bytes)
        widest = max([math.prod(x.shape[1:]) for x in self.whole])
        size = max(1, min(length, BLOCK // max(1, widest), BUDGET // (workers * a_row)))
        starts = iter(range(0, length, size))
        workers = min(workers, -(-length // size))
        if workers < 2:
            self.work(starts, size)
        else:
            self.share(starts, size, workers)
        for at, (k, count) in enumerate(self.plan.sums.items()):
            total = np.add.reduce([self.parts[start][at] for start in sorted(self.parts)], axis=0)
            total = np.reshape(total, self.program.values[k].shape)[()]
            self.found[k] = total / count if count > 1 else total
        self.program.evaluate(self.found, self.plan.after)

    def share(self, starts: Iterator[int], size: int, workers: int) -> None:
        """Several threads take blocks from the same heap."""
        with ThreadPoolExecutor(workers) as pool:
            try:
                # In copies of the context, which holds numpy's errstate.
                tasks = [
                    pool.submit(copy_context().run, self.work, starts, size) for _ in range(workers)
                ]
                for task in tasks:
                    task.result()
            finally:
                for _ in starts:  # after an error or an interrupt there is nothing left to do
                    pass

    def work(self, starts: Iterator[int], size: int) -> None:
        """Take blocks as long as there are any: what every thread does."""
        spaces = [(dtype, () if self.flat else shape) for dtype, shape in self.plan.spaces]
        buffers = [np.empty((size, *shape), dtype) for dtype, shape in spaces]
        kernel, shared = self.plan.kernel, self.shared
        for start in starts:
            cells = [x[start : start + size] for x in self.whole]
            rows = len(cells[0])
            own = buffers if rows == size else [x[:rows] for x in buffers]
            self.parts[start] = kernel(*cells, *shared, *own)


def cores() -> int:
    """How many this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def over_rows(
    program: Program, names: Sequence[str], *, exact: bool = False, threads: int | None = None
) -> Callable[..., list[Any]]:
    """A program of one row as one of many: `execute(*inputs, out=None)`, the inputs in its order.

    Inputs of these names are arrays with one more axis, the first, along which the rows are; the
    others are the same for all rows. Results have that axis, too; they are written into the arrays
    of `out` where it is given. So many rows as fit a block are calculated in the calling thread.

    exact    every operation as numpy does it on a row by itself: sines, cosines and sums, too
    threads  on which it runs; by default one for every core
    """
    program = written_out(program)
    plan = plan_of_rows(program, {program.inputs[name] for name in names}, exact=exact)
    outputs = program.outputs

    def execute(*inputs: Any, out: Sequence[Any] | None = None) -> list[Any]:
        targets = {} if out is None else dict(zip(outputs, out, strict=True))
        sweep = Sweep(program, plan, inputs, targets)
        sweep.run(threads)
        found = [sweep.found[k] for k in outputs]
        if out is None:
            rows = len(sweep.found[plan.given[0]])
            return [
                y if k in plan.results else repeated(y, rows, k in plan.given)
                for k, y in zip(outputs, found, strict=True)
            ]
        for y, target in zip(found, out, strict=True):
            if y is not target:
                target[...] = y
        return list(out)

    return execute


def repeated(y: Any, rows: int, own: bool) -> Any:
    """What is the same in all rows, or an input's rows, as an array of its own."""
    return np.array(y) if own else np.broadcast_to(y, (rows, *np.shape(y))).copy()


def array_executor(program: Program) -> Callable[..., list[Any]] | None:
    """A program of large arrays, row by row; None if it is not elementwise, or not large."""
    values = program.values
    inputs = [values[k] for k in program.inputs.values()]
    largest = max(inputs, key=lambda value: value.size, default=None)
    if largest is None or largest.size <= 2 * BLOCK:
        return None
    shape = largest.shape
    rows = {
        k
        for k, value in enumerate(values)
        if value.op is None and len(value.shape) == len(shape) and value.shape[0] == shape[0]
    }
    plan = plan_of_arrays(program, rows)
    if plan is None or not (plan.flat or plan.row_bytes <= BUDGET):
        return None

    def execute(*inputs: Any) -> list[Any]:
        sweep = Sweep(program, plan, inputs, {})
        sweep.run()
        return [sweep.found[k] for k in program.outputs]

    return execute
