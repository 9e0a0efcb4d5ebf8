"""A bar on a terminal for what takes more than a second."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO

import click

from gradcli.engine.graph import here

PATIENCE = 1.0  # seconds


class RowsBar:
    """Rows that are done, how many a second, and when they will be all, if their length is known.

    Shown on a terminal that a person reads, after a while.
    """

    def __init__(self, stream: TextIO, length: int | None) -> None:
        self.stream = stream
        self.length = length
        self.began = time.monotonic()
        self.rows = self.done = 0
        self.bar: Any = None
        self.shown = stream.isatty()

    def update(self, rows: int, size: int) -> None:
        """So many rows more, which are so much more of the length."""
        self.rows += rows
        self.done += size
        if not self.shown or time.monotonic() - self.began < PATIENCE:
            return
        if self.bar is None:
            self.bar = click.progressbar(
                iter(()) if self.length is None else None,
                self.length,
                item_show_func=lambda _: self.rate(),
                file=self.stream,
            )
        self.bar.update(self.done - self.bar.pos, self.rows)

    def rate(self) -> str:
        seconds = time.monotonic() - self.began
        return f"{self.rows:,} rows, {self.rows / seconds:,.0f} a second"

    def finish(self) -> None:
        if self.bar is not None:
            self.bar.render_finish()
            self.bar = None


@contextmanager
def progress(stream: TextIO) -> Iterator[None]:
    """Show the passes of a large Jacobian while this lasts, if a person reads the stream."""
    if not stream.isatty():
        yield
        return
    began = time.monotonic()
    bar: Any = None

    def told(done: int, total: int) -> None:
        nonlocal bar
        if bar is None:
            if time.monotonic() - began < PATIENCE or done == total:
                return
            bar = click.progressbar(length=total, label="differentiating", file=stream)
        bar.update(done - bar.pos)
        if done == total:
            bar.render_finish()
            bar = None

    before, here.state.progress = here.state.progress, told
    try:
        yield
    finally:
        here.state.progress = before
        if bar is not None:
            bar.render_finish()
