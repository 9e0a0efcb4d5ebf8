"""One expression differentiated: what `eval` and its kin compute, for any front end to show."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.engine.autograd import backward
from gradcli.engine.graph import Node, here
from gradcli.engine.kinks import kinks
from gradcli.engine.reach import reachable
from gradcli.engine.tape import Tape
from gradcli.engine.tensor import Tensor, edge
from gradcli.errors import (
    GradcliError,
    GraphFreed,
    ParseError,
    ShapeMismatch,
    UnknownName,
    WrongType,
    WrongValue,
    described,
)
from gradcli.lang.limits import Limits, note_change
from gradcli.lang.nearest import did_you_mean
from gradcli.lang.needs import load_all
from gradcli.lang.session import Session
from gradcli.lang.source import Source, Span
from gradcli.lang.tensors import as_tensor

if TYPE_CHECKING:
    from gradcli.lang.uncertainty import Uncertainty

DEFAULTS = Limits()


# What is found, as it is called in words.
KINDS = {
    "gradient": "gradient",
    "jacobian": "Jacobian",
    "hessian": "Hessian",
    "jvp": "tangent",
    "vjp": "vector-Jacobian product",
}


class Options(NamedTuple):
    """How an expression is differentiated.

    kind          what is wanted: a key of KINDS
    wrt           names to differentiate by; without any, every variable
    seed          text of the cotangent that the result is contracted with
    tangents      for a jvp, the texts of how the variables move
    order         up to which derivatives by one variable are wanted; None for the gradient
    retain_graph  as in backward(); None leaves it to `create_graph`
    backward      how many times to call backward
    tape          record a tape, for a proof
    """

    kind: str = "gradient"
    wrt: tuple[str, ...] = ()
    seed: Source | None = None
    tangents: Mapping[str, Source] = MappingProxyType({})
    order: int | None = None
    retain_graph: bool | None = None
    create_graph: bool = False
    backward: int = 1
    gradients: bool = True
    tape: bool = False


class Evaluation:
    """A value and its derivatives.

    kind      what they are: a key of KINDS
    at        the variables that were given
    by        what the derivatives are by: variables, or results that the expression assigned
    found     the derivatives, by the names they are by: ("x",), of second order ("x", "y"); that
              along tangents by ()
    steps     recorded lower derivatives that the found ones are gradients of, for a proof
    adjoints  cotangents, by the numbers of the tape's entries, where they were asked for
    graphs    by name, the node of a gradient that has a graph
    output    the value as the tensor that was differentiated
    uncertainty  of the value, where variables have some
    seed      its cotangent, of all passes together; None stands for one
    limits    that it was under, and its output is
    """

    def __init__(
        self,
        source: Source,
        at: Mapping[str, Tensor],
        value: Any,
        tape: Tape | None = None,
        limits: Limits = DEFAULTS,
        kind: str = "gradient",
    ) -> None:
        self.source = source
        self.kind = kind
        self.at = at
        self.value = value
        self.tape = tape
        self.limits = limits
        self.by: Mapping[str, Tensor] = {}
        self.found: dict[tuple[str, ...], Tensor] = {}
        self.tangents: dict[str, Tensor] = {}
        self.steps: list[Tensor] = []
        self.adjoints: dict[int, Any] = {}
        self.order: int | None = None
        self.graphs: dict[str, str] = {}
        self.notes: list[str] = []
        self.output: Tensor | None = None
        self.seed: Tensor | None = None
        self.uncertainty: Uncertainty | None = None

    @property
    def gradient(self) -> dict[str, Tensor]:
        """The derivatives of first order, by name."""
        return {names[0]: found for names, found in self.found.items() if len(names) == 1}

    @property
    def shown(self) -> Any:
        """The value as people read it: a list that was differentiated is a tensor."""
        return self.output if self.output is not None and type(self.value) is list else self.value


Derive = Callable[[Session, Evaluation, Options], None]


def evaluate(
    session: Session,
    source: Source,
    leaves: Mapping[str, Tensor],
    options: Options,
    derive: Derive | None = None,
) -> Evaluation:
    """Run the statements of `source` with `leaves` as variables; differentiate the last value.

    derive  finds the derivatives; by default those that `options.backward` calls of backward()
            accumulate

    A result that does not depend on a variable has derivative zero, with a note.
    """
    codes = session.compile(source)
    if derive or options.create_graph or options.kind != "gradient":
        load_all()
    session.variables.update(leaves)
    whole = options.tape or session.looks_inside(codes)
    taped = whole or (options.order or 0) > 1
    session.tape = Tape(whole=whole) if taped else None
    results = session.run_code(codes)
    if not results or not results[-1].is_expression:
        if not codes:
            raise source.blame(ParseError("there is no expression"), Span(0, 0))
        error = WrongValue(
            "the last statement is no expression, so there is nothing to differentiate",
            hint="end with the value that is wanted",
        )
        raise source.blame(error, codes[-1].place.span)
    value, place = results[-1].value, results[-1].place
    evaluation = Evaluation(source, leaves, value, session.tape, session.limits, options.kind)
    session.note_nonfinite("the value", value)
    forward = session.event
    if options.gradients and leaves:
        with session.evaluating(), session.meter.journal.statement():
            try:
                (derive or accumulated)(session, evaluation, options)
            except GradcliError as error:
                raise error if error.location else source.blame(error, place.span) from None
            if session.event is None:  # nan may come of what went wrong before the pass
                session.event = forward
            for names, found in evaluation.found.items():
                by = " and ".join(dict.fromkeys(names))
                what = f"the {KINDS[options.kind]}{by and ' by '}{by}"
                session.note_nonfinite(what, found, masked_branch(session, evaluation.output))
            session.meter.charge(0)
    return evaluation


def differentiable(session: Session, evaluation: Evaluation, options: Options) -> Tensor | None:
    """The output as a tensor, with what to differentiate it by; None, and a note, if it is none."""
    value, leaves = evaluation.value, evaluation.at
    try:
        output = evaluation.output = as_tensor(value)
    except (WrongType, WrongValue, ShapeMismatch):
        evaluation.notes.append(f"no gradient: the result is {described(value)}")
        return None
    if not output.requires_grad and any(leaf.grad is not None for leaf in leaves.values()):
        evaluation.notes.append("no gradient: the result is no longer part of a graph")
        return None
    evaluation.by = {
        name: leaves[name] if name in leaves else variable(session, name)
        for name in options.wrt or leaves
    }
    for node in kinks(edge(output)):
        session.note_kink(node)
    return output


def accumulated(session: Session, evaluation: Evaluation, options: Options) -> None:
    """The gradients that backward() adds to `.grad`."""
    output = differentiable(session, evaluation, options)
    if output is None:
        return
    if options.seed is not None:
        evaluation.seed = cotangent(session, options.seed)
    if output.requires_grad:
        propagate(output, evaluation.by.values(), evaluation.seed, options)
        if options.backward > 1:
            one = 1.0 if evaluation.seed is None else evaluation.seed
            evaluation.seed = as_tensor(one) * options.backward
    for name, tensor in evaluation.by.items():
        gradient = tensor.grad if output.requires_grad else None
        if gradient is None:
            evaluation.notes.append(f"the result does not depend on {name}")
            gradient = Tensor(np.zeros_like(tensor.value)[()])
        evaluation.found[name,] = gradient
        if options.create_graph and gradient.grad_fn is not None:
            evaluation.graphs[name] = gradient.grad_fn.name


def cotangent(session: Session, source: Source) -> Tensor:
    value = session.evaluate(source)
    try:
        return as_tensor(value).detach()
    except GradcliError as error:
        raise source.blame(error, Span(0, len(source.text))) from None


def variable(session: Session, name: str) -> Tensor:
    """A variable to differentiate by; one that the expression assigned retains its gradient."""
    value = session.variables.get(name)
    if type(value) is not Tensor or not value.requires_grad:
        known = [key for key, item in session.variables.items() if type(item) is Tensor]
        raise UnknownName(
            f"there is no variable '{name}' to differentiate by", hint=did_you_mean(name, known)
        )
    if not value.is_leaf:
        value.retain_grad()
    return value


def masked_branch(session: Session, output: Tensor | None) -> str:
    """What to do where a derivative fails inside a branch that `where` masks, if that is so.

    The branch gets a cotangent of zero, and zero times an infinite slope is nan.
    """
    event = session.event
    if output is None or event is None:
        return ""
    for node in reachable([output.grad_fn]):
        if node.name == "WhereBackward0" and any(
            below is event.node or (type(below) is Node and below.span is event.place)
            for below in reachable([node])
        ):
            return (
                "; where() masks a branch, yet differentiates it: give it a safe input too, as in "
                "where(c, f(where(c, x, 1)), 0)"
            )
    return ""


def propagate(output: Tensor, by: Iterable[Tensor], seed: Any, options: Options) -> None:
    """Call backward as often as asked, from gradients that are cleared first."""
    for tensor in by:
        note_change(tensor)
        tensor.grad = None
    # Whoever asks for --create-graph need not be warned of what it does to reference counts.
    here.state.notice = lambda message: None
    try:
        for _ in range(options.backward):
            backward(output, seed, options.retain_graph, options.create_graph)
    except GraphFreed as error:
        if options.backward > 1:
            error.hint = "--retain-graph (in the language retain_graph=True) keeps them"
        raise
