"""The checking of a calculation, in the process that does it: each method and what it found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import numpy as np

from gradcli.proof.agreement import DIFFERS, SKIPPED, UNDECIDED, Finding, compare, worst
from gradcli.proof.calculation import Calculation, from_json, is_small
from gradcli.proof.chain import Chain, Clock, Rounding, Run, TooLong
from gradcli.proof.directions import Direction, directions
from gradcli.proof.evaluator import KINK, Context, Number, Unsupported
from gradcli.proof.precision import (
    Numbers,
    context,
    each,
    exact,
    nudging,
    random_rounding,
)
from gradcli.proof.symbolic import differentiate
from gradcli.proof.twins import NoTwin
from gradcli.proof.wire import Json

SYMPY, CHAIN = "sympy", "mpmath-50"
# How many runs with random rounding tell the digits to trust, and how many excuse a gap.
LOTS, NAIVE_LOTS = 2, 3
# The part of the time that the exact run may take with a direction for every component.
PATIENCE = 0.2
# Movements of 1e-30 that tell whether a result may be compared at all, and how far it may move.
NUDGES, SMOOTH, NEGLIGIBLE = 4, 1e-15, 1e-25

# |value - true value| and |derivative - true derivative| along each direction.
Strayed = tuple[Numbers, Numbers]
TOO_LONG = Finding(UNDECIDED, reason="it takes longer than the time allowed")
ON_A_JUMP = Finding(SKIPPED, reason="the point lies on a jump")
BESIDE_A_KINK = Finding(SKIPPED, reason="a kink or a jump lies within rounding of the point")


def proven(task: Json, seconds: float) -> Iterator[dict[str, Any]]:
    """What the methods find of a calculation that was sent."""
    return Prover(from_json(task), seconds).findings()


class Prover:
    """Compares one calculation with its twins."""

    def __init__(self, calculation: Calculation, seconds: float) -> None:
        self.calculation = calculation
        self.clock = Clock(seconds)
        self.ctx = context()
        self.normwise = any(step.op and step.op.normwise for step in calculation.steps)
        self.directions: list[Direction] = []
        self.spreads: list[Strayed] = []
        self.naive: list[Strayed] = []
        # For each value and each direction, what a difference is to be reported as instead.
        self.singular: list[list[Finding | None]] = []

    def findings(self) -> Iterator[dict[str, Any]]:
        """Each method's report, as soon as it is known; `more` is the name of one to come."""
        try:
            chain, exactly = self.exactly()
        except NoTwin as reason:
            yield report(CHAIN, Finding(SKIPPED, reason=str(reason)), {})
            return
        except TooLong:
            yield report(CHAIN, TOO_LONG, {})
            return
        small = is_small(self.calculation)
        yield self.chained(chain, exactly) | {"more": SYMPY if small else None}
        if small:
            yield self.whole(exactly)

    # ---- forward mode ---------------------------------------------------------------------------

    def exactly(self) -> tuple[Chain, Run]:
        """The run at 50 digits: in every direction if there is time, else in a few by lot."""
        self.directions = directions(self.calculation)
        chain = Chain(self.calculation, self.directions)
        try:
            return chain, Run(chain, self.ctx, Clock(self.clock.seconds * PATIENCE))
        except TooLong:
            self.directions = directions(self.calculation, 0)
            chain = Chain(self.calculation, self.directions)
            return chain, Run(chain, self.ctx, self.remaining())

    def chained(self, chain: Chain, exactly: Run) -> dict[str, Any]:
        """Compare; runs in machine precision tell what rounding can do to the result.

        The naive ones, for which sympy's formulas are rounded inside, are made where something
        differs: tanh' = 1 - tanh^2 loses digits, and the engine may as well.
        """
        complete = True
        found = {}
        try:
            for lot in range(LOTS):
                self.spreads.append(self.strayed(chain, exactly, lot))
            found = self.judged(exactly)
            if any(finding.status == DIFFERS for finding in found.values()):
                rough = context(min(53, self.calculation.bits))
                run = Run(chain, rough, self.remaining())
                self.naive.append(self.compared(run, exactly))
                for lot in range(NAIVE_LOTS):
                    self.naive.append(self.strayed(chain, exactly, lot, naive=True))
                found = self.judged(exactly)
            if any(finding.status == DIFFERS for finding in found.values()):
                self.look_around(chain, exactly)
                found = self.judged(exactly)
        except TooLong:
            complete = False
            found = self.judged(exactly)
        if not complete:  # a gap may be rounding, or a wrong rule
            found = {k: TOO_LONG if f.status == DIFFERS else f for k, f in found.items()}
        value = found.pop("")
        return report(CHAIN, value, found)

    def look_around(self, chain: Chain, exactly: Run) -> None:
        """Find what is no difference: past a step without a value, or at a jump.

        Where a movement of 1e-30 changes a number much, the point lies on a jump.
        """
        if exactly.lost:
            lost = Finding(UNDECIDED, reason=f"{exactly.lost} has no value on the way")
            self.singular = [[lost] * n for n in (exactly.value.size, len(self.directions))]
            return
        truth = exactly.value.ravel(), self.contracted(exactly.tangents)
        self.singular = [[None] * len(part) for part in truth]
        for lot in range(NUDGES):
            nudge = nudging(self.ctx, lot)
            run = Run(chain, self.ctx, self.remaining(), nudge, values_only=True)
            beside = run.value.ravel(), self.contracted(run.tangents)
            for part, findings in enumerate(self.singular):
                for k, (a, b) in enumerate(zip(truth[part], beside[part], strict=True)):
                    if not abs(a - b) <= (abs(a) + abs(b)) * SMOOTH + NEGLIGIBLE:
                        findings[k] = ON_A_JUMP

    def remaining(self) -> Clock:
        return Clock(max(0.0, self.clock.left))

    def strayed(self, chain: Chain, exactly: Run, lot: int, naive: bool = False) -> Strayed:
        rounding = random_rounding(self.ctx, lot)
        run = Run(chain, self.ctx, self.remaining(), rounding, naive)
        return self.compared(run, exactly)

    def compared(self, run: Run, exactly: Run) -> Strayed:
        value = each(self.ctx.convert, run.value) - exactly.value
        slopes = self.contracted(each(self.ctx.convert, run.tangents), run.rounding)
        return each(abs, value), each(abs, slopes - self.contracted(exactly.tangents))

    def judged(self, run: Run) -> dict[str, Finding]:
        """A finding for each variable by its name, and for the value by ""."""
        values = self.values()
        pairs = enumerate(zip(values, run.value.ravel(), strict=True))
        scale = self.largest(values)
        found = {"": worst([self.judge(*pair, 0, k, scale) for k, pair in pairs])}
        lists: dict[str, list[Finding]] = {t.name: [] for t in self.calculation.targets}
        slopes = self.contracted(run.tangents)
        for d, direction in enumerate(self.directions):
            finding = self.along(direction, d, slopes[d], run.blame)
            for name in direction.names:
                lists[name].append(finding)
        return found | {name: worst(findings) for name, findings in lists.items()}

    def along(
        self, direction: Direction, d: int, truth: Number, blame: list[tuple[str, str]]
    ) -> Finding:
        """The engine's gradient, contracted with a direction, against the derivative along it."""
        ctx = self.ctx
        if ctx.isnan(truth) and blame:
            return blamed(blame)
        terms = []
        scale = None
        for target in self.calculation.targets:
            move = direction.moves.get(target.step)
            if move is not None and target.name in direction.names:
                ours = exact(ctx, np.atleast_1d(target.gradient)).ravel()
                moves = exact(ctx, np.atleast_1d(move)).ravel()
                terms += [along_move(g, m) for g, m in zip(ours, moves, strict=True) if m]
                scale = self.largest(ours, scale)
        if len(terms) > 1 and all(map(ctx.isfinite, terms)):
            scale = max(ctx.sqrt(sum(term * term for term in terms)), scale or ctx.zero)
        return self.judge(sum(terms, ctx.zero), truth, 1, d, scale)

    def judge(
        self, ours: Number, truth: Number, part: int, k: int, scale: Number | None = None
    ) -> Finding:
        """Compare with the exact run's k-th value (part 0) or k-th direction (part 1)."""

        spreads = [pair[part].ravel()[k] for pair in self.spreads]
        naive = [pair[part].ravel()[k] for pair in self.naive]
        finding = compare(
            self.ctx,
            ours,
            truth,
            bits=self.calculation.bits,
            spread=most(self.ctx, spreads),
            naive=most(self.ctx, naive),
            scale=scale,
        )
        if finding.status != DIFFERS:
            return finding
        if any(map(self.ctx.isnan, spreads + naive)):
            return BESIDE_A_KINK
        return (self.singular and self.singular[part][k]) or finding

    def largest(self, numbers: Numbers, least: Number | None = None) -> Number | None:
        """What a row's rounding is measured against, if not each of its numbers by itself."""
        if not self.normwise:
            return None
        sizes = [abs(x) for x in numbers if self.ctx.isfinite(x)]
        return max(sizes, default=self.ctx.zero) if least is None else max([*sizes, least])

    def values(self) -> Numbers:
        return exact(self.ctx, np.asarray(self.calculation.value)).ravel()

    def contracted(self, tangents: Numbers, rounding: Rounding | None = None) -> Numbers:
        """The derivative of the seed's product with the output, along each direction."""
        seed = exact(self.ctx, np.asarray(self.calculation.seed)).ravel()
        rows = tangents.reshape(len(self.directions), seed.size)
        out = np.empty(len(rows), object)
        for d, row in enumerate(rows):
            terms = [along_move(s, t) for s, t in zip(seed, row, strict=True) if s]
            if rounding is not None and len(terms) > 1:  # as the machine rounds what it adds up
                terms = [rounding(term, self.calculation.bits) for term in terms]
            out[d] = sum(terms, self.ctx.zero)
        return out

    # ---- sympy ----------------------------------------------------------------------------------

    def whole(self, run: Run) -> dict[str, Any]:
        ctx = self.ctx
        try:
            result = differentiate(self.calculation, ctx)
        except Unsupported as part:
            return report(SYMPY, Finding(SKIPPED, reason=f"sympy leaves {part} open"), {})
        value = self.judge(self.values()[0], result.value, 0, 0)
        found: dict[str, Finding] = {}
        places = {direction.names[0]: d for d, direction in enumerate(self.directions)}
        seed = ctx.mpf(self.calculation.seed.item())
        for target, slope in zip(self.calculation.targets, result.slopes, strict=True):
            if ctx.isnan(slope):
                kinks = [pair for pair in run.blame if pair[0] == KINK and KINK in result.notes]
                found[target.name] = blamed(kinks or run.blame)
            else:
                ours = ctx.mpf(target.gradient.item())
                found[target.name] = self.judge(ours, slope * seed, 1, places[target.name])
        return report(SYMPY, value, found)


def most(ctx: Context, strayed: list[Number]) -> Number | None:
    return max([x for x in strayed if not ctx.isnan(x)], default=None)


def along_move(g: Number, move: Number) -> Number:
    """The real part of conj(g) move: what a movement does to a loss whose cotangent is g."""
    return g.real * move.real + g.imag * move.imag


def blamed(blame: list[tuple[str, str]]) -> Finding:
    """Nothing to compare at a kink; no derivative at a pole."""
    kinks = list(dict.fromkeys(name for note, name in blame if note == KINK))
    names = kinks or list(dict.fromkeys(name for _, name in blame))
    listed = ", ".join(names[:3])
    if kinks:
        return Finding(SKIPPED, reason=f"the point lies on a kink or a jump of {listed}")
    return Finding(UNDECIDED, reason=f"{listed or 'it'} has no derivative at this point")


def report(method: str, value: Finding, gradients: dict[str, Finding]) -> dict[str, Any]:
    return {
        "method": method,
        "status": worst([value, *gradients.values()]).status,
        "value": asdict(value),
        "gradients": {name: asdict(finding) for name, finding in gradients.items()},
    }
