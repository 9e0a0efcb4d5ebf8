"""Functions that are recorded once for each kind of arguments, and from then on run as programs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from gradcli.engine import autograd
from gradcli.engine.executors.lines import line_by_line
from gradcli.engine.executors.scalars import scalar_executor
from gradcli.engine.executors.stepwise import owning
from gradcli.engine.executors.sweeps import array_executor, over_rows
from gradcli.engine.folding import Folding, folded
from gradcli.engine.graph import here
from gradcli.engine.program import Program, trace
from gradcli.engine.tensor import Tensor, tensor
from gradcli.engine.transforms import number_of, result_of
from gradcli.errors import GradcliError, NoGraph, ShapeMismatch, WrongType

Run = Callable[..., list[Any]]
FLOATS = frozenset((float, np.float64))


class Compiled(NamedTuple):
    """A program that is ready to run, and what gives its outputs the form of the results."""

    execute: Run
    fill: Callable[[list[Any]], Any]


def compile(
    function: Callable[..., Any], *, grad: bool = False, rows: bool | Sequence[int] = False
) -> Callable[..., Any]:
    """A function that gives what `function` gives, several to many times as fast.

    It is recorded once for each combination of the arguments' shapes and dtypes, and the program is
    kept: of numbers as machine code (on x86-64; else as a function of Python's floats), of large
    arrays block by block on all cores. Results may differ in their last digits. Arguments are
    numbers, arrays or tensors; keywords are constants. Results are tensors, or tuples and lists of
    them, without a graph.

    grad  return (value, gradients): the gradients by all arguments, as a tuple. The function must
          give one number
    rows  the function is applied to every row (`x[k]`) of its arguments at these positions, or with
          True of all that are not numbers; results are rows, too. Memory beside them is some
          megabytes, for any number of rows

    The function may differentiate: `compile(hessian(f))` is a fast Hessian. What it reads besides
    its arguments stays as it was when it was recorded. Raises WrongType where it takes a branch or
    an index by its arguments' values; `where` chooses between values.
    """
    programs: dict[Any, Compiled] = {}
    wanted = with_gradients(function) if grad else function

    def run(*arguments: Any, **constants: Any) -> Any:
        types = tuple(map(type, arguments))
        known = None if constants else programs.get(types)
        if known is not None:  # of numbers, and asked for before
            return known.fill(known.execute(*arguments))
        values = [argument(x, real=grad) for x in arguments]
        columns = columns_of(values, rows)
        # Of rows, programs hold for any number of them.
        kinds = [(k in columns, x.shape[k in columns :], x.dtype) for k, x in enumerate(values)]
        key: Any = (*kinds, *sorted(constants.items()))
        try:
            known = programs.get(key)
        except TypeError:
            raise WrongType("keywords of a compiled function are constants, and hashable") from None
        if known is None:
            bound = partial(wanted, **constants)
            known = recorded_for_rows(bound, values, columns) if rows else recorded(bound, values)
            programs[key] = known
        if not constants and FLOATS.issuperset(types):
            programs[types] = known
        return known.fill(known.execute(*values))

    return run


def columns_of(values: Sequence[Any], rows: bool | Sequence[int]) -> frozenset[int]:
    """Which arguments have rows; they have as many."""
    if rows is False:
        return frozenset()
    every = [k for k, x in enumerate(values) if x.ndim] if rows is True else rows
    found = frozenset(every)
    there = found.issubset(range(len(values)))
    lengths = {len(values[k]) if values[k].ndim else -1 for k in found} if there else {-1}
    if len(lengths) != 1 or lengths == {-1}:
        raise ShapeMismatch("compile with rows: arguments with rows have as many, and at least one")
    return found


def with_gradients(function: Callable[..., Any]) -> Callable[..., Any]:
    def both(*inputs: Tensor, **constants: Any) -> Any:
        y = number_of(function(*inputs, **constants), "compile")
        found = autograd.grad(y, inputs, create_graph=True, materialize_grads=True)
        return y, tuple(found)

    return both


def argument(x: Any, *, real: bool) -> Any:
    """The raw value of an argument; Python's whole numbers are real ones, others if asked for."""
    if type(x) is float:
        return np.float64(x)
    if isinstance(x, Tensor):
        if x.requires_grad:
            raise NoGraph(
                "a compiled function gives results without a graph",
                hint="detach() its arguments; compile(f, grad=True) gives the gradients",
            )
        value = x.taken()
    elif isinstance(x, np.ndarray):
        value = x[()]
    elif isinstance(x, np.generic):
        value = x
    else:
        value = tensor(x).value
    if value.dtype.kind not in "fciub":
        raise WrongType(f"arguments of a compiled function are numbers, not {value.dtype}")
    return value.astype(np.float64) if real and value.dtype.kind in "iub" else value


def recorded(function: Callable[..., Any], values: list[Any]) -> Compiled:
    """The program of a function for such arguments."""
    examples = [folded(x) for x in values]
    if all(x is example for x, example in zip(values, examples, strict=True)):
        program, form = program_and_form(function, values)
    else:
        state = here.state
        before, state.meter = state.meter, Folding()
        try:
            program, form = program_and_form(function, examples)
        except (GradcliError, ValueError):  # it writes into them, or wants rows that differ
            program, form = program_and_form(function, values)
        finally:
            state.meter = before
    return Compiled(owning(program, executor(program)), filling(form))


def program_and_form(function: Callable[..., Any], values: list[Any]) -> tuple[Program, Any]:
    forms: list[Any] = []

    def flat(*inputs: Tensor) -> list[Tensor]:
        found: list[Tensor] = []
        forms.append(form_of(function(*inputs), found))
        return found

    return trace(flat, {f"x{k}": value for k, value in enumerate(values)}), forms[0]


def recorded_for_rows(
    function: Callable[..., Any], values: list[Any], columns: frozenset[int]
) -> Compiled:
    """The same of a function of one row, for arguments of which some have rows."""
    row = [an_example(x) if k in columns else x for k, x in enumerate(values)]
    program, form = program_and_form(function, row)
    execute = over_rows(program, [f"x{k}" for k in sorted(columns)])
    return Compiled(execute, filling(form))


def an_example(column: Any) -> Any:
    return column[0] if len(column) else np.ones(column.shape[1:], column.dtype)[()]


def executor(program: Program) -> Run:
    """What runs a program fastest, as a function of its inputs in their order."""
    return scalar_executor(program) or array_executor(program) or line_by_line(program)


def form_of(result: Any, found: list[Tensor]) -> Any:
    """A result with numbers in place of tensors, which are found in this order."""
    if isinstance(result, tuple | list):
        return type(result)([form_of(part, found) for part in result])
    found.append(result_of(result, "compile"))
    return len(found) - 1


def filling(form: Any) -> Callable[[list[Any]], Any]:
    """What puts tensors of such values in the places of their numbers."""
    if type(form) is int:
        return lambda values: Tensor(values[form])
    kind = type(form)
    if form and all(type(part) is int for part in form):
        first, last = form[0], form[-1] + 1
        return lambda values: kind(map(Tensor, values[first:last]))
    parts = [filling(part) for part in form]
    return lambda values: kind([part(values) for part in parts])
