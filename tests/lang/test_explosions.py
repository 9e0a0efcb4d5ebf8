"""Every function, given arguments that ask for 10^9 elements: refused before they are made."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from gradcli.engine.functions import FUNCTIONS
from gradcli.lang.session import Session
from gradcli.lang.values import Builtin

# In a process with room for 200 MB: what is not charged first ends with "out of memory".
PROGRAM = r"""
import json, resource, sys
from pathlib import Path
import scipy.fft, scipy.linalg, scipy.special
from gradcli.errors import GradcliError, LimitExceeded, Status
from gradcli.lang.limits import Limits
from gradcli.lang.session import Session
from gradcli.lang.source import Source

LIMITS = Limits()._replace(steps=20_000, kernel=20_000)
PREPARED = '''
i9 = 10^9; i12 = 10^12; i18 = 10^18; huge = 2^62
long = ones(10^4); square = ones(300, 300); empty = zeros(0, 5); column = ones(10^4, 1)
deep = ones(9, 9, 9, 9); image = ones(1, 1, 200, 200); whole = tensor([10^9, 2])
for t in [long, square, column, deep]: t.requires_grad_()
'''
session = Session(seed=0)
session.run(Source(PREPARED))
session.limits = session.meter.limits = session.machine.limits = LIMITS
pages = int(Path("/proc/self/statm").read_text().split()[5])
room = pages * resource.getpagesize() + 200 * 10**6
resource.setrlimit(resource.RLIMIT_DATA, (room, room))
wrong, limits = [], 0
for text in json.loads(sys.stdin.read()):
    try:
        session.run(Source(text))
    except LimitExceeded as error:
        limits += 1
        if "out of memory" in error.message:
            wrong.append(f"{text}: {error.message}")
    except GradcliError as error:
        if error.status == Status.INTERNAL:
            wrong.append(f"{text}: {error.message}")
print(json.dumps([limits, wrong]))
"""
FIRST = ["long", "square", "column", "empty", "deep", "whole", "i9", "[]"]
SECOND = ["i9", "huge", "(i12,)", "long"]
NAMED = [
    "n=i9",
    "axis=0, n=i12",
    "num_classes=i9",
    "repeats=i9",
    "padding=i9",
    "k=i9",
    "N=i9",
    "full_matrices=True",
    "minlength=i12",
    "dims=i9",
    "axes=0",
    "s=(i9, i9)",
]


def calls(name: str) -> list[str]:
    return [
        *[f"{name}({a})" for a in FIRST],
        *[f"{name}({a}, {b})" for a in FIRST for b in SECOND],
        *[f"{name}({a}, {b})" for a in ("long", "empty") for b in NAMED],
        *[f"{name}(i9, {b}, {b})" for b in SECOND],
        *[f"z = {name}({a}).sum().backward()" for a in ("long", "column")],
    ]


def functions() -> list[str]:
    """A name of each function of the language; that of a long name of an operation's is enough."""
    found = {
        id(FUNCTIONS.get(name, value)): name
        for name, value in Session().machine.builtins.items()
        if type(value) is Builtin and name != "print"
    }
    return sorted(found.values())


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="measures its memory as Linux tells it")
@pytest.mark.parametrize("part", range(2))
def test_what_every_function_makes_is_charged_first(part: int) -> None:
    texts = [text for name in functions()[part::2] for text in calls(name)]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=json.dumps(texts).encode(),
        stdout=subprocess.PIPE,
        timeout=100,
        check=True,
    )
    limits, wrong = json.loads(done.stdout)
    assert wrong == []
    assert limits > 200
