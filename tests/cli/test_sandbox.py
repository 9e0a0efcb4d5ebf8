"""An evaluation touches nothing: Python's own audit events say so, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent

# Evaluates every text of a JSON list once to import all that is needed, then again under a hook.
PROGRAM = r"""
import json, sys
import gradcli.cli.eval, gradcli.cli.system.guard, gradcli.cli.system.writing
from gradcli.errors import GradcliError
from gradcli.lang.evaluation import Options, evaluate
from gradcli.lang.limits import Limits
from gradcli.lang.session import Session
from gradcli.lang.source import Source
from gradcli.lang.text import show
from gradcli.views import evaluation as view

texts = json.loads(sys.stdin.read())
events, watching = [], False
HARMLESS = {"builtins.id", "object.__getattr__", "sys._getframe", "code.__new__", "gc.get_objects"}

def hook(event, arguments):
    if watching and event not in HARMLESS:
        events.append(f"{event} {arguments!r}"[:200])

sys.addaudithook(hook)

def differentiate(text):
    session = Session(Limits()._replace(steps=20_000), seed=0)
    leaves = {"x": session.leaf(Source("2"))}
    result = evaluate(session, Source(text), leaves, Options())
    view.text(result, None), view.as_json(result, session.warnings, None), view.as_csv(result)

for watching in (False, True):
    for text in texts:
        try:
            differentiate(text)
        except GradcliError:
            pass
watching = False
print(json.dumps(sorted(set(events))))
"""

ATTEMPTS = [
    "__import__('os').system('id')",
    "open('/etc/passwd')",
    "eval('1')",
    "exec('1')",
    "().__class__.__bases__[0].__subclasses__()",
    "f'{x.__class__}'",
    "x.__class__.__init__.__globals__",
    "sin.call.__globals__",
    "'{0.__class__}'.format(x)",
    "getattr(x, 'value')",
    "x.value.tofile('/tmp/gradcli-was-here')",
    "x.astype('O')",
    "tensor(x, dtype='O')",
    "(lambda: 0).code",
    "[1].sum(_method=print)",
    "einsum('ij,jk->ik', [[1]], [[1]])",
    "import os",
]


@pytest.mark.slow
def test_no_file_no_import_no_process_no_socket_no_code() -> None:
    rows = (ROOT / "tests" / "cases" / "values.grad").read_text(encoding="utf-8").splitlines()
    texts = [row.partition("  => ")[0].rstrip() for row in rows if row and row[0] != "#"]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=json.dumps([*texts, *ATTEMPTS]).encode(),
        capture_output=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=60,
        check=True,
    )
    assert json.loads(done.stdout) == []
