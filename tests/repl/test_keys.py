"""Every key of the prompt, pressed in this process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gradcli.repl import keys as module
from gradcli.repl.keys import KEYS, bindings
from gradcli.repl.reader import Terminal

from . import test_terminal
from .prompting import (
    ALT_ENTER,
    ALT_F,
    BACKSPACE,
    CTRL_A,
    CTRL_C,
    CTRL_D,
    CTRL_E,
    CTRL_K,
    CTRL_L,
    CTRL_R,
    CTRL_U,
    CTRL_UNDERSCORE,
    CTRL_W,
    CTRL_X,
    CTRL_Y,
    DOWN,
    ENTER,
    ESCAPE,
    LEFT,
    RIGHT,
    TAB,
    UP,
    Typing,
    Until,
    offers,
    recalls,
    suggests,
    text_is,
)

Case = tuple[list[str | Until], str]
FOUR, EIGHT = " " * 4, " " * 8
HEAD: list[str | Until] = [f"def f(x):{ENTER}", text_is(f"def f(x):\n{FOUR}")]
FUNCTION: list[str | Until] = [*HEAD, f"return x^2{ENTER}", text_is("def f(x):\n    return x^2\n")]


def navigating(terminal: Terminal) -> bool:
    """Escape was understood."""
    return terminal.vi_mode == "navigation"


# What each row of `:help keys` promises, as keys and what the prompt says.
CASES: dict[str, list[Case]] = {
    "Enter": [
        ([f"1 + 1{ENTER}"], "2\n"),
        ([f"[1,{ENTER}2]{ENTER}"], "[1, 2]\n"),  # an open bracket goes on
        ([f"'''a{ENTER}b'''{ENTER}"], '"a\\nb"\n'),
        ([f"1 + \\{ENTER}2{ENTER}"], "3\n"),
        ([*FUNCTION, f"{ENTER}", f"f(3){ENTER}"], "9\n"),  # ended by an empty line
        ([f"1 + 1{LEFT}{LEFT}{ENTER}"], "2\n"),  # from within a line
        ([f"[1,{ENTER}2]{UP}{ENTER}", text_is("[1\n,\n2]"), CTRL_C], ""),  # from within a text
        # what is sent at once has blanks of its own
        ([f"def f(x):{ENTER}{FOUR}y = x{ENTER}{FOUR}return y^2{ENTER}{ENTER}f(3){ENTER}"], "9\n"),
        ([f"a = 1{ENTER}", "a", offers("a"), f"{TAB}{ENTER}", text_is("a"), ENTER], "1\n"),
    ],
    "Alt-Enter": [([f"x = 1{ALT_ENTER}x + 1{ENTER}"], "2\n")],
    "Tab": [
        ([f"\\alpha{TAB}", text_is("α"), CTRL_C], ""),
        ([f"2\\cdot{TAB}", text_is("2·"), CTRL_C], ""),
        ([f"[{ENTER}{TAB}", text_is(f"[\n{FOUR}"), CTRL_C], ""),
        ([f"softp{TAB}", text_is("softplus"), CTRL_C], ""),
        ([f"log{TAB}", offers("log", "log2"), TAB, text_is("log"), TAB, text_is("log10")], ""),
        ([f":retain{CTRL_U}:set ret{TAB}", text_is(":set retain_graph"), CTRL_C], ""),
    ],
    "Backspace": [
        ([f"1 + 3{BACKSPACE}1{ENTER}"], "2\n"),
        (
            [
                f"[{ENTER}{TAB}{TAB}",
                text_is(f"[\n{EIGHT}"),
                BACKSPACE,
                text_is(f"[\n{FOUR}"),
                f"{BACKSPACE}{BACKSPACE}",
                text_is("["),
                CTRL_C,
            ],
            "",
        ),
        (
            [
                *HEAD,
                f"if x > 0:{ENTER}",
                text_is(f"def f(x):\n{FOUR}if x > 0:\n{EIGHT}"),
                f"return 1{ENTER}",
                text_is(f"def f(x):\n{FOUR}if x > 0:\n{EIGHT}return 1\n{FOUR}"),
                f"return 2{ENTER}{ENTER}f(0){ENTER}",
            ],
            "2\n",
        ),
    ],
    "Right, Ctrl-E": [
        (
            [
                f"alpha = 5{ENTER}",
                recalls("alpha = 5"),
                "alp",
                suggests("ha = 5"),
                key,
                text_is("alpha = 5"),
                CTRL_C,
            ],
            "",
        )
        for key in (RIGHT, CTRL_E)
    ],
    "Alt-F": [
        (
            [
                f"alpha = 5{ENTER}",
                recalls("alpha = 5"),
                "alp",
                suggests("ha = 5"),
                ALT_F,
                text_is("alpha "),
                CTRL_C,
            ],
            "",
        )
    ],
    "Up, Down": [
        ([f"x = 5{ENTER}", recalls("x = 5"), UP, text_is("x = 5"), f" + 1; x{ENTER}"], "6\n"),
        (
            [
                f"x = 5{ENTER}",
                recalls("x = 5"),
                f"y{UP}",
                text_is("x = 5"),
                DOWN,
                text_is("y"),
                CTRL_C,
            ],
            "",
        ),
        ([f"[1,{ENTER}2]{UP}3,{ENTER}", text_is("[13,\n,\n2]"), CTRL_C], ""),
    ],
    "Ctrl-R": [
        (
            [f"alpha = 5{ENTER}", recalls("alpha = 5"), f"{CTRL_R}lph{ENTER}{ENTER}alpha{ENTER}"],
            "5\n",
        ),
    ],
    "Ctrl-A, Ctrl-E": [([f"+ 1{CTRL_A}2 {CTRL_E}0{ENTER}"], "12\n")],
    "Ctrl-W, Ctrl-U, Ctrl-K": [
        ([f"1 + nonsense{CTRL_W}2{ENTER}"], "3\n"),
        ([f"nonsense{CTRL_U}2{ENTER}"], "2\n"),
        ([f"2nonsense{CTRL_A}{RIGHT}{CTRL_K}{ENTER}"], "2\n"),
    ],
    "Ctrl-Y": [([f"1 + 1{CTRL_U}{CTRL_Y}{ENTER}"], "2\n")],
    "Ctrl-_": [([f"1 + 1{CTRL_U}{CTRL_UNDERSCORE}{ENTER}"], "2\n")],
    "Ctrl-C": [([f"1 +{CTRL_C}2{ENTER}"], "2\n")],
    "Ctrl-D": [
        ([f"1{ENTER}{CTRL_D}2{ENTER}"], "1\n"),
        ([f"x1{LEFT}{CTRL_D}2{ENTER}"], "      ^^\nerror: unknown name 'x2'\n"),
    ],
    "Ctrl-X Ctrl-E": [
        ([f"1{CTRL_X}{CTRL_E}", lambda terminal: bool(terminal.console.typed)], "42\n"),
        (
            [
                f":set keys vi{ENTER}",
                f"1{ESCAPE}",
                text_is("1"),
                "v",
                lambda terminal: len(terminal.console.typed) == 2,
            ],
            "42\n",
        ),
    ],
    "Ctrl-L": [([f"1 + {CTRL_L}1{ENTER}"], "2\n")],
    "Escape": [
        (
            [
                f":set keys vi{ENTER}",
                f"1 + 2{ESCAPE}",
                text_is("1 + 2"),
                "0x",
                text_is(" + 2"),
                f"i3{ENTER}",
            ],
            "5\n",
        ),
        (
            [
                f":set keys vi{ENTER}",
                "1 + 2",
                text_is("1 + 2"),
                ESCAPE,
                navigating,
                "ddi7",
                text_is("7"),
                ENTER,
            ],
            "7\n",
        ),
    ],
}
# What a test in this process would do to it: in a real terminal, by this test.
ELSEWHERE = {"Ctrl-Z": test_terminal.test_a_suspended_session_goes_on}
# The row that each of our own bindings belongs to.
HANDLERS = {
    "enter": "Enter",
    "take_completion": "Enter",
    "new_line": "Alt-Enter",
    "replace_symbol": "Tab",
    "complete_word": "Tab",
    "indent": "Tab",
    "outdent": "Backspace",
}


@pytest.fixture(autouse=True)
def editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "editor"
    path.write_text("#!/bin/sh\necho '6 * 7' > $1\n")
    path.chmod(0o755)
    monkeypatch.setenv("VISUAL", str(path))


@pytest.mark.parametrize(
    ("keys", "shown"),
    [
        pytest.param(*case, id=f"{row}-{k}")
        for row, cases in CASES.items()
        for k, case in enumerate(cases)
    ],
)
def test_keys(keys: list[str | Until], shown: str) -> None:
    assert Typing()(*keys) == shown


def test_every_key_that_help_lists_is_pressed() -> None:
    assert [name for name, _ in KEYS if name not in ELSEWHERE] == list(CASES)
    assert ELSEWHERE.keys() <= {name for name, _ in KEYS}


@pytest.mark.parametrize("name", [each.handler.__name__ for each in bindings().bindings])
def test_every_binding_is_pressed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cases of its row reach it: what is new needs a row, and a case."""
    called = []
    handler = getattr(module, name)

    def recorded(event: Any) -> None:
        called.append(name)
        handler(event)

    monkeypatch.setattr(module, name, recorded)
    for keys, _ in CASES[HANDLERS[name]]:
        Typing()(*keys)
    assert called


