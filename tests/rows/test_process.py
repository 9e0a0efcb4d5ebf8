"""`gradcli map` in processes of its own: pipes, full disks, signals, terminals, memory."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pexpect
import pytest

from ..cli.test_process import COMMAND, environment

pytestmark = pytest.mark.slow
ROW = "0.5478467492858172,-1.5273720806911641\n"


def table(folder: Path, rows: int, name: str = "in.csv") -> Path:
    path = folder / name
    path.write_text("x,y\n" + ROW * rows)
    return path


def started(*arguments: str, **streams: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*COMMAND, "map", "sin(x)*y", *arguments],
        stderr=subprocess.PIPE,
        env=environment(),
        **streams,
    )


def hidden(folder: Path) -> list[str]:
    return [file.name for file in folder.iterdir() if file.name.startswith(".")]


@pytest.mark.parametrize(
    ("number", "status", "word"),
    [(signal.SIGINT, 130, b"interrupted"), (signal.SIGTERM, 143, b"terminated")],
)
def test_a_signal_leaves_what_was_there(
    number: signal.Signals, status: int, word: bytes, tmp_path: Path
) -> None:
    out = tmp_path / "out.csv"
    out.write_text("old\n")
    process = started("-o", str(out), stdin=subprocess.PIPE)
    assert process.stdin is not None and process.stderr is not None
    process.stdin.write(b"x,y\n" + ROW.encode() * 200_000)
    process.stdin.flush()  # some pieces have been read, and the pipe stays open
    deadline = time.monotonic() + 20
    while not any((tmp_path / name).stat().st_size for name in hidden(tmp_path)):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(number)
    assert process.wait(timeout=20) == status
    message = process.stderr.read()
    process.stderr.close()
    process.stdin.close()
    assert message.startswith(b"error: " + word + b" after ")
    assert message.endswith(f" rows; '{out}' is as it was\n".encode())
    assert b" after 0 rows" not in message
    assert out.read_text() == "old\n"
    assert hidden(tmp_path) == []


def test_what_a_killed_run_leaves_is_put_away_by_the_next(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    killed, writing = (started("-o", str(out), stdin=subprocess.PIPE) for _ in range(2))
    for process in (killed, writing):
        assert process.stdin is not None
        process.stdin.write(b"x,y\n" + ROW.encode() * 200_000)
        process.stdin.flush()
    deadline = time.monotonic() + 20
    while len(hidden(tmp_path)) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    killed.kill()
    killed.communicate(timeout=20)
    assert len(hidden(tmp_path)) == 2
    following = started(str(table(tmp_path, 2)), "-o", str(out))
    following.communicate(timeout=20)
    assert following.returncode == 0
    assert len(hidden(tmp_path)) == 1  # of the one that is still at it
    assert out.read_text().count(ROW.strip()) == 2
    writing.communicate(timeout=20)
    assert out.read_text().count(ROW.strip()) == 200_000
    assert not hidden(tmp_path)


def test_a_pipe_by_its_name(tmp_path: Path) -> None:
    process = started(
        str(table(tmp_path, 2)), "-o", "/dev/stdout", "--format", "csv", stdout=subprocess.PIPE
    )
    written, _ = process.communicate(timeout=20)
    assert written.count(ROW.strip().encode()) == 2


def test_a_reader_that_leaves(tmp_path: Path) -> None:
    process = started(str(table(tmp_path, 100_000)), stdout=subprocess.PIPE)
    assert process.stdout is not None and process.stderr is not None
    process.stdout.read(10)
    process.stdout.close()
    assert process.wait(timeout=20) == 141
    assert process.stderr.read() == b""
    process.stderr.close()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("rows", [1, 100_000])
def test_a_full_disk(rows: int, tmp_path: Path) -> None:
    path = table(tmp_path, rows)
    with Path("/dev/full").open("wb") as full:
        piped = started(str(path), stdout=full.fileno())
        _, message = piped.communicate(timeout=20)
    assert (piped.returncode, message) == (7, b"error: cannot write: No space left on device\n")
    named = started(str(path), "-o", "/dev/full", "-f", "csv")
    _, message = named.communicate(timeout=20)
    assert named.returncode == 7
    assert message == b"error: cannot write '/dev/full': No space left on device\n"


def test_a_file_that_may_not_grow(tmp_path: Path) -> None:
    """A disk that fills up in the middle, as a limit on the size of files has it."""
    path, out = table(tmp_path, 100_000), tmp_path / "out.csv"
    script = f"ulimit -f 1024; exec {sys.executable} -m gradcli map 'sin(x)*y' {path} -o {out}"
    done = subprocess.run(
        ["/bin/sh", "-c", script], capture_output=True, env=environment(), check=False, timeout=30
    )
    assert done.returncode == 7
    assert done.stderr == f"error: cannot write '{out}': File too large\n".encode()
    assert [file.name for file in tmp_path.iterdir()] == ["in.csv"]


def test_a_table_is_replaced_by_itself_with_its_permissions(tmp_path: Path) -> None:
    path = table(tmp_path, 1000)
    path.chmod(0o640)
    link = tmp_path / "link.csv"
    link.symlink_to(path)
    process = started(str(link), "-o", str(link))
    assert process.communicate(timeout=20) == (None, b"")
    assert link.is_symlink()
    assert path.read_text().splitlines()[0] == "x,y,value,d/dx,d/dy"
    assert path.stat().st_mode & 0o777 == 0o640
    assert len(path.read_text().splitlines()) == 1001


def test_an_array_is_not_written_to_a_pipe(tmp_path: Path) -> None:
    process = started(str(table(tmp_path, 1)), "-f", "npy", stdout=subprocess.PIPE)
    out, message = process.communicate(timeout=20)
    assert (process.returncode, out) == (2, b"")
    assert message == b"error: npy cannot be written to a pipe\nhint: -o FILE\n"


PEAK = """
import sys
if sys.argv.pop(1) == "without":
    sys.modules["pyarrow"] = None
