"""`gradcli run`: scripts."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Any

import click

from gradcli.cli.options import (
    HELP,
    MathCommand,
    color_option,
    completed,
    digits_option,
    no_option,
    number_options,
    quiet_option,
)
from gradcli.cli.system.environment import Environment
from gradcli.errors import FileError, GradcliError, Status, UsageError

if TYPE_CHECKING:
    from gradcli.lang.script import Script
    from gradcli.lang.session import Session
    from gradcli.lang.source import Span
    from gradcli.views.steps import Case


@click.command("run", cls=MathCommand, context_settings=HELP)
@click.argument(
    "files", nargs=-1, required=True, metavar="FILE...", shell_complete=completed("any_file")
)
@click.option("--echo", is_flag=True, help="Print each statement's result, as the prompt would.")
@click.option("--keep-going", is_flag=True, help="Go on after an error, with what comes next.")
@click.option("--update", is_flag=True, help="Rewrite the expectations that do not hold.")
@click.option(
    "--junit",
    metavar="FILE",
    shell_complete=completed("any_file"),
    help="Write a report in JUnit's XML to FILE, - for standard output.",
)
@click.option("--weights", metavar="FILE", help="Read weights that networks may ask for.")
@click.option("--save-weights", metavar="FILE", help="Write the weights that the script leaves.")
@click.option("--json", "as_json", is_flag=True, help="Write an object for each statement.")
@digits_option
@number_options
@color_option
@quiet_option
@click.pass_obj
def command(environment: Environment, /, files: tuple[str, ...], **options: Any) -> Status:
    """Run scripts: files of statements, or standard input for -.

    A script is silent but for what it prints. Where a comment that begins with #=> follows an
    expression, its result must be what the comment says, to the digits written there.

    \b
    gradcli run descent.grad
    gradcli run --keep-going --junit report.xml checks/*.grad
    echo '2^3  #=> 8' | gradcli run -
    """
    if options["update"] and "-" in files:
        raise UsageError("--update rewrites files, not standard input")
    if options["save_weights"] is not None:
        from gradcli.cli.running.weights import check_place

        if len(files) > 1:
            raise UsageError("--save-weights keeps what one script leaves, not several")
        check_place(options["save_weights"])
    runner = Runner(environment, options)
    for name in files:
        runner.run(name)
        if runner.ended:
            break
    if options["junit"] is not None:
        runner.write_junit(options["junit"])
    return runner.status


class Runner:
    """Runs file after file, each in a session of its own."""

    def __init__(self, environment: Environment, options: dict[str, Any]) -> None:
        from gradcli.cli.running.reporter import Reporter
        from gradcli.cli.system.progress import Bars

        self.environment = environment
        self.bars = Bars(environment)
        self.options = options
        self.reporter = Reporter(
            environment,
            echo=options["echo"],
            as_json=options["as_json"],
            digits=options["digits"],
            color=options["color"],
            quiet=options["quiet"],
            aside=self.bars.aside,
        )
        self.suites: list[tuple[str, list[Case]]] = []
        self.interrupted = False

    @property
    def status(self) -> Status:
        return Status.INTERRUPTED if self.interrupted else self.reporter.status

    @property
    def ended(self) -> bool:
        return self.interrupted or (self.status != 0 and not self.options["keep_going"])

    def run(self, name: str) -> None:
        from gradcli.cli.running.session import new_session
        from gradcli.cli.system.files import STDIN, read
        from gradcli.lang.script import Script
        from gradcli.lang.source import decode

        label = STDIN if name == "-" else name
        session = new_session(self.options, self.reporter.transcript.write)
        session.outside.track = self.bars.track
        session.outside.keeps = self.options["save_weights"] is not None
        script, error = None, None
        record = Record()
        began = perf_counter()
        try:
            if self.options["weights"] is not None:
                self.give_weights(session)
            data = read(self.environment, name, 4 * session.limits.script)
            script = Script(
                session,
                decode(data, label),
                self.reporter.transcript,
                digits=self.options["digits"],
                check=not self.options["update"],
            )
            self.run_steps(script, record)
            self.take_weights(session)
            if self.options["update"] and record.corrections:
                self.update(name, data, script, record)
        except GradcliError as failure:
            error = failure
            self.hint_at_options(name, failure)
            self.reporter.refused(label, failure)
        self.suites.append((label, cases(script, record, error, perf_counter() - began)))

    def give_weights(self, session: Session) -> None:
        from gradcli.cli.running.weights import give

        give(session, self.options["weights"])

    def take_weights(self, session: Session) -> None:
        """What a script that ended well leaves."""
        if self.status != 0:
            return
        if self.options["save_weights"] is not None:
            from gradcli.cli.running.weights import keep

            keep(session, self.options["save_weights"])
        if self.options["weights"] is not None and not session.outside.asked:
            self.reporter.note(
                "warning: nothing in the script asked for the weights\n"
                "hint: resnet18(pretrained=True), or net.load_state_dict(torch.load(name)) does"
            )

    def run_steps(self, script: Script, record: Record) -> None:
        """Report every step; its value is not kept, for that may be large."""
        from gradcli.cli.system.guard import guarded

        began = perf_counter()
        with guarded(script.session), self.bars:
            for step in script.steps(keep_going=self.options["keep_going"]):
                record.outcomes[step.place.span] = step.error, perf_counter() - began
                if step.expectation is not None and step.correction is not None:
                    record.corrections[step.expectation.span] = step.correction
                self.reporter.step(step, script.session.limits)
                began = perf_counter()
        self.interrupted = script.session.meter.stop == "interrupt"

    def update(self, name: str, data: bytes, script: Script, record: Record) -> None:
        """Let the expectations of a file say what its results are now."""
        from gradcli.cli.system.files import replace
        from gradcli.lang.expectations import rewritten
        from gradcli.lang.source import BYTE_ORDER_MARK

        if any(error for error, _ in record.outcomes.values()):
            self.reporter.note(f"note: {name} is left as it was, because of the error")
            return
        mark = BYTE_ORDER_MARK if data.startswith(BYTE_ORDER_MARK) else b""
        replace(name, mark + rewritten(script.source, record.corrections).encode())
        if not self.options["quiet"]:
            count = len(record.corrections)
            s = "" if count == 1 else "s"
            self.reporter.note(f"note: {name}: {count} expectation{s} rewritten")

    def write_junit(self, path: str) -> None:
        from gradcli.cli.system.files import write
        from gradcli.views.steps import junit

        write(self.environment, path, junit(self.suites))

    def hint_at_options(self, name: str, error: GradcliError) -> None:
        if isinstance(error, FileError) and name.startswith("-"):
            option = no_option(name.partition("=")[0], click.get_current_context())
            error.hint = f"{option.message}; {option.hint}"


class Record:
    """What is kept of a script's steps.

    outcomes     the error, if any, and the seconds of each statement that was run
    corrections  of expectations that do not hold
    """

    def __init__(self) -> None:
        self.outcomes: dict[Span, tuple[GradcliError | None, float]] = {}
        self.corrections: dict[Span, str] = {}


def cases(
    script: Script | None, record: Record, error: GradcliError | None, seconds: float
) -> list[Case]:
    """The claims of a file for JUnit: each of its own, and that the file runs to its end."""
    from gradcli.views.steps import Case

    found: list[Case] = []
    others = dict(record.outcomes)
    for place in script.claims if script is not None else ():
        line = place.source.locate(place.span)
        label = f"line {line.line}: {line.text.strip()}"
        if place.span in others:
            failure, taken = others.pop(place.span)
            found.append(Case(label, failure, seconds=taken))
            seconds -= taken
        else:
            found.append(Case(label, skipped=True))
    error = error or next((failure for failure, _ in others.values() if failure), None)
    return [*found, Case("runs to its end", error, seconds=seconds)]
