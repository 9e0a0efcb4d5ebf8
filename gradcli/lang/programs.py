"""An expression, its gradient and its Hessian as a program, for all values of its variables."""

from __future__ import annotations

from collections.abc import Mapping

from gradcli.engine import autograd
from gradcli.engine.functions import FUNCTIONS
from gradcli.engine.program import Program, program_of
from gradcli.engine.tape import Tape
from gradcli.engine.tensor import Tensor
from gradcli.errors import GradcliError, ParseError, SeedNeeded
from gradcli.lang.session import Session
from gradcli.lang.source import Source, Span
from gradcli.lang.tensors import as_tensor


def program_of_text(
    session: Session, source: Source, leaves: Mapping[str, Tensor], *, hessian: bool = False
) -> Program:
    """The value, then the derivatives by each variable, then those of each of these by each.

    The value must be one number. Branches and indices must not depend on the variables' values.
    """
    codes = session.compile(source)
    session.variables.update(leaves)
    tape = session.tape = Tape(whole=True)
    for leaf in leaves.values():
        tape.enter(leaf)
    tape.inputs = len(leaves)
    results = session.run_code(codes)
    if not results or not results[-1].is_expression:
        raise source.blame(ParseError("there is no expression"), Span(0, len(source.text)))
    with session.evaluating():
        try:
            y = as_tensor(results[-1].value)
            if y.size != 1:
                raise SeedNeeded(
                    f"what is exported is one number; the result has shape {y.shape}",
                    hint="sum() it, or choose an element",
                )
            inputs = list(leaves.values())
            outputs = [y.reshape(()) if y.ndim else y]
            first = gradients(outputs[0], inputs)
            outputs += first
            for g in first if hessian else ():
                outputs += jacobian(g, inputs)
            return program_of(tape, leaves, outputs)
        except GradcliError as error:
            raise source.blame(error, results[-1].place.span) from None


def gradients(y: Tensor, inputs: list[Tensor]) -> list[Tensor]:
    """By each input; zeros where y does not depend on it."""
    if not y.requires_grad:
        return [FUNCTIONS["zeros_like"](x) for x in inputs]
    found = autograd.grad(y, inputs, create_graph=True, materialize_grads=True)
    return [g for g in found if g is not None]


def jacobian(y: Tensor, inputs: list[Tensor]) -> list[Tensor]:
    """By each input, of y's shape and then its own: one pass for each element of y."""
    if not y.ndim:
        return gradients(y, inputs)
    elements = FUNCTIONS["ravel"](y)
    rows = [gradients(elements[k], inputs) for k in range(elements.size)]
    return [
        FUNCTIONS["stack"](list(column)).reshape(*y.shape, *x.shape)
        for column, x in zip(zip(*rows, strict=True), inputs, strict=True)
    ]
