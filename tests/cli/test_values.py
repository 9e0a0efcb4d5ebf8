"""Values from files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from .commands import gradcli

MATRIX = [[1.0, 2.0], [3.0, 4.0]]


def save_npy(path: Path) -> None:
    np.save(path, MATRIX)


def save_npz(path: Path) -> None:
    np.savez(path, A=MATRIX, B=[1.0])


def save_csv(path: Path) -> None:
    path.write_text("1,2\n3,4\n")


def save_json(path: Path) -> None:
    path.write_text(json.dumps({"A": MATRIX, "x": 1}))


@pytest.mark.parametrize(
    ("suffix", "save"),
    [("npy", save_npy), ("npz", save_npz), ("csv", save_csv), ("json", save_json)],
)
def test_a_value_from_a_file(suffix: str, save: Any, tmp_path: Path) -> None:
    path = tmp_path / f"a.{suffix}"
    save(path)
    found = gradcli("eval", "sum(A * A)", f"A=@{path}")
    assert found.stdout == "value 30.0\n∂/∂A [[2., 4.], [6., 8.]]\n"


def test_a_column_of_a_table_with_names(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("t,x\n0,1\n1,2\n2,4\n")
    assert gradcli("eval", "sum(x)", f"x=@{path}", "-q").stdout.split() == [
        "7.0",
        "[1.,",
        "1.,",
        "1.]",
    ]


BAD = [
    ("a.npy", b"no array", "cannot read"),
    ("a.npz", b"PK", "cannot read"),
    ("a.csv", b"1,2\n3\n", "cannot read"),
    ("a.csv", b"", "cannot read"),
    ("a.json", b"{", "cannot read"),
    ("a.json", b'{"b": [1], "c": [2]}', "has no 'x'"),
    ("a.json", b'"text"', "holds no numbers"),
    ("a.txt", b"1", "no kind that holds values"),
]


@pytest.mark.parametrize(("name", "content", "message"), BAD)
def test_a_bad_file_is_one_error(name: str, content: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    found = gradcli("eval", "x*2", f"x=@{tmp_path / name}")
    assert found.status == 7
    assert message in found.stderr
    assert len(found.stderr.splitlines()) <= 2


def test_a_file_that_is_missing_or_pickled(tmp_path: Path) -> None:
    assert gradcli("eval", "x*2", "x=@/nowhere/x.npy").status == 7
    np.save(tmp_path / "p.npy", np.array([{}], object), allow_pickle=True)
    assert gradcli("eval", "x*2", f"x=@{tmp_path / 'p.npy'}").status == 7
