"""The checking of a calculation, in the process that does it: each method and what it found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import numpy as np

from gradcli.proof.agreement import DIFFERS, SKIPPED, UNDECIDED, Finding, compare, worst
from gradcli.proof.calculation import Calculation
from gradcli.proof.chain import Chain, Clock, Run, TooLong
from gradcli.proof.directions import Direction, directions
from gradcli.proof.formula import KINK, Number, Unsupported
from gradcli.proof.precision import Numbers, context, each, exact, random_rounding
from gradcli.proof.symbolic import differentiate, is_small
from gradcli.proof.twins import NoTwin

SYMPY, CHAIN = "sympy", "mpmath-50"
LOTS = 2
# A calculation of this many numbers is compared along three directions a variable, not in each.
MANY = 3000


class Prover:
    """Compares one calculation with its twins; `findings` yields as soon as something is known."""

    def __init__(self, calculation: Calculation, seconds: float) -> None:
        self.calculation = calculation
        self.clock = Clock(seconds)
        self.ctx = context()
        self.rough = context(min(53, calculation.bits))
        numbers = sum(int(np.prod(step.shape)) for step in calculation.steps)
        many = numbers * sum(target.gradient.size for target in calculation.targets) > MANY * 20
        self.directions = directions(calculation, 0) if many else directions(calculation)
        # Runs in machine precision: first one by lot, then the naive one, then more by lot.
        self.spreads: list[tuple[Numbers, Numbers]] = []
        self.naive: tuple[Numbers, Numbers] | None = None

    def findings(self) -> Iterator[dict[str, Any]]:
        """Each method's result as JSON: its name and, for value and variables, a Finding."""
        try:
            chain = Chain(self.calculation, self.directions)
            exactly = Run(chain, self.ctx, None, self.clock)
        except NoTwin as reason:
            yield report(CHAIN, Finding(SKIPPED, reason=str(reason)), {})
            return
        except TooLong:
            yield report(CHAIN, TOO_LONG, {})
            return
        try:
            self.rough_runs(chain, exactly)
            complete = True
        except TooLong:
            complete = False
        yield self.chained(exactly, complete)
        if is_small(self.calculation):
            yield self.whole(exactly)

    def rough_runs(self, chain: Chain, exactly: Run) -> None:
        def strayed(run: Run) -> tuple[Numbers, Numbers]:
            value = each(self.ctx.convert, run.value) - exactly.value
            slopes = self.contracted(each(self.ctx.convert, run.tangents))
            return each(abs, value), each(abs, slopes - self.contracted(exactly.tangents))

        for lot in range(LOTS):
            rounding = random_rounding(self.ctx, lot)
            self.spreads.append(strayed(Run(chain, self.ctx, rounding, self.remaining())))
        self.naive = strayed(Run(chain, self.rough, None, self.remaining()))

    def remaining(self) -> Clock:
        return Clock(max(0.0, self.clock.left))

    # ---- forward mode ---------------------------------------------------------------------------

    def chained(self, run: Run, complete: bool) -> dict[str, Any]:
        value = worst(
            [
                self.settled(self.judge(ours, truth, 0, k), complete)
                for k, (ours, truth) in enumerate(
                    zip(self.values(), run.value.ravel(), strict=True)
                )
            ]
        )
        found: dict[str, list[Finding]] = {t.name: [] for t in self.calculation.targets}
        slopes = self.contracted(run.tangents)
        for d, direction in enumerate(self.directions):
            finding = self.along(direction, d, slopes[d], run.blame)
            for name in direction.names:
                found[name].append(self.settled(finding, complete))
        return report(CHAIN, value, {name: worst(all_) for name, all_ in found.items()})

    def along(
        self, direction: Direction, d: int, truth: Number, blame: list[tuple[str, str]]
    ) -> Finding:
        if self.ctx.isnan(truth) and blame:
            return blamed(blame)
        ctx = self.ctx
        terms = []
        for target in self.calculation.targets:
            move = direction.moves.get(target.step)
            if move is not None and target.name in direction.names:
                ours = exact(ctx, np.atleast_1d(target.gradient)).ravel()
                moves = exact(ctx, np.atleast_1d(move)).ravel()
                terms += [along_move(g, m) for g, m in zip(ours, moves, strict=True) if m]
        scale = None
        if len(terms) > 1 and all(map(ctx.isfinite, terms)):
            scale = ctx.sqrt(sum(term * term for term in terms))
        return self.judge(sum(terms, ctx.zero), truth, 1, d, scale)

    def judge(
        self, ours: Number, truth: Number, part: int, k: int, scale: Number | None = None
    ) -> Finding:
        spreads = [x for pair in self.spreads if not self.ctx.isnan(x := pair[part].ravel()[k])]
        naive = None if self.naive is None else self.naive[part].ravel()[k]
        return compare(
            self.ctx,
            ours,
            truth,
            bits=self.calculation.bits,
            spread=max(spreads, default=None),
            naive=None if naive is None or self.ctx.isnan(naive) else naive,
            scale=scale,
        )

    def settled(self, finding: Finding, complete: bool) -> Finding:
        """Without the runs in machine precision a gap may be rounding, or a wrong rule."""
        return TOO_LONG if finding.status == DIFFERS and not complete else finding

    def values(self) -> Numbers:
        return exact(self.ctx, np.asarray(self.calculation.value)).ravel()

    def contracted(self, tangents: Numbers) -> Numbers:
        """The derivative of the seed's product with the output, along each direction."""
        seed = exact(self.ctx, np.asarray(self.calculation.seed)).ravel()
        rows = tangents.reshape(len(self.directions), -1)
        out = np.empty(len(rows), object)
        for d, row in enumerate(rows):
            pairs = [(s, t) for s, t in zip(seed, row, strict=True) if s]
            out[d] = sum((along_move(s, t) for s, t in pairs), self.ctx.zero)
        return out

    # ---- sympy ----------------------------------------------------------------------------------

    def whole(self, run: Run) -> dict[str, Any]:
        try:
            result = differentiate(self.calculation, self.ctx)
        except Unsupported as part:
            return report(SYMPY, Finding(SKIPPED, reason=f"sympy leaves {part} open"), {})
        value = self.judge(self.values()[0], result.value, 0, 0)
        ctx = self.ctx
        found: dict[str, Finding] = {}
        places = {direction.names[0]: d for d, direction in enumerate(self.directions)}
        seed = ctx.mpf(self.calculation.seed.item())
        for target, slope in zip(self.calculation.targets, result.slopes, strict=True):
            if ctx.isnan(slope):
                kink = KINK in result.notes and any(note == KINK for note, _ in run.blame)
                reason = "the point lies on a kink" if kink else "there is no derivative here"
                found[target.name] = Finding(SKIPPED if kink else UNDECIDED, reason=reason)
                continue
            engine = ctx.mpf(target.gradient.item())
            place = places.get(target.name, 0)
            found[target.name] = self.judge(engine, slope * seed, 1, place)
        return report(SYMPY, value, found)


TOO_LONG = Finding(UNDECIDED, reason="it takes longer than the time allowed")


def along_move(g: Number, move: Number) -> Number:
    """The real part of conj(g) move: what a movement does to a loss whose cotangent is g."""
    return g.real * move.real + g.imag * move.imag


def blamed(blame: list[tuple[str, str]]) -> Finding:
    kinks = list(dict.fromkeys(name for note, name in blame if note == KINK))
    names = kinks or list(dict.fromkeys(name for _, name in blame))
    listed = ", ".join(names[:3])
    if kinks:
        return Finding(SKIPPED, reason=f"the point lies on a kink or a jump of {listed}")
    return Finding(UNDECIDED, reason=f"{listed} has no derivative at this point")


def report(method: str, value: Finding, gradients: dict[str, Finding]) -> dict[str, Any]:
    status = worst([value, *gradients.values()]).status
    return {
        "method": method,
        "status": status,
        "value": asdict(value),
        "gradients": {name: asdict(finding) for name, finding in gradients.items()},
    }
