"""The benchmarks' table, and that a package that fails costs its column alone."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[1] / "scripts" / "bench"
sys.path.insert(0, str(BENCH))

import report  # noqa: E402  # a script's module
import timing  # noqa: E402  # on the path that is set above
import workloads  # noqa: E402  # likewise

ROWS = [
    timing.Row("fast", {"gradcli": 1.0, "PyTorch": 4.0, "importing": 2.0}, {"PyTorch": 0.5}),
    timing.Row("slow", {"gradcli": 3.0, "JAX": 2.0}, {"JAX": 1.2}),
]


def test_a_line_has_ratios_with_their_targets() -> None:
    assert report.table({"Work": ROWS}).splitlines() == [
        "| our time / theirs | PyTorch | JAX | besides |",
        "|---|---|---|---|",
        "| **Work** | | | |",
        "| fast | 0.25 (0.5) |  | 0.5 of importing |",
        "| slow |  | **1.5** (1.2) |  |",
    ]


def test_sums_are_of_those_who_did_all_of_the_work() -> None:
    assert timing.together("both", ROWS, {}).cost == {"gradcli": 4.0}


def test_whatever_a_package_raises_costs_its_column(capsys: pytest.CaptureFixture[str]) -> None:
    def failing(x: int) -> timing.Step:
        raise TypeError(f"no {x} here\nand more")

    found = timing.available({"broken": failing, "works": lambda x: lambda: x}, 3)
    assert list(found) == ["works"]
    assert capsys.readouterr().err == "(broken is left out: TypeError: no 3 here)\n"


def test_every_workload_has_its_file() -> None:
    assert {f"{name}.py" for name in workloads.WORKLOADS} <= {x.name for x in BENCH.iterdir()}


def test_a_workload_that_fails_is_said(capfd: pytest.CaptureFixture[str]) -> None:
    assert workloads.measured("training", 1, {}, patience=0) == []
    assert "(training is given up after 0 s)" in capfd.readouterr().err
