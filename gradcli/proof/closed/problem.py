"""What is to be differentiated as a formula: a text, its symbols, and points to try it at."""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, NamedTuple

import numpy as np

from gradcli.engine.functions import FUNCTIONS
from gradcli.engine.jacobians import gradients_of, jacobian_of, tangent_of
from gradcli.engine.tape import Tape, taping
from gradcli.engine.tensor import Tensor, tensor
from gradcli.errors import GradcliError, NoGraph, ParseError, SeedNeeded, WrongType, WrongValue
from gradcli.lang.orders import derivatives_of
from gradcli.lang.session import Session
from gradcli.lang.source import Source, Span
from gradcli.lang.tensors import as_tensor

Axes = tuple[str | int, ...]
Point = Mapping[str, Any]
Samples = list[tuple[Point, np.ndarray[Any, Any]]]
# Lengths for letters while a program is recorded: an axis can be told by its length, and hardly any
# constant is a multiple of it. Two sets, should one of them be met in the text.
LENGTHS = ((11, 13, 17, 19, 23, 29), (31, 37, 41, 43, 47, 53))
# Lengths of the axes at the points that a formula is tried at.
TRIED = ((3, 4, 5, 2, 6, 7), (4, 2, 3, 5, 7, 6))

TOLERANCE = 1e-12


class Style(NamedTuple):
    """Where random numbers are drawn from; square matrices get a multiple of I to be regular."""

    low: float
    high: float
    regular: bool = True


STYLES = (Style(0.5, 1.5), Style(-1.9, 1.9), Style(0.1, 0.9), Style(-0.9, 0.9, regular=False))
# Where bounds far away are met, if the derivative is finite there.
FAR = (Style(-3e4, 3e4), Style(1e16, 1e17))


Function = Callable[[Mapping[str, Tensor]], Tensor]


class Problem:
    """The derivative of a function by `wrt`, of some order.

    function  of named tensors
    axes      of each symbol, as letters or lengths; () for a number
    values    of those symbols that have one
    running   what an evaluation happens inside of
    """

    def __init__(
        self,
        session: Session,
        function: Function,
        axes: Mapping[str, Axes],
        wrt: str,
        order: int = 1,
        values: Point | None = None,
        running: Callable[[], AbstractContextManager[None]] | None = None,
    ) -> None:
        self.session = session
        self.value = function
        self.running = running or session.evaluating
        self.axes = axes
        self.wrt = wrt
        self.order = order
        self.values = values or {}

    # ---- points ---------------------------------------------------------------------------------

    def letters(self, lengths: Sequence[int]) -> dict[str, int]:
        """How long the axes are that have letters."""
        letters = dict.fromkeys(a for axes in self.axes.values() for a in axes if type(a) is str)
        if len(letters) > len(lengths):
            raise WrongValue(f"more than {len(lengths)} letters for axes")
        return dict(zip(letters, lengths, strict=False))

    def shapes(self, lengths: Sequence[int]) -> dict[str, tuple[int, ...]]:
        length = self.letters(lengths)
        return {
            name: tuple(length[a] if isinstance(a, str) else a for a in axes)
            for name, axes in self.axes.items()
        }

    def point(self, lengths: Sequence[int], style: Style, seed: int = 0) -> dict[str, Any]:
        """Random values of all symbols."""
        random = np.random.default_rng(seed)
        found = {}
        for name, shape in self.shapes(lengths).items():
            value = random.uniform(style.low, style.high, shape)
            if style.regular and len(shape) == 2 and shape[0] == shape[1]:
                value = value + shape[0] * np.eye(shape[0])
            found[name] = value[()]
        return found

    def points(self) -> list[dict[str, Any]]:
        """Those at which a formula is tried: the values that are given, and others by lot."""
        tried = [
            self.point(TRIED[k % len(TRIED)], style, seed=1 + k)
            for k, style in enumerate((*STYLES, *FAR))
        ]
        given = [{**tried[0], **self.values}] if self.values else []
        return given + tried

    def axis_names(self, lengths: Sequence[int]) -> dict[int, tuple[str, int]]:
        """Which axis of which symbol has a length that a letter stands for."""
        found: dict[int, tuple[str, int]] = {}
        for name, shape in self.shapes(lengths).items():
            for axis, (letter, n) in enumerate(zip(self.axes[name], shape, strict=True)):
                if isinstance(letter, str) and (n not in found or axis < found[n][1]):
                    found[n] = (name, axis)
        return found

    # ---- values ---------------------------------------------------------------------------------

    def derivative(self, point: Point) -> np.ndarray[Any, Any]:
        """What the engine finds, of the shape of the value and then of what it is by."""
        with self.running(), taping(Tape()) as tape:
            leaves = {name: leaf(value) for name, value in point.items()}
            x, y = leaves[self.wrt], self.value(leaves)
            if self.order == 1:
                (found,) = jacobian_of(y, [x])
            elif x.ndim:
                (g,) = gradients_of(y, [x], again=True)
                (found,) = jacobian_of(g, [x])
            else:
                found = derivatives_of(y, x, tape, self.order)[-1]
            return np.asarray(found.value)

    def taped(self, point: Point) -> tuple[Tape, Tensor, dict[str, Tensor]]:
        """The value with a record of how it came about, and the leaves."""
        with self.running(), taping(Tape()) as tape:
            leaves = {name: leaf(value) for name, value in point.items()}
            return tape, self.value(leaves), leaves

    def recorded(self, tensors: Mapping[str, Tensor], seeds: dict[str, Tensor]) -> Tensor:
        """The derivative, contracted with seeds where it is by more than one number: then with one
        for each of its axes but those of `wrt`."""
        y, x = self.value(tensors), tensors[self.wrt]
        for k in range(self.order):
            if y.ndim and not x.ndim:
                y = tangent_of(y, [x], [leaf(1.0)])  # a leaf, so that it is recorded
                continue
            if y.ndim:
                y = FUNCTIONS["sum"](y * seeds[seed_name(k)])
            (y,) = gradients_of(y, [x], again=True)
        return y

    def seed_shapes(self, point: Point) -> dict[str, tuple[int, ...]]:
        """Which derivatives have axes to be contracted, and their shapes."""
        with self.running():
            leaves = {name: leaf(value) for name, value in point.items()}
            y, x = self.value(leaves), leaves[self.wrt]
        check(y, x, self.order)
        if not x.ndim:
            return {}
        found = {seed_name(0): y.shape} if y.ndim else {}
        if self.order == 2:
            found[seed_name(1)] = x.shape
        return found


