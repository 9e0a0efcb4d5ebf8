"""Derivatives as formulas: in the language, as mathematics, as code, as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gradcli.lang.format import formatted
from gradcli.lang.source import Source
from gradcli.views.code import function
from gradcli.views.evaluation import labelled
from gradcli.views.notation import line
from gradcli.views.signs import LATEX, UNICODE

if TYPE_CHECKING:
    from gradcli.proof.closed.problem import Axes
    from gradcli.proof.closed.search import Closed


@dataclass
class Formulas:
    """What was found for an expression: a formula for each variable it is differentiated by."""

    source: Source
    axes: Mapping[str, Axes]
    order: int
    found: dict[str, Closed]


def written(formulas: Formulas, form: str, partial: str = "∂") -> str:
    """In a form that `gradcli diff` knows; one formula stands alone, several with their names."""
    if form == "json":
        return as_json(formulas)
    if form in ("python", "numpy"):
        return "\n\n\n".join(
            function(form, name, closed.tree, formulas) for name, closed in formulas.found.items()
        )
    if form == "latex":
        return "\n".join(line(LATEX, name, formulas) for name in formulas.found)
    if form == "unicode":
        return "\n".join(line(UNICODE, name, formulas) for name in formulas.found)
    if len(formulas.found) == 1:
        ((_, closed),) = formulas.found.items()
        return closed.text
    return "\n".join(
        f"{labelled((name,) * formulas.order, 'order', partial)} {closed.text}"
        for name, closed in formulas.found.items()
    )


def as_json(formulas: Formulas) -> str:
    """`tried` says at how many points each was compared with the derivative."""
    result = {
        "schema": 1,
        "expression": formulas.source.text,
        "canonical": formatted(formulas.source).removesuffix("\n"),
        "shapes": {name: list(axes) for name, axes in formulas.axes.items()},
        "order": formulas.order,
        "formulas": {name: closed.text for name, closed in formulas.found.items()},
        "tried": {name: closed.points for name, closed in formulas.found.items()},
    }
    return json.dumps(result, ensure_ascii=False)
