"""The interactive session from its first prompt to its last."""

from __future__ import annotations

import shutil
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from gradcli import __version__
from gradcli.errors import GradcliError, Status, unforeseen
from gradcli.lang.source import decode
from gradcli.repl import commands
from gradcli.repl.console import Console
from gradcli.repl.host import Host, Places, places
from gradcli.repl.reader import Lines, Reader, Terminal
from gradcli.repl.settings import Settings, read_config

MOST = 2**20  # bytes of config.toml and init.grad
FAILURES = 3  # of reading, one after the other: then the terminal is gone
# Changes the settings by the options of a command line.
Overrides = Callable[[Settings], None]
__all__ = ["commands", "run"]  # importing the commands enters them into the table


def run(
    host: Host, overrides: Overrides = lambda settings: None, *, seed: int | None = None
) -> Status:
    """Converse until a person leaves, or input ends; the status is that of a pipe's first error."""
    found = places(host.environment.variables)
    console = start(host, found, overrides, seed)
    typed_here = host.interactive and not host.dumb
    reader = Terminal(console, found.history) if typed_here else Lines(console)
    if host.interactive:
        console.report.say(f"gradcli {__version__}; :help lists the commands, Ctrl-D leaves")
    with interrupts():
        converse(console, reader)
    return Status.DONE if host.interactive else console.status


def start(host: Host, found: Places, overrides: Overrides, seed: int | None) -> Console:
    """A console by config.toml, the options and then init.grad; what is wrong is shown."""
    settings = Settings()
    problem: GradcliError | None = None
    if found.config is not None and found.config.exists():
        try:
            text = decode(host.read(str(found.config), MOST), str(found.config)).text
            read_config(settings, text, str(found.config))
        except GradcliError as error:
            problem = error
    overrides(settings)
    console = Console(host, settings, seed=seed)
    if host.interactive:
        console.report.columns = shutil.get_terminal_size().columns
    if problem is not None:
        console.report.error(problem)
    if found.init is not None and found.init.exists():
        try:
            console.run_script(decode(host.read(str(found.init), MOST), str(found.init)))
        except GradcliError as error:
            console.report.error(error)
    return console


def converse(console: Console, reader: Reader) -> None:
    """Read, run, show, until nobody is there."""
    failures = 0
    while console.open and failures < FAILURES:
        try:
            text = reader.read()
        except KeyboardInterrupt:
            continue
        except EOFError:
            return
        except Exception as error:  # noqa: BLE001  # a firewall: the session goes on
            console.failed(unforeseen(error))
            failures += 1
            continue
        failures = 0
        try:
            console.take(text)
        except KeyboardInterrupt:  # a second Ctrl-C, or one between two statements
            console.report.note("interrupted")
        console.report.stdout.flush()


@contextmanager
def interrupts() -> Iterator[None]:
    """Ctrl-C raises KeyboardInterrupt where neither an evaluation nor the prompt takes it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
