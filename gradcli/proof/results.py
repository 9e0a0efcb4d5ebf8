"""Proofs and formulas of what a running program has calculated, or defined as a function."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from gradcli.engine import autograd
from gradcli.engine.graph import here, inference_mode, recording
from gradcli.engine.program import Program, leaf, program_of
from gradcli.engine.tape import Tape, taping
from gradcli.engine.tensor import Tensor, edge
from gradcli.engine.trace import places_of
from gradcli.errors import WrongIndex, WrongType, WrongValue, described
from gradcli.lang.calculus import function_of, result_of
from gradcli.lang.orders import order_of
from gradcli.lang.session import Session
from gradcli.lang.source import Source
from gradcli.lang.tensors import as_tensor
from gradcli.lang.values import CALLABLE, Derivative, Function
from gradcli.lang.vm.calls import signature
from gradcli.proof.closed.problem import STYLES, Problem
from gradcli.proof.closed.search import Closed, closed_form
from gradcli.proof.crosscheck import Check
from gradcli.proof.crosscheck import check as proven
from gradcli.proof.refutation import Refuter, Tested
from gradcli.proof.sampling import shapes_of
from gradcli.proof.trial import Claim, FunctionTrial

# Fuel of a proof, which takes a process of its own.
PROOF = 1_000_000


# ---- what was recorded --------------------------------------------------------------------------


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
    return {name: x for name, x in leaves(session).items() if edge(x) in places}


def leaves(session: Session) -> dict[str, Tensor]:
    """The variables that need a gradient and are no results."""
    return {name: x for name, x in session.tensors().items() if x.is_leaf and x.requires_grad}


@contextmanager
def apart(session: Session) -> Iterator[None]:
    """For evaluations within one: they are recorded whatever the program has set, and neither
    what they print nor what they meet is news."""
    event, warnings = session.event, list(session.warnings)
    with session.muted(), inference_mode(False), recording(True), np.errstate(all="ignore"):
        yield
    session.event = event
    session.warnings[:] = warnings


@contextmanager
def repeated(session: Session) -> Iterator[None]:
    """The same at other points, which are float64 among what a framework calculated in float32."""
    with apart(session):
        floating, here.state.floating = here.state.floating, None
        try:
            yield
        finally:
            here.state.floating = floating


# ---- gradients and claims -----------------------------------------------------------------------


def check_result(session: Session, y: Any) -> Check:
    """What independent methods say of the gradient by the leaves among the variables."""
    output, tape = recorded(session, "check", y)
    session.meter.charge(PROOF)
    leaves = leaves_of(session, tape, output)
    seed = np.ones(output.shape, output.dtype)
    found = autograd.grad(
        output, list(leaves.values()), seed, retain_graph=True, materialize_grads=True
    )
    gradients = dict(zip(leaves, found, strict=True))
    return proven(tape, output, leaves, gradients, seed, session.limits.check)


def check_claim(
    session: Session, function: Any, claim: Any, fixed: Mapping[str, Any]
) -> list[Tested]:
    """Is one function the derivative of another: by its first parameter, or of a tuple by each?

    fixed  values of parameters, which are tried at these alone
    """
    if type(function) not in CALLABLE or type(claim) not in CALLABLE:
        raise WrongType(
            f"check(f, claim) compares functions, not {described(function)} and {described(claim)}",
            hint="f(x) = x^2; check(f, lambda x: 2*x)",
        )
    function, claim = function_of("check", function), function_of("check", claim)
    names = parameters("check", function)
    for name in fixed:
        if name not in names:
            raise WrongType(f"check: {function.name} has no parameter '{name}' without a default")
    point = {name: np.asarray(as_tensor(x).value, float) for name, x in fixed.items()}
    free = [name for name in names if name not in point]
    session.meter.charge(PROOF)
    trial = FunctionTrial(session, function, claim, names)
    claims = [Claim((name,), Source(claim.name)) for name in names]
    with apart(session):
        shapes = shapes_of(trial, point, free, claims[:1]) if free else {}
        refuter = Refuter(trial, point, shapes, claims[:1], session.limits.check)
        tested = [refuter.test(claims[0])]
        if trial.has_all:
            tested += [refuter.test(each) for each in claims[1:]]
    return tested


def parameters(asking: str, function: Any) -> list[str]:
    """The names of what a function must be given; x of one that is built in."""
    if type(function) is Derivative:
        return parameters(asking, function.function)
    if type(function) is not Function:
        return ["x"]
    names = [n for n in function.code.parameters.names if n not in function.defaults]
    if not names:
        raise WrongType(f"{asking}: {signature(function)} has no parameter to differentiate by")
    return names


# ---- formulas -----------------------------------------------------------------------------------


def formula_of_result(session: Session, y: Any, x: Any, order: int) -> Closed:
    """The derivative of a result by one of the variables that it was calculated from."""
    output, tape = recorded(session, "formula", y)
    symbols = {n: x for n, x in leaves_of(session, tape, output).items() if n.isidentifier()}
    if x is None:
        if len(symbols) != 1:
            names = ", ".join(symbols) or "no variable"
            raise WrongType(f"formula: it depends on {names}", hint="formula(y, x) is that by x")
        (name,) = symbols
    else:
        name = name_in(session, tape, x)
        symbols[name] = x
    return formula_by(session, tape, output, symbols, name, order)


def name_in(session: Session, tape: Tape, x: Any) -> str:
    """The variable that holds a tensor which a result may depend on."""
    if type(x) is not Tensor:
        raise WrongType(f"formula: {described(x)} is nothing to differentiate by")
    names = [n for n, value in session.variables.items() if value is x and n != "ans"]
    if not names:
        raise WrongValue(
            "formula: what to differentiate by has no name", hint="assign it to a variable"
        )
    if id(x.origin or x) not in tape.numbers:
        raise WrongValue(f"formula: the result does not depend on {names[0]}")
    return names[0]


def formula_of_function(session: Session, function: Any, argnum: Any, order: int) -> Closed:
    """The derivative of a function of numbers by one of its parameters, the first if none.

    Leaves among the variables that it reads are symbols, too.
    """
    function = function_of("formula", function)
    names = parameters("formula", function)
    position = 0 if argnum is None else argnum
    if type(position) is not int:
        hint = f"formula({function.name}, 1) is that by its second parameter"
        raise WrongType(f"formula: {described(argnum)} is no position of a parameter", hint=hint)
    if not -len(names) <= position < len(names):
        raise WrongIndex(f"{function.name} has no parameter {position}: it has {', '.join(names)}")
    lot = np.random.default_rng(0)
    with apart(session), taping(Tape(whole=True)) as tape:
        given = {n: leaf(lot.uniform(STYLES[0].low, STYLES[0].high)) for n in names}
        symbols = {n: x for n, x in leaves(session).items() if n.isidentifier()} | given
        for tensor in symbols.values():
            tape.enter(tensor)
        tape.inputs = len(tape.entries)
        value = session.machine.call_back(function, tuple(given.values()))
        y = result_of(value, function.name)
    return formula_by(session, tape, y, symbols, names[position], order)


def formula_by(
    session: Session, tape: Tape, y: Tensor, symbols: Mapping[str, Tensor], name: str, order: int
) -> Closed:
    """The derivative of what a tape recorded by one of the symbols, as a formula of those that it
    depends on; it is tried at their values, too."""
    order_of(order)
    session.meter.charge(PROOF)
    program = program_of(tape, symbols, [y])
    used = {program.values[k].name for k in ancestors(program)} | {name}
    values = {key: np.asarray(x.value)[()] for key, x in symbols.items() if key in used}
    problem = Problem(
        session,
        lambda named: program.again({**symbols, **named})[0],
        {key: np.shape(x) for key, x in values.items()},
        name,
        order,
        values,
        running=lambda: repeated(session),
    )
    return closed_form(problem)


def ancestors(program: Program) -> set[int]:
    """The values that the outputs need."""
    found: set[int] = set()
    stack = list(program.outputs)
    while stack:
        k = stack.pop()
        if k not in found:
            found.add(k)
            stack.extend(program.values[k].operands)
    return found
