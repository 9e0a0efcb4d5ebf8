"""The Matrix Cookbook's derivatives: each is found, exact, and not twice as long as the book's."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from gradcli.lang.parser import parse_expression
from gradcli.lang.session import Session
from gradcli.lang.source import Source
from gradcli.proof.closed.problem import Axes, Problem, of_text
from gradcli.proof.closed.search import POINTS, closed_form
from gradcli.proof.closed.trees import cost

BOOK = (Path(__file__).parent.parent / "cases" / "cookbook.grad").read_text(encoding="utf-8")
FIRST, LAST = 32, 144


class Line(NamedTuple):
    number: str
    expression: str
    by: str
    order: int
    axes: dict[str, Axes]
    book: str


def lines() -> list[Line]:
    found = []
    for row in BOOK.splitlines():
        if " | " in row and not row.startswith("#"):
            number, expression, by, shapes, book = (part.strip() for part in row.split(" | "))
            by, _, order = by.partition(", order ")
            found.append(Line(number, expression, by, int(order or 1), shapes_of(shapes), book))
    return found


def shapes_of(text: str) -> dict[str, Axes]:
    """`A:m,n x:n` as names with their axes."""
    return {
        name: tuple(letters.split(",")) if letters else ()
        for name, _, letters in (part.partition(":") for part in text.split())
    }


def test_every_number_of_the_section_is_there() -> None:
    numbers = re.findall(r"^(\d+) [|!] ", BOOK, re.MULTILINE)
    assert numbers == [str(n) for n in range(FIRST, LAST + 1)]


@pytest.mark.parametrize("line", lines(), ids=lambda line: line.number)
def test_a_formula_at_most_twice_as_long(line: Line) -> None:
    session = Session()
    function = of_text(session, Source(line.expression))
    found = closed_form(Problem(session, function, line.axes, line.by, line.order))
    assert found.points >= POINTS
    assert cost(found.tree) <= 2 * cost(parse_expression(Source(line.book)))
