"""How far rows are from their twins at 50 digits, in units in the last place.

Elementwise rows at points all over their domain, close to its ends, its holes and 0, and where it
is a common one, far out; and the slopes that their rules give, inside it. Rows on whole tensors by
their example calls at other points: what the row was given there, and what it made of that, in
units of the largest element, as sums have their errors.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from engine_calls import Call, calls_of, draw, seeded

from gradcli.engine.ops.table import NONZERO, POSITIVE, REAL, TABLE, Interval, Op
from gradcli.engine.tape import Entry, Tape, taping
from gradcli.engine.tensor import tensor
from gradcli.proof.calculation import Step, is_elementwise
from gradcli.proof.precision import boxed, context, exact
from gradcli.proof.twins import Local

FILE = Path(__file__).with_name("ulps.tsv")
ROWS = [name for name, op in TABLE.items() if op.differentiable and op.twin is not None]


class Errors(NamedTuple):
    """The largest errors of a row's values and, if it is elementwise, of its slopes."""

    value: float
    slope: float | None


def measured(name: str, seed: int, count: int) -> Errors:
    """At some `count` points for an elementwise row, at `count` / 10 sets of them for others."""
    op = TABLE[name]
    if is_elementwise(op):
        errors = [elementwise(op, static, seed, count) for static in statics(op)]
        return Errors(max(e.value for e in errors), max(e.slope or 0.0 for e in errors))
    draws = [(call, seed + k) for call in calls_of(name) for k in range(max(1, count // 10))]
    return Errors(max(whole(call, draw) for call, draw in draws), None)


def ulps(machine: Any, truth: Any, size: float) -> float:
    """How far off, in units in the last place of `size`; 0 where either has no digits left."""
    ctx = truth.context
    if not np.finfo(float).tiny < size < math.inf or not ctx.isfinite(truth):
        return 0.0
    return float(abs(truth - ctx.convert(machine)) / float(np.spacing(size)))


# ---- elementwise rows ---------------------------------------------------------------------------


def elementwise(op: Op, static: tuple[Any, ...], seed: int, count: int) -> Errors:
    rng = seeded(op.name, static, seed)
    inside = [spots(rng, interval, count) for interval in op.domain]
    far = [scattered(rng, interval, count) for interval in op.domain]
    slope = max(value_and_slopes(op, static, inside)[1:])
    return Errors(max(value_and_slopes(op, static, xs)[0] for xs in (inside, far)), slope)


def spots(rng: np.random.Generator, interval: Interval, count: int) -> np.ndarray:
    """Points in the interval, some of them close to its ends and holes and to 0."""
    low, high, holes = interval
    steps = np.outer((high - low) * 10.0 ** -np.array([2, 4, 8, 12]), [-1, 1])
    near = np.concatenate([edge + steps.ravel() for edge in (low, high, 0.0, *holes)])
    near = near[(near > low) & (near < high)]
    return np.concatenate([rng.uniform(low, high, count), rng.choice(near, 4 * count // 15)])


def scattered(rng: np.random.Generator, interval: Interval, count: int) -> np.ndarray:
    """Where a common domain stands for all numbers of a kind, some of any size."""
    if interval not in (REAL, NONZERO, POSITIVE):
        return rng.uniform(interval.low, interval.high, count)
    size = 10.0 ** rng.uniform(-8, 2.5, count)
    return size if interval == POSITIVE else size * rng.choice([-1, 1], count)


def value_and_slopes(op: Op, static: tuple[Any, ...], points: list[np.ndarray]) -> list[float]:
    """The largest errors of the value and of each operand's slope."""
    operands = [x > 0 if op.name == "where" and not k else x for k, x in enumerate(points)]
    y = op.forward(*operands, *static)
    rules = [(k, rule) for k, rule in enumerate(op.rules) if rule is not None]
    slopes = {k: rule(np.ones_like(y), *operands, y, *static) for k, rule in rules}
    ctx, formulas = context(), {}
    found = [0.0] * (1 + len(op.rules))
    for at, inputs in enumerate(zip(*operands, strict=True)):
        truths = tuple([bool(x) if isinstance(x, np.bool_) else None for x in inputs])
        if truths not in formulas:
            formulas[truths] = Local(op, static, truths, real=True)
        local = formulas[truths]
        numbers = [
            ctx.mpf(float(x)) if t is None else t for x, t in zip(inputs, truths, strict=True)
        ]
        pairs = [(0, y[at], local.value(ctx, numbers, []))]
        pairs += [
            (1 + k, slope[at], local.partial(ctx, k, numbers, [])) for k, slope in slopes.items()
        ]
        for place, machine, truth in pairs:
            error = ulps(machine, ctx.convert(truth), float(abs(machine)))
            found[place] = max(found[place], error)
    return found


def statics(op: Op) -> set[tuple[Any, ...]]:
    """The static parameters that the row's example calls have."""
    tapes = [recorded(call, list(call.points)) for call in calls_of(op.name)]
    return {entry.static for tape in tapes for entry in tape.entries if entry.op is op}


# ---- rows on whole tensors ----------------------------------------------------------------------


def recorded(call: Call, points: list[np.ndarray]) -> Tape:
    with taping() as tape:
        call.function(*[tensor(x, requires_grad=True) for x in points])
    return tape


def whole(call: Call, seed: int) -> float:
    op = TABLE[call.row]
    rng = seeded(call.label, seed)
    tape = recorded(call, [draw(rng, op.domain[0], x.shape) for x in call.points])
    found = (errors(entry, tape) for entry in tape.entries if entry.op is op)
    return max((error for some in found for error in some), default=0.0)


def errors(entry: Entry, tape: Tape) -> Iterator[float]:
    ctx, op, y = context(), entry.op, np.asarray(entry.value)
    assert op is not None
    values = [np.asarray(tape.entries[k].value) for k in entry.operands]
    operands = [exact(ctx, x) if x.dtype.kind in "fc" else x for x in values]
    signs = entry.part is not None and op.signs[entry.part : entry.part + 1] not in ((), (None,))
    step = Step(op, (), entry.static, y.shape, 53, y if signs else None, entry.part)
    truth = boxed(step.twin(*operands)).ravel()
    size = float(np.max(np.abs(y), initial=0))
    for machine, exactly in zip(y.ravel(), truth, strict=True):
        yield ulps(machine, ctx.convert(exactly), size)


# ---- the table ----------------------------------------------------------------------------------


COLUMNS = ("row", "value", "bound", "slope", "bound")


def sensible(error: float) -> int:
    """A bound to state: a power of two, with room for points where sums cancel more."""
    return int(2 ** math.ceil(math.log2(max(1.0, 4 * error))))


def line(name: str, errors: Errors) -> str:
    value, slope = errors
    cells = [name, f"{value:.2f}", str(sensible(value))]
    cells += ["", ""] if slope is None else [f"{slope:.2f}", str(sensible(slope))]
    return "\t".join(cells)


def bounds() -> dict[str, Errors]:
    """What the table states."""
    rows = [row.split("\t") for row in FILE.read_text().splitlines()[1:]]
    return {
        name: Errors(float(value), float(slope) if slope else None)
        for name, _, value, _, slope in rows
    }
