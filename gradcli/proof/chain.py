"""Forward mode over the twins: value and tangents of a calculation, step by step, at 50 digits.

The chain rule is all that this shares with the engine: local derivatives come from sympy, those of
rows on whole tensors from differences, and the direction is the opposite one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from gradcli.engine.ops.table import Op
from gradcli.proof.calculation import Calculation, Step, is_elementwise
from gradcli.proof.difference import slope
from gradcli.proof.directions import Direction
from gradcli.proof.evaluator import KINK, POLE, Context, Notes, Number
from gradcli.proof.precision import Numbers, boxed, each, exact, shaped, within_range, zeros
from gradcli.proof.twins import Local, require_twin

Rounding = Callable[[Number, int], Number]


class TooLong(Exception):
    """The time allowed will not do."""


class Clock:
    """Stops a run as soon as it is foreseeable that it will not end in its processor time."""

    def __init__(self, seconds: float) -> None:
        self.start = time.process_time()
        self.seconds = seconds

    def check(self, done: float) -> None:
        """`done` is the part of a run that began with the clock: 0 to 1."""
        spent = time.process_time() - self.start
        foreseen = spent / done
        if spent > self.seconds or (spent > self.seconds / 5 and foreseen > self.seconds * 1.5):
            raise TooLong

    @property
    def left(self) -> float:
        return self.seconds - (time.process_time() - self.start)


class Chain:
    """A calculation with the derivatives of its rows, for runs at different precisions.

    known  rows that another chain of numbers as real, or as complex, has differentiated
    """

    def __init__(
        self,
        calculation: Calculation,
        directions: Sequence[Direction],
        known: dict[Any, Local] | None = None,
    ) -> None:
        self.calculation = calculation
        self.directions = directions
        self.real = calculation.real
        self.locals: dict[Any, Local] = {} if known is None else known
        last: dict[int, int] = {}
        for k, step in enumerate(calculation.steps):
            if step.op is not None:
                require_twin(step.op)
            for operand in step.operands:
                last[operand] = k
        self.dying: dict[int, list[int]] = {}
        for operand, k in last.items():
            self.dying.setdefault(k, []).append(operand)

    def local(self, op: Op, static: tuple[Any, ...], truths: tuple[bool | None, ...]) -> Local:
        key = (op.name, static, truths)
        local = self.locals.get(key)
        if local is None:
            local = self.locals[key] = Local(op, static, truths, real=self.real)
        return local


class Run:
    """One passage: the output's value and, in `tangents`, its derivative along each direction.

    rounding  applied to what every step gives; without it the context's own precision is all
    naive     round inside sympy's formulas too, at every operation
    values_only  do not round derivatives
    blame     what stood in the way of a derivative: (kink or pole, name of the row)
    lost      the first row that had no value, if any
    """

    def __init__(
        self,
        chain: Chain,
        ctx: Context,
        clock: Clock,
        rounding: Rounding | None = None,
        naive: bool = False,
        values_only: bool = False,
    ) -> None:
        self.chain = chain
        self.ctx = ctx
        self.rounding = rounding
        self.values_only = values_only
        self.inner = inner_rounding(rounding, chain.calculation.bits) if naive else None
        self.blame: list[tuple[str, str]] = []
        self.values: dict[int, Numbers] = {}
        self.moves: dict[int, Numbers] = {}
        self.lost = ""
        self.clock = clock
        self.now = 0
        steps = chain.calculation.steps
        for k, step in enumerate(steps):
            self.now = k
            if k % 16 == 0:
                self.look()
            self.take(k, step)
            for operand in chain.dying.get(k, ()):
                del self.values[operand]
                self.moves.pop(operand, None)
        output = chain.calculation.output
        self.value = self.values[output]
        shape = (len(chain.directions), *steps[output].shape)
        self.tangents = self.moves.get(output, zeros(ctx, shape))

    def look(self, part: float = 1.0) -> None:
        """At the clock, with this part of the present step done."""
        self.clock.check((self.now + part) / len(self.chain.calculation.steps))

    def take(self, k: int, step: Step) -> None:
        if step.op is None:
            value = step.value
            if value.dtype.kind in "fc":
                # Rounding leaves machine numbers alone. A nudge moves variables, and zeros whose
                # sign is lost here; other constants are meant as they are.
                variable = any(k == target.step for target in self.chain.calculation.targets)
                lost = value.dtype.kind == "f" and np.any((value == 0) & np.signbit(value))
                numbers = exact(self.ctx, value)
                value = self.rounded(numbers, step.bits) if variable or lost else numbers
            self.values[k] = value
        else:
            notes: Notes = []
            operands = [self.values[i] for i in step.operands]
            tangents = [self.moves.get(i) for i in step.operands]
            apply = self.elementwise if is_elementwise(step.op) else self.whole
            value, tangent = apply(step, operands, tangents, notes)
            value = self.bounded(value)
            self.values[k] = value
            if tangent is not None:
                tangent = self.bounded(tangent)
                self.moves[k] = tangent if self.values_only else self.rounded(tangent, step.bits)
            self.blame += [(note, step.op.name) for note in dict.fromkeys(notes)]
            if not self.lost and any(map(self.ctx.isnan, value.ravel().tolist())):
                self.lost = step.op.name
        self.seed(k, step)

    def seed(self, k: int, step: Step) -> None:
        """Add the variable's own movement, if this step is one."""
        directions = self.chain.directions
        if not any(k in direction.moves for direction in directions):
            return
        own = self.moves.get(k)
        total = zeros(self.ctx, (len(directions), *step.shape)) if own is None else own.copy()
        for d, direction in enumerate(directions):
            if k in direction.moves:
                total[d] = boxed(total[d]) + exact(self.ctx, direction.moves[k])
        self.moves[k] = total

    def bounded(self, numbers: Numbers) -> Numbers:
        return each(lambda x: within_range(self.ctx, x), numbers)

    def rounded(self, numbers: Numbers, bits: int) -> Numbers:
        rounding = self.rounding
        return numbers if rounding is None else each(lambda x: rounding(x, bits), numbers)

    # ---- elementwise rows -----------------------------------------------------------------------

    def elementwise(
        self, step: Step, operands: list[Any], tangents: list[Any], notes: Notes
    ) -> tuple[Numbers, Numbers | None]:
        ctx, op = self.ctx, step.op
        assert op is not None
        numbers = [x if x.dtype.kind in "Ob" else exact(ctx, x) for x in operands]
        columns = [np.broadcast_to(x, step.shape).ravel().tolist() for x in numbers]
        moving = [k for k, tangent in enumerate(tangents) if tangent is not None]
        count = len(self.chain.directions)
        spread = {k: spread_over(tangents[k], step.shape) for k in moving}
        values: list[Number] = []
        partials: dict[int, list[Number]] = {k: [] for k in moving}
        pushed: list[list[Number]] = []
        for place, inputs in enumerate(zip(*columns, strict=True)):
            if place % 64 == 63:
                self.look(place / len(columns[0]))
            truths = tuple([x if type(x) is bool else None for x in inputs])
            local = self.chain.local(op, step.static, truths)
            values.append(local.value(ctx, inputs, notes, self.inner))
            if local.analytic:
                for k in moving:
                    still = type(inputs[k]) is bool
                    partials[k].append(
                        ctx.zero if still else local.partial(ctx, k, inputs, notes, self.inner)
                    )
            else:
                rows = [
                    [
                        spread[k].reshape(count, -1)[d, place] if k in spread else ctx.zero
                        for k in range(len(inputs))
                    ]
                    for d in range(count)
                ]
                pushed.append([local.along(ctx, inputs, row, notes) for row in rows])
        value = self.rounded(shaped(values, step.shape), step.bits)
        if not moving:
            return value, None
        if pushed:
            flat = [row[d] for d in range(count) for row in pushed]
            return value, shaped(flat, (count, *step.shape))
        terms = [times(ctx, spread[k], shaped(partials[k], step.shape)) for k in moving]
        total = terms[0]
        for term in terms[1:]:
            total = boxed(total + term)
        return value, total

    # ---- rows on whole tensors ------------------------------------------------------------------

    def whole(
        self, step: Step, operands: list[Any], tangents: list[Any], notes: Notes
    ) -> tuple[Numbers, Numbers | None]:
        ctx, op = self.ctx, step.op
        assert op is not None
        value = self.numbers(step.twin(*operands))
        if self.rounding is not None and not rearranged(value, operands):
            # Inside the row the machine rounds too: as if its operands had been a little different.
            nudged = [self.nudged(x) for x in operands]
            value = self.rounded(self.numbers(step.twin(*nudged)), step.bits)
        if self.chain.real:
            value = each(self.without_imaginary_part, value)
        if any(ctx.isnan(x) for x in value.ravel()):
            notes.append(POLE)
        if all(tangent is None for tangent in tangents):
            return value, None
        rows = []
        count = len(self.chain.directions)
        for d in range(count):
            self.look((d + 1) / count)
            along = [None if tangent is None else boxed(tangent[d]) for tangent in tangents]
            if all(move is None or not np.any(move) for move in along):
                rows.append(zeros(ctx, step.shape))
            elif op.linear:
                still = [
                    each(lambda _: ctx.zero, x) if move is None else move
                    for move, x in zip(along, operands, strict=True)
                ]
                rows.append(self.numbers(step.twin(*still)))
            else:
                rows.append(self.difference(step, operands, along, notes))
        return value, np.stack(rows)

    def difference(
        self, step: Step, operands: list[Any], along: list[Any], notes: Notes
    ) -> Numbers:
        """The row's derivative along one direction."""
        ctx = self.ctx

        def at(h: Number) -> Numbers:
            pairs = zip(operands, along, strict=True)
            there = [x if m is None else boxed(x + m * h) for x, m in pairs]
            found = self.numbers(step.twin(*there))
            if found.shape == step.shape:
                return found
            notes.append(KINK)  # equal numbers part there, of which `unique` has one
            return np.full(step.shape, ctx.nan, object)

        return slope(ctx, at, reach(ctx, operands, along), notes)

    def numbers(self, result: Any) -> Numbers:
        """A twin's result with every element a number of the context.

        Some may be integers; some arrays of rank 0, which numpy writes into others as they are.
        """
        convert = self.ctx.convert
        return each(lambda x: convert(x.item() if isinstance(x, np.ndarray) else x), boxed(result))

    def nudged(self, numbers: Any) -> Any:
        """Every number with one more bit of rounding error, so that this cannot stay exact."""
        if numbers.dtype.kind != "O":
            return numbers
        ctx, rounding = self.ctx, self.rounding
        assert rounding is not None
        bits = self.chain.calculation.bits
        factor = 1 + ctx.mpf(2) ** -(3 * bits)
        return each(lambda x: rounding(x * factor, bits) if ctx.isfinite(x) else x, numbers)

    def without_imaginary_part(self, x: Number) -> Number:
        if not isinstance(x, self.ctx.mpc):
            return x
        return self.ctx.nan if x.imag else x.real


