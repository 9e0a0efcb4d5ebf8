"""README and manual say what the program does: every example of them runs."""

from __future__ import annotations

import doctest
import io
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import click
import pyarrow
import pyarrow.csv
import pyarrow.parquet
import pytest
from manual import running, texts

from gradcli.cli.environment import Environment
from gradcli.cli.main import VERBS, group, run
from gradcli.errors import Status
from gradcli.lang.limits import Limits
from gradcli.repl.settings import Settings, read_config

from .repl.prompting import ENTER, Typing

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


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
    assert in_this_process(example.command) == example.expected


@pytest.mark.parametrize("script", re.findall(r"```grad\n(.*?)```", README, re.DOTALL))
def test_readme_script_holds(script: str) -> None:
    check_script(script)


def check_script(script: str) -> None:
    streams = [
        io.TextIOWrapper(io.BytesIO(text), encoding="utf-8") for text in (script.encode(), b"")
    ]
    environment = Environment(stdin=streams[0], stdout=streams[1], stderr=streams[1], variables={})
    assert run(["run", "-"], environment) == Status.DONE, streams[1].buffer.getvalue().decode()
    assert "#=>" in script


def test_readme_python_examples() -> None:
    assert "```python" in README
    failures, attempted = doctest.testfile(str(ROOT / "README.md"), module_relative=False)
    assert attempted
    assert not failures


def test_readme_transcript_is_what_the_prompt_shows() -> None:
    (transcript,) = re.findall(r"```transcript\n(.*?)```", README, re.DOTALL)
    check_dialogue(transcript.splitlines())


def check_dialogue(lines: list[str]) -> None:
    prompts = ("grad> ", "....>")
    typed = [line[6:] for line in lines if line.startswith(prompts)]
    shown = [line for line in lines if not line.startswith(prompts)]
    assert Typing()(*(f"{line}{ENTER}" for line in typed)).splitlines() == shown


# ---- the manual ---------------------------------------------------------------------------------

TEXTS = {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / "man/text").glob("*.txt")}
EXAMPLES = [
    pytest.param(example, id=f"{name}-{example.line + 1}")
    for name, text in sorted(TEXTS.items())
    for example in texts.examples(text)
]
# What only a shell understands.
SHELL = re.compile(r"[|;>$*]")


def test_the_pages_are_what_the_script_writes() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "man.py", "--check"],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert not done.returncode, f"{done.stdout}{done.stderr}: run python scripts/man.py"


@pytest.mark.parametrize("example", EXAMPLES)
def test_example_of_the_manual(
    example: texts.Example, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if example.kind == "command":
        for command in texts.commands(example):
            shown = shell if SHELL.search(unquoted(command.line)) else in_this_process
            assert shown(command.line).splitlines() == list(command.printed)
    elif example.kind == "dialogue":
        check_dialogue(list(example.lines))
    elif example.kind == "script":
        check_script("\n".join(example.lines) + "\n")
    else:
        read_config(Settings(), "\n".join(example.lines), "config.toml")


def unquoted(line: str) -> str:
    """A command line without what stands between quotes."""
    return re.sub(r"'[^']*'|\"[^\"$]*\"", "", line)


def in_this_process(line: str) -> str:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    program, *arguments = shlex.split(line)
    assert program == "gradcli"
    run(arguments, Environment(stdout=stream, stderr=stream, variables={}))
    return stream.buffer.getvalue().decode()  # type: ignore[attr-defined, no-any-return]


def shell(line: str) -> str:
    return running.printed(line, str(Path.cwd()))


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_examples_of_its_own(verb: str) -> None:
    assert verb in TEXTS, f"write man/text/{verb}.txt, then run python scripts/man.py"
    found = texts.examples(TEXTS[verb])
    told = [line for example in found for line in example.lines]
    assert any(f"gradcli {verb}" in line or line.startswith("grad> ") for line in told)


@pytest.mark.parametrize("verb", VERBS)
def test_the_examples_of_help_work(
    verb: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    table = pyarrow.table({"x": [1.0, 2.0], "y": [3.0, 4.0], "temperature": [5.0, 6.0]})
    pyarrow.csv.write_csv(table, "data.csv")
    pyarrow.parquet.write_table(table, "log.parquet")
    command = group.get_command(click.Context(group), verb)
    assert command is not None
    for line in re.findall(r"^ *(gradcli .*)$", command.help or "", re.MULTILINE):
        if "--scheduler" in line:
            continue  # there is no cluster
        for script in re.findall(r"[\w*/]+\.grad", line):
            path = Path(script.replace("*", "every"))
            path.parent.mkdir(exist_ok=True)
            path.write_text("2 + 2  #=> 4\n", encoding="utf-8")
        shown = shell if SHELL.search(unquoted(line)) else in_this_process
        assert "error:" not in shown(line), line


def test_the_manual_lists_every_status_and_limit() -> None:
    parts = {part.heading: part.blocks for part in texts.sections(TEXTS["gradcli"])}
    statuses = [block.term for block in parts["EXIT STATUS"] if isinstance(block, texts.Item)]
    assert statuses == [str(int(status)) for status in Status]
    limits = [block.term for block in parts["LIMITS"] if isinstance(block, texts.Item)]
    assert {name for term in limits for name in term.split(", ")} == {*Limits._fields}


# ---- what .ci/run does --------------------------------------------------------------------------


def test_ci_runs_the_test_command_of_the_readme() -> None:
    """The one command that the README gives for tests is what .ci/run extracts and runs."""
    command = re.search(r"Install and run its tests:\n\n```sh\n(.*)\n```", README)
    assert command is not None
    assert command[1].startswith("python3 -m venv .venv && .venv/bin/pip install")
    assert "&& .venv/bin/python -m pytest" in command[1]
