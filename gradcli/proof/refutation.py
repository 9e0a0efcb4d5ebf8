"""Claimed derivatives, tested at many points; the simplest counterexample to those that are wrong.

Machine arithmetic finds where a claim and the engine's derivative part; whether they do is decided
at 50 digits, from the operations' twins (`proof.comparison`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any

import numpy as np

from gradcli.engine import display
from gradcli.engine.tensor import Tensor
from gradcli.errors import GradcliError, Status
from gradcli.proof.agreement import DIFFERS, SKIPPED, UNDECIDED
from gradcli.proof.calculation import to_json
from gradcli.proof.crosscheck import MEMORY, answered, collect, too_large
from gradcli.proof.sampling import (
    SIMPLE,
    Shape,
    other_lengths,
    random_points,
    simple_points,
    sized_points,
)
from gradcli.proof.trial import Claim, Point, Sample, Trial
from gradcli.proof.wire import Json, Unsendable

Array = np.ndarray[Any, Any]
PASS, FAIL = "pass", "fail"
# Operations that may be run over all points, and how many points that leaves.
WORK, FEWEST, MOST = 40_000, 12, 160
# Points at which equality is decided at 50 digits.
DECIDED = 6
SUSPECTS = 3  # points at which machine arithmetic sees a difference that are looked at
# A counterexample must be clear in machine arithmetic, too, to be made simpler there.
CLEAR = 1e-6
SHRINKINGS = 4
MODEST = 100.0
LACKING = 2  # points by lot without a value that make a claim wrong
MOVE = 2.0**-48


@dataclass(frozen=True)
class Counterexample:
    """Where a claim is wrong: component (of the output, then of the variable), both values."""

    point: Point
    component: tuple[int, ...]
    claimed: float
    truth: float


@dataclass
class Tested:
    """The verdict on a claim.

    points  where it was compared
    exact   whether that was at 50 digits
    met     kinks and poles on the way, which are no failures
    """

    claim: Claim
    status: str = UNDECIDED
    points: int = 0
    exact: bool = False
    counterexample: Counterexample | None = None
    reason: str = ""
    met: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        if text not in self.met:
            self.met.append(text)


@dataclass(frozen=True, eq=False)
class Compared:
    """A claim at a point: what it says, what is true, and how far either strays by rounding."""

    sample: Sample
    root: Tensor
    said: Tensor
    truth: Array

    @property
    def finite(self) -> bool:
        return bool(np.all(np.isfinite(self.truth)) and np.all(np.isfinite(self.said.value)))

    @property
    def gap(self) -> Array:
        """The part of the larger of the two by which they differ."""
        said = np.asarray(self.said.value, float)
        size = np.maximum(np.abs(said), np.abs(self.truth))
        gap = np.abs(said - self.truth)
        found: Array = np.divide(gap, size, out=np.zeros_like(gap), where=size > 0)
        return found

    @property
    def worst(self) -> tuple[int, ...]:
        place = np.unravel_index(np.argmax(self.gap), self.gap.shape)
        return tuple(int(k) for k in place)

    def counterexample(self, component: tuple[int, ...]) -> Counterexample:
        said = float(np.asarray(self.said.value)[component])
        return Counterexample(self.sample.point, component, said, float(self.truth[component]))


def points(fixed: Point, shapes: Mapping[str, Shape], count: int, seed: int) -> Iterator[Point]:
    """Simple ones, then of every size, then by lot; only the given one where nothing is free."""
    if not shapes:
        yield fixed
        return
    simple, sized = list(simple_points(shapes)), list(sized_points(shapes, seed))
    rest = random_points(shapes, seed)
    every = chain(simple, sized[: count // 2], rest)
    for _, point in zip(range(count), every, strict=False):
        yield {**fixed, **point}


class Refuter:
    """Tests claims about one expression."""

    def __init__(
        self,
        trial: Trial,
        fixed: Point,
        shapes: Mapping[str, Shape],
        claims: Sequence[Claim],
        seconds: float,
        seed: int = 0,
    ) -> None:
        self.trial = trial
        self.fixed = fixed
        self.free = list(shapes)
        self.seconds = seconds
        self.seed = seed
        self.samples = list(self.tried(shapes, MOST))
        others = other_lengths(trial, fixed, shapes, claims)
        if others is not None:
            self.samples += self.tried(others, FEWEST)

    def tried(self, shapes: Mapping[str, Shape], most: int) -> Iterator[Sample]:
        """The points at which the expression has a value."""
        count = most
        for k, point in enumerate(points(self.fixed, shapes, most, self.seed)):
            if k >= count:
                return
            try:
                sample = self.trial.at(point, forward=False)
            except GradcliError as error:
                if error.status != Status.DOMAIN:
                    raise
                continue
            count = max(FEWEST, min(most, WORK // max(1, len(sample.tape.entries))))
            yield sample

    def test(self, claim: Claim) -> Tested:
        result = Tested(claim)
        lacking: list[Compared] = []
        compared = list(self.everywhere(claim, result, lacking))
        result.points = len(compared)
        if not compared:
            result.reason = "no point was found where both have a value"
            return result
        compared.sort(key=simplicity)
        suspects = self.suspects(claim, compared)
        for suspect in suspects:
            simplest = self.shrunk(claim, suspect)
            if self.confirmed(claim, [simplest, suspect], result):
                return result
        usual = [c for c in compared if c not in suspects]
        step = max(1, len(usual) // DECIDED)
        if self.confirmed(claim, usual[::step][:DECIDED], result):
            return result
        if self.lacks(claim, lacking, result):
            return result
        if usual or result.exact:
            result.status = PASS
        if suspects and not result.exact:
            result.status = UNDECIDED
            result.reason = result.reason or "rounding hides whether they are the same"
        return result

    # ---- in machine arithmetic ------------------------------------------------------------------

    def everywhere(
        self, claim: Claim, result: Tested, lacking: list[Compared]
    ) -> Iterator[Compared]:
        """The claim at the points where both have a value; `lacking` receives those where it alone
        has none."""
        for sample in self.samples:
            if sample.kinks:
                result.note(f"kink at {named(sample.point)}: {sample.kinks[0]}")
                continue
            found = self.at(claim, sample)
            if found is not None and sample.finite and found.finite:
                yield found
                continue
            what = f"value of the claim for {claim.name}" if sample.finite else "derivative"
            result.note(f"no finite {what} at {named(sample.point)}")
            if found is not None and sample.finite and np.all(np.isfinite(found.truth)):
                lacking.append(found)

    def suspects(self, claim: Claim, compared: Sequence[Compared]) -> list[Compared]:
        """Points where they part, and where they may do so at that point alone."""
        apart = [c for c in compared if np.any(c.gap > CLEAR)]
        parted = list(islice((c for c in apart if self.parted(claim, c)), SUSPECTS))
        return parted or apart[:SUSPECTS]

    def at(self, claim: Claim, sample: Sample) -> Compared | None:
        try:
            return Compared(sample, *self.trial.claimed(sample, claim))
        except GradcliError as error:
            if error.status != Status.DOMAIN:
                raise
            return None

    def parted(self, claim: Claim, compared: Compared) -> bool:
        """Is the gap more than what a movement by some last places makes of it?"""
        if not np.any(compared.gap > CLEAR):
            return False
        near = {name: x * (1 + MOVE) for name, x in compared.sample.point.items()}
        other = self.compared_at(claim, near)
        if other is None:
            return False
        strayed = np.abs(other.truth - compared.truth) + np.abs(
            np.asarray(other.said.value, float) - np.asarray(compared.said.value, float)
        )
        gap = np.abs(np.asarray(compared.said.value, float) - compared.truth)
        return bool(np.any((compared.gap > CLEAR) & (gap > 16 * strayed)))

    def compared_at(self, claim: Claim, point: Point) -> Compared | None:
        try:
            sample = self.trial.at(point, forward=False)
        except GradcliError as error:
            if error.status != Status.DOMAIN:
                raise
            return None
        found = None if sample.kinks or not sample.finite else self.at(claim, sample)
        return found if found is not None and found.finite else None

    def shrunk(self, claim: Claim, failing: Compared) -> Compared:
        """The same failure at a simpler point: number by number the simplest that still fails."""
        best = failing
        for _ in range(SHRINKINGS):
            before = simplicity(best)
            for name in self.free:
                for place in np.ndindex(np.shape(best.sample.point[name])):
                    best = self.simplified(claim, best, name, place)
            if simplicity(best) == before:
                break
        return best

    def simplified(
        self, claim: Claim, best: Compared, name: str, place: tuple[int, ...]
    ) -> Compared:
        now = float(best.sample.point[name][place])
        for number in simpler(now):
            value = best.sample.point[name].copy()
            value[place] = number
            other = self.compared_at(claim, {**best.sample.point, name: value})
            if other is not None and self.parted(claim, other):
                return other
        return best

    # ---- at 50 digits ---------------------------------------------------------------------------

    def confirmed(self, claim: Claim, compared: Sequence[Compared], result: Tested) -> bool:
        """Is one of them a counterexample? Where there are no twins, machine arithmetic says."""
        for each, finding in zip(compared, self.decided(claim, compared), strict=True):
            status = finding["status"]
            if status == SKIPPED:
                result.note(f"{finding['reason']} at {named(each.sample.point)}")
            elif status == UNDECIDED:
                result.reason = finding["reason"]
                if self.parted(claim, each):
                    result.status, result.counterexample = FAIL, each.counterexample(each.worst)
                    return True
            else:
                result.exact = True
            if status == DIFFERS:
                result.status = FAIL
                component = finding["component"]
                place = each.worst
                if component is not None:
                    place = tuple(int(k) for k in np.unravel_index(component, each.truth.shape))
                shown = each.counterexample(place)
                claimed, truth = finding["claimed"], finding["truth"]
                if component is not None and claimed != truth:
                    shown = Counterexample(each.sample.point, place, claimed, truth)
                result.counterexample = shown
                return True
        return False

    def lacks(self, claim: Claim, lacking: Sequence[Compared], result: Tested) -> bool:
        """Has the claim no value at 50 digits, at points by lot where there is a derivative?

        At single points a right claim may have none: x^3/x at 0.
        """
        generic = [c for c in lacking if by_lot(c.sample.point)]
        generic.sort(key=simplicity)
        findings = self.decided(claim, generic[:DECIDED])
        without = [c for c, f in zip(generic, findings, strict=False) if f.get("lacks")]
        if len(without) < LACKING:
            return False
        place = np.argwhere(~np.isfinite(np.asarray(without[0].said.value, float)))[0]
        result.status = FAIL
        result.counterexample = without[0].counterexample(tuple(int(k) for k in place))
        return True

    def decided(self, claim: Claim, compared: Sequence[Compared]) -> list[Json]:
        tasks = [self.task(claim, each) for each in compared]
        sent = [task for task in tasks if "claim" in task]
        answers = iter(answered(sent, self.seconds / max(1, len(sent)), MEMORY))
        found = []
        for task in tasks:
            if "claim" not in task:
                found.append(task)
                continue
            lines, stopped = next(answers)
            found.append(lines[0] if lines else {"status": UNDECIDED, "reason": stopped})
        return found

    def task(self, claim: Claim, each: Compared) -> Json:
        """What the child is asked; or what it would say, if it cannot be."""
        leaves, tape = each.sample.leaves, each.sample.tape
        calculations = {}
        try:
            for key, output in (("root", each.root), ("claim", each.said)):
                calculation = collect(tape, output, leaves, {}, np.ones(output.shape))
                if calculation is None:
                    return {"status": UNDECIDED, "reason": "part of it was not recorded"}
                if too_large(calculation, self.seconds):
                    return {"status": UNDECIDED, "reason": "it is too long for the time allowed"}
                calculations[key] = to_json(calculation)
        except Unsendable as reason:
            return {"status": UNDECIDED, "reason": f"a {reason} cannot be checked"}
        return {**calculations, "by": claim.by[-1]}


# ---- what is simple -----------------------------------------------------------------------------


def complexity(number: float) -> tuple[int, int, float, bool]:
    """In the order of SIMPLE; beyond, by the digits of the decimal form."""
    if number in SIMPLE:
        return (0, SIMPLE.index(number), 0.0, False)
    digits = len(f"{abs(number):.17g}".replace(".", "").strip("0"))
    return (1, digits + 2 * (number != int(number)), abs(number), number < 0)


def by_lot(point: Point) -> bool:
    """Is no number a simple one, at which a form may be 0/0, or so large that it may overflow?"""
    numbers = [float(x) for value in point.values() for x in np.ravel(value)]
    return all(complexity(x)[0] and abs(x) < MODEST for x in numbers)


def simpler(number: float) -> list[float]:
    """Numbers simpler than this one, the simplest first: small ones, then what it rounds to."""
    near = [float(np.rint(number)), float(np.trunc(number)), -number]
    near += [float(f"{number:.{k}g}") for k in (1, 2)]
    near += [number / 2**k for k in range(1, 5) if number == int(number) and not number % 2**k]
    near += [sign * 10.0**k for k in range(1, 7) for sign in (1, -1)]
    limit = complexity(number)
    return sorted({x for x in (*SIMPLE, *near) if complexity(x) < limit}, key=complexity)


def simplicity(compared: Compared) -> list[Any]:
    every = [complexity(float(x)) for v in compared.sample.point.values() for x in np.ravel(v)]
    return [max(every, default=(0, 0, 0.0, False)), sorted(every, reverse=True)]


def named(point: Point) -> str:
    """As on the command line: `x=2 v=[1,0.5]`."""
    return " ".join(f"{name}={written(np.asarray(value))}" for name, value in point.items())


def written(value: Array) -> str:
    if value.ndim:
        return f"[{','.join(written(item) for item in value)}]"
    return display.number(value[()]).removesuffix(".0")
