"""Texts made to take all the time and memory there is, each in a real process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import pytest

from .commands import CASES
from .test_process import COMMAND, LONG, environment

pytestmark = pytest.mark.slow

SECONDS, MEMORY = 12, 2**30  # what the README promises
BOMBS = [
    "".join(row[2:] + "\n" for row in block.split("\n") if row.startswith(">"))
    for block in (CASES / "bombs.grad").read_text(encoding="utf-8").split("\n\n")
]


class End(NamedTuple):
    """How a process ended; `peak` is the most memory that it had, in bytes."""

    status: int
    peak: int
    shown: str


def ended(text: str, *options: str) -> End:
    """Run a script; after the promised time it is killed."""
    process = subprocess.Popen(
        [*COMMAND, "run", "--echo", *options, "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment(),
    )
    assert process.stdin is not None and process.stdout is not None
    clock = threading.Timer(SECONDS, process.kill)
    clock.start()
    process.stdin.write(text.encode())
    process.stdin.close()
    shown = process.stdout.read().decode()
    process.stdout.close()
    _, state, used = os.wait4(process.pid, 0)
    clock.cancel()
    process.returncode = os.waitstatus_to_exitcode(state)
    unit = 1 if sys.platform == "darwin" else 1024
    return End(process.returncode, used.ru_maxrss * unit, shown)


def test_bombs() -> None:
    """All at once, so that the interpreter's starts overlap."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        ends = list(pool.map(ended, BOMBS))
    wrong = [
        (text[:200], end.status, end.peak, end.shown[:300])
        for text, end in zip(BOMBS, ends, strict=True)
        if end.status not in (0, 1, 3, 4, 5, 8)
        or end.peak > MEMORY
        or "Traceback" in end.shown
        or "caught" in end.shown
        or ("error: " in end.shown and len(end.shown.partition("error: ")[2]) > 5_000)
    ]
    assert not wrong
    assert sum(end.status == 8 for end in ends) > len(ends) / 2


def test_the_heap_is_bounded_beside_the_ledger() -> None:
    """Millions of small things: no limit of its own counts them all."""
    end = ended(
        "a = [list(zip(range(10^5), range(10^5))) for i in range(10^5)]", "--limit=steps=1e9"
    )
    assert end.status == 8
    assert end.peak < MEMORY


@pytest.mark.parametrize(
    "text",
    [
        LONG.replace("l(l(x))", "l(l(1.0))"),
        "while True: pass",
        "x = rand(1000, 1000)\nwhile True: x @ x",
        "x = rand(10^7)\nwhile True: sin(x)",
    ],
)
def test_ctrl_c_is_answered_within_a_quarter_of_a_second(text: str) -> None:
    """The best of three, for other processes may have the machine."""
    assert min(answer_to_ctrl_c(text) for _ in range(3)) < 0.25


def answer_to_ctrl_c(text: str) -> float:
    process = subprocess.Popen(
        [*COMMAND, "run", "--trusted", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(PYTHONUNBUFFERED="1"),
    )
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(f"print(1)\n{text}\n".encode())
    process.stdin.close()
    assert process.stdout.readline() == b"1\n"
    time.sleep(0.3)
    begin = time.perf_counter()
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=30) == 130
    spent = time.perf_counter() - begin
    assert process.stderr is not None
    assert process.stderr.read() == b"error: interrupted\n"
    process.stdout.close()
    process.stderr.close()
    return spent
