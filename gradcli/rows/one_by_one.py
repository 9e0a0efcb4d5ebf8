"""Rows that are evaluated one after the other, as `eval` would: any expression, slowly."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gradcli.errors import GradcliError, Interrupted, LimitExceeded
from gradcli.lang.derivatives import hessian
from gradcli.lang.evaluation import KINDS, Evaluation, Options, evaluate
from gradcli.lang.programs import number
from gradcli.lang.session import Session
from gradcli.rows.blocks import Array
from gradcli.rows.job import Job, Outcome, constants_of, leaves_of


class OneByOne:
    """The session evaluates every row anew; `fresh` are its variables before each."""

    slow = True

    def __init__(self, session: Session, job: Job, fresh: Mapping[str, Any]) -> None:
        self.session = session
        self.job = job
        self.fresh = fresh
        self.lock = threading.Lock()

    def __call__(self, columns: Sequence[Array]) -> Outcome:
        count = len(columns[0])
        results = [np.full(count, np.nan) for _ in self.job.titles]
        kinks: dict[str, list[int]] = {}
        failed: dict[int, GradcliError] = {}
        with self.lock:
            for k, values in enumerate(zip(*(x.tolist() for x in columns), strict=True)):
                try:
                    found = self.row(values)
                except (LimitExceeded, Interrupted):
                    raise
                except GradcliError as error:
                    failed[k] = error
                    continue
                for result, x in zip(results, found, strict=True):
                    result[k] = x
                for caution in self.session.warnings:
                    if " has a kink here: " in caution.message:
                        kinks.setdefault(caution.message, []).append(k)
        return Outcome(results, {m: np.array(rows) for m, rows in kinks.items()}, failed)

    def row(self, values: Sequence[float]) -> list[float]:
        evaluation = evaluated(self.session, self.job, self.fresh, values)
        y = number(evaluation.value, "the value of a row")
        found = dict(evaluation.found)
        # Of a Hessian, the gradients are steps on the way.
        found |= {(x,): g for x, g in zip(evaluation.by, evaluation.steps, strict=False)}
        return [y.item(), *(found[by].item() for by in self.job.derivatives)]


def evaluated(
    session: Session,
    job: Job,
    fresh: Mapping[str, Any],
    values: Sequence[float],
    *,
    tape: bool = False,
) -> Evaluation:
    """One row as `eval` has it, with its warnings in the session."""
    session.warnings.clear()
    session.event = None
    session.variables.clear()
    session.variables.update(fresh)
    options = Options(kind="hessian" if job.order > 1 else "gradient", wrt=job.by, tape=tape)
    if job.order == 0:
        options = options._replace(gradients=False)
    leaves = leaves_of(session, job, values)
    return evaluate(session, job.source, leaves, options, hessian if job.order > 1 else None)


def cause(session: Session, job: Job, title: str, values: Sequence[float]) -> str:
    """Where the nan or infinity of a result comes from in such a row, as `eval` would say it."""
    try:
        evaluation = evaluated(session, job, constants_of(session, job), values)
    except GradcliError:
        return ""
    names = ((), *job.derivatives)[job.titles.index(title)]
    what = f"the {KINDS[evaluation.kind]} by {' and '.join(dict.fromkeys(names))}"
    for caution in session.warnings:
        if caution.message.startswith(f"{what} is " if names else "the value is "):
            _, colon, why = caution.message.partition(": ")
            return colon + why
    return ""
