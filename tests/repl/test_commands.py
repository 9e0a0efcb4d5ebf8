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
        (
            f"{LEAF}:help a.backward",
            "backward(gradient=None, retain_graph=None, create_graph=None, "
            "inputs=None)\nadd the gradients of what it depends on to their .grad\n",
        ),
        (":help autograd", "autograd\ngradients of tensors by tensors\nnames: grad, backward\n"),
        (":help :time", ":time EXPR\nRun it, and say how long it takes.\n"),
        (":help snh", "error: unknown name 'snh'\nhint: did you mean sinh ?\n"),
        ("f(x, y) = x*y\n:help f", "f(x, y)\n"),
        (":vars", "no variables\n"),
        (
            f"{LEAF}y = a^3\nf(x) = x\n:vars",
            "a  float64   ()  leaf            2.0\nf  function                      f(x)\n"
            "y  float64   ()  <PowBackward0>  8.0\n",
        ),
        ("x = 1\ny = 2\n:reset x\n:vars", "y  integer      2\n"),
        ("x = 1\n:reset\n:v", "no variables\n"),
        ("x = 1\n:reset x x\n:v", "no variables\n"),
        ("import torch\n:reset\ntensor(1.5, dtype=float32)", "tensor(1.5, dtype=float32)\n"),
        (":set dtype float32\n:reset\ntensor(1)", "tensor(1.)\n"),
        (":reset x", "error: there is no variable 'x'\n"),
        (":set digits 3\npi", "3.14\n"),
        (":set digits", "digits is auto; it may be auto, 1 to 17\n"),
        (":set digits 40", "error: digits is auto or 1 to 17, not '40'\n"),
        (":set digit 4", "error: there is no setting 'digit'\nhint: did you mean digits ?\n"),
        (":set dtype float32\ntensor(1)", "tensor(1.)\n"),
        ("tensor(1, dtype=float32)", "tensor(1., dtype=float32)\n"),
        (
            "import torch\na = torch.tensor([1.5], requires_grad=True)\na",
            "tensor([1.5000], requires_grad=True)\n",
        ),
        (
            f"{LEAF}y = a*a\ny.backward(create_graph=True)",
            "warning: backward(create_graph=True) "
            "ties .grad and the graph into a cycle; autograd.grad does not\n"
            "1 | y.backward(create_graph=True)\n  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n",
        ),
        (
            ":set strict on\n1/0.0",
            "error: the value is inf: divide by zero in 1/0.0\n1 | 1/0.0\n"
            "  | ^^^^^\nhint: without :set strict on this is a warning\n",
        ),
        (
            ":limits steps=10\nsum(sin(ones(100000)))",
            "error: more than 10 steps of work\n"
            "1 | sum(sin(ones(100000)))\n  |         ^^^^^^^^^^^^\n"
            "hint: raise it with :limits steps=N\n",
        ),
        (
            ":limits steps=x",
            "error: the limit 'steps=x' is not of the form NAME=N\nhint: such as steps=1e8\n",
        ),
        (":nope", "error: there is no command ':nope'\nhint: :help lists them\n"),
        (":histroy", "error: there is no command ':histroy'\nhint: did you mean :history ?\n"),
        (":r", ""),
        (":q\n1", ""),
        ("quit\n1", ""),
        ("exit()\n1", ""),
        ("quit = 3\nquit", "3\n"),
        (":check", "error: check which expression?\nhint: such as :check sin(a)^2\n"),
        (
            ":check 1 + 1",
            "error: there is no derivative: it is an integer that depends on "
            "no leaf\nhint: such as a = tensor(2, requires_grad=True)\n",
        ),
        (":plot", "error: plot what, and where?\nhint: such as :plot sin(x)^2 x=-3:3\n"),
        (
            ":plot sinn(x) x=0:1",
            "error: unknown name 'sinn'\n1 | sinn(x)\n  | ^^^^\nhint: did you mean sin ?\n",
        ),
        (":plot x x=1:0", "error: range of x: 1 is not below 0\n"),
        (
            f"{LEAF}:check a^2",
            "value  4.0\n∂/∂a   4.0\ncheck  sympy and mpmath-50 agree to 16 digits\n",
        ),
        (
            f"{LEAF}y = a^2\n:graph y*a\na.grad\ny.backward()\na.grad",
            "*  = 8.0  adjoint 1.0  "
            "<MulBackward0>\n├─ y = ^2  = 4.0  adjoint 2.0  <PowBackward0>\n"
            "│  └─ a  = 2.0  adjoint 12.0\n└─ a  = 2.0  adjoint 12.0\ntensor(4.)\n",
        ),
        (
            f"{LEAF}y = a^2\n:check y*a",
            "value  8.0\n∂/∂a   12.0\ncheck  sympy and mpmath-50 agree to 16 digits\n",
        ),
        (f"{LEAF}:set check on\ny = a^2\nz = 3", "check: sympy and mpmath-50 agree to 16 digits\n"),
        ("x = [1,\n2]\nx", "[1, 2]\n"),
        (
            "for i in range(2):\n    print(i)\n\n    print(-i)\n:vars",
            "0\n0\n1\n-1\ni  integer      1\n",
        ),
        (":edit", "error: there is no terminal to edit on\n"),
        (":save", "error: save it to which file?\nhint: such as :save session.grad\n"),
        (":load nowhere.grad", "error: cannot read 'nowhere.grad': No such file or directory\n"),
    ],
)
def test_commands(text: str, shown: str) -> None:
    assert piped(f"{text}\n")[0] == shown


