"""The table of ratios in the README, between its markers: what `--report` writes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import rows
import scalar_program
import timing

README = Path(__file__).parents[2] / "README.md"
BEGIN, END = "<!-- benchmarks -->", "<!-- /benchmarks -->"
SEED = 1


def table(measured: Sequence[timing.Row]) -> str:
    """A line for every workload and peer: our time over theirs."""
    lines = ["| workload | peer | gradcli / peer |", "|---|---|---|"]
    for label, times in measured:
        for peer, seconds in times.items():
            if peer != "gradcli":
                lines.append(f"| {label} | {peer} | {times['gradcli'] / seconds:.2f} |")
    return "\n".join(lines)


def write() -> None:
    """Measure, and put the table into the README."""
    measured = [*scalar_program.measure(SEED, 1000), *rows.measure(10_000_000, rows.drawn(SEED, 1))]
    text = README.read_text(encoding="utf-8")
    between = re.compile(f"{BEGIN}.*?{END}", re.DOTALL)
    assert between.search(text), f"{README} has no {BEGIN}"
    filled = f"{BEGIN}\n{table(measured)}\n{END}"
    README.write_text(between.sub(lambda _: filled, text), encoding="utf-8")
