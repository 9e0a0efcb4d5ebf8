"""Command lines that are wrong: what is said of them, and how it fits a narrow terminal."""

from __future__ import annotations

import re
import sys

import pexpect
import pytest

from gradcli.cli.main import VERBS

from .commands import gradcli


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["eval"], "EXPR is missing\nhint: such as gradcli eval 'sin(x^2)*exp(y)' x=2 y=0.5"),
        (["run"], "FILE is missing\nhint: such as gradcli run "),
        (["completion"], "bash|zsh|fish is missing"),
        (["help"], "gradcli --help lists the verbs"),
        (["evl", "x"], "did you mean eval ?"),
        (["x^2", "x=3"], "to evaluate: gradcli eval 'x^2' x=3"),
        (["--verbose"], "--verbose goes with --version"),
        (["eval", "x", "x=@"], "@ stands before the name of a file"),
        (["export", "x*y", "x"], "declare it: gradcli export 'x*y' x y"),
        (["explain", "5"], "give values, such as x=2"),
    ],
)
def test_what_is_said(arguments: list[str], said: str) -> None:
    found = gradcli(*arguments)
    assert found.status
    assert found.stdout == ""
    assert said in found.stderr


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert gradcli(verb, "--help").status == 0
    shown = capsys.readouterr().out  # click writes it
    assert shown.startswith(f"Usage: gradcli {verb} ")
    assert all(len(line) <= 100 for line in shown.splitlines())


@pytest.mark.slow
def test_an_error_fits_a_narrow_terminal() -> None:
    text = "exp(x)*sin(x)*cos(x)*exp(x)*sin(x)*sinn(x)*exp(x)*sin(x)*cos(x)*sin(x)"
    child = pexpect.spawn(
        sys.executable,
        ["-m", "gradcli", "eval", text, "x=2"],
        dimensions=(24, 40),
        encoding="utf-8",
        timeout=60,
    )
    child.expect(pexpect.EOF)
    lines = re.sub(r"\x1b\[\d*m", "", child.before or "").splitlines()
    (at,) = [k for k, line in enumerate(lines) if "sinn(x)" in line]
    assert len(lines[at]) <= 40
    assert lines[at].index("sinn") == lines[at + 1].index("^^^^")


def test_version() -> None:
    shown = gradcli("--version", "--verbose").stdout.splitlines()
    assert shown[0] == gradcli("--version").stdout.strip()
    named = {line.split()[0] for line in shown[1:]}
    assert named >= {"python", "platform", "numpy", "scipy", "sympy", "click", "matplotlib"}