def inner_rounding(rounding: Rounding | None, bits: int) -> Callable[[Number], Number] | None:
    return None if rounding is None else lambda x: rounding(x, bits)


def spread_over(tangent: Numbers, shape: tuple[int, ...]) -> Numbers:
    """Tangents of an operand as tangents of the broadcast one: the directions stay in front."""
    count, own = tangent.shape[0], tangent.shape[1:]
    lifted = tangent.reshape(count, *(1,) * (len(shape) - len(own)), *own)
    return np.broadcast_to(lifted, (count, *shape))


def times(ctx: Context, tangent: Numbers, partial: Numbers) -> Numbers:
    """Their product, in which nothing moved by nothing stays nothing, at poles too."""
    if all(map(ctx.isfinite, partial.ravel().tolist())):
        return boxed(tangent * partial)
    still = tangent == 0
    return np.where(still, ctx.zero, tangent * np.where(still, ctx.zero, partial))


def rearranged(value: Numbers, operands: Sequence[Any]) -> bool:
    """Did the row only move numbers about, or choose among them?"""
    known = {id(x) for operand in operands if operand.dtype.kind == "O" for x in operand.ravel()}
    return all(id(x) in known for x in value.ravel())


def reach(ctx: Context, points: Sequence[Any], moves: Sequence[Any]) -> Number:
    """How far all operands may go together: the least |x|/|move|, but not absurdly little."""
    ratios = [
        abs(x) / abs(m)
        for point, move in zip(points, moves, strict=True)
        if move is not None
        for x, m in zip(point.ravel(), move.ravel(), strict=True)
        if x and m and ctx.isfinite(x) and ctx.isfinite(m)
    ]
    if not ratios:
        return ctx.one
    return max(min(ratios), max(ratios) * ctx.mpf(10) ** -12)
