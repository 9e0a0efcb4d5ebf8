"""A table cut into parts that can be read, and written, each by itself and again."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from gradcli import __version__
from gradcli.errors import FileError, GradcliError, UsageError
from gradcli.lang.session import Session
from gradcli.rows.blocks import Reader
from gradcli.rows.delimited import DELIMITERS, DelimitedReader
from gradcli.rows.destination import completed
from gradcli.rows.formats import need_parquet, opened, reading, writer_of
from gradcli.rows.job import Job, prepared
from gradcli.rows.mapping import Found, Mapping
from gradcli.rows.ndjson import NdjsonReader
from gradcli.rows.sample import Sample
from gradcli.rows.summary import Summary

SMALLEST, LARGEST = 2**20, 2**26  # bytes of a part


class Part(NamedTuple):
    """Some rows of a file: bytes of a text, or row groups of a Parquet file.

    line  the number of its first line, if it is the first part of a text
    """

    path: str
    form: str
    start: int
    stop: int
    names: tuple[str, ...]
    size: int
    line: int = 0

    @property
    def place(self) -> str:
        """What is to be said of the place of a row, which is counted from the part's beginning."""
        unit = "row group" if self.form == "parquet" else "byte"
        known = self.line or not self.start
        return f" of '{self.path}'" + ("" if known else f", from {unit} {self.start} on")


class Task(NamedTuple):
    """What a worker does with a part, in a form that travels: the expression as text.

    output  the file to write
    sample  so many rows are drawn for a proof, with the part's number as the seed
    """

    part: Part
    number: int
    job: Job
    output: str
    form: str
    carried: bool
    header: bool
    digits: int | None
    bad: str
    strict: bool
    sample: int
    version: str = __version__


class Failed(NamedTuple):
    """An error as data, which reaches a process that has not the same classes."""

    message: str
    hint: str | None
    location: Any
    status: int
    kind: str
    number: int


class Done(NamedTuple):
    number: int
    summary: Summary
    sample: Sample | None


# ---- cutting ------------------------------------------------------------------------------------


def files_of(data: str) -> list[str]:
    """The files of a path, a folder or a pattern, in the order of their names."""
    path = Path(data)
    if path.is_dir():
        files = path.iterdir()
    elif path.exists() or not set(path.name).intersection("*?["):
        return [str(path.resolve())]
    else:
        files = path.parent.glob(path.name)
    # As others do who write tables into folders, what is no part of one has such a name.
    found = sorted(file for file in files if not file.name.startswith((".", "_")))
    if not found:
        raise FileError(f"there is no file in '{data}'")
    return [str(file.resolve()) for file in found]


def parts_of(
    path: str, form: str, names: Sequence[str] | None, largest: int
) -> tuple[Reader, list[Part]]:
    """A file's parts, of about so many bytes at most, and what reads its head."""
    if form not in DELIMITERS and form not in ("ndjson", "parquet"):
        raise UsageError(f"a cluster does not read {form}", hint="csv, tsv, ndjson and parquet")
    with reading(path, form, names=names) as reader:
        if form == "parquet":
            line, places = 0, [*groups(reader, largest)]
        else:
            with opened(path) as stream:
                begin, line = beginning(stream, reader, names)
                ends = cuts(stream, begin, os.fstat(stream.fileno()).st_size, largest)
                places = [(a, b, b - a) for a, b in pairwise(ends)]
        found = [Part(path, form, a, b, reader.names, size) for a, b, size in places]
        return reader, [found[0]._replace(line=line), *found[1:]] if found else []


def beginning(stream: BinaryIO, reader: Reader, names: Sequence[str] | None) -> tuple[int, int]:
    """Where the rows begin, behind a header, and the number of their first line."""
    line = reader.line if isinstance(reader, DelimitedReader) and names is None else 1
    for _ in range(line - 1):
        stream.readline()
    return stream.tell(), line


def cuts(stream: BinaryIO, begin: int, end: int, largest: int) -> Iterator[int]:
    """Ends of lines, about so many bytes from each other."""
    place = begin
    while place < end:
        yield place
        stream.seek(place + largest)
        stream.readline()
        place = stream.tell()
    yield end


def groups(reader: Any, largest: int) -> Iterator[tuple[int, int, int]]:
    """Row groups that follow each other, up to so many bytes, and their rows."""
    metadata = reader.file.metadata
    first = size = rows = 0
    for k in range(metadata.num_row_groups):
        group = metadata.row_group(k)
        if k > first and size + group.total_byte_size > largest:
            yield first, k, rows
            first, size, rows = k, 0, 0
        size += group.total_byte_size
        rows += group.num_rows
    if metadata.num_row_groups:
        yield first, metadata.num_row_groups, rows


# ---- the work of one part -----------------------------------------------------------------------


class Span:
    """Some bytes of a file as a stream."""

    def __init__(self, stream: BinaryIO, start: int, stop: int) -> None:
        self.stream = stream
        self.left = stop - start
        stream.seek(start)

    def read1(self, size: int) -> bytes:
        data = self.stream.read(min(size, self.left))
        self.left -= len(data)
        return data


def reader_of(part: Part, stream: BinaryIO) -> Reader:
    if part.form == "parquet":
        groups = range(part.start, part.stop)
        found: Reader = need_parquet().ParquetReader(part.path, stream, groups)
        return found
    span: Any = Span(stream, part.start, part.stop)
    if part.form == "ndjson":
        return NdjsonReader(span, part.path, names=part.names, line=part.line or 1)
    return DelimitedReader(span, part.path, part.form, names=part.names, line=part.line or 1)


def carry_out(task: Task) -> Done | Failed:
    """A part, read and written: to be done again by anybody, with the same end."""
    try:
        if task.version != __version__:
            raise FileError(f"a worker has gradcli {__version__}, and not {task.version}")
        with opened(task.part.path) as stream:
            return carried_out(task, reader_of(task.part, stream))
    except GradcliError as error:
        return Failed(
            error.message, error.hint, error.location, int(error.status), error.kind, task.number
        )


def carried_out(task: Task, reader: Reader) -> Done:
    job = task.job
    session = Session(job.limits)
    formula = prepared(session, job)
    sample = Sample(task.sample, task.number) if task.sample else None
    with completed(task.output) as stream:
        writer = writer_of(
            stream,
            task.form,
            reader,
            job.titles,
            numbers=list(job.columns.values()),
            carried=task.carried,
            header=task.header,
            digits=task.digits,
        )
        mapping = Mapping(
            reader, job, formula, writer, task.carried, task.bad, task.strict, threads=1
        )

        def told(found: Found, _size: int) -> None:
            if sample is not None:
                sample.add(found)

        return Done(task.number, mapping.run(told), sample)
