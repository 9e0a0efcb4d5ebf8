"""Lines to pieces: what a pipe runs at once, and what it waits for."""

from __future__ import annotations

import pytest

from gradcli.lang.feed import Feed

CASES = [
    # one line, one piece
    (["x = 1", "x"], ["x = 1", "x"]),
    (["", "# (", "x"], ["", "# (", "x"]),
    (["x = 1; y = 2"], ["x = 1; y = 2"]),
    # brackets, strings and backslashes wait for their end
    (["f(1,", "2)", "x"], ["f(1,|2)", "x"]),
    (["[1,  # (", "2]", "x"], ["[1,  # (|2]", "x"]),
    (['"("', "A'", "x"], ['"("', "A'", "x"]),
    (['"""(', ")", '"""', "x"], ['"""(|)|"""', "x"]),
    (["1 + \\", "2", "x"], ["1 + \\|2", "x"]),
    (["(", "1"], ["(|1"]),
    # what cannot become right does not wait
    (["1 +", "x"], ["1 +", "x"]),
    (["(]", "x"], ["(]", "x"]),
    (["1)", "x"], ["1)", "x"]),
    # a block ends before a line that is not deeper
    (["for i in a:", "  i", "x"], ["for i in a:|  i", "x"]),
    (["for i in a:", "  i", "", "  # (", "  i", "x"], ["for i in a:|  i||  # (|  i", "x"]),
    (["def f(x):", "# note", "  return x"], ["def f(x):|# note|  return x"]),
    (["if a: b", "elif c: d", "else: e", "x"], ["if a: b|elif c: d|else: e", "x"]),
    (
        ["try:", "  a", "except E:", "  b", "finally:", "  c"],
        ["try:|  a|except E:|  b|finally:|  c"],
    ),
    (["@no_grad()", "def f(x):", "  x", "f(1)"], ["@no_grad()|def f(x):|  x", "f(1)"]),
    (["with no_grad():", "  f(1,", "2)", "  x", "x"], ["with no_grad():|  f(1,|2)|  x", "x"]),
    (["  if a:", "    b", "  x"], ["  if a:|    b", "  x"]),
    (["if a:", "  b", "while c:", "  d"], ["if a:|  b", "while c:|  d"]),
    (["iffy = 1", "format"], ["iffy = 1", "format"]),
]


@pytest.mark.parametrize(("lines", "pieces"), CASES, ids="|".join)
def test_pieces(lines: list[str], pieces: list[str]) -> None:
    feed = Feed(10_000)
    found = [piece for line in lines for piece in feed.add(f"{line}\n".encode())]
    found += feed.end()
    texts = [piece.data.decode().removesuffix("\n").replace("\n", "|") for piece in found]
    assert texts == pieces
    starts = [1 + sum(text.count("|") + 1 for text in texts[:at]) for at in range(len(texts))]
    assert [piece.first_line for piece in found] == starts


def test_a_piece_that_is_too_long_does_not_wait() -> None:
    feed = Feed(10)
    assert [piece.data for piece in feed.add(b"(" * 20)] == [b"(" * 20]


def test_many_lines_in_brackets_are_read_once() -> None:
    """Looking at all of them again for each line would take minutes."""
    feed = Feed(10**8)
    rows = [b"[\n", *[b"[1, 2],\n"] * 200_000, b"]\n"]
    assert len([piece for row in rows for piece in feed.add(row)]) == 1