def of_text(session: Session, source: Source) -> Function:
    """The last value of a text, as a function of its variables; inside `session.evaluating()`."""
    codes = session.compile(source)
    if not codes:
        raise source.blame(ParseError("there is no expression"), Span(0, 0))

    def value(tensors: Mapping[str, Tensor]) -> Tensor:
        session.variables.clear()
        session.variables.update(tensors)
        results = [session.machine.run(code) for code in codes]
        try:
            return as_tensor(results[-1])
        except WrongType as error:
            raise source.blame(error, codes[-1].place.span) from None

    return value


def seed_name(k: int) -> str:
    return f" {string.ascii_lowercase[k]}"  # no name of the language


def leaf(value: Any) -> Tensor:
    return tensor(value, requires_grad=True)


def check(y: Tensor, x: Tensor, order: int) -> None:
    """Is this derivative one with at most two axes?"""
    if y.dtype.kind not in "f" or not isinstance(y, Tensor):
        raise NoGraph("only real numbers are differentiated as a formula")
    if y.ndim + x.ndim * order <= 2:
        return
    if order == 1:
        raise SeedNeeded(
            f"the derivative of a result of shape {y.shape} by one of {x.shape} has more than two "
            "axes",
            hint="sum() the result, or multiply it by a vector",
        )
    raise SeedNeeded(
        f"derivatives of order {order} are of numbers by numbers, and of order 2 by vectors",
        hint="sum() the result, or differentiate by a number",
    )


def samples_of(problem: Problem) -> Samples:
    """Points and the derivative there, where it is finite and not at the mercy of rounding."""
    found: Samples = []
    for point in problem.points():
        try:
            value, beside = problem.derivative(point), problem.derivative(moved(point))
        except GradcliError:
            continue  # outside the domain
        if np.all(np.isfinite(value)) and near(beside, value):
            found.append((point, value))
    return found


def moved(point: Point) -> Point:
    """Every number by an ulp or so."""
    random = np.random.default_rng(0)
    return {
        name: (x * (1 + 2.0**-52 * random.choice([-1, 1], np.shape(x))))[()]
        for name, x in point.items()
    }


def near(a: np.ndarray[Any, Any], b: np.ndarray[Any, Any]) -> bool:
    """Equal to the tolerance, measured against the largest element."""
    scale = max(0.01, float(np.max(np.abs(b), initial=0)))
    return a.shape == b.shape and bool(np.all(np.abs(a - b) <= TOLERANCE * scale))
