"""The process that checks: reads one calculation from standard input, writes what it found.

With an "order" it is asked for formulas of the derivative instead.

    python -m gradcli.proof.child SECONDS BYTES

Lines of JSON on standard output: `"ready"` once everything is imported, then one object for each
method as soon as it has finished. It limits its own address space and processor time; whoever
started it limits its wall time.
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
        from gradcli.proof.calculation import from_json  # noqa: PLC0415  # after the limit is set
        from gradcli.proof.prover import Prover  # noqa: PLC0415
        from gradcli.proof.symbolic import derivatives  # noqa: PLC0415

        say("ready")
        start = time.monotonic()
        limit_time(seconds)
        request = json.load(sys.stdin)
        calculation = from_json(request)
        if "order" in request:
            for found in derivatives(calculation, request["order"]):
                say(found)
            return 0
        # Give up a little before being killed, so as to say what is known by then.
        left = seconds * 0.9 - (time.monotonic() - start)
        for finding in Prover(calculation, left).findings():
            say(finding)
    except MemoryError:
        say("memory")
        return 1
    return 0


if __name__ == "__main__":
    sys.setrecursionlimit(5000)  # sympy recurses over an expression of at most 50 operations
    sys.exit(main(sys.argv[1:]))
