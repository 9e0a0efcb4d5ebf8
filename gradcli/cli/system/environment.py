"""What a command may touch of the world: handed in, so that tests replace it."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Mapping
from typing import Any, TextIO


class Environment:
    """Streams and the variables that people set for all programs; by default the process's own."""

    def __init__(
        self,
        *,
        stdin: TextIO | None = None,
        stdout: TextIO | None = None,
        stderr: TextIO | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        self.stdin = stdin or sys.stdin or nothing()
        self.stdout = stdout or sys.stdout or closed()
        self.stderr = stderr or messages()
        self.variables = os.environ if variables is None else variables

    @property
    def is_terminal(self) -> bool:
        """Does a person read standard output?"""
        return self.stdout.isatty()

    @property
    def unicode(self) -> bool:
        """Can standard output show ∂?"""
        return (self.stdout.encoding or "").lower().replace("-", "") in ("utf8", "utf16", "utf32")

    def columns(self, stream: TextIO) -> int | None:
        """Of the terminal that a stream is; None if it is none."""
        try:
            return os.get_terminal_size(stream.fileno()).columns or None
        except (OSError, ValueError):
            return None

    def colored(self, choice: str, stream: TextIO) -> bool:
        """Whether to colour a stream: by the option, NO_COLOR, FORCE_COLOR, or a terminal."""
        if choice != "auto":
            return choice == "always"
        if self.variables.get("NO_COLOR"):
            return False
        if self.variables.get("FORCE_COLOR"):
            return True
        return stream.isatty() and self.variables.get("TERM") != "dumb"


class Messages(io.FileIO):
    """Where messages go: they are lost where they cannot be written, and change no status."""

    def write(self, data: Any) -> int:
        try:
            return super().write(data) or 0
        except OSError:
            return len(memoryview(data).cast("B"))


def messages() -> TextIO:
    """Standard error, as Python has it."""
    if sys.stderr is None:
        return nowhere()
    raw = Messages(sys.stderr.fileno(), "w", closefd=False)
    encoding = sys.stderr.encoding
    return io.TextIOWrapper(io.BufferedWriter(raw), encoding, line_buffering=True)


def closed() -> TextIO:
    """What stands for standard output where the process was started without: writing fails."""
    return os.fdopen(os.open(os.devnull, os.O_RDONLY), "w", encoding="utf-8")


def nowhere() -> TextIO:
    """The same, for what nobody need miss."""
    return open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123  # for the process's life


def nothing() -> TextIO:
    """The same, to read from."""
    return open(os.devnull, encoding="utf-8")  # noqa: PTH123  # likewise
