"""Derivatives that are run as programs are those that are calculated: to the last bit, with the
same warnings, errors and fuel, whatever a program changes between two calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradcli.engine.tensor import Tensor
from gradcli.errors import GradcliError
from gradcli.lang.limits import Limits
from gradcli.lang.repetition import recordings
from gradcli.lang.session import Session
from gradcli.lang.source import Source

from .trees import blocks


def bits(value: Any) -> object:
    """A value as what it is equal to if all of it is."""
    if type(value) is Tensor:
        raw = np.asarray(value.value)
        return raw.dtype.str, raw.shape, raw.tobytes(), value.requires_grad
    if type(value) in (list, tuple):
        return type(value), [bits(item) for item in value]
    return type(value), repr(value) if type(value) in (int, float, complex, bool, str) else None


def outcome(text: str, limits: Limits | None = None) -> dict[str, object]:
    """All that a person can tell of a run, and the fuel that it took."""
    written: list[str] = []
    session = Session(limits, seed=0, write=written.append)
    error = None
    try:
        session.run(Source(text, "script"), script=True)
    except GradcliError as found:
        place = found.location
        error = type(found), found.message, found.hint, place and (place.line, place.column)
    return {
        "written": "".join(written),
        "variables": {name: bits(value) for name, value in session.variables.items()},
        "warnings": [(w.message, w.place and w.place.span) for w in session.warnings],
        "event": session.event and (session.event.kind, session.event.quoted),
        "error": error,
        "fuel": session.meter.fuel,
    }


def compare(text: str, limits: Limits | None = None) -> int:
    """Run a text with programs and without; how many calls programs answered."""
    answers = []
    calculated = recordings.RepeatedCall.calculated

    def counted(call: recordings.RepeatedCall, numbers: list[Any]) -> list[Any] | None:
        answers.append(calculated(call, numbers))
        return answers[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recordings, "call_of", lambda *_: None)
        expected = outcome(text, limits)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recordings.RepeatedCall, "calculated", counted)
        assert outcome(text, limits) == expected
    return sum(answer is not None for answer in answers)


@pytest.mark.parametrize(
    ("text", "how"),
    [(text, block.rpartition("= ")[2]) for text, block in blocks("recordings.grad")],
)
def test_programs_are_what_they_stand_for(text: str, how: str) -> None:
    assert (compare(text + "\n") > recordings.TRIALS + 1) == (how == "program")


def test_a_list_in_itself_is_no_constant() -> None:
    text = "c = [2]; c.append(c); f(x) = x^2*c[0]\nfor i in range(30): g = grad(f)(i + 0.5)\n"
    session = Session()
    session.run(Source(text, "script"), script=True)
    assert session.variables["g"] == 118


# ---- limits ----

SUM = """
def f(x):
    s = 0
    for k in range(5):
        s = s + sin(k*x)
    return s
x = 0.4
for i in range(20):
    x = x - 0.01*grad(f)(x)
"""
DEEPER = """
def f(x, n=5):
    return x if n == 0 else sin(f(x, n - 1))*x
def g(x, n):
    return grad(f)(x) if n == 0 else g(x, n - 1)
s = 0
for i in range(60):
    s = s + g(i/7, i)
"""
WIDE = """
f(x) = sum(100*(x[1:] - x[:-1]^2)^2 + (1 - x[:-1])^2)
x = linspace(0, 1, 40)
for i in range(20):
    x = x - 0.5*solve(hessian(f)(x), grad(f)(x))
