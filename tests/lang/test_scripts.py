"""What scripts print, and where they end: scripts.grad shows both."""

from __future__ import annotations

import pytest

from gradcli.errors import GradcliError, Status
from gradcli.lang.session import Session
from gradcli.lang.source import Source
from gradcli.views.diagnostic import error_text

from .trees import blocks


def shown(text: str) -> str:
    """The text, what it prints, and its error."""
    rows = [f"> {row}" for row in text.split("\n")]
    printed: list[str] = []
    session = Session(write=printed.append, seed=0)
    try:
        session.run(Source(text, name="script.grad"), script=True)
    except GradcliError as error:
        assert error.status != Status.INTERNAL
        printed += ["! " + row + "\n" for row in error_text(error).split("\n")]
    return "\n".join([*rows, *"".join(printed).split("\n")]).rstrip("\n")


@pytest.mark.parametrize(("text", "expected"), blocks("scripts.grad"))
def test_what_a_script_prints(text: str, expected: str) -> None:
    assert shown(text) == expected
