"""One kind of operation at a time on arrays of 1,000 elements, forward + backward."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import peers
import timing

VECTOR = np.linspace(0.1, 0.9, 1000).tolist()
MATRIX = np.linspace(-0.1, 0.1, 1024).reshape(32, 32).tolist()

# Each takes the names, the value so far and the input, both of the input's shape.
ON_VECTORS: dict[str, Callable[[Any, Any, Any], Any]] = {
    "v * x": lambda t, v, x: v * x,
    "v + x": lambda t, v, x: v + x,
    "v / x": lambda t, v, x: v / (x + 1),
    "sin": lambda t, v, x: t.sin(v),
    "exp": lambda t, v, x: t.exp(v * 0.1),
    "tanh": lambda t, v, x: t.tanh(v),
    "sqrt": lambda t, v, x: t.sqrt(v),
    "v ** 2": lambda t, v, x: v**2,
    "v * sum(x)": lambda t, v, x: v * t.sum(x),
    "v - mean(v)": lambda t, v, x: v - t.mean(v),
    "v * x[k]": lambda t, v, x: v * x[7],
    "v[:500], v[500:] joined": lambda t, v, x: t.concatenate([v[500:], v[:500]]),
    "maximum": lambda t, v, x: t.maximum(v, x),
}
ON_MATRICES: dict[str, Callable[[Any, Any, Any], Any]] = {
    "matmul 32 x 32": lambda t, v, x: v @ x,
    "v * a row": lambda t, v, x: v * x[0],
    "v * sums of rows": lambda t, v, x: v * t.sum(x, 0),
    "softmax, spelled out": lambda t, v, x: t.exp(v) / t.sum(t.exp(v), 1, True),
    "transposed": lambda t, v, x: v.T * x,
    "reshaped": lambda t, v, x: v.reshape(16, 64).reshape(32, 32),
}


def repeated(operation: Callable[[Any, Any, Any], Any], times: int) -> peers.Body:
    def body(t: Any, x: Any) -> Any:
        v = x
        for _ in range(times):
            v = operation(t, v, x)
        return t.sum(v)

    return body


def measure(seed: int, *, operations: int = 20) -> list[timing.Row]:
    rows = []
    for kinds, value in ((ON_VECTORS, VECTOR), (ON_MATRICES, MATRIX)):
        for label, operation in kinds.items():
            body = repeated(operation, operations)
            spent = timing.interleaved(peers.steps(body, [value], ["PyTorch"]))
            cost = {name: seconds / operations for name, seconds in spent.items()}
            rows.append(timing.Row(label, cost, {"PyTorch": 1.0}))
    return rows
