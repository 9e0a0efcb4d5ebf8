"""Timing of short functions, and the table that every workload prints.

With BENCH_CLOCK=cpu in the environment, of the processor's time in all threads: on a machine that
others use, it says more than the time on the wall.
"""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable, Mapping, Sequence

clock = time.process_time if os.environ.get("BENCH_CLOCK") == "cpu" else time.perf_counter
ROUNDS = 15
ROUND_SECONDS = 0.02


def interleaved(
    functions: Mapping[str, Callable[[], object]], rounds: int = ROUNDS
) -> dict[str, float]:
    """Seconds a call of each function: the best of several rounds that take turns.

    Taking turns spreads a slow spell of the machine over all of them; the best round is the one
    that was disturbed least.
    """
    calls = {name: calls_a_round(function) for name, function in functions.items()}
    best = dict.fromkeys(functions, float("inf"))
    for _ in range(rounds):
        for name, function in functions.items():
            best[name] = min(best[name], seconds(function, calls[name]) / calls[name])
    return best


def seconds(function: Callable[[], object], calls: int) -> float:
    gc.collect()
    gc.disable()
    begin = clock()
    for _ in range(calls):
        function()
    spent = clock() - begin
    gc.enable()
    return spent


def available(
    peers: Mapping[str, Callable[..., Callable[[], object]]], *arguments: object
) -> dict[str, Callable[[], object]]:
    """What each peer prepares for these arguments, if it can be imported and runs once."""
    found = {}
    for name, prepare in peers.items():
        try:
            step = prepare(*arguments)
            step()
        except ImportError:
            print(f"({name} is not installed)")
        except RuntimeError as reason:  # torch.compile without a C++ compiler
            print(f"({name} does not run: {type(reason).__name__})")
        else:
            found[name] = step
    return found


def calls_a_round(function: Callable[[], object]) -> int:
    calls = 1
    while (spent := seconds(function, calls)) < ROUND_SECONDS / 4:
        calls *= 4
    return max(1, round(calls * ROUND_SECONDS / spent))


Row = tuple[str, Mapping[str, float]]


def show(title: str, rows: Sequence[Row], unit: float, unit_name: str) -> None:
    """A plain table: a column of times for each peer, then the ratios of ours to theirs."""
    names = list(rows[0][1])
    ours, *peers = names
    columns = [*names, *(f"/ {peer}" for peer in peers)]
    print(f"\n{title}  [{unit_name}, ratios are {ours} to the peer]")
    print(f"{'':34}" + "".join(f"{column:>16}" for column in columns))
    for label, times in rows:
        cells = [f"{times[name] / unit:.2f}" for name in names]
        cells += [f"{times[ours] / times[peer]:.2f}x" for peer in peers]
        print(f"{label:34}" + "".join(f"{cell:>16}" for cell in cells))
