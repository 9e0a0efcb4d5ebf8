"""`gradcli map --scheduler`: parts, and a cluster of processes on this machine that loses some."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from gradcli import __version__
from gradcli.rows import cluster, parts
from gradcli.rows.job import Job
from gradcli.rows.parts import Done, Failed, Task, carry_out, files_of, parts_of

from ..cli.commands import gradcli
from ..cli.test_process import COMMAND, environment

ROOT = Path(__file__).parent.parent.parent
JOB = Job("x^2", {}, {"x": 0})


def task(part: parts.Part, number: int, folder: Path, **changes: Any) -> Task:
    found = Task(
        part,
        number,
        JOB,
        f"{folder}/part-{number}.{part.form}",
        part.form,
        carried=True,
        header=False,
        digits=None,
        bad="error",
        strict=False,
        sample=0,
    )
    return found._replace(**changes)


def carried_out(path: Path, largest: int, folder: Path, **changes: Any) -> list[Done | Failed]:
    form = path.suffix[1:]
    _, found = parts_of(str(path), form, None, largest)
    return [carry_out(task(part, k, folder, **changes)) for k, part in enumerate(found)]


# ---- parts, by this process ---------------------------------------------------------------------


@pytest.mark.parametrize("largest", [1, 7, 100, 10**6])
@pytest.mark.parametrize("end", ["\n", ""])
def test_parts_of_a_text_are_all_of_it(largest: int, end: str, tmp_path: Path) -> None:
    path, out = tmp_path / "in.csv", tmp_path / "out"
    out.mkdir()
    path.write_text("x,l\n" + "\n".join(f'{k},"{k:03}"' for k in range(50)) + end)
    done = carried_out(path, largest, out)
    assert all(isinstance(each, Done) for each in done)
    written = "".join((out / f"part-{k}.csv").read_text() for k in range(len(done)))
    assert written.splitlines() == [f"{k},{k:03},{k * k},{2 * k}" for k in range(50)]
    assert sum(each.summary.rows for each in done if isinstance(each, Done)) == 50


def test_row_groups_are_parts(tmp_path: Path) -> None:
    path = tmp_path / "in.parquet"
    parquet.write_table(pa.table({"x": np.arange(100.0)}), path, row_group_size=7)
    done = carried_out(path, 1000, tmp_path)
    assert 1 < len(done) < 15
    found = pa.concat_tables(
        parquet.read_table(tmp_path / f"part-{k}.parquet") for k in range(len(done))
    )
    assert found["x"].to_pylist() == list(range(100))
    assert found["d/dx"].to_pylist() == [2 * k for k in range(100)]


def test_a_part_that_is_done_again_is_the_same(tmp_path: Path) -> None:
    path = tmp_path / "in.ndjson"
    path.write_text("".join(f'{{"x": {k}}}\n' for k in range(10)))
    (part,) = parts_of(str(path), "ndjson", None, 10**6)[1]
    for _ in range(2):
        assert isinstance(carry_out(task(part, 0, tmp_path)), Done)
        written = (tmp_path / "part-0.ndjson").read_text()
        assert written.splitlines()[3] == '{"x": 3, "value": 9, "d/dx": 6}'
    assert sorted(file.name for file in tmp_path.iterdir()) == ["in.ndjson", "part-0.ndjson"]


def test_keys_are_those_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "in.ndjson"
    path.write_text('{"x": 1, "y": 2}\n{"y": 3, "x": 2}\n{"z": 0, "x": 3}\n')
    done = carried_out(path, 1, tmp_path)
    assert [type(each) for each in done] == [Done] * len(done)
    written = "".join((tmp_path / f"part-{k}.ndjson").read_text() for k in range(len(done)))
    assert written.splitlines()[1:] == [
        '{"y": 3, "x": 2, "value": 4, "d/dx": 4}',
        '{"z": 0, "x": 3, "value": 9, "d/dx": 6}',
    ]


def test_the_error_of_a_part_is_at_its_line_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_text("x\n" + "1\n" * 50 + "oops\n" + "1\n" * 50)
    _, found = parts_of(str(path), "csv", None, 20)
    done = [carry_out(task(part, k, tmp_path)) for k, part in enumerate(found)]
    (failed,) = [each for each in done if isinstance(each, Failed)]
    error = cluster.restored(failed, found[failed.number])
    assert error.location is not None
    assert (error.location.line, error.location.text) == (52, "oops")
    assert error.status == 7
    assert not (tmp_path / f"part-{failed.number}.csv").exists()


def test_a_field_over_the_end_of_a_part_is_no_row(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_text('x,l\n1,"a\n2,b\n3,c"\n4,d\n')
    done = carried_out(path, 6, tmp_path)
    assert any(isinstance(each, Failed) for each in done)


def test_workers_of_another_version_do_nothing(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_text("x\n1\n")
    (failed,) = carried_out(path, 10, tmp_path, version="0.0.0")
    assert isinstance(failed, Failed)
    assert failed.message == f"a worker has gradcli {__version__}, and not 0.0.0"


def test_files_of_a_folder_and_of_a_pattern(tmp_path: Path) -> None:
    for name in ("b.csv", "a.csv", ".hidden.csv", "c.txt"):
        (tmp_path / name).touch()
    names = [Path(file).name for file in files_of(str(tmp_path / "*.csv"))]
    assert names == ["a.csv", "b.csv"]
    assert [Path(file).name for file in files_of(str(tmp_path))] == ["a.csv", "b.csv", "c.txt"]


# ---- the workers' answers -----------------------------------------------------------------------


class Answering:
    """A client whose workers answer so."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def wait_for_workers(self, count: int, timeout: float) -> None:
        if self.answer is None:
            raise TimeoutError

    def run(self, function: Any, *arguments: Any, on_error: str) -> dict[str, Any]:
        return {"tcp://127.0.0.1:1": self.answer}

    def nthreads(self) -> dict[str, int]:
        return {"tcp://127.0.0.1:1": 2}


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (None, "the cluster has no worker"),
        (ModuleNotFoundError("no", name="gradcli"), "tcp://127.0.0.1:1 has no gradcli"),
        (OSError("gone"), "does not answer: gone"),
        (("0.0.0", []), f"has gradcli 0.0.0, and not {__version__}"),
        ((__version__, ["/data"]), "does not see '/data'"),
    ],
)
def test_workers_that_will_not_do(answer: Any, message: str) -> None:
    client: Any = Answering(answer)
    with pytest.raises(cluster.ClusterError, match=message):
        cluster.check_workers(client, ["/data"])


