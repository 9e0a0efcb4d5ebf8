"""CSV and TSV: Python's csv module, and pyarrow for the blocks that it reads and writes alike.

A file is cut into pieces at ends of lines with an even number of quotes before them. So a quote
that opens or closes nothing is an error, in whichever piece it stands.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator, Sequence
from functools import cache
from typing import Any, BinaryIO

from gradcli.errors import Location
from gradcli.rows.blocks import Array, BadData, Block, Piece, taken
from gradcli.rows.columns import texts

PIECE = 2**20  # bytes that are read at once
LONGEST = 2**24  # of a row
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
WORTH = 2**18  # bytes from which on pyarrow is faster, its import included
DELIMITERS = {"csv": ",", "tsv": "\t"}
MAGIC = {
    b"\x1f\x8b": "it is compressed: gzip -dc FILE | gradcli map … -",
    b"\xff\xfe": "it is in UTF-16: iconv -f utf-16 -t utf-8 FILE | gradcli map … -",
    b"\xfe\xff": "it is in UTF-16: iconv -f utf-16 -t utf-8 FILE | gradcli map … -",
    b"PAR1": "it is Parquet: --from parquet",
    b"\x93NUMPY": "it is an array of numpy: --from npy",
}


@cache
def fast() -> Any:
    """What does the same several times as fast, if the `data` extra is installed."""
    try:
        from gradcli.rows import arrow
    except ImportError:
        return None
    return arrow


class DelimitedReader:
    """Rows of a text file.

    name   of the file, for messages
    names  of the columns of a file without a header; () numbers them from 1, None reads a header
    line   the number of its first line
    """

    def __init__(
        self,
        stream: BinaryIO,
        name: str,
        form: str,
        *,
        names: Sequence[str] | None = None,
        length: int | None = None,
        line: int = 1,
    ) -> None:
        csv.field_size_limit(LONGEST)
        self.stream = stream
        self.name = name
        self.form = form
        self.length = length
        self.delimiter = DELIMITERS[form]
        self.rest = b""
        self.line = line
        start = self.more()
        for magic, hint in MAGIC.items():
            if start.startswith(magic):
                raise BadData(f"'{name}' is no text", hint=hint)
        self.rest = start.removeprefix(BYTE_ORDER_MARK)
        self.skip_blank_lines()
        self.names: tuple[str, ...] = tuple(names or ())
        if not self.rest.strip():
            if names:
                return
            raise BadData(f"'{name}' is empty")
        if names is None:
            self.names = tuple(self.header())
        elif not names:
            self.names = tuple(map(str, range(1, len(self.first()[0]) + 1)))

    # ---- pieces ----

    def more(self) -> bytes:
        """What is left over, and more of the file behind it."""
        return self.rest + taken(self.stream, PIECE)

    def pieces(self, only: Collection[int] | None = None) -> Iterator[Piece]:
        data, ended = self.rest, False
        while not ended:
            more = taken(self.stream, PIECE)
            ended = not more
            data += more
            cut = len(data) if ended else end_of_rows(data)
            if not cut and len(data) > LONGEST:
                message = f"no row ends within {LONGEST >> 20} MiB: is a quote not closed?"
                raise self.blame(message, self.line, data[:100].decode(errors="replace"))
            if cut:
                yield Piece(data[:cut], self.line, cut)
                self.line += data.count(b"\n", 0, cut)
                data = data[cut:]

    def skip_blank_lines(self) -> None:
        while True:
            rest = self.rest.lstrip(b"\r\n")
            self.line += self.rest.count(b"\n", 0, len(self.rest) - len(rest))
            self.rest = rest or taken(self.stream, PIECE)
            if rest or not self.rest:
                break

    def first(self) -> tuple[list[str], int]:
        """The first row, and how many lines it takes."""
        while not end_of_rows(self.rest):
            longer = self.more()
            if len(longer) == len(self.rest) or len(longer) > LONGEST:
                break
            self.rest = longer
        piece = Piece(self.rest[: end_of_rows(self.rest) or len(self.rest)], self.line, 0)
        for row, end, _ in self.rows(piece):
            return row, end
        raise BadData(f"'{self.name}' is empty")

    def header(self) -> list[str]:
        row, end = self.first()
        lines = self.rest.split(b"\n", end)
        self.rest, before = lines[end] if len(lines) > end else b"", len(self.rest)
        self.line += end
        if self.length is not None:
            self.length -= before - len(self.rest)
        return row

    # ---- rows ----

    def rows(self, piece: Piece) -> Iterator[tuple[list[str], int, int]]:
        """Every row that is not blank, with the piece's lines up to its end and to its start."""
        text = self.decoded(piece)
        quoted = '"' in text
        lines = io.StringIO(text, newline="\n")
        quotes = 0

        def counted() -> Iterator[str]:
            nonlocal quotes
            for line in lines:
                quotes += line.count('"')
                yield line

        reader = csv.reader(counted() if quoted else lines, delimiter=self.delimiter, strict=True)
        start = 0
        try:
            for row in reader:
                if quotes % 2:
                    raise csv.Error
                if row:
                    yield row, reader.line_num, start
                start, quotes = reader.line_num, 0
        except csv.Error as error:
            message = "a quote that opens or closes nothing"
            hint = 'a quote inside a field is written twice, in a field in quotes: "5"" pipe"'
            if "new-line" in str(error):
                message = "a CR within a line, or that ends one alone"
                hint = "if all lines end so: tr '\\r' '\\n' < FILE | gradcli map … -"
            line = text.split("\n", start + 1)[start].removesuffix("\r")
            raise self.blame(message, piece.line + start, line, hint=hint) from None

    def decoded(self, piece: Piece) -> str:
        data = piece.data
        if b"\0" in data:
            raise self.blame_byte(piece, data.index(b"\0"), "a NUL byte: this is no text")
        try:
            text: str = data.decode()
        except UnicodeDecodeError as error:
            message = f"byte 0x{data[error.start]:02x} is not UTF-8"
            hint = "if it is Latin-1: iconv -f latin1 -t utf-8 FILE | gradcli map … -"
            raise self.blame_byte(piece, error.start, message, hint) from None
        return text

    def block(self, piece: Piece) -> Block:
        def place(row: int, column: int | None) -> Location | None:
            return self.place(piece, row, column)

        data, width = piece.data, len(self.names)
        arrow = fast() if len(data) > WORTH else None
        if arrow is not None:
            columns = arrow.columns_of_text(data, width, self.delimiter)
            if columns is not None:
                return Block(len(columns[0]), columns, place)
        columns = columns_of(data, width, self.delimiter)
        if columns is not None:
            sure = data.isascii() and b"_" not in data
            return Block(len(columns[0]), columns, place, plain=self.delimiter, sure=sure)
        rows: list[list[str]] = []
        odd: dict[int, str] = {}
        for k, (row, _, _) in enumerate(self.rows(piece)):
            if len(row) != width:
                odd[k] = f"{len(row)} {'field' if len(row) == 1 else 'fields'} instead of {width}"
                row = (row + [""] * width)[:width]  # noqa: PLW2901  # the row as it should be
            rows.append(row)
        columns = list(zip(*rows, strict=True)) if rows else [[] for _ in self.names]
        return Block(len(rows), columns, place, odd)

    # ---- places ----

    def place(self, piece: Piece, row: int, column: int | None) -> Location | None:
        """Where the field of a column stands in its line, if the line has no quotes."""
        for k, (_, end, start) in enumerate(self.rows(piece)):
            if k == row:
                line = self.decoded(piece).split("\n")[start].removesuffix("\r")
                fields = line.split(self.delimiter)
                if column is None or end != start + 1 or '"' in line or column >= len(fields):
                    return Location(self.name, piece.line + start, 1, len(line) + 1, line)
                at = sum(map(len, fields[:column])) + column
                after = at + max(1, len(fields[column]))
                return Location(self.name, piece.line + start, at + 1, after + 1, line)
        return None

    def blame_byte(self, piece: Piece, at: int, message: str, hint: str | None = None) -> BadData:
        start = piece.data.rfind(b"\n", 0, at) + 1
        line = piece.data[start : at + 100].split(b"\n")[0].decode(errors="replace")
        number = piece.line + piece.data.count(b"\n", 0, at)
        column = len(piece.data[start:at].decode(errors="replace")) + 1
        return self.blame(message, number, line, column=column, hint=hint)

    def blame(
        self, message: str, number: int, line: str = "", *, column: int = 1, hint: str | None = None
    ) -> BadData:
        error = BadData(message, hint=hint)
        error.location = Location(self.name, number, column, column + 1, line)
        return error


