"""Curves at the prompt."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from gradcli.lang.curves import Curves, bounds
from gradcli.lang.source import Source
from gradcli.views.plot.figure import figure
from gradcli.views.plot.terminal import text

if TYPE_CHECKING:
    from gradcli.repl.console import Console

# Enough for the dots of a terminal.
POINTS = 1000


def plotted(console: Console, expression: str, name: str, ends: str) -> str:
    """The curve of an expression over a range of `name`; variables stand for their values."""
    session, report = console.session, console.report
    with console.guarded():
        where = bounds(session, ends, f"range of {name}")
        found = figure(Curves(session, Source(expression, ""), name, where, 1), where, POINTS)
    size = shutil.get_terminal_size()
    return text(
        found,
        width=report.columns or size.columns,
        height=size.lines - 2,
        color=report.color,
        unicode=report.environment.unicode,
    )
