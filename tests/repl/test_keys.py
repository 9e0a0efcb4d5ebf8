"""Every key of the prompt, pressed in this process."""

from __future__ import annotations

from pathlib import Path

import pytest

from .prompting import (
    ALT_ENTER,
    BACKSPACE,
    CTRL_C,
    CTRL_R,
    ENTER,
    ESCAPE,
    LEFT,
    RIGHT,
    TAB,
    UP,
    Typing,
    offers,
    recalls,
    suggests,
    text_is,
)

FUNCTION = f"def f(x):{ENTER}return x^2{ENTER}{ENTER}"


@pytest.mark.parametrize(
    ("keys", "shown"),
    [
        ([f"1 + 1{ENTER}"], "2\n"),
        ([f"[1,{ENTER}2]{ENTER}"], "[1, 2]\n"),  # an open bracket goes on
        ([f"'''a{ENTER}b'''{ENTER}"], '"a\\nb"\n'),
        ([f"1 + \\{ENTER}2{ENTER}"], "3\n"),
        ([f"x = 1{ALT_ENTER}x + 1{ENTER}"], "2\n"),
        ([FUNCTION, f"f(3){ENTER}"], "9\n"),  # indented by itself, ended by an empty line
        ([f"if 1 > 0:{ENTER}print(2){ENTER}{BACKSPACE}else:{ENTER}3{ENTER}{ENTER}"], "2\n"),
        ([f"1 + 1{LEFT}{LEFT}{ENTER}"], "2\n"),  # from within a line
        ([f"[1,{ENTER}2]{UP}{ENTER}", text_is("[1\n,\n2]"), CTRL_C], ""),  # from within a text
        ([f"1 +{CTRL_C}2{ENTER}"], "2\n"),
        ([f"x = 5{ENTER}", recalls("x = 5"), UP, text_is("x = 5"), f" + 1; x{ENTER}"], "6\n"),
        ([f"alpha = 5{ENTER}{CTRL_R}lph", f"{ENTER}{ENTER}alpha{ENTER}"], "5\n"),
        ([f"alpha = 5{ENTER}alp", suggests("ha = 5"), RIGHT, text_is("alpha = 5"), CTRL_C], ""),
    ],
)  # fmt: skip
def test_keys(keys: list[str], shown: str) -> None:
    assert Typing()(*keys) == shown


def test_tab_indents_and_backspace_takes_a_level_back() -> None:
    typing = Typing()
    typing(
        f"[{ENTER}{TAB}", text_is("[\n    "), f"{TAB}{BACKSPACE}", text_is("[\n    "),
        f"{BACKSPACE}{BACKSPACE}", text_is("["), CTRL_C,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("\\alpha", "α"),
        ("2\\cdot", "2·"),
        ("\\Omega", "Ω"),
    ],
)
def test_tab_turns_names_into_symbols(typed: str, completed: str) -> None:
    Typing()(f"{typed}{TAB}", text_is(completed), CTRL_C)


def test_tab_completes_a_method_and_enter_takes_what_is_selected() -> None:
    typing = Typing()
    shown = typing(
        f"a = tensor(2, requires_grad=True){ENTER}",
        "a.retain",
        offers("retain_grad"),
        f"{TAB}",
        text_is("a.retain_grad"),
        ENTER,
        CTRL_C,
    )
    assert shown == ""


def test_vi_keys() -> None:
    typing = Typing()
    shown = typing(f":set keys vi{ENTER}", f"1 + 2{ESCAPE}", "0x", text_is(" + 2"), f"i3{ENTER}")
    assert shown == "5\n"


def test_a_pasted_block_runs_statement_by_statement() -> None:
    """Up to the first that fails, with its own line beside the message."""
    pasted = "x = 2\nx + 1\ndef f(y):\n    z = y\n\n    return z\nf(x)\n1 +\nx = 3\n"
    typing = Typing()
    shown = typing(f"\x1b[200~{pasted}\x1b[201~", ENTER)
    assert shown.splitlines()[:4] == ["3", "2", "error: a value is missing after '+'", "8 | 1 +"]
    assert typing.console.session.variables["x"] == 2


@pytest.mark.parametrize(
    "pasted", [">>> x = 2\n>>> [x,\n...  3]\n[2, 9]\n", "grad> x = 2\ngrad> [x,\n....>  3]\n"]
)
def test_a_pasted_session_runs_without_its_prompts(pasted: str) -> None:
    assert Typing()(f"\x1b[200~{pasted}\x1b[201~", ENTER) == "[2, 3]\n"


def test_the_external_editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    editor = tmp_path / "editor"
    editor.write_text("#!/bin/sh\necho '6 * 7' > $1\n")
    editor.chmod(0o755)
    monkeypatch.setenv("VISUAL", str(editor))
    assert Typing()("1\x18\x05", lambda terminal: bool(terminal.console.typed)) == "42\n"
