"""How far to go along a direction: a step that satisfies the strong Wolfe conditions.

Reference: J. Nocedal and S. Wright, Numerical Optimization, 2006, algorithms 3.5 and 3.6, with a
cubic through two points and the safeguards that PyTorch takes for it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

# The loss falls by at least DECREASE of what its slope promises, and the slope shrinks to FLATTER.
DECREASE, FLATTER = 1e-4, 0.9
# A new point keeps this part of the bracket away from its ends, and goes on as far at most.
MARGIN, FARTHER = 0.1, 10


class Point(NamedTuple):
    """A place on the line.

    at      how many times the direction it is from the start
    slope   the gradient there, and `rise` its part along the direction
    """

    at: float
    loss: float
    slope: Any
    rise: float


Look = Callable[[float], Point]


def strong_wolfe(
    look: Look, start: Point, length: float, width: float, least: float, most: int
) -> tuple[Point, int]:
    """Where to go, and how many points were looked at.

    length  where to look first
    width   the largest element of the direction; a bracket narrower than `least` of it will do
    most    how many points are looked at beside the first
    """
    found, turns = bracketed(look, start, length, most)
    if len(found) == 1:
        return found[0], turns + 1
    best, other = sorted(found, key=lambda point: point.loss)
    stuck = False
    while turns < most and abs(other.at - best.at) * width >= least:
        at, stuck = inside(cubic(best, other), best, other, stuck)
        here = look(at)
        turns += 1
        if too_high(here, start) or here.loss >= best.loss:
            best, other = sorted((best, here), key=lambda point: point.loss)
            continue
        if flat(here, start):
            best = here
            break
        if here.rise * (other.at - best.at) >= 0:
            other = best
        best = here
    return best, turns + 1


def bracketed(look: Look, start: Point, length: float, most: int) -> tuple[list[Point], int]:
    """Two points with a fit one between them, or a fit one; and how often it went farther."""
    before, here = start, look(length)
    for turns in range(most):
        if too_high(here, start) or (turns > 1 and here.loss >= before.loss):
            return [before, here], turns
        if flat(here, start):
            return [here], turns
        if here.rise >= 0:
            return [before, here], turns
        nearest = here.at + 0.01 * (here.at - before.at)
        before, here = here, look(cubic(before, here, (nearest, here.at * FARTHER)))
    return [start, here], most


def too_high(here: Point, start: Point) -> bool:
    return here.loss > start.loss + DECREASE * here.at * start.rise


def flat(here: Point, start: Point) -> bool:
    return abs(here.rise) <= -FLATTER * start.rise


def inside(at: float, best: Point, other: Point, stuck: bool) -> tuple[float, bool]:
    """A place that is not near an end for the second time, and whether it is for the first."""
    low, high = sorted((best.at, other.at))
    margin = MARGIN * (high - low)
    if min(high - at, at - low) >= margin:
        return at, False
    if not stuck and low < at < high:
        return at, True
    return (high - margin if abs(at - high) < abs(at - low) else low + margin), False


def cubic(a: Point, b: Point, bounds: tuple[float, float] | None = None) -> float:
    """The lowest place within bounds, or between the points, of the cubic that fits both."""
    a, b = sorted((a, b), key=lambda point: point.at)
    low, high = bounds or (a.at, b.at)
    width = b.at - a.at
    mean = a.rise + b.rise - 3 * (a.loss - b.loss) / (a.at - b.at) if width else math.nan
    square = mean * mean - a.rise * b.rise
    root = math.sqrt(square) if square >= 0 else math.nan
    divisor = b.rise - a.rise + 2 * root
    if not divisor or math.isnan(divisor):
        return (low + high) / 2
    return min(max(b.at - width * ((b.rise + root - mean) / divisor), low), high)
