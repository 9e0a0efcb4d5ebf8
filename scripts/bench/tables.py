"""`gradcli map` from file to file, beside reading and writing the same columns without gradients.

Every way is a process of its own. What it takes is told in processor time, which other processes
disturb least, and by the clock; and the memory it takes above that of a table of a few rows.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import timing

EXPRESSION = "exp(-x*x)*sin(x*y) + log(1 + y*y)"
# The system tells the most memory that a process had since it was started, in KiB.
MAP = """
import sys
from gradcli.cli.system.environment import Environment
from gradcli.cli.main import run
status = run(sys.argv[1:], Environment())
lines = open("/proc/self/status").read().splitlines()
print(next(line.split()[1] for line in lines if line.startswith("VmHWM")))
sys.exit(status)
"""
WITHOUT = "import sys; sys.modules['pyarrow'] = None\n" + MAP

# The same columns read, and written with two copies of one in place of the gradient.
ARROW_CSV = """
import sys, pyarrow as pa, pyarrow.csv as pv
names = ["x", "y", "value", "d/dx", "d/dy"]
schema = pa.schema([(name, pa.float64()) for name in names])
with pv.CSVWriter(sys.argv[2], schema) as writer:
    for batch in pv.open_csv(sys.argv[1]):
        x, y = batch.columns
        writer.write_batch(pa.record_batch([x, y, x, y, x], schema=schema))
"""
ARROW_PARQUET = """
import sys, pyarrow as pa, pyarrow.parquet as pq
names = ["x", "y", "value", "d/dx", "d/dy"]
schema = pa.schema([(name, pa.float64()) for name in names])
with pq.ParquetWriter(sys.argv[2], schema) as writer:
    for batch in pq.ParquetFile(sys.argv[1]).iter_batches(2**18):
        x, y = batch.columns
        writer.write_table(pa.table([x, y, x, y, x], schema=schema))
"""
# Chunks by numpy, the value alone, and the shortest text of every number.
LOADTXT = """
import sys, numpy as np
with open(sys.argv[1]) as lines, open(sys.argv[2], "w") as out:
    out.write(next(lines))
    while len(chunk := np.loadtxt(lines, delimiter=",", max_rows=50_000, ndmin=2)):
        x, y = chunk.T
        value = np.exp(-x*x)*np.sin(x*y) + np.log(1 + y*y)
        cells = [map(repr, column.tolist()) for column in (x, y, value)]
        out.writelines(",".join(row) + "\\n" for row in zip(*cells))
"""


class Spent(NamedTuple):
    """What a process took: seconds of the processor and of the clock, and bytes, if it says so."""

    processor: float
    clock: float
    memory: int


def spent(program: str, arguments: list[str]) -> Spent:
    begin, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-W", "ignore", "-c", program, *arguments]
    said = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    clock, after = time.perf_counter() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Spent(processor, clock, 1024 * int(said or 0))


def tables(folder: Path, rows: int) -> dict[str, Path]:
    import pyarrow as pa  # noqa: PLC0415  # a peer
    import pyarrow.csv as pv  # noqa: PLC0415  # likewise
    from pyarrow import parquet  # noqa: PLC0415  # likewise

    found = {}
    for name, count in (("large", rows), ("small", 10_000)):
        x, y = np.random.default_rng(0).uniform(-2, 2, (2, count))
        table = pa.table({"x": x, "y": y})
        found[f"{name}.csv"], found[f"{name}.parquet"] = (
            folder / f"{name}.{form}" for form in ("csv", "parquet")
        )
        pv.write_csv(table, found[f"{name}.csv"])
        parquet.write_table(table, found[f"{name}.parquet"])
    return found


def ours(program: str, source: Path, target: Path) -> Spent:
    return spent(program, ["map", EXPRESSION, str(source), "-o", str(target)])


WAYS = {
    "csv, with pyarrow": (MAP, "csv", {"pyarrow": ARROW_CSV}),
    "csv, without": (WITHOUT, "csv", {"loadtxt": LOADTXT}),
    "parquet": (MAP, "parquet", {"pyarrow": ARROW_PARQUET}),
}


def measure(seed: int, *, rows: int = 10_000_000) -> list[timing.Row]:
    lines = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = tables(folder, rows)
        for title, (program, form, peers) in WAYS.items():
            source, target = files[f"large.{form}"], folder / f"out.{form}"
            found = {"gradcli": ours(program, source, target)}
            found |= {peer: spent(text, [str(source), str(target)]) for peer, text in peers.items()}
            least = ours(program, files[f"small.{form}"], target).memory
            for what in ("processor", "clock"):
                each = {peer: getattr(each, what) / rows for peer, each in found.items()}
                lines.append(timing.Row(f"{title}, {what}", each))
            memory = float(found["gradcli"].memory - least)
            lines.append(timing.Row("memory above that of few rows", {"gradcli": memory}, {}, "B"))
    return lines
