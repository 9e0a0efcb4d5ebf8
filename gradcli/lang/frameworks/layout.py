"""Tensors as PyTorch prints them: all numbers of one tensor in one format, in aligned rows."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from gradcli.engine.display import EDGE, MOST, WIDTH, corners

PRECISION = 4
OPENING = "tensor("

Format = Callable[[Any], str]


def describe(tensor: Any, digits: int | None, suffixes: list[str], opening: str = OPENING) -> str:
    """`tensor([1., 2.], grad_fn=<MulBackward0>)`; a suffix that does not fit has a line."""
    value = np.asarray(tensor.value)
    text = body(value, PRECISION if digits is None else digits, len(opening))
    if not value.size and value.ndim > 1:
        suffixes = [f"size={value.shape}", *suffixes]
    room = len(opening + text) - (opening + text).rfind("\n") + 1
    for suffix in suffixes:
        room += len(suffix) + 2
        if room > WIDTH:
            text += f",\n{' ' * len(opening)}{suffix}"
            room = len(opening) + len(suffix)
        else:
            text += f", {suffix}"
    return f"{opening}{text})"


def body(value: Any, digits: int, indent: int) -> str:
    if not value.size:
        return "[]"
    shown = corners(value) if value.size > MOST else value
    return rows(value, format_of(shown, digits), indent, elided=value.size > MOST)


def rows(value: Any, element: Format, indent: int, *, elided: bool) -> str:
    """Nested brackets; axes further out are further apart."""
    if not value.shape:
        return element(value[()])
    short = elided and len(value) > 2 * EDGE
    if value.ndim == 1:
        cells = [element(x) for x in (corners(value) if short else value)]
        if short:
            cells.insert(EDGE, " ...")
        count = max(1, (WIDTH - indent) // (max(map(len, cells)) + 2))
        lines = [", ".join(cells[k : k + count]) for k in range(0, len(cells), count)]
        return "[" + f",\n{' ' * (indent + 1)}".join(lines) + "]"
    inner = [*value[:EDGE], None, *value[-EDGE:]] if short else [*value]
    parts = ["..." if x is None else rows(x, element, indent + 1, elided=elided) for x in inner]
    gap: str = "," + "\n" * (value.ndim - 1) + " " * (indent + 1)
    return f"[{gap.join(parts)}]"


# ---- elements -----------------------------------------------------------------------------------


def format_of(value: Any, digits: int) -> Format:
    """What writes each element of an array, all as wide as the widest."""
    if value.dtype.kind == "c":
        real, imag = format_of(value.real, digits), format_of(value.imag, digits)

        def parts(z: Any) -> str:
            second = imag(z.imag).lstrip()
            return f"{real(z.real)}{'' if second.startswith('-') else '+'}{second}j"

        return parts
    if value.dtype.kind in "biu":
        write: Format = str
        measured = value.flat
    else:
        write = real_format(value, digits)
        measured = value[np.isfinite(value) & (value != 0)]  # 0, inf and nan may stand out
    width = max(map(len, map(write, measured)), default=0) if value.shape else 0

    def padded(x: Any) -> str:
        return write(x).rjust(width)

    return padded


def real_format(value: Any, digits: int) -> Format:
    """Fixed point, or powers of ten where the numbers differ much or are very small or large."""
    sizes = np.abs(value.astype(np.float64)[np.isfinite(value) & (value != 0)])
    most, least = (float(sizes.max()), float(sizes.min())) if sizes.size else (0.0, 0.0)
    whole = bool(np.all(sizes == np.ceil(sizes)))
    scientific = bool(sizes.size) and (
        most > 1000 * least or most > 1e8 or (not whole and least < 1e-4)
    )

    def write(x: Any) -> str:
        if scientific:
            return f"{float(x):.{digits}e}"
        if whole:
            return f"{float(x):.0f}" + "." * math.isfinite(x)
        return f"{float(x):.{digits}f}"

    return write
