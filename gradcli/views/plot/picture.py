"""A plot as a picture, by matplotlib's figures alone: nothing of it opens a window."""

from __future__ import annotations

import io
import warnings
from typing import Any

from gradcli.errors import FileError
from gradcli.views.plot.figure import Figure

# Inches, dots per inch.
SIZE, DENSITY = (8.0, 5.0), 144
GRID = "#dddddd"
POLE = "#999999"
# Entries of a legend that stand beside each other.
ABREAST = 3
# Without the time of its making a picture is the same whenever it is made.
METADATA = {"svg": {"Date": None}, "pdf": {"CreationDate": None}, "png": {}}


def picture(figure: Figure, form: str) -> bytes:
    """SVG, PNG or PDF."""
    try:
        import matplotlib  # noqa: PLC0415  # an extra
        from matplotlib.figure import Figure as Canvas  # noqa: PLC0415  # likewise
        from matplotlib.lines import Line2D  # noqa: PLC0415  # likewise
    except ImportError:
        raise FileError(
            f"{form} pictures of plots are drawn by matplotlib, which is not installed",
            hint="pip install 'gradcli[plot]'",
        ) from None
    canvas = Canvas(figsize=SIZE, dpi=DENSITY, layout="constrained")
    axes = canvas.add_subplot()
    axes.set_xlim(*figure.x)
    axes.set_ylim(*figure.y)
    axes.grid(color=GRID, linewidth=0.6)
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_xlabel(figure.name, parse_math=False)
    entries: list[tuple[Line2D, str]] = []
    for number, curve in enumerate(figure.curves):
        style: dict[str, Any] = {
            "color": f"C{number % 10}",
            "linestyle": ("-", "--", "-.")[curve.order % 3],
        }
        for x, y in curve.pieces:
            axes.plot(x, y, linewidth=1.8, **style)
        entries.append((Line2D([], [], linewidth=1.8, **style), curve.label))
    for number, tangent in enumerate(figure.tangents, len(figure.curves)):
        color = f"C{number % 10}"
        axes.axline((tangent.x, tangent.y), slope=tangent.slope, color=color, linewidth=1)
        axes.plot([tangent.x], [tangent.y], "o", color=color, markersize=5)
        entries.append((Line2D([], [], color=color, linewidth=1, marker="o"), tangent.label))
    for mark in figure.marks:
        if mark.kind == "pole":
            axes.axvline(mark.x, color=POLE, linestyle=":", linewidth=1)
        elif mark.kind == "kink":
            shade = f"C{mark.curve % 10}"
            axes.plot([mark.x], [mark.y], "D", color=shade, markersize=6, markerfacecolor="white")
    kinds = {mark.kind for mark in figure.marks}
    if "kink" in kinds:
        outline: dict[str, Any] = {"markeredgecolor": "black", "markerfacecolor": "white"}
        entries.append((Line2D([], [], linestyle="", marker="D", **outline), "kink"))
    if "pole" in kinds:
        entries.append((Line2D([], [], color=POLE, linestyle=":"), "pole"))
    # Beside the axes' frame, so that it hides nothing; its texts are no formulas of TeX, and one
    # that begins with an underscore is shown, too.
    shown = canvas.legend(
        [line for line, _ in entries],
        [f" {label}" for _, label in entries],
        loc="outside upper center",
        ncols=min(ABREAST, len(entries)),
        frameon=False,
    )
    for label in shown.get_texts():
        label.set_parse_math(False)
    stream = io.BytesIO()
    with warnings.catch_warnings(), matplotlib.rc_context({"svg.hashsalt": "gradcli"}):
        # A letter that no font has is drawn as an empty box, which is all there is to say.
        warnings.filterwarnings("ignore", message="Glyph")
        canvas.savefig(stream, format=form, metadata=METADATA[form])
    return stream.getvalue()
