"""Examples of documents: what a command line, a script or a dialogue shows."""

from __future__ import annotations

import io
import re
import shlex
from pathlib import Path

from manual import running

from gradcli.cli.main import run
from gradcli.cli.system.environment import Environment
from gradcli.errors import Status

from .repl.prompting import ENTER, Typing

# What only a shell understands.
SHELL = re.compile(r"[|;>$*]")
QUOTED = re.compile(r"'[^']*'|\"[^\"$]*\"")


def shown(line: str) -> str:
    """What a command line prints, errors included: in this process, unless it needs a shell."""
    if SHELL.search(QUOTED.sub("", line)):
        return running.printed(line, str(Path.cwd()))
    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    program, *arguments = shlex.split(line)
    assert program == "gradcli"
    run(arguments, Environment(stdout=stream, stderr=stream, variables={}))
    return stream.buffer.getvalue().decode()  # type: ignore[attr-defined, no-any-return]  # over bytes in memory


def check_script(script: str) -> None:
    """A script that says what it is to give, and does."""
    streams = [
        io.TextIOWrapper(io.BytesIO(text), encoding="utf-8") for text in (script.encode(), b"")
    ]
    environment = Environment(stdin=streams[0], stdout=streams[1], stderr=streams[1], variables={})
    assert run(["run", "-"], environment) == Status.DONE, streams[1].buffer.getvalue().decode()
    assert "#=>" in script


def check_dialogue(lines: list[str]) -> None:
    """A dialogue at the prompt."""
    prompts = ("grad> ", "....>")
    typed = [line[6:] for line in lines if line.startswith(prompts)]
    written = [line for line in lines if not line.startswith(prompts)]
    assert Typing()(*(f"{line}{ENTER}" for line in typed)).splitlines() == written
