"""All methods side by side: what each finds of a derivative, and how far they agree."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gradcli.engine.tape import Tape
from gradcli.engine.tensor import edge
from gradcli.errors import WrongType
from gradcli.proof.agreement import AGREES, DIFFERS, ORDER, SKIPPED, UNDECIDED, full
from gradcli.proof.calculation import bits_of
from gradcli.proof.claims import claims_of, together
from gradcli.proof.crosscheck import Check, check_all
from gradcli.proof.extrapolation import DOUBT, EPS, slope
from gradcli.proof.trial import Sample, directions_of

Array = np.ndarray[Any, Any]
FORWARD, DIFFERENCES, COMPLEX = "forward", "differences", "complex-step"
# Variables of so many elements are moved one by one, larger ones along three directions by lot.
# Long calculations are run for no more than so many operations and variables.
COMPONENTS, FEWEST, WORK = 12, 3, 4_000
# The two modes run the same rules: they differ by rounding.
MODES = 2.0**-26
# Of a component, beyond the estimated error: a right derivative may be this ill-conditioned.
ROUGH = 1e-5
USELESS = 1e-2  # differences with such an error, beside value and derivative, decide nothing
TINY = 1e-30  # a step that no sum notices


@dataclass(frozen=True)
class Found:
    """What a method says of one derivative.

    digits  that agree with reverse mode's; None if there was nothing to compare
    error   of the method's own estimate, if it knows it
    """

    status: str
    digits: int | None = None
    error: float | None = None


@dataclass(frozen=True)
class Examined:
    """A sample with each method's findings, by variable and method, and the verdict."""

    sample: Sample
    methods: Mapping[str, Mapping[str, Found]]
    check: Check


def examine(samples: Sequence[Sample], seconds: float) -> list[Examined]:
    """Every method at every point; `seconds` are for the proofs of all points together."""
    lists = [list(claims_of_sample(sample)) for sample in samples]
    count = max(1, sum(map(len, lists)))
    proofs = iter(check_all([c for claims in lists for c in claims], seconds=seconds / count))
    result = []
    for sample, claims in zip(samples, lists, strict=True):
        check = together([next(proofs) for _ in claims])
        result.append(judged(sample, check))
    return result


def claims_of_sample(sample: Sample) -> Any:
    y = sample.output
    by = {name: sample.leaves[name] for name in sample.reverse}
    return claims_of(sample.tape, y, by, sample.reverse)


def judged(sample: Sample, proof: Check) -> Examined:
    methods = {name: compared(sample, name, proof.value_trusted) for name in sample.reverse}
    for method, digits in proof.by_method.items():
        for name, found in methods.items():
            status = proof.methods[method]
            found[method] = Found(status, digits.get(name))
    return Examined(sample, methods, verdict(methods, proof, on_kink=bool(sample.kinks)))


def verdict(methods: Mapping[str, Mapping[str, Found]], proof: Check, *, on_kink: bool) -> Check:
    """A difference outweighs all; then the proof decides, and where rows have no twins,
    differences do."""
    every = [(method, f) for found in methods.values() for method, f in found.items()]
    statuses: dict[str, str] = {}
    for method, found in every:
        statuses[method] = max(found.status, statuses.get(method, AGREES), key=ORDER.index)
    statuses |= {m: s for m, s in proof.methods.items() if m not in statuses}
    differing = [m for m, s in statuses.items() if s == DIFFERS]
    status, reason = proof.status, proof.reason
    if differing:
        status = DIFFERS
        reason = reason or f"{', '.join(differing)} and reverse mode differ"
    elif status == SKIPPED and not on_kink and statuses.get(DIFFERENCES) == AGREES:
        status = AGREES
    digits = proof.digits
    if digits is None and status == AGREES:
        known = [f.digits for method, f in every if f.digits is not None and f.status == AGREES]
        digits = min(known, default=None)
    return replace(proof, status=status, methods=statuses, digits=digits, reason=reason)


def compared(sample: Sample, name: str, trusted: int | None) -> dict[str, Found]:
    """Forward mode, differences and a complex step, against reverse mode."""
    reverse = sample.reverse[name]
    found = {FORWARD: forward(reverse, sample.forward[name], sample.output.dtype)}
    if edge(sample.output) is None:
        return found
    try:
        differences = [along(sample, name, way, trusted) for way in ways(sample, name)]
    except WrongType:
        return found  # an operation of the user's own
    found[DIFFERENCES] = worst([pair[0] for pair in differences])
    if sample.kinks:
        found[DIFFERENCES] = Found(SKIPPED)
    complex_steps = [pair[1] for pair in differences if pair[1] is not None]
    if len(complex_steps) == len(differences):
        found[COMPLEX] = worst(complex_steps)
    return found


