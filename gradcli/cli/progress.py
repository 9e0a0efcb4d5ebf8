"""A bar on a terminal for what takes more than a second."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO

import click

from gradcli.engine.graph import here

PATIENCE = 1.0  # seconds


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
