"""The bar of a script's loop: on a terminal alone, after a while, and gone at the end."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pexpect
import pytest

from gradcli.cli.system import progress
from gradcli.cli.system.environment import Environment
from gradcli.lang.session import Session
from gradcli.lang.source import Source

from .commands import gradcli
from .test_process import COMMAND, environment

LOOP = """
x = ones(200, 200)
for epoch in track(range({}), "training"):
    y = sum(x @ x)
    if epoch == {}:
        print("half")
print("done")
"""


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Session, Terminal]]:
    """A session whose loops are shown at once, and what is shown."""
    monkeypatch.setattr(progress, "PATIENCE", 0)
    monkeypatch.setattr(progress, "EVERY", 0)
    screen = Terminal()
    bars = progress.Bars(Environment(stderr=screen))
    session = Session()
    session.outside.track = bars.track
    yield session, screen
    assert not bars.busy and screen.getvalue().endswith(progress.CLEAR + progress.CURSOR)


def run(session: Session, text: str) -> Any:
    return session.run(Source(text), script=True)[-1].value


def test_a_loop_is_shown_to_its_end(shown: tuple[Session, Terminal]) -> None:
    session, screen = shown
    run(session, "t = 0\nfor k in track(range(4), 'sums'):\n    t += k\n")
    assert session.variables["t"] == 6
    assert all(f"{k}/4" in screen.getvalue() for k in range(1, 4))
    assert "sums" in screen.getvalue()


LOOPS = {
    "break": "for k in track([1, 2, 3]):\n    break\n",
    "an error": "try:\n    for k in track([1, 2]):\n        raise ValueError('x')\n"
    "except ValueError:\n    pass\n",
    "a return": "def f():\n    for k in track([1, 2]):\n        return k\nf()\n",
    "within another": "for k in track([1, 2]):\n    for i in track([3, 4]):\n        pass\n",
    "numbered": "for k, x in enumerate(track([5, 6])):\n    pass\n",
    "a list": "[2 * x for x in track([1, 2])]\n",
    "tqdm": "from tqdm import tqdm\nfor k in tqdm(range(3), desc='tq'):\n    pass\n",
    "trange": "from tqdm.auto import trange\nfor k in trange(1, 3):\n    pass\n",
    "what it says": "bar = track([1.0, 2.0])\nfor x in bar:\n"
    "    bar.set_description('now')\n    bar.set_postfix(loss=x / 3)\n",
}


@pytest.mark.parametrize("name", LOOPS)
def test_however_a_loop_ends_its_bar_is_gone(name: str, shown: tuple[Session, Terminal]) -> None:
    session, screen = shown
    run(session, LOOPS[name])
    if name == "what it says":
        assert "now" in screen.getvalue() and "loss=0.3333" in screen.getvalue()


def test_in_a_pipe_nothing_is_shown() -> None:
    done = gradcli("run", "-", stdin=LOOP.format(3, 1).encode())
    assert (done.stdout, done.stderr, done.status) == ("half\ndone\n", "", 0)


REFUSED = {"track(3)": "is no sequence", "track([1], 2)": "a description is a string"}


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_sequence(text: str) -> None:
    done = gradcli("run", "-", stdin=text.encode())
    assert REFUSED[text] in done.stderr or "no length" in done.stderr
    assert done.status == 4


@pytest.mark.slow
def test_an_interrupt_leaves_the_line_clean(tmp_path: Path) -> None:
    file = tmp_path / "loop.grad"
    file.write_text(LOOP.format(10**6, 10**6))
    child = pexpect.spawn(
        COMMAND[0],
        [*COMMAND[1:], "run", "--trusted", str(file)],
        env=environment(TERM="xterm", NO_COLOR="1"),
        encoding="utf-8",
        timeout=30,
    )
    child.expect(r"training  \[[#-]+\] +\d+/1000000")
    child.sendintr()
    child.expect(pexpect.EOF)
    *_, last = child.before.split(progress.CLEAR + progress.CURSOR)
    assert last == "error: interrupted\r\n"
    child.close()
    assert child.exitstatus == 130
