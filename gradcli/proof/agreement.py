"""Do two numbers agree, to how many digits, and is what separates them only rounding?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # it imports sympy, which whoever reads verdicts need not
    from gradcli.proof.evaluator import Context, Number

AGREES, SKIPPED, UNDECIDED, DIFFERS = "agrees", "skipped", "undecided", "differs"
# Of several findings the worst counts.
ORDER = (AGREES, SKIPPED, UNDECIDED, DIFFERS)
# A rule that is right loses a few units in the last place; one that is wrong loses half the digits.
ULPS = 256
# How far the engine may stray beyond what runs in machine precision do.
STRAY = 16


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of comparing one number, or many of which the worst is reported.

    digits   that agree, None if there was nothing to compare
    trusted  that survive rounding in the machine's precision, at most `digits`; None if unknown
    """

    status: str
    digits: int | None = None
    trusted: int | None = None
    reason: str = ""


def full(bits: int) -> int:
    """The digits of a format as they are counted here: 16 of float64, 7 of float32."""
    return {53: 16, 24: 7, 11: 3}.get(bits, 16)


def compare(
    ctx: Context,
    ours: Number,
    truth: Number,
    *,
    bits: int,
    spread: Number | None = None,
    naive: Number | None = None,
    scale: Number | None = None,
) -> Finding:
    """The engine's number against the proven one.

    spread  how far runs with random rounding in the machine's precision strayed from the truth
    naive   how far a run in machine arithmetic did, by sympy's formulas: these may lose digits
            that better ones keep, so it excuses, but says nothing about what can be trusted
    scale   what an error is measured against, if not the truth: the terms of a cancelling sum
    """
    if ctx.isnan(ours):
        return Finding(UNDECIDED, reason="the value computed is nan")
    if ctx.isnan(truth):
        return Finding(UNDECIDED, reason="there is no value at this point")
    if not ctx.isfinite(ours) or not ctx.isfinite(truth):
        return infinite(ctx, ours, truth, bits)
    stray = max([x for x in (spread, naive) if x is not None], default=ctx.zero)
    if abs(truth) < stray * ctx.mpf(10) ** -25:
        truth = ctx.zero  # what is left of a sum that is zero, after rounding at 50 digits
    error, size = abs(ours - truth), scale or abs(truth)
    digits = agreeing(ctx, error, max(size, smallest(ctx, bits)), bits)
    trusted = None if spread is None else min(digits, agreeing(ctx, spread, size, bits))
    if error <= size * ULPS * ctx.mpf(2) ** -bits:
        return Finding(AGREES, digits, trusted)
    if error <= STRAY * stray or error <= smallest(ctx, bits):
        few = 0 if trusted is None else trusted
        return Finding(AGREES, digits, few, "rounding in the machine's precision explains the gap")
    return Finding(DIFFERS, digits, trusted, " is not ".join(shown(ctx, ours, truth)))


def shown(ctx: Context, ours: Number, truth: Number) -> list[str]:
    """Both numbers as floats are written, with more digits where that would hide the gap."""
    if isinstance(ours, ctx.mpc) or isinstance(truth, ctx.mpc) or float(ours) == float(truth):
        return [ctx.nstr(x, 20) for x in (ours, truth)]
    return [repr(float(x)) for x in (ours, truth)]


def infinite(ctx: Context, ours: Number, truth: Number, bits: int) -> Finding:
    """An infinity agrees with itself, and with what is too large for the machine's format."""
    if ours == truth:
        return Finding(AGREES)
    if ctx.isfinite(truth) and not isinstance(ours, ctx.mpc):
        largest = ctx.mpf(2) ** (1024 if bits > 24 else 128)
        if abs(truth) >= largest and (truth > 0) == (ours > 0):
            return Finding(AGREES, reason="too large for the machine's format")
    return Finding(UNDECIDED, reason=" against ".join(shown(ctx, ours, truth)))


def smallest(ctx: Context, bits: int) -> Number:
    """Four units of a format's denormal numbers, whose digits are few."""
    return ctx.mpf(2) ** (-1072 if bits > 24 else -147)


def agreeing(ctx: Context, error: Number, size: Number, bits: int) -> int:
    """How many significant digits an error leaves; all of them up to a unit in the last place."""
    if error <= size * ctx.mpf(2) ** (1 - bits):
        return full(bits)
    if error >= size:
        return 0
    return max(0, min(full(bits), int(ctx.floor(-ctx.log10(error / size)))))


def worst(findings: Sequence[Finding]) -> Finding:
    """One finding for many: the worst status, and the fewest digits."""
    if not findings:
        return Finding(AGREES)
    status = max((finding.status for finding in findings), key=ORDER.index)
    digits = [f.digits for f in findings if f.digits is not None]
    trusted = [f.trusted for f in findings if f.trusted is not None]
    reasons = [f.reason for f in findings if f.status == status and f.reason]
    return Finding(
        status,
        min(digits, default=None),
        min(trusted, default=None),
        reasons[0] if reasons else "",
    )
