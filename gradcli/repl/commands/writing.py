"""Commands that write an expression in another form."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from gradcli.engine.tape import Tape
from gradcli.engine.tensor import Tensor
from gradcli.errors import GradcliError, NoGraph, Undecided, UnknownName, UsageError
from gradcli.lang.lexer import tokens
from gradcli.lang.nearest import closest
from gradcli.lang.numbers import NUMBERS
from gradcli.lang.programs import example, program_of_text
from gradcli.lang.session import Session
from gradcli.lang.source import Source
from gradcli.lang.unbound import missing
from gradcli.lang.values import Function
from gradcli.repl.meta import Options, command, taken, with_options

if TYPE_CHECKING:
    from gradcli.lang.evaluation import Evaluation
    from gradcli.repl.console import Console
    from gradcli.views.derivative import Formulas

EXPORT: Options = {
    "--to": ("python", "numpy", "torch", "jax", "c", "latex"),
    "--hessian": None,
    "--name": (),
    "-o": (),
}
FORMULA: Options = {
    "--wrt": (),
    "--order": (),
    "-f": ("text", "unicode", "latex", "python", "numpy"),
}
FUNCTION = re.compile(r"[A-Za-z_]\w*", re.ASCII)


@command(
    "EXPR [--wrt NAME] [--order N] [-f FORM]",
    "The derivatives of an expression as formulas.",
    with_options(FORMULA),
)
def formula(console: Console, text: str) -> None:
    from gradcli.views.derivative import Formulas, written  # noqa: PLC0415  # few ask

    text, options = taken(text, FORMULA)
    if not text:
        raise UsageError("the derivative of which expression?", hint="such as :formula sin(x)^2")
    order = options.get("--order", "1")
    if not order.isdecimal() or not int(order):
        raise UsageError(f"--order is a positive integer, not '{order}'")
    with undone(console.session):
        evaluation = evaluated(console, Source(applied(console.session, text), ""))
        found = Formulas(evaluation.source, shapes_of(evaluation.at), int(order), {})
        by = [options["--wrt"]] if "--wrt" in options else named(evaluation)
        failures = find(console, evaluation, found, by)
    if found.found:
        console.deliver(written(found, options.get("-f", "text")))
    for failure in failures:
        console.failed(failure)


@command(
    "EXPR [--to LANGUAGE] [--hessian] [--name NAME] [-o FILE]",
    "Value and derivatives as a function in Python, numpy, torch, jax, C or LaTeX.",
    with_options(EXPORT),
)
def export(console: Console, text: str) -> None:
    from gradcli.views.export import source_code  # noqa: PLC0415  # few ask
    from gradcli.views.export.words import Words  # noqa: PLC0415  # only this needs it

    text, options = taken(text, EXPORT)
    if not text:
        raise UsageError("export which expression?", hint="such as :export sin(a)^2 --to c")
    name, hessian = options.get("--name", "f"), "--hessian" in options
    if not FUNCTION.fullmatch(name):
        raise UsageError(f"'{name}' cannot name a function")
    session = console.session
    session.warnings = []
    with undone(session):
        source = Source(applied(session, text), "")
        shapes = inputs_of(console, source)
        leaves = {key: session.leaf_of(example(shape)) for key, shape in shapes.items()}
        with console.guarded():
            program = program_of_text(session, source, leaves, hessian=hessian)
    words = Words(name, source.text, shapes, hessian)
    code = source_code(program, words, options.get("--to", "numpy")).rstrip()
    console.deliver(code, path=options.get("-o"))


def evaluated(console: Console, source: Source) -> Evaluation:
    """An expression of the variables that need a gradient and of names that nothing defines; of the
    numbers that it names, if there are none of these."""
    from gradcli.repl.calculation import calculated  # noqa: PLC0415  # likewise

    bind_unknown(console.session, source)
    try:
        return calculated(console, source.text)
    except NoGraph:
        bind_numbers(console.session, source)
    return calculated(console, source.text)


def shapes_of(tensors: Mapping[str, Tensor]) -> dict[str, tuple[int, ...]]:
    return {name: x.shape for name, x in tensors.items()}


def named(evaluation: Evaluation) -> list[str]:
    """The variables that can stand in a formula."""
    found = [name for name in evaluation.at if name.isidentifier()]
    if not found:
        raise NoGraph(
            f"it depends on {', '.join(evaluation.at)} alone, which no formula can name",
            hint=":check shows the gradients",
        )
    return found


def find(
    console: Console, evaluation: Evaluation, formulas: Formulas, by: list[str]
) -> list[GradcliError]:
    """Fill in the formulas; why there is none by some of the variables."""
    from gradcli.proof.results import formula_by  # noqa: PLC0415  # likewise

    assert evaluation.tape is not None
    failures: list[GradcliError] = []
    order = formulas.order
    symbols = {name: x for name, x in evaluation.at.items() if name.isidentifier()}
    for name in by:
        if name not in symbols:
            hint = closest(name, symbols) or f"it depends on {', '.join(evaluation.at)}"
            raise UnknownName(f"there is no variable '{name}' to differentiate by", hint=hint)
        try:
            with console.guarded(), console.session.evaluating():
                formulas.found[name] = formula_by(
                    console.session, evaluation.tape, evaluation.value, symbols, name, order
                )
        except Undecided as error:
            failures.append(error)
    return failures


# ---- what it is a function of -------------------------------------------------------------------


@contextmanager
def undone(session: Session) -> Iterator[None]:
    """The variables are afterwards what they were; what is calculated inside goes unrecorded."""
    variables, tape = dict(session.variables), session.tape
    try:
        yield
    finally:
        session.variables.clear()
        session.variables.update(variables)
        session.tape = tape


def inputs_of(console: Console, source: Source) -> dict[str, tuple[int, ...]]:
    """What an expression is a function of, by name, with shapes.

    Those are the names that nothing defines, as numbers, and the variables that need a gradient;
    if there are none of these, the numbers that it names.
    """
    bind_unknown(console.session, source)
    found = inputs_met(console, source)
    if not found:
        bind_numbers(console.session, source)
        found = inputs_met(console, source)
    if not found:
        raise NoGraph(
            "there is no variable that it is calculated from", hint="a name alone is its value"
        )
    return found


def applied(session: Session, text: str) -> str:
    """The name of a function stands for its value at its parameters, which are numbers."""
    function = session.variables.get(text)
    if type(function) is not Function:
        return text
    names = [n for n in function.code.parameters.names if n not in function.defaults]
    session.variables.update({name: session.leaf_of(example(())) for name in names})
    return f"{text}({', '.join(names)})"


def bind_unknown(session: Session, source: Source) -> None:
    """Make numbers, variables to differentiate by, of the names that nothing defines."""
    for item in missing(session, session.compile(source)):
        if not item.called:
            session.variables[item.name] = session.leaf_of(example(()))


def bind_numbers(session: Session, source: Source) -> None:
    """Make variables to differentiate by of the numbers that an expression names."""
    read = {token.value for token in tokens(source, tolerant=True) if token.kind == "name"}
    for name in read & session.variables.keys():
        value = session.variables[name]
        if type(value) in NUMBERS or (type(value) is Tensor and value.dtype.kind == "f"):
            shape = value.shape if type(value) is Tensor else ()
            session.variables[name] = session.leaf_of(example(shape))


def inputs_met(console: Console, source: Source) -> dict[str, tuple[int, ...]]:
    """The variables that an evaluation reads and that need a gradient."""
    session = console.session
    session.tape = tape = Tape()
    console.evaluate(source.text)
    names = {id(x): name for name, x in session.tensors().items() if name.isidentifier()}
    found = {}
    for entry in tape.entries:
        if entry.op is None and entry.tensor.requires_grad:
            if id(entry.tensor) not in names:
                raise NoGraph("it depends on a tensor that no variable holds")
            found[names[id(entry.tensor)]] = entry.value.shape
    return found
