"""What stands above the language and is called from it: `check(y)`, `explain(y)`.

A session that is given these records a tape for a text that names one of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gradcli.engine import autograd
from gradcli.engine.tape import Tape
from gradcli.engine.tensor import Tensor, edge
from gradcli.engine.trace import places_of
from gradcli.errors import WrongType, WrongValue, described
from gradcli.lang.session import Session
from gradcli.lang.tensors import as_tensor

# Fuel of a proof, which takes a process of its own.
PROOF = 1_000_000


def insight(session: Session) -> dict[str, Callable[..., Any]]:
    """The functions, for this session."""

    def check(y: Any) -> bool:
        """Do independent methods find the same gradient by the leaves among the variables?"""
        output, tape = recorded(session, "check", y)
        session.meter.charge(PROOF)
        from gradcli.proof.crosscheck import check as proven  # noqa: PLC0415  # it starts a process

        leaves = leaves_of(session, tape, output)
        seed = np.ones(output.shape, output.dtype)
        found = autograd.grad(
            output, list(leaves.values()), seed, retain_graph=True, materialize_grads=True
        )
        gradients = dict(zip(leaves, found, strict=True))
        result = proven(tape, output, leaves, gradients, seed, session.limits.check)
        if result.status != "agrees":
            reason = f": {result.reason}" if result.reason else ""
            session.warn(f"check: the gradient is {result.status}{reason}")
        return result.status == "agrees"

    def explain(y: Any) -> None:
        """Print the forward and the backward trace of y."""
        from gradcli.views import trace  # noqa: PLC0415  # few programs ask

        output, tape = recorded(session, "explain", y)
        variables = {n: x for n, x in session.variables.items() if type(x) is Tensor and n != "ans"}
        found = trace.sections(
            tape, output, variables, adjoints_of(tape, output), digits=session.digits
        )
        session.write(trace.as_text(found, session.digits) + "\n")

    return {"check": check, "explain": explain}


def recorded(session: Session, name: str, y: Any) -> tuple[Tensor, Tape]:
    """A result with the tape that holds its whole calculation."""
    output = as_tensor(y) if type(y) in (Tensor, list) else None
    if output is None or edge(output) is None:
        raise WrongType(f"{name}: {described(y)} depends on nothing that needs a gradient")
    tape = session.tape
    if tape is None or output.grad_fn is None or id(output.origin) not in tape.numbers:
        raise WrongValue(
            f"{name}: the calculation of this result was not recorded",
            hint=f"calculate it in the same text that calls {name}",
        )
    return output, tape


def leaves_of(session: Session, tape: Tape, output: Tensor) -> dict[str, Tensor]:
    """The variables that are leaves below the output."""
    places = places_of(tape, edge(output))
    return {
        name: x
        for name, x in session.variables.items()
        if type(x) is Tensor and x.is_leaf and x.requires_grad and edge(x) in places
    }


def adjoints_of(tape: Tape, output: Tensor) -> dict[int, Any]:
    """The cotangents of all entries, of the sum of the output's elements."""
    places = places_of(tape, edge(output))
    seed = np.ones(output.shape, output.dtype)[()]
    found = autograd.differentiate([output], [seed], True, False, list(places))
    return {places[place]: g for place, g in found.items() if place in places}