"""


def test_limits_are_met_at_the_same_place() -> None:
    spent = Limits().steps - int(outcome(SUM)["fuel"])  # type: ignore[call-overload]  # of an object: a number
    for steps in range(0, spent + 100, 97):
        compare(SUM, Limits()._replace(steps=steps))
    for depth in (8, 40, 62, 68, 75):
        compare(DEEPER, Limits()._replace(depth=depth))
    for memory in (10_000, 300_000, 2_000_000):
        compare(WIDE, Limits()._replace(memory=memory))
    for elements in (39, 1599, 1600):
        compare(WIDE, Limits()._replace(elements=elements))


# ---- functions at random ----

ROWS = "sin cos exp tanh sqrt abs log1p relu sigmoid softplus atan erf square sign floor cbrt expm1"
UNARY = [*ROWS.split(), "h", "h'", "stop_gradient"]
PARTS = """
x[0]; x[1:].sum(); flip(x, 0); A @ x; cumsum(x); norm(x); x.mean(); softmax(x); max(x); prod(x)
concatenate([x[1:], x[:1]]); stack([x[0], x[2], d[0]]); [x[0], 1, x[1]]
"""
CHANGES = """
a = a + 1; a = -a; a = d[0]; a = nan; a = tensor(1.5); k = k + 1; d = d + 1; d[0] = 9; d *= 2
d = float32(d); d = x; d[1] = inf; d.requires_grad = True; A = A'; A[0] = d; h(t) = 3*t
h = lambda t: t^3; sin = cos; sum = max; x = float32(x); x = -x; x = x.tolist()
"""
CALLS = ["grad(f)(x)", "value_and_grad(f)(x)", "hessian(f)(x)", "hvp(f, x, x)", "f'(x)", "f''(x)"]
START = "a = 0.75\nk = 2\nd = [0.5, -1, 2] + 0\nA = tensor([1., 2, 0; 0, 1, 1; 3, 0, 1])\n"


def listed(text: str) -> list[str]:
    return text.strip().replace("\n", "; ").split("; ")


def expression(draw: Callable[..., Any], depth: int, vector: bool) -> str:
    def pick(*choices: str) -> str:
        return str(draw(st.sampled_from(choices)))

    def inner() -> str:
        return expression(draw, depth - 1, vector)

    if not depth:
        return pick("x", "x", "x", "y", "a", "d" if vector else "a", "2", "0.5", "-1.5")
    shape = draw(st.integers(0, 9 if vector else 7))
    if shape < 3:
        return f"({inner()} {pick('+', '-', '*')} {inner()})"
    if shape == 3:
        return f"{inner()}/(1 + {inner()}^2)"
    if shape == 4:
        return f"({inner()}^{pick('2', '3', '1', '-1', '0', '2.5', 'k')})"
    if shape == 5:
        return f"where({inner()} {pick('>', '<=')} {inner()}, {inner()}, {inner()})"
    if shape == 6:
        return f"{pick('maximum', 'minimum', 'atan2', 'hypot')}({inner()}, {inner()})"
    return f"{pick(*UNARY)}({inner()})" if shape < 9 else pick(*listed(PARTS))


@st.composite
def scripts(draw: Callable[..., Any]) -> str:
    """A function, a loop that calls a derivative of it, and changes of what it reads on the way."""
    vector = draw(st.booleans())
    body = [f"y = {expression(draw, 2, vector).replace('y', 'x')}"]
    if draw(st.booleans()):
        body.append(f"for j in range(k): y += j*{expression(draw, 1, vector)}")
    result = expression(draw, 3, vector)
    call = draw(st.sampled_from([*CALLS, "jacobian(f)(x)"]))
    summed = vector and call != "jacobian(f)(x)"
    body.append(f"return sum({result})" if summed else f"return {result}")
    step = draw(st.sampled_from(["x + 0.05", "x*1.1 - 0.02", "-x*0.97"]))
    loop = [f"found.append({call})", f"x = {step}"]
    for change in draw(st.lists(st.sampled_from(listed(CHANGES)), max_size=3)):
        loop.append(f"if i == {draw(st.integers(8, 30))}: {change}")
    x = "tensor([0.3, -0.7, 1.1])" if vector else "0.4"
    texts = ["h(t) = t*a + sin(t)", "def f(x):\n    " + "\n    ".join(body), f"x = {x}"]
    loops = "for i in range(32):\n    " + "\n    ".join(loop)
    return START + "\n".join([*texts, "found = []", loops, ""])


@settings(max_examples=40, deadline=None)
@given(text=scripts())
def test_functions_at_random(text: str) -> None:
    """Recorded at the first call, and trusted at once: no trial hides what differs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recordings, "CALLS", 1)
        patch.setattr(recordings, "TRIALS", 0)
        compare(text)
