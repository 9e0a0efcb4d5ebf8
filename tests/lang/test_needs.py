"""scipy is imported before a program that needs it runs, and by no other."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

# What a program imported before its evaluation began, and what after.
REPORT = """
import json, sys
from gradcli.lang.session import Session
from gradcli.lang.source import Source

imported = []
sys.addaudithook(lambda event, args: event == "import" and imported.append(args[0]))
session = Session()
codes = session.compile(Source(sys.argv[1]))
before = "scipy.special" in sys.modules
imported.clear()
session.run_code(codes)
print(json.dumps([before, imported, "scipy" in sys.modules]))
"""

PROGRAMS = {
    "sin(1)": False,
    "fft([1, 2])[0].real": False,
    "erf(1)": True,
    "x = tensor(0.5, requires_grad=True); x.lgamma().backward(); x.grad": True,
    "t = tensor([0.5]); t.erf_()": True,
    "f(x) = zeta(2, x); f''(1.5)": True,
    "derivative(lambda x: jv(2, x), 1.0, 3)": True,
}


@pytest.mark.parametrize("program", PROGRAMS)
def test_scipy_is_imported_before_the_evaluation_or_not_at_all(program: str) -> None:
    run = [sys.executable, "-c", REPORT, program]
    done = subprocess.run(run, capture_output=True, text=True, check=True)
    before, during, after = json.loads(done.stdout)
    assert before == after == PROGRAMS[program]
    assert [name for name in during if not name.startswith("gradcli.")] == []
