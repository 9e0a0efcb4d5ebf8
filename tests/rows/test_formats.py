"""Tables of every format: what is read is what was written, and what is none is refused."""

from __future__ import annotations

import io
import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from gradcli.errors import Status
from gradcli.rows import delimited, ndjson, npy

from ..cli.commands import Outcome, gradcli

X = np.array([0.1, -2.5, 1e-7, 3.0])
LABELS = ["a", 'say "b"', "c, d", "é\nf"]


def table(form: str, folder: Path) -> Path:
    """A table with columns x and label, if the format has texts."""
    path = folder / f"in.{form}"
    rows = list(zip(X.tolist(), LABELS, strict=True))
    if form in ("csv", "tsv"):
        text = io.StringIO(newline="")
        delimited.csv.writer(text, delimiter=delimited.DELIMITERS[form]).writerows(
            [("x", "label"), *rows]
        )
        path.write_text(text.getvalue(), encoding="utf-8", newline="")
    elif form == "ndjson":
        lines = [json.dumps({"x": x, "label": label}) for x, label in rows]
        path.write_text("\n".join(lines))
    elif form == "parquet":
        parquet.write_table(pa.table({"x": X, "label": LABELS}), path)
    else:
        array = np.array(rows, [("x", "f8"), ("label", "U10")])
        np.save(path, array)
    return path


def columns(path: Path) -> dict[str, Any]:
    form = path.suffix[1:]
    if form == "parquet":
        return dict(parquet.read_table(path).to_pydict())
    if form == "npy":
        array = np.load(path)
        return {name: array[name].tolist() for name in array.dtype.names}
    if form == "ndjson":
        rows = [json.loads(line) for line in path.read_text().splitlines()]
        return {name: [row[name] for row in rows] for name in rows[0]}
    with path.open(encoding="utf-8", newline="") as stream:
        names, *rows = delimited.csv.reader(stream, delimiter=delimited.DELIMITERS[form])
    return {name: [row[k] for row in rows] for k, name in enumerate(names)}


FORMS = ("csv", "tsv", "ndjson", "parquet", "npy")


