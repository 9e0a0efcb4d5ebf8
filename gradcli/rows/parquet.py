"""Parquet, by pyarrow: columns that are carried through keep their types."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any, BinaryIO

import pyarrow as pa
from pyarrow import parquet

from gradcli.rows.arrow import as_array
from gradcli.rows.blocks import Array, BadData, Block, Piece, nowhere

BATCH = 2**22  # bytes that are decoded at once
# Bytes that are read, and that a page holds, of all columns together; and at most, of one.
TOGETHER, OF_ONE = 2**22, 2**20
GROUP = 2**23  # bytes of a group that is written, before they are compressed


class ParquetReader:
    """Rows of a file, or of some of its row groups."""

    form = "parquet"

    def __init__(self, name: str, stream: BinaryIO, groups: Sequence[int] | None = None) -> None:
        self.name = name
        try:
            metadata = parquet.read_metadata(stream)
            self.file = parquet.ParquetFile(
                stream,
                metadata=metadata,
                buffer_size=share(metadata.num_columns),
                pre_buffer=False,
            )
        except (pa.ArrowException, OSError) as error:
            raise BadData(f"cannot read '{name}': {first_line(error)}") from None
        self.groups = groups
        self.names = tuple(self.file.schema_arrow.names)
        self.length: int | None = metadata.num_rows
        size = sum(metadata.row_group(k).total_byte_size for k in range(metadata.num_row_groups))
        self.batch = min(2**15, max(1, BATCH * max(1, metadata.num_rows) // max(1, size)))

    def kinds(self) -> list[Any]:
        """The types of the columns."""
        return list(self.file.schema_arrow.types)

    def pieces(self, only: Collection[int] | None = None) -> Iterator[Piece]:
        row = 1
        names = None if only is None else [self.names[k] for k in sorted(only)]
        batches = self.file.iter_batches(self.batch, self.groups, names, use_threads=False)
        try:
            for batch in batches:
                yield Piece(batch, row, batch.num_rows)
                row += batch.num_rows
        except (pa.ArrowException, OSError) as error:
            raise BadData(f"cannot read '{self.name}': {first_line(error)}") from None

    def block(self, piece: Piece) -> Block:
        columns = piece.data.columns
        if len(columns) < len(self.names):  # the others were not wanted
            found = dict(zip(piece.data.schema.names, columns, strict=True))
            columns = [found.get(name) for name in self.names]
        return Block(piece.data.num_rows, columns, nowhere)


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
        size = share(len(self.schema))
        self.file = parquet.ParquetWriter(
            self.stream, self.schema, data_page_size=size, dictionary_pagesize_limit=size
        )

    def encode(self, block: Block, results: Sequence[Array]) -> Any:
        columns = zip([*block.columns, *results], self.schema.types, strict=True)
        try:
            return pa.record_batch([as_array(*column) for column in columns], schema=self.schema)
        except (pa.ArrowException, TypeError) as error:
            raise BadData(f"no column of Parquet: {first_line(error)}") from None

    def write(self, encoded: Any) -> None:
        self.waiting.append(encoded)
        if sum(batch.nbytes for batch in self.waiting) >= GROUP:
            self.flush()

    def flush(self) -> None:
        table = pa.Table.from_batches(self.waiting, self.schema)
        self.file.write_table(table, row_group_size=max(1, table.num_rows))
        self.waiting = []

    def end(self) -> None:
        if self.waiting:
            self.flush()
        self.file.close()


def share(columns: int) -> int:
    """Bytes of one of so many columns."""
    return min(OF_ONE, max(2**13, TOGETHER // max(1, columns)))


def first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
