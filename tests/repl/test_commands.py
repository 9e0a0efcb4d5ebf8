"""Meta-commands, settings, places and what the prompt says, by lines of a stream."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gradcli.errors import Status
from gradcli.repl.meta import COMMANDS

from ..cli.commands import gradcli
from .prompting import ENTER, Typing, piped

LEAF = "a = tensor(2, requires_grad=True)\n"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"{LEAF}:help a.backward", "backward(gradient=None, retain_graph=None, create_graph=None, "
         "inputs=None)\nadd the gradients of what it depends on to their .grad\n"),
        (":help autograd", "autograd\ngradients of tensors by tensors\nnames: grad, backward\n"),
        (":help :time", ":time EXPR\nRun it, and say how long it takes.\n"),
        (":help snh", "error: unknown name 'snh'\nhint: did you mean sinh ?\n"),
        ("f(x, y) = x*y\n:help f", "f(x, y)\n"),
        (":vars", "no variables\n"),
        (f"{LEAF}y = a^3\nf(x) = x\n:vars",
         "a  float64   ()  leaf            2.0\nf  function                      f(x)\n"
         "y  float64   ()  <PowBackward0>  8.0\n"),
        ("x = 1\ny = 2\n:reset x\n:vars", "y  integer      2\n"),
        ("x = 1\n:reset\n:v", "no variables\n"),
        (":reset x", "error: there is no variable 'x'\n"),
        (":set digits 3\npi", "3.14\n"),
        (":set digits", "digits is auto; it may be auto, 1 to 17\n"),
        (":set digits 40", "error: digits is auto or 1 to 17, not '40'\n"),
        (":set digit 4", "error: there is no setting 'digit'\nhint: did you mean digits ?\n"),
        (":set dtype float32\ntensor(1)", "tensor(1.)\n"),
        ("tensor(1, dtype=float32)", "tensor(1., dtype=float32)\n"),
        (":set strict on\n1/0.0", "error: the value is inf: divide by zero in 1/0.0\n1 | 1/0.0\n"
         "  | ^^^^^\nhint: without :set strict on this is a warning\n"),
        (":limits steps=10\nsum(sin(ones(100000)))", "error: more than 10 steps of work\n"
         "1 | sum(sin(ones(100000)))\n  |         ^^^^^^^^^^^^\n"
         "hint: raise it with :limits steps=N\n"),
        (":limits steps=x", "error: the limit 'steps=x' is not of the form NAME=N\n"
         "hint: such as steps=1e8\n"),
        (":nope", "error: there is no command ':nope'\nhint: :help lists them\n"),
        (":histroy", "error: there is no command ':histroy'\nhint: did you mean :history ?\n"),
        (":r", ""), (":q\n1", ""), ("quit\n1", ""), ("exit()\n1", ""),
        ("quit = 3\nquit", "3\n"),
        (":check", "error: check which expression?\nhint: such as :check sin(a)^2\n"),
        (":check 1 + 1", "error: there is no derivative: it is an integer that depends on "
         "no leaf\nhint: such as a = tensor(2, requires_grad=True)\n"),
        (":plot", "error: plot what, and where?\nhint: such as :plot sin(x)^2 x=-3:3\n"),
        (":plot sinn(x) x=0:1", "error: unknown name 'sinn'\n1 | sinn(x)\n  | ^^^^\n"
         "hint: did you mean sin ?\n"),
        (":plot x x=1:0", "error: range of x: 1 is not below 0\n"),
        (f"{LEAF}:check a^2", "value  4.0\n∂/∂a   4.0\n"
         "check  sympy and mpmath-50 agree to 16 digits\n"),
        (f"{LEAF}y = a^2\n:graph y*a\na.grad\ny.backward()\na.grad", "*  = 8.0  adjoint 1.0  "
         "<MulBackward0>\n├─ y  = 4.0  adjoint 2.0  <PowBackward0>\n└─ a  = 2.0  adjoint 12.0\n"
         "tensor(4.)\n"),
        (f"{LEAF}y = a^2\n:check y*a", "value  8.0\n∂/∂a   12.0\n"
         "check  skipped (part of the calculation was not recorded)\n"
         "note: prove the whole formula, or :set check on before its parts are computed\n"),
        (f"{LEAF}:set check on\ny = a^2\nz = 3", "check: sympy and mpmath-50 agree to 16 digits\n"),
        ("x = [1,\n2]\nx", "[1, 2]\n"),
        ("for i in range(2):\n    print(i)\n\n    print(-i)\n:vars",
         "0\n0\n1\n-1\ni  integer      1\n"),
        (":edit", "error: there is no terminal to edit on\n"),
        (":save", "error: save it to which file?\nhint: such as :save session.grad\n"),
        (":load nowhere.grad", "error: cannot read 'nowhere.grad': No such file or directory\n"),
    ],
)  # fmt: skip
def test_commands(text: str, shown: str) -> None:
    assert piped(f"{text}\n")[0] == shown


@pytest.mark.parametrize("name", ["asin", "relu", "solve", "softplus"])
def test_help_of_an_operation_is_what_ops_tells(name: str) -> None:
    assert piped(f":help {name}\n")[0] == gradcli("ops", name).stdout


def test_every_command_has_help_and_is_listed() -> None:
    shown, _ = piped(":help\n")
    for command in COMMANDS.values():
        assert f"{command.usage} " in shown
        assert command.help.endswith(".")


def test_time_says_how_long_it_takes() -> None:
    shown, console = piped(f"{LEAF}:time sin(a)\n:time x = 3\n:time 1 +\n")
    lines = shown.splitlines()
    assert lines[0].startswith("tensor(0.909")
    assert re.fullmatch(r"[\d.]+ (µs|ms), the median of \d+", lines[1])
    assert re.fullmatch(r"[\d.]+ (µs|ms)", lines[2])  # what changes something runs once
    assert lines[3].startswith("error: ")
    assert console.session.variables["x"] == 3


def test_history_lists_what_was_typed(tmp_path: Path) -> None:
    file = tmp_path / "history"
    file.write_text("old = 1\nf(\\n3)\n")
    typing = Typing(file)
    keys = f"1{ENTER} 2{ENTER}:history{ENTER}:history 1{ENTER}:history old{ENTER}"
    shown = typing(keys).splitlines()
    assert shown == [
        *("1", "2"),
        *("old = 1", "f(", "3)", "1", ":history"),
        ":history 1",
        *("old = 1", ":history old"),
    ]


# ---- what backward() does when it is not told ---------------------------------------------------


def test_retain_graph_and_create_graph_are_what_backward_does_when_it_is_not_told() -> None:
    text = f"""{LEAF}y = a^3
