"""The prompt: from its start to the first line, and from a key to the screen."""

from __future__ import annotations

import asyncio
import io
import os
import pty
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from statistics import median

import timing
from prompt_toolkit.data_structures import Size
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output.vt100 import Vt100_Output

from gradcli.cli.system.environment import Environment
from gradcli.cli.system.files import read, write
from gradcli.cli.system.guard import guarded
from gradcli.repl import app
from gradcli.repl.host import Host, places
from gradcli.repl.reader import Terminal

BARE = "a bare prompt"
STARTS = {
    "gradcli": ["-m", "gradcli"],
    BARE: ["-c", "import numpy, click, prompt_toolkit; print('grad>')"],
}
ROUNDS = 10
PROMPT, CURSOR = b"grad>", b"\x1b[6n"
HISTORY = 2000
# What is typed, key by key: a long line, a call with its hint, a block of several lines.
TYPED = {
    "a line": "loss = sum(softmax(A @ x + b, axis=0) * log(sigmoid(y - 2x))) + alpha*norm(A)^2",
    "a method": "a.requ",
    "a block": "for k in range(100):\n    g = grad(loss, x)[0]\n    x = x - rate*",
}
TIMES = 5  # of each key the fastest counts: what else the machine does is in the rest
PATIENCE = 5.0


# ---- start --------------------------------------------------------------------------------------


def start(arguments: list[str], home: str) -> float:
    """Seconds of the processor from a process's start to the word `grad>` on its terminal."""
    child, terminal = pty.fork()
    if child == 0:
        os.environ.update(HOME=home, TERM="xterm-256color", COLUMNS="80", LINES="24")
        os.execv(sys.executable, [sys.executable, *arguments])
    seen = b""
    while PROMPT not in seen:
        new = os.read(terminal, 4096)
        if CURSOR in new:
            os.write(terminal, b"\x1b[1;1R")
        seen += new
    os.kill(child, 9)
    _, _, used = os.wait4(child, 0)
    os.close(terminal)
    return used.ru_utime + used.ru_stime


def starts() -> dict[str, float]:
    best = dict.fromkeys(STARTS, float("inf"))
    with tempfile.TemporaryDirectory() as home:
        for _ in range(ROUNDS):
            for name, arguments in STARTS.items():
                best[name] = min(best[name], start(arguments, home))
    return best


# ---- keys ---------------------------------------------------------------------------------------


def lines() -> Iterator[str]:
    for k in range(HISTORY):
        yield f"x{k % 97} = sin(a*{k}) + b{k % 13}^2"


def latencies(pipe: PipeInput, terminal: Terminal) -> dict[str, list[list[float]]]:
    """Seconds from each key until all that follows from it is drawn, each time it is typed."""
    session = terminal.session
    found: dict[str, list[list[float]]] = {label: [] for label in TYPED}

    async def settled(text: str) -> float:
        """The time at which the screen showed the text, with what is offered for it."""
        buffer = session.default_buffer
        end = time.perf_counter() + PATIENCE
        shown = 0.0
        drawn = session.app.render_counter
        while time.perf_counter() < end:
            await asyncio.sleep(0.0005)
            if session.app.render_counter != drawn and buffer.text == text:
                drawn, shown = session.app.render_counter, time.perf_counter()
            if shown and time.perf_counter() - shown > 0.03:
                return shown
        raise TimeoutError(text)

    async def drive() -> None:
        await asyncio.sleep(0.5)
        for label, keys in [*TYPED.items()] * TIMES:
            found[label].append([])
            for key in keys:
                sent = session.default_buffer.text + key
                begun = time.perf_counter()
                session.default_buffer.insert_text(key) if key == "\n" else pipe.send_text(key)
                found[label][-1].append(await settled(sent) - begun)
            session.default_buffer.reset()
        pipe.send_text("\x04")

    def begin() -> None:
        session.app.create_background_task(drive())

    with suppress(EOFError):
        session.prompt(pre_run=begin)
    return found


def typed() -> dict[str, list[list[float]]]:
    environment = Environment(variables={})
    host = Host(
        environment,
        guarded,
        lambda name, most: read(environment, name, most),
        lambda name, data: write(environment, name, data),
    )
    with tempfile.TemporaryDirectory() as home, create_pipe_input() as pipe:
        history = Path(home) / "history"
        history.write_text("".join(f"{line}\n" for line in lines()))
        console = app.start(host, places({}), lambda settings: None, None)
        for text in ("a = tensor(2.0, requires_grad=True)", "A = ones(3, 4)", "alpha = 3"):
            console.take(text)
        output = Vt100_Output(io.StringIO(), lambda: Size(rows=40, columns=100), enable_cpr=False)
        return latencies(pipe, Terminal(console, history, input=pipe, output=output))


def measure(seed: int) -> list[timing.Row]:
    begun = starts()
    rows = [timing.Row("start to prompt, of the processor", begun, {BARE: 1.5})]
    for label, times in typed().items():
        best = [min(each) for each in zip(*times, strict=True)]
        rows.append(timing.Row(f"a key of {label}, in the middle", {"gradcli": median(best)}))
        at = best.index(max(best))
        after = repr(TYPED[label][: at + 1][-8:])
        rows.append(timing.Row(f"at most, after {after}", {"gradcli": best[at]}))
    return rows
