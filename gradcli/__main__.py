"""`python -m gradcli` and the console script."""

from __future__ import annotations

import os
import signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

INTERRUPTED = 130


def stop_at_once(_number: int, _frame: Any) -> None:
    """Ctrl-C where no evaluation runs: nothing is worth keeping, and nobody wants a traceback."""
    os.write(2, b"interrupted\n")
    os._exit(INTERRUPTED)


# Before anything else is imported, which takes longer than to think better of it.
if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, stop_at_once)

import gc  # noqa: E402  # likewise
import sys  # noqa: E402  # likewise
from contextlib import suppress  # noqa: E402  # likewise

# A short-lived process that builds graphs: collecting while it imports or grows costs and frees
# nothing, because graphs are freed by reference counting. main() allows it, rarely, afterwards.
gc.disable()


def main() -> None:
    """Run the command line and exit with its status."""
    from gradcli.cli.main import run  # noqa: PLC0415  # likewise
    from gradcli.cli.system.environment import Environment  # noqa: PLC0415  # after gc.disable

    gc.set_threshold(200_000, 20, 100)
    gc.enable()
    environment = Environment()
    sys.stdout = environment.stdout  # click writes its help there
    for stream in (environment.stdout, environment.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # a text stream
    status = run([as_utf8(argument) for argument in sys.argv[1:]], environment)
    for stream in (environment.stdout, environment.stderr):
        with suppress(OSError):  # nobody reads, or the disk is full: run() has said so
            stream.flush()
    # Taking the interpreter apart piece by piece takes a tenth of the whole time, and frees only
    # what the system is about to free.
    os._exit(status)


def as_utf8(argument: str) -> str:
    """An argument that a locale of another encoding could not read; what is not UTF-8 stays."""
    try:
        return argument if argument.isascii() else os.fsencode(argument).decode()
    except UnicodeError:
        return argument


if __name__ == "__main__":
    main()
