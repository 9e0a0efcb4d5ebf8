"""Points of an expression's domain, found by trying, simple ones first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, product
from typing import Any

import numpy as np

from gradcli.engine.tape import Tape
from gradcli.errors import GradcliError, LimitExceeded, Status
from gradcli.proof.trial import Claim, Point, Sample, Trial

Array = np.ndarray[Any, Any]
Shape = tuple[int, ...]
# Numbers in the order of their simplicity: what a counterexample is made of, if it can be.
SIMPLE = (0.0, 1.0, -1.0, 2.0, -2.0, 3.0, -3.0, 0.5, -0.5, 4.0, -4.0, 5.0, -5.0, 0.25, 1.5, -1.5)
# Ranges that random points are drawn from, the likelier domains first.
RANGES = (
    (-2.0, 2.0),
    (0.1, 3.0),
    (0.05, 0.95),
    (1.1, 4.0),
    (-4.0, -0.1),
    (-30.0, 30.0),
    (5.0, 90.0),
)
# Of numbers that are drawn with every sign: far from 0, and near it.
SIZES = (1.0, 1e-3, 10.0, 1e-7, 100.0, 1e3, 1e4, 1e6, 1e-12)
# Shapes that a variable without a value is tried with.
SHAPES: tuple[Shape, ...] = ((), (3,), (2,), (2, 2), (3, 3), (2, 3), (3, 2), (4,), (5,), (6,))
# The same of a name in capitals, which usually means a matrix.
MATRICES: tuple[Shape, ...] = ((), (2, 2), (3, 3), (3,), (2, 3), (2,), (3, 2), (4, 4))
SHAPINGS = 64
OTHER = {2: 3, 3: 2}
# What is larger is too near a pole to be compared.
HUGE = 1e8


def shapes_of(
    trial: Trial, fixed: Point, free: Sequence[str], claims: Sequence[Claim] = ()
) -> dict[str, Shape]:
    """Shapes of the free variables with which the expression, and claims about it, have values.

    The simplest in which no number stands where an array is meant, if there are any.
    """
    first: GradcliError | None = None
    fallback: dict[str, Shape] | None = None
    lists = [MATRICES if name.isupper() else SHAPES for name in free]
    choices = product(*(range(len(shapes)) for shapes in lists))
    simplest = sorted(choices, key=lambda choice: (max(choice), sum(choice)))
    for choice in simplest[:SHAPINGS]:
        shapes = {name: s[k] for name, s, k in zip(free, lists, choice, strict=True)}
        point = next(random_points(shapes, 0))
        try:
            tape = trial.check({**fixed, **point}, claims)
        except LimitExceeded:
            raise
        except GradcliError as error:
            if error.status == Status.DOMAIN:
                return shapes  # only the numbers are wrong
            first = first or error
        else:
            if not idle(tape):
                return shapes
            fallback = fallback or shapes
    if fallback is not None:
        return fallback
    assert first is not None
    raise first


def other_lengths(
    trial: Trial, fixed: Point, shapes: Mapping[str, Shape], claims: Sequence[Claim]
) -> dict[str, Shape] | None:
    """The same ranks with axes of other lengths, if all fits: what holds for any length must hold
    there, too."""
    other = {name: tuple(OTHER.get(n, n) for n in shape) for name, shape in shapes.items()}
    if other == shapes:
        return None
    try:
        trial.check({**fixed, **next(random_points(other, 0))}, claims)
    except LimitExceeded:
        raise
    except GradcliError as error:
        return other if error.status == Status.DOMAIN else None
    return other


def idle(tape: Tape) -> bool:
    """Does an operation on arrays, such as a sum, make a number of nothing but numbers?"""
    return any(
        entry.value.size == 1 and all(tape.entries[k].value.size == 1 for k in entry.operands)
        for entry in tape.entries
        if entry.op is not None and not entry.op.elementwise and not entry.op.view
    )


def random_points(shapes: Mapping[str, Shape], seed: int) -> Iterator[dict[str, Array]]:
    """Without end: from each range in turn, with three digits."""
    lot = np.random.default_rng(seed)
    while True:
        for low, high in RANGES:
            yield {
                name: rounded(np.asarray(lot.uniform(low, high, shape)))
                for name, shape in shapes.items()
            }


def simple_points(shapes: Mapping[str, Shape]) -> Iterator[dict[str, Array]]:
    """Simple numbers for every variable: distinct in the elements of one."""
    for shift in range(len(SIMPLE)):
        yield {
            name: laid_out(SIMPLE, shape, shift + 2 * k)
            for k, (name, shape) in enumerate(shapes.items())
        }


def sized_points(shapes: Mapping[str, Shape], seed: int) -> Iterator[dict[str, Array]]:
    """Of every magnitude and sign."""
    lot = np.random.default_rng(seed)
    for size in SIZES:
        for signs in product((1.0, -1.0), repeat=min(len(shapes), 3)):
            every = [*signs, *[1.0] * (len(shapes) - len(signs))]
            yield {
                name: rounded(np.asarray(sign * size * lot.uniform(0.3, 1.0, shape)))
                for sign, (name, shape) in zip(every, shapes.items(), strict=True)
            }


def laid_out(numbers: Sequence[float], shape: Shape, first: int) -> Array:
    count = int(np.prod(shape))
    picked = [numbers[(first + k) % len(numbers)] for k in range(count)]
    return np.array(picked).reshape(shape)


def rounded(values: Array) -> Array:
    """To three significant digits."""
    return np.asarray(np.vectorize(lambda v: float(f"{v:.3g}"), otypes=[float])(values))


def samples(
    trial: Trial, fixed: Point, shapes: Mapping[str, Shape], count: int, seed: int = 0
) -> list[Sample]:
    """Random points where the expression is smooth and finite, away from its poles."""
    found: list[Sample] = []
    for point in islice(random_points(shapes, seed), 12 * count):
        sample = tried(trial, {**fixed, **point})
        if sample is not None and sample.finite and not sample.kinks and tame(sample):
            found.append(sample)
        if len(found) == count:
            break
    return found


def tried(trial: Trial, point: Point) -> Sample | None:
    """None where the expression has no value."""
    try:
        return trial.at(point)
    except GradcliError as error:
        if error.status != Status.DOMAIN:
            raise
        return None


def tame(sample: Sample) -> bool:
    sizes = [
        np.max(np.abs(x), initial=0.0) for x in (sample.output.value, *sample.reverse.values())
    ]
    return bool(max(sizes) < HUGE)
