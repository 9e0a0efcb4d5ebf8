"""Talking to the prompt in this process, key by key."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from gradcli.cli.system.environment import Environment
from gradcli.cli.system.files import read, replace, write
from gradcli.cli.system.guard import guarded
from gradcli.repl import app
from gradcli.repl.console import Console
from gradcli.repl.host import Host, places
from gradcli.repl.reader import Lines, Terminal

ENTER, TAB, BACKSPACE, ESCAPE = "\r", "\t", "\x7f", "\x1b"
UP, DOWN, RIGHT, LEFT = "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D"
CTRL_A, CTRL_C, CTRL_D, CTRL_E, CTRL_K, CTRL_L = "\x01", "\x03", "\x04", "\x05", "\x0b", "\x0c"
CTRL_R, CTRL_U, CTRL_W, CTRL_X, CTRL_Y = "\x12", "\x15", "\x17", "\x18", "\x19"
CTRL_UNDERSCORE = "\x1f"
ALT_ENTER, ALT_F = "\x1b\r", "\x1bf"
PATIENCE = 10.0

# What to wait for before the next keys are pressed.
Until = Callable[[Terminal], bool]


def host_of(
    stdin: str = "", variables: Mapping[str, str] | None = None
) -> tuple[Host, Callable[[], str]]:
    """A process of its own as far as the prompt sees it, and what it wrote since last asked."""
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    given = io.TextIOWrapper(io.BytesIO(stdin.encode()), encoding="utf-8")
    environment = Environment(stdin=given, stdout=out, stderr=out, variables=variables or {})

    def keep(name: str, data: bytes) -> None:
        replace(name, data) if Path(name).is_file() else write(environment, name, data)

    def written() -> str:
        text: str = out.buffer.getvalue().decode()  # type: ignore[attr-defined]  # over bytes in memory
        out.seek(0)
        out.truncate()
        return text

    host = Host(environment, guarded, lambda name, most: read(environment, name, most), keep)
    return host, written


def piped(text: str, **variables: str) -> tuple[str, Console]:
    """Lines of a stream, and what comes of them."""
    host, written = host_of(text, variables)
    console = app.start(host, places(variables), lambda settings: None, None)
    app.converse(console, Lines(console))
    return written(), console


class Typing:
    """A terminal that somebody types on: `press` keys or waits in turn, `written` comes of it."""

    def __init__(self, history: Path | None = None, **variables: str) -> None:
        self.history = history
        self.variables = variables
        self.console: Console
        self.texts: list[str] = []  # that were read

    def __call__(self, *keys: str | bytes | Until) -> str:
        host, written = host_of("", self.variables)
        self.console = app.start(host, places(self.variables), lambda settings: None, None)
        with create_pipe_input() as pipe:
            terminal = Terminal(self.console, self.history, input=pipe, output=DummyOutput())
            waits = terminal.session.app
            waits.ttimeoutlen, waits.timeoutlen = 0.01, 0.05  # keys come in one piece here
            with pressing(pipe.send_bytes, terminal, [*keys, CTRL_C, CTRL_D]):
                app.converse(self.console, terminal)
        return written()


@contextmanager
def pressing(
    send: Callable[[bytes], None], terminal: Terminal, keys: list[str | bytes | Until]
) -> Iterator[None]:
    """Press keys from another thread, which waits where it is told to."""

    late: list[str] = []
    done = threading.Event()

    def press() -> None:
        for key in keys:
            if not callable(key):
                send(key.encode() if isinstance(key, str) else key)
                continue
            end = time.monotonic() + PATIENCE
            while not key(terminal) and not late:
                time.sleep(0.005)
                if time.monotonic() > end:
                    late.append(terminal.session.default_buffer.text)
        while not done.wait(PATIENCE):  # neither Ctrl-C nor Ctrl-D was understood
            late.append(terminal.session.default_buffer.text)
            send(f"\x1b[201~{ESCAPE}{CTRL_C}{CTRL_C}{CTRL_D}".encode())

    thread = threading.Thread(target=press, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
    assert not late, f"waited in vain; the line was {late[0]!r}"


def text_is(expected: str) -> Until:
    """Wait until the line that is edited says this."""
    return lambda terminal: terminal.session.default_buffer.text == expected


def offers(*expected: str) -> Until:
    """Wait until these completions are offered, among others."""

    def offered(terminal: Terminal) -> bool:
        state = terminal.session.default_buffer.complete_state
        listed = [] if state is None else [each.text for each in state.completions]
        return set(expected) <= set(listed)

    return offered


def suggests(expected: str) -> Until:
    """Wait until this is suggested behind the cursor."""

    def suggested(terminal: Terminal) -> bool:
        suggestion = terminal.session.default_buffer.suggestion
        return suggestion is not None and suggestion.text == expected

    return suggested


def recalls(expected: str) -> Until:
    """Wait until the next prompt has read the history: Up finds this."""
    return lambda terminal: expected in list(terminal.session.default_buffer._working_lines)[:-1]
