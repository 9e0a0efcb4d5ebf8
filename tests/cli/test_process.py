"""Real processes: what they import, how they end, what a closed pipe, a signal or a terminal does.

The interpreter's start makes these slow, so each test starts as few processes as it can.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pexpect
import pytest

ROOT = Path(__file__).parent.parent.parent
COMMAND = [sys.executable, "-m", "gradcli"]
pytestmark = pytest.mark.slow


def environment(**variables: str) -> dict[str, str]:
    kept = {
        name: os.environ[name] for name in ("PATH", "HOME", "LD_LIBRARY_PATH") if name in os.environ
    }
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", **variables}


def gradcli(*arguments: str | bytes, **variables: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*COMMAND, *arguments],
        capture_output=True,
        env=environment(**variables),
        timeout=30,
        check=False,
    )


def ten(f: str, g: str) -> str:
    return f"{g}(x) = " + f"{f}(" * 10 + "x" + ")" * 10


# Millions of calls: runs until something stops it.
LONG = "; ".join(
    ["f(x) = sin(x)", *(ten(f, g) for f, g in zip("fghijk", "ghijkl", strict=True)), "l(l(x))"]
)


# ---- start-up -----------------------------------------------------------------------------------


def imported(*arguments: str) -> set[str]:
    """The modules that a command line imports."""
    program = (
        "import sys\n"
        "before = {*sys.modules}  # of the interpreter and its site\n"
        "import io, json, contextlib\n"
        "from gradcli.cli.main import run\n"
        "from gradcli.cli.system.environment import Environment\n"
        "out = io.TextIOWrapper(io.BytesIO(), 'utf-8')\n"
        "with contextlib.redirect_stdout(out):\n"
        "    run(sys.argv[1:], Environment(stdout=out, stderr=out))\n"
        "print(json.dumps(sorted({*sys.modules} - before)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        capture_output=True,
        env=environment(),
        timeout=30,
        check=True,
    )
    return set(json.loads(done.stdout))


HEAVY = {"sympy", "scipy", "mpmath", "prompt_toolkit", "matplotlib", "difflib"}
# Each of these takes a hundredth of the start, and most expressions do without them.
RARE = {"dataclasses", "numpy.fft", "numpy.random", "pathlib", "tempfile", "unicodedata"}
RARE_HERE = "engine.custom engine.inplace engine.series lang.calculus lang.printer views.diagnostic"
ROWS = {"arithmetic", "axes", "circular", "elementary", "linalg", "parameters", "reduction"}


def test_eval_imports_numpy_and_nothing_heavy() -> None:
    names = imported("eval", "sin(x^2)*exp(y)", "x=2", "y=0.5")
    assert "numpy" in names
    assert not names & HEAVY
    assert not names & (RARE | {f"gradcli.{name}" for name in RARE_HERE.split()})


def test_eval_imports_the_rows_that_it_uses() -> None:
    """`python scripts/homes.py` enters rows into the index by which they are found."""
    names = imported("eval", "sin(x^2)*exp(y)", "x=2", "y=0.5")
    rows = {name for name in names if name.startswith("gradcli.engine.ops.")}
    assert rows <= {f"gradcli.engine.ops.{name}" for name in (*ROWS, "table")}


def test_the_list_of_operations_needs_no_sympy() -> None:
    assert not imported("ops") & HEAVY


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["eval", "--help"]])
def test_help_imports_click_alone(arguments: list[str]) -> None:
    assert not imported(*arguments) & {*HEAVY, "numpy"}


# ---- how it ends --------------------------------------------------------------------------------


def test_a_result_and_an_error() -> None:
    good, bad = gradcli("eval", "x^2", "x=3"), gradcli("eval", "x +", "x=3")
    assert (good.returncode, good.stderr) == (0, b"")
    assert good.stdout.decode() == "value 9.0\n∂/∂x 6.0\n"
    assert (bad.returncode, bad.stdout) == (3, b"")
    assert bad.stderr.startswith(b"error: a value is missing after '+'\n")


@pytest.mark.parametrize("delay", [0.0, 0.2])
def test_ctrl_c_ends_an_evaluation_with_one_line(delay: float) -> None:
    process = subprocess.Popen(
        [*COMMAND, "eval", f"print(1); {LONG}", "x=1", "--trusted"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(PYTHONUNBUFFERED="1"),
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"1\n"  # so the evaluation has begun
    time.sleep(delay)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (130, b"", b"error: interrupted\n")


def test_the_wall_clock_ends_what_fuel_does_not() -> None:
    done = gradcli("eval", LONG, "x=1", "--trusted", "--limit", "seconds=1")
    assert done.returncode == 8
    assert b"more than 1 s of wall-clock time" in done.stderr


def test_a_reader_that_leaves() -> None:
    process = subprocess.Popen(
        [*COMMAND, "eval", "x*ones(30000)", "x=1", "--json", "--grad-output=1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    )
    assert process.stdout is not None and process.stderr is not None
    process.stdout.read(1)
    process.stdout.close()
    assert process.wait(timeout=10) == 141
    assert process.stderr.read() == b""
    process.stderr.close()


def test_a_reader_that_leaves_while_the_program_prints() -> None:
    text = f"say(x) = print('{'a' * 60_000}'); " + ten("say", "g") + "; g(1); g(1)"
    process = subprocess.Popen(
        [*COMMAND, "eval", text.replace("print(", "print(x, "), "--no-grad"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    )
    assert process.stdout is not None and process.stderr is not None
    process.stdout.read(1)
    process.stdout.close()
    assert process.wait(timeout=10) == 141
    assert process.stderr.read() == b""
    process.stderr.close()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk() -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*COMMAND, "eval", "x", "x=1"],
            stdout=full,
            stderr=subprocess.PIPE,
            env=environment(),
            check=False,
            timeout=30,
        )
    assert done.returncode == 7
    assert done.stderr == b"error: cannot write: No space left on device\n"


@pytest.mark.parametrize("command", ["eval x x=1", "ops sin", "--help", "eval -h", "--version"])
def test_a_closed_standard_output(command: str) -> None:
    done = in_shell(f"{sys.executable} -m gradcli {command} >&-; echo $?")
    assert done.stdout == b"7\n"
    assert done.stderr == b"error: cannot write: standard output is closed\n"


def test_messages_that_nobody_can_read_change_no_status() -> None:
    with Path("/dev/full").open("wb") as full:
        for arguments, status in ((("abs(x)", "x=0"), 0), (("x +", "x=0"), 3)):
            ended = subprocess.run(
                [*COMMAND, "eval", *arguments],
                stdout=subprocess.DEVNULL,
                stderr=full,
                env=environment(),
                timeout=30,
                check=False,
            )
            assert ended.returncode == status


def test_without_standard_streams() -> None:
    """Nothing to say is nothing to fail at, and errors may go nowhere."""
    silent = f"echo x=1 | {sys.executable} -m gradcli run - >&- 2>&-; echo $?"
    assert in_shell(silent).stdout == b"0\n"
    wrong = f"{sys.executable} -m gradcli eval 'y' <&- >&- 2>&-; echo $?"
    assert in_shell(wrong).stdout == b"4\n"


def in_shell(line: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        ["/bin/sh", "-c", line],
        capture_output=True,
        env=environment(),
        check=False,
        timeout=30,
    )


# ---- bytes and encodings ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "variables",
    [
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    ],
)
def test_a_locale_without_unicode(variables: dict[str, str]) -> None:
    done = gradcli("eval", "x + π - 'é'".encode(), "x=3", **variables)
    assert done.returncode == 4
    done = gradcli("eval", "π*x".encode(), "x=1", **variables)
    assert done.stdout == b"value 3.141592653589793\nd/dx 3.141592653589793\n"


def test_bytes_that_are_no_text() -> None:
    for arguments in ([b"x + \xff", b"x=1"], [b"x", b"x=\xff"]):
        done = gradcli("eval", *arguments)
        assert done.returncode == 3
        assert b"\\udcff" in done.stderr
    assert gradcli("eval", b"x", b"\xff=1").returncode == 2


# ---- a shell, a terminal ------------------------------------------------------------------------


def test_the_command_to_paste_runs_in_a_shell() -> None:
    """With every character that a shell would read otherwise."""
    text = "f\"it's {x} $HOME `id` \\\\ !\" if x*y > 0 else 'no'"
    first = gradcli("eval", text, "x=1")
    paste = first.stderr.decode().splitlines()[-1].partition("give values: ")[2]
    script = paste.replace("gradcli", f"{sys.executable} -m gradcli", 1)
    done = subprocess.run(
        ["/bin/sh", "-c", script], capture_output=True, env=environment(), check=False, timeout=30
    )
    assert done.returncode == 0
    assert b"it's tensor(1." in done.stdout
    assert b"$HOME `id`" in done.stdout


@pytest.mark.skipif(shutil.which("stty") is None, reason="no terminal here")
def test_a_terminal_shows_aligned_lines() -> None:
    child = pexpect.spawn(
        COMMAND[0],
        [*COMMAND[1:], "eval", "x*alpha", "x=2", "alpha=3"],
        env=environment(TERM="xterm", NO_COLOR="1"),
        encoding="utf-8",
        timeout=30,
    )
    shown = child.read().replace("\r\n", "\n")
    child.close()
    assert shown == "value     6.0\n∂/∂x      3.0\n∂/∂alpha  2.0\n"
    assert child.exitstatus == 0


def test_a_terminal_is_coloured_unless_it_is_dumb() -> None:
    for terminal, colored in (("xterm", True), ("dumb", False)):
        child = pexpect.spawn(
            COMMAND[0],
            [*COMMAND[1:], "eval", "x", "x=2"],
            env=environment(TERM=terminal),
            encoding="utf-8",
            timeout=30,
        )
        assert ("\x1b[1m" in child.read()) == colored
        child.close()


def test_a_narrow_terminal_has_the_methods_below_the_derivative() -> None:
    child = pexpect.spawn(
        COMMAND[0],
        [*COMMAND[1:], "check", "x^3", "x=2", "--color", "never"],
        env=environment(TERM="xterm"),
        encoding="utf-8",
        timeout=30,
        dimensions=(20, 40),
    )
    lines = child.read().split("\r\n")
    child.close()
    assert lines[:3] == ["at x=2", "value 8.0", "  mpmath-50 16, sympy 16, trusted 16"]
    assert lines[3] == "∂/∂x 12.0"
    assert max(map(len, lines[:-2])) <= 40


# ---- scripts and pipes --------------------------------------------------------------------------


def test_a_script_is_a_command(tmp_path: Path) -> None:
    """By its first line, as the system reads it: with options and a closed standard input, too."""
    path = tmp_path / "square"
    path.write_text(
        f"#!/usr/bin/env -S {' '.join(COMMAND)} run --echo\nx = 3\nx^2  #=> 9\nx / 0.0\n"
    )
    path.chmod(0o755)
    done = subprocess.run(
        [path, "--strict"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env=environment(),
        check=False,
        timeout=30,
    )
    assert (done.returncode, done.stdout) == (5, b"9\n")
    assert done.stderr.startswith(f"{path}:4:1: error: the value is inf".encode())


def test_a_pipe_answers_each_statement_at_once() -> None:
    process = subprocess.Popen(
        COMMAND,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    )
    assert process.stdin is not None and process.stdout is not None
    for line, answer in ((b"x = 3; x\n", b"3\n"), (b"(x +\n 1)\n", b"4\n"), (b"y\nans\n", b"4\n")):
        process.stdin.write(line)
        process.stdin.flush()
        assert process.stdout.readline() == answer
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (4, b"")
    assert err.startswith(b"<stdin>:4:1: error: unknown name 'y'")


@pytest.mark.parametrize("arguments", [["run", "-"], []])
def test_ctrl_c_ends_scripts_and_pipes(arguments: list[str]) -> None:
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(PYTHONUNBUFFERED="1"),
    )
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(
        f"print(1); {LONG.replace('(x)', '(1.0)')}\nprint(2)\n".replace(
            "(1.0) = ", "(x) = "
        ).encode()
    )
    process.stdin.close()
    assert process.stdout.readline() == b"1\n"
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=30) == 130
    assert process.stdout.read() == b""
    assert process.stderr is not None
    assert process.stderr.read() == b"error: interrupted\n"
    process.stdout.close()
    process.stderr.close()


@pytest.mark.parametrize("arguments", [["run", "--echo", "-"], []])
def test_a_reader_that_leaves_a_script(arguments: list[str]) -> None:
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    )
    assert process.stdin is not None and process.stdout is not None and process.stderr is not None
    process.stdout.close()
    process.stdin.write(b"1 + 1\n" * 5_000)  # a pipe holds as much
    process.stdin.close()
    assert process.wait(timeout=30) == 141
    assert process.stderr.read() == b""
    process.stderr.close()


def test_without_standard_input() -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", f"{' '.join(COMMAND)} <&-; echo $?; {' '.join(COMMAND)} run - <&-"],
        capture_output=True,
        env=environment(),
        check=False,
        timeout=30,
    )
    assert (done.stdout, done.stderr) == (b"0\n", b"")


def test_scripts_import_no_more_than_eval() -> None:
    heavy = {"sympy", "scipy", "mpmath", "prompt_toolkit", "matplotlib", "difflib", "tempfile"}
    for arguments in (["run", os.devnull], ["fmt", "x^2"]):
        assert not imported(*arguments) & heavy, arguments
