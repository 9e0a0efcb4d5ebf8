"""A claimed derivative against the true one, both at 50 digits, in the process that checks.

Equal functions have equal values there, whatever their algebraic forms; where one of them loses
digits, at these or by the rounding of literals such as 0.1, runs with other roundings say how many.
A form may lose all fifty (1 - sigmoid(x) at 700): a difference must last at more digits.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from gradcli.proof.agreement import AGREES, DIFFERS, SKIPPED, UNDECIDED
from gradcli.proof.calculation import Calculation, Step, from_json
from gradcli.proof.chain import Chain, Clock, Run, TooLong
from gradcli.proof.directions import Direction, directions
from gradcli.proof.evaluator import Context, Number
from gradcli.proof.precision import DIGITS, Numbers, context, exact, random_rounding
from gradcli.proof.twins import Local, NoTwin
from gradcli.proof.wire import Json

# Of the bits of a context, those that the runs that measure rounding lose.
SPARED = 18
# Forms that differ by less than such a part of themselves are the same: what rows by differences,
# and sympy's own constants, leave.
ALIKE = 1e-43
LOTS = 2
# How far two forms may be apart, in units of what rounding was seen to do to them, and of what
# moving their literals by a last place did.
STRAY, LITERAL = 64, 16
# Digits at which a difference must last: the last are more than a machine's numbers span.
PRECISIONS = (DIGITS, 2 * DIGITS, 400)
Array = np.ndarray[Any, Any]
# The least number that a machine tells from 0.
LEAST = 2.0**-1074
# Literals with no more bits than this are meant exactly: 0.5, 3, 1024.
SHORT = 30


def compared(task: Json, seconds: float) -> Iterator[dict[str, Any]]:
    """One finding: does the claim agree with the derivative, and if not, at which component?

    It is skipped where one of them has no value.
    """
    root, claim = from_json(task["root"]), from_json(task["claim"])
    try:
        yield Comparison(root, claim, task["by"], Clock(seconds)).finding()
    except NoTwin as reason:
        yield {"status": UNDECIDED, "reason": str(reason)}
    except TooLong:
        yield {"status": UNDECIDED, "reason": "it takes longer than the time allowed"}


class Comparison:
    """The derivative of `root` by one of its targets, and a claim about it.

    The targets of both are all variables. The claim's value has the shape of the output and then
    of the variable.
    """

    def __init__(self, root: Calculation, claim: Calculation, by: str, clock: Clock) -> None:
        self.root, self.claim, self.clock = root, claim, clock
        (variable,) = [target for target in root.targets if target.name == by]
        self.size = variable.gradient.size
        self.directions = directions(replace(root, targets=(variable,)))
        self.ctx = context()
        self.known: dict[Any, Local] = {}

    def finding(self) -> dict[str, Any]:
        ctx = self.ctx
        truth, run = self.derivative(self.root)
        claimed, claim_run = self.value(self.claim)
        if any(map(ctx.isnan, truth)):
            notes = dict.fromkeys(run.blame)
            names = ", ".join(dict.fromkeys(name for _, name in notes))
            kinds = " or ".join(dict.fromkeys(note for note, _ in notes)) or "hole"
            return {"status": SKIPPED, "reason": f"a {kinds} of {names or run.lost or 'it'}"}
        if not all(map(ctx.isfinite, [*truth, *claimed])):
            name = claim_run.lost or "it"
            return {
                "status": SKIPPED,
                "reason": f"the claim has no value there ({name})",
                "lacks": not all(map(ctx.isfinite, claimed)),
            }
        literals = self.literals(truth, claimed)
        rounding = self.rounding(truth, claimed)
        for digits in PRECISIONS:
            if digits > ctx.dps:
                # Rounding does as much less as there are more digits.
                rounding = [n * ctx.mpf(10) ** (ctx.dps - digits) for n in rounding]
                ctx.dps = digits
                truth, claimed = self.derivative(self.root)[0], self.value(self.claim)[0]
            noise = [STRAY * a + LITERAL * b for a, b in zip(rounding, literals, strict=True)]
            worst = self.parted(truth, claimed, noise)
            if worst is None:
                return {"status": AGREES}
            found = {
                "status": DIFFERS,
                "claimed": float(claimed[worst]),
                "truth": float(truth[worst]),
                "component": worst if self.single else None,
            }
        return found

    def parted(self, truth: list[Number], claimed: list[Number], noise: list[Number]) -> int | None:
        """The component where they differ most, if that is by more than noise."""
        gaps = [abs(c - t) - max(n, LEAST) for c, t, n in zip(claimed, truth, noise, strict=True)]
        sizes = [max(abs(c), abs(t)) for c, t in zip(claimed, truth, strict=True)]
        shares = [g / s if s else self.ctx.zero for g, s in zip(gaps, sizes, strict=True)]
        worst = max(range(len(shares)), key=shares.__getitem__, default=None)
        return None if worst is None or shares[worst] <= ALIKE else worst

    @property
    def single(self) -> bool:
        """Is there a direction for every component?"""
        return len(self.directions) == self.size

    # ---- values of both, flat, of the same order ------------------------------------------------

    def derivative(self, root: Calculation, **options: Any) -> tuple[list[Number], Run]:
        """Along each direction, output element by output element: the order of a Jacobian."""
        chain = Chain(root, self.directions, self.known)
        run = Run(chain, self.ctx, Clock(max(0.0, self.clock.left)), **options)
        tangents: Any = run.tangents
        rows = tangents.reshape(len(self.directions), -1)
        return [x for column in rows.T for x in column], run

    def value(self, claim: Calculation, **options: Any) -> tuple[list[Number], Run]:
        run = Run(
            Chain(claim, [], self.known), self.ctx, Clock(max(0.0, self.clock.left)), **options
        )
        value: Any = run.value
        rows = value.reshape(-1, self.size)
        return [along(self.ctx, row, way) for row in rows for way in self.directions], run

    def rounding(self, truth: list[Number], claimed: list[Number]) -> list[Number]:
        """How far both stray together where every result loses some of its bits."""
        runs = []
        for lot in range(LOTS):
            by_lot = random_rounding(self.ctx, lot)
            bits = self.ctx.prec - SPARED
            rounding = {"rounding": lambda x, _bits, by_lot=by_lot, bits=bits: by_lot(x, bits)}
            truly = self.derivative(self.root, **rounding)[0]
            runs.append((truly, self.value(self.claim, **rounding)[0]))
        return self.spread(truth, claimed, runs)

    def literals(self, truth: list[Number], claimed: list[Number]) -> list[Number]:
        """The same where literals are the next machine numbers."""
        runs = []
        for lot in range(LOTS + 1):
            root, claim = nudged(self.root, lot), nudged(self.claim, -1 - lot)
            if root is not self.root or claim is not self.claim:
                runs.append((self.derivative(root)[0], self.value(claim)[0]))
        return self.spread(truth, claimed, runs)

    def spread(self, truth: list[Number], claimed: list[Number], others: list[Any]) -> list[Number]:
        """Of each component, how far other runs went at most from the first."""
        ctx = self.ctx
        most = [ctx.zero] * len(truth)
        for slopes, values in others:
            for k, (t, c) in enumerate(zip(slopes, values, strict=True)):
                strayed = abs(t - truth[k]) + abs(c - claimed[k])
                if not ctx.isnan(strayed):
                    most[k] = max(most[k], strayed)
        return most


def along(ctx: Context, row: Numbers, direction: Direction) -> Number:
    (moves,) = direction.moves.values()
    pairs = zip(exact(ctx, np.atleast_1d(moves)).ravel(), row, strict=True)
    return sum((x * m for m, x in pairs if m), ctx.zero)


def nudged(calculation: Calculation, lot: int) -> Calculation:
    """With every constant that has many digits moved by a unit in its last place, by lot."""
    rng = random.Random(lot)  # reproducible, not secret
    variables = {target.step for target in calculation.targets}
    steps = tuple(
        step if k in variables else moved(step, rng) for k, step in enumerate(calculation.steps)
    )
    changed = any(a is not b for a, b in zip(steps, calculation.steps, strict=True))
    return replace(calculation, steps=steps) if changed else calculation


def moved(step: Step, rng: random.Random) -> Step:
    if step.op is not None:
        static = [float(nudge(np.array(x), rng)) if type(x) is float else x for x in step.static]
        return step if tuple(static) == step.static else replace(step, static=tuple(static))
    value = step.value
    if value.dtype.kind != "f":
        return step
    other = nudge(value, rng)
    return step if np.array_equal(other, value, equal_nan=True) else replace(step, value=other)


def nudge(value: Array, rng: random.Random) -> Array:
    """The next machine number, up or down by lot, for those that have many digits."""
    mantissa = np.frexp(value)[0] * 2.0**SHORT
    long = np.isfinite(value) & (mantissa != np.rint(mantissa))
    away = np.array([rng.choice((-np.inf, np.inf)) for _ in range(value.size)])
    other = np.nextafter(value, away.reshape(value.shape).astype(value.dtype))
    return np.asarray(np.where(long, other, value))
