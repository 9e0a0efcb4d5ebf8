"""Backstops of an evaluation: Ctrl-C, the wall clock, the address space."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from gradcli.lang.limits import UNLIMITED
from gradcli.lang.session import Session

ADDRESS_SPACE = 2 * 2**30
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
        with bounded_memory(session.limits.memory < UNLIMITED):
            yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, alarm)
        signal.signal(signal.SIGINT, interrupt)


@contextmanager
def bounded_memory(on: bool) -> Iterator[None]:
    """Bound the process's address space; it is a backstop of the ledger, not a budget."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    if not on or (soft != resource.RLIM_INFINITY and soft <= ADDRESS_SPACE):
        yield
        return
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
