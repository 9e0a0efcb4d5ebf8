"""Commands about files: save, load, edit."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from gradcli.errors import FileError, UsageError
from gradcli.lang.source import Source, decode
from gradcli.repl.meta import Offered, command
from gradcli.repl.saving import script

if TYPE_CHECKING:
    from gradcli.repl.console import Console

SUFFIX = ".grad"


def paths(_console: Console, text: str) -> Offered:
    """Directories and scripts."""
    directory, slash, _ = text.rpartition("/")
    try:
        entries = sorted(os.scandir(directory + slash or "."), key=lambda entry: entry.name)
    except OSError:
        return ()
    return [
        (f"{directory}{slash}{entry.name}{'/' if entry.is_dir() else ''}", "")
        for entry in entries
        if entry.is_dir() or entry.name.endswith(SUFFIX)
    ]


@command("FILE", "Write what was run as a script that `gradcli run` runs.", paths)
def save(console: Console, text: str) -> None:
    if not text:
        raise UsageError("save it to which file?", hint="such as :save session.grad")
    written = script(console.statements, console.settings)
    console.session.compile(Source(written, text), script=True)
    console.host.write(text, written.encode())
    count = len(console.statements)
    console.report.note(f"note: {count} statement{'' if count == 1 else 's'} in {text}")


@command("FILE", "Run a script here: its variables stay.", paths)
def load(console: Console, text: str) -> None:
    if not text:
        raise UsageError("load which file?", hint="such as :load session.grad")
    data = console.host.read(text, 4 * console.session.limits.script)
    console.run_script(decode(data, text))


@command("[FILE]", "Edit a file, or the last text, in $VISUAL or $EDITOR; then run it.", paths)
def edit(console: Console, text: str) -> None:
    if not console.host.interactive:
        raise UsageError("there is no terminal to edit on")
    if text:
        call_editor(console, text)
        load(console, text)
        return
    last = next((entry for entry in reversed(console.typed) if not entry.startswith(":")), "")
    with tempfile.TemporaryDirectory(prefix="gradcli-") as directory:
        path = Path(directory) / f"edited{SUFFIX}"
        path.write_text(f"{last}\n" if last else "", encoding="utf-8")
        call_editor(console, str(path))
        edited = decode(path.read_bytes(), "").text
    if edited.strip():
        console.typed.append(edited.rstrip())
        console.report.say(edited.rstrip())
        console.run(edited)


def call_editor(console: Console, path: str) -> None:
    variables = console.host.environment.variables
    editor = variables.get("VISUAL") or variables.get("EDITOR") or "vi"
    try:
        done = subprocess.run([*shlex.split(editor), path], check=False)
    except (OSError, ValueError):
        raise FileError(f"cannot start the editor '{editor}'", hint="set EDITOR") from None
    if done.returncode:
        raise FileError(f"the editor '{editor}' ended with status {done.returncode}")
