"""Blocks by pyarrow, several times as fast: what it would read or write otherwise, it leaves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from gradcli.rows import columns
from gradcli.rows.blocks import Array, Column

# Of Arrow's own pools, which keep what is freed, a run would hold twice as much.
pa.set_memory_pool(pa.system_memory_pool())

BATCH = 2**16  # rows that are formatted at once


def columns_of_text(data: bytes, width: int, delimiter: str) -> list[Column] | None:
    """The fields of some rows, column by column; None if they should be read with more care."""
    if not data.strip() or not plain(data, delimiter.encode()):
        return None
    names = list(map(str, range(width)))
    try:
        table = csv.read_csv(
            pa.py_buffer(data),
            csv.ReadOptions(use_threads=False, block_size=len(data) + 1, column_names=names),
            csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
            csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string())),
        )
    except pa.ArrowInvalid:
        return None
    return [column.combine_chunks() for column in table.columns]


def plain(data: bytes, delimiter: bytes) -> bool:
    """Does every quote stand on exactly one side of a field, and is there no NUL?"""
    if b"\0" in data or data.count(b"\r") != data.count(b"\r\n"):
        return False
    quotes = data.count(b'"')
    if not quotes:
        return True
    data = b"\n" + data.replace(b"\r\n", b"\n").rstrip(b"\n") + b"\n"
    opening = data.count(delimiter + b'"') + data.count(b'\n"')
    closing = data.count(b'"' + delimiter) + data.count(b'"\n')
    return opening == closing and opening + closing == quotes


def numbers(column: Column) -> Array | None:
    """A column as real numbers; None if an element is none."""
    if column.null_count:
        return None
    for read in (column, pc.utf8_trim_whitespace(column) if is_text(column) else column):
        try:
            found = pc.cast(read, pa.float64(), safe=False)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            continue
        return np.asarray(found.to_numpy(zero_copy_only=False))
    return None


def is_text(column: Column) -> bool:
    return bool(pa.types.is_string(column.type) or pa.types.is_large_string(column.type))


def texts(column: Column) -> list[str]:
    """A column as it is written in a text file."""
    shown = column if is_text(column) else pc.cast(column, pa.string())
    return ["" if x is None else x for x in shown.to_pylist()]


def text_of_columns(every: Sequence[Column], delimiter: str) -> pa.Buffer | None:
    """Some rows as text; None if a field must be in quotes."""
    names = list(map(str, range(len(every))))
    table = pa.table([as_array(column) for column in every], names=names)
    sink = pa.BufferOutputStream()
    options = csv.WriteOptions(
        include_header=False, batch_size=BATCH, delimiter=delimiter, quoting_style="none"
    )
    try:
        csv.write_csv(table, sink, options)
    except pa.ArrowInvalid:
        return None
    return sink.getvalue()


def as_array(column: Column, kind: pa.DataType | None = None) -> pa.Array:
    """A column of any reader; numbers may be wanted of texts."""
    if isinstance(column, np.ndarray):
        return pa.array(column)
    if not isinstance(column, list | tuple):
        return column
    if kind == pa.float64():
        return pa.array(columns.numbers(column)[0])
    return pa.array(columns.texts(column), pa.string())


def kind_of(dtype: np.dtype[Any]) -> pa.DataType:
    """The type of Arrow for a dtype of numpy."""
    return pa.array(np.empty(0, dtype)).type
