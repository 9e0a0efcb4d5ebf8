"""Curves at the prompt."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from typing import TYPE_CHECKING

from gradcli.lang.curves import Curves, bounds, number
from gradcli.lang.source import Source
from gradcli.views.forms import PICTURES, form_by_suffix
from gradcli.views.plot.figure import figure
from gradcli.views.plot.picture import picture
from gradcli.views.plot.terminal import text

if TYPE_CHECKING:
    from gradcli.repl.console import Console

# Enough for the dots of a terminal.
POINTS = 1000


def plotted(
    console: Console, expression: str, name: str, ends: str, options: Mapping[str, str]
) -> str | bytes:
    """The curve of an expression over a range of `name`; variables stand for their values."""
    session, report, path = console.session, console.report, options.get("-o")
    form = options.get("-f") or form_by_suffix(path, ("terminal", *PICTURES))
    order = int(options.get("--derivatives", "0"))
    with console.guarded():
        where = bounds(session, ends, f"range of {name}")
        at = options.get("--tangent")
        tangents = [] if at is None else [number(session, at, "--tangent")]
        curves = Curves(session, Source(expression, ""), name, where, order + 1)
        found = figure(curves, where, POINTS, tangents=tangents)
    if form in PICTURES:
        return picture(found, form)
    size = shutil.get_terminal_size()
    return text(
        found,
        width=report.columns or size.columns,
        height=size.lines - 2,
        color=report.color and path is None,
        unicode=report.environment.unicode or path is not None,
    )
