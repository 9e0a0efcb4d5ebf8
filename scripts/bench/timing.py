"""What every workload gives, rows of what a piece of work costs each package, and how it is timed.

With BENCH_CLOCK=cpu in the environment, times are of the processor, in all threads and processes
that were waited for: on a machine that others use, they say more than those of the wall's clock.
"""

from __future__ import annotations

import gc
import os
import resource
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

ROUNDS = 8
ROUND_SECONDS = 0.02
Step = Callable[[], object]


class Row(NamedTuple):
    """What a piece of work costs each package, gradcli first: seconds, or bytes.

    targets  of some of the others, the most that gradcli's cost should be of theirs
    """

    label: str
    cost: Mapping[str, float]
    targets: Mapping[str, float] = {}
    unit: str = "s"

    def ratio(self, peer: str) -> float:
        return self.cost["gradcli"] / self.cost[peer]

    def missed(self, peer: str) -> bool:
        """As it is printed: with two digits."""
        return peer in self.targets and float(f"{self.ratio(peer):.2g}") > self.targets[peer]


def together(label: str, rows: Sequence[Row], targets: Mapping[str, float]) -> Row:
    """The sum of several pieces of work, for those who did all of them."""
    names = [name for name in rows[0].cost if all(name in row.cost for row in rows)]
    return Row(label, {name: sum(row.cost[name] for row in rows) for name in names}, targets)


# ---- timing -------------------------------------------------------------------------------------


def processor() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


clock = processor if os.environ.get("BENCH_CLOCK") == "cpu" else time.perf_counter


def interleaved(functions: Mapping[str, Step], rounds: int = ROUNDS) -> dict[str, float]:
    """Seconds a call of each function: the best of several rounds that take turns.

    Taking turns spreads a slow spell of the machine over all of them; the best round is the one
    that was disturbed least. What a first call prepares for later ones is not counted.
    """
    for function in functions.values():
        function()
    gc.collect()
    gc.freeze()  # so that collecting before every round takes no time
    sized = {name: first_round(function) for name, function in functions.items()}
    best = {name: once for name, (_, once) in sized.items()}
    for _ in range(rounds - 1):
        for name, function in functions.items():
            calls, _ = sized[name]
            best[name] = min(best[name], seconds(function, calls) / calls)
    gc.unfreeze()
    return best


def first_round(function: Step) -> tuple[int, float]:
    """How many calls fill a round, and the seconds of one."""
    calls = 1
    while (spent := seconds(function, calls)) < ROUND_SECONDS / 4:
        calls *= 4
    if spent < 1:  # a disturbance would make every round too short
        spent = min(spent, seconds(function, calls))
    return max(1, round(calls * ROUND_SECONDS / spent)), spent / calls


def seconds(function: Step, calls: int = 1) -> float:
    gc.collect()
    gc.disable()
    begin = clock()
    for _ in range(calls):
        function()
    spent = clock() - begin
    gc.enable()
    return spent


# ---- peers --------------------------------------------------------------------------------------


def available(peers: Mapping[str, Callable[..., Step]], *arguments: object) -> dict[str, Step]:
    """What each peer makes of these arguments, if it can be imported and runs once."""
    found = {}
    for name, prepare in peers.items():
        try:
            step = prepare(*arguments)
            step()
        except Exception as reason:  # noqa: BLE001  # whatever it raises costs its column alone
            text = str(reason).strip().splitlines() or [""]
            say(f"({name} is left out: {type(reason).__name__}: {text[0][:160]})")
        else:
            found[name] = step
    return found


SAID: set[str] = set()


def say(text: str) -> None:
    """Beside the tables; the same thing once."""
    if text not in SAID:
        SAID.add(text)
        print(text, file=sys.stderr, flush=True)


# ---- tables -------------------------------------------------------------------------------------

PREFIXES = {"s": {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}, "B": {"MB": 1e6, "B": 1.0}}


def amount(cost: float, unit: str) -> str:
    name, size = next(
        (pair for pair in PREFIXES[unit].items() if abs(cost) >= pair[1]),
        [*PREFIXES[unit].items()][-1],
    )
    return f"{cost / size:.3g} {name}"


def show(title: str, rows: Sequence[Row]) -> None:
    """A line for every row: our cost, then each peer's with the ratio of ours to it."""
    print(f"\n{title}")
    for row in rows:
        cells = [f"{row.label:42}{amount(row.cost['gradcli'], row.unit):>9}"]
        for peer in list(row.cost)[1:]:
            target = f" of {row.targets[peer]:g}" if peer in row.targets else ""
            missed = " MISSED" if row.missed(peer) else ""
            theirs = amount(row.cost[peer], row.unit)
            cells.append(f"{peer} {theirs}: {row.ratio(peer):.2g}x{target}{missed}")
        print("   ".join(cells), flush=True)
