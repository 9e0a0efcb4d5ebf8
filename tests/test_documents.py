"""README and manual say what the program does: every example of them runs."""

from __future__ import annotations

import doctest
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from manual import texts

from gradcli.cli.main import VERBS

from .showing import check_dialogue, check_script, shown

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
    assert shown(example.command) == example.expected


@pytest.mark.parametrize("script", re.findall(r"```grad\n(.*?)```", README, re.DOTALL))
def test_readme_script_holds(script: str) -> None:
    check_script(script)


def test_readme_python_examples() -> None:
    assert "```python" in README
    failures, attempted = doctest.testfile(str(ROOT / "README.md"), module_relative=False)
    assert attempted
    assert not failures


def test_readme_transcript_is_what_the_prompt_shows() -> None:
    (transcript,) = re.findall(r"```transcript\n(.*?)```", README, re.DOTALL)
    check_dialogue(transcript.splitlines())


# ---- the manual, whose examples test_manual.py runs ---------------------------------------------


def test_the_pages_are_what_the_script_writes() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "man.py", "--check"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert not done.returncode, f"{done.stdout}{done.stderr}: run python scripts/man.py"


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_examples_of_its_own(verb: str) -> None:
    path = ROOT / "man" / "text" / f"{verb}.txt"
    assert path.exists(), f"write man/text/{verb}.txt, then run python scripts/man.py"
    found = texts.examples(path.read_text(encoding="utf-8"))
    told = [line for example in found for line in example.lines]
    assert any(f"gradcli {verb}" in line or line.startswith("grad> ") for line in told)


# ---- what .ci/run does --------------------------------------------------------------------------


def test_ci_runs_the_test_command_of_the_readme() -> None:
    """The one command that the README gives for tests is what .ci/run extracts and runs."""
    command = re.search(r"Install and run its tests:\n\n```sh\n(.*)\n```", README)
    assert command is not None
    assert command[1].startswith("python3 -m venv .venv && .venv/bin/pip install")
    assert "&& .venv/bin/python -m pytest" in command[1]
