"""How a value came about: its graph as a tree, its forward and backward sweep step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.engine.display import WIDTH
from gradcli.lang.evaluation import Evaluation
from gradcli.repl.calculation import is_whole, swept
from gradcli.views import trace
from gradcli.views.drawing import dot, mermaid, picture, tree
from gradcli.views.forms import PICTURES
from gradcli.views.graph import MOST, graph_of, summary

if TYPE_CHECKING:
    from gradcli.repl.console import Console

ANY_WIDTH = 10**6
FORMS = {"dot": dot, "mermaid": mermaid}
FREED = "note: backward() has dropped what the derivatives need; :set retain_graph on keeps it"
BEGUN = "note: what came before was too large to be recorded"


def drawn(
    console: Console, evaluation: Evaluation, form: str, *, plain: bool
) -> tuple[str | bytes, list[str]]:
    """The graph with adjoints, and what is to be said of it; `plain` for a file."""
    notes = remarks(console, evaluation)
    tape, digits = evaluation.tape, console.settings.digits
    assert tape is not None
    named, adjoints = console.session.tensors(), evaluation.adjoints
    found = graph_of(tape, [evaluation.value], named, adjoints, digits)
    if len(found.vertices) > MOST and form in ("tree", *PICTURES):
        return summary(found), notes
    if form in PICTURES:
        return picture(dot(found, "both"), form), notes
    if form != "tree":
        return FORMS[form](found, "both"), notes
    width = ANY_WIDTH if plain else console.report.columns or WIDTH
    color = console.report.color and not plain
    unicode = plain or console.report.environment.unicode
    return tree(found, "both", width=width, color=color, unicode=unicode), notes


def explained(console: Console, evaluation: Evaluation, *, tangents: bool) -> tuple[str, list[str]]:
    """Every value, then every adjoint with its rule, or the tangents by each leaf."""
    notes = remarks(console, evaluation)
    digits = console.settings.digits
    assert evaluation.tape is not None
    with console.guarded(), console.session.evaluating():
        sections = trace.sections(
            evaluation.tape,
            evaluation.value,
            console.session.tensors(),
            evaluation.adjoints,
            tangents=list(evaluation.at) if tangents else (),
            digits=digits,
        )
    return trace.as_text(sections, digits), notes


def remarks(console: Console, evaluation: Evaluation) -> list[str]:
    """Find the adjoints; what stands in the way of it, or of the whole graph."""
    freed = [] if swept(console, evaluation) else [FREED]
    return freed if is_whole(evaluation) else [*freed, BEGUN]
