"""What the prompt does with a text: run it, or obey it if it begins with a colon."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from time import perf_counter
from typing import Any

from gradcli.engine.tape import Tape
from gradcli.errors import GradcliError, Status, UsageError, unforeseen
from gradcli.lang.recollection import Recollection
from gradcli.lang.script import Script, Step, Transcript
from gradcli.lang.session import Session
from gradcli.lang.source import Source, decode
from gradcli.repl import meta
from gradcli.repl.completion import Known, importable
from gradcli.repl.host import Host
from gradcli.repl.lines import pieces, without_prompts
from gradcli.repl.report import Report
from gradcli.repl.saving import told
from gradcli.repl.settings import Settings
from gradcli.repl.sums import Sums
from gradcli.views.insight import insight

# What people type to leave, or to be helped, when they do not know the colon.
WORDS = {"quit": "quit", "exit": "quit", "quit()": "quit", "exit()": "quit", "help": "help"}
WORDS["help()"] = WORDS["?"] = "help"


class Console:
    """A session, its settings, and what was run in it.

    statements  those that succeeded, for `:save`
    typed       the texts of this session and, before them, those of its history
    edit        asks a person to edit a text; None where nobody can
    status      of the first error, for who is no person
    """

    def __init__(self, host: Host, settings: Settings, *, seed: int | None = None) -> None:
        self.host = host
        self.settings = settings
        self.report = Report(host, settings)
        self.transcript = Transcript(self.report.write)
        self.seed = seed
        self.sums = Sums()
        self.modules = importable()
        self.typed: list[str] = []
        self.seconds: float | None = None
        self.status = Status.DONE
        self.open = True
        self.begin()

    def begin(self) -> None:
        """A session in which nothing was said yet, under the settings."""
        self.session = Session(write=self.transcript.write, seed=self.seed, insight=insight)
        self.recollection = Recollection(self.session)
        self.statements: list[str] = []
        self.apply_settings()

    @property
    def tape(self) -> Tape:
        return self.recollection.tape

    @property
    def known(self) -> Known:
        """What completion may draw on."""
        return Known(
            self.session.variables,
            self.session.machine.builtins,
            {command.name: command.help for command in meta.COMMANDS.values()},
            lambda name, typed: meta.arguments(self, name, typed),
            self.modules,
        )

    def kind_of(self, name: str) -> str:
        """Of a name, for its colour."""
        if name in self.session.variables:
            return "variable"
        if name not in self.session.machine.builtins:
            return ""
        is_number = type(self.session.machine.builtins[name]) in (int, float)
        return "constant" if is_number else "function"

    def apply_settings(self) -> None:
        session, settings = self.session, self.settings
        session.dtype = settings["dtype"]
        session.digits = settings.digits
        session.strict = settings.is_on("strict")
        session.retain_graph = True if settings.is_on("retain_graph") else None
        session.create_graph = settings.is_on("create_graph")
        session.change_limits(settings.limits)

    # ---- texts ----

    def take(self, text: str, *, name: str = "", first_line: int = 1) -> None:
        """Run a text that was typed, or do what it commands; errors are shown."""
        text = without_prompts(text)
        word = text.strip()
        if word in WORDS and word not in self.session.variables:
            text = f":{WORDS[word]}"
        try:
            if text.startswith(":"):
                meta.obey(self, text.rstrip())
            else:
                self.run(text, name=name, first_line=first_line)
        except GradcliError as error:
            self.failed(error)
        except Exception as error:  # noqa: BLE001  # a firewall: the session goes on
            self.failed(unforeseen(error))
        finally:
            self.recollection.forget()

    def run(self, text: str, *, name: str = "", first_line: int = 1) -> bool:
        """Piece by piece, up to the first that fails; whether all succeeded."""
        found = pieces(text)
        with self.timed():
            for piece in found:
                try:
                    self.run_piece(piece.data, name, first_line + piece.first_line - 1)
                except GradcliError as error:
                    self.failed(error)
                    return False
        return True

    def run_script(self, source: Source) -> None:
        """A file, up to its first error; results are not shown."""
        with self.timed(), self.guarded():
            for step in Script(self.session, source, self.transcript).steps():
                self.show(step, echo=False)

    def run_piece(self, data: bytes, name: str, first_line: int) -> None:
        script = Script(self.session, decode(data, name, first_line), self.transcript)
        with self.guarded():
            for step in script.steps():
                self.show(step)

    def show(self, step: Step, *, echo: bool = True) -> None:
        """What came of a statement; the error that it ended with is raised."""
        self.sums.take(self.session.meter)
        if step.error is not None:
            for warning in step.warnings:
                self.report.warning(warning)
            raise step.error
        if echo and step.value is not None:
            self.report.value(step.value)
        if echo and (said := self.sums.note(step, self.session.variables)):
            self.report.note(said)
        for warning in step.warnings:
            self.report.warning(warning)
        self.statements.append(told(step.place.text, self.settings))
        if self.settings.is_on("check"):
            self.prove(step)

    def prove(self, step: Step) -> None:
        """Under `:set check on`: the verdict on a result that records a graph."""
        from gradcli.repl.proving import result_of, verdict  # noqa: PLC0415  # heavy, rarely on

        value = result_of(self.session, step)
        if value is not None:
            self.report.note(verdict(self, value))

    def deliver(
        self, found: str | bytes, notes: Sequence[str] = (), path: str | None = None
    ) -> None:
        """What a command found, to a file if there is one; notes on it, and warnings."""
        data = found if isinstance(found, bytes) else f"{found}\n".encode()
        if path is not None:
            self.host.write(path, data)
        elif isinstance(found, bytes):
            raise UsageError(
                "a picture is nothing for a terminal", hint="write it to a file: -o FILE"
            )
        else:
            self.report.say(found)
        for note in notes:
            self.report.note(note)
        for warning in self.session.warnings:
            self.report.warning(warning)

    def failed(self, error: GradcliError) -> None:
        self.status = self.status or error.status
        self.report.error(error)

    # ---- around what runs ----

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Under the backstops; a Ctrl-C that came too late for them is no news afterwards."""
        with self.host.guarded(self.session):
            yield

    @contextmanager
    def timed(self) -> Iterator[None]:
        began = perf_counter()
        try:
            yield
        finally:
            self.seconds = perf_counter() - began

    def evaluate(self, text: str) -> Any:
        """The value of one expression that a meta-command was given."""
        source = decode(text.encode(), "")
        with self.guarded():
            return self.session.evaluate(source)
