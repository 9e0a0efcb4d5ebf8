"""The process that checks: reads tasks from standard input, writes what it found.

A task is a calculation to be proven, a claim to be compared with one, or, with an "order", a
calculation whose derivatives are to be written as formulas.

    python -m gradcli.proof.child BYTES

Lines of JSON on standard output: `"ready"` once everything is imported. Then, for each line of
standard input, `{"seconds": …, "tasks": […]}`, an object for each finding of a task as soon as it
is there, `"next"` after each task, and at the end `{"worked": seconds, "grown": …}`. It limits its
own address space and processor time, which the tasks of a line share; whoever started it limits
its wall time.
"""

from __future__ import annotations

import contextlib
import json
import re
import signal
import sys
import time
from pathlib import Path
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
    """Let this process be ended after seconds of processor time from now on; 0 for no end."""
    if resource is not None:
        signal.setitimer(signal.ITIMER_PROF, seconds)


def say(message: Any) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def most_memory() -> int:
    """Bytes that this process has held at once.

    Linux counts in `ru_maxrss` what the process that started this one held; its VmHWM does not.
    """
    with contextlib.suppress(OSError):
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
        held = re.search(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
        if held:
            return int(held[1]) * 1024
    if resource is None:
        return 0
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def work(request: Any, size: int, found: Any) -> None:
    """Do the tasks of one request."""
    began = time.process_time()
    seconds = max(request["seconds"], 1e-3)
    limit_time(seconds)
    # Give up a little before being ended, so as to say what is known by then.
    end = began + seconds * 0.9
    tasks = request["tasks"]
    for k, task in enumerate(tasks):
        share = (end - time.process_time()) / (len(tasks) - k)
        for finding in found(task, share):
            say(finding)
        say("next")
    limit_time(0)
    say({"worked": time.process_time() - began, "grown": most_memory() > size / 2})


def main(arguments: list[str]) -> int:
    size = int(arguments[0])
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends it, whatever it does
    limit_memory(size)
    try:
        from gradcli.proof.tasks import found  # noqa: PLC0415  # after the limit is set

        say("ready")
        for line in sys.stdin:
            work(json.loads(line), size, found)
    except MemoryError:
        say("memory")
        return 1
    return 0


if __name__ == "__main__":
    sys.setrecursionlimit(5000)  # sympy recurses over an expression of at most 50 operations
    sys.exit(main(sys.argv[1:]))
