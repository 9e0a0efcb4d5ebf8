"""The canonical form of scripts keeps what they say and every comment."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradcli.errors import GradcliError
from gradcli.lang.expectations import comments
from gradcli.lang.format import formatted
from gradcli.lang.parser import parse
from gradcli.lang.source import Source
from gradcli.lang.syntax import same

PIECES = [
    "x = 1",
    "[1,\n 2]",
    "f(x) = x^2",
    "print('# no')",
    "(a +  # in\n b)",
    '"""q\n# w"""',
    "if a: # if",
    "if a: b",
    "else:",
    "for i in a:\n",
    "    x",
    "  y",
    "@no_grad()",
    "def f(x):",
    "x=[1, # one\n2] # two",
    "# c",
    "  # d",
    "#=> 3",
    "\n",
    "\n\n\n",
    "  ",
    ";",
    "\t",
    "\\\n",
]


@given(st.lists(st.sampled_from(PIECES).flatmap(lambda p: st.sampled_from([p, p + "\n"]))))
def test_what_is_said_and_its_comments_stay(pieces: list[str]) -> None:
    source = Source(" ".join(pieces))
    try:
        tree = parse(source)
    except GradcliError:
        return
    again = Source(formatted(source))
    assert same(parse(again), tree)
    assert sorted(note.value.rstrip() for note in comments(again)) == sorted(
        note.value.rstrip() for note in comments(source)
    )
    assert formatted(again) == again.text


@pytest.mark.parametrize("text", ["", "\n\n", "  ", ";", ";;\n;"])
def test_nothing_stays_nothing(text: str) -> None:
    assert formatted(Source(text)) == ""
