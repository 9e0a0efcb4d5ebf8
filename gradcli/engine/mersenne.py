"""PyTorch's random numbers: the same ones from the same seed, as its CPU generator draws them.

The words are those of MT19937 (M. Matsumoto and T. Nishimura, 1998). A float32 takes one word, of
which it keeps 24 bits; a float64 takes two and keeps 53. Normal numbers come in pairs by Box and
Muller's formula: up to 15 of them in double precision and one after the other, more in rows of 16.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

ROW = 16  # normal numbers that are calculated together
BLOCK = 1 << 16  # so many of them that the words stay in the cache


class PyTorchGenerator(np.random.Generator):
    """Draws what PyTorch would. What it has no formula for here is numpy's, from the same words.

    waiting  the second of a pair of normal numbers
    """

    waiting: float | None

    def __init__(self, seed: int | None = None) -> None:
        bits = np.random.MT19937()
        if seed is not None:
            bits._legacy_seeding(seed & 0xFFFFFFFF)
        super().__init__(bits)
        self.waiting = None

    def spawned(self) -> PyTorchGenerator:
        """A stream of its own, from a seed that this one draws."""
        high, low = self.words(2)
        return PyTorchGenerator((int(high) << 32 | int(low)) % (1 << 63))

    def words(self, count: int) -> Any:
        return self.bit_generator.random_raw(count)

    def random(self, size: Any = None, dtype: Any = np.float64, out: Any = None) -> Any:
        """Evenly from 0 to 1, without 1."""
        array = np.empty(() if size is None else size, dtype) if out is None else out
        flat = array.reshape(-1)
        for start in range(0, flat.size, BLOCK):
            part = flat[start : start + BLOCK]
            if part.dtype == np.float32:
                part[:] = (self.words(part.size) & np.uint64(0xFFFFFF)) * 2.0**-24
            else:
                pairs = self.words(2 * part.size).reshape(-1, 2)
                whole = (pairs[:, 0] << np.uint64(32)) | pairs[:, 1]
                part[:] = (whole & np.uint64((1 << 53) - 1)) * 2.0**-53
        return array

    def standard_normal(self, size: Any = None, dtype: Any = np.float64, out: Any = None) -> Any:
        array = np.empty(() if size is None else size, dtype) if out is None else out
        flat = array.reshape(-1)
        if flat.size < ROW:
            for k in range(flat.size):
                flat[k] = self.one_normal()
            return array
        self.random(out=flat)
        whole = flat.size - flat.size % ROW
        for start in range(0, whole, BLOCK):
            rows = flat[start : min(start + BLOCK, whole)].reshape(-1, ROW)
            rows[:] = normal_rows(rows)
        if whole < flat.size:  # the last row overlaps the one before, and is drawn anew
            flat[-ROW:] = normal_rows(self.random((1, ROW), flat.dtype))[0]
        return array

    def one_normal(self) -> float:
        if self.waiting is not None:
            number, self.waiting = self.waiting, None
            return number
        first, second = self.random(2)
        radius = math.sqrt(-2 * math.log1p(-second))
        angle = 2 * math.pi * first
        self.waiting = radius * math.sin(angle)
        return radius * math.cos(angle)

    def integers(self, low: int, high: int, size: Any) -> Any:  # type: ignore[override]  # of fewer
        """From `low` up to and without `high`."""
        count, span = math.prod(size), np.uint64(high - low)
        if high - low < 1 << 32:
            words = self.words(count)
        else:
            pairs = self.words(2 * count).reshape(-1, 2)
            words = (pairs[:, 0] << np.uint64(32)) | pairs[:, 1]
        return ((words % span).astype(np.int64) + low).reshape(size)

    def permutation(self, count: int) -> Any:  # type: ignore[override]  # it draws fewer kinds
        """0 to count - 1 in any order."""
        order, words = list(range(count)), self.words(max(0, count - 1)).tolist()
        for k, word in enumerate(words):
            at = k + word % (count - k)
            order[k], order[at] = order[at], order[k]
        return np.array(order, np.int64)


def normal_rows(rows: Any) -> Any:
    """Normal numbers of rows of even ones: the first half gives radii, the second angles."""
    half = ROW // 2
    radii = np.sqrt(-2 * np.log(1 - rows[:, :half]))
    angles = (2 * np.pi * rows[:, half:]).astype(rows.dtype)
    return np.concatenate([radii * np.cos(angles), radii * np.sin(angles)], 1)
