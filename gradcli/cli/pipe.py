"""Bare `gradcli` in a pipe: statements from standard input, each result as soon as it is known."""

from __future__ import annotations

from collections.abc import Iterator

from gradcli.cli.running.reporter import Reporter
from gradcli.cli.system.environment import Environment
from gradcli.cli.system.files import STDIN
from gradcli.cli.system.guard import guarded
from gradcli.errors import GradcliError, LimitExceeded, Status
from gradcli.lang.feed import Feed, Piece
from gradcli.lang.recollection import Recollection
from gradcli.lang.script import Script
from gradcli.lang.session import Session
from gradcli.lang.source import decode
from gradcli.views.insight import insight


def run(environment: Environment) -> Status:
    """An error is reported and the next statement runs; the first one's status is the result.

    Each piece is an evaluation of its own under the limits, as at a prompt.
    """
    reporter = Reporter(environment, echo=True)
    session = Session(write=reporter.transcript.write, insight=insight)
    recollection = Recollection(session)
    for piece in pieces(environment, 4 * session.limits.script):
        try:
            source = decode(piece.data, STDIN, piece.first_line)
            script = Script(session, source, reporter.transcript)
            with guarded(session):
                for step in script.steps(keep_going=True):
                    reporter.step(step, session.limits)
        except GradcliError as error:
            reporter.refused(STDIN, error)
            if isinstance(error, LimitExceeded) and error.limit == "script":
                break  # what follows would be read from its middle
        recollection.forget()
        environment.stdout.flush()
        if session.meter.stop == "interrupt":
            return Status.INTERRUPTED
    return reporter.status


def pieces(environment: Environment, most: int) -> Iterator[Piece]:
    """What is read from standard input, a line at a time; no line is read to more than `most`."""
    feed = Feed(most)
    while line := environment.stdin.buffer.readline(most + 1):
        yield from feed.add(line)
    yield from feed.end()
