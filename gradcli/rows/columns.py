"""Columns: of texts to numbers, of numbers to texts, and some of their rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from gradcli.rows.blocks import Array, Column

# The strings that stand in JSON for what it has no numbers for.
JSON_NUMBERS = {"NaN": np.nan, "Infinity": np.inf, "-Infinity": -np.inf}


def numbers(column: Column, sure: bool = False) -> tuple[Array, list[int]]:
    """A column as real numbers, nan where an element is none; and which are none.

    sure  its texts are of ASCII, without underscores
    """
    if isinstance(column, np.ndarray) and column.dtype.kind in "fiub":
        return column.astype(np.float64), []
    if not isinstance(column, list | tuple):
        from gradcli.rows import arrow  # an extra

        found = arrow.numbers(column)
        if found is not None:
            return found, []
        column = column.to_pylist()
    try:
        together = "" if sure else "".join(column)
        if together.isascii() and "_" not in together:
            return np.fromiter(map(float, column), np.float64, len(column)), []
    except (TypeError, ValueError):
        pass  # the one that is no number is found below
    result = np.full(len(column), np.nan)
    bad = []
    for k, x in enumerate(column):
        try:
            result[k] = number(x)
        except (ValueError, OverflowError):
            bad.append(k)
    return result, bad


def number(x: Any) -> float:
    """A text or a value of JSON as a number; ValueError if it is none."""
    if type(x) in (int, float):
        return float(x)
    # Python's float() reads underscores and the digits of all scripts, which other readers do not.
    if type(x) is not str or "_" in x or not x.isascii():
        raise ValueError
    return float(x)


def selected(column: Column, rows: Array) -> Column:
    """The column in the rows of these numbers."""
    if isinstance(column, np.ndarray):
        return column[rows]
    if isinstance(column, list | tuple):
        return [column[k] for k in rows.tolist()]
    return column.take(rows)


# ---- to text ------------------------------------------------------------------------------------

# From where on pyarrow writes an exponent, and below what.
LARGE, SMALL = 1e10, 1e-6


def texts(column: Column, digits: int | None = None) -> Sequence[str]:
    """A column as it is written in a text file."""
    if isinstance(column, np.ndarray):
        return numerals(column, digits) if column.dtype.kind == "f" else plain(column)
    if isinstance(column, list | tuple):
        return ["" if x is None else x if type(x) is str else str(x) for x in column]
    from gradcli.rows import arrow  # an extra

    found: list[str] = arrow.texts(column)
    return found


def plain(column: Array) -> list[str]:
    return [str(x) for x in column.tolist()]


def numerals(column: Array, digits: int | None = None) -> list[str]:
    """Numbers as the shortest text that reads back as the same, in pyarrow's notation."""
    if digits is not None:
        return [f"{x:.{digits}g}" for x in column.tolist()]
    if column.dtype != np.float64:
        return [numeral(x) for x in column]
    # What Python writes is quick, and often the same.
    found = list(map(repr, column.tolist()))
    size = np.abs(column)
    with np.errstate(invalid="ignore"):
        whole = (np.trunc(column) == column) & (size < LARGE)
        other = ((size >= LARGE) & (size < 1e16)) | ((size >= 1e-9) & (size < 1e-4))
    for k in np.flatnonzero(whole).tolist():
        found[k] = found[k].removesuffix(".0")
    for k in np.flatnonzero(other).tolist():
        found[k] = numeral(column[k])
    return found


def numeral(x: Any) -> str:
    if x == 0 or SMALL <= abs(x) < LARGE:
        return np.format_float_positional(x, trim="-")
    return np.format_float_scientific(x, trim="-", exp_digits=1)