# What each command answers on a terminal: asked right, by a beginning of its name, asked wrong.
TYPED: dict[str, list[tuple[str, str]]] = {
    "help": [
        (
            ":help :reset",
            ":reset [NAME...]\nForget all variables and imports, or the variables named.\n",
        ),
        (
            ":h export",
            ":export EXPR [--to LANGUAGE] [--hessian] [--name NAME] [-o FILE]\n"
            "Value and derivatives as a function in Python, numpy, torch, jax, C or LaTeX.\n",
        ),
        (":help snh", "error: unknown name 'snh'\nhint: did you mean sinh ?\n"),
        (":help a.b", "error: unknown name 'a'\n"),
        (f"{LEAF}:help a.bakward", "error: 'a' has no 'bakward'\nhint: did you mean backward ?\n"),
    ],
    "vars": [
        ("x = 1\n:vars", "x  integer      1\n"),
        (":v", "no variables\n"),
        (":vars x", "error: :vars stands alone\n"),
    ],
    "history": [
        ("1\n:history", "1\n1\n:history\n"),
        ("1\n2\n:his 2", "1\n2\n2\n:his 2\n"),
        ("x1 = 1\ny1 = 2\n:history x1", "x1 = 1\n:history x1\n"),
        (":history nothing", ":history nothing\n"),
    ],
    "config": [
        (
            ":set digits 3\n:config",
            "dtype         float64  default\ndigits        3        :set\n"
            "retain_graph  off      default\ncreate_graph  off      default\n"
            "check         off      default\nstrict        off      default\n"
            "color         auto     default\nkeys          emacs    default\n",
        ),
        (":con file", "error: :config stands alone\n"),
    ],
    "set": [
        (":set retain_graph on\n:set retain_graph", "retain_graph is on; it may be off, on\n"),
        (
            f":set create_graph=on\n{LEAF}y = a^3; y.backward()\na.grad",
            "warning: backward(create_graph=True) ties .grad and the graph into a cycle;\n"
            "  autograd.grad does not\ntensor(12., grad_fn=<MulBackward0>)\n",
        ),
        (":s dtype float32\ntensor(1)", "tensor(1.)\n"),
        (":set digits 3\npi", "3.14\n"),
        (
            f":set check on\n{LEAF}a^2",
            "tensor(4., grad_fn=<PowBackward0>)\ncheck: sympy and mpmath-50 agree to 16 digits\n",
        ),
        (
            ":set color always\nx +",
            "         \x1b[31m^\x1b[0m\n"
            "\x1b[31m\x1b[1merror\x1b[0m: a value is missing after '+'\n",
        ),
        (":set keys vi\n:set keys", "keys is vi; it may be emacs, vi\n"),
        (
            ":set strict on\n1/0.0",
            "      ^^^^^\nerror: the value is inf: divide by zero in 1/0.0\n"
            "hint: without :set strict on this is a warning\n",
        ),
        (":set colour never", "error: there is no setting 'colour'\nhint: did you mean color ?\n"),
        (":set dtype float16", "error: dtype is float64 or float32 or complex128, not 'float16'\n"),
        (":set digits 3 4", "error: a setting has one value: :set digits 3\n"),
    ],
    "limits": [
        (
            ":limits steps=10\nsum(sin(ones(100000)))",
            "              ^^^^^^^^^^^^\n"
            "error: more than 10 steps of work\nhint: raise it with :limits steps=N\n",
        ),
        (":limits step=10", "error: there is no limit 'step'\nhint: did you mean steps ?\n"),
        (
            ":lim off\n:lim on\n:lim x",
            "error: the limit 'x' is not of the form NAME=N\nhint: such as steps=1e8\n",
        ),
    ],
    "reset": [
        ("x = 1\ny = 2\n:reset x\nx", "      ^\nerror: unknown name 'x'\n"),
        ("x = 1\n:res\n:vars", "no variables\n"),
        (
            "rate = 1\n:reset rote",
            "error: there is no variable 'rote'\nhint: did you mean rate ?\n",
        ),
    ],
    "quit": [(":quit\n1", ""), (":q\n1", ""), (":quit now\n1", "error: :quit stands alone\n1\n")],
    "save": [
        (":save session.grad", "note: 0 statements in session.grad\n"),
        ("x = 1\n:sa x.grad", "note: 1 statement in x.grad\n"),
        (":save", "error: save it to which file?\nhint: such as :save session.grad\n"),
        (":save no/x", "error: cannot write 'no/x': No such file or directory\n"),
    ],
    "load": [
        ("x = 7\n:save x.grad\n:reset\n:load x.grad\nx", "note: 1 statement in x.grad\n7\n"),
        (":l", "error: load which file?\nhint: such as :load session.grad\n"),
        (":load none", "error: cannot read 'none': No such file or directory\n"),
    ],
    "edit": [
        (":edit", "error: there is no terminal to edit on\n"),
        (":e x.grad", "error: there is no terminal to edit on\n"),
    ],
    "check": [
        (
            f"{LEAF}:check a^2",
            "value  4.0\n∂/∂a   4.0\ncheck  sympy and mpmath-50 agree to 16 digits\n",
        ),
        (
            f"{LEAF}y = a^2\ny = y*a\n:c y",
            "value  8.0\n∂/∂a   12.0\ncheck  sympy and mpmath-50 agree to 16 digits\n",
        ),
        (":check", "error: check which expression?\nhint: such as :check sin(a)^2\n"),
        (":check x", "             ^\nerror: unknown name 'x'\n"),
    ],
    "graph": [
        (f"{LEAF}:graph a^2", "^2  = 4.0  adjoint 1.0  <PowBackward0>\n└─ a  = 2.0  adjoint 4.0\n"),
        (
            f"{LEAF}y = a^2; y.backward()\n:gr y",
            "y = ^2  = 4.0  <PowBackward0> freed\n"
            "└─ a  = 2.0\nnote: backward() has dropped what the derivatives need; "
            ":set retain_graph on\n  keeps it\n",
        ),
        (
            f"{LEAF}:graph a^2 -f mermaid -o graph.md\n:load graph.md",
            "error: an operator is missing between 'flowchart' and 'TD'\n  graph.md:1:11\n"
            "1 | flowchart TD\n  |           ^^\n"
            "hint: write flowchart(TD) to call, or flowchart*TD to multiply\n",
        ),
        (":graph", "error: the graph of which expression?\nhint: such as :graph sin(a)^2\n"),
        (
            f"{LEAF}:graph a^2 -f gif",
            "error: -f is tree, dot, mermaid, svg, png or pdf, not 'gif'\n",
        ),
        (
            f"{LEAF}:graph a^2 -o graph.svg\n:load graph.svg",
            "error: a value is missing before '<'\n  graph.svg:1:1\n"
            '1 | <?xml version="1.0" encoding="UTF-8"…\n  | ^\n',
        ),
        (
            f"{LEAF}:graph a^2 -f png",
            "error: a picture is nothing for a terminal\nhint: write it to a file: -o FILE\n",
        ),
    ],
    "explain": [
        (
            f"{LEAF}y = a^2\n:explain sin(y)",
            "forward\n  a  = 2.0\n  y  = a^2 = 2.0^2 = 4.0\n"
            "  v1 = sin(y) = sin(4.0) = -0.7568024953079282\nbackward\n  ∂v1 = 1.0\n"
            "  ∂y  = ∂v1 * cos(y) = 1.0 * cos(4.0) = -0.6536436208636119\n"
            "  ∂a  = ∂y * (2*a) = (-0.6536436208636119) * (2*2.0) = -2.6145744834544478\n",
        ),
        (
            f"{LEAF}:expl a^2 --tangents",
            "forward\n  a  = 2.0\n  v1 = a^2 = 2.0^2 = 4.0\n"
            "tangents by a\n  da  = 1.0\n  dv1 = da * (2*a) = 1.0 * (2*2.0) = 4.0\n",
        ),
        (":explain", "error: explain which expression?\nhint: such as :explain sin(a)^2\n"),
        (
            ":explain 3",
            "error: there is no derivative: it is an integer that depends on no leaf\n"
            "hint: such as a = tensor(2, requires_grad=True)\n",
        ),
    ],
    "plot": [
        (":plot", "error: plot what, and where?\nhint: such as :plot sin(x)^2 x=-3:3\n"),
        (
            ":p sinn(x) x=0:1",
            "error: unknown name 'sinn'\n1 | sinn(x)\n  | ^^^^\nhint: did you mean sin ?\n",
        ),
        (":plot x x=1:0", "error: range of x: 1 is not below 0\n"),
        (":plot x x=0:1 --derivatives 4", "error: --derivatives is 0, 1, 2 or 3, not '4'\n"),
        (":plot x^2 x=0:1 --derivatives 1 --tangent 0.5 -o plot.txt", ""),
    ],
    "time": [
        (":time", "error: time which expression?\nhint: such as :time sin(a)^2\n"),
        (":t 1 +", "            ^\nerror: a value is missing after '+'\n"),
    ],
    "formula": [
        (
            f"{LEAF}y = sin(a^2)*exp(a)\ny.backward()\n:formula y",
            "exp(a) * (sin(a^2) + 2 * a * cos(a^2))\n",
        ),
        (":f sin(q^2)*r", "∂/∂q 2 * q * r * cos(q^2)\n∂/∂r sin(q^2)\n"),
        ("x = 3\n:formula x^3 --order 2\nx", "6 * x\n3\n"),
        (
            "import torch\nA = torch.tensor([[1.0, 2.0], [3.0, 1.0]])\n"
            "w = torch.tensor([1.0, 2.0], requires_grad=True)\n:formula (A @ w).sum()",
            "[4, 3]\n",
        ),
        (
            "import torch\nn = torch.nn.Linear(2, 1)\n:formula n(torch.ones(1, 2)).sum()",
            "error: it depends on n.weight, n.bias alone, which no formula can name\n"
            "hint: :check shows the gradients\n",
        ),
        ("f(t, k=2) = t^3*k\n:formula f\n:vars", "6 * t^2\nf  function      f(t, k=2)\n"),
        (":formula x*y --wrt y -f latex", "x\n"),
        (":formula x", "error: there is no derivative: it is a leaf itself\n"),
        (
            ":formula x^2 --wrt z",
            "error: there is no variable 'z' to differentiate by\nhint: it depends on x\n",
        ),
        (
            ":formula",
            "error: the derivative of which expression?\nhint: such as :formula sin(x)^2\n",
        ),
        (":formula x --order 0", "error: --order is a positive integer, not '0'\n"),
        (
            ":formula 3",
            "error: there is no derivative: it is an integer that depends on no leaf\n"
            "hint: such as a = tensor(2, requires_grad=True)\n",
        ),
        (
            ":formula gammainc(x, 2)",
            "error: no formula was found for the derivative by x: gammainc "
            "has parameters\nhint: :check shows its numbers\n",
        ),
        (":formula digamma(x)", "polygamma(1, x)\n"),
    ],
    "export": [
        (
            f"{LEAF}:export a*b --to python --name g",
            "def g(a, b):\n"
            '    """a*b: the value, then the gradients by a, b.\n\n'
            "    a: a number; b: a number. Written by gradcli 0.1.0.\n"
            '    """\n    return a * b, (b, a)\n',
        ),
        (":expo sin(x) --to latex -o f.tex\n:vars", "no variables\n"),
        ("f(x) = x^2\n:export f --to c -o f.c\n:save s.grad", "note: 1 statement in s.grad\n"),
        (":ex sin(x)", "error: ':ex' may be :explain or :export\n"),
        (":export", "error: export which expression?\nhint: such as :export sin(a)^2 --to c\n"),
        (
            ":export x --to rust",
            "error: --to is python, numpy, torch, jax, c or latex, not 'rust'\n",
        ),
        (":export x --name 3d", "error: '3d' cannot name a function\n"),
        (
            ":export 3",
            "error: there is no variable that it is calculated from\n"
            "hint: a name alone is its value\n",
        ),
        (":export x --to", "error: --to needs python, numpy, torch, jax, c or latex\n"),
    ],
}


