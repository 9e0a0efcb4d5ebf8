"""Kill workers of a Dask cluster in the middle of a write, and see that no row is lost or doubled.

python scripts/kill_workers.py [--kills 20] [--rows 300000]

A scheduler and two workers are started on this machine alone. `gradcli map` writes a table there;
each time, the worker that has an unfinished part open is killed with SIGKILL. In the end the parts
must be, byte for byte, what one process writes.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

EXPRESSION = "sin(x)*exp(-y^2) + log(1 + x^2)"
SECONDS = 300
WORKERS = 2
# By default a scheduler gives a part up when four workers died that had it, or had it before them.
PATIENT = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "20"}

PYTHON = [sys.executable, "-m"]
GRADCLI = [*PYTHON, "gradcli", "map", EXPRESSION]


@contextmanager
def cluster(folder: Path) -> Iterator[Path]:
    """The file of a scheduler with two workers, each of which is started anew when it dies."""
    file = folder / "scheduler.json"
    here = ["--host", "127.0.0.1", "--dashboard-address", "127.0.0.1:0"]
    here += ["--scheduler-file", str(file)]
    each = ["--nworkers", str(WORKERS), "--nthreads", "1", "--local-directory", str(folder)]
    commands = [["scheduler", *here, "--port", "0"], ["worker", *here, *each]]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    started = [
        subprocess.Popen([*PYTHON, "dask", *command], env=os.environ | PATIENT, **quiet)  # type: ignore[call-overload]  # options in a dict
        for command in commands
    ]
    try:
        wait_for(file.exists)
        yield file
    finally:
        for process in reversed(started):
            process.terminate()
        for process in reversed(started):
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.01)


def write_table(path: Path, rows: int) -> None:
    with path.open("w") as stream:
        stream.write("id,x,y\n")
        for k in range(rows):
            stream.write(f"{k},{k % 997 / 7!r},{k % 991 / 11!r}\n")


def holder(file: Path) -> int | None:
    """The process that has a file open, if any has."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            links = list((process / "fd").iterdir())
        except OSError:  # it has ended
            continue
        for link in links:
            with suppress(OSError):  # it has closed that
                if link.readlink() == file:
                    return int(process.name)
    return None


def unfinished(folder: Path) -> Iterator[Path]:
    """Parts that are being written, and hold something."""
    for file in folder.glob(".out.*/.part-*"):
        try:
            if file.stat().st_size:
                yield file
        except FileNotFoundError:
            continue


def kill(folder: Path) -> bool:
    """Kill a worker that is writing; False if none is, or if it had just come to its end."""
    for file in unfinished(folder):
        process = holder(file)
        if process is not None:
            os.kill(process, signal.SIGKILL)
            return file.exists()
    return False


def tried(kills: int, rows: int) -> int:
    """How many kills of at most so many there was time for; raises if the result is wrong."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        table, out = folder / "in.csv", folder / "out"
        write_table(table, rows)
        alone = subprocess.run(
            [*GRADCLI, str(table), "-f", "ndjson"], capture_output=True, check=True
        ).stdout
        deaths = 0
        with cluster(folder) as scheduler:
            arguments = ["--scheduler", str(scheduler), "-f", "ndjson", "-o", str(out)]
            run = subprocess.Popen([*GRADCLI, str(table), *arguments], stderr=subprocess.PIPE)
            while run.poll() is None:
                if deaths < kills:
                    deaths += kill(folder)
                time.sleep(0.01)
            message = run.communicate()[1].decode()
        if run.returncode:
            raise RuntimeError(message)
        parts = sorted(out.iterdir())
        written = b"".join(part.read_bytes() for part in parts)
        if written != alone:
            raise AssertionError(f"{written.count(b'id')} rows instead of {rows}")
        if [part.name for part in parts] != [f"part-{k:05}.ndjson" for k in range(len(parts))]:
            raise AssertionError(f"there are {[part.name for part in parts]}")
        print(f"{deaths} kills during {len(parts)} parts: {rows:,} rows, none lost or double")
        return deaths


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--rows", type=int, default=300_000)
    options = parser.parse_args()
    kills = options.kills
    while kills > 0:
        kills -= tried(kills, options.rows)


if __name__ == "__main__":
    main()
