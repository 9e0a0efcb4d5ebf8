"""What must hold of any input: a value or a short error, within the limits, touching nothing."""

from __future__ import annotations

import signal
import sys
import time
import warnings
from typing import Any

from gradcli.errors import NAMES, GradcliError, LimitExceeded, Status
from gradcli.lang.limits import Limits
from gradcli.lang.parser import parse
from gradcli.lang.printer import canonical
from gradcli.lang.session import Session
from gradcli.lang.source import Source, decode
from gradcli.lang.syntax import Block, same
from gradcli.lang.text import show
from gradcli.views.diagnostic import error_text

LIMITS = Limits()._replace(
    steps=30_000, kernel=30_000, nodes=20_000, elements=100_000, memory=2**24, list=10_000
)
SECONDS = 3  # of processor time that no input may take; the fuel is for a hundredth of that
PREPARED = """
x = tensor([1, 2], requires_grad=True); y = 2; v = ones(3); A = [2., 1.; 1., 3.] + 0
f(t) = t^2; g = lambda *t, **u: t; items = [(1, 2), ('a', x)]; table = {'a': 1}
"""
# What an evaluation does of Python's own that touches nothing.
HARMLESS = {"builtins.id", "object.__getattr__", "sys._getframe", "code.__new__", "gc.get_objects"}


class Slow(BaseException):
    """An input took too long."""


class Watch:
    """Collects Python's audit events while it is on: files, imports, code, processes, sockets."""

    def __init__(self) -> None:
        self.on = False
        self.events: list[str] = []
        sys.addaudithook(self.hear)

    def hear(self, event: str, arguments: Any) -> None:
        if self.on and event not in HARMLESS:
            self.events.append(f"{event} {arguments!r}"[:200])


def too_slow(_number: int, _frame: Any) -> None:
    raise Slow


def judged(data: bytes, watch: Watch) -> str | None:
    """What is wrong with what an input gives; None if nothing is."""
    watch.events.clear()
    signal.signal(signal.SIGVTALRM, too_slow)
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    began = time.process_time()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            wrong = outcome(data, watch)
    except Slow:
        return f"more than {SECONDS} s"
    except Exception as error:  # noqa: BLE001  # whatever escapes is a finding
        return f"raised {type(error).__name__}: {error}"
    finally:
        watch.on = False
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    if wrong is None and time.process_time() - began > SECONDS:
        return f"more than {SECONDS} s"
    return wrong or (watch.events[0] if watch.events else None)


def outcome(data: bytes, watch: Watch) -> str | None:
    session = Session(LIMITS, seed=0)
    session.run(Source(PREPARED))
    try:
        source = decode(data, "input")
        tree = parse(source, limits=LIMITS.text(script=True))
        wrong = not_read_back(tree)
        if wrong:
            return wrong
        codes = session.compile(source, script=True)
        watch.on = True
        results = session.run_code(codes)
        shown = [show(result.value) for result in results]
    except GradcliError as error:
        watch.on = False
        return bad_error(error)
    watch.on = False
    if any(" at 0x" in text for text in shown):
        return "an address in the output"
    foreign = [value for value in session.variables.values() if type(value) not in NAMES]
    return f"a value of {type(foreign[0])}" if foreign else None


def not_read_back(tree: Block) -> str | None:
    """The canonical text of a tree is read as the same tree."""
    text = canonical(tree)
    try:
        return None if same(parse(Source(text)), tree) else "the canonical text says another thing"
    except LimitExceeded:
        return None  # it may be longer than the input
    except GradcliError as error:
        return f"the canonical text does not parse: {error.message}"


def bad_error(error: GradcliError) -> str | None:
    text = error_text(error)
    if error.status == Status.INTERNAL:
        return f"internal: {error.message}; {error.__cause__!r}"
    if "out of memory" in error.message:
        return "out of memory before the ledger said so"
    if text.count("\n") > 14 or len(text) > 10_000 or "Traceback" in text:
        return f"an error of {len(text)} characters"
    return None
