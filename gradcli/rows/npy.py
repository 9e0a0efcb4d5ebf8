"""npy: arrays of numpy with a field for each column, or matrices with a column for each."""

from __future__ import annotations

import tokenize
from collections.abc import Collection, Iterator, Sequence
from typing import Any, BinaryIO

import numpy as np
from numpy.lib import format as npy

from gradcli.rows.blocks import Array, BadData, Block, Piece, nowhere, taken
from gradcli.rows.columns import numbers

PIECE = 2**22  # bytes that are read at once
# The room that numpy leaves in a header for the number of rows to grow.
UNKNOWN = 10 ** (npy.GROWTH_AXIS_MAX_DIGITS - 1)


class NpyReader:
    """The columns are the fields of a structured array; those of a matrix are numbered from 1."""

    form = "npy"

    def __init__(self, stream: BinaryIO, name: str, names: Sequence[str] | None = None) -> None:
        self.stream = stream
        self.name = name
        shape, columnwise, self.dtype = header(stream, name)
        fields = self.dtype.names
        fits = len(shape) == 1 and fields if fields else len(shape) == 2
        if not fits:
            raise BadData(
                f"'{name}' is no table: its shape is {shape}",
                hint="a matrix, or a vector with a field for each column, is one",
            )
        kinds = [self.dtype[field] for field in fields] if fields else [self.dtype]
        if any(kind.hasobject or kind.shape for kind in kinds):
            raise BadData(f"'{name}' holds more than numbers and texts")
        width = len(fields) if fields else shape[1]
        self.names: tuple[str, ...] = tuple(
            names or fields or map(str, range(1, width + 1))  # what it has, or numbers
        )
        if len(self.names) != width:
            raise BadData(f"'{name}' has {width} columns, and --names gives {len(self.names)}")
        self.length: int | None = shape[0]
        self.rowsize = self.dtype.itemsize * (1 if fields else width)
        self.start: int | None = None
        if columnwise and width > 1 and shape[0] > 1:
            if not stream.seekable():
                raise BadData(
                    f"'{name}' lies column by column, and cannot be read from a pipe",
                    hint="np.save(file, np.ascontiguousarray(array))",
                )
            self.start = stream.tell()

    def kinds(self) -> list[Any]:
        """The dtypes of the columns."""
        if self.dtype.names:
            return [self.dtype[name] for name in self.dtype.names]
        return [self.dtype] * len(self.names)

    def pieces(self, only: Collection[int] | None = None) -> Iterator[Piece]:
        total = self.length or 0
        step = max(1, PIECE // max(1, self.rowsize))
        for row in range(0, total, step):
            count = min(step, total - row)
            if self.start is None:
                data = self.read(count * self.rowsize, row)
            else:
                data = b"".join(self.of_column(k, row, count) for k in range(len(self.names)))
            yield Piece(data, row + 1, count)

    def of_column(self, k: int, row: int, count: int) -> bytes:
        """Some of a column, where columns lie one after the other."""
        size = self.dtype.itemsize
        self.stream.seek((self.start or 0) + (k * (self.length or 0) + row) * size)
        return self.read(count * size, row)

    def read(self, size: int, row: int) -> bytes:
        data = taken(self.stream, size)
        if len(data) < size:
            raise BadData(f"'{self.name}' ends in row {row + len(data) // self.rowsize + 1}")
        return data

    def block(self, piece: Piece) -> Block:
        array = np.frombuffer(piece.data, self.dtype)
        fields = self.dtype.names
        if fields:
            columns = [array[field] for field in fields]
        elif self.start is not None:
            columns = list(array.reshape(len(self.names), piece.size))
        else:
            columns = list(array.reshape(piece.size, len(self.names)).T)
        return Block(piece.size, columns, nowhere)


def header(stream: BinaryIO, name: str) -> tuple[tuple[int, ...], bool, Any]:
    """Shape, whether columns lie one after the other, and dtype."""
    try:
        version = npy.read_magic(stream)
        if version == (1, 0):
            return npy.read_array_header_1_0(stream)
        return npy.read_array_header_2_0(stream)
    except (ValueError, SyntaxError, tokenize.TokenError):
        raise BadData(f"cannot read '{name}': it does not begin as npy files do") from None


class NpyWriter:
    """A vector with a field for each column; the number of rows is put into the header last.

    kinds  the dtypes of the columns that are carried through; numbers are put into them
    """

    def __init__(
        self, stream: BinaryIO, kinds: Sequence[Any], names: Sequence[str], titles: Sequence[str]
    ) -> None:
        fields = [*zip(names, kinds, strict=True), *((title, "<f8") for title in titles)]
        try:
            self.dtype = np.dtype(fields)
        except ValueError as error:
            raise BadData(f"no fields of npy: {error}") from None
        self.stream = stream
        self.rows = 0

    def begin(self) -> None:
        self.put_header(UNKNOWN)

    def put_header(self, rows: int) -> None:
        about = {"descr": npy.dtype_to_descr(self.dtype), "fortran_order": False, "shape": (rows,)}
        npy.write_array_header_2_0(self.stream, about)

    def encode(self, block: Block, results: Sequence[Array]) -> tuple[int, bytes]:
        assert self.dtype.names is not None
        array = np.empty(block.rows, self.dtype)
        for name, column in zip(self.dtype.names, [*block.columns, *results], strict=True):
            array[name] = column if isinstance(column, np.ndarray) else numbers(column)[0]
        return block.rows, array.tobytes()

    def write(self, encoded: Any) -> None:
        rows, data = encoded
        self.rows += rows
        self.stream.write(data)

    def end(self) -> None:
        self.stream.seek(0)
        self.put_header(self.rows)
        self.stream.seek(0, 2)
