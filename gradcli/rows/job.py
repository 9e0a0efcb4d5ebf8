"""An expression made ready for rows: which columns it reads, and what it gives for each row.

It is recorded once, as a program, and runs over blocks. What cannot be recorded, because the
calculation takes another course in another row, is evaluated row by row (see `one_by_one`).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import combinations_with_replacement
from typing import Any, NamedTuple, Protocol

import numpy as np

from gradcli.engine.executors.sweeps import over_rows
from gradcli.errors import (
    AssertionFailed,
    DomainError,
    GradcliError,
    Raised,
    UnknownName,
    UsageError,
    WrongIndex,
    WrongType,
    WrongValue,
)
from gradcli.lang.limits import Limits
from gradcli.lang.names import CONSTANTS
from gradcli.lang.nearest import did_you_mean
from gradcli.lang.programs import RowProgram, Watch, program_of_rows
from gradcli.lang.session import Session
from gradcli.lang.source import Source
from gradcli.lang.text import brief
from gradcli.lang.unbound import Missing, names_read
from gradcli.rows.blocks import Array
from gradcli.views.evaluation import labelled

# Errors that another row may not have.
OF_A_ROW = (DomainError, AssertionFailed, Raised, WrongIndex, WrongValue)


class Job(NamedTuple):
    """What is to be calculated, in a form that travels.

    constants  the values of variables that are no columns
    columns    the column, by number, of each variable that is one
    wrt        names to differentiate by; without any, every variable that is a column
    order      up to which derivatives are wanted: 0, 1 or 2
    """

    expression: str
    constants: Mapping[str, Array]
    columns: Mapping[str, int] = {}
    wrt: tuple[str, ...] = ()
    order: int = 1
    value_name: str = "value"
    limits: Limits = Limits()

    @property
    def source(self) -> Source:
        return Source(self.expression)

    @property
    def by(self) -> tuple[str, ...]:
        return self.wrt or tuple(self.columns)

    @property
    def derivatives(self) -> list[tuple[str, ...]]:
        """By what the results after the value are derived."""
        first = [(name,) for name in self.by] if self.order else []
        second = list(combinations_with_replacement(self.by, 2)) if self.order > 1 else []
        return [*first, *second]

    @property
    def titles(self) -> tuple[str, ...]:
        """The names of the results' columns: value, d/dx, d2/dxdy; of another value df/dx."""
        of = "" if self.value_name == "value" else self.value_name
        names = [labelled(names, "gradient", "d") for names in self.derivatives]
        return (self.value_name, *(name.replace("/", f"{of}/", 1) for name in names))


class Outcome(NamedTuple):
    """What a formula gives for a block of rows.

    results  a column for the value and each derivative
    kinks    the rows that lie on a kink, by what is to be said of it
    failed   rows for which there is no value, and why
    """

    results: list[Array]
    kinks: Mapping[str, Array]
    failed: Mapping[int, GradcliError]


class Formula(Protocol):
    """An expression ready for rows; a slow one is no program."""

    slow: bool

    def __call__(self, columns: Sequence[Array]) -> Outcome:
        """For columns of the job's variables, in their order: by any thread."""


# ---- which columns ------------------------------------------------------------------------------


class Columns(NamedTuple):
    """The column of each variable, names that nothing defines, and constants that columns hide."""

    found: dict[str, int]
    missing: list[Missing]
    hidden: list[str]


def columns_of(
    session: Session,
    job: Job,
    names: Sequence[str],
    renamed: Mapping[str, str],
) -> Columns:
    """The columns that the expression reads; `renamed` gives those of other names by variable."""
    found: dict[str, int] = {}
    missing: list[Missing] = []
    hidden: list[str] = []
    places = {unicodedata.normalize("NFKC", name): name for name in names}
    builtins = session.machine.builtins
    for item in names_read(session.compile(job.source)):
        if item.name in job.constants:
            continue
        column = renamed.get(item.name, places.get(item.name))
        if column is None or (item.called and item.name in builtins):
            if item.name not in builtins and not item.assigned:
                missing.append(item)
            continue
        found[item.name] = number_of(column, names)
        if item.name in CONSTANTS:
            hidden.append(item.name)
    for name, column in renamed.items():
        number_of(column, names)
        if name not in found:
            raise UsageError(f"--col: the expression does not read '{name}'")
    return Columns(found, missing, hidden)