def columns_of(data: bytes, width: int, delimiter: str) -> list[Sequence[str]] | None:
    """The fields of rows without quotes, column by column; None if there is anything else."""
    if b'"' in data or b"\0" in data:
        return None
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    text = text.replace("\r\n", "\n") if "\r" in text else text
    if "\r" in text or "\n\n" in text or text[:1] in ("\n", ""):
        return None
    text = text.removesuffix("\n")
    # Ends of lines become fields of their own, which must come after so many others.
    fields = text.replace("\n", f"{delimiter}\n{delimiter}").split(delimiter)
    fields.append("\n")
    ends = fields[width :: width + 1]
    rows = text.count("\n") + 1
    if not ends.count("\n") == len(ends) == rows or len(fields) != rows * (width + 1):
        return None
    return [fields[k :: width + 1] for k in range(width)]


def end_of_rows(data: bytes) -> int:
    """The end of the last row that is whole: after an end of a line outside of quotes."""
    end = data.rfind(b"\n") + 1
    quotes = data.count(b'"', 0, end)
    while quotes % 2:
        before = data.rfind(b"\n", 0, data.rfind(b'"', 0, end)) + 1
        quotes -= data.count(b'"', before, end)
        end = before
    return end


# ---- writing ------------------------------------------------------------------------------------


