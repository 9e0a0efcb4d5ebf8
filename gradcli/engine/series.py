"""Taylor series of a recorded calculation, coefficient by coefficient, over the rules of its rows.

If y = f(x) elementwise, then y' = d x' with d = f'(x), and so k y_k = sum_j j x_j d_(k-j). The rule
of f says what d is, in rows again: its series follows in the same way, and where the derivatives of
a function lead back to it (sine and cosine, exp, tanh) they are the very same series. The work is
polynomial in the order, where nested differentiation doubles with each (Griewank and Walther,
Evaluating Derivatives, 2008, chapter 13).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from gradcli.engine.graph import here, recording
from gradcli.engine.ops import TABLE
from gradcli.engine.ops.table import Op
from gradcli.engine.tape import Tape, taping
from gradcli.engine.tensor import Tensor
from gradcli.errors import WrongType

MUL, DIV = TABLE["mul"], TABLE["div"]
# Makes `stream` known to `order`, the order that another one's next coefficient waits for.
Need = tuple["Stream", int]


class Stream:
    """A power series whose first coefficients are known: `terms`, None for zeros."""

    def __init__(self, value: Any) -> None:
        self.terms: list[Any] = [value]

    def needs(self, k: int) -> Iterator[Need]:
        """What must be known before coefficient k can be calculated."""
        raise NotImplementedError

    def next(self, k: int) -> Any:
        """Coefficient k, with all before it known."""
        raise NotImplementedError


def extend(stream: Stream, order: int) -> None:
    """Calculate the coefficients up to an order, without recursion."""
    stack: list[Need] = [(stream, order)]
    while stack:
        current, k = stack[-1]
        if len(current.terms) > k:
            stack.pop()
        elif len(current.terms) < k:
            stack.append((current, k - 1))
        else:
            waiting = [(s, j) for s, j in current.needs(k) if len(s.terms) <= j]
            if waiting:
                stack += waiting
            else:
                term = current.next(k)
                if here.state.meter is not None:
                    here.state.meter.charge(k + 1 + k * np.size(term) / 100)
                current.terms.append(term)
                stack.pop()


def added(terms: Iterator[Any]) -> Any:
    total = None
    for term in terms:
        total = term if total is None else total + term
    return total


# ---- kinds of series ----------------------------------------------------------------------------


class Constant(Stream):
    def needs(self, k: int) -> Iterator[Need]:
        return iter(())

    def next(self, k: int) -> Any:
        return None


class Variable(Constant):
    """x + t v."""

    def __init__(self, value: Any, direction: Any) -> None:
        super().__init__(value)
        self.terms.append(direction)


class Derivative(Stream):
    """x', of a series whose second coefficient is known."""

    def __init__(self, stream: Stream) -> None:
        value, slope = stream.terms[:2]
        super().__init__(np.zeros_like(value) if slope is None else slope)
        self.stream = stream

    def needs(self, k: int) -> Iterator[Need]:
        yield self.stream, k + 1

    def next(self, k: int) -> Any:
        term = self.stream.terms[k + 1]
        return None if term is None else (k + 1) * term


class Applied(Stream):
    """A row of the table, applied to series."""

    def __init__(
        self, op: Op, operands: Sequence[Stream], static: tuple[Any, ...], value: Any
    ) -> None:
        super().__init__(value)
        self.op = op
        self.operands = operands
        self.static = static

    def needs(self, k: int) -> Iterator[Need]:
        return ((x, k) for x in self.operands)


class Linear(Applied):
    """L(x)_k = L(x_k)."""

    def next(self, k: int) -> Any:
        terms = [x.terms[k] for x in self.operands]
        if all(term is None for term in terms):
            return None
        filled = [
            np.zeros_like(x.terms[0]) if term is None else term
            for x, term in zip(self.operands, terms, strict=True)
        ]
        return self.op.forward(*filled, *self.static)


class Product(Applied):
    """(a b)_k = sum_j a_j b_(k-j), and so on for more factors."""

    def next(self, k: int) -> Any:
        return added(
            self.op.forward(*factors, *self.static) for factors in factored(self.operands, k)
        )