@pytest.mark.parametrize("target", FORMS)
@pytest.mark.parametrize("source", FORMS)
def test_every_format_into_every_other(source: str, target: str, tmp_path: Path) -> None:
    path, out = table(source, tmp_path), tmp_path / f"out.{target}"
    outcome = gradcli("map", "x^2", str(path), "-o", str(out))
    if target == "npy" != source:
        assert outcome.status == Status.FILE
        assert "'label' cannot be carried into npy" in outcome.stderr
        assert not out.exists()
        return
    assert outcome.stderr == ""
    found = columns(out)
    assert list(found) == ["x", "label", "value", "d/dx"]
    assert found["label"] == LABELS
    for name, expected in {"x": X, "value": X * X, "d/dx": 2 * X}.items():
        np.testing.assert_array_equal(np.array(found[name], float), expected)
    assert [file.name for file in tmp_path.iterdir() if file.name.startswith(".")] == []


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("kind", ["f8", "f4", "i2"])
def test_matrices(order: str, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(npy, "PIECE", 64)  # bytes: several pieces
    path, out = tmp_path / "in.npy", tmp_path / "out.npy"
    matrix = np.asarray(np.arange(60).reshape(20, 3), kind, order=order)  # type: ignore[call-overload]  # order comes as a string
    np.save(path, matrix)
    for arguments in (["--names", "a,b,c"], ["--col", "a=1", "--col", "c=3"]):
        assert gradcli("map", "a*c", str(path), "-o", str(out), *arguments).status == 0
        found = np.load(out)
        np.testing.assert_array_equal(found["value"], matrix[:, 0].astype(float) * matrix[:, 2])
        assert found.dtype[0] == matrix.dtype
    options = ("--from", "npy", "--names", "a,b,c", "-f", "csv")
    piped = gradcli("map", "a/2", *options, stdin=path.read_bytes())
    assert piped.stdout.splitlines()[2] == "3,4,5,1.5,0.5"


def test_parquet_keeps_types_and_reads_batch_by_batch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, out = tmp_path / "in.parquet", tmp_path / "out.parquet"
    rows = 1000
    carried = pa.table(
        {
            "id": pa.array(range(rows), pa.int64()),
            "code": [str(k) for k in range(rows)],
            "at": pa.array(range(rows), pa.timestamp("ms")),
            "tags": [[str(k)] * (k % 3) for k in range(rows)],
            "x": pa.array([k / 2 for k in range(rows)], pa.float32()),
        }
    )
    parquet.write_table(carried, path, row_group_size=300)
    from gradcli.rows import parquet as ours

    monkeypatch.setattr(ours, "BATCH", 1000)
    assert gradcli("map", "x^2", str(path), "-o", str(out)).status == 0
    found = parquet.read_table(out)
    assert found.select(carried.column_names).equals(carried)
    assert found["d/dx"].to_pylist() == [float(k) for k in range(rows)]
    text = gradcli("map", "x^2", str(path), "-f", "ndjson").stdout.splitlines()
    assert json.loads(text[2])["tags"] == ["2", "2"]
    assert json.loads(text[2])["code"] == "2"


def test_nulls_of_parquet_are_no_numbers(tmp_path: Path) -> None:
    path = tmp_path / "in.parquet"
    parquet.write_table(pa.table({"x": [1.0, None, 3.0]}), path)
    outcome = gradcli("map", "x", str(path), "-f", "csv")
    assert outcome.stderr.splitlines()[0] == "error: row 2: the column 'x' is empty here"
    outcome = gradcli("map", "x", str(path), "-f", "csv", "--bad-rows", "skip", "--no-input")
    assert outcome.stdout == "value,d/dx\n1,1\n3,1\n"


# ---- data that is none --------------------------------------------------------------------------

TEXTS: dict[str, tuple[bytes, str]] = {
    "a byte order mark and CRLF": (b"\xef\xbb\xbfx,y\r\n1,2\r\n", ""),
    "no end of the last line": (b"x,y\n1,2", ""),
    "blank lines": (b"x,y\n\n1,2\r\n\r\n", ""),
    "a header in quotes": (b'"x","y"\n1,2\n', ""),
    "lines in a field": (b'x,y,l\n1,2,"a\r\n""b"""\n', ""),
    "a header of two lines": (b'x,"y\nz",y\n1,0,2\n', ""),
    "only CR": (b"x,y\r1,2\r", "a CR within a line, or that ends one alone\n  <stdin>:1:1"),
    "one CR": (b"x,y\r\n1,2\r\n1\r2,2\r\n", "ends one alone\n  <stdin>:3:1"),
    "a CR in quotes": (b'x,l,y\n1,"a\rb",2\n', ""),
    "nothing": (b"", "'<stdin>' is empty"),
    "blanks": (b"\n\n  \n", "'<stdin>' is empty"),
    "Latin-1": (b"x,y,l\n1,2,\xe9\n", "byte 0xe9 is not UTF-8\n  <stdin>:2:5"),
    "NUL": (b"x,y\n1,2\n1,\0\n", "a NUL byte: this is no text\n  <stdin>:3:3"),
    "UTF-16": ("x,y\n1,2\n".encode("utf-16"), "iconv -f utf-16"),
    "gzip": (b"\x1f\x8b\x08\0", "gzip -dc FILE"),
    "Parquet": (b"PAR1", "--from parquet"),
    "a quote that is not closed": (b'x,y\n1,"2\n3,4\n', "<stdin>:2:1"),
    "a quote within a field": (b'x,y,l\n1,2,5" x\n', "<stdin>:2:1"),
    "two of them": (b'x,y,l\n1,2,5"\n1,2,6"\n', "<stdin>:2:1"),
    "text behind quotes": (b'x,y,l\n1,2,"5"x\n', "<stdin>:2:1"),
    "a line that is too short": (b"x,y\n1,2\n3\n", "1 field instead of 2\n  <stdin>:3:1"),
    "and one too long": (b"x,y\n1,2,3\n", "3 fields instead of 2\n  <stdin>:2:1"),
    "text for a number": (
        b'x,y,l\n1,2,"a\nb"\n1,z,c\n',
        "holds 'z', which is no number\n  <stdin>:4",
    ),
}


@pytest.mark.parametrize("quick", [False, True], ids=["csv", "pyarrow"])
@pytest.mark.parametrize(("text", "error"), TEXTS.values(), ids=TEXTS)
def test_texts(text: bytes, error: str, quick: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "WORTH", 0 if quick else 2**60)
    monkeypatch.setattr(delimited, "PIECE", 7)
    outcome = gradcli("map", "x*y", stdin=text)
    if error:
        assert outcome.status == Status.FILE
        assert error in outcome.stderr
        assert outcome.stderr.startswith("error: ")
    else:
        assert outcome.stderr == ""
        assert outcome.stdout.endswith(",2,2,1\n")


@pytest.mark.parametrize("width", [1, 2, 3])
def test_fields_without_quotes_are_split_where_rows_end(width: int) -> None:
    """Or not at all: every text of some characters is tried."""
    for size in range(7):
        for characters in itertools.product("a,\n", repeat=size):
            text = "".join(characters)
            rows = [row for row in delimited.csv.reader(text.splitlines()) if row]
            found = delimited.columns_of(text.encode(), width, ",")
            if found is not None:
                assert list(map(list, zip(*found, strict=True))) == rows
            elif rows and all(len(row) == width for row in rows):
                assert "\n\n" in text or text.startswith("\n")


def test_long_fields_and_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    text = b"x,l\n1," + b"a" * 3_000_000 + b"\n"
    assert gradcli("map", "x", stdin=text).stdout.endswith("aaa,1,1\n")
    monkeypatch.setattr(delimited, "LONGEST", 100_000)
    monkeypatch.setattr(ndjson, "LONGEST", 100_000)
    endless = b"1," + b"a" * 3_000_000
    for outcome in (
        gradcli("map", "x", stdin=b"x,l\n" + endless + b"\n"),
        gradcli("map", "x", "--from", "ndjson", stdin=b'{"x": 1}\n"' + endless),
    ):
        assert outcome.status == Status.FILE
        assert outcome.stderr.count("\n") < 6


PARTS = ["x,y", "x", "1", "2.5", ",", '"', '""', "\n", "\r\n", "\r", "\t", " ", "nan", "é", "a"]
PARTS += ['{"x": 1}', '"x": 2', "{", "}", "null"]
BYTES = st.lists(st.sampled_from([*map(str.encode, PARTS), b"\xff", b"\0"])).map(b"".join)


@settings(deadline=None, max_examples=150)
@given(BYTES, st.sampled_from(["csv", "tsv", "ndjson"]), st.sampled_from(["error", "nan", "skip"]))
def test_any_bytes_end_in_a_table_or_an_error(text: bytes, form: str, bad: str) -> None:
    """However the bytes are cut into pieces, and whether or not pyarrow reads them."""
    arguments = ("map", "x^2", "--from", form, "--bad-rows", bad)
    start = b'{"x": 1}\n' if form == "ndjson" else b"x,y\n"
    outcomes = []
    for quick, size in ((False, 2**20), (False, 16), (True, 2**20), (True, 16)):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(delimited, "WORTH", 0 if quick else 2**60)
            for module in (delimited, ndjson):
                patch.setattr(module, "PIECE", size)
            outcomes.append(gradcli(*arguments, stdin=start + text))
    for outcome in outcomes:
        assert outcome.status in (Status.DONE, Status.FILE, Status.RULE)
        assert (outcome.status == Status.DONE) == (outcomes[0].status == Status.DONE)
        if outcome.status == Status.DONE:
            assert outcome == outcomes[0]


BROKEN = {
    "npy": [b"", b"\x93NUMPY\x01\x00", b"\x93NUMPY\x01\x00\x76\x00" + b"{" * 118],
    "parquet": [b"", b"PAR1", b"PAR1" + b"\0" * 100 + b"PAR1"],
}


@pytest.mark.parametrize("form", BROKEN)
def test_broken_files(form: str, tmp_path: Path) -> None:
    for k, data in enumerate(BROKEN[form]):
        path = tmp_path / f"in{k}.{form}"
        path.write_bytes(data)
        one_error(gradcli("map", "x", str(path), "-f", "csv"))


def test_files_that_end_too_soon(tmp_path: Path) -> None:
    for form in ("npy", "parquet"):
        path = table(form, tmp_path)
        path.write_bytes(path.read_bytes()[:-5])
        one_error(gradcli("map", "x", str(path), "-f", "csv"))


@pytest.mark.parametrize(
    "array",
    [np.zeros((2, 2, 2)), np.zeros(3), np.array([{}]), np.zeros(2, [("x", "f8", 3)])],
    ids=["a cube", "a vector", "objects", "a field of vectors"],
)
def test_arrays_that_are_no_tables(array: np.ndarray, tmp_path: Path) -> None:
    path = tmp_path / "in.npy"
    np.save(path, array, allow_pickle=True)
    one_error(gradcli("map", "x", str(path), "-f", "csv"))


def one_error(outcome: Outcome) -> None:
    assert outcome.status == Status.FILE, outcome.stderr
    assert outcome.stderr.startswith("error: ")
    assert outcome.stderr.count("\n") <= 2
