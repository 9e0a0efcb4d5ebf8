"""The formats of tables: which one a file has, and what reads and writes it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, BinaryIO

from gradcli.errors import FileError, UsageError
from gradcli.lang.nearest import did_you_mean
from gradcli.rows.blocks import BadData, Reader, Writer
from gradcli.rows.delimited import DELIMITERS, DelimitedReader, DelimitedWriter
from gradcli.rows.ndjson import NdjsonReader, NdjsonWriter

SUFFIXES = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".npy": "npy",
    ".parquet": "parquet",
    ".pq": "parquet",
}
FORMATS = tuple(dict.fromkeys(SUFFIXES.values()))


def form_of(path: str, option: str) -> str:
    """The format that a file's name tells; `option` would say it."""
    suffix = Path(path).suffix.lower()
    if suffix in SUFFIXES:
        return SUFFIXES[suffix]
    near = did_you_mean(suffix, SUFFIXES) if suffix else None
    known = f"{option} says which: {', '.join(FORMATS)}"
    raise UsageError(f"the format of '{path}' is unknown", hint=near or known)


def need_parquet() -> Any:
    try:
        from gradcli.rows import parquet
    except ImportError:
        raise FileError(
            "Parquet is read and written by a package that is not installed",
            hint="pip install 'gradcli[data]'",
        ) from None
    return parquet


@contextmanager
def reading(
    name: str, form: str, *, names: Sequence[str] | None = None, stream: BinaryIO | None = None
) -> Iterator[Reader]:
    """What reads a stream, or else the file of this name.

    names  of the columns of a file that has none; () numbers them from 1
    """
    if form in ("ndjson", "parquet") and names is not None:
        raise UsageError(f"the columns of {form} have names of their own")
    if form == "parquet" and stream is not None:
        raise UsageError("Parquet cannot be read from a pipe", hint="give the name of a file")
    with nullcontext(stream) if stream is not None else opened(name) as source:
        if form == "parquet":
            yield need_parquet().ParquetReader(name, source)
        elif form == "npy":
            from gradcli.rows.npy import NpyReader

            yield NpyReader(source, name, names)
        else:
            length = None if stream is not None else os.fstat(source.fileno()).st_size or None
            if form == "ndjson":
                yield NdjsonReader(source, name, length=length)
            else:
                yield DelimitedReader(source, name, form, names=names, length=length)


def opened(name: str) -> BinaryIO:
    """A file to read."""
    try:
        return Path(name).open("rb")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no path"
        raise FileError(f"cannot read '{name}': {reason}") from None


def writer_of(
    stream: BinaryIO,
    form: str,
    reader: Reader,
    titles: Sequence[str],
    *,
    numbers: Sequence[int],
    carried: bool = True,
    header: bool = True,
    digits: int | None = None,
) -> Writer:
    """What writes the reader's columns, if they are `carried` through, and the results'.

    numbers  of the columns that hold numbers, as far as is known
    """
    names = reader.names if carried else ()
    taken = set(names).intersection(titles)
    if taken:
        raise UsageError(
            f"the data has a column '{min(taken)}' already",
            hint="--value-name calls the results otherwise, --no-input leaves the data out",
        )
    if isinstance(reader, NdjsonReader) and (form == "ndjson" or not carried):
        reader.clashes = frozenset(titles if carried else ())
    if form in DELIMITERS:
        return DelimitedWriter(stream, form, [*names, *titles] if header else None, digits=digits)
    if form == "ndjson":
        typed = reader.form not in DELIMITERS
        return NdjsonWriter(stream, names, titles, typed=typed, digits=digits)
    if digits is not None:
        raise UsageError(f"--digits is of texts, and {form} holds numbers")
    if form == "npy":
        from gradcli.rows.npy import NpyWriter

        if not stream.seekable():
            raise UsageError("npy cannot be written to a pipe", hint="-o FILE")
        return NpyWriter(stream, kinds_of(reader, form, numbers) if carried else [], names, titles)
    parquet = need_parquet()
    kinds = kinds_of(reader, form, numbers) if carried else []
    written: Writer = parquet.ParquetWriter(stream, kinds, names, titles)
    return written


def kinds_of(reader: Reader, form: str, numbers: Sequence[int]) -> list[Any]:
    """The types, in a format that has types, of the columns that are carried through."""
    from gradcli.rows import npy

    if form == "parquet":
        import pyarrow as pa

        from gradcli.rows.arrow import kind_of

        if isinstance(reader, npy.NpyReader):
            return [kind_of(dtype) for dtype in reader.kinds()]
        if reader.form == "parquet":
            return list(reader.kinds())  # type: ignore[attr-defined]  # it is a ParquetReader
        return [pa.float64() if k in numbers else pa.string() for k, _ in enumerate(reader.names)]
    if isinstance(reader, npy.NpyReader):
        return reader.kinds()
    for k, name in enumerate(reader.names):
        if k not in numbers:
            raise BadData(
                f"the column '{name}' cannot be carried into npy, which holds numbers",
                hint="--no-input leaves the columns of the data out",
            )
    return ["<f8"] * len(reader.names)
