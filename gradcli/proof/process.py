"""The process that checks: started when it is first needed, asked again and again, ended when its
time is up.

Its work is limited by processor time, so that a busy machine finds what an idle one finds.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any

from gradcli.lang.limits import current

# Imports take about half a second; a machine under load may need much longer.
START_SECONDS = 20.0
# How much longer than its processor time an answer may take; and how often to look for Ctrl-C.
PATIENCE, GLANCE = 10.0, 0.1
# -I: no PYTHONPATH, no user's site, no current directory. The child then takes our own places to
# import from, so it finds the gradcli and the sympy that this process would.
BOOT = """\
import json, runpy, sys
sys.path[:] = json.loads(sys.argv.pop(1))
sys.argv[0] = "gradcli.proof.child"
runpy.run_module("gradcli.proof.child", run_name="__main__", alter_sys=True)
"""
KEPT = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT", "TMPDIR", "TEMP", "HOME")
OUT_OF_TIME = "it takes longer than the time allowed"


class Stopped(Exception):
    """The child ended without an answer, and why. `lines` is what it had said by then."""

    def __init__(self, reason: str, lines: list[Any]) -> None:
        super().__init__(reason)
        self.reason = reason
        self.lines = lines


def ask(request: Sequence[Any], *, seconds: float, memory: int) -> list[Any]:
    """What the child says to a list of tasks; raises Stopped if it does not get to the end.

    The seconds are of processor time, from when it is ready: starting is not part of the work.
    """
    child = idle(memory) or Child(memory)
    with clock_stopped() as worked:
        try:
            child.wait_until_ready()
            lines, worked[0] = child.answer(request, seconds)
        except BaseException:  # an interrupt, too: nobody will read the answer
            child.stop()
            worked[0] = seconds
            raise
    if child.grown:
        child.stop()
    else:
        WAITING.append(child)
    return lines


def warm_up(memory: int) -> None:
    """Let a child start while there is other work to do before it is asked."""
    if not WAITING:
        WAITING.append(Child(memory))


# At most one is idle, unless threads ask at once.
WAITING: list[Child] = []


@atexit.register
def dismiss() -> None:
    while WAITING:
        WAITING.pop().stop()


def idle(memory: int) -> Child | None:
    while WAITING:
        child = WAITING.pop()
        if child.memory == memory and child.boot == BOOT and child.process.poll() is None:
            return child
        child.stop()
    return None


@contextlib.contextmanager
def clock_stopped() -> Iterator[list[float]]:
    """The wall clock of an evaluation stands still while a child works, which is charged by its
    processor time instead: the list's one number."""
    worked = [0.0]
    if threading.current_thread() is not threading.main_thread():
        yield worked
        return
    left = signal.setitimer(signal.ITIMER_REAL, 0)[0]
    try:
        yield worked
    finally:
        if left:
            signal.setitimer(signal.ITIMER_REAL, max(left - worked[0], 1e-6))


class Child:
    """A process that is or will be ready for a request.

    grown  it has taken so much memory that the next request might find too little
    """

    def __init__(self, memory: int) -> None:
        self.memory, self.boot = memory, BOOT
        self.ready = self.grown = False
        self.rest = b""
        self.began = time.monotonic()
        places = [place for place in sys.path if os.path.isabs(place)]  # noqa: PTH117  # pathlib takes 2 ms to import
        environment = {name: os.environ[name] for name in KEPT if name in os.environ}
        # Every thread of a linear algebra library reserves address space, and none has work here.
        environment.update({"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"})
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-c", BOOT, json.dumps(places), str(memory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
        )

    def wait_until_ready(self) -> None:
        if self.ready:
            return
        if self.said(self.began + START_SECONDS) != "ready":
            alive = self.process.poll() is None
            why = "did not start in time" if alive else "did not start"
            raise Stopped(f"the process that checks it {why}", [])
        self.ready = True

    def answer(self, request: Sequence[Any], seconds: float) -> tuple[list[Any], float]:
        """What it says, and how much processor time that took."""
        stdin = self.process.stdin
        assert stdin is not None
        end = time.monotonic() + seconds * PATIENCE + GLANCE
        with contextlib.suppress(BrokenPipeError):
            stdin.write(json.dumps({"seconds": seconds, "tasks": request}).encode() + b"\n")
            stdin.flush()
        lines: list[Any] = []
        while True:
            line = self.said(end)
            if line is None:
                raise Stopped(self.end_of(time.monotonic() < end), lines)
            if line == "memory":
                raise Stopped("it takes more memory than allowed", lines)
            if isinstance(line, dict) and "worked" in line:
                self.grown = line["grown"]
                return lines, line["worked"]
            lines.append(line)

    def end_of(self, by_itself: bool) -> str:
        """Why there is no more to hear."""
        if not by_itself or self.process.wait() == -signal.SIGPROF:
            return OUT_OF_TIME
        return "the process that checks it ended early"

    def said(self, end: float) -> Any:
        """The next line that it says; None if there is none, or none in time."""
        stdout = self.process.stdout
        assert stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(stdout, selectors.EVENT_READ)
            while b"\n" not in self.rest:
                left = end - time.monotonic()
                heard = left > 0 and selector.select(min(left, GLANCE))
                meter = current()
                if meter is not None:
                    meter.charge(0)  # raises what Ctrl-C asks for
                more = os.read(stdout.fileno(), 65_536) if heard else b""
                if left <= 0 or (heard and not more):
                    return None
                self.rest += more
        line, _, self.rest = self.rest.partition(b"\n")
        return json.loads(line)

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