def test_a_worker_that_will_do(tmp_path: Path) -> None:
    client: Any = Answering(cluster.probe([str(tmp_path)]))
    assert cluster.check_workers(client, [str(tmp_path)]) == 2


def test_folders_appear_when_they_are_complete(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with cluster.gathering(str(out)) as folder:
        (folder / "part-0.csv").touch()
        (folder / ".part-0.csv.abc").touch()  # of a worker that died
        assert not out.exists()
    assert [file.name for file in out.iterdir()] == ["part-0.csv"]
    outcome = gradcli("map", "x", "in.csv", "--scheduler", "local:1", "-o", str(out))
    assert outcome.status == 7


# ---- clusters -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("local:none", "is not local:N"),
        ("nowhere.json", "there is no such file of a scheduler"),
    ],
)
def test_schedulers_that_are_none(address: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_text("x\n1\n")
    out = tmp_path / "out"
    outcome = gradcli("map", "x", str(path), "--scheduler", address, "-o", str(out))
    assert message in outcome.stderr
    assert not out.exists()


@pytest.mark.slow
def test_a_cluster_on_this_machine(tmp_path: Path) -> None:
    """Files of a pattern, one with a bad row, and rows by lot that are proven."""
    for k in range(3):
        lines = [f"{x / 7!r},{k}" for x in range(100)]
        (tmp_path / f"in{k}.csv").write_text("\n".join(["x,k", *lines, "oops,1", ""]))
    command = [
        *COMMAND,
        "map",
        "sin(x)*a",
        str(tmp_path / "in*.csv"),
        "a=2",
        "--scheduler",
        "local:2",
        "-o",
        str(tmp_path / "out"),
    ]
    variables = environment()
    bad = subprocess.run(command, capture_output=True, env=variables, timeout=120, check=False)
    assert bad.returncode == 7
    assert b"holds 'oops', which is no number" in bad.stderr
    assert b".csv:102:1" in bad.stderr
    assert sorted(file.name for file in tmp_path.iterdir()) == ["in0.csv", "in1.csv", "in2.csv"]
    more = ["--bad-rows", "skip", "--check", "2"]
    done = subprocess.run(
        [*command, *more], capture_output=True, env=variables, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    said = done.stderr.decode()
    assert f"the first, line 102 of '{tmp_path}/in0.csv': the column 'x' holds 'oops'" in said
    assert "note: 300 rows in 3 parts, in " in said
    assert "check 2 rows by lot: sympy and mpmath-50 agree" in said
    rows = (tmp_path / "out" / "part-00001.csv").read_text().splitlines()
    assert rows[0] == "x,k,value,d/dx"
    assert len(rows) == 101


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="no /proc here")
def test_killed_workers_lose_and_double_no_row() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "kill_workers.py", "--kills", "2", "--rows", "150000"],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "none lost or double" in done.stdout
