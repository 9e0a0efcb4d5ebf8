"""What stands above the language and is called from it: check, formula, explain, graph.

A session that is given these records a tape for a text that names one of them. Few programs do, so
what they need is imported when one is called.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gradcli.lang.session import Session

if TYPE_CHECKING:
    from gradcli.engine.tape import Tape
    from gradcli.engine.tensor import Tensor


def insight(session: Session) -> dict[str, Callable[..., Any]]:
    """The functions, for this session."""

    def check(y: Any, claim: Any = None, **fixed: Any) -> bool:
        """Do independent methods find the same gradient; or is `claim` the derivative of y?"""
        from gradcli.proof import results
        from gradcli.views.checking import sentence

        if claim is not None:
            tested = results.check_claim(session, y, claim, fixed)
            for each in tested:
                if each.status != "pass":
                    session.warn(f"check: {sentence(each)}")
            return all(each.status == "pass" for each in tested)
        found = results.check_result(session, y)
        if found.status != "agrees":
            reason = f": {found.reason}" if found.reason else ""
            session.warn(f"check: the gradient is {found.status}{reason}")
        return found.status == "agrees"

    def formula(y: Any, x: Any = None, order: Any = 1) -> str:
        """The derivative of a result by a variable, or of a function, as a formula."""
        from gradcli.lang.values import CALLABLE
        from gradcli.proof import results

        if type(y) in CALLABLE:
            return results.formula_of_function(session, y, x, order).text
        return results.formula_of_result(session, y, x, order).text

    def explain(y: Any) -> None:
        """Print the forward and the backward trace of y."""
        from gradcli.proof.results import recorded
        from gradcli.views import trace

        output, tape = recorded(session, "explain", y)
        found = trace.sections(
            tape, output, session.tensors(), adjoints_of(tape, output), digits=session.digits
        )
        session.write(trace.as_text(found, session.digits) + "\n")

    def graph(y: Any) -> None:
        """Print the graph of y as a tree, with values and adjoints."""
        from gradcli.proof.results import recorded
        from gradcli.views.drawing import tree
        from gradcli.views.graph import MOST, graph_of, summary

        output, tape = recorded(session, "graph", y)
        adjoints = adjoints_of(tape, output)
        found = graph_of(tape, [output], session.tensors(), adjoints, session.digits)
        if len(found.vertices) > MOST:
            text = summary(found)
        else:
            text = tree(found, "both", width=WIDE, color=False, unicode=True)
        session.write(text + "\n")

    return {"check": check, "formula": formula, "explain": explain, "graph": graph}


WIDE = 10**6


def adjoints_of(tape: Tape, output: Tensor) -> dict[int, Any]:
    """The cotangents of all entries, of the sum of the output's elements."""
    import numpy as np

    from gradcli.engine import autograd
    from gradcli.engine.tensor import edge
    from gradcli.engine.trace import places_of

    places = places_of(tape, edge(output))
    seed = np.ones(output.shape, output.dtype)[()]
    found = autograd.differentiate([output], [seed], True, False, list(places))
    return {places[place]: g for place, g in found.items() if place in places}
