"""Whatever is typed: a value or a short error, and the session goes on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from prompt_toolkit.application import Application
from prompt_toolkit.document import Document

from gradcli.repl.calls import call_at
from gradcli.repl.completion import complete
from gradcli.repl.console import Console
from gradcli.repl.highlighting import MathLexer
from gradcli.repl.lines import is_whole, pieces, without_prompts
from gradcli.repl.meta import COMMANDS

from .prompting import CTRL_C, Typing, piped

PARTS = """a b f x ans net y.backward( a.grad sin grad( f' tensor( 1 2.5 1e308 0 [1,2] 's' f"{a}
( ) [ ] { } " ' = + * ^ @ , : . ; \\ # -> >>> grad> ... return lambda \\alpha π √ é 𝔸 --to -o -f
--wrt x=0:1"""
LINES = [
    "def f(x):",
    "for k in x:",
    "if a:",
    "import torch",
    "from torch import ",
    ">>> ",
    " ",
    "  ",
]
ASKED = [f":{name} " for name in COMMANDS if name not in ("edit", "save", "load", "quit")]
WORDS = st.sampled_from([*PARTS.split(), *LINES, *ASKED, "\u202e", "\0", "\ud7ff"])
# Neither Ctrl-Z, which would stop this process, nor Ctrl-C and Ctrl-D, which end what came before.
ENDING = {3, 4, 0x1A}
ARROWS = ("A", "B", "C", "D", "H", "F", "3~", "Z", "200~", "201~")
CONTROLS = st.sampled_from(
    [
        *(chr(code) for code in range(1, 32) if code not in ENDING),
        *(f"\x1b[{end}" for end in ARROWS),
        *("\x1b", "\x1b\r", "\x1bf", "\x1bb", "\x1bd", "\x7f", "\r", "\r", "\t"),
    ]
)
TEXTS = st.lists(WORDS | st.text(max_size=4) | st.just("\n"), max_size=12).map("".join)
PRESSED = (WORDS | CONTROLS | st.text(max_size=3)).map(lambda text: text.encode(errors="replace"))
KEYS = (
    st.lists(
        (PRESSED | st.binary(max_size=3)).filter(lambda data: not ENDING & {*data}), max_size=30
    )
    .map(b"".join)
    .filter(lambda data: b"\x18\x05" not in data)  # while an editor runs, keys are not the prompt's
)
LIMITS = "[limits]\nsteps = 1e5\ncheck = 1\nmemory = 1e7\n"
COMMON = settings(
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VISUAL", "true")
    config = tmp_path / "config.toml"
    config.write_text(LIMITS)
    return config


def well(shown: str) -> bool:
    return "internal error" not in shown and "Traceback" not in shown


@pytest.mark.slow
@settings(COMMON, max_examples=60)
@example(b"\xff\xfe\r")
@example("α".encode() + b"\x80\r")
@given(keys=KEYS)
def test_keys(place: Path, keys: bytes) -> None:
    """Nothing escapes, not even in a task of the event loop; the next line is answered."""
    failures = []

    def failed(_app: Any, _loop: Any, context: dict[str, Any]) -> None:
        failures.append(context)

    typing = Typing(place.parent / "history", GRADCLI_CONFIG=str(place))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Application, "_handle_exception", failed)
        shown = typing(keys, f"\x1b[201~{CTRL_C}{CTRL_C}{CTRL_C}", "6 * 7\r")
    assert well(shown)
    assert not failures
    assert shown.endswith("42\n") or not typing.console.open


@pytest.fixture(scope="module")
def console() -> Console:
    return piped("a = tensor(2.0, requires_grad=True)\nf(x) = x^2\ny = a^3\n:limits steps=1e5\n")[1]


@settings(COMMON, max_examples=300)
@given(text=TEXTS)
def test_texts(console: Console, text: str) -> None:
    console.status = 0  # type: ignore[assignment]  # as a Status compares
    console.take(text)
    assert console.status != 70


@settings(COMMON, max_examples=500)
@given(text=TEXTS)
def test_what_is_done_while_a_text_is_typed(console: Console, text: str) -> None:
    lines = MathLexer(console.kind_of).lines(text)
    assert "\n".join("".join(piece[1] for piece in line) for line in lines) == text
    assert all(piece.data for piece in pieces(text))
    is_whole(text)
    call_at(text)
    without_prompts(text)
    for candidate in complete(text, console.known):
        assert -len(text) <= candidate.start <= 0
    MathLexer(console.kind_of).lex_document(Document(text))(10**6)