from gradcli.cli.system.environment import Environment
from gradcli.cli.main import run
status = run(sys.argv[1:], Environment())
lines = open("/proc/self/status").read().splitlines()
print(next(line.split()[1] for line in lines if line.startswith("VmHWM")))
sys.exit(status)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc here")
@pytest.mark.parametrize("extra", ["with", "without"])
def test_memory_does_not_grow_with_the_table(extra: str, tmp_path: Path) -> None:
    """At most 100 MB above what a table of a few rows takes."""

    def peak(rows: int) -> int:
        path = table(tmp_path, rows)
        command = [sys.executable, "-c", PEAK, extra, "map", "exp(-x*x)*sin(x*y)", str(path)]
        done = subprocess.run(
            [*command, "-o", "/dev/null", "-f", "csv"],
            capture_output=True,
            env=environment(),
            timeout=60,
            check=True,
        )
        return int(done.stdout) * 1024

    # The import of pyarrow, which a small table does without, is not counted.
    least = peak(8000 if extra == "with" else 1)
    grown = peak(400_000) - least
    assert 0 < grown < 100e6


def test_a_terminal_shows_how_far_it_is(tmp_path: Path) -> None:
    path = table(tmp_path, 12_000)
    child = pexpect.spawn(
        COMMAND[0],
        [*COMMAND[1:], "map", "sin(x) if x > 0 else y", str(path), "-o", "/dev/null", "-f", "csv"],
        env=environment(TERM="xterm", NO_COLOR="1"),
        encoding="utf-8",
        timeout=120,
    )
    shown = child.read()
    child.close()
    assert child.exitstatus == 0
    assert "100%" in shown
    assert "12,000 rows, " in shown


def test_extras_that_are_not_installed(tmp_path: Path) -> None:
    program = (
        "import sys; sys.modules['pyarrow'] = sys.modules['distributed'] = None\n"
        "from gradcli.cli.system.environment import Environment\n"
        "from gradcli.cli.main import run\n"
        "for options in (['-o', 'out.parquet'], ['-o', 'out', '--scheduler', 'local'], []):\n"
        "    print(int(run(['map', 'x*y', 'in.csv', *options], Environment())), flush=True)\n"
    )
    table(tmp_path, 1)
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        env=environment(),
        cwd=tmp_path,
        timeout=30,
        check=True,
    )
    assert done.stdout.split(b"\n")[:2] == [b"7", b"7"]
    assert done.stdout.endswith(b"\n0\n")
    assert done.stderr.decode().splitlines() == [
        "error: Parquet is read and written by a package that is not installed",
        "hint: pip install 'gradcli[data]'",
        "error: clusters are reached by a package that is not installed",
        "hint: pip install 'gradcli[dask]'",
    ]
    assert [file.name for file in tmp_path.iterdir()] == ["in.csv"]
