"""Running command lines in this process, and the cases of a file."""

from __future__ import annotations

import io
import shlex
from dataclasses import dataclass, field
from pathlib import Path

from gradcli.cli.main import run
from gradcli.cli.system.environment import Environment

CASES = Path(__file__).parent.parent / "cases"


@dataclass
class Outcome:
    """What a command line wrote, and its exit status."""

    stdout: str
    stderr: str
    status: int


def gradcli(*arguments: str, stdin: bytes = b"", **variables: str) -> Outcome:
    """Run a command line with streams of its own."""
    out, err = (
        io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2)
    )
    given = io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8")
    environment = Environment(stdin=given, stdout=out, stderr=err, variables=variables)
    status = run(list(arguments), environment)
    stdout, stderr = (stream.buffer.getvalue().decode() for stream in (out, err))  # type: ignore[attr-defined]  # over bytes in memory
    return Outcome(stdout, stderr, status)


@dataclass
class Case:
    """A command line of a case file, and what it is to write."""

    command: str
    stdout: list[str] = field(default_factory=list)
    stderr: list[str] = field(default_factory=list)
    status: int = 0
    text: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)

    @property
    def script(self) -> bytes:
        return "".join(line + "\n" for line in self.text).encode()


def cases(name: str) -> list[Case]:
    """`$ ` begins a command line, `! ` a line of standard error, `= ` the exit status.

    `| ` begins a line of the script that is run, and `> ` one of what the script is afterwards.
    """
    found: list[Case] = []
    for row in (CASES / name).read_text(encoding="utf-8").splitlines():
        if row[:2] in ("$ ", "$"):
            found.append(Case(row[2:]))
        elif row[:2] in ("| ", "|"):
            found[-1].text.append(row[2:])
        elif row[:2] in ("> ", ">"):
            found[-1].after.append(row[2:])
        elif row.startswith("! "):
            found[-1].stderr.append(row[2:])
        elif row.startswith("= "):
            found[-1].status = int(row[2:])
        elif row and not row.startswith("#"):
            found[-1].stdout.append(row)
    return found


def arguments(case: Case) -> list[str]:
    return shlex.split(case.command)