def number_of(column: str, names: Sequence[str]) -> int:
    if column not in names:
        near = did_you_mean(column, names)
        raise UnknownName(f"there is no column '{column}'", hint=near or listed(names))
    if names.count(column) > 1:
        raise UsageError(f"{names.count(column)} columns are called '{column}'")
    return names.index(column)


def listed(names: Sequence[str], most: int = 20) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"the columns are {', '.join(names[:most])}{more}"


def is_number(name: str) -> bool:
    """Does a header look like data?"""
    try:
        float(name)
    except ValueError:
        return False
    return True


# ---- recorded -----------------------------------------------------------------------------------


def prepared(session: Session, job: Job) -> Formula:
    """The fastest way to calculate a job; errors of the expression are raised here."""
    from gradcli.rows.one_by_one import OneByOne  # it is one, too

    if not job.columns:
        raise UsageError("the expression reads no column")
    for name in job.wrt:
        if name not in job.columns and name not in job.constants:
            raise UnknownName(
                f"there is no variable '{name}' to differentiate by",
                hint=did_you_mean(name, [*job.columns, *job.constants]),
            )
        if job.constants.get(name, np.float64(0)).ndim:
            raise UsageError(f"a derivative by '{name}', which is no number, fits in no column")
    session.variables.update(constants_of(session, job))
    fresh = dict(session.variables)
    try:
        leaves = leaves_of(session, job, regular(len(job.columns)))
        recorded = program_of_rows(session, job.source, leaves, job.by, order=job.order)
        return Sweeping(job, recorded, OneByOne(session, job, fresh))
    except WrongType:
        formula = OneByOne(session, job, fresh)
        with suppress(*OF_A_ROW):  # what is wrong in every row is found at once
            formula.row(regular(len(job.columns)))
        return formula
    finally:
        session.tape = None
        session.warnings.clear()


def constants_of(session: Session, job: Job) -> dict[str, Any]:
    """The variables that are the same in every row, and of no interest to derivatives."""
    return {
        name: session.leaf_of(np.asarray(x), requires_grad=False)
        for name, x in job.constants.items()
        if name not in job.wrt
    }


def leaves_of(session: Session, job: Job, values: Sequence[float]) -> dict[str, Any]:
    """The variables of one row as leaves of a graph."""
    row: dict[str, Any] = dict(zip(job.columns, values, strict=True))
    row |= {name: job.constants[name] for name in job.wrt if name not in row}
    return {
        name: session.leaf_of(np.asarray(x), requires_grad=name in job.by)
        for name, x in row.items()
    }


def regular(count: int) -> list[float]:
    """An example row, of which nothing is singular, or equal to anything else."""
    found: list[float] = np.random.default_rng(0).uniform(0.25, 0.75, count).tolist()
    return found


class Sweeping:
    """The program of a job, run over blocks of rows by one thread each.

    carefully  calculates a block in which a row has no value, and tells which
    """

    slow = False

    def __init__(self, job: Job, recorded: RowProgram, carefully: Formula) -> None:
        program = recorded.program
        names = [name for name in program.inputs if name in job.columns]
        self.execute = over_rows(program, names, exact=True, threads=1)
        self.carefully = carefully
        self.results = 1 + len(recorded.derivatives)
        self.messages = [kink_message(watch) for watch in recorded.watches]
        # The program's inputs, in its order: a column, or a constant.
        order = list(job.columns)
        self.inputs = [
            order.index(name) if name in job.columns else job.constants[name][()]
            for name in program.inputs
        ]

    def __call__(self, columns: Sequence[Array]) -> Outcome:
        inputs = [columns[x] if type(x) is int else x for x in self.inputs]
        try:
            with np.errstate(all="ignore"):
                found = self.execute(*inputs)
        except DomainError:
            return self.carefully(columns)
        results, masks = found[: self.results], found[self.results :]
        kinks: dict[str, Array] = {}
        for message, mask in zip(self.messages, masks, strict=True):
            if mask.any():
                rows = np.flatnonzero(mask)
                kinks[message] = np.union1d(kinks[message], rows) if message in kinks else rows
        return Outcome(results, kinks, {})


def kink_message(watch: Watch) -> str:
    written = brief(watch.place) if watch.place is not None else "the expression"
    return f"{written} has a kink here: {watch.convention}"
