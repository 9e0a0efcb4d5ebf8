"""Backstops of an evaluation: Ctrl-C, the wall clock, the address space."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from gradcli.errors import Interrupted, Terminated
from gradcli.lang.limits import UNLIMITED
from gradcli.lang.session import Session

MIB = 2**20
ADDRESS_SPACE = 2048 * MIB
# Beside the tensors that the ledger counts: their temporaries, lists, strings, graphs.
BESIDE = 384 * MIB
A_YEAR = 365 * 86_400  # seconds


@contextmanager
def guarded(session: Session) -> Iterator[None]:
    """Signals set a flag that the evaluation reads between instructions and blocks.

    A second Ctrl-C is Python's own. Elsewhere than in a process's main thread, signals stay as
    they are.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    session.meter.stop = None
    seconds = session.limits.seconds
    interrupt = signal.getsignal(signal.SIGINT)

    def on_interrupt(_number: int, _frame: Any) -> None:
        session.meter.stop = "interrupt"
        signal.signal(signal.SIGINT, interrupt)

    def on_alarm(_number: int, _frame: Any) -> None:
        session.meter.stop = "clock"

    signal.signal(signal.SIGINT, on_interrupt)
    alarm = signal.signal(signal.SIGALRM, on_alarm)
    # The timer takes 0 for never, and nothing of more than some decades.
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 1e-6) if seconds < A_YEAR else 0)
    try:
        with bounded_memory(session.limits.memory):
            yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, alarm)
        signal.signal(signal.SIGINT, interrupt)


@contextmanager
def stopping() -> Iterator[None]:
    """Signals that end a process raise, so that what was begun is put away first."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, _frame: Any) -> None:
        raise Interrupted("interrupted") if number == signal.SIGINT else Terminated("terminated")

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.signal(number, stop) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


@contextmanager
def bounded_memory(memory: int) -> Iterator[None]:
    """Bound what the process may have beside the ledger's limit: a backstop, not a budget."""
    import resource

    if memory >= UNLIMITED:
        yield
        return
    bounds = {resource.RLIMIT_AS: max(ADDRESS_SPACE, 2 * memory)}
    data = data_size()
    if data is not None:
        bounds[resource.RLIMIT_DATA] = data + memory + BESIDE
    before = {kind: resource.getrlimit(kind) for kind in bounds}
    for kind, (soft, hard) in before.items():
        known = [n for n in (soft, hard, bounds[kind]) if n != resource.RLIM_INFINITY]
        resource.setrlimit(kind, (min(known), hard))
    try:
        yield
    finally:
        for kind, limits in before.items():
            resource.setrlimit(kind, limits)


def data_size() -> int | None:
    """Bytes of private memory that the process has now, where the system tells."""
    import resource

    try:
        with open("/proc/self/statm", "rb") as status:  # noqa: PTH123  # pathlib takes 2 ms to import
            pages = status.read().split()[5]
    except OSError:
        return None
    return int(pages) * resource.getpagesize()
