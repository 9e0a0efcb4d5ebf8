"""Derivatives by finite differences whose error is known.

Central differences with steps h, h/2, h/4 … are polynomials in h^2, so each pair of columns of
Richardson's table removes a term; the entry that differs least from its neighbours, rounding
counted, is the result and that difference its error (C. J. F. Ridders, "Accurate computation of
F'(x) and F'(x) F''(x)", 1982).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

Array = np.ndarray[Any, Any]

# First steps in units of the point's size: odd ones, lest they meet a period of the function.
REACHES = (4.27e-8, 5.39e-6, 7.13e-4, 0.0917)
HALVINGS = 6
EPS = float(np.finfo(np.float64).eps)
# What is as good as differences get: no longer first step is tried then.
GOOD = 1e-12
# Steps at which one-sided slopes are compared, and the part of them that tells a kink.
NEAR, PARTED = (1e-5, 1e-7, 1e-9), 1e-4
# Distances of points at which the noise of a function is measured; what is more than this part of
# its values is no noise but the function.
CLOSE, NOISY = (2.0**-46, 2.0**-28, 2.0**-10), 1e-2
# An estimated error is trusted up to this factor.
DOUBT = 100.0


class Slope(NamedTuple):
    """A derivative and the error of its estimate, element by element; inf where there is none."""

    value: Array
    error: Array


def slope(function: Callable[[float], Array], size: float, eps: float = EPS) -> Slope:
    """d function(h) / dh at 0.

    size  how far h may go until the function is another: the size of the point
    eps   the precision to which the function is calculated
    """
    middle = np.asarray(function(0.0), float)
    noise = np.maximum(eps * np.abs(middle), noise_of(function, size or 1.0))
    best = nothing(middle)
    for reach in REACHES:
        longer = extrapolated(function, middle, reach * (size or 1.0), noise)
        # Long steps may fall into another part of the function, or see one of its periods.
        fits = ~(np.abs(longer.value - best.value) > DOUBT * best.error)
        best = closer(best, Slope(longer.value, np.where(fits, longer.error, np.inf)))
        if np.all(best.error <= GOOD * np.max(np.abs(best.value), initial=0.0)):
            break
    return best


def nothing(like: Array) -> Slope:
    return Slope(np.full(like.shape, np.nan), np.full(like.shape, np.inf))


def noise_of(function: Callable[[float], Array], size: float) -> Array:
    """What rounding inside of a function does to its values, by their sixth differences, to which
    its smooth part adds nothing (J. Moré and S. Wild, "Estimating computational noise", 2011)."""
    found = np.zeros(())
    for distance in CLOSE:
        near = np.stack([np.asarray(function(k * size * distance), float) for k in range(10)])
        noise = np.sqrt(np.mean(np.diff(near, 6, axis=0) ** 2, axis=0) / 924)
        found = np.where(noise <= NOISY * np.abs(near[0]), np.maximum(found, noise), found)
    return found


def extrapolated(
    function: Callable[[float], Array], middle: Array, step: float, noise: Array
) -> Slope:
    """The best entry of one table, of values that are right up to some noise."""
    best = nothing(middle)
    row: list[Array] = []
    for k in range(HALVINGS):
        h = step / 2**k
        after, before = np.asarray(function(h), float), np.asarray(function(-h), float)
        largest = np.maximum(np.abs(after), np.abs(before))
        rounding = np.maximum(noise, EPS * largest) / h
        new = [(after - before) / (2 * h)]
        for j, above in enumerate(row, 1):
            finer = new[-1] + (new[-1] - above) / (4**j - 1)
            gap = np.maximum(np.abs(finer - new[-1]), np.abs(finer - above))
            best = closer(best, Slope(finer, gap + rounding))
            new.append(finer)
        row = new
    return best


def closer(one: Slope, other: Slope) -> Slope:
    """Of each element the estimate with the smaller error; nan has none."""
    take = other.error < one.error
    return Slope(np.where(take, other.value, one.value), np.where(take, other.error, one.error))


def parted(function: Callable[[float], Array], size: float, eps: float = EPS) -> Array:
    """Where the slopes to the left and to the right differ: a kink.

    Of a smooth function they come together as the step shrinks, at a jump and in noise they part.
    """
    middle = np.asarray(function(0.0), float)
    kink = np.ones(middle.shape, bool)
    before = None
    for step in NEAR:
        h = step * (size or 1.0)
        ahead, behind = np.asarray(function(h), float), np.asarray(function(-h), float)
        right, left = (ahead - middle) / h, (middle - behind) / h
        noise = 8 * eps * (np.abs(ahead) + np.abs(behind) + np.abs(middle)) / h
        gap = np.abs(right - left)
        kink &= gap > PARTED * np.maximum(np.abs(right), np.abs(left)) + noise
        if before is not None:
            kink &= (gap > before / 8) & (gap < before * 8)
        before = gap
    return kink