# ---- pasting ------------------------------------------------------------------------------------


def pasted(text: str) -> str:
    return f"\x1b[200~{text}\x1b[201~"


def test_a_pasted_block_runs_statement_by_statement() -> None:
    """Up to the first that fails, with its own line beside the message."""
    text = "x = 2\nx + 1\ndef f(y):\n    z = y\n\n    return z\nf(x)\n1 +\nx = 3\n"
    typing = Typing()
    shown = typing(pasted(text), ENTER)
    assert shown.splitlines()[:4] == ["3", "2", "error: a value is missing after '+'", "8 | 1 +"]
    assert typing.console.session.variables["x"] == 2


@pytest.mark.parametrize(
    "text",
    [
        ">>> x = 2\n>>> [x,\n...  3]\n[2, 9]\n",
        "grad> x = 2\ngrad> [x,\n....>  3]\n",
        "    >>> x = 2\n    >>> [x, 3]\n",
        ">>> x = 2\r\n>>> [x, 3]\r\n",
    ],
)
def test_a_pasted_session_runs_without_its_prompts(text: str) -> None:
    assert Typing()(pasted(text), ENTER) == "[2, 3]\n"


def test_what_is_pasted_without_brackets_runs_as_it_is() -> None:
    text = "def f(x):\n    for k in range(2):\n        x = x*2\n    return x\n\nf(3)\n"
    assert Typing()(text.replace("\n", "\r")) == "12\n"
