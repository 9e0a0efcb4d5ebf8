"""What flows through `map`: pieces of a file, blocks of rows, and what readers and writers are."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, BinaryIO, NamedTuple, Protocol

import numpy as np

from gradcli.errors import FileError, Location

Array = np.ndarray[Any, Any]
# Texts, numbers, or an array of pyarrow.
Column = Any


class BadData(FileError):
    """Data that cannot be read, with its place."""

    kind = "data"


class Piece(NamedTuple):
    """Some of a file, as it comes: whole rows that are still to be read.

    line  the number of its first line, or row where a format has no lines
    size  how much of the file it is, in what the reader's `length` is measured in
    """

    data: Any
    line: int
    size: int


class Block(NamedTuple):
    """Rows in their order, column by column.

    rows   how many
    odd    rows that are not of the table's columns, and what is wrong with each
    place  where the field of a row and a column stands, for a message
    raw    the rows as they were written, where a writer of the same format may use them
    plain  fields hold no quote, no end of a line and not this delimiter
    sure   they are of ASCII without underscores: what Python reads as a number there is one
    """

    rows: int
    columns: Sequence[Column]
    place: Callable[[int, int | None], Location | None]
    odd: Mapping[int, str] = {}
    raw: Sequence[str] = ()
    plain: str = ""
    sure: bool = False


class Reader(Protocol):
    """A table that is read from its beginning to its end.

    names   of its columns; the same name may stand for several
    length  of all pieces together; None if that is not known
    form    the format's name
    """

    name: str
    form: str
    names: tuple[str, ...]
    length: int | None

    def pieces(self, only: Collection[int] | None = None) -> Iterator[Piece]:
        """In order, and cheaply: by the one thread that waits for the file.

        only  these columns matter, as far as others can be left unread
        """

    def block(self, piece: Piece) -> Block:
        """The rows of a piece: by any thread."""


class Writer(Protocol):
    """A table that is written from its beginning to its end; blocks are encoded by any thread."""

    def begin(self) -> None: ...

    def encode(self, block: Block, results: Sequence[Array]) -> Any: ...

    def write(self, encoded: Any) -> None: ...

    def end(self) -> None: ...


def taken(stream: BinaryIO, size: int) -> bytes:
    """So many bytes of a stream, or what is left of it.

    One read of the system after the other: between them Python looks for signals, which the
    stream itself would only do once all bytes were there.
    """
    parts: list[bytes] = []
    try:
        while size > 0 and (more := stream.read1(size)):  # type: ignore[attr-defined]  # it is one
            parts.append(more)
            size -= len(more)
    except OSError as error:
        raise BadData(f"cannot read: {error.strerror}") from None
    return b"".join(parts)


def nowhere(_row: int, _column: int | None) -> Location | None:
    return None
