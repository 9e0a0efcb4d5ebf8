"""Starting the process that checks, and ending it when its time is up."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import subprocess
import sys
import time
from typing import Any

# Imports take about half a second; a machine under load may need much longer.
START_SECONDS = 20.0
# -I: no PYTHONPATH, no user's site, no current directory. The child then takes our own places to
# import from, so it finds the gradcli and the sympy that this process would.
BOOT = """\
import json, runpy, sys
sys.path[:] = json.loads(sys.argv.pop(1))
sys.argv[0] = "gradcli.proof.child"
runpy.run_module("gradcli.proof.child", run_name="__main__", alter_sys=True)
"""
KEPT = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT", "TMPDIR", "TEMP", "HOME")


class Stopped(Exception):
    """The child ended without an answer, and why. `lines` is what it had said by then."""

    def __init__(self, reason: str, lines: list[Any]) -> None:
        super().__init__(reason)
        self.reason = reason
        self.lines = lines


def ask(request: Any, *, seconds: float, memory: int) -> list[Any]:
    """What the child says to a request; raises Stopped if it does not get to the end.

    The seconds count from when it is ready: starting is not part of the work.
    """
    child = start(seconds, memory)
    try:
        wait_until_ready(child)
        data = json.dumps(request).encode()
        try:
            out, _ = child.communicate(data, timeout=seconds)
        except subprocess.TimeoutExpired:
            child.kill()
            out, _ = child.communicate()
            raise Stopped("it takes longer than the time allowed", lines_of(out)) from None
    finally:
        stop(child)
    lines = lines_of(out)
    if "memory" in lines:
        raise Stopped("it takes more memory than allowed", lines[:-1])
    if child.returncode != 0:
        raise Stopped("the process that checks it ended early", lines)
    return lines


def start(seconds: float, memory: int) -> subprocess.Popen[bytes]:
    places = [place for place in sys.path if os.path.isabs(place)]  # noqa: PTH117
    environment = {name: os.environ[name] for name in KEPT if name in os.environ}
    # Every thread of a linear algebra library reserves address space, and none has work here.
    environment.update({"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"})
    return subprocess.Popen(
        [sys.executable, "-I", "-c", BOOT, json.dumps(places), repr(seconds), str(memory)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        bufsize=0,
    )


def wait_until_ready(child: subprocess.Popen[bytes]) -> None:
    """Read the child's first line, and not a byte of the next."""
    assert child.stdout is not None
    said = b""
    end = time.monotonic() + START_SECONDS
    with selectors.DefaultSelector() as selector:
        selector.register(child.stdout, selectors.EVENT_READ)
        while not said.endswith(b"\n"):
            if not selector.select(max(0.0, end - time.monotonic())):
                raise Stopped("the process that checks it did not start in time", [])
            byte = os.read(child.stdout.fileno(), 1)
            if not byte:
                raise Stopped("the process that checks it did not start", [])
            said += byte
    if lines_of(said) != ["ready"]:
        raise Stopped("the process that checks it did not start", [])


def lines_of(out: bytes) -> list[Any]:
    """The complete lines of what was said."""
    lines = []
    for line in out.decode(errors="replace").splitlines():
        with contextlib.suppress(ValueError):
            lines.append(json.loads(line))
    return lines


def stop(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is None:
        child.kill()
    child.wait()
    for stream in (child.stdin, child.stdout):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()
