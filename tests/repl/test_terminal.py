"""Whole sessions in a real terminal: a process, its keys, and the screen that a person sees."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pexpect
import pyte
import pytest

ROOT = Path(__file__).parent.parent.parent
PATIENCE = 30.0
pytestmark = pytest.mark.slow


class Screen:
    """A terminal with `gradcli` in it; answers the one question that prompt_toolkit asks."""

    def __init__(
        self,
        home: Path,
        columns: int = 80,
        rows: int = 40,
        command: Sequence[str] = (sys.executable, "-m", "gradcli"),
        **variables: str,
    ) -> None:
        self.screen = pyte.Screen(columns, rows)
        self.stream = pyte.Stream(self.screen)
        environment = {
            "HOME": str(home),
            "TERM": "xterm-256color",
            "NO_COLOR": "1",
            "PYTHONUTF8": "1",
            "PYTHONPATH": str(ROOT),
            "PATH": os.environ["PATH"],
            **variables,
        }
        self.child = pexpect.spawn(
            command[0],
            [*command[1:]],
            dimensions=(rows, columns),
            env=environment,
            encoding="utf-8",
        )

    @property
    def lines(self) -> list[str]:
        return [line.rstrip() for line in self.screen.display]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def type(self, keys: str) -> None:
        self.child.send(keys)

    def resize(self, columns: int, rows: int) -> None:
        self.screen.resize(rows, columns)
        self.child.setwinsize(rows, columns)

    def until(self, *expected: str) -> None:
        """Wait until these lines stand on the screen, one right below the other."""
        wanted = "\n" + "\n".join(expected) + "\n"
        end = time.monotonic() + PATIENCE
        while wanted not in f"\n{self.text}\n":
            assert time.monotonic() < end, f"waited for {expected}, and saw\n{self.text}"
            self.read()

    def foot(self, expected: str) -> None:
        """Wait until the toolbar says this."""
        end = time.monotonic() + PATIENCE
        while expected not in self.lines[-1]:
            assert time.monotonic() < end, f"waited for {expected!r}, and saw {self.lines[-1]!r}"
            self.read()

    def read(self) -> None:
        try:
            data = self.child.read_nonblocking(65536, 0.1)
        except pexpect.TIMEOUT:
            return
        self.stream.feed(data)
        if "\x1b[6n" in data:
            cursor = self.screen.cursor
            self.child.send(f"\x1b[{cursor.y + 1};{cursor.x + 1}R")

    def enter(self, text: str, *shown: str) -> None:
        """Type a line, and wait for it, what is shown under it, and the next prompt."""
        self.type(f"{text}\r")
        self.until(f"grad> {text}", *shown, "grad>")

    def leave(self) -> None:
        self.type("\x04")
        self.child.expect(pexpect.EOF, timeout=PATIENCE)
        self.child.close()
        assert self.child.exitstatus == 0


@pytest.fixture
def screen(tmp_path: Path) -> Screen:
    opened = Screen(tmp_path)
    opened.until("grad>")
    return opened


def test_leaves_retained_graphs_and_gradients_of_gradients(screen: Screen) -> None:
    screen.enter("a = tensor(2.0, requires_grad=True)")
    screen.enter("y = a^3")
    screen.enter("y.is_leaf", "False")
    screen.enter("y.grad_fn", "<PowBackward0>")
    screen.enter("y.backward()")
    screen.enter("a.grad", "tensor(12.)")
    screen.enter(
        "y.backward()",
        "      ^^^^^^^^^^^^",
        "error: backward a second time: PowBackward0 has dropped the values it saved",
        "hint: the first backward needs retain_graph=True",
    )
    screen.enter(":set retain_graph on")
    screen.enter("y = a^3; y.backward(); y.backward()")
    screen.enter(
        "a.grad", "tensor(36.)", "note: .grad is a sum over passes; a.grad = None begins anew"
    )
    screen.enter("a.grad = None")
    screen.enter(":set create_graph on")
    screen.type("y = a^3; y.backward()\r")
    screen.until("grad>")
    screen.enter("a.grad", "tensor(12., grad_fn=<MulBackward0>)")
    screen.foot("retain_graph on  create_graph on")
    screen.leave()


def test_the_story_of_leaves_as_tutorials_tell_it(screen: Screen) -> None:
    """Line by line: what is a leaf, what retain_graph and create_graph are for."""
    freed = (
        "error: backward a second time: MulBackward0 has dropped the values it saved",
        "hint: the first backward needs retain_graph=True",
    )
    for line in (
        "import torch",
        "a = torch.tensor([3.], requires_grad=True)",
        "b = a * a",
        "c = torch.tensor([5.]); d = c * c",
        "assert a.is_leaf is True and b.is_leaf is False",
        "assert d.requires_grad is False and d.is_leaf is True  # sic!",
        "b.backward()",
    ):
        screen.enter(line)
    screen.enter(
        "b.grad",
        "warning: reading .grad of a tensor that is no leaf: it is kept only after",
        "  retain_grad()",
    )
    screen.enter("b.backward()", "      ^^^^^^^^^^^^", *freed)
    screen.enter("a.grad = None; b = a * a; b.retain_grad()")
    screen.enter("b.backward(retain_graph=True)")
    screen.enter("print(a.grad)  # prints tensor([6.])", "tensor([6.])")
    screen.enter("b.backward(retain_graph=True)")
    screen.enter(
        "print(a.grad)  # prints tensor([12.])",
        "tensor([12.])",
        "note: .grad is a sum over passes; a.grad = None begins anew",
    )
    screen.enter("b.backward(retain_graph=False)")
    screen.enter("a.grad", "tensor([18.])")
    screen.enter("b.backward()", "      ^^^^^^^^^^^^", *freed)
    screen.enter("b.grad", "tensor([3.])")
    screen.enter("from torch.autograd import grad")
    screen.enter("b = a * a * a")
    screen.enter("db_da = grad(b, a, create_graph=True)[0]")
    screen.enter("db_da", "tensor([27.], grad_fn=<AddBackward0>)")
    screen.enter("grad(db_da, a)[0].item()", "18.0")
    screen.leave()


def test_a_function_is_pasted(screen: Screen) -> None:
    pasted = "def f(x):\n    y = x^2\n\n    return y\nx = tensor(3.0)\nf(x)\n"
    screen.type(f"\x1b[200~{pasted}\x1b[201~")
    screen.until("....> f(x)", "....>")
    screen.type("\r")
    screen.until("....> f(x)", "....>", "tensor(9.)", "grad>")
    screen.enter("f'(2)", "4.0")
    screen.leave()


def test_ctrl_c_stops_a_loop_and_clears_a_line(screen: Screen) -> None:
    screen.enter("x = 1")
    screen.enter(":limits off")
    screen.type("while True:\r    x = x + 1\r\r")
    screen.until("....>     x = x + 1", "....>")
    time.sleep(0.3)
    screen.type("\x03")
    screen.until("^Cinterrupted", "grad>")
    screen.type("x +\x03")
    screen.until("grad> x +", "grad>")
    screen.enter("x > 1", "True")
    screen.leave()


def test_ctrl_c_stops_a_large_product(screen: Screen) -> None:
    screen.enter(":limits off")
    screen.enter("A = ones(2000, 2000)")
    screen.type("while True: B = A @ A @ A @ A\r\r")
    screen.until("....>")
    time.sleep(1.0)
    screen.type("\x03")
    screen.until("^Cinterrupted", "grad>")
    screen.enter("A.shape", "(2000, 2000)")
    screen.leave()


def test_a_method_is_completed_and_its_parameters_are_shown(screen: Screen) -> None:
    screen.enter("a = tensor([1, 2], requires_grad=True)")
    screen.type("a.backw\t")
    screen.until("grad> a.backward")
    screen.type("(")
    screen.foot("backward(gradient=None, retain_graph=None, create_graph=None, inputs=None)")
    screen.type("\x03")
    screen.leave()


def test_history_goes_on_in_the_next_session(tmp_path: Path, screen: Screen) -> None:
    screen.enter("x = 12345")
    screen.enter(" secret = 1")
    screen.leave()
    again = Screen(tmp_path)
    again.until("grad>")
    again.type("\x12234\r")  # Ctrl-R, and part of the line
    again.until("grad> x = 12345")
    again.type("\r")
    again.enter("x", "12345")
    again.leave()
    history = tmp_path / ".local" / "state" / "gradcli" / "history"
    assert history.read_text() == "x = 12345\nx\n"


def test_two_sessions_at_once_share_their_history(tmp_path: Path, screen: Screen) -> None:
    other = Screen(tmp_path)
    other.until("grad>")
    for k in range(3):
        screen.enter(f"x = {k}")
        other.enter(f"y = {k}")
    screen.leave()
    other.leave()
    again = Screen(tmp_path)
    again.until("grad>")
    again.enter(":history 7", "x = 0", "y = 0", "x = 1", "y = 1", "x = 2", "y = 2", ":history 7")
    again.leave()


def test_a_killed_session_keeps_what_was_typed(tmp_path: Path, screen: Screen) -> None:
    screen.enter("x = 12345")
    screen.type("y = 1")
    screen.child.kill(signal.SIGKILL)
    screen.child.close()
    again = Screen(tmp_path)
    again.until("grad>")
    again.type("\x1b[A")
    again.until("grad> x = 12345")
    again.type("\x03")
    again.leave()


def test_a_narrow_terminal(tmp_path: Path) -> None:
    narrow = Screen(tmp_path, columns=40, rows=24)
    narrow.until("grad>")
    narrow.type("x = 1 + 1 + 1 + 1 + 1 + 1 + 1 + unknown + 1 + 1 + 1\r")
    narrow.until("error: unknown name 'unknown'")
    narrow.until("1 | …1 + 1 + 1 + 1 + unknown + 1 + 1 …", "  |                  ^^^^^^^", "grad>")
    narrow.type("softmax(")
    narrow.foot("softmax(x, axis=-1)")
    narrow.type("\x03")
    narrow.leave()


def test_a_terminal_that_changes_its_size(screen: Screen) -> None:
    screen.enter("x = ones(40)")
    screen.foot("create_graph off")
    screen.resize(columns=40, rows=20)
    screen.foot("float64  retain_graph off  check off")
    screen.enter("x + unknown", "          ^^^^^^^", "error: unknown name 'unknown'")
    screen.leave()


def test_another_locale_and_bytes_that_are_no_text(tmp_path: Path) -> None:
    ascii_only = Screen(tmp_path, LANG="C", LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    ascii_only.until("grad>")
    ascii_only.type("π\r")
    ascii_only.until("3.141592653589793", "grad>")
    os.write(ascii_only.child.child_fd, b"\xff\r")
    ascii_only.until("      ^", r"error: unexpected character '\ufffd' (U+FFFD)", "grad>")
    ascii_only.enter("1 + 1", "2")
    ascii_only.leave()


def test_a_configuration_that_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('digits = 40\nkeys = "vi"\n')
    broken = Screen(tmp_path, columns=240, GRADCLI_CONFIG=str(path))
    broken.until(
        f"error: {path}: digits is auto or 1 to 17, not '40'",
        "gradcli 0.1.0; :help lists the commands, Ctrl-D leaves",
        "grad>",
    )
    broken.enter("1 + 1", "2")
    broken.leave()


@pytest.mark.parametrize("terminal", ["dumb", ""])
def test_a_plain_terminal(tmp_path: Path, terminal: str) -> None:
    plain = Screen(tmp_path, TERM=terminal)
    plain.until("grad>")
    plain.enter("x = 3")
    plain.enter("x^2", "9")
    plain.type("def f(x):\r")
    plain.until("grad> def f(x):", "....>")
    plain.type("    return x\r")
    plain.until("....>     return x", "....>")
    plain.type("\r")
    plain.until("....>", "grad>")
    plain.enter("f(4)", "4")
    plain.type("\x03")
    plain.until("grad> ^C", "grad>")
    plain.enter("x +", "error: a value is missing after '+'", "1 | x +", "  |    ^")
    plain.leave()


def test_no_home_and_a_history_that_cannot_be_written(tmp_path: Path) -> None:
    homeless = Screen(tmp_path / "nowhere")
    homeless.until("grad>")
    homeless.enter("1 + 1", "2")
    homeless.leave()
    assert not (tmp_path / "nowhere").exists()


def test_a_suspended_session_goes_on(tmp_path: Path) -> None:
    """Ctrl-Z gives the terminal back to the shell; fg draws the line that was begun."""
    shell = Screen(tmp_path, command=["sh", "-i"], PS1="$ ")
    shell.until("$")
    shell.type(f"{sys.executable} -m gradcli\r")
    shell.until("grad>")
    shell.enter("x = 3")
    shell.type("x^2 + 1")
    shell.until("grad> x^2 + 1")
    shell.type("\x1a")
    shell.until("$")
    shell.type("fg\r")
    shell.until("grad> x^2 + 1")
    shell.type("\r")
    shell.until("grad> x^2 + 1", "10", "grad>")
    shell.type("\x04")
    shell.until("$")
    shell.leave()
