"""`gradcli eval` in this process: the cases of eval.grad, and what they cannot say."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from gradcli.cli.main import VERBS
from gradcli.errors import Status

from .commands import Case, arguments, cases, gradcli


@pytest.mark.parametrize("case", cases("eval.grad"), ids=lambda case: case.command[:50])
def test_case(case: Case) -> None:
    outcome = gradcli("eval", *arguments(case))
    assert outcome.stdout.splitlines() == case.stdout
    assert outcome.stderr.splitlines() == case.stderr
    assert outcome.status == case.status


@pytest.mark.parametrize(
    "command",
    [
        "'x*y' x=2",
        "'x*y + z' --digits 3 z=2",
        '\'f"{x}" + "a b"\' --no-grad',
        "-- -q",
        "-x^2*y x=1",
        "'x @ A' A='[1, 2; 3, 4]' --no-grad",
        "'2π*r'",
    ],
)
def test_the_command_to_paste_runs(command: str) -> None:
    """What is missing comes as a command line; pasted into a shell, it asks for nothing more."""
    outcome = gradcli("eval", *shlex.split(command))
    assert outcome.status == Status.RULE
    paste = outcome.stderr.splitlines()[-1].partition("give values: ")[2]
    program, *words = shlex.split(paste)
    assert program == "gradcli"
    again = gradcli(*words)
    assert "give values" not in again.stderr
    assert again.status in (Status.DONE, Status.RULE)


def test_output_goes_to_a_file(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    outcome = gradcli("eval", "x^2", "x=3", "--json", "-o", str(path))
    assert (outcome.stdout, outcome.stderr, outcome.status) == ("", "", 0)
    assert json.loads(path.read_text())["gradient"] == {"x": 6.0}


@pytest.mark.parametrize("path", ["", "/", "/nowhere/at/all", "a\0b"])
def test_a_file_that_cannot_be_written(path: str) -> None:
    outcome = gradcli("eval", "x^2", "x=3", "-o", path)
    assert outcome.status == Status.FILE
    assert outcome.stderr.startswith("error: cannot write")


def test_print_goes_to_standard_output_before_the_result() -> None:
    outcome = gradcli("eval", "print('a', x); x^2", "x=3", "-q")
    assert outcome.stdout == "a tensor(3., requires_grad=True)\n9.0\n6.0\n"


@pytest.mark.parametrize(
    ("variables", "choice", "colored"),
    [
        ({}, "auto", False),
        ({"FORCE_COLOR": "1"}, "auto", True),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, "auto", False),
        ({"NO_COLOR": "1"}, "always", True),
        ({"FORCE_COLOR": "1"}, "never", False),
        ({"NO_COLOR": ""}, "always", True),
    ],
)
def test_color(variables: dict[str, str], choice: str, colored: bool) -> None:
    good = gradcli("eval", "x", "x=1", "--color", choice, **variables)
    bad = gradcli("eval", "x +", "x=1", f"--color={choice}", **variables)
    assert ("\x1b[" in good.stdout) == colored
    assert ("\x1b[" in bad.stderr) == colored


def test_json_keys_and_values_read_back() -> None:
    outcome = gradcli("eval", "x*y + [1, 2]", "x=2", "y=[1, 3]", "--json", "--grad-output=[1, 2]")
    result = json.loads(outcome.stdout)
    assert list(result) == [
        "schema",
        "expression",
        "canonical",
        "at",
        "value",
        "gradient",
        "warnings",
    ]
    assert result["at"] == {"x": 2.0, "y": [1.0, 3.0]}
    assert result["value"] == [3.0, 8.0]
    assert result["gradient"] == {"x": 7.0, "y": [2.0, 4.0]}


@pytest.mark.parametrize("arguments", [["--json"], ["--format", "json"], ["--format=json"]])
def test_errors_are_objects_where_results_are(arguments: list[str]) -> None:
    outcome = gradcli("eval", "1 + sinn(2)", *arguments)
    error = json.loads(outcome.stderr)["error"]
    assert (error["line"], error["column"], error["end_column"]) == (1, 5, 9)
    assert error["hint"] == "did you mean sin ?"
    assert error["status"] == outcome.status == Status.RULE


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["evla", "x"], "did you mean eval ?"),
        (["x^2", "x=3"], "to evaluate: gradcli eval 'x^2' x=3"),
        (["zzz"], f"the verbs are {', '.join(VERBS)}"),
    ],
)
def test_no_such_verb(words: list[str], hint: str) -> None:
    outcome = gradcli(*words)
    assert outcome.status == Status.USAGE
    assert outcome.stderr.splitlines()[-1] == f"hint: {hint}"


@pytest.mark.parametrize("words", [["--help"], ["-h"], ["eval", "--help"], ["eval", "-h"]])
def test_help_is_no_error(words: list[str]) -> None:
    outcome = gradcli(*words)
    assert (outcome.status, outcome.stderr) == (0, "")


def test_messages_hide_nothing_that_a_terminal_would_obey() -> None:
    for text in ("x\x1b[2J", '"\x1b"@1', "x\u202e", "\x07"):
        outcome = gradcli("eval", text, "x=1")
        assert outcome.status in (Status.SYNTAX, Status.RULE)
        assert all(char.isprintable() or char == "\n" for char in outcome.stderr), text
