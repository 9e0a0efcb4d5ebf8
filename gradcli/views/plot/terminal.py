"""A plot of characters."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from gradcli.errors import FileError
from gradcli.views.drawing import cut
from gradcli.views.plot.figure import Curve, Figure, Mark, inside

# Colours by curve, as a terminal numbers them; without colour, characters tell curves apart.
COLORS = (12, 9, 10, 13, 11, 14)
SIGNS = "*+x#%&"
BRAILLE, DOTS, KINK, KINK_ASCII = "braille", "·", "◆", "@"
# plotext draws frames with these.
ASCII = str.maketrans("┌┐└┘├┤┬┴┼─│┈┊·↕", "+++++++++-|.:.^")
# Places of one kind that are listed.
LISTED = 6
LEAST, TALLEST = 8, 40
# Columns to a tick of the x axis, ticks of the y axis.
APART, LINES = 8, 6
GAP = "   "


def text(figure: Figure, *, width: int, height: int, color: bool, unicode: bool) -> str:
    """The plot, and below it what its lines and marks are; no line is wider than `width`."""
    try:
        import plotext  # noqa: PLC0415  # an extra
    except ImportError:
        raise FileError(
            "plots in a terminal are drawn by plotext, which is not installed",
            hint="pip install 'gradcli[plot]', or with matplotlib: -o plot.svg",
        ) from None
    told = legend(figure, width, color=color, unicode=unicode)
    plotext.terminal.limit(False, False)
    canvas = plotext.figure
    canvas.clear.all()
    canvas.theme("simple" if color else "colorless")
    canvas.plot_size(width, max(LEAST, min(TALLEST, height - len(told))))
    for axis, bounds, room in (("x", figure.x, width // APART), ("y", figure.y, LINES)):
        at = ticks(*bounds, room)
        canvas.ruler(axis).lim(*bounds).ticks(at, [f"{tick:.6g}" for tick in at])
    for mark in figure.marks:
        if mark.kind == "pole":
            canvas.line(mark.x, orientation="vertical", style="dotted", pixel=plotext.pixel())
    several = len({curve.label for curve in figure.curves}) > 1

    def draw(x: Any, y: Any, sign: str, number: int) -> None:
        shade = plotext.pixel(foreground=COLORS[number % len(COLORS)]) if color else None
        # A line that leads far out of the frame would be the end of plotext.
        for part in inside(np.asarray(x), np.asarray(y), *figure.y):
            points = [values.tolist() for values in part]
            signal = canvas.signal(*points, marker=plotext.marker(sign, shade))
            canvas.draw(signal.lines().density("full"))

    for tangent in figure.tangents:
        ends = [tangent.y + tangent.slope * (x - tangent.x) for x in figure.x]
        draw(figure.x, ends, DOTS, len(figure.curves))
    for number, curve in enumerate(figure.curves):
        sign = BRAILLE if unicode and (color or not several) else sign_of(number)
        for x, y in curve.pieces:
            draw(x, y, sign, number)
    for mark in figure.marks:
        if mark.kind == "kink":
            draw([mark.x], [mark.y], KINK if unicode else KINK_ASCII, mark.curve)
    drawn = canvas.build().string(colorless=not color)
    lines = [line.rstrip() for line in drawn.rstrip("\n").split("\n")]
    lines = [line for line in lines if line.replace("\x1b[0m", "").strip()]
    shown = "\n".join([*lines, *told])
    return shown if unicode else shown.translate(ASCII)


def ticks(low: float, high: float, most: int) -> list[float]:
    """Round numbers between two ends: multiples of 1, 2 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10((high - low) / max(1, most)))
    steps = (power * factor for factor in (1, 2, 5, 10, 20))
    step = next(step for step in steps if (high - low) / step <= most)
    first, last = math.ceil(low / step), math.floor(high / step)
    return [k * step for k in range(first, last + 1)]


def legend(figure: Figure, width: int, *, color: bool, unicode: bool) -> list[str]:
    """What every line is, and where kinks and poles are, as lines of a text."""
    several = len(figure.curves) > 1
    lines_are_lines = unicode and (color or not several)
    items = [
        f"{'──' if lines_are_lines else sign_of(number) * 2} {curve.label}"
        for number, curve in enumerate(figure.curves)
    ]
    items += [f"{DOTS * 2} {tangent.label}" for tangent in figure.tangents]
    shades = [COLORS[min(k, len(figure.curves)) % len(COLORS)] for k in range(len(items))]
    lines = flowed(items, shades if color else None, width)
    signs = {"kink": KINK if unicode else KINK_ASCII, "pole": "┊", "jump": "↕"}
    for kind, sign in signs.items():
        for number, curve in enumerate(figure.curves):
            here = [m for m in figure.marks if (m.kind, m.curve) == (kind, number)]
            if here:
                lines.append(cut(f"{sign}  {places(here, curve, figure, kind)}", width))
    return lines


def sign_of(number: int) -> str:
    return SIGNS[number % len(SIGNS)]


def places(marks: Sequence[Mark], curve: Curve, figure: Figure, kind: str) -> str:
    """`kinks at x = -1, 1`, of which curve if there are several."""
    listed = ", ".join(f"{mark.x:.6g}" for mark in marks[:LISTED])
    more = f" and {len(marks) - LISTED} more" if len(marks) > LISTED else ""
    s = "s" if len(marks) > 1 else ""
    of = f" of {curve.label}" if len(figure.curves) > 1 else ""
    return f"{kind}{s} at {figure.name} = {listed}{more}{of}"


def flowed(items: Sequence[str], shades: Sequence[int] | None, width: int) -> list[str]:
    """Items side by side, as many as a line takes, each in its colour."""
    lines: list[str] = []
    used = 0
    for k, item in enumerate(items):
        text = cut(item, width)
        painted = text if shades is None else f"\x1b[38;5;{shades[k]}m{text}\x1b[0m"
        if lines and used + len(GAP) + len(text) <= width:
            lines[-1] += GAP + painted
            used += len(GAP) + len(text)
        else:
            lines.append(painted)
            used = len(text)
    return lines
