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
from gradcli.engine.ops import TABLE
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


def distinct(value: Any) -> Any:
    """An array without what repeats it along an axis, which its strides tell."""
    if not value.shape or all(value.strides):
        return value
    return value[tuple([slice(None) if step else slice(1) for step in value.strides])]


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


# ---- identities that hold for every number, nan and infinities included --------------------------

Identity = Callable[["Builder", Op, "Operands", Static, Any], int | None]
IDENTITIES: dict[str, Identity] = {}


def identity(*names: str) -> Callable[[Identity], Identity]:
    def register(function: Identity) -> Identity:
        IDENTITIES.update(dict.fromkeys(names, function))
        return function

    return register


def operands_of(build: Builder, k: int, name: str) -> tuple[int, ...] | None:
    """The operands of a value, if it is one of this row."""
    value = build.values[k]
    return value.operands if value.op is not None and value.op.name == name else None


@identity("positive", "clone", "contiguous")
def itself(_build: Builder, _op: Op, operands: Operands, _static: Static, _like: Any) -> int | None:
    return operands[0]


UNCHANGING = ("astype", "reshape", "broadcast_to", "ravel", "squeeze", "expand_dims", "sum", "mean")


@identity(*UNCHANGING)
def unchanged(build: Builder, op: Op, operands: Operands, _static: Static, like: Any) -> int | None:
    """What has the shape and dtype that it would be given."""
    return operands[0] if build.fits(operands[0], like) else None


@identity("zeros_like", "ones_like")
def alike(build: Builder, op: Op, _operands: Operands, _static: Static, like: Any) -> int | None:
    return build.constant(op.forward(np.empty(like.shape, like.dtype)))


@identity("real", "conj")
def of_real(build: Builder, _op: Op, operands: Operands, _static: Static, _like: Any) -> int | None:
    return operands[0] if build.values[operands[0]].dtype.kind != "c" else None


@identity("neg")
def negated(build: Builder, _op: Op, operands: Operands, _static: Static, like: Any) -> int | None:
    """--x is x; -(c x) is (-c) x."""
    value = build.values[operands[0]]
    if value.op is TABLE["neg"]:
        return value.operands[0]
    if value.op is TABLE["mul"] and like.dtype.kind == "f":
        for c, x in (value.operands, value.operands[::-1]):
            factor = build.values[c]
            if factor.op is None and not factor.name and not factor.shape:
                return build.apply(TABLE["mul"], (x, build.constant(-factor.constant)), (), like)
    return None


@identity("mul")
def multiplied(
    build: Builder, op: Op, operands: Operands, _static: Static, like: Any
) -> int | None:
    """1 x is x, -1 x is -x; a constant of one number throughout is that number."""
    for one, other in (operands, operands[::-1]):
        if build.fits(other, like):
            if build.is_number(one, 1):
                return other
            if build.is_number(one, -1):
                return build.apply(TABLE["neg"], (other,), (), like)
    number = numbers_for_constants(build, op, operands, like)
    return signs_last(build, op, operands, like) if number is None else number


@identity("div")
def divided(build: Builder, op: Op, operands: Operands, _static: Static, like: Any) -> int | None:
    """x / 1 is x."""
    a, b = operands
    if build.fits(a, like) and build.is_number(b, 1):
        return a
    number = numbers_for_constants(build, op, operands, like)
    return signs_last(build, op, operands, like) if number is None else number


def signs_last(build: Builder, op: Op, operands: Operands, like: Any) -> int | None:
    """(-a) b is -(a b): sums and differences take up a sign that comes last."""
    inner = [operands_of(build, k, "neg") for k in operands]
    if like.dtype.kind != "f" or inner == [None, None]:
        return None
    a, b = (k if sign is None else sign[0] for k, sign in zip(operands, inner, strict=True))
    result = build.apply(op, (a, b), (), like)
    return result if None not in inner else build.apply(TABLE["neg"], (result,), (), like)


@identity("add")
def summed(build: Builder, op: Op, operands: Operands, _static: Static, like: Any) -> int | None:
    """x + -0 is x; a + -b is a - b."""
    for zero, other in (operands, operands[::-1]):
        if build.fits(other, like) and build.is_number(zero, -0.0):
            return other
    for a, b in (operands, operands[::-1]):
        inner = operands_of(build, b, "neg")
        if inner is not None:
            return build.apply(TABLE["sub"], (a, inner[0]), (), like)
    return numbers_for_constants(build, op, operands, like)


@identity("maximum", "minimum")
def bounded(build: Builder, op: Op, operands: Operands, _static: Static, like: Any) -> int | None:
    """No number is less than -inf, or more than inf."""
    end = -math.inf if op is TABLE["maximum"] else math.inf
    for bound, other in (operands, operands[::-1]):
        if build.fits(other, like) and build.is_number(bound, end):
            return other
    return None


@identity("rsub")
def turned_about(
    build: Builder, _op: Op, operands: Operands, _static: Static, like: Any
) -> int | None:
    """Which operand was a constant makes no difference."""
    return build.apply(TABLE["sub"], operands, (), like)


@identity("sub")
def subtracted(
    build: Builder, op: Op, operands: Operands, _static: Static, like: Any
) -> int | None:
    """x - 0 is x; a - -b is a + b."""
    a, b = operands
    if build.fits(a, like) and build.is_number(b, 0.0):
        return a
    inner = operands_of(build, b, "neg")
    if inner is not None:
        return build.apply(TABLE["add"], (a, inner[0]), (), like)
    return numbers_for_constants(build, op, operands, like)


def numbers_for_constants(build: Builder, op: Op, operands: Operands, like: Any) -> int | None:
    """The row with a number in place of a constant array that repeats it, where shapes allow."""
    a, b = (build.values[k] for k in operands)
    for k, (array, other) in enumerate(((a, b), (b, a))):
        if array.op is None and not array.name and array.shape and other.shape == like.shape:
            every = distinct(array.constant)
            if every.size and every.tobytes() == np.full_like(every, every.flat[0]).tobytes():
                number = build.constant(every.flat[0])
                pair = (number, operands[1]) if k == 0 else (operands[0], number)
                return build.apply(op, pair, (), like)
    return None


@identity("pow_scalar")
def powered(build: Builder, op: Op, operands: Operands, static: Static, like: Any) -> int | None:
    """Small powers are products, which is how they are calculated."""
    (x,), n = operands, static[0]
    if n == 1 and build.fits(x, like):
        return x
    if n not in (2, 3):
        return None
    square = build.apply(TABLE["mul"], (x, x), (), like)
    return square if n == 2 else build.apply(TABLE["mul"], (square, x), (), like)


TURNS = ("transpose", "t", "swapaxes")


@identity(*TURNS)
def turned(build: Builder, op: Op, operands: Operands, static: Static, like: Any) -> int | None:
    """A turn of the axes that turns nothing, or that an earlier one undoes."""
    inner = build.values[operands[0]]
    # Axes are told apart by their lengths in an array that takes no memory.
    probe = np.broadcast_to(np.float64(0), tuple(range(2, 2 + len(inner.shape))))
    if op.forward(probe, *static).shape == probe.shape:
        return operands[0]
    if inner.op is None or inner.op.name not in TURNS:
        return None
    once = inner.op.forward(probe, *inner.static)
    return inner.operands[0] if op.forward(once, *static).shape == probe.shape else None


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