def test_every_command_is_typed() -> None:
    assert list(COMMANDS) == list(TYPED)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param(*case, id=f"{name}-{k}")
        for name, cases in TYPED.items()
        for k, case in enumerate(cases)
    ],
)
def test_typed(text: str, shown: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert Typing()(*(f"{line}{ENTER}" for line in text.split("\n"))) == shown


@pytest.mark.parametrize("name", ["asin", "relu", "solve", "softplus"])
def test_help_of_an_operation_is_what_ops_tells(name: str) -> None:
    assert piped(f":help {name}\n")[0] == gradcli("ops", name).stdout


def test_every_command_has_help_and_is_listed() -> None:
    shown, _ = piped(":help\n")
    for command in COMMANDS.values():
        assert f"\n{command.usage.partition(' [-')[0]} " in f"\n{shown}"
        assert command.help.endswith(".")
        assert piped(f":help :{command.name}\n")[0] == f"{command.usage}\n{command.help}\n"


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
        ("y = a^2; y.backward(); y = a^2; y.backward()\nprint('sum', a.grad)\na.grad", 1),
        ("y = a^2; y.backward(); y = a^2; y.backward()\nprint(y)\ny", 0),
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
    assert shown.endswith(
        "tensor(24.) 9\nnote: .grad is a sum over passes; a.grad = None begins anew\n"
        f"note: 6 statements in {path}\n"
    )
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
