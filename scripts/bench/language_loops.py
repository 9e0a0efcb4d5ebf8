"""Loops of a script that take derivatives of one function again and again, a turn.

The function is drawn from the seed; the same loop with nothing recorded, and JAX's compiled
functions called from a loop of Python, stand beside.
"""

from __future__ import annotations

import importlib
import random
from typing import Any, NamedTuple

import timing
from timing import Step

from gradcli.lang.repetition import recordings
from gradcli.lang.session import Session
from gradcli.lang.source import Source

PATTERNS = ("{a}*sin({b}*x)", "{a}*exp(-{b}*x*x)", "{a}*x*x", "{a}*tanh(x + {b})", "{a}*x*cos(x)")


class Loop(NamedTuple):
    """What a turn does, in the language and with JAX; `summed` where x is several numbers."""

    turn: str
    derivative: str
    start: str
    summed: bool


LOOPS = {
    "gradient, a number": Loop("x = x - 0.01*grad(f)(x)", "grad", "0.3", False),
    "gradient, 3 numbers": Loop("x = x - 0.01*grad(f)(x)", "grad", "[0.3, 0.4, 0.5]", True),
    "Hessian, 3 numbers": Loop(
        "x = x - 0.01*hessian(f)(x) @ x", "hessian", "[0.3, 0.4, 0.5]", True
    ),
}


def drawn(seed: int, terms: int) -> str:
    rng = random.Random(seed)
    patterns = [rng.choice(PATTERNS) for _ in range(terms)]
    numbers = [(round(rng.uniform(0.5, 2), 3), round(rng.uniform(0.5, 2), 3)) for _ in patterns]
    return " + ".join(p.format(a=a, b=b) for p, (a, b) in zip(patterns, numbers, strict=True))


def ours(body: str, loop: Loop, turns: int) -> Step:
    result = f"sum({body})" if loop.summed else body
    text = f"f(x) = {result}\nx = {loop.start}*1.\nfor i in range({turns}):\n    {loop.turn}\n"
    session = Session()
    codes = session.compile(Source(text, "script"), script=True)
    return lambda: session.run_code(codes)


def calculated(body: str, loop: Loop, turns: int) -> Step:
    step, looked = ours(body, loop, turns), recordings.call_of

    def without() -> None:
        recordings.call_of = lambda *_: None
        try:
            step()
        finally:
            recordings.call_of = looked

    return without


def jax(body: str, loop: Loop, turns: int) -> Step:
    library = importlib.import_module("jax")
    library.config.update("jax_enable_x64", True)
    jnp = library.numpy
    result = f"sum({body})" if loop.summed else body
    f = eval(
        f"lambda x: {result}", {n: getattr(jnp, n) for n in ("sin", "cos", "exp", "tanh", "sum")}
    )
    compiled = library.jit(getattr(library, loop.derivative)(f))
    start = jnp.array(eval(loop.start))

    def step() -> Any:
        x = start
        for _ in range(turns):
            d = compiled(x)
            x = x - 0.01 * (d @ x if loop.derivative == "hessian" else d)
        return x.block_until_ready()

    return step


PEERS = {"gradcli": ours, "nothing recorded": calculated, "JAX": jax}


def measure(seed: int, *, turns: int = 1000, terms: int = 5) -> list[timing.Row]:
    body = drawn(seed, terms)
    rows = []
    for label, loop in LOOPS.items():
        cost = timing.interleaved(timing.available(PEERS, body, loop, turns), rounds=4)
        each = {name: seconds / turns for name, seconds in cost.items()}
        rows.append(timing.Row(label, each, {"nothing recorded": 0.5}))
    return rows
