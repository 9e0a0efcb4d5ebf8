"""Derivatives by differences at twice the digits, where one-sided slopes tell a kink.

At a hundred digits, with steps of 1e-28, a central difference of a smooth function is right to some
fifty. Where a step 2^-20 times as long does not bring the slopes to the left and to the right
together, there is a kink; where it makes them longer, a jump.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gradcli.proof.evaluator import KINK, POLE, Context, Notes, Number
from gradcli.proof.precision import DIGITS, Numbers, each, shaped

# Of the digits that are wanted, those of the step.
STEP = 0.56
SHRINK = 2**-20


def slope(
    ctx: Context, function: Callable[[Number], Numbers], reach: Number, notes: Notes
) -> Numbers:
    """d function(h) / dh at h = 0, element by element; nan and a note where there is none.

    function  the values at a point moved by h, as an object array
    reach     how far h may go until the function is another
    """
    digits = max(ctx.dps, DIGITS)
    with ctx.workdps(2 * digits):
        h = reach * ctx.mpf(10) ** -int(digits * STEP)
        middle = function(ctx.zero)
        values = middle.ravel().tolist()
        noise = ctx.mpf(10) ** (10 - 2 * digits) / h

        def slopes(step: Number) -> list[tuple[Number, Number]]:
            right, left = function(step).ravel(), function(-step).ravel()
            sides = zip(right.tolist(), left.tolist(), values, strict=True)
            return [((after - m) / step, (m - before) / step) for after, before, m in sides]

        found = slopes(h)
        doubtful = [
            abs(right - left) > noise * abs(m) + abs(right) * SHRINK**2
            or abs(right) * h * 1e6 > abs(m)
            for (right, left), m in zip(found, values, strict=True)
        ]
        closer = slopes(h * SHRINK) if any(doubtful) else found
        result = []
        for k, pair in enumerate(found):
            if not all(map(ctx.isfinite, pair)):
                notes.append(POLE)
                result.append(ctx.nan)
            elif doubtful[k] and not smooth(pair, closer[k], noise * abs(values[k]) / SHRINK):
                notes.append(KINK)
                result.append(ctx.nan)
            else:
                central = (pair[0] + pair[1]) / 2
                flat = doubtful[k] and vanishing(central, sum(closer[k]) / 2)
                result.append(ctx.zero if flat else central)
    return each(lambda x: +x, shaped(result, np.shape(middle)))


def vanishing(far: Number, near: Number) -> bool:
    """Do slopes become 0 with the step, as those of x^3 at 0 do? Then that is the derivative."""
    return bool(abs(near) < abs(far) * SHRINK**0.4)


def smooth(far: tuple[Number, Number], near: tuple[Number, Number], noise: Number) -> bool:
    """Do the slopes of a shorter step agree better than those of a longer one?"""
    gap, closer_gap = abs(far[0] - far[1]), abs(near[0] - near[1])
    if closer_gap > gap / 1024 + noise + abs(near[0]) * SHRINK**2:
        return False
    return all(abs(n) <= abs(f) * 1024 + noise for f, n in zip(far, near, strict=True))
