"""Programs of one row as programs of many: every row of the table, by itself and with others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from engine_calls import CALLS, Call
from test_program import named, with_gradients

from gradcli.engine.executors.sweeps import over_rows
from gradcli.engine.program import Program, trace

COUNT = 3


def compare(
    program: Program, points: Sequence[Any], moving: Sequence[str], exact: bool, rtol: float
) -> None:
    """All rows at once, of which only the operands of these names differ, and one by one."""
    names = list(program.inputs)
    columns = [np.stack([x * (1 + k / 64) for k in range(COUNT)]) for x in points]
    given = [x if name in moving else x[0] for name, x in zip(names, columns, strict=True)]
    found = over_rows(program, moving, exact=exact)(*given)
    for k in range(COUNT):
        row = [x[k] if name in moving else x for name, x in zip(names, given, strict=True)]
        for ours, theirs in zip(found, program.run(named(row)), strict=True):
            assert ours.dtype == theirs.dtype
            np.testing.assert_allclose(ours[k], theirs, rtol=rtol, atol=rtol / 1000)


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.label)
def test_rows_give_what_each_row_gives(call: Call) -> None:
    program = trace(with_gradients(call), named(call.points))
    names = list(program.inputs)
    compare(program, call.points, names, exact=True, rtol=1e-13)
    for moving in [names, *([name] for name in names if len(names) > 1)]:
        compare(program, call.points, moving, exact=False, rtol=1e-10)
