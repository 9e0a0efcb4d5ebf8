"""Where a sampled curve is not smooth: poles, jumps, kinks and the edges of its domain.

An interval between two samples is looked into if its curve leaves a straight line more than the
intervals around it do. It is halved, towards the half that does so more, down to neighbouring
numbers: what then is left of the difference is no matter of the distance.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

Array = np.ndarray[Any, Any]
# A function's values and slopes at points.
Sample = Callable[[Array], tuple[Array, Array]]
Ends = tuple[Array, Array, Array]  # points, values, slopes

# Of several at one place, the first of these is told.
KINDS = ("pole", "jump", "kink", "edge")
HALVINGS = 64
# Where an interval is halved: not where symmetric functions are singular.
ASIDE = 0.4871
EPSILON = np.finfo(np.float64).eps
# The part of a value that a pole adds on the way to the next number; a peak adds nothing.
GROWTH = 1e-3
# How many times rougher than around it an interval is that is looked into.
ROUGHER = 4.0
# Relative to values or slopes, what is no rounding.
CLEAR = 1e-6
# Places closer than that part of the range are one.
SAME = 1e-7
OVERFLOW, HUGE = 1e300, 1e100
# The part of a range that is taken for 0.
NOTHING = 1e-14


class Singularity(NamedTuple):
    """kind: pole, jump, kink, or edge of the domain. On either side the last point of the curve."""

    kind: str
    x: float
    left: tuple[float, float]
    right: tuple[float, float]


def singularities(sample: Sample, x: Array, f: Array, slope: Array) -> list[Singularity]:
    """Those between the first and the last of the points `x`, in order.

    A value without a finite slope counts for none.
    """
    extent = float(x[-1] - x[0])
    f = where_smooth(f, slope)
    x, f, slope = taken(~isolated(f), (x, f, slope))
    with np.errstate(all="ignore"):
        places = suspects(x, f, slope)
        left = x[places], f[places], slope[places]
        right = x[places + 1], f[places + 1], slope[places + 1]
        places, left, right = halved(sample, places, left, right)
        found = [
            Singularity(kind, nicest(a, b, extent), (a, fa), (b, fb))
            for place, a, fa, sa, b, fb, sb in zip(places, *left, *right, strict=True)
            if (kind := classified(f, slope, place, (a, fa, sa), (b, fb, sb)))
        ]
    return merged(found, extent, extent / (len(x) - 1))


def where_smooth(f: Array, slope: Array) -> Array:
    return np.where(np.isfinite(slope), f, np.nan)


def isolated(y: Array) -> Array:
    """Single samples that have no value: of the samples around them one knows as much."""
    lost = ~np.isfinite(np.concatenate([y[:1], y, y[-1:]]))
    return np.asarray(lost[1:-1] & ~lost[:-2] & ~lost[2:])


def rough(left: Ends, right: Ends) -> Array:
    """How far curves between two points are from straight: by the slopes, and by the trapezoid.

    Infinite if just one end is in the domain; negative if none is.
    """
    (a, fa, sa), (b, fb, sb) = left, right
    h = b - a
    rounding = 4 * EPSILON * (np.abs(fa) + np.abs(fb))
    leaving = np.maximum(np.abs(fb - fa - h * (sa + sb) / 2) - rounding, 0)
    found = np.abs(sb - sa) + leaving / h
    inside = np.isfinite(fa).astype(int) + np.isfinite(fb)
    found = np.where(np.isnan(found), np.inf, found)
    return np.where(inside == 1, np.inf, np.where(inside == 0, -1.0, found))


def suspects(x: Array, f: Array, slope: Array) -> Array:
    """The intervals that are rougher than those around them."""
    here = rough((x[:-1], f[:-1], slope[:-1]), (x[1:], f[1:], slope[1:]))
    if len(here) < 3:
        return np.arange(len(here))[here > 0]
    # Not the next one: a point that lies on a kink has it on both sides.
    before, after = np.roll(here, 2), np.roll(here, -2)
    before[:2], after[-2:] = after[:2], before[-2:]
    around = np.maximum(before, after)
    around[~np.isfinite(around)] = 0
    least = CLEAR * spread(slope)[2]
    return np.flatnonzero((here > ROUGHER * around) & (here > least) | np.isposinf(here))


def halved(sample: Sample, places: Array, left: Ends, right: Ends) -> tuple[Array, Ends, Ends]:
    """The intervals, halved until their ends are neighbours or the distance is nothing.

    One that leaves the domain within becomes two. `places` says whose parts they are.
    """
    for _ in range(HALVINGS):
        middle = left[0] + ASIDE * (right[0] - left[0])
        inner = (left[0] < middle) & (middle < right[0])
        if not np.any(inner):
            break
        values, slopes = sample(middle)
        between = middle, where_smooth(values, slopes), slopes
        hole = np.isfinite(left[1]) & np.isfinite(right[1]) & ~np.isfinite(between[1])
        others = taken(hole, between), taken(hole, right)
        first = hole | (rough(left, between) >= rough(between, right))
        left, right = chosen(inner & ~first, between, left), chosen(inner & first, between, right)
        left, right = joined(left, others[0]), joined(right, others[1])
        places = np.concatenate([places, places[hole]])
    return places, left, right


def taken(where: Array, ends: Ends) -> Ends:
    x, f, slope = ends
    return x[where], f[where], slope[where]


def joined(ends: Ends, more: Ends) -> Ends:
    x, f, slope = (np.concatenate(pair) for pair in zip(ends, more, strict=True))
    return x, f, slope


def chosen(where: Array, new: Ends, old: Ends) -> Ends:
    x, f, slope = (np.where(where, a, b) for a, b in zip(new, old, strict=True))
    return x, f, slope


def classified(
    f: Array, slope: Array, place: int, left: tuple[float, ...], right: tuple[float, ...]
) -> str | None:
    """What stands between two neighbours in an interval of samples; None if nothing does."""
    (a, fa, sa), (b, fb, sb) = left, right
    low, high, extent = spread(f)
    inside = [(y, s) for y, s in ((fa, sa), (fb, sb)) if np.isfinite(y)]
    if not inside:
        return None
    pole = any(
        not low - 2 * extent <= y <= high + 2 * extent and abs(s) * (b - a) > GROWTH * abs(y)
        for y, s in inside
    )
    if len(inside) == 1:
        # What is too large for a number over several samples has no pole there.
        around = np.isfinite(f[max(0, place - 1) : place + 3])
        overflows = abs(inside[0][0]) > OVERFLOW and np.sum(~around) > 1
        return "pole" if pole and not overflows else "edge"
    if pole:
        return "pole"
    steepest = max(abs(sa), abs(sb))
    if abs(fb - fa) > CLEAR * extent + 4 * steepest * (b - a):
        return "jump"
    if abs(sb - sa) > CLEAR * (steepest + spread(slope)[2]):
        return "kink"
    return None


def spread(values: Array) -> tuple[float, float, float]:
    """The least and the largest of the finite values, and their distance."""
    finite = values[np.isfinite(values)]
    if not finite.size:
        return 0.0, 0.0, 0.0
    low, high = float(finite.min()), float(finite.max())
    return low, high, high - low


def nicest(a: float, b: float, extent: float) -> float:
    """The number of fewest digits between two, or next to them if they are neighbours."""
    middle = float(a + b) / 2
    if a <= 0 <= b or abs(middle) < NOTHING * extent:
        return 0.0
    room = max((b - a) / 2, 4 * np.spacing(abs(middle)))
    for digits in range(1, 17):
        x = float(f"{middle:.{digits}g}")
        if abs(x - middle) <= room:
            return x
    return middle


def merged(found: list[Singularity], extent: float, apart: float) -> list[Singularity]:
    """In order; of several at one place, what says most, with the outermost sides.

    So are the sides of what is no part of the domain, if they are closer than two samples.
    """
    result: list[Singularity] = []
    for each in sorted(found, key=lambda singularity: singularity.left[0]):
        last = result[-1] if result else None
        if last is None or not (
            each.x - last.x <= SAME * extent
            or (each.right[0] - last.left[0] < apart and is_hole(last, each))
        ):
            result.append(each)
            continue
        kind = min(last.kind, each.kind, key=KINDS.index)
        if is_hole(last, each) and max(abs(last.left[1]), abs(each.right[1])) > HUGE:
            kind = "pole"  # around it numbers end
        x = nicest(last.left[0], each.right[0], extent)
        result[-1] = Singularity(kind, x, last.left, each.right)
    return result


def is_hole(left: Singularity, right: Singularity) -> bool:
    """Is there no value between two places?"""
    return not (np.isfinite(left.right[1]) or np.isfinite(right.left[1]))