def ways(sample: Sample, name: str) -> list[Array]:
    work = len(sample.tape.entries)
    most = max(FEWEST, min(COMPONENTS, WORK // max(1, work)))
    return list(directions_of(sample.leaves[name].shape, most))


def along(sample: Sample, name: str, way: Array, trusted: int | None) -> tuple[Found, Found | None]:
    """The derivative along one direction by differences, and by a complex step if that is one."""
    if not np.all(np.isfinite(sample.output.value)):
        return Found(UNDECIDED), None  # there is nothing to take differences of
    leaf = sample.leaves[name]
    at = sample.moved(name, way)
    eps = EPS if trusted is None or trusted >= full_of(sample) else 10.0**-trusted
    # What does not move adds nothing, though its derivative be infinite.
    ours = np.tensordot(np.where(way != 0, sample.reverse[name], 0), way, way.ndim)
    size = float(np.max(np.abs(leaf.value), initial=0.0, where=np.asarray(way != 0)))
    with np.errstate(all="ignore"):
        value, error = slope(lambda h: at(h).astype(float), size, eps)
    # Where ours is infinite, an estimate that is not is no less a difference, if it is any good.
    gap, scale = np.abs(value - ours), np.abs(np.where(np.isfinite(ours), ours, value))
    largest = float(np.max([*np.ravel(scale), *np.ravel(np.abs(sample.output.value))], initial=0))
    if not np.all(error <= USELESS * largest):
        return Found(UNDECIDED), complex_step(sample, at, ours)
    status = AGREES if np.all(gap <= DOUBT * error + ROUGH * scale) else DIFFERS
    most = full_of(sample)
    found = Found(status, agreeing(gap, scale, error, most), float(np.max(error, initial=0.0)))
    return found, complex_step(sample, at, ours)


def complex_step(sample: Sample, at: Any, ours: Array) -> Found | None:
    """Im f(x + ih)/h, which loses no digits, of functions that are analytic (W. Squire and
    G. Trapp, "Using complex variables to estimate derivatives of real functions", 1998)."""
    if not analytic(sample.tape):
        return None
    try:
        moved = at(TINY * 1j)
    except TypeError:
        return None  # an operation that takes no complex numbers
    real = np.asarray(sample.output.value, float)
    if moved.dtype.kind != "c" or not np.allclose(moved.real, real, rtol=1e-12, atol=0):
        return None
    gap = np.abs(moved.imag / TINY - ours)
    scale = np.abs(ours)
    right = np.all(gap <= ROUGH * scale + 1e-12 * np.max(scale, initial=0.0))
    return Found(AGREES if right else DIFFERS, agreeing(gap, scale, most=full_of(sample)))


def analytic(tape: Tape) -> bool:
    """Do all operations continue to complex numbers? A change of dtype would cut them off."""
    rows = [entry.op for entry in tape.entries if entry.op is not None]
    return all(
        op.elementwise and op.analytic and not op.ordered and op.twin and op.name != "astype"
        for op in rows
    )


def forward(reverse: Array, found: Array, dtype: Any) -> Found:
    gap = np.abs(reverse - found)
    largest = float(np.max(np.abs(reverse), initial=0.0))
    eps = float(np.finfo(dtype).eps)
    wrong = gap > math.sqrt(eps) * (np.abs(reverse) + MODES * largest)
    status = DIFFERS if np.any(wrong) else AGREES
    if not np.all(np.isfinite(reverse)):
        status = AGREES if np.array_equal(reverse, found, equal_nan=True) else UNDECIDED
        return Found(status)
    return Found(status, agreeing(gap, np.abs(reverse), most=full(bits_of(dtype))))


def agreeing(gap: Array, scale: Array, error: Array | float = 0.0, most: int = 16) -> int | None:
    """The fewest digits that agree, of components that are more than rounding."""
    largest = np.max(scale, initial=0.0)
    counts = scale > np.maximum(1e-14 * largest, error)
    if not np.any(counts):
        return None if largest else most
    share = float(np.max(gap[counts] / scale[counts]))
    if not math.isfinite(share):
        return 0
    return most if share < 2 * EPS else max(0, min(most, math.floor(-math.log10(share))))


def full_of(sample: Sample) -> int:
    return full(bits_of(sample.output.dtype))


def worst(found: Sequence[Found]) -> Found:
    status = max((f.status for f in found), key=ORDER.index, default=SKIPPED)
    digits = [f.digits for f in found if f.digits is not None]
    errors = [f.error for f in found if f.error is not None]
    return Found(status, min(digits, default=None), max(errors, default=None))
