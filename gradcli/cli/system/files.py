"""Scripts on disk: read whole or not at all, and replaced whole or not at all."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from gradcli.cli.system.environment import Environment
from gradcli.errors import FileError

STDIN = "<stdin>"
PERMISSIONS = 0o7777


def read(environment: Environment, name: str, most: int) -> bytes:
    """The content of a file, `-` for standard input; at most a byte more than `most`."""
    if name == "-":
        return environment.stdin.buffer.read(most + 1)
    try:
        with Path(name).open("rb") as stream:
            return stream.read(most + 1)
    except (OSError, ValueError) as error:
        raise FileError(f"cannot read '{name}': {reason(error)}") from None


def write(environment: Environment, name: str, data: bytes) -> None:
    """Write a file, `-` for standard output."""
    if name == "-":
        environment.stdout.write(data.decode())
        return
    try:
        Path(name).write_bytes(data)
    except (OSError, ValueError) as error:
        raise FileError(f"cannot write '{name}': {reason(error)}") from None


def replace(name: str, data: bytes) -> None:
    """Put `data` in place of what a file holds, at once: nobody ever sees half of it."""
    import tempfile

    try:
        path = Path(name).resolve(strict=True)
        number, temporary = tempfile.mkstemp(dir=path.parent, prefix=".gradcli-")
        try:
            with os.fdopen(number, "wb") as stream:
                stream.write(data)
            Path(temporary).chmod(path.stat().st_mode & PERMISSIONS)
            Path(temporary).replace(path)
        finally:
            with suppress(FileNotFoundError):  # it has its place
                Path(temporary).unlink()
    except OSError as error:
        raise FileError(f"cannot write '{name}': {reason(error)}") from None


def reason(error: OSError | ValueError) -> str:
    return str(error.strerror) if isinstance(error, OSError) else "it is no path"
