"""Programs one row after the other, on numpy's values: bit for bit what the engine calculates.

Nothing is generated, so this is what the language runs (see `lines` and `scalars` for faster ways).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gradcli.engine.program import Program, Value

Run = Callable[..., list[Any]]
# The number of a result, a row's function, and the numbers of its one or two operands (with none,
# the function takes all values); whether the result is one of numpy's numbers.
Step = tuple[int, Callable[..., Any], int, int, bool]

ndarray = np.ndarray


def step_by_step(program: Program, results: int | None = None) -> Run:
    """The program as a function of its inputs, in their order.

    results  how many of the outputs, the first, are to own their memory: by default all
    """
    blank = [value.constant for value in program.values]
    inputs, outputs = tuple(program.inputs.values()), program.outputs
    steps = [step(k, value) for k, value in enumerate(program.values) if value.op is not None]

    def run(*given: Any) -> list[Any]:
        found = blank.copy()
        for k, x in zip(inputs, given, strict=True):
            found[k] = x
        for k, function, a, b, number in steps:
            y = function(found[a], found[b]) if b >= 0 else function(found[a] if a >= 0 else found)
            # As the engine has them: an array without axes is a view, or else a number. Powers of
            # the two may differ in the last digit.
            found[k] = y[()] if number and type(y) is ndarray else y
        return [found[k] for k in outputs]

    return owning(program, run, results)


def step(k: int, value: Value) -> Step:
    op, operands, static, part = value.op, value.operands, value.static, value.part
    assert op is not None
    forward, number = op.forward, not (value.shape or op.view)
    if part is None and len(operands) == 1:
        function = (lambda x: forward(x, *static)) if static else forward
        return k, function, operands[0], -1, number
    if part is None and len(operands) == 2 and not static:
        return k, forward, *operands, number

    def apply(found: list[Any]) -> Any:
        result = forward(*[found[j] for j in operands], *static)
        return result if part is None else result[part]

    return k, apply, -1, -1, number


def owning(program: Program, execute: Run, results: int | None = None) -> Run:
    """With (so many, the first) results that share memory with no input, constant or other one."""
    origins = [origin(program, k) for k in program.outputs[:results]]
    shared = [
        at for at, k in enumerate(origins) if program.values[k].op is None or k in origins[:at]
    ]
    if not shared:
        return execute

    def run(*inputs: Any) -> list[Any]:
        found = execute(*inputs)
        for at in shared:
            found[at] = found[at].copy()
        return found

    return run


def origin(program: Program, k: int) -> int:
    """The value whose memory another may share."""
    value = program.values[k]
    while value.op is not None and value.op.view:
        k = value.operands[0]
        value = program.values[k]
    return k
