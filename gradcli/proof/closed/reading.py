"""Programs read into the algebra of labelled sums: one reader for each kind of row.

A value is read as a Poly with all of its axes; no term names one of length 1, so that broadcasting
is to name none of the axis that is added. Equations between computed numbers hold on no open set:
the guards that rules put around points without a derivative are read as they are everywhere else.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from gradcli.engine.ops.table import Op
from gradcli.engine.program import Program, Value
from gradcli.proof.closed.algebra import Algebra, nested
from gradcli.proof.closed.terms import (
    ARRAY,
    HALF,
    OF_ORDER,
    ONE,
    TERMS,
    Dims,
    Factor,
    NoFormula,
    Poly,
    mentioned,
    rational,
)

# So many numbers among equal ones are told by their places, and so near its end one is counted from
# there.
FEW = 3
Reader = Callable[["Reading", Value, Sequence[Poly]], Poly]
READERS: dict[str, Reader] = {}


def reads(*names: str) -> Callable[[Reader], Reader]:
    def register(reader: Reader) -> Reader:
        READERS.update(dict.fromkeys(names, reader))
        return reader

    return register


class Reading:
    """Reads the values of one program, in order.

    expand   products are distributed over sums
    guarded  numbers are kept from what is very large, as the rules do it
    """

    def __init__(self, algebra: Algebra, *, expand: bool = False, guarded: bool = False) -> None:
        self.algebra = algebra
        self.expand = expand
        self.guarded = guarded

    def outputs(self, program: Program) -> list[Poly]:
        found: list[Poly] = []
        for value in program.values:
            if value.name:
                poly = self.symbol(value)
            elif value.op is None:
                poly = self.constant(value)
            else:
                poly = self.applied(value, [found[k] for k in value.operands])
            if len(poly.terms) > TERMS:
                raise NoFormula("it has too many terms")
            found.append(poly)
        return [found[k] for k in program.outputs]

    def symbol(self, value: Value) -> Poly:
        if 1 in value.shape:
            raise NoFormula(f"{value.name} has an axis of length 1")
        return self.algebra.whole(self.algebra.base(value.name, dims=value.shape))

    def applied(self, value: Value, operands: Sequence[Poly]) -> Poly:
        assert value.op is not None
        reader = READERS.get(value.op.name)
        if reader is not None:
            return reader(self, value, operands)
        if value.op.elementwise and (value.op.public or value.op.name in OF_ORDER):
            named = value.op.name not in OF_ORDER and is_usual(value.op, value.static)
            static = () if named else value.static
            return self.function(value.op.name, operands, static, value.shape)
        raise NoFormula(f"{value.op.name} has no place in a formula")

    # ---- constants ------------------------------------------------------------------------------

    def constant(self, value: Value) -> Poly:
        algebra, array = self.algebra, np.asarray(value.constant)
        if array.dtype.kind == "c" or not np.all(np.isfinite(array)):
            raise NoFormula("a constant is complex or not finite")
        if np.all(array == array.flat[0]) if array.size else False:
            return self.broadcast(self.exact(array.flat[0].item()), value.shape)
        n = array.shape[0] if array.ndim == 2 else 0
        if array.shape == (n, n) and np.array_equal(array, array[0, 0] * np.eye(n)):
            diagonal = self.exact(array[0, 0].item())
            return algebra.contract([(diagonal, ()), (algebra.eye(n), (0, 1))], (0, 1))
        if array.ndim == 4 and array.shape[:2] == array.shape[2:]:
            return self.identity_of_matrices(array)
        if array.ndim > 2 or 1 in array.shape:
            raise NoFormula("it has a constant with more than two axes")
        usual = background(array)
        if usual is not None:
            exceptions = self.elements(array - usual)
            return self.algebra.add(self.broadcast(self.exact(usual), value.shape), exceptions)
        static = nested(array.astype(float).tolist())
        return algebra.whole(algebra.base(ARRAY, static=static, dims=array.shape))

    def elements(self, array: np.ndarray[Any, Any]) -> Poly:
        """A few numbers among zeros: each times a product of rows of identities."""
        axes = tuple(range(array.ndim))
        terms = []
        for place in np.argwhere(array):
            number = self.exact(array[tuple(place)].item())
            units = [(self.unit(k, array.shape[a]), (a,)) for a, k in enumerate(place.tolist())]
            terms.append(self.algebra.contract([(number, ()), *units], axes))
        return self.algebra.add(*terms)

    def unit(self, k: int, n: int) -> Poly:
        """The k-th row of the identity; near the end of an axis of any length from there."""
        last = n in self.algebra.sizes and k >= n - FEW
        return self.algebra.unit(k - n if last else k, n)

    def identity_of_matrices(self, array: np.ndarray[Any, Any]) -> Poly:
        """A multiple of the derivative of a matrix by itself, which is that of a trace of kron."""
        m, n = array.shape[:2]
        if 1 in (m, n) or np.any(array != array.flat[0] * np.eye(m * n).reshape(array.shape)):
            raise NoFormula("it has a constant with more than two axes")
        diagonal, eye = self.exact(array.flat[0].item()), self.algebra.eye
        return self.algebra.contract(
            [(diagonal, ()), (eye(m), (0, 2)), (eye(n), (1, 3))], (0, 1, 2, 3)
        )

    def exact(self, number: float) -> Poly:
        """A number as a rational, times lengths of axes and roots of pi where it has them."""
        number = float(number)
        found = rational(number)
        if found is not None:
            return self.with_sizes(found)
        for k in (-2, -1, 1, 2):
            square = rational(number * number * math.pi**-k, tolerance=4e-16)
            if square is not None and square:
                root = self.root_of(square, k)
                return root if number > 0 else self.algebra.scale(root, -1)
        power = round(math.exp(number)) if 0 < number < 6 else 1
        if power > 1 and math.log(power) == number:
            return self.algebra.whole(self.algebra.base("log", [self.algebra.number(power)]))
        near = rational(number, tolerance=4e-16)  # a product of fractions, rounded
        return self.algebra.number(Fraction(repr(number)) if near is None else near)

    def root_of(self, square: Fraction, k: int) -> Poly:
        """The root of a rational times a power of pi, as a number times a root if it is one."""
        pi, sign = self.algebra.whole(self.algebra.base("pi")), 1 if k > 0 else -1
        outside = rational(math.sqrt(square))
        if outside is not None or k % 2 == 0:
            number = self.algebra.number(square if outside is None else outside)
            front = number if outside is not None else self.algebra.power(number, HALF)
            return self.algebra.times(front, self.algebra.power(pi, HALF * k))
        inside = self.algebra.scale(pi, square**sign)
        return self.algebra.power(inside, HALF * k)

    def with_sizes(self, number: Fraction) -> Poly:
        """A multiple or a part of the length of an axis: no other constant is likely to be one."""
        found = self.algebra.number(number)
        for size in self.algebra.sizes:
            while found.terms and number.numerator % size == 0:
                number /= size
                length = self.algebra.size(size)
                found = self.algebra.times(self.algebra.scale(found, Fraction(1, size)), length)
            while number.denominator % size == 0:
                number *= size
                length = self.algebra.power(self.algebra.size(size), -ONE)
                found = self.algebra.times(self.algebra.scale(found, size), length)
        return found

    # ---- shapes ---------------------------------------------------------------------------------

    def broadcast(self, poly: Poly, shape: Dims) -> Poly:
        """Spread over a shape; axes are added in front, and those of length 1 grow."""
        ahead = len(shape) - len(poly.dims)
        return self.moved(poly, tuple(range(ahead, len(shape))), shape)

    def moved(self, poly: Poly, axes: Sequence[int], shape: Dims) -> Poly:
        """The axes of a Poly as these of a shape, along whose others it is the same."""
        terms = [
            (c, tuple(Factor(b, p, tuple(axes[n] if n >= 0 else n for n in ls)) for b, p, ls in fs))
            for c, fs in poly.terms
        ]
        return self.algebra.poly(shape, [self.algebra.term(*term) for term in terms])

    def aligned(self, operands: Sequence[Poly], shape: Dims) -> list[Poly]:
        return [self.broadcast(operand, shape) for operand in operands]

    def product(self, *operands: Poly) -> Poly:
        """Elementwise."""
        labels = tuple(range(len(operands[0].dims)))
        pairs = [(poly, labels) for poly in operands]
        return self.algebra.contract(pairs, labels, expand=self.expand)

    def contract(self, a: Poly, left: str, b: Poly, right: str, out: str) -> Poly:
        """The product of two values with letters for labels; only axes longer than 1 are summed."""
        letters = {letter: k for k, letter in enumerate(dict.fromkeys(left + right))}
        pairs = [(a, tuple(letters[c] for c in left)), (b, tuple(letters[c] for c in right))]
        labels = tuple(letters[c] for c in out)
        return self.algebra.contract(pairs, labels, expand=self.expand)

    # ---- functions ------------------------------------------------------------------------------

    def function(self, name: str, operands: Sequence[Poly], static: Any, shape: Dims) -> Poly:
        """An elementwise function, as a base of the axes that its operands name."""
        spread = self.aligned(operands, shape)
        axes = tuple(sorted({axis for poly in spread for axis in mentioned(poly)}))
        inner = [self.spanned(poly, axes) for poly in spread]
        dims = tuple(shape[axis] for axis in axes)
        whole = self.algebra.whole(self.algebra.base(name, inner, static, dims))
        return self.moved(whole, axes, shape)

    def spanned(self, poly: Poly, axes: Sequence[int]) -> Poly:
        """Without the axes that are not among these, none of which its terms name."""
        place = {axis: k for k, axis in enumerate(axes)}
        order = [place.get(axis, -1) for axis in range(len(poly.dims))]
        return self.moved(poly, order, tuple(poly.dims[axis] for axis in axes))

    def of_whole(self, name: str, operand: Poly, static: Any, dims: Dims) -> Poly:
        """A function of a whole tensor, all of whose axes it needs."""
        if 1 in operand.dims:
            raise NoFormula(f"{name} of a tensor with an axis of length 1")
        return self.algebra.whole(self.algebra.base(name, [operand], static, dims))


def background(array: np.ndarray[Any, Any]) -> float | None:
    """The number that all but a few elements are, if there is one."""
    numbers, counts = np.unique(array, return_counts=True)
    most = int(np.argmax(counts))
    few = array.size - counts[most] <= min(FEW, array.size // 3)
    return float(numbers[most]) if few else None


def is_usual(op: Op, static: tuple[Any, ...]) -> bool:
    """Are these the parameters of a call that gives none?"""
    if op.bind is None or not static:
        return not static
    try:
        return bool(op.bind(*[np.float64(0)] * len(op.rules))[1] == static)
    except TypeError:  # one of them must be given
        return False
