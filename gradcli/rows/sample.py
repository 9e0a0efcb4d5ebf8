"""Rows by lot, and the proof of what was found in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from gradcli.engine.tensor import Tensor
from gradcli.errors import GradcliError, Status
from gradcli.lang.evaluation import Evaluation
from gradcli.lang.session import Session
from gradcli.proof.claims import Contracted, as_sent, hessian_claims, together
from gradcli.proof.crosscheck import Check, Claim, check_all
from gradcli.rows.blocks import Array
from gradcli.rows.job import Job, constants_of
from gradcli.rows.mapping import Found
from gradcli.rows.one_by_one import evaluated
from gradcli.views.evaluation import verdict

# Digits that a value must have in common with what `eval` finds, where rounding leaves as many.
DIGITS = 12


class Differs(GradcliError):
    """What was found for a row is not what independent methods find."""

    status = Status.DIFFERS
    kind = "differs"


class Row(NamedTuple):
    """The values of a row's variables, and the results."""

    values: list[float]
    results: list[float]


class Sample:
    """So many rows, each set of them as likely as any other, of a table of unknown length."""

    def __init__(self, size: int, seed: int = 0) -> None:
        self.size = size
        self.random = np.random.default_rng(seed)
        self.keys = np.empty(0)
        self.rows: Array | None = None
        self.width = 0

    def add(self, found: Found) -> None:
        """Rows with results that are finite: of others nothing can be proven."""
        rows = np.column_stack([*found.inputs, *found.results])
        rows = rows[np.isfinite(rows).all(axis=1)]
        self.width = len(found.inputs)
        self.draw(rows, self.random.random(len(rows)))

    def merge(self, other: Sample) -> None:
        """Take in what was drawn of another part of the table."""
        if other.rows is not None:
            self.width = other.width
            self.draw(other.rows, other.keys)

    def draw(self, rows: Array, keys: Array) -> None:
        if self.rows is not None:
            rows, keys = np.vstack([self.rows, rows]), np.concatenate([self.keys, keys])
        kept = np.argsort(keys)[: self.size]
        self.rows, self.keys = rows[kept], keys[kept]

    def __iter__(self) -> Iterator[Row]:
        for row in [] if self.rows is None else self.rows.tolist():
            yield Row(row[: self.width], row[self.width :])

    def __len__(self) -> int:
        return 0 if self.rows is None else len(self.rows)


def prove(session: Session, job: Job, sample: Sample) -> Check:
    """One verdict for all rows; raises Differs for the first that fails."""
    if not len(sample):
        return Check("skipped", reason="no row has a finite result")
    fresh = constants_of(session, job)
    claims: list[Claim] = []
    ends: list[int] = []
    evaluations: list[Evaluation] = []
    for row in sample:
        evaluation = evaluated(session, job, fresh, row.values, tape=True)
        evaluations.append(evaluation)
        claims += claims_of(job, evaluation, row)
        ends.append(len(claims))
    checks = check_all(claims, seconds=job.limits.check)
    verdicts = [together(checks[a:b]) for a, b in zip([0, *ends], ends, strict=False)]
    for row, evaluation, check in zip(sample, evaluations, verdicts, strict=True):
        compare(job, row, evaluation, check)
    return together(verdicts)


def claims_of(job: Job, evaluation: Evaluation, row: Row) -> Iterator[Claim]:
    """What the row's derivatives, as they were written, are said to be."""
    assert evaluation.output is not None
    assert evaluation.tape is not None
    derivatives = {
        names: Tensor(np.float64(x))
        for names, x in zip(job.derivatives, row.results[1:], strict=True)
    }
    gradients = {names[0]: g.value for names, g in derivatives.items() if len(names) == 1}
    found = [Contracted(evaluation.output, gradients, None)]
    if job.order > 1:
        pairs = derivatives | {names[::-1]: h for names, h in derivatives.items()}
        found += hessian_claims(evaluation.output, evaluation.by, pairs, evaluation.steps)
    for claim in found:
        yield as_sent(evaluation.tape, evaluation.by, claim)


def compare(job: Job, row: Row, evaluation: Evaluation, check: Check) -> None:
    assert evaluation.output is not None
    value, expected = row.results[0], evaluation.output.item()
    digits = DIGITS if check.value_trusted is None else min(DIGITS, check.value_trusted - 1)
    gap = abs(value - expected)
    at = ", ".join(f"{n} = {x!r}" for n, x in zip(job.columns, row.values, strict=True))
    if gap > 10.0**-digits * abs(expected):
        raise Differs(f"where {at} the value {value!r} is not {expected!r}")
    if check.status == "differs":
        raise Differs(f"where {at}: {verdict(check, color=False)}")
