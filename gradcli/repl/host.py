"""What of the process the prompt uses: handed in by the command line, replaced by tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple, Protocol, TextIO

from gradcli.lang.session import Session


class Environment(Protocol):
    """The streams, and the variables that people set for all programs."""

    stdin: TextIO
    stdout: TextIO
    stderr: TextIO
    variables: Mapping[str, str]

    @property
    def unicode(self) -> bool:
        """Can standard output show ∂?"""
        ...

    def colored(self, choice: str, stream: TextIO) -> bool:
        """Whether to colour a stream, by the choice auto, always or never."""
        ...


class Host(NamedTuple):
    """The streams, the backstops of an evaluation, and files.

    guarded  a context in which Ctrl-C and the wall clock stop the evaluation
    read     at most so many bytes of a file
    write    the content of a file, which replaces what it held as a whole
    """

    environment: Environment
    guarded: Callable[[Session], AbstractContextManager[None]]
    read: Callable[[str, int], bytes]
    write: Callable[[str, bytes], None]

    @property
    def interactive(self) -> bool:
        """Does a person type here, and read what is printed?"""
        return self.environment.stdin.isatty() and self.environment.stdout.isatty()

    @property
    def dumb(self) -> bool:
        """Is it a terminal that can only write line after line?"""
        return self.environment.variables.get("TERM", "").lower() in ("", "dumb", "unknown")


class Places(NamedTuple):
    """Where a person's files are; None where there is no home for them."""

    history: Path | None
    config: Path | None

    @property
    def init(self) -> Path | None:
        return None if self.config is None else self.config.with_name("init.grad")


def places(variables: Mapping[str, str]) -> Places:
    """By GRADCLI_HISTORY and GRADCLI_CONFIG, or in the directories of the XDG specification."""

    def place(own: str, base: str, below_home: str, name: str) -> Path | None:
        if variables.get(own):
            return Path(variables[own])
        directory = Path(variables.get(base, ""))
        if not directory.is_absolute():
            home = Path(variables.get("HOME", ""))
            if not home.is_absolute() or not home.is_dir():
                return None
            directory = home / below_home
        return directory / "gradcli" / name

    return Places(
        place("GRADCLI_HISTORY", "XDG_STATE_HOME", ".local/state", "history"),
        place("GRADCLI_CONFIG", "XDG_CONFIG_HOME", ".config", "config.toml"),
    )
