"""Mixed operations on numbers and short vectors: bodies drawn from a seed, forward + backward."""

from __future__ import annotations

import random
from typing import Any

import peers
import timing

UNARY = ("sin", "cos", "tanh")
BINARY = ("+", "-", "*")
INPUTS: dict[str, list[Any]] = {
    "()": [0.3, -0.7, 1.1],
    "(3,)": [[0.3, 1.0, 2.0], [0.1, 0.2, 0.3], [1.0, 2.0, 3.0]],
}
TARGETS = {"()": {"PyTorch": 0.4}, "(3,)": {"PyTorch": 0.6}}


def drawn(rng: random.Random, operations: int) -> tuple[list[str], str]:
    """Assignments, and a sum: every value is used, and none can leave the range of numbers."""
    lines, unused = [], ["x", "y", "z"]
    for k in range(operations):
        kind = rng.random()
        a = unused.pop(rng.randrange(len(unused)))
        b = rng.choice([*unused, a, "x", "y", "z"])
        if kind < 0.4:
            text = f"{rng.choice(UNARY)}({a})"
        elif kind < 0.5:
            text = f"{a} * {rng.uniform(0.2, 0.9):.3f}"
        elif kind < 0.55:
            text = f"{a} / 3.5"
        elif kind < 0.95:
            text = f"{a} {rng.choice(BINARY)} {b}"
        else:
            text = f"{a} {rng.choice(BINARY)} sin({b})"
        lines.append(f"v{k} = {text}")
        unused.append(f"v{k}")
        if rng.random() < 0.3:  # squash, so that products of products stay small
            lines.append(f"v{k} = tanh(v{k})")
    return lines, " + ".join(unused)


def body_of(lines: list[str], total: str) -> peers.Body:
    """Of a namespace t, whose functions are looked up as a program does."""
    text = "\n    ".join([*lines, f"return t.sum({total})"])
    for function in UNARY:
        text = text.replace(f"{function}(", f"t.{function}(")
    names: dict[str, Any] = {}
    exec(f"def body(t, x, y, z):\n    {text}\n", names)
    body: peers.Body = names["body"]
    return body


def measure(seed: int, *, bodies: int = 8, operations: int = 40) -> list[timing.Row]:
    rng = random.Random(seed)
    drawn_bodies = [body_of(*drawn(rng, operations)) for _ in range(bodies)]
    rows = []
    for shape, values in INPUTS.items():
        each = [
            timing.Row("", timing.interleaved(peers.steps(body, values))) for body in drawn_bodies
        ]
        label = f"{bodies} bodies of {operations} operations, shape {shape}"
        rows.append(timing.together(label, each, TARGETS[shape]))
    return rows
