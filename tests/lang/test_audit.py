"""An evaluation opens no file and imports, compiles and starts nothing: not the first time either.

Each text runs in a process of its own, forked from one that has only imported the session.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from gradcli.lang.session import Session
from gradcli.lang.values import Builtin

from .trees import blocks, pairs

PROGRAM = """
import json, os, sys, warnings
from gradcli.errors import GradcliError
from gradcli.lang.limits import Limits
from gradcli.lang.session import Session
from gradcli.lang.source import Source

HARMLESS = {"builtins.id", "object.__getattr__", "sys._getframe", "code.__new__", "gc.get_objects"}
warnings.simplefilter("ignore")
heard, listening = [], False


def hear(event, arguments):
    if listening and event not in HARMLESS:
        heard.append(f"{event} {arguments!r}"[:200])


session = Session(Limits()._replace(steps=10**6), seed=0, write=lambda text: None)
session.variables["x"] = session.leaf(Source("[0.4, 0.7]"))
session.variables["A"] = session.leaf(Source("[2., 1.; 1., 3.]"))


def run(text):
    global listening
    try:
        codes = session.compile(Source(text, "script"), script=True)
        listening = True
        session.run_code(codes)
    except GradcliError:
        pass
    listening = False


sys.addaudithook(hear)
found = {}
for text in json.load(sys.stdin):
    reader, writer = os.pipe()
    if not os.fork():
        run(text)
        os.write(writer, (heard[0] if heard else "").encode())
        os._exit(0)
    os.close(writer)
    with open(reader) as answer:
        event = answer.read()
    os.wait()
    if event:
        found[text] = event
print(json.dumps(found))
"""


def functions() -> list[str]:
    builtins = Session().machine.builtins
    return [name for name in builtins if type(builtins[name]) is Builtin and name != "print"]


EXAMPLES = Path(__file__).parents[1] / "examples"
TEXTS = {
    "functions of a vector": [f"y = {name}(x); y.sum().backward()" for name in functions()],
    "functions of a matrix": [f"y = {name}(A); y.sum().backward()" for name in functions()],
    "methods": [f"y = x.{name}(); sum(y*y).backward()" for name in functions()],
    "functions of functions": [f"{name}(lambda t: sum(t*t))(x)" for name in functions()],
    "expressions": [text for text, _ in pairs("values.grad")],
    "loops": [text for text, _ in blocks("recordings.grad")],
    "scripts": [text for text, _ in blocks("scripts.grad")],
    "examples": [path.read_text() for path in sorted(EXAMPLES.glob("*.grad"))],
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", TEXTS)
def test_nothing_outside_is_touched(kind: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=json.dumps(TEXTS[kind]).encode(),
        stdout=subprocess.PIPE,
        check=True,
    )
    assert json.loads(done.stdout) == {}
