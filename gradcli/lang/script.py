"""Scripts: statement after statement of a text, each with what came of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from gradcli.errors import GradcliError, Interrupted, LimitExceeded, Unexpected
from gradcli.lang.characters import visible
from gradcli.lang.compiler import Code, Place
from gradcli.lang.expectations import Expectation, expectations, holds
from gradcli.lang.session import STORES, Caution, Result, Session
from gradcli.lang.source import Source, Span
from gradcli.lang.text import numeral, show

ASSERTION = re.compile(r"assert\b")
# Limits that count for the whole text: once they are met, no statement more can run.
SPENT = ("steps", "seconds")


class Step(NamedTuple):
    """A statement that was run.

    result      what it gave; None if it failed
    printed     by it
    warnings    of it alone
    correction  what its expectation should say, if that does not hold
    """

    place: Place
    result: Result | None
    printed: str
    warnings: Sequence[Caution]
    expectation: Expectation | None
    correction: str | None
    error: GradcliError | None

    @property
    def value(self) -> Any:
        return self.result.value if self.result is not None else None


class Transcript:
    """What is printed: passed on, and kept until somebody takes it."""

    def __init__(self, forward: Callable[[str], object]) -> None:
        self.forward = forward
        self.kept: list[str] = []

    def write(self, text: str) -> None:
        self.kept.append(text)
        self.forward(text)

    def take(self) -> str:
        text = "".join(self.kept)
        self.kept.clear()
        return text


class Script:
    """A text that a session is to run; all of it is one evaluation under the session's limits.

    transcript  what the session's `write` is
    digits      to which corrections round
    check       whether a `#=>` that does not hold is an error
    """

    def __init__(
        self,
        session: Session,
        source: Source,
        transcript: Transcript,
        *,
        digits: int | None = None,
        check: bool = True,
    ) -> None:
        most = session.limits.script
        if len(source.text) > most:
            error = LimitExceeded(f"a script of more than {most:,} characters", limit="script")
            raise source.blame(error, Span(0, 0))
        self.session = session
        self.source = source
        self.transcript = transcript
        self.digits = digits
        self.check = check
        self.codes = session.compile(source, script=True)
        self.expectations = expectations(source, self.codes)

    @property
    def claims(self) -> list[Place]:
        """The statements that assert something, or whose results are expected."""
        return [
            code.place
            for code in self.codes
            if code.place.span in self.expectations or ASSERTION.match(code.place.text)
        ]

    def steps(self, *, keep_going: bool = False) -> Iterator[Step]:
        """Run the statements, up to the first that fails unless told to go on."""
        with self.session.evaluating():
            for code in self.codes:
                step = self.step(code)
                yield step
                if step.error is not None and (not keep_going or ends_all(step.error)):
                    return

    def step(self, code: Code) -> Step:
        session = self.session
        session.warnings = []
        session.event = None
        expectation = self.expectations.get(code.place.span)
        result, error, correction = None, None, None
        try:
            ran = session.run_statement(code)
            note_nonfinite(session, code, ran)
            result = ran
        except GradcliError as failure:
            error = failure
        printed = self.transcript.take()
        if result is not None and expectation is not None:
            correction = self.correction(expectation, result.value, printed)
            if self.check and correction is not None:
                error = unexpected(self.source, expectation, correction)
        warnings = [Caution(said, place or code.place) for said, place in session.warnings]
        return Step(code.place, result, printed, warnings, expectation, correction, error)

    def correction(self, expectation: Expectation, value: Any, printed: str) -> str | None:
        """What an expectation is to say, in the form that it has; None if it holds."""
        full = forms(value, printed)
        if any(holds(expectation.text, form) for form in full):
            return None
        form = expectation.text.startswith("tensor(")
        rounded = forms(value, printed, self.digits)[form]
        return rounded if holds(rounded, full[form]) else full[form]


def forms(value: Any, printed: str, digits: int | None = None) -> tuple[str, str]:
    """What an expectation may say: the value's numbers, or what the prompt echoes."""
    if value is None and printed:
        return one_line(printed), one_line(printed)
    return one_line(numeral(value, digits)), one_line(show(value, digits))


def one_line(text: str) -> str:
    return visible(" ".join(text.split()), len(text))


def unexpected(source: Source, expectation: Expectation, shown: str) -> Unexpected:
    message = f"expected {expectation.text}, got {shown}"
    if not expectation.text:
        message = f"the expectation is empty; the result is {shown}"
    error = Unexpected(message, hint="gradcli run --update writes what it is now")
    return source.blame(error, expectation.span)


def note_nonfinite(session: Session, code: Code, result: Result) -> None:
    """Warn of nan and infinity where they show, or where they come into a variable."""
    if result.is_expression:
        session.note_nonfinite("the value", result.value)
    elif session.event is not None:
        for handler, name, _ in code.instructions:
            if handler in STORES:
                session.note_nonfinite(f"'{name}'", session.variables.get(name))


def ends_all(error: GradcliError) -> bool:
    return isinstance(error, Interrupted) or (
        isinstance(error, LimitExceeded) and error.limit in SPENT
    )
