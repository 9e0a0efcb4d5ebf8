"""What a command may touch of the world: handed in, so that tests replace it."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TextIO


@dataclass(slots=True)
class Environment:
    """Streams and the variables that people set for all programs."""

    stdin: TextIO = field(default_factory=lambda: sys.stdin)
    stdout: TextIO = field(default_factory=lambda: sys.stdout)
    stderr: TextIO = field(default_factory=lambda: sys.stderr)
    variables: Mapping[str, str] = field(default_factory=lambda: os.environ)

    @property
    def is_terminal(self) -> bool:
        """Does a person read standard output?"""
        return self.stdout.isatty()

    @property
    def unicode(self) -> bool:
        """Can standard output show ∂?"""
        return (self.stdout.encoding or "").lower().replace("-", "") in ("utf8", "utf16", "utf32")

    def colored(self, choice: str, stream: TextIO) -> bool:
        """Whether to colour a stream: by the option, NO_COLOR, FORCE_COLOR, or a terminal."""
        if choice != "auto":
            return choice == "always"
        if self.variables.get("NO_COLOR"):
            return False
        if self.variables.get("FORCE_COLOR"):
            return True
        return stream.isatty() and self.variables.get("TERM") != "dumb"
