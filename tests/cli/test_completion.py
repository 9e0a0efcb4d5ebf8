"""Completion: what is offered, and what the shells that are here make of it."""

from __future__ import annotations

import os
import shutil
import sys
import time
from pathlib import Path

import pexpect
import pyte
import pytest

from gradcli.cli.system.shells import read_line

from .commands import gradcli

BREAKS = " \t\n\"'@><=;|&(:"
SHELLS = {
    "bash": (["--norc", "--noprofile", "-i"], 'eval "$(gradcli completion bash)"'),
    "zsh": (
        ["-f", "-i"],
        'autoload -Uz compinit; compinit -u; eval "$(gradcli completion zsh)"',
    ),
    "fish": (["--no-config", "-i"], "gradcli completion fish | source"),
}
# What is typed before Tab, and what the line is afterwards, with a Z to show the cursor.
TYPED = {
    "ev": "eval Z",
    "eval x --gr": "eval x --grad-output Z",
    "eval x --format=te": "eval x --format=text Z",
    "eval x --dtype c": "eval x --dtype complex128 Z",
    "eval 'side*rate' s": "eval 'side*rate' side=Z",
    "eval 'side*rate' side=2 r": "eval 'side*rate' side=2 rate=Z",
    "eval 'side' side=@we": "eval 'side' side=@weights.npy Z",
    "eval 'side' side=@da": "eval 'side' side=@data/Z",
    "eval 'side' --wrt s": "eval 'side' --wrt side Z",
    "eval x -o wi": "eval x -o wide.grad Z",
    "run wi": "run wide.grad Z",
    "ops logsumex": "ops logsumexp Z",
    "export 'side*2' s": "export 'side*2' side Z",
}
SECONDS = 30


class Shell:
    """A shell on a terminal, and its screen."""

    def __init__(self, name: str, home: Path) -> None:
        arguments, setup = SHELLS[name]
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        self.screen = pyte.Screen(100, 30)
        self.stream = pyte.Stream(self.screen)
        self.child = pexpect.spawn(
            str(shutil.which(name)),
            arguments,
            encoding="utf-8",
            dimensions=(30, 100),
            cwd=home,
            env={"PATH": path, "HOME": str(home), "TERM": "xterm", "LANG": "C.UTF-8"},
        )
        self.child.send(f"{setup}; echo rea''dy\r")
        self.wait("ready")
        self.child.send("clear\r")

    def wait(self, expected: str) -> str:
        """Until a line of the screen ends so; else its last line."""
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            try:
                said = self.child.read_nonblocking(4096, 0.2)
            except pexpect.TIMEOUT:
                said = ""
            self.stream.feed(said)
            if "\x1b[6n" in said:  # it asks where the cursor is
                self.child.send("\x1b[1;1R")
            if any(line.rstrip().endswith(expected) for line in self.screen.display):
                return expected
        return "\n".join(line.rstrip() for line in self.screen.display if line.strip())


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in SHELLS if shutil.which(name)])
def test_in_a_real_shell(name: str, tmp_path: Path) -> None:
    for file in ("weights.npy", "wide.grad", "data/x.csv"):
        path = tmp_path / file
        path.parent.mkdir(exist_ok=True)
        path.touch()
    shell = Shell(name, tmp_path)
    for typed, expected in TYPED.items():
        shell.child.send(f"gradcli {typed}\tZ")
        assert shell.wait(f"gradcli {expected}") == f"gradcli {expected}"
        shell.child.send("\x15")  # Ctrl-U: the line is not run
    shell.child.close(force=True)


def offered(line: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setenv("COMP_LINE", line)
    monkeypatch.setenv("COMP_BREAKS", BREAKS)
    found = gradcli(_GRADCLI_COMPLETE="bash_complete")
    assert found.status == 0
    return [answer.partition(",")[2] for answer in found.stdout.splitlines()]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("gradcli p", ["plot"]),
        ("gradcli eval --retain", ["--retain-graph"]),
        ("gradcli ops log_si", ["log_sigmoid"]),
        ("gradcli eval 'x*y' x=2 ", ["y="]),
        ("gradcli eval 'sin(x)*logsumex", ["sin(x)*logsumexp"]),
        ("gradcli eval sin(x)*logsumex", ["x)*logsumexp"]),
        ("gradcli eval 'x' x='1 + logsumex", ["1 + logsumexp"]),
        ("gradcli plot x -f ", ["terminal", "svg", "png", "pdf", "json"]),
        ("gradcli completion ", ["bash", "zsh", "fish"]),
        ("gradcli diff 'q*r' ", ["q", "r"]),
        ("gradcli eval x --nosuch", []),
        ("gradcli nosuch ", []),
    ],
)
def test_what_is_offered(line: str, expected: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert offered(line, monkeypatch) == expected


@pytest.mark.parametrize(
    ("line", "words", "word", "hidden"),
    [
        ("a b", ["a"], "b", ""),
        ("a b ", ["a", "b"], "", ""),
        ("a 'b c", ["a"], "b c", ""),
        ("a x='b c", ["a"], "x=b c", "x="),
        ("a x=@b", ["a"], "x=@b", "x="),
        ("a x=b", ["a"], "x=b", "x="),
        (r"a b\ c", ["a"], "b c", ""),
        ("a '' ", ["a", ""], "", ""),
        ('a "b(c', ["a"], "b(c", ""),
    ],
)
def test_how_a_line_is_read(line: str, words: list[str], word: str, hidden: str) -> None:
    assert read_line(line, BREAKS) == (words, word, hidden)
