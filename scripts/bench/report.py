"""The table of ratios in the README, between its markers: what `--report` writes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import machine
import timing
from workloads import WORKLOADS, measured

README = Path(__file__).parents[2] / "README.md"
BEGIN, END = "<!-- benchmarks -->", "<!-- /benchmarks -->"
# Columns; what a row is compared with besides stands in the last.
PEERS = ("PyTorch", "torch.compile", "JAX", "autograd", "CasADi", "sympy", "numexpr")


def cell(row: timing.Row, peer: str) -> str:
    """The ratio, with its target in parentheses; bold where it is missed."""
    if peer not in row.cost:
        return ""
    text = f"{row.ratio(peer):.2g}"
    text = f"**{text}**" if row.missed(peer) else text
    return f"{text} ({row.targets[peer]:g})" if peer in row.targets else text


def line(row: timing.Row, peers: Sequence[str]) -> str:
    others = [name for name in row.cost if name not in ("gradcli", *PEERS)]
    besides = ", ".join(f"{cell(row, name)} of {name}" for name in others)
    return f"| {' | '.join([row.label, *(cell(row, peer) for peer in peers), besides])} |"


def table(groups: Mapping[str, Sequence[timing.Row]]) -> str:
    """A line for every row, under its workload's title."""
    costs = [row.cost for rows in groups.values() for row in rows]
    peers = [peer for peer in PEERS if any(peer in cost for cost in costs)]
    columns = ["our time / theirs", *peers, "besides"]
    lines = [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    for title, rows in groups.items():
        lines.append(f"| **{title}** |" + " |" * (len(columns) - 1))
        lines += [line(row, peers) for row in rows]
    return "\n".join(lines)


def write(seed: int, sizes: Mapping[str, int]) -> None:
    """Measure, print, and put the table into the README."""
    groups = {}
    for name, workload in WORKLOADS.items():
        if workload.reported and (rows := measured(name, seed, sizes)):
            timing.show(workload.title, rows)
            groups[workload.title] = rows
    text = README.read_text(encoding="utf-8")
    between = re.compile(f"{BEGIN}.*?{END}", re.DOTALL)
    if not between.search(text):
        raise SystemExit(f"{README} has no {BEGIN} … {END}")
    filled = f"{BEGIN}\n{machine.described(seed)}\n\n{table(groups)}\n{END}"
    README.write_text(between.sub(lambda _: filled, text), encoding="utf-8")
