"""Examples, run: what a command line prints."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from manual.texts import INDENT, commands, examples

PROGRAM = Path(sys.executable).parent


def printed(line: str, directory: str) -> str:
    """What a shell shows of a command line in a directory, errors included."""
    path = f"{PROGRAM}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    done = subprocess.run(
        ["sh", "-c", f"exec 2>&1; {line}"],
        stdout=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        cwd=directory,
        env={"PATH": path, "HOME": directory, "PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1"},
        timeout=60,
        check=False,
    )
    return done.stdout.decode()


def filled(text: str) -> str:
    """A text of the manual with what its commands print now."""
    lines = text.splitlines()
    for example in reversed(examples(text)):
        if example.kind != "command":
            continue
        with tempfile.TemporaryDirectory() as directory:
            written = []
            for command in commands(example):
                written += [f"$ {command.line}", *printed(command.line, directory).splitlines()]
        end = example.line + len(example.lines)
        lines[example.line : end] = [(INDENT + line).rstrip() for line in written]
    return "\n".join(lines) + "\n"
