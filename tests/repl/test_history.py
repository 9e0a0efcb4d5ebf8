"""The history file: shared by sessions, whole whatever happens to one."""

from __future__ import annotations

import os
import subprocess
import sys
from multiprocessing import get_context
from pathlib import Path

import pytest

from gradcli.repl import history
from gradcli.repl.history import HistoryFile, decoded

from .prompting import ENTER, Typing

ROOT = Path(__file__).parent.parent.parent


def entries(path: Path) -> list[str]:
    return HistoryFile(path).entries()[0]


@pytest.mark.parametrize(
    "text", ["x = 3", "def f(x):\n    return x", r"print('\n\\')", "π·2", "a\tb", r"\alpha"]
)
def test_an_entry_comes_back_as_it_was(tmp_path: Path, text: str) -> None:
    file = HistoryFile(tmp_path / "state" / "history")
    file.append("first")
    file.append(text)
    assert file.entries() == (["first", text], 0)
    assert (file.path.stat().st_mode & 0o777) == 0o600
    assert len(file.path.read_bytes().splitlines()) == 2


def test_sessions_read_what_others_wrote(tmp_path: Path) -> None:
    path = tmp_path / "history"
    Typing(path)(f"x = 1{ENTER} secret = 2{ENTER}x = 1{ENTER}:vars{ENTER}")
    assert entries(path) == ["x = 1", ":vars"]  # no blank first, and no line twice in a row
    typing = Typing(path)
    typing(f"y = 2{ENTER}")
    assert typing.console.typed == ["x = 1", ":vars", "y = 2"]


def append_many(path: Path, name: str, count: int) -> None:
    file = HistoryFile(path)
    for k in range(count):
        file.append(f"{name} = {k}\n{'x' * 200}")


def test_two_sessions_write_at_once(tmp_path: Path) -> None:
    path = tmp_path / "history"
    context = get_context("fork")
    writers = [context.Process(target=append_many, args=(path, name, 200)) for name in "ab"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    found = entries(path)
    for name in "ab":
        assert [e for e in found if e.startswith(name)] == [
            f"{name} = {k}\n{'x' * 200}" for k in range(200)
        ]


def test_a_torn_line_costs_itself_alone(tmp_path: Path) -> None:
    path = tmp_path / "history"
    path.write_bytes(b"whole = 1\ntorn = ")
    HistoryFile(path).append("next = 2")
    assert entries(path) == ["whole = 1", "torn = ", "next = 2"]


def test_a_long_file_is_cut_down_to_its_newest_entries(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "KEPT", 5)
    file = HistoryFile(tmp_path / "history")
    for k in range(11):
        file.append(f"x = {k}")
    assert file.entries()[0] == [f"x = {k}" for k in range(6, 11)]
    assert len(file.path.read_bytes().splitlines()) == 5
    file.append("last")
    assert file.entries()[0][-2:] == ["x = 10", "last"]
    assert [each.name for each in tmp_path.iterdir()] == ["history"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"x = 1\n\xff\xfe\ny = 2\n", "note: 1 line of the history cannot be read"),
        (b"\0\0\n\xff\n", "note: 2 lines of the history cannot be read"),
        (None, "note: cannot read the history {path}: it is no regular file"),
    ],
)
def test_what_cannot_be_read_is_said_once_and_the_session_goes_on(
    tmp_path: Path, content: bytes | None, said: str
) -> None:
    path = tmp_path / "history"
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)
    shown = Typing(path)(f"1 + 1{ENTER}2 + 2{ENTER}")
    lines = shown.replace("\n  ", " ").splitlines()  # folded on a terminal of 80 columns
    assert sorted(lines) == sorted(["2", "4", said.format(path=path)])


def test_a_history_that_cannot_be_written_is_said_once(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    shown = Typing(blocked / "history")(f"1 + 1{ENTER}2 + 2{ENTER}")
    assert shown.count("note: cannot") == 1
    lines = shown.replace("\n  ", " ").splitlines()
    assert [line for line in lines if "note" not in line] == ["2", "4"]


# Starts 200 writers, one after the other, and kills each while it writes as fast as it can.
KILLER = """
import os, sys
from pathlib import Path
from gradcli.repl.history import HistoryFile

def write(file, started):
    name = os.getpid()
    for k in range(10**9):
        file.append(f"{name} {k}\\n" + "x" * (k % 4000))
        if k == 2:
            os.write(started, b".")

file = HistoryFile(Path(sys.argv[1]))
read, started = os.pipe()
for _ in range(200):
    child = os.fork()
    if child == 0:
        write(file, started)
    os.read(read, 1)
    os.kill(child, 9)
    os.waitpid(child, 0)
"""


@pytest.mark.slow
def test_killing_a_writer_loses_at_most_its_last_line(tmp_path: Path) -> None:
    path = tmp_path / "history"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run(
        [sys.executable, "-c", KILLER, str(path)], env=environment, timeout=120, check=True
    )
    written: dict[str, int] = {}
    for line in path.read_bytes().splitlines():
        head, _, rest = (decoded(line) or "").partition("\n")
        writer, _, number = head.partition(" ")
        if number.isdecimal() and rest == "x" * (int(number) % 4000):
            assert int(number) == written.get(writer, 0)
            written[writer] = int(number) + 1
    assert len(written) == 200
    assert all(count >= 3 for count in written.values())
