"""A bar on a terminal for what takes more than a second."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO

import click

from gradcli.cli.system.environment import Environment
from gradcli.engine.graph import here

if TYPE_CHECKING:
    from gradcli.lang.tracking import Tracked

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


# Between two drawings of a loop's bar, in seconds.
EVERY = 0.1
CLEAR, CURSOR = "\r\x1b[2K", "\x1b[?25h"


class Bars:
    """The bar of a script's loop over track(…): of the outermost, on a terminal, after a while.

    It is gone when the loop ends, in whatever way, and steps aside for what the script prints.
    """

    def __init__(self, environment: Environment) -> None:
        self.stream = environment.stderr
        self.shown = self.stream.isatty()
        self.bar: Any = None
        self.busy = self.drawn = False

    def track(self, tracked: Tracked, items: Iterator[Any]) -> Iterator[Any]:
        """The items, while the bar shows how many there have been."""
        return self.turns(tracked, items) if self.shown and not self.busy else items

    def turns(self, tracked: Tracked, items: Iterator[Any]) -> Iterator[Any]:
        began = drawn = time.monotonic()
        self.busy = True
        try:
            for done, item in enumerate(items):
                now = time.monotonic()
                if now - drawn >= EVERY and now - began >= PATIENCE:
                    self.draw(tracked, done, now - began)
                    drawn = now
                yield item
        finally:
            self.aside()
            self.bar, self.busy = None, False

    def draw(self, tracked: Tracked, done: int, seconds: float) -> None:
        if self.bar is None:
            count = len(tracked)
            self.bar = click.progressbar(
                length=count,
                show_pos=True,
                show_percent=True,
                item_show_func=lambda _: tracked.said,
                file=self.stream,
            )
            self.bar.start = time.time() - seconds
        self.bar.label = tracked.label
        self.bar.update(done - self.bar.pos)
        self.drawn = True

    def aside(self) -> None:
        """Clear the line, until the bar is drawn again."""
        if self.drawn:
            self.stream.write(CLEAR + CURSOR)
            self.stream.flush()
            self.drawn = False

    def __enter__(self) -> None:
        """While a script runs."""

    def __exit__(self, *_: object) -> None:
        self.aside()
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
