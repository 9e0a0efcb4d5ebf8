"""The gradient of a gradient: bodies drawn from a seed, a recorded pass, and a pass over that."""

from __future__ import annotations

import random
from typing import Any

import peers
import small_ops
import timing


def curved(body: peers.Body) -> peers.Body:
    """The squared length of the body's gradient."""

    def squared(t: Any, *inputs: Any) -> Any:
        y = body(t, *inputs)
        gradients = t.autograd.grad(y, inputs, create_graph=True)
        return sum(t.sum(g * g) for g in gradients)

    return squared


def measure(seed: int, *, bodies: int = 4, operations: int = 20) -> list[timing.Row]:
    rng = random.Random(seed)
    drawn = [curved(small_ops.body_of(*small_ops.drawn(rng, operations))) for _ in range(bodies)]
    rows = []
    for shape, values in small_ops.INPUTS.items():
        for k, body in enumerate(drawn):
            cost = timing.interleaved(peers.steps(body, values, ["PyTorch"]))
            rows.append(timing.Row(f"body {k}, shape {shape}", cost, {"PyTorch": 1.5}))
    return rows
