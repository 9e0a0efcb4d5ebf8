"""Parquet, by pyarrow: columns that are carried through keep their types."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

import pyarrow as pa
from pyarrow import parquet

from gradcli.rows.arrow import as_array
from gradcli.rows.blocks import Array, BadData, Block, Piece, nowhere

BATCH = 2**22  # bytes that are decoded at once
BUFFER = 2**20  # bytes of a column that are read at once
GROUP = 2**18  # rows of a group that is written


class ParquetReader:
    """Rows of a file, or of some of its row groups."""

    form = "parquet"

    def __init__(self, name: str, stream: BinaryIO, groups: Sequence[int] | None = None) -> None:
        self.name = name
        try:
            self.file = parquet.ParquetFile(stream, buffer_size=BUFFER)
        except (pa.ArrowException, OSError) as error:
            raise BadData(f"cannot read '{name}': {first_line(error)}") from None
        self.groups = groups
        metadata = self.file.metadata
        self.names = tuple(self.file.schema_arrow.names)
        self.length: int | None = metadata.num_rows
        size = sum(metadata.row_group(k).total_byte_size for k in range(metadata.num_row_groups))
        self.batch = min(2**16, max(1, BATCH * max(1, metadata.num_rows) // max(1, size)))

    def kinds(self) -> list[Any]:
        """The types of the columns."""
        return list(self.file.schema_arrow.types)

    def pieces(self) -> Iterator[Piece]:
        row = 1
        try:
            for batch in self.file.iter_batches(self.batch, self.groups):
                yield Piece(batch, row, batch.num_rows)
                row += batch.num_rows
        except (pa.ArrowException, OSError) as error:
            raise BadData(f"cannot read '{self.name}': {first_line(error)}") from None

    def block(self, piece: Piece) -> Block:
        return Block(piece.data.num_rows, piece.data.columns, nowhere)


class ParquetWriter:
    """Groups of rows, compressed as pyarrow does by default.

    kinds  the types of the columns that are carried through
    """

    def __init__(
        self, stream: BinaryIO, kinds: Sequence[Any], names: Sequence[str], titles: Sequence[str]
    ) -> None:
        carried = [pa.field(name, kind) for name, kind in zip(names, kinds, strict=True)]
        self.schema = pa.schema([*carried, *(pa.field(title, pa.float64()) for title in titles)])
        self.stream = pa.PythonFile(stream, mode="w")
        self.file: Any = None
        self.waiting: list[Any] = []

    def begin(self) -> None:
        self.file = parquet.ParquetWriter(self.stream, self.schema)

    def encode(self, block: Block, results: Sequence[Array]) -> Any:
        columns = zip([*block.columns, *results], self.schema.types, strict=True)
        try:
            return pa.record_batch([as_array(*column) for column in columns], schema=self.schema)
        except (pa.ArrowException, TypeError) as error:
            raise BadData(f"no column of Parquet: {first_line(error)}") from None

    def write(self, encoded: Any) -> None:
        self.waiting.append(encoded)
        if sum(batch.num_rows for batch in self.waiting) >= GROUP:
            self.flush()

    def flush(self) -> None:
        table = pa.Table.from_batches(self.waiting, self.schema)
        self.file.write_table(table, row_group_size=max(1, table.num_rows))
        self.waiting = []

    def end(self) -> None:
        if self.waiting:
            self.flush()
        self.file.close()


def first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
