"""What a person or a tool sees of a script while it runs."""

from __future__ import annotations

from collections.abc import Callable

from gradcli.cli.system.environment import Environment
from gradcli.errors import GradcliError, Interrupted, Status
from gradcli.lang.limits import Limits
from gradcli.lang.script import Step, Transcript
from gradcli.lang.text import show
from gradcli.views.diagnostic import error_text, warning_text
from gradcli.views.steps import file_error_json, step_json


class Reporter:
    """Writes steps as they come; its status is that of the first error.

    echo     each result, as the prompt shows it
    as_json  an object for each statement instead, with what it printed in it
    aside    makes room on the terminal for what is about to be written
    """

    def __init__(
        self,
        environment: Environment,
        *,
        echo: bool = False,
        as_json: bool = False,
        digits: int | None = None,
        color: str = "auto",
        quiet: bool = False,
        aside: Callable[[], None] = lambda: None,
    ) -> None:
        self.stdout, self.stderr = environment.stdout, environment.stderr
        self.echo = echo
        self.as_json = as_json
        self.digits = digits
        self.color = environment.colored(color, environment.stderr)
        self.quiet = quiet
        self.status = Status.DONE
        self.aside = aside
        self.transcript = Transcript((lambda text: None) if as_json else self.write)

    def write(self, text: str) -> None:
        self.aside()
        self.stdout.write(text)

    def step(self, step: Step, limits: Limits) -> None:
        if self.as_json:
            print(step_json(step, limits.output), file=self.stdout, flush=True)
        elif self.echo and step.value is not None:
            print(show(step.value, self.digits), file=self.stdout)
        if not (self.as_json or self.quiet):
            for message, place in step.warnings:
                location = place.source.locate(place.span) if place is not None else None
                self.note(warning_text(message, location, color=self.color, in_file=True))
        if step.error is not None:
            self.failed(step.error)

    def refused(self, name: str, error: GradcliError) -> None:
        """A file that cannot be read or does not parse, or that came to an end outside of steps."""
        if self.as_json:
            print(file_error_json(name, error), file=self.stdout)
        self.failed(error)

    def failed(self, error: GradcliError) -> None:
        self.status = self.status or error.status
        if isinstance(error, Interrupted):
            error.location = None  # where it was is no news
        if not self.as_json:
            self.note(error_text(error, color=self.color, in_file=True))

    def note(self, text: str) -> None:
        """A message, after all that was written before it."""
        self.aside()
        self.stdout.flush()
        print(text, file=self.stderr)