def factored(operands: Sequence[Stream], k: int) -> Iterator[tuple[Any, ...]]:
    """Coefficients of the operands, in every way that their orders add up to k."""
    first, *rest = operands
    if not rest:
        if first.terms[k] is not None:
            yield (first.terms[k],)
        return
    for j, term in enumerate(first.terms[: k + 1]):
        if term is not None:
            for others in factored(rest, k - j):
                yield (term, *others)


class Quotient(Applied):
    """a = y b, so b_0 y_k = a_k - sum_(j>0) b_j y_(k-j)."""

    def next(self, k: int) -> Any:
        a, b = self.operands
        rest = added(
            b.terms[j] * self.terms[k - j]
            for j in range(1, k + 1)
            if b.terms[j] is not None and self.terms[k - j] is not None
        )
        top = a.terms[k]
        if rest is not None:
            top = -rest if top is None else top - rest
        return None if top is None else top / b.terms[0]


class Elementwise(Applied):
    """k y_k = sum_j j x_j d_(k-j), for each operand x and its slope d."""

    def __init__(self, maker: Maker, *applied: Any) -> None:
        super().__init__(*applied)
        self.maker = maker
        self.slopes: list[tuple[Stream, Stream]] | None = None

    def needs(self, k: int) -> Iterator[Need]:
        if self.slopes is None:
            self.slopes = list(self.maker.slopes(self))
        for x, d in self.slopes:
            yield x, k
            yield d, k - 1

    def next(self, k: int) -> Any:
        assert self.slopes is not None
        total = added(
            x.terms[j] * d.terms[k - j] * j
            for x, d in self.slopes
            for j in range(1, k + 1)
            if x.terms[j] is not None and d.terms[k - j] is not None
        )
        return None if total is None else total / k


class Flow(Applied):
    """k y_k = F_(k-1), for y' = F(x', x, y): rows on whole tensors that state a jvp."""

    def __init__(self, maker: Maker, part: int | None, *applied: Any) -> None:
        super().__init__(*applied)
        self.maker = maker
        self.part = part
        self.slope: Stream | None = None

    def needs(self, k: int) -> Iterator[Need]:
        yield from ((x, 1) for x in self.operands)
        if all(len(x.terms) > 1 for x in self.operands):
            if self.slope is None:
                self.slope = self.maker.flow(self)
            yield self.slope, k - 1

    def next(self, k: int) -> Any:
        assert self.slope is not None
        term = self.slope.terms[k - 1]
        return None if term is None else term / k


# ---- from calculations to series ----------------------------------------------------------------


