"""README and man page say what the program does: every example runs, every option is described."""

from __future__ import annotations

import doctest
import io
import re
import shlex
from dataclasses import dataclass
from pathlib import Path

import click
import pytest

from gradcli.cli.environment import Environment
from gradcli.cli.main import VERBS, group, run
from gradcli.cli.options import HELP
from gradcli.errors import Status
from gradcli.repl.meta import COMMANDS
from gradcli.repl.settings import SETTINGS

from .repl.prompting import ENTER, Typing

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
MAN = (ROOT / "man" / "gradcli.1").read_text(encoding="utf-8")


@dataclass
class Example:
    """A command line of the README and what it is said to print."""

    command: str
    expected: str


def examples() -> list[Example]:
    found: list[Example] = []
    for block in re.findall(r"```console\n(.*?)```", README, re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, expected = part.partition("\n")
            found.append(Example(command, expected))
    return found


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.command[:40])
def test_readme_example_prints_what_it_says(example: Example) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    program, *arguments = shlex.split(example.command)
    assert program == "gradcli"
    run(arguments, Environment(stdout=stream, stderr=stream, variables={}))
    assert stream.buffer.getvalue().decode() == example.expected


@pytest.mark.parametrize("script", re.findall(r"```grad\n(.*?)```", README, re.DOTALL))
def test_readme_script_holds(script: str) -> None:
    streams = [
        io.TextIOWrapper(io.BytesIO(text), encoding="utf-8") for text in (script.encode(), b"")
    ]
    environment = Environment(stdin=streams[0], stdout=streams[1], stderr=streams[1], variables={})
    assert run(["run", "-"], environment) == Status.DONE
    assert "#=>" in script


def test_readme_python_examples() -> None:
    assert "```python" in README
    failures, attempted = doctest.testfile(str(ROOT / "README.md"), module_relative=False)
    assert attempted
    assert not failures


def test_readme_transcript_is_what_the_prompt_shows() -> None:
    (transcript,) = re.findall(r"```transcript\n(.*?)```", README, re.DOTALL)
    lines = transcript.splitlines()
    prompts = ("grad> ", "....>")
    typed = [line[6:] for line in lines if line.startswith(prompts)]
    shown = [line for line in lines if not line.startswith(prompts)]
    assert Typing()(*(f"{line}{ENTER}" for line in typed)).splitlines() == shown


def options() -> list[str]:
    commands: list[click.Command] = [group]
    context = click.Context(group, **HELP)
    for verb in VERBS:
        command = group.get_command(context, verb)
        assert command is not None
        commands.append(command)
    return [
        name
        for command in commands
        for parameter in command.get_params(context)
        if isinstance(parameter, click.Option)
        for name in parameter.opts
    ]


@pytest.mark.parametrize("option", sorted(set(options())))
def test_man_page_describes_every_option(option: str) -> None:
    assert option.replace("-", r"\-") in MAN


@pytest.mark.parametrize("status", [s for s in Status if s != Status.FAILED])
def test_man_page_lists_every_status(status: Status) -> None:
    assert f".B {int(status)}\n" in MAN


@pytest.mark.parametrize("name", [*COMMANDS, *SETTINGS])
def test_man_page_describes_every_command_of_the_prompt(name: str) -> None:
    assert re.search(rf"\b{name}\b", MAN)


def test_ci_runs_the_test_command_of_the_readme() -> None:
    """The one command that the README gives for tests is what .ci/run extracts and runs."""
    command = re.search(r"Install and run its tests:\n\n```sh\n(.*)\n```", README)
    assert command is not None
    assert command[1].startswith("python3 -m venv .venv && .venv/bin/pip install")
    assert "&& .venv/bin/python -m pytest" in command[1]
