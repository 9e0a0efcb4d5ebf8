"""The process that checks: reads tasks from standard input, writes what it found.

A task is a calculation to be proven, a claim to be compared with one, or, with an "order", a
calculation whose derivatives are to be written as formulas.

    python -m gradcli.proof.child SECONDS BYTES

Lines of JSON on standard output: `"ready"` once everything is imported, then for each task one
object for each method as soon as it has finished, and `"next"`. It limits its own address space
and processor time, which the tasks share; whoever started it limits its wall time.
"""

from __future__ import annotations

import json
import math
import sys
import time
from typing import Any

try:
    import resource
except ImportError:  # no such limits on this system: the wall clock is the only one
    resource = None  # type: ignore[assignment]  # a module or nothing


def limit_memory(size: int) -> None:
    if resource is not None:
        resource.setrlimit(resource.RLIMIT_AS, (size, size))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def limit_time(seconds: float) -> None:
    """Seconds of processor time from now on."""
    if resource is not None:
        used = resource.getrusage(resource.RUSAGE_SELF)
        cap = math.ceil(used.ru_utime + used.ru_stime + seconds) + 1
        resource.setrlimit(resource.RLIMIT_CPU, (cap, cap))


def say(message: Any) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def main(arguments: list[str]) -> int:
    seconds, size = float(arguments[0]), int(arguments[1])
    limit_memory(size)
    try:
        from gradcli.proof.tasks import found  # noqa: PLC0415  # after the limit is set

        say("ready")
        limit_time(seconds)
        # Give up a little before being killed, so as to say what is known by then.
        end = time.monotonic() + seconds * 0.9
        tasks = json.load(sys.stdin)
        for k, task in enumerate(tasks):
            share = (end - time.monotonic()) / (len(tasks) - k)
            for finding in found(task, share):
                say(finding)
            say("next")
    except MemoryError:
        say("memory")
        return 1
    return 0


if __name__ == "__main__":
    sys.setrecursionlimit(5000)  # sympy recurses over an expression of at most 50 operations
    sys.exit(main(sys.argv[1:]))
