"""The bytes of arrays that are alive.

Arrays are entered when they are made, and their deaths are not told: a bound of what is alive grows
with each, and where it meets a limit those that are left are counted. So an array costs next to
nothing, and the limit is exact all the same.
"""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np

# Results of fewer bytes are counted by the fuel and the nodes that they take, not one by one.
LEDGER_FROM = 512
# References, most of them to the dead, between two counts.
MANY = 20_000

ndarray, ref = np.ndarray, weakref.ref


class Ledger:
    """Counts the bytes of live arrays: `bound` is no less than they are."""

    __slots__ = ("_arrays", "_full", "bound")

    def __init__(self) -> None:
        self.bound = 0
        self._arrays: list[weakref.ref[Any]] = []
        self._full = MANY

    def __len__(self) -> int:
        """How many arrays a count looks at."""
        return len(self._arrays)

    def hold(self, value: np.ndarray[Any, Any]) -> None:
        """Count an array's bytes until they are freed: those of a view are its owner's."""
        if type(value.base) is ndarray:
            value = value.base
        if value.nbytes >= LEDGER_FROM:
            self.enter(value, value.nbytes)

    def enter(self, owner: np.ndarray[Any, Any], size: int) -> None:
        """Count an array that owns its bytes, which are so many."""
        self.bound += size
        arrays = self._arrays
        arrays.append(ref(owner))
        if len(arrays) > self._full:
            self.count()

    def count(self) -> int:
        """The bytes that are alive, of each array once: one has but one such reference."""
        arrays = {id(reference): reference for reference in self._arrays}
        self._arrays = [each for each in arrays.values() if each() is not None]
        self._full = 2 * len(self._arrays) + MANY
        self.bound = sum([array.nbytes for each in self._arrays if (array := each()) is not None])
        return self.bound