:set retain_graph on
y.backward()
y.backward()
a.grad
y.backward(retain_graph=False)
y.backward()
:set create_graph on
z = a^3
a.grad = None
z.backward()
a.grad
"""
    shown = piped(text)[0].splitlines()
    assert shown[0] == "tensor(24.)"
    assert shown[1] == "note: .grad is a sum over passes; a.grad = None begins anew"
    assert shown[2].startswith("error: backward a second time")
    assert shown[-1] == "tensor(12., grad_fn=<MulBackward0>)"


@pytest.mark.parametrize(
    ("text", "noted"),
    [
        ("y = a^2; y.backward(); a.grad", 0),
        ("y = a^2; y.backward(); y = a^2; y.backward()\na.grad\na.grad", 1),
        ("y = a^2; y.backward(); a.grad = None; y = a^2; y.backward(); a.grad", 0),
        ("y = a^2; y.backward(); a.grad.zero_(); y = a^2; y.backward(); a.grad", 0),
        ("for k in range(2):\n    y = a^2\n    y.backward()\na.grad", 1),
    ],
)
def test_accumulation_is_said_once(text: str, noted: int) -> None:
    assert piped(f"{LEAF}{text}\n")[0].count("note: .grad is a sum over passes") == noted


# ---- files --------------------------------------------------------------------------------------


def test_a_saved_session_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "session.grad"
    text = f"""{LEAF}:set retain_graph on
