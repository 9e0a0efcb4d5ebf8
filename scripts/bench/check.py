"""`gradcli check`, a process: of a formula beside sympy's derivative at 50 digits, and of 1,000
operations beside one second.
"""

from __future__ import annotations

import random
import sys

import small_ops
import timing
from start_up import EVALUATION, process

FORMULA = "sin(x^2)*exp(y)*log(1 + x*y)/(1 + tanh(x - y)^2)"
CHECK = [sys.executable, "-m", "gradcli", "check"]
SYMPY = f"""
import sympy
x, y = sympy.symbols("x y")
f = sympy.sympify("{FORMULA}".replace("^", "**"))
point = {{x: sympy.Rational("0.5"), y: sympy.Rational("0.75")}}
print(f.evalf(50, subs=point), *(f.diff(v).evalf(50, subs=point) for v in (x, y)))
"""


def text(seed: int, operations: int) -> str:
    """A body of small_ops as statements of the language."""
    lines, total = small_ops.drawn(random.Random(seed), operations)
    return "; ".join([*lines, total])


def measure(seed: int, *, operations: int = 1000) -> list[timing.Row]:
    steps = {"gradcli": process([*CHECK, FORMULA, "x=0.5", "y=0.75"])}
    steps |= timing.available({"sympy": process}, [sys.executable, "-c", SYMPY])
    formula = timing.Row("a formula of 12 operations", timing.interleaved(steps, rounds=5))
    long = [*CHECK, text(seed, operations), "x=0.3", "y=-0.7", "z=1.1"]
    whole = timing.interleaved({"check": process(long), "start": process(EVALUATION)}, rounds=5)
    cost = {"gradcli": whole["check"] - whole["start"], "a second": 1.0}
    label = f"{operations:,} operations, beyond start-up"
    return [formula, timing.Row(label, cost, {"a second": 1.0})]