class Maker:
    """Makes each series once: the same row of the same operands is the same series."""

    def __init__(self) -> None:
        self.known: dict[Any, Stream] = {}

    def streams(
        self, tape: Tape, outputs: Sequence[Any], inputs: Mapping[int, Stream]
    ) -> list[Stream]:
        """The series of what a tape calculated; `inputs` by the identity of their tensors."""
        made: dict[int, Stream] = {}
        found = []
        for output in outputs:
            if not isinstance(output, Tensor):
                found.append(self.constant(np.asarray(output)[()]))
                continue
            last = tape.enter(output)
            for number in tape.ancestors(last, moving=True):
                entry = tape.entries[number]
                if number in made:
                    continue
                if entry.op is not None and entry.tensor.requires_grad:
                    operands = [made[k] for k in entry.operands]
                    made[number] = self.apply(
                        entry.op, operands, entry.static, entry.value, entry.part
                    )
                elif id(entry.tensor) in inputs:
                    made[number] = inputs[id(entry.tensor)]
                elif entry.op is None and entry.tensor.grad_fn is not None:
                    raise WrongType(f"{entry.tensor.grad_fn.name} has no series")
                else:
                    made[number] = self.constant(entry.value)
            found.append(made[last])
        return found

    def constant(self, value: Any) -> Stream:
        key = (value.dtype, value.shape, value.tobytes()) if value.size < 16 else id(value)
        return self.once(key, lambda: Constant(value))

    def once(self, key: Any, make: Any) -> Stream:
        stream = self.known.get(key)
        if stream is None:
            stream = self.known[key] = make()
        return stream

    def apply(
        self, op: Op, operands: Sequence[Stream], static: tuple[Any, ...], value: Any, part: Any
    ) -> Stream:
        if all(type(x) is Constant for x in operands):
            return self.constant(value)
        if op is MUL:
            for one, other in (operands, reversed(operands)):
                if type(one) is Constant and is_one(one.terms[0], other.terms[0]):
                    return other
        key = (op.name, *(id(x) for x in operands), static, part)
        return self.once(key, lambda: self.applied(op, operands, static, value, part))

    def applied(
        self, op: Op, operands: Sequence[Stream], static: tuple[Any, ...], value: Any, part: Any
    ) -> Stream:
        facts = (op, operands, static, value)
        if op is DIV:
            return Quotient(*facts)
        if op.multilinear:
            return Product(*facts)
        if op.linear:
            return Linear(*facts)
        if op.elementwise and (op.analytic or not any(map(is_complex, operands))):
            return Elementwise(self, *facts)
        if op.jvp is None:
            raise WrongType(f"{op.name} has no series")
        return Flow(self, part, *facts)

    def slopes(self, stream: Elementwise) -> Iterator[tuple[Stream, Stream]]:
        """Each operand that moves, and the series of the derivative by it."""
        y = stream.terms[0]
        with taping() as tape, recording(True):
            operands, result = [placeholder(x) for x in stream.operands], leaf(y)
            inputs = dict(zip(map(id, operands), stream.operands, strict=True))
            inputs[id(result)] = stream
            for x, rule in zip(stream.operands, stream.op.rules, strict=True):
                if rule is not None and type(x) is not Constant:
                    d = rule(Tensor(np.ones_like(y)), *operands, result, *stream.static)
                    yield x, self.streams(tape, [d], inputs)[0]

    def flow(self, stream: Flow) -> Stream:
        """The series of the row's jvp of the operands' derivatives."""
        op, part = stream.op, stream.part
        with taping() as tape, recording(True):
            operands = [placeholder(x) for x in stream.operands]
            inputs = dict(zip(map(id, operands), stream.operands, strict=True))
            results, y = self.results(stream)
            inputs |= dict(zip(map(id, results), y, strict=True))
            moves: list[Tensor | None] = []
            for x in stream.operands:
                if type(x) is Constant:
                    moves.append(None)
                    continue
                slope = Derivative(x)
                move = leaf(slope.terms[0])
                moves.append(move)
                inputs[id(move)] = slope
            whole = tuple(results) if op.several else results[0]
            arguments = (tuple(operands),) if op.variadic else tuple(operands)
            t = tuple(moves) if op.variadic or len(moves) > 1 else moves[0]
            assert op.jvp is not None
            found = op.jvp(t, *arguments, whole, *stream.static)
            return self.streams(tape, [found if part is None else found[part]], inputs)[0]

    def results(self, stream: Flow) -> tuple[list[Tensor], list[Stream]]:
        """Placeholders for the row's results, and their series."""
        if stream.part is None:
            return [leaf(stream.terms[0])], [stream]
        values = stream.op.forward(*(x.terms[0] for x in stream.operands), *stream.static)
        parts = [
            self.apply(stream.op, stream.operands, stream.static, value, k)
            for k, value in enumerate(values)
        ]
        return [leaf(value) for value in values], parts


def is_one(value: Any, other: Any) -> bool:
    """Does multiplying by it change nothing, the shape included?"""
    return value.shape in ((), other.shape) and bool(np.all(value == 1))


def is_complex(stream: Stream) -> bool:
    return bool(stream.terms[0].dtype.kind == "c")


def leaf(value: Any) -> Tensor:
    """A tensor that stands for a series while a rule is read."""
    tensor = Tensor(value)
    return tensor.requires_grad_() if value.dtype.kind in "fc" else tensor


def placeholder(stream: Stream) -> Tensor:
    return Tensor(stream.terms[0]) if type(stream) is Constant else leaf(stream.terms[0])


def series(tape: Tape, y: Tensor, x: Tensor, direction: Any, order: int) -> list[Any]:
    """The coefficients 0 to `order` of t -> y(x + t v), as a tape that recorded y from x has it."""
    (stream,) = Maker().streams(tape, [y], {id(x): Variable(x.value, direction)})
    extend(stream, order)
    return [np.zeros_like(y.value) if term is None else term for term in stream.terms[: order + 1]]