y = a^3
1 +
y.backward(); y.backward()
def f(x):
    return x^2

print(a.grad, f(3))
:save {path}
"""
    shown, _ = piped(text)
    assert shown.endswith(f"tensor(24.) 9\nnote: 6 statements in {path}\n")
    outcome = gradcli("run", str(path))
    assert (outcome.status, outcome.stdout) == (Status.DONE, "tensor(24.) 9\n")
    again, _ = piped(f":load {path}\na.grad\nf(4)\n")
    assert (
        again == "tensor(24.) 9\ntensor(24.)\nnote: .grad is a sum over passes; a.grad = None "
        "begins anew\n16\n"
    )


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("y.backward()", "y.backward(retain_graph=True, create_graph=True)"),
        ("y.backward(create_graph=False)", "y.backward(create_graph=False, retain_graph=True)"),
        ("y.backward([1, 2], False)", "y.backward([1, 2], False, create_graph=True)"),
        (
            "autograd.backward(y, 2)",
            "autograd.backward(y, 2, retain_graph=True, create_graph=True)",
        ),
        ("sum(y).backward(f(1))", "sum(y).backward(f(1), retain_graph=True, create_graph=True)"),
        ("g = y.backward", "g = y.backward"),
        ("'backward()'", "'backward()'"),
    ],
)
def test_saved_statements_say_what_the_settings_said(typed: str, told: str) -> None:
    from gradcli.repl import saving
    from gradcli.repl.settings import Settings

    settings = Settings()
    settings.change("retain_graph", "on", "test")
    settings.change("create_graph", "on", "test")
    assert saving.told(typed, settings) == told


CONFIG = "digits = 3\nretain_graph = true\n[limits]\nsteps = 1e6\n"


def test_config_and_init(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(CONFIG)
    (tmp_path / "init.grad").write_text("g = 9.81\nprint('hello')\n")
    shown, _ = piped(":set check on\n:config\ng\npi\n", GRADCLI_CONFIG=str(path))
    rows = [line.split() for line in shown.splitlines()]
    assert rows[0] == ["hello"]
    assert ["digits", "3", str(path)] in rows
    assert ["retain_graph", "on", str(path)] in rows
    assert ["check", "on", ":set"] in rows
    assert ["dtype", "float64", "default"] in rows
    assert ["limits.steps", "1,000,000", str(path)] in rows
    assert shown.endswith("\n9.81\n3.14\n")


@pytest.mark.parametrize(
    ("config", "init", "said"),
    [
        ("digits = 40", "", "config.toml: digits is auto or 1 to 17, not '40'"),
        ("digit = 4", "", "config.toml: there is no setting 'digit'\nhint: did you mean digits ?"),
        ("digits", "", "config.toml: "),
        ("limits = 3", "", "config.toml: limits is a table"),
        ("[limits]\nfoo = 3", "", "config.toml: there is no limit 'foo'"),
        ("", "1 +", "init.grad:1:4"),
        ("", "x = 1\nx/'a'", "init.grad:2:1"),
    ],
)
def test_what_is_wrong_with_the_files_is_said_and_the_session_goes_on(
    tmp_path: Path, config: str, init: str, said: str
) -> None:
    path = tmp_path / "config.toml"
    path.write_text(config)
    path.with_name("init.grad").write_text(init)
    shown, _ = piped("1 + 1\n", GRADCLI_CONFIG=str(path))
    assert said in shown
    assert shown.endswith("\n2\n")


def test_the_status_of_a_pipe_is_that_of_its_first_error() -> None:
    assert piped("1\n")[1].status == Status.DONE
    assert piped("1 +\nunknown\n")[1].status == Status.SYNTAX


def test_a_plot_reads_the_variables_and_leaves_them() -> None:
    shown, _ = piped("a = 2\nf(t) = abs(t)*a\n:plot f(t) t=-1:1\n:vars\n")
    assert "── f(t)\n◆  kink at t = 0\n" in shown
    assert shown.endswith("a  integer       2\nf  function      f(t)\n")
