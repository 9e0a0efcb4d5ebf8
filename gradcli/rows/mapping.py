"""The run of a formula over a table.

Pieces are read, and results written, in order and by one thread; others calculate, with a few
pieces on their way at once. So memory does not grow with the table.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, NamedTuple, TypeVar

import numpy as np

from gradcli.errors import DomainError, GradcliError
from gradcli.rows.blocks import Array, BadData, Block, Piece, Reader, Writer
from gradcli.rows.columns import numbers, selected
from gradcli.rows.job import Formula, Job, Outcome
from gradcli.rows.summary import Met, Summary

T = TypeVar("T")
R = TypeVar("R")


class Bad(NamedTuple):
    """Why a row has no value: its column, if one is to blame, or the error of its evaluation."""

    message: str
    column: int | None = None
    error: GradcliError | None = None


class Found(NamedTuple):
    """What came of a piece: encoded rows, what a person should know, and the rows with a value."""

    encoded: Any
    summary: Summary
    inputs: Sequence[Array]
    results: Sequence[Array]


class Mapping(NamedTuple):
    """A job over a table.

    carried  the table's columns are written, too
    bad      what becomes of rows that have no value: "error", "nan" or "skip"
    strict   nan, infinities and kinks are errors
    threads  that calculate
    """

    reader: Reader
    job: Job
    formula: Formula
    writer: Writer
    carried: bool = True
    bad: str = "error"
    strict: bool = False
    threads: int = os.cpu_count() or 1

    def run(self, told: Callable[[Found, int], object] = lambda found, size: None) -> Summary:
        """Read, calculate and write; `told` hears of every piece, in order, and its size."""
        summary = Summary()
        self.writer.begin()
        only = None if self.carried else frozenset(self.job.columns.values())
        for piece, found in in_order(self.reader.pieces(only), self.calculated, self.threads):
            self.writer.write(found.encoded)
            summary.add(found.summary)
            told(found, piece.size)
        self.writer.end()
        return summary

    def calculated(self, piece: Piece) -> Found:
        """One piece: by any thread."""
        block = self.reader.block(piece)
        inputs, bad = self.inputs(block)
        outcome = self.formula(inputs)
        for row, error in outcome.failed.items():
            bad.setdefault(row, Bad(error.message, error=error))
        if bad and self.bad == "error":
            raise blamed(piece, block, min(bad), bad[min(bad)])
        summary = summary_of(self.job, piece, block, inputs, outcome, bad)
        if self.strict:
            refuse(summary)
        results = outcome.results
        if bad:
            kept = np.setdiff1d(np.arange(block.rows), list(bad))
            inputs, good = [x[kept] for x in inputs], [x[kept] for x in results]
            if self.bad == "skip":
                block, results = rows_of(block, kept), good
            else:
                lost = np.setdiff1d(np.arange(block.rows), kept)
                results = [without(x, lost) for x in results]
        else:
            good = results
        if not self.carried:
            block = block._replace(columns=())
        summary.rows = block.rows
        return Found(self.writer.encode(block, results), summary, inputs, good)

    def inputs(self, block: Block) -> tuple[list[Array], dict[int, Bad]]:
        """The variables' columns as numbers, and the rows that are bad."""
        bad = {row: Bad(message) for row, message in block.odd.items()}
        inputs = []
        for k in self.job.columns.values():
            found, none = numbers(block.columns[k], block.sure)
            inputs.append(found)
            for row in none:
                message = no_number(block.columns[k][row], self.reader.names[k])
                bad.setdefault(row, Bad(message, k))
        return inputs, bad


def in_order(pieces: Iterable[T], work: Callable[[T], R], workers: int) -> Iterator[tuple[T, R]]:
    """Each piece and what came of it; the pieces are taken and given out by the thread that asks.

    Beside those in work one is read ahead.
    """
    waiting: deque[tuple[T, Future[R]]] = deque()
    pool = ThreadPoolExecutor(workers)
    try:
        for piece in pieces:
            waiting.append((piece, pool.submit(work, piece)))
            while len(waiting) > workers:
                first, future = waiting.popleft()
                yield first, future.result()
        while waiting:
            first, future = waiting.popleft()
            yield first, future.result()
    finally:
        # Nothing waits for work that nobody will ask for any more.
        pool.shutdown(wait=False, cancel_futures=True)


# ---- rows without a value -----------------------------------------------------------------------


def no_number(x: Any, name: str) -> str:
    x = x.as_py() if hasattr(x, "as_py") else x
    if x is None or x == "":
        return f"the column '{name}' is empty here"
    shown = repr(x) if type(x) is str else str(x)
    shown = shown if len(shown) <= 60 else shown[:59] + "…"
    return f"the column '{name}' holds {shown}, which is no number"


def blamed(piece: Piece, block: Block, row: int, bad: Bad) -> GradcliError:
    """The error of a row, with its place."""
    if bad.error is not None:
        bad.error.message = f"{where(piece, block, row)}: {bad.message}"
        return bad.error
    location = block.place(row, bad.column)
    message = bad.message if location else f"{where(piece, block, row)}: {bad.message}"
    error = BadData(message, hint="--bad-rows nan or --bad-rows skip goes on without such rows")
    error.location = location
    return error


def where(piece: Piece, block: Block, row: int) -> str:
    location = block.place(row, None)
    return f"row {piece.line + row}" if location is None else f"line {location.line}"


def rows_of(block: Block, rows: Array) -> Block:
    columns = [None if x is None else selected(x, rows) for x in block.columns]
    raw = selected(block.raw, rows) if block.raw else ()
    return block._replace(rows=len(rows), columns=columns, odd={}, raw=raw)


def without(result: Array, lost: Array) -> Array:
    result = result.copy()
    result[lost] = np.nan
    return result


# ---- what a person should know ------------------------------------------------------------------


def summary_of(
    job: Job,
    piece: Piece,
    block: Block,
    inputs: Sequence[Array],
    outcome: Outcome,
    bad: dict[int, Bad],
) -> Summary:
    def met(rows: Array) -> Met | None:
        rows = np.setdiff1d(rows, list(bad)) if bad else rows
        if not len(rows):
            return None
        first = int(rows[0])
        values = [float(x[first]) for x in inputs]
        return Met(len(rows), lambda: where(piece, block, first), values=values)

    summary = Summary()
    if bad:
        worst = min(bad)
        summary.bad = Met(len(bad), lambda: where(piece, block, worst), bad[worst].message)
    for title, result in zip(job.titles, outcome.results, strict=True):
        found = met(np.flatnonzero(~np.isfinite(result)))
        if found:
            summary.strange[title] = found
    for message, rows in outcome.kinks.items():
        found = met(rows)
        if found:
            summary.kinks[message] = found
    return summary


def refuse(summary: Summary) -> None:
    """Raise DomainError for what --strict allows in no row."""
    for title, met in summary.strange.items():
        raise strict(f"{title} is nan or infinite", met)
    for message, met in summary.kinks.items():
        raise strict(message, met)


def strict(message: str, met: Met) -> DomainError:
    return DomainError(
        f"{met.placed().where}: {message}", hint="without --strict this is a warning"
    )
