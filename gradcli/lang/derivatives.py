"""Jacobians, Hessians, tangents and higher derivatives of an evaluated expression.

Each function fills in `found` of an Evaluation, for `evaluate(…, derive=)`.
"""

from __future__ import annotations

import numpy as np

from gradcli.engine import autograd
from gradcli.engine.functions import FUNCTIONS
from gradcli.engine.graph import Output
from gradcli.engine.jacobians import gradients_of, tangent_of
from gradcli.engine.reach import reachable
from gradcli.engine.tensor import Tensor, edge
from gradcli.engine.trace import places_of
from gradcli.engine.transforms import matching
from gradcli.errors import GradcliError, SeedNeeded
from gradcli.lang.calculus import jacobian_at
from gradcli.lang.evaluation import Evaluation, Options, cotangent, differentiable
from gradcli.lang.orders import derivatives_of, order_of
from gradcli.lang.session import Session
from gradcli.lang.source import Source, Span

# Up to this order a proof has the lower derivatives recorded, each of which is a few times as long.
RECORDED = 4


def jacobian(session: Session, evaluation: Evaluation, options: Options) -> None:
    """By each variable, of the shape of the output and then of the variable."""
    output = differentiable(session, evaluation, options)
    if output is not None:
        note_unused(evaluation, output)
        found = jacobian_at(output, list(evaluation.by.values()), "the Jacobian")
        evaluation.found = {(name,): j for name, j in zip(evaluation.by, found, strict=True)}


def hessian(session: Session, evaluation: Evaluation, options: Options) -> None:
    """By each pair of variables, of the shape of the first and then of the second."""
    output = differentiable(session, evaluation, options)
    if output is None:
        return
    if output.size != 1:
        raise SeedNeeded(
            f"a Hessian is of one number; the result has shape {output.shape}",
            hint="sum() it, or differentiate one element",
        )
    note_unused(evaluation, output)
    leaves = list(evaluation.by.values())
    evaluation.steps = gradients_of(output, leaves, again=True)
    for first, g in zip(evaluation.by, evaluation.steps, strict=True):
        for second, h in zip(evaluation.by, jacobian_at(g, leaves, "the Hessian"), strict=True):
            evaluation.found[first, second] = h


def jvp(session: Session, evaluation: Evaluation, options: Options) -> None:
    """Along the tangents; a variable without one does not move."""
    output = differentiable(session, evaluation, options)
    if output is None:
        return
    note_unused(evaluation, output)
    evaluation.tangents = {
        name: tangent(session, evaluation.by[name], source)
        for name, source in options.tangents.items()
    }
    leaves = [evaluation.by[name] for name in evaluation.tangents]
    evaluation.found[()] = tangent_of(output, leaves, list(evaluation.tangents.values()))


def tangent(session: Session, leaf: Tensor, source: Source) -> Tensor:
    """How a variable moves: a tensor of its shape; a number stands for all elements."""
    value = cotangent(session, source)
    try:
        if value.ndim == 0 != leaf.ndim:
            value = FUNCTIONS["broadcast_to"](value, leaf.shape)
        return matching(leaf, FUNCTIONS["astype"](value, leaf.dtype))
    except GradcliError as error:
        raise source.blame(error, Span(0, len(source.text))) from None


def orders(session: Session, evaluation: Evaluation, options: Options) -> None:
    """The first to the `options.order`-th derivative by one variable."""
    order = order_of(options.order or 1)
    output = differentiable(session, evaluation, options)
    if output is None:
        return
    note_unused(evaluation, output)
    if options.seed is not None:
        evaluation.seed = cotangent(session, options.seed)
        output = FUNCTIONS["sum"](output * evaluation.seed)
    ((name, x),) = evaluation.by.items()
    evaluation.order = order
    if options.tape and order > 1:
        evaluation.steps = recorded(output, x, min(order, RECORDED) - 1)
    found = derivatives_of(output, x, evaluation.tape, order, f"the derivative of order {order}")
    for k, d in enumerate(found, 1):
        evaluation.found[(name,) * k] = d
    last = max((k for k, d in enumerate(found, 1) if np.any(d.value)), default=0)
    if edge(output) is not None and last < order:
        evaluation.notes.append(
            f"the derivatives of order {last + 1} to {order} are 0"
            if last + 1 < order
            else f"the derivative of order {order} is 0"
        )


def recorded(y: Tensor, x: Tensor, count: int) -> list[Tensor]:
    """The first derivatives, each with its graph, while they depend on x."""
    found: list[Tensor] = []
    while edge(y) is not None and len(found) < count:
        (g,) = autograd.grad(y, x, np.ones(y.shape), create_graph=True, materialize_grads=True)
        assert g is not None
        found.append(g)
        y = g
    return found


def note_unused(evaluation: Evaluation, output: Tensor) -> None:
    """What the result does not depend on has derivatives of zero, and is named."""
    inside = set(reachable([edge(output)]))
    for name, tensor in evaluation.by.items():
        place = edge(tensor)
        if (place.node if type(place) is Output else place) not in inside:
            evaluation.notes.append(f"the result does not depend on {name}")


def nothing(session: Session, evaluation: Evaluation, options: Options) -> None:
    """No derivatives, but what there would be to differentiate."""
    differentiable(session, evaluation, options)


def everywhere(session: Session, evaluation: Evaluation, options: Options) -> None:
    """The gradients, and the cotangent of everything that the tape knows."""
    output = differentiable(session, evaluation, options)
    tape, root = evaluation.tape, None if output is None else edge(output)
    if output is None or tape is None or root is None:
        return
    if options.seed is not None:
        evaluation.seed = cotangent(session, options.seed)
    places = {number: place for place, number in places_of(tape, root).items()}
    found = autograd.differentiate(
        [output],
        [evaluation.seed],
        options.retain_graph,
        options.create_graph,
        list(places.values()),
    )
    evaluation.adjoints = {
        number: getattr(g, "value", g)
        for number, place in places.items()
        if (g := found.get(place)) is not None
    }
    for name, leaf in evaluation.by.items():
        g = found.get(edge(leaf))
        if g is not None:
            evaluation.found[name,] = g if isinstance(g, Tensor) else Tensor(g)
