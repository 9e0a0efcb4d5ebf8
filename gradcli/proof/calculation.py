"""A calculation as data: what is sent to the process that checks it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gradcli.engine.ops import TABLE
from gradcli.engine.ops.table import Op
from gradcli.proof import wire
from gradcli.proof.wire import Json

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """One operation on the results of earlier steps, or (without `op`) an input.

    bits   the precision of the machine's format for the result
    value  an input's value; of a result whose vectors have arbitrary signs, the machine's
    part   which result it is of an operation with several
    """

    op: Op | None
    operands: tuple[int, ...]
    static: tuple[Any, ...]
    shape: tuple[int, ...]
    bits: int
    value: Any = None
    part: int | None = None

    def twin(self, *operands: Any) -> Any:
        """What the row's twin, a function of whole tensors, gives for this step."""
        assert self.op is not None
        assert callable(self.op.twin)
        result = self.op.twin(*operands, *self.static)
        if self.part is None:
            return result
        result = result[self.part]
        return result if self.value is None else signed(result, self.value, self.axis)

    @property
    def axis(self) -> int:
        """Along which the result holds vectors whose signs are arbitrary."""
        assert self.op is not None
        assert self.part is not None
        return self.op.signs[self.part] or 0


def signed(result: Any, like: Array, axis: int) -> Any:
    """Real vectors along an axis, turned into the half-space of the machine's."""
    if like.dtype.kind == "c":
        return result
    along = np.sum(result.astype(float) * like, axis=axis, keepdims=True)
    return np.where(along < 0, -result, result)


@dataclass(frozen=True, slots=True)
class Target:
    """A variable: the step that holds it, and the gradient that the engine found."""

    name: str
    step: int
    gradient: Array


@dataclass(frozen=True, slots=True)
class Calculation:
    """Steps, the last of which is the output; its value; its seed; the variables."""

    steps: tuple[Step, ...]
    value: Array
    seed: Array
    targets: tuple[Target, ...]

    @property
    def output(self) -> int:
        return len(self.steps) - 1

    @property
    def bits(self) -> int:
        """The least precision on the way."""
        return min(step.bits for step in self.steps)

    @property
    def real(self) -> bool:
        return not any(
            step.op.complex if step.op else getattr(step.value, "dtype", REAL).kind == "c"
            for step in self.steps
        )


REAL = np.dtype(np.float64)
EXACT = 64  # bits of what is no floating-point format: integers and truths


def bits_of(dtype: np.dtype[Any]) -> int:
    return int(np.finfo(dtype).nmant) + 1 if dtype.kind in "fc" else EXACT


def to_json(calculation: Calculation) -> Json:
    """Raises wire.Unsendable for a value that has no place in a calculation."""
    return {
        "steps": [
            [
                None if step.op is None else step.op.name,
                list(step.operands),
                wire.encode(step.static),
                list(step.shape),
                step.bits,
                wire.encode(step.value),
                step.part,
            ]
            for step in calculation.steps
        ],
        "value": wire.encode(calculation.value),
        "seed": wire.encode(calculation.seed),
        "targets": [
            [target.name, target.step, wire.encode(target.gradient)]
            for target in calculation.targets
        ],
    }


def from_json(data: Json) -> Calculation:
    return Calculation(
        steps=tuple(
            Step(
                op=None if name is None else TABLE[name],
                operands=tuple(operands),
                static=wire.decode(static),
                shape=tuple(shape),
                bits=bits,
                value=wire.decode(value),
                part=part,
            )
            for name, operands, static, shape, bits, value, part in data["steps"]
        ),
        value=wire.decode(data["value"]),
        seed=wire.decode(data["seed"]),
        targets=tuple(
            Target(name, step, wire.decode(gradient)) for name, step, gradient in data["targets"]
        ),
    )


# sympy takes seconds or minutes for much more.
OPERATIONS = 50


def is_elementwise(op: Op) -> bool:
    return op.elementwise or isinstance(op.twin, str)


def is_small(calculation: Calculation) -> bool:
    """Is sympy likely to differentiate it in well under a second?"""
    steps = [step for step in calculation.steps if step.op is not None]
    inputs = {k for k, step in enumerate(calculation.steps) if step.op is None}
    return (
        len(steps) <= OPERATIONS
        and calculation.real
        and all(step.op is not None and is_elementwise(step.op) for step in steps)
        and all(step.shape == () for step in calculation.steps)
        and all(target.step in inputs for target in calculation.targets)
    )
