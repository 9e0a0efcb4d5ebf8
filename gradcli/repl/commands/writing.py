"""Commands that write an expression in another form."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from gradcli.engine.tape import Tape
from gradcli.engine.tensor import Tensor
from gradcli.errors import NoGraph, UsageError
from gradcli.lang.evaluation import missing
from gradcli.lang.lexer import tokens
from gradcli.lang.numbers import NUMBERS
from gradcli.lang.programs import example, program_of_text
from gradcli.lang.session import Session
from gradcli.lang.source import Source
from gradcli.repl.meta import Options, command, taken, with_options

if TYPE_CHECKING:
    from gradcli.repl.console import Console

EXPORT: Options = {
    "--to": ("python", "numpy", "torch", "jax", "c", "latex"),
    "--hessian": None,
    "--name": (),
    "-o": (),
}
FUNCTION = re.compile(r"[A-Za-z_]\w*", re.ASCII)


@command(
    "EXPR [--to LANGUAGE] [--hessian] [--name NAME] [-o FILE]",
    "Value and derivatives as a function in Python, numpy, torch, jax, C or LaTeX.",
    with_options(EXPORT),
)
def export(console: Console, text: str) -> None:
    from gradcli.views.export import source_code  # noqa: PLC0415  # few ask
    from gradcli.views.export.words import Words  # noqa: PLC0415

    text, options = taken(text, EXPORT)
    if not text:
        raise UsageError("export which expression?", hint="such as :export sin(a)^2 --to c")
    name, hessian = options.get("--name", "f"), "--hessian" in options
    if not FUNCTION.fullmatch(name):
        raise UsageError(f"'{name}' cannot name a function")
    session, source = console.session, Source(text, "")
    session.warnings = []
    with undone(session):
        shapes = inputs_of(console, source)
        leaves = {key: session.leaf_of(example(shape)) for key, shape in shapes.items()}
        with console.guarded():
            program = program_of_text(session, source, leaves, hessian=hessian)
    words = Words(name, text, shapes, hessian)
    code = source_code(program, words, options.get("--to", "numpy")).rstrip()
    console.deliver([code], options.get("-o"))


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
    session = console.session
    codes = session.compile(source)
    for item in missing(session, codes):
        if not item.called:
            session.variables[item.name] = session.leaf_of(example(()))
    found = inputs_met(console, source)
    if not found:
        read = {token.value for token in tokens(source, tolerant=True) if token.kind == "name"}
        for name in read & session.variables.keys():
            value = session.variables[name]
            if type(value) in NUMBERS or (type(value) is Tensor and value.dtype.kind == "f"):
                shape = value.shape if type(value) is Tensor else ()
                session.variables[name] = session.leaf_of(example(shape))
        found = inputs_met(console, source)
    if not found:
        raise NoGraph(
            "there is no variable that it is calculated from", hint="a name alone is its value"
        )
    return found


def inputs_met(console: Console, source: Source) -> dict[str, tuple[int, ...]]:
    """The variables that an evaluation reads and that need a gradient."""
    session = console.session
    session.tape = tape = Tape()
    console.evaluate(source.text)
    names = {id(x): key for key, x in session.variables.items() if key != "ans"}
    found = {}
    for entry in tape.entries:
        if entry.op is None and entry.tensor.requires_grad:
            if id(entry.tensor) not in names:
                raise NoGraph("it depends on a tensor that no variable holds")
            found[names[id(entry.tensor)]] = entry.value.shape
    return found
