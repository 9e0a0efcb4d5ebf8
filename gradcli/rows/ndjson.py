"""NDJSON: an object a line, whose keys are columns. What a line holds is kept as it was written."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection, Iterator, Sequence
from typing import Any, BinaryIO

from gradcli.errors import Location
from gradcli.rows.blocks import Array, BadData, Block, Piece, taken
from gradcli.rows.columns import JSON_NUMBERS, numerals
from gradcli.rows.delimited import BYTE_ORDER_MARK, LONGEST, PIECE

# The strings that stand in JSON for what it has no numbers for, by what numerals() writes.
NAMES = {"nan": '"NaN"', "inf": '"Infinity"', "-inf": '"-Infinity"'}


NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")


class NdjsonReader:
    """The columns are the keys of the first object, or `names`; a line may have them in any order.

    clashes  keys that no line may have; None forbids all that are not in the first
    """

    form = "ndjson"
    clashes: frozenset[str] | None = None

    def __init__(
        self,
        stream: BinaryIO,
        name: str,
        *,
        names: Sequence[str] | None = None,
        length: int | None = None,
        line: int = 1,
    ) -> None:
        self.stream = stream
        self.name = name
        self.length = length
        self.line = line
        self.rest = taken(stream, PIECE).removeprefix(BYTE_ORDER_MARK)
        while b"\n" not in self.rest.lstrip() and (more := taken(stream, PIECE)):
            self.rest += more
            self.check_length(self.rest)
        if names is not None:
            self.names = tuple(names)
            return
        for _, _, found in self.objects(Piece(self.rest, line, 0)):
            self.names = tuple(found)
            return
        raise BadData(f"'{name}' is empty")

    def check_length(self, data: bytes) -> None:
        if len(data) > LONGEST:
            raise self.blame(f"a line longer than {LONGEST >> 20} MiB", self.line, "")

    def pieces(self, only: Collection[int] | None = None) -> Iterator[Piece]:
        data, ended = self.rest, False
        while not ended:
            more = taken(self.stream, PIECE)
            ended = not more
            data += more
            cut = len(data) if ended else data.rfind(b"\n") + 1
            if cut:
                yield Piece(data[:cut], self.line, cut)
                self.line += data.count(b"\n", 0, cut)
                data = data[cut:]
            self.check_length(data)

    def objects(self, piece: Piece) -> Iterator[tuple[int, str, dict[str, Any]]]:
        """The number of each line that is not blank, its text, and its object."""
        for k, line in enumerate(piece.data.split(b"\n")):
            try:
                text = line.decode().strip()
                if not text:
                    continue
                found = json.loads(text)
            except UnicodeDecodeError as error:
                shown = line.decode(errors="replace")
                message = f"byte 0x{line[error.start]:02x} is not UTF-8"
                raise self.blame(message, piece.line + k, shown) from None
            except (ValueError, RecursionError) as error:
                column = error.colno if isinstance(error, json.JSONDecodeError) else 1
                raise self.blame("no JSON", piece.line + k, text, column) from None
            if type(found) is not dict:
                raise self.blame("no object of JSON", piece.line + k, text)
            yield piece.line + k, text, found

    def block(self, piece: Piece) -> Block:
        found = list(self.objects(piece))
        odd: dict[int, str] = {}
        for k, (_, _, row) in enumerate(found):
            new = row.keys() - self.names if self.clashes is None else row.keys() & self.clashes
            if new:
                why = "is not in the first line" if self.clashes is None else "is that of a result"
                odd[k] = f"the key '{min(new)}' {why}"
        columns = [[value_of(row, name) for _, _, row in found] for name in self.names]

        def place(row: int, _column: int | None) -> Location:
            number, text, _ = found[row]
            return Location(self.name, number, 1, len(text) + 1, text)

        return Block(len(found), columns, place, odd, [text for _, text, _ in found])

    def blame(self, message: str, line: int, text: str, column: int = 1) -> BadData:
        error = BadData(message)
        error.location = Location(self.name, line, column, column + 1, text)
        return error


def value_of(row: dict[str, Any], name: str) -> Any:
    """A number where there is one; JSON's names of nan and infinities are texts, and float()'s."""
    value = row.get(name)
    return JSON_NUMBERS.get(value, value) if type(value) is str else value


class NdjsonWriter:
    """An object a line; where the input is one, the results are put behind what it holds.

    names  of the columns that are carried through
    typed  they are of a format that tells numbers from texts
    """

    def __init__(
        self,
        stream: BinaryIO,
        names: Sequence[str],
        titles: Sequence[str],
        *,
        typed: bool,
        digits: int | None = None,
    ) -> None:
        self.stream = stream
        self.names = names
        self.keys = [json.dumps(title, ensure_ascii=False) + ": " for title in titles]
        self.typed = typed
        self.digits = digits

    def begin(self) -> None:
        pass

    def encode(self, block: Block, results: Sequence[Array]) -> bytes:
        added = [
            [key + NAMES.get(x, x) for x in numerals(result, self.digits)]
            for key, result in zip(self.keys, results, strict=True)
        ]
        ends = map(", ".join, zip(*added, strict=True))
        lines = [
            f"{start}{'' if start == '{' else ', '}{end}}}\n"
            for start, end in zip(self.starts(block), ends, strict=True)
        ]
        return "".join(lines).encode()

    def starts(self, block: Block) -> Sequence[str]:
        """What each line holds before the results."""
        if not self.names:
            return ["{"] * block.rows
        if block.raw:
            return [text[:-1].rstrip() for text in block.raw]
        columns = [
            [f"{json.dumps(name, ensure_ascii=False)}: {x}" for x in written(column, self.typed)]
            for name, column in zip(self.names, block.columns, strict=True)
        ]
        return ["{" + ", ".join(row) for row in zip(*columns, strict=True)]

    def write(self, encoded: Any) -> None:
        self.stream.write(encoded)

    def end(self) -> None:
        pass


def written(column: Any, typed: bool) -> list[str]:
    """A column's elements in JSON."""
    values = column.tolist() if hasattr(column, "tolist") else column
    return [in_json(x, typed) for x in values]


def in_json(x: Any, typed: bool) -> str:
    """A value in JSON; a text of a table that has no types is a number if it is written as one."""
    if not typed and type(x) is str and NUMBER.fullmatch(x):
        return x
    if type(x) is float and not math.isfinite(x):
        return NAMES[str(x)]
    try:
        return json.dumps(x, ensure_ascii=False)
    except TypeError:  # a date, a decimal, bytes
        return json.dumps(str(x), ensure_ascii=False)
