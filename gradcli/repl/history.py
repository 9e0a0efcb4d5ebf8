"""What was typed, in a file that several sessions share: an entry a line."""

from __future__ import annotations

import fcntl
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

# The newest entries that are kept; the file is cut down to them when it holds twice as many.
KEPT = 10_000
MOST_BYTES = 16 * 2**20
ESCAPE = re.compile(r"\\(.)")
PRIVATE = 0o600


class HistoryFile:
    """A line for each entry, its own line ends written as \\n.

    A single write under a lock appends an entry: whatever happens to a session, at most the entry
    that it is writing is lost, and the next one begins a line of its own.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def entries(self) -> tuple[list[str], int]:
        """All entries, the oldest first, and how many lines cannot be read."""
        if not self.path.exists():
            return [], 0
        if not stat.S_ISREG(self.path.stat().st_mode):
            raise OSError(0, "it is no regular file")
        with self.path.open("rb") as stream:
            size = os.fstat(stream.fileno()).st_size
            stream.seek(max(0, size - MOST_BYTES))
            lines = stream.read(MOST_BYTES).splitlines()
        found = [entry for line in lines if line and (entry := decoded(line)) is not None]
        if len(lines) > 2 * KEPT or size > MOST_BYTES:
            self.cut()
        return found[-KEPT:], sum(decoded(line) is None for line in lines)

    def append(self, text: str) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.locked() as number:
            size = os.fstat(number).st_size
            torn = size and os.pread(number, 1, size - 1) != b"\n"
            os.write(number, b"\n" * bool(torn) + encoded(text) + b"\n")

    def cut(self) -> None:
        """Keep the newest lines; who waits for the lock goes on in the new file."""
        with self.locked() as number, suppress(OSError):  # what cannot be cut down stays long
            size = os.fstat(number).st_size
            data = os.pread(number, MOST_BYTES, max(0, size - MOST_BYTES))
            lines = data.splitlines(keepends=True)[-KEPT:]
            new = self.path.with_name(f"{self.path.name}.{os.getpid()}")
            descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE)
            with os.fdopen(descriptor, "wb") as stream:
                stream.writelines(lines)
            new.replace(self.path)

    @contextmanager
    def locked(self) -> Iterator[int]:
        """The file, open for this process alone: the one that has the name once it is locked."""
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        while True:
            number = os.open(self.path, flags, PRIVATE)
            try:
                with suppress(OSError):  # a file system without locks: appends are whole there, too
                    fcntl.flock(number, fcntl.LOCK_EX)
                if self.path.exists() and self.path.stat().st_ino == os.fstat(number).st_ino:
                    yield number
                    return
            finally:
                os.close(number)


def encoded(text: str) -> bytes:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "").encode()


def decoded(line: bytes) -> str | None:
    """The entry of a line; None if the line is no text."""
    try:
        text = line.decode()
    except UnicodeDecodeError:
        return None
    if "\0" in text:
        return None
    return ESCAPE.sub(lambda match: "\n" if match[1] == "n" else match[1], text)