class DelimitedWriter:
    """Rows of a text file; fields are in quotes where they must be."""

    def __init__(
        self,
        stream: BinaryIO,
        form: str,
        names: Sequence[str] | None,
        *,
        digits: int | None = None,
    ) -> None:
        self.stream = stream
        self.delimiter = DELIMITERS[form]
        self.names = names
        self.digits = digits

    def begin(self) -> None:
        if self.names is not None:
            self.write(self.encoded([[name] for name in self.names]))

    def encode(self, block: Block, results: Sequence[Array]) -> Any:
        size = 8 * block.rows * (len(block.columns) + len(results))
        arrow = fast() if size > WORTH and self.digits is None else None
        if arrow is not None:
            written = arrow.text_of_columns([*block.columns, *results], self.delimiter)
            if written is not None:
                return written
        shown = [texts(column) for column in block.columns]
        numbers = [texts(result, self.digits) for result in results]
        plain = block.plain == self.delimiter or not self.special(shown)
        return self.encoded([*shown, *numbers], plain=plain)

    def special(self, columns: Sequence[Sequence[str]]) -> bool:
        """Must any field be in quotes?"""
        return any(x in text for text in map("".join, columns) for x in ('"\r\n' + self.delimiter))

    def encoded(self, columns: Sequence[Sequence[str]], *, plain: bool = False) -> bytes:
        if plain:
            lines = map(self.delimiter.join, zip(*columns, strict=True))
            return "".join([line + "\n" for line in lines]).encode()
        text = io.StringIO(newline="")
        writer = csv.writer(text, delimiter=self.delimiter, lineterminator="\n")
        writer.writerows(zip(*columns, strict=True))
        return text.getvalue().encode()

    def write(self, encoded: Any) -> None:
        self.stream.write(encoded)

    def end(self) -> None:
        pass
