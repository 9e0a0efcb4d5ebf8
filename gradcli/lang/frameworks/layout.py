"""Tensors as PyTorch prints them: all numbers of one tensor in one format, in aligned rows."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from gradcli.engine.display import EDGE, MOST, WIDTH, corners

OPENING = "tensor("

Format = Callable[[Any], str]


class Layout(NamedTuple):
    """What `set_printoptions` sets.

    threshold  of how many elements on a tensor is elided, to `edgeitems` at either end of an axis
    sci_mode   powers of ten: always, never, or (None) where numbers differ much
    """

    precision: int = 4
    threshold: int = MOST
    edgeitems: int = EDGE
    linewidth: int = WIDTH
    sci_mode: bool | None = None


def describe(tensor: Any, layout: Layout, suffixes: list[str], opening: str = OPENING) -> str:
    """`tensor([1., 2.], grad_fn=<MulBackward0>)`; a suffix that does not fit has a line."""
    value = np.asarray(tensor.value)
    text = body(value, layout, len(opening))
    if not value.size and value.ndim > 1:
        suffixes = [f"size={value.shape}", *suffixes]
    room = len(opening + text) - (opening + text).rfind("\n") + 1
    for suffix in suffixes:
        room += len(suffix) + 2
        if room > layout.linewidth:
            text += f",\n{' ' * len(opening)}{suffix}"
            room = len(opening) + len(suffix)
        else:
            text += f", {suffix}"
    return f"{opening}{text})"


def body(value: Any, layout: Layout, indent: int) -> str:
    if not value.size:
        return "[]"
    elided = value.size > layout.threshold
    shown = corners(value, layout.edgeitems) if elided else value
    return rows(value, format_of(shown, layout), indent, layout, elided=elided)


def rows(value: Any, element: Format, indent: int, layout: Layout, *, elided: bool) -> str:
    """Nested brackets; axes further out are further apart."""
    if not value.shape:
        return element(value[()])
    edge = layout.edgeitems
    short = elided and len(value) > 2 * edge
    if value.ndim == 1:
        cells = [element(x) for x in (corners(value, edge) if short else value)]
        if short:
            cells.insert(edge, " ...")
        count = max(1, (layout.linewidth - indent) // (max(map(len, cells)) + 2))
        lines = [", ".join(cells[k : k + count]) for k in range(0, len(cells), count)]
        return "[" + f",\n{' ' * (indent + 1)}".join(lines) + "]"
    inner = [*value[:edge], None, *value[-edge:]] if short else [*value]
    parts = [
        "..." if x is None else rows(x, element, indent + 1, layout, elided=elided) for x in inner
    ]
    gap: str = "," + "\n" * (value.ndim - 1) + " " * (indent + 1)
    return f"[{gap.join(parts)}]"


# ---- elements -----------------------------------------------------------------------------------


def format_of(value: Any, layout: Layout) -> Format:
    """What writes each element of an array, all as wide as the widest."""
    if value.dtype.kind == "c":
        real, imag = format_of(value.real, layout), format_of(value.imag, layout)

        def parts(z: Any) -> str:
            second = imag(z.imag).lstrip()
            return f"{real(z.real)}{'' if second.startswith('-') else '+'}{second}j"

        return parts
    if value.dtype.kind in "biu":
        write: Format = str
        measured = value.flat
    else:
        write = real_format(value, layout)
        measured = value[np.isfinite(value) & (value != 0)]  # 0, inf and nan may stand out
    width = max(map(len, map(write, measured)), default=0) if value.shape else 0

    def padded(x: Any) -> str:
        return write(x).rjust(width)

    return padded


def real_format(value: Any, layout: Layout) -> Format:
    """Fixed point, or powers of ten where the numbers differ much or are very small or large."""
    sizes = np.abs(value.astype(np.float64)[np.isfinite(value) & (value != 0)])
    most, least = (float(sizes.max()), float(sizes.min())) if sizes.size else (0.0, 0.0)
    whole = bool(np.all(sizes == np.ceil(sizes)))
    digits, scientific = layout.precision, layout.sci_mode
    if scientific is None:
        wide = most > 1000 * least or most > 1e8 or (not whole and least < 1e-4)
        scientific = bool(sizes.size) and wide

    def write(x: Any) -> str:
        if scientific:
            return f"{float(x):.{digits}e}"
        if whole:
            return f"{float(x):.0f}" + "." * math.isfinite(x)
        return f"{float(x):.{digits}f}"

    return write
