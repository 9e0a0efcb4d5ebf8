"""Highlighting, the toolbar, and when a text is whole: pure functions of text."""

from __future__ import annotations

import pytest
from prompt_toolkit.document import Document

from gradcli.repl.calls import Hint
from gradcli.repl.highlighting import MathLexer
from gradcli.repl.lines import indentation, is_whole, without_prompts
from gradcli.repl.settings import Settings
from gradcli.repl.symbols import SYMBOLS
from gradcli.repl.toolbar import duration, state, toolbar

KINDS = {"x": "variable", "sin": "function", "pi": "constant"}


def styled(text: str) -> list[tuple[str, str]]:
    lex = MathLexer(lambda name: KINDS.get(name, "")).lex_document(Document(text))
    lines = [lex(k) for k in range(text.count("\n") + 1)]
    assert "\n".join("".join(piece[1] for piece in line) for line in lines) == text
    return [(piece[0].removeprefix("class:"), piece[1]) for line in lines for piece in line]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("sin(x)", [("function", "sin"), ("operator", "("), ("variable", "x")]),
        ("if 2x", [("keyword", "if"), ("number", "2"), ("variable", "x")]),
        ("True and π", [("constant", "True"), ("keyword", "and"), ("constant", "π")]),
        ("'a' # b", [("string", "'a'"), ("comment", "# b")]),
        ('f"a{x:.2f}"', [("string", "a"), ("variable", "x"), ("string", ":.2f")]),
        ("x $ 'never", [("error", "$"), ("error", "'never")]),
        ("[1,\n 'a'\n", [("number", "1"), ("string", "'a'")]),
        (":check sin(x)", [("command", ":check"), ("function", "sin"), ("variable", "x")]),
        ("))", [("error", ")"), ("error", ")")]),
    ],
)
def test_highlighting(text: str, pieces: list[tuple[str, str]]) -> None:
    found = styled(text)
    for piece in pieces:
        assert piece in found


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("", True),
        ("x = 3", True),
        ("x = [1,", False),
        ("x = [1,\n2]", True),
        ("'''a", False),
        ("'a", True),  # an error, and no line more would mend it
        ("1 + \\", False),
        ("def f(x):", False),
        ("def f(x):\n    return x", False),
        ("def f(x):\n    return x\n", True),
        ("def f(x):\n    return [x,\n", False),
        ("@no_grad()\n", False),
        ("for x in y: print(x)", False),
        ("for x in y: print(x)\n    ", True),
        (":set", True),
        ("1)", True),
    ],
)
def test_whole(text: str, whole: bool) -> None:
    assert is_whole(text) == whole


@pytest.mark.parametrize(
    ("line", "blanks"),
    [
        ("x = 3", ""),
        ("def f(x):", "    "),
        ("    if x:  # note: here", "        "),
        ("    x = 3", "    "),
        ("# note:", ""),
        ("", ""),
    ],
)
def test_indentation(line: str, blanks: str) -> None:
    assert indentation(line) == blanks


@pytest.mark.parametrize(
    ("pasted", "text"),
    [
        (">>> x = 2", "x = 2"),
        (
            ">>> def f(x):\n...     return x\n...\n>>> f(2)\n2\n",
            "def f(x):\n    return x\n\nf(2)\n",
        ),
        ("    >>> x\n    2\n", "x\n"),
        ("x >>> y", "x >>> y"),
    ],
)
def test_without_prompts(pasted: str, text: str) -> None:
    assert without_prompts(pasted) == text


# ---- the toolbar --------------------------------------------------------------------------------


def line(columns: int, hint: Hint | None = None, **changes: str) -> str:
    settings = Settings()
    for name, value in changes.items():
        settings.change(name, value, "test")
    return "".join(text for _, text in toolbar(state(settings, 0.00123), hint, columns))


def test_the_toolbar_says_what_is_in_force() -> None:
    everything = "float64  retain_graph off  create_graph off  check off  limits on  1.23 ms"
    assert line(80) == everything
    assert "retain_graph on" in line(80, retain_graph="on")
    assert "float32" in line(80, dtype="float32")
    assert line(40) == "float64  retain_graph off  check off"
    assert line(40, check="on").endswith("check on")
    assert len(line(10)) < 10


def test_the_hint_comes_first() -> None:
    hint = Hint("sum(x, ", "axis=None", ", keepdims=False)")
    assert line(80, hint).startswith("sum(x, axis=None, keepdims=False)  float64")
    assert line(20, hint) == "sum(x, axis=None, k"


@pytest.mark.parametrize(
    ("seconds", "shown"), [(2.345, "2.35 s"), (0.0123, "12.3 ms"), (4.5e-6, "4.5 µs")]
)
def test_duration(seconds: float, shown: str) -> None:
    assert duration(seconds) == shown


def test_symbols() -> None:
    assert (SYMBOLS["alpha"], SYMBOLS["lambda"], SYMBOLS["Omega"]) == ("α", "λ", "Ω")
    assert all(len(sign) == 1 for sign in SYMBOLS.values())
