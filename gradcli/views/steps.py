"""The steps of a script as JSON, a line each, and as JUnit XML."""

from __future__ import annotations

from collections.abc import Sequence
from json import dumps
from typing import Any, NamedTuple

from gradcli.errors import GradcliError, Status
from gradcli.lang.characters import visible
from gradcli.lang.script import Step
from gradcli.views.diagnostic import LONGEST, error_object, error_text
from gradcli.views.evaluation import Room, plain


def step_json(step: Step, most: int) -> str:
    """A statement: where it stands, what it gave and printed, what is wrong with it.

    most  numbers and characters that a value may be of
    """
    location = step.place.source.locate(step.place.span)
    row: dict[str, Any] = {
        "schema": 1,
        "file": visible(location.name, LONGEST),
        "line": location.line,
        "column": location.column,
        "statement": step.place.text,
    }
    if step.result is not None and step.result.is_expression:
        row["value"] = plain(step.value, Room(most))
    if step.printed:
        row["printed"] = step.printed
    if step.expectation is not None:
        row["expected"] = step.expectation.text
    row["warnings"] = [visible(warning.message, LONGEST) for warning in step.warnings]
    if step.error is not None:
        row["error"] = error_object(step.error)["error"]
    return dumps(row, ensure_ascii=False)


def file_error_json(name: str, error: GradcliError) -> str:
    """An error that is no statement's: the file cannot be read, or its text does not parse."""
    row = {"schema": 1, "file": visible(name, LONGEST), "error": error_object(error)["error"]}
    return dumps(row, ensure_ascii=False)


# ---- JUnit --------------------------------------------------------------------------------------


class Case(NamedTuple):
    """A claim of a file: an assertion, an expectation, or that it runs to its end."""

    name: str
    error: GradcliError | None = None
    skipped: bool = False
    seconds: float = 0.0

    @property
    def outcome(self) -> str:
        """JUnit calls a claim that does not hold a failure, and all else an error."""
        if self.skipped:
            return "skipped"
        if self.error is None:
            return "passed"
        return "failure" if self.error.status == Status.FAILED else "error"


def junit(suites: Sequence[tuple[str, Sequence[Case]]]) -> bytes:
    """A test suite for each file, a test case for each claim."""
    from xml.etree import ElementTree as xml  # noqa: N813, PLC0415  # few runs need it

    root = xml.Element("testsuites", totals([case for _, cases in suites for case in cases]))
    for name, cases in suites:
        label = visible(name, LONGEST)
        suite = xml.SubElement(root, "testsuite", {"name": label, **totals(cases)})
        for case in cases:
            attributes = {"classname": label, "name": visible(case.name, LONGEST)}
            entry = xml.SubElement(suite, "testcase", {**attributes, "time": f"{case.seconds:.6f}"})
            if case.error is not None:
                detail = {"message": visible(case.error.message, LONGEST), "type": case.error.kind}
                body = xml.SubElement(entry, case.outcome, detail)
                body.text = error_text(case.error, in_file=True)
            elif case.skipped:
                xml.SubElement(entry, "skipped", {"message": "the script ended before it"})
    xml.indent(root)
    text: bytes = xml.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def totals(cases: Sequence[Case]) -> dict[str, str]:
    outcomes = [case.outcome for case in cases]
    return {
        "tests": str(len(cases)),
        "failures": str(outcomes.count("failure")),
        "errors": str(outcomes.count("error")),
        "skipped": str(outcomes.count("skipped")),
        "time": f"{sum(case.seconds for case in cases):.6f}",
    }
