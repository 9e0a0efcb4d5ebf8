"""A calculation as a straight-line program: each value once, in an order that can be run.

It is read off a whole tape, derivatives included, and written down without repetition: equal
operations on equal values are one value, what depends on no input is a constant, what no output
needs is left out. Only identities that hold for every number are applied, so a program gives what
the calculation gave, nan and infinities included.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from gradcli.engine.apply import record
from gradcli.engine.graph import recording
from gradcli.engine.identities import IDENTITIES, distinct
from gradcli.engine.ops.table import Op
from gradcli.engine.tape import Tape, taping
from gradcli.engine.tensor import Tensor
from gradcli.errors import WrongType

Static = tuple[Any, ...]
Operands = tuple[int, ...]


class Value:
    """One value: of an operation on earlier ones, a constant, or an input.

    operands  numbers of the values that it reads
    part      which result it is of an operation with several
    constant  its value, if it is a constant
    name      of an input
    """

    __slots__ = ("constant", "dtype", "name", "op", "operands", "part", "shape", "static")

    def __init__(
        self,
        shape: tuple[int, ...],
        dtype: np.dtype[Any],
        op: Op | None = None,
        operands: tuple[int, ...] = (),
        static: Static = (),
        part: int | None = None,
        *,
        constant: Any = None,
        name: str = "",
    ) -> None:
        self.shape = shape
        self.dtype = dtype
        self.op = op
        self.operands = operands
        self.static = static
        self.part = part
        self.constant = constant
        self.name = name

    @property
    def size(self) -> int:
        return math.prod(self.shape)


class Program:
    """Values in the order of their calculation, and which of them are the outputs."""

    def __init__(self, values: Sequence[Value], outputs: Sequence[int]) -> None:
        self.values = tuple(values)
        self.outputs = tuple(outputs)

    @property
    def inputs(self) -> dict[str, int]:
        """The numbers of the inputs, by name."""
        return {value.name: k for k, value in enumerate(self.values) if value.name}

    def run(self, inputs: Mapping[str, Any]) -> list[Any]:
        """The outputs for these inputs, raw numpy values: one operation after the other."""
        found = {k: inputs[name] for name, k in self.inputs.items()}
        self.evaluate(found, range(len(self.values)))
        return [found[k] for k in self.outputs]

    def evaluate(self, found: dict[int, Any], numbers: Iterable[int]) -> None:
        """Find the values of these numbers, in this order; what they read has been found."""
        for k in numbers:
            value = self.values[k]
            if value.op is not None:
                operands = [found[j] for j in value.operands]
                result = value.op.forward(*operands, *value.static)
                result = result if value.part is None else result[value.part]
                # As the engine has them: scalars are numpy's, not arrays without axes.
                found[k] = result[()] if isinstance(result, np.ndarray) else result
            elif not value.name:
                found[k] = value.constant

    def again(self, inputs: Mapping[str, Tensor]) -> list[Tensor]:
        """The outputs for these tensors, recorded: as `run` has them, with a graph."""
        found: list[Any] = []
        for value in self.values:
            if value.op is None:
                found.append(inputs[value.name] if value.name else Tensor(value.constant))
                continue
            operands = tuple([found[k] for k in value.operands])
            result: Any = record(value.op, operands, value.static)
            found.append(result if value.part is None else result[value.part])
        return [found[k] for k in self.outputs]


class Builder:
    """Writes a program down value by value; equal values are one."""

    def __init__(self) -> None:
        self.values: list[Value] = []
        self.known: dict[Any, int] = {}

    def input(self, name: str, like: Any) -> int:
        return self._add(Value(like.shape, like.dtype, name=name))

    def constant(self, value: Any) -> int:
        value = np.asarray(value)[()]
        key = ("constant", value.dtype, value.shape, distinct(value).tobytes())
        return self._once(key, lambda: Value(value.shape, value.dtype, constant=value))

    def apply(
        self,
        op: Op,
        operands: Sequence[int],
        static: Static,
        like: Any,
        part: int | None = None,
    ) -> int:
        """The value of a row; `like` has its shape and dtype."""
        operands = tuple(operands)
        identity = IDENTITIES.get(op.name)
        if identity is not None:
            same = identity(self, op, operands, static, like)
            if same is not None:
                return same
        arguments = [self.values[k] for k in operands]
        if all(x.op is None and not x.name for x in arguments):
            result = op.forward(*(x.constant for x in arguments), *static)
            return self.constant(result if part is None else result[part])
        key = (op.name, operands, static, part)
        return self._once(key, lambda: Value(like.shape, like.dtype, op, operands, static, part))

    def is_number(self, k: int, number: float) -> bool:
        """Is it a constant whose every element is this number, down to the sign of zero?"""
        value = self.values[k]
        if value.op is not None or value.name:
            return False
        negative = math.copysign(1, number) < 0
        every = distinct(value.constant)
        if not every.shape:
            return bool(every == number and np.signbit(every.real) == negative)
        return bool(np.all((every == number) & (np.signbit(every.real) == negative)))

    def truth(self, k: int) -> bool | None:
        """What a condition is, if it is a constant that is the same for every element."""
        value = self.values[k]
        if value.op is not None or value.name or value.dtype.kind != "b" or not value.size:
            return None
        first = bool(value.constant.flat[0])
        return first if np.all(value.constant == first) else None

    def fits(self, k: int, like: Any) -> bool:
        """Has it the shape and dtype of a result that it might stand for?"""
        value = self.values[k]
        return bool(value.shape == like.shape and value.dtype == like.dtype)

    def program(self, outputs: Iterable[int]) -> Program:
        """What has been written, without what the outputs do not need; inputs stay."""
        wanted = list(outputs)
        needed = {k for k, value in enumerate(self.values) if value.name}
        stack = list(wanted)
        while stack:
            k = stack.pop()
            if k not in needed:
                needed.add(k)
                stack.extend(self.values[k].operands)
        place = {k: at for at, k in enumerate(sorted(needed))}
        values = [renumbered(self.values[k], place) for k in place]
        return Program(values, [place[k] for k in wanted])

    def _once(self, key: Any, make: Callable[[], Value]) -> int:
        number = self.known.get(key)
        if number is None:
            number = self.known[key] = self._add(make())
        return number

    def _add(self, value: Value) -> int:
        self.values.append(value)
        return len(self.values) - 1


def renumbered(value: Value, place: Mapping[int, int]) -> Value:
    return Value(
        value.shape,
        value.dtype,
        value.op,
        tuple(place[k] for k in value.operands),
        value.static,
        value.part,
        constant=value.constant,
        name=value.name,
    )


# ---- tracing ------------------------------------------------------------------------------------


def trace(function: Callable[..., Sequence[Tensor]], inputs: Mapping[str, Any]) -> Program:
    """The program of `function(*tensors)`, a list of tensors; `inputs` are examples, by name.

    The function may differentiate: with create_graph=True the derivatives are part of the program.
    Raises WrongType where it takes a branch, or a number, by its inputs' values.
    """
    with taping(Tape(whole=True)) as tape, recording(True):
        leaves = {name: leaf(value) for name, value in inputs.items()}
        for tensor in leaves.values():
            tape.enter(tensor)
        tape.inputs = len(leaves)
        outputs = function(*leaves.values())
    return program_of(tape, leaves, outputs)


def leaf(value: Any) -> Tensor:
    tensor = Tensor(np.asarray(value)[()])
    return tensor.requires_grad_() if tensor.dtype.kind in "fc" else tensor


def program_of(tape: Tape, inputs: Mapping[str, Tensor], outputs: Sequence[Tensor]) -> Program:
    """The program of what a whole tape recorded; inputs may be results on it, too."""
    build = Builder()
    given = {tape.enter(tensor): build.input(name, tensor.value) for name, tensor in inputs.items()}
    ends = [tape.enter(output) for output in outputs]
    place: dict[int, int] = {}
    for k in tape.ancestors(*ends):
        entry = tape.entries[k]
        if k in given:
            place[k] = given[k]
        elif entry.op is not None:
            operands = [place[number] for number in entry.operands]
            place[k] = build.apply(entry.op, operands, entry.static, entry.value, entry.part)
        elif entry.tensor.grad_fn is not None:
            raise WrongType(f"{entry.tensor.grad_fn.name} is no part of a program")
        else:
            place[k] = build.constant(entry.value)
    return build.program([place[end] for end in ends])
