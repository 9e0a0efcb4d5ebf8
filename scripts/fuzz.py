"""Fuzz the language: `python scripts/fuzz.py --count 100000 --seed 1 --failures DIR`.

Inputs are numbered; each follows from the seed and its number. A directory of failures remembers
how far a seed was tried, and goes on there. The exit status is 1 if any input failed.
"""

from __future__ import annotations

import argparse
import multiprocessing as processes
import sys
import time
from pathlib import Path
from typing import Any

from fuzzing.inputs import KINDS, made
from fuzzing.worker import work

SILENCE = 60  # seconds after which a worker hangs


def tried(seed: int, numbers: range, failures: Path | None) -> int:
    """Try inputs in a process of their own, and again after one that ends or hangs it."""
    context, count, start = processes.get_context("spawn"), 0, numbers.start
    found: Any = context.Queue()
    while start < numbers.stop:
        at = context.Value("q", start - 1)
        process = context.Process(target=work, args=(seed, range(start, numbers.stop), at, found))
        process.start()
        last, since = at.value, time.monotonic()
        while process.is_alive():
            process.join(0.2)
            if at.value != last:
                last, since = at.value, time.monotonic()
            elif time.monotonic() - since > SILENCE:
                process.kill()
            count += reported(seed, found, failures)
            if failures is not None:
                (failures / f"seed-{seed}").write_text(f"{max(at.value, start)}\n")
        if at.value < start:
            raise RuntimeError("the process that tries inputs did not start")
        if at.value < numbers.stop:
            found.put((at.value, f"the process ended with {process.exitcode}"))
        start = at.value + 1
        time.sleep(0.1)
        count += reported(seed, found, failures)
    return count


def reported(seed: int, found: Any, failures: Path | None) -> int:
    count = 0
    while not found.empty():
        number, wrong = found.get()
        count += 1
        text = made(seed, number)
        print(f"{KINDS[number % 3]} {number}: {wrong}\n    {text[:200]!r}", flush=True)
        if failures is not None:
            (failures / f"{seed}-{number}").write_bytes(text)
    return count


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, prog="scripts/fuzz.py")
    parser.add_argument(
        "--count", type=int, default=30_000, help="inputs to try, a third each kind"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--failures", type=Path, help="a directory for inputs that fail")
    options = parser.parse_args()
    start = 0
    if options.failures is not None:
        options.failures.mkdir(parents=True, exist_ok=True)
        progress = options.failures / f"seed-{options.seed}"
        start = int(progress.read_text()) if progress.exists() else 0
    began = time.monotonic()
    count = tried(options.seed, range(start, options.count), options.failures)
    spent = time.monotonic() - began
    done = max(options.count, start)
    print(
        f"{done:,} inputs of seed {options.seed}, {done - start:,} now in {spent:.0f} s: "
        f"{count} failures"
    )
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
