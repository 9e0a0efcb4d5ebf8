"""Ways out of evaluators that were once published: each is refused, in one short line."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradcli.errors import NAMES, GradcliError, Status
from gradcli.lang.compiler import Code
from gradcli.lang.session import Session
from gradcli.lang.source import Source
from gradcli.lang.values import Builtin, Function, Method
from gradcli.views.diagnostic import error_text

from .trees import CASES

ROWS = (CASES / "escapes.grad").read_text(encoding="utf-8").splitlines()
ESCAPES = [row.replace("⏎", "\n") for row in ROWS if row and not row.startswith("# ")]


@pytest.mark.parametrize("text", ESCAPES)
def test_it_is_refused(text: str) -> None:
    printed: list[str] = []
    session = Session(seed=0, write=printed.append)
    session.run(Source("x = tensor([1, 2], requires_grad=True); y = 9; f(t) = t^2"))
    with pytest.raises(GradcliError) as caught:
        session.run(Source(text), script=True)
    error = caught.value
    assert error.status in (Status.SYNTAX, Status.RULE, Status.FAILED)
    assert len(error.message) < 200
    assert "\n" not in error.message
    shown = "".join([error_text(error), *printed])
    assert not any(word in shown for word in (" at 0x", "Traceback", "<class", "site-packages"))
    assert not Path("/tmp/gradcli-was-here").exists()


def test_every_value_that_names_reach_is_of_the_closed_set() -> None:
    """From all names, attributes and modules on: nothing else is ever handed to a program."""
    session = Session(seed=0)
    program = "import math; x = ones(2, requires_grad=True); y = x*x; f(t, u=y) = t; g = grad(f)"
    session.run(Source(program + "; m = x.sum; h = x.register_hook(f); d = {'a': (x, [f])}"))
    todo = [(v, 0) for v in (*session.machine.builtins.values(), *session.variables.values())]
    seen: dict[int, object] = {}
    with session.evaluating():
        while todo:
            value, depth = todo.pop()
            assert type(value) in NAMES, value
            if id(value) in seen or depth == 3:
                continue
            seen[id(value)] = value
            todo += [(each, depth + 1) for each in attributes(value)]
    assert len(seen) > 400


def attributes(value: object) -> list[object]:
    """What a program can reach from a value without calling anything."""
    from gradcli.lang.types import TYPES, get_attribute
    from gradcli.lang.values import Module

    if isinstance(value, list | tuple):
        return [*value]
    if isinstance(value, dict):
        return [*value.values()]
    if isinstance(value, Module):
        return [*value.names.values()]
    found: list[object] = []
    for name in TYPES[type(value)].attributes:
        try:
            found.append(get_attribute(value, name))
        except GradcliError:
            continue
    return found


@pytest.mark.parametrize("kind", [Function, Builtin, Method, Code])
def test_values_have_no_dict(kind: type) -> None:
    assert not hasattr(kind, "__dict__") or "__dict__" not in kind.__dict__
