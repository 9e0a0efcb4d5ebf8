"""Where a table is written: a file appears under its name when it is complete, and not before."""

from __future__ import annotations

import fcntl
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from gradcli.errors import FileError


@contextmanager
def completed(name: str) -> Iterator[BinaryIO]:
    """A stream into a file of another name beside it, which takes the name in the end.

    An error or an interrupt leaves what had the name before. A device or a pipe is written as it
    is.
    """
    path = Path(name)
    try:
        if path.exists() and not path.is_file():
            with path.open("wb") as stream:  # a folder refuses
                yield stream
            return
        path = path.resolve()
        prefix = f".{path.name[:100]}.gradcli-"
        put_away(path.parent, prefix)
        number, temporary = tempfile.mkstemp(dir=path.parent, prefix=prefix)
        try:
            with os.fdopen(number, "wb") as stream:
                with suppress(OSError):  # not every file system has locks
                    fcntl.flock(stream, fcntl.LOCK_EX)
                yield stream
                stream.flush()
                os.fsync(stream.fileno())
                Path(temporary).chmod(mode_of(path))
                Path(temporary).replace(path)
            synchronized(path.parent)
        finally:
            with suppress(FileNotFoundError):  # it has its name
                Path(temporary).unlink()
    except BrokenPipeError:
        raise
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no path"
        raise FileError(f"cannot write '{name}': {reason}") from None


def put_away(folder: Path, prefix: str) -> None:
    """Delete what a killed process left: whoever still writes holds a lock."""
    for left in folder.iterdir():
        if left.name.startswith(prefix):
            with suppress(OSError), left.open("rb") as stream:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
                left.unlink()


def mode_of(path: Path, new: int = 0o666) -> int:
    """The permissions of a file: those that it has, or that a new one would have."""
    with suppress(FileNotFoundError):
        return stat.S_IMODE(path.stat().st_mode)
    mask = os.umask(0)
    os.umask(mask)
    return new & ~mask


def synchronized(folder: Path) -> None:
    """Make the name in a folder as lasting as the file."""
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
