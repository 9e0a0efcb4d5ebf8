"""From the command line of `map` to a table: on this machine, or on a cluster."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from gradcli.cli.options import BINDING, pasteable, split_bindings
from gradcli.cli.running.evaluation import leaf
from gradcli.cli.running.session import new_session
from gradcli.cli.system.environment import Environment
from gradcli.cli.system.guard import guarded, stopping
from gradcli.cli.system.progress import RowsBar
from gradcli.errors import FileError, Interrupted, Status, Terminated, UnknownName, UsageError
from gradcli.lang.nearest import nearest
from gradcli.rows.blocks import Reader, Writer
from gradcli.rows.destination import completed
from gradcli.rows.formats import form_of, reading, writer_of
from gradcli.rows.job import Job, columns_of, is_number, listed, prepared
from gradcli.rows.mapping import Found, Mapping
from gradcli.rows.one_by_one import cause
from gradcli.rows.summary import Summary
from gradcli.views.diagnostic import warning_text
from gradcli.views.evaluation import verdict

if TYPE_CHECKING:
    from gradcli.proof.crosscheck import Check
    from gradcli.rows.parts import Done, Part, Task
    from gradcli.rows.sample import Sample

SLOW = (
    "every row was evaluated by itself, which is slow; where() in place of branches, and "
    "operations of numbers in place of arrays, are fast"
)


class Run:
    """One command line, its session and its job."""

    def __init__(
        self,
        environment: Environment,
        expression: str,
        arguments: Sequence[str],
        options: dict[str, Any],
    ) -> None:
        if options["check"] and options["no_grad"]:
            raise UsageError("--check needs a derivative to prove", hint="leave out --no-grad")
        self.environment = environment
        self.options = options
        self.data, bindings = told_apart(arguments, environment)
        self.output = None if options["output"] == "-" else options["output"]
        self.session = new_session(
            {**options, "dtype": "float64", "seed": None, "digits": None}, no_print
        )
        self.job = Job(
            expression,
            {},
            wrt=options["wrt"],
            order=0 if options["no_grad"] else 2 if options["hessian"] else 1,
            value_name=options["value_name"],
            limits=self.session.limits,
        )
        self.session.compile(self.job.source)  # whose errors come before those of the data
        self.job = self.job._replace(constants=self.constants(bindings))
        self.notes: list[str] = []
        self.names: tuple[str, ...] | None = None
        if options["names"] is not None:
            self.names = tuple(name.strip() for name in options["names"].split(","))
        elif options["no_header"]:
            self.names = ()

    def constants(self, bindings: Sequence[str]) -> dict[str, Any]:
        values = split_bindings(tuple(bindings))
        with guarded(self.session):
            return {
                name: leaf(self.session, name, text, requires_grad=False).value
                for name, text in values.items()
            }

    def run(self) -> Status:
        """Write the table, then what a person should know of it."""
        scheduler = self.options["scheduler"]
        if scheduler is None and self.data != "-" and self.output is not None:
            scheduler = self.environment.variables.get("DASK_SCHEDULER_ADDRESS")
        with stopping():
            summary, sample, check = self.on_cluster(scheduler) if scheduler else self.here()
        if not self.options["quiet"]:
            self.report(summary, sample, check)
        undecided = check is not None and check.status == "undecided"
        return Status.LIMIT if undecided else Status.DONE

    # ---- on this machine ----

    def here(self) -> tuple[Summary, Sample | None, Check | None]:
        sample = self.new_sample()
        with self.opened() as reader:
            self.find_columns(reader)
            with guarded(self.session):
                formula = prepared(self.session, self.job)
            if formula.slow:
                self.notes.append(SLOW)
            bar = RowsBar(self.environment.stderr, reader.length)

            def told(found: Found, size: int) -> None:
                bar.update(found.summary.rows, size)
                if sample is not None:
                    sample.add(found)

            with self.told_of_interrupts(bar), self.destination() as stream:
                writer = self.writer(stream, reader)
                carried = not self.options["no_input"]
                bad, strict = self.options["bad_rows"], self.options["strict"]
                mapping = Mapping(reader, self.job, formula, writer, carried, bad, strict)
                summary = mapping.run(told)
                bar.finish()
                return summary, sample, self.proven(sample)

    def opened(self) -> AbstractContextManager[Reader]:
        form = self.options["source_form"]
        if self.data == "-":
            stream = self.environment.stdin.buffer
            return reading("<stdin>", form or "csv", names=self.names, stream=stream)
        if Path(self.data).is_dir():
            raise UsageError(
                f"'{self.data}' is a folder",
                hint="--scheduler local reads the tables of a folder, or of a pattern",
            )
        return reading(self.data, form or form_of(self.data, "--from"), names=self.names)

    def writer(self, stream: BinaryIO, reader: Reader) -> Writer:
        return writer_of(
            stream,
            self.form(reader.form),
            reader,
            self.job.titles,
            numbers=list(self.job.columns.values()),
            carried=not self.options["no_input"],
            header=not self.options["no_header"],
            digits=self.options["digits"],
        )

    def form(self, like: str) -> str:
        """The format to write."""
        if self.options["form"] or self.output is None:
            return self.options["form"] or like
        return form_of(self.output, "--format")

    @contextmanager
    def destination(self) -> Iterator[BinaryIO]:
        if self.output is None:
            yield self.environment.stdout.buffer
            return
        with completed(self.output) as stream:
            yield stream

    @contextmanager
    def told_of_interrupts(self, bar: RowsBar) -> Iterator[None]:
        """An interrupt tells how far it got, and that nothing is left of it."""
        try:
            yield
        except (Interrupted, Terminated) as error:
            left = f"; '{self.output}' is as it was" if self.output is not None else ""
            error.message += f" after {rows(bar.rows)}{left}"
            raise
        finally:
            bar.finish()

    # ---- on a cluster ----

    def on_cluster(self, address: str) -> tuple[Summary, Sample | None, Check | None]:
        try:
            from gradcli.rows import cluster
        except ImportError:
            raise FileError(
                "clusters are reached by a package that is not installed",
                hint="pip install 'gradcli[dask]'",
            ) from None
        if self.data == "-" or self.output is None:
            missing = "a table with a name" if self.data == "-" else "-o FOLDER"
            raise UsageError(f"a cluster needs {missing}: its workers read and write files")
        sample = self.new_sample()
        with cluster.gathering(self.output) as folder, cluster.connected(address) as client:
            parts = self.parts(cluster.check_workers(client, [str(folder)]))
            form = self.options["form"] or parts[0].form
            tasks = [
                self.task(k, part, f"{folder}/part-{k:05}.{form}", form)
                for k, part in enumerate(parts)
            ]
            cluster.check_workers(client, sorted({part.path for part in parts}))
            bar = RowsBar(self.environment.stderr, sum(part.size for part in parts))
            summary = Summary()

            def told(done: Done) -> None:
                bar.update(done.summary.rows, parts[done.number].size)

            with self.told_of_interrupts(bar):
                for done in cluster.distribute(client, tasks, told):
                    summary.add(done.summary, parts[done.number].place)
                    if sample is not None and done.sample is not None:
                        sample.merge(done.sample)
            check = self.proven(sample)
        count = "1 part" if len(parts) == 1 else f"{len(parts)} parts"
        self.notes.append(f"{rows(summary.rows)} in {count}, in '{self.output}'")
        return summary, sample, check

    def parts(self, threads: int) -> list[Part]:
        """All files' parts, some for every thread; their columns must be the same ones."""
        from gradcli.rows.parts import LARGEST, SMALLEST, files_of, parts_of

        files = files_of(self.data)
        total = sum(Path(file).stat().st_size for file in files)
        largest = min(LARGEST, max(SMALLEST, total // (4 * threads)))
        found: list[Part] = []
        for file in files:
            form = self.options["source_form"] or form_of(file, "--from")
            reader, parts = parts_of(file, form, self.names, largest)
            if not self.job.columns:
                self.find_columns(reader)
                first = reader
                with guarded(self.session):
                    if prepared(self.session, self.job).slow:
                        self.notes.append(SLOW)
            if reader.names != first.names:
                raise FileError(f"'{file}' has other columns than '{first.name}'")
            found += parts
        if not found:
            raise FileError(f"'{self.data}' has no rows")
        return found

    def task(self, number: int, part: Part, output: str, form: str) -> Task:
        from gradcli.rows.parts import Task

        return Task(
            part,
            number,
            self.job,
            output,
            form,
            carried=not self.options["no_input"],
            header=not self.options["no_header"],
            digits=self.options["digits"],
            bad=self.options["bad_rows"],
            strict=self.options["strict"],
            sample=self.options["check"] or 0,
        )

    # ---- columns ----

    def find_columns(self, reader: Reader) -> None:
        """Every name must be a column or known: what is missing is shown with a line to paste."""
        renamed = split_bindings(self.options["columns"], hint="such as --col x=temperature")
        found = columns_of(self.session, self.job, reader.names, renamed)
        if found.missing:
            item = next((item for item in found.missing if item.called), found.missing[0])
            error = self.no_column(item.name, item.called, reader, found.found)
            raise self.job.source.blame(error, item.place.span)
        self.notes += [f"{name} is the column, not the constant" for name in found.hidden]
        self.job = self.job._replace(columns=found.found)

    def no_column(
        self, name: str, called: bool, reader: Reader, found: dict[str, int]
    ) -> UnknownName:
        if called:
            near = nearest(name, [*self.session.machine.builtins, *reader.names])
            hint = f"did you mean {near} ?" if near else None
            return UnknownName(f"unknown function '{name}'", hint=hint)
        near = nearest(name, reader.names)
        if all(map(is_number, reader.names)):
            hint = "the first line holds numbers: if it is no header, --no-header or --names X,Y"
        elif near is None and self.data == "-":
            hint = f"{listed(reader.names)}; --col {name}=COLUMN or {name}=VALUE gives it"
        else:
            more = ("--col", f"{name}={near}") if near else (f"{name}=1",)
            hint = f"{listed(reader.names)}; as in {pasteable(*more)}"
        return UnknownName(f"'{name}' is no column, and has no value", hint=hint)

    # ---- what is said in the end ----

    def new_sample(self) -> Sample | None:
        if not self.options["check"]:
            return None
        from gradcli.rows.sample import Sample

        return Sample(self.options["check"])

    def proven(self, sample: Sample | None) -> Check | None:
        if sample is None:
            return None
        from gradcli.rows.sample import prove

        return prove(self.session, self.job, sample)

    def report(self, summary: Summary, sample: Sample | None, check: Check | None) -> None:
        """Warnings, each with the first row that it is about, notes, and the proof."""
        stderr = self.environment.stderr
        colored = self.environment.colored(self.options["color"], stderr)
        for message in self.warnings(summary):
            print(warning_text(message, None, color=colored), file=stderr)
        for note in self.notes:
            print(f"note: {note}", file=stderr)
        if check is not None and sample is not None:
            said = verdict(check, color=False)
            print(f"check {rows(len(sample))} by lot: {said}", file=stderr)

    def warnings(self, summary: Summary) -> Iterator[str]:
        if summary.bad is not None:
            bad = summary.bad
            yield f"{rows(bad.rows)} had no value; the first, {bad.where}: {bad.what}"
        for title, met in summary.strange.items():
            why = cause(self.session, self.job, title, met.values)
            yield f"{title} is nan or infinite in {rows(met.rows)}, the first in {met.where}{why}"
        for message, met in summary.kinks.items():
            yield f"{message}; in {rows(met.rows)}, the first in {met.where}"


def told_apart(arguments: Sequence[str], environment: Environment) -> tuple[str, list[str]]:
    """The table, and the variables that are no columns."""
    bindings = [token for token in arguments if BINDING.fullmatch(token)]
    others = [token for token in arguments if token not in bindings]
    options = [token for token in others if token.startswith("-") and token != "-"]
    if options or len(others) > 1:
        # Neither is a variable, which is what is said.
        split_bindings((*options, *others[1:]), hint="a table and NAME=VALUE follow the expression")
    if not others and environment.stdin.isatty():
        raise UsageError("no table is given", hint=f"such as {pasteable('data.csv')}")
    return others[0] if others else "-", bindings


def no_print(_text: str) -> None:
    raise UsageError("print() in map would print for no row in particular")


def rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"
