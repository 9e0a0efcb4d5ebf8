"""Along which directions a gradient is compared: every component, or a few by lot."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradcli.proof.calculation import Calculation

COMPONENTS = 64
BY_LOT = 3


@dataclass(frozen=True, slots=True)
class Direction:
    """How far each variable moves: by step number, an array of machine numbers of its shape."""

    names: tuple[str, ...]
    moves: dict[int, np.ndarray[Any, Any]]


def directions(calculation: Calculation, components: int = COMPONENTS) -> list[Direction]:
    """One for each component while there are at most `components`; three by lot a variable beyond.

    A complex component counts twice: it can move along both axes. With more variables than
    `components` the three directions move them all.
    """
    left = components
    sized = []
    for target in calculation.targets:
        axes = 2 if target.gradient.dtype.kind == "c" else 1
        sized.append((target.gradient.size * axes, target))
    sized.sort(key=lambda pair: pair[0])
    if len(sized) > components:
        return by_lot([target for _, target in sized])
    found: list[Direction] = []
    for position, (size, target) in enumerate(sized):
        others = len(sized) - position - 1
        if size <= left - min(BY_LOT * others, left // 2):
            found += each_component(target)
            left -= size
        else:
            found += by_lot([target])
            left = max(0, left - BY_LOT)
    return found


def each_component(target: Any) -> list[Direction]:
    found = []
    gradient = target.gradient
    for k in range(gradient.size):
        for unit in (1, 1j) if gradient.dtype.kind == "c" else (1,):
            move = np.zeros(gradient.size, complex if gradient.dtype.kind == "c" else float)
            move[k] = unit
            found.append(Direction((target.name,), {target.step: move.reshape(gradient.shape)}))
    return found


def by_lot(targets: Sequence[Any]) -> list[Direction]:
    """Components are multiples of 1/256, so that products with them stay short."""
    found = []
    for k in range(BY_LOT):
        lot = random.Random(k)  # reproducible, not secret
        moves = {}
        for target in targets:
            gradient = target.gradient
            parts = [
                np.array([lot.choice((-1, 1)) * lot.randint(64, 256) / 256 for _ in range(n)])
                for n in (gradient.size,) * (2 if gradient.dtype.kind == "c" else 1)
            ]
            move = parts[0] + 1j * parts[1] if len(parts) > 1 else parts[0]
            moves[target.step] = move.reshape(gradient.shape)
        found.append(Direction(tuple(target.name for target in targets), moves))
    return found
