"""L-BFGS: Newton's direction, with the inverse Hessian kept as the last few steps.

Reference: J. Nocedal, Updating quasi-Newton matrices with limited storage, 1980. Lengths of steps
and the ways to stop are PyTorch's.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from copy import copy
from functools import partial
from typing import Any, ClassVar

import numpy as np

from gradcli.engine.graph import enable_grad, here
from gradcli.engine.inplace import overwrite
from gradcli.errors import WrongType, WrongValue
from gradcli.nn.line_search import Point, strong_wolfe
from gradcli.nn.optimizer import Group, Optimizer

Vector = Any
LEAST = 1e-10  # of s·y, for a step that tells of a curvature


class LBFGS(Optimizer):
    """Several steps a call, each with a new loss: step(closure) takes what computes it."""

    defaults: ClassVar[dict[str, Any]] = {
        "lr": 1.0,
        "max_iter": 20,
        "max_eval": None,
        "tolerance_grad": 1e-7,
        "tolerance_change": 1e-9,
        "history_size": 100,
        "line_search_fn": None,
    }

    def __init__(self, params: Any, *given: Any, **named: Any) -> None:
        super().__init__(params, *given, **named)
        if len(self.param_groups) > 1:
            raise WrongValue("LBFGS has one group of parameters")
        self.memory = Memory(self.param_groups[0]["history_size"])

    def check(self, group: Group) -> None:
        super().check(group)
        if group["line_search_fn"] not in (None, "strong_wolfe"):
            raise WrongValue("line_search_fn is None or 'strong_wolfe'")
        for name in ("max_iter", "history_size"):
            if type(group[name]) is not int or group[name] < 1:
                raise WrongValue(f"{name} is a positive integer")

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Up to `max_iter` steps; the loss before the first of them."""
        if closure is None:
            raise WrongType("LBFGS computes the loss several times", hint="step(closure)")
        if here.state.meter is not None:
            here.state.meter.remembering(self)
        group, memory = self.param_groups[0], self.memory
        first = self.evaluated(closure)
        loss, slope = float(first), self.slope()
        most = group["max_eval"] or group["max_iter"] * 5 // 4
        looked = 1
        if not slope.size or np.abs(slope).max() <= group["tolerance_grad"]:
            return first
        for turn in range(1, group["max_iter"] + 1):
            direction = memory.direction(slope)
            length = group["lr"]
            if memory.steps == 1:
                length *= min(1.0, 1.0 / float(np.abs(slope).sum()))
            start = Point(0.0, loss, slope, float(slope @ direction))
            if start.rise > -group["tolerance_change"]:
                break
            if group["line_search_fn"] is not None:
                following, looks = self.searched(closure, start, direction, length, most - looked)
                looked += looks
            elif turn == group["max_iter"]:  # nothing asks for its loss any more
                following = Point(length, loss, slope, start.rise)
                self.move(length * direction)
            else:
                self.move(length * direction)
                following = self.point(closure, length, direction)
                looked += 1
            memory.taken(slope, following.at * direction)
            loss, slope = following.loss, following.slope
            if looked >= most or np.abs(slope).max() <= group["tolerance_grad"]:
                break
            moved = np.abs(following.at * direction).max()
            if min(moved, abs(loss - start.loss)) <= group["tolerance_change"]:
                break
        return first

    def searched(
        self, closure: Callable[[], Any], here: Point, direction: Vector, length: float, most: int
    ) -> tuple[Point, int]:
        """The place along the direction that fits, where the parameters are then; and the looks."""
        places = [np.array(x.value) for x in self.parameters()]

        def go(at: float) -> None:
            for x, place in zip(self.parameters(), places, strict=True):
                overwrite(x, partial(put, place))
            self.move(at * direction)

        def look(at: float) -> Point:
            go(at)
            return self.point(closure, at, direction)

        width, least = float(np.abs(direction).max()), self.param_groups[0]["tolerance_change"]
        found, looks = strong_wolfe(look, here, length, width, least, most)
        go(found.at)
        return found, looks

    def point(self, closure: Callable[[], Any], at: float, direction: Vector) -> Point:
        """Where the parameters are."""
        loss = float(self.evaluated(closure))
        slope = self.slope()
        return Point(at, loss, slope, float(slope @ direction))

    def renew(self, _copies: Callable[[list[Any]], list[Any]]) -> Callable[[], None]:
        """Its vectors are never written into: what holds them is copied."""
        memory = self.memory
        self.memory = copy(memory)
        self.memory.pairs = memory.pairs.copy()
        return partial(setattr, self, "memory", memory)

    def evaluated(self, closure: Callable[[], Any]) -> Any:
        with enable_grad():
            return closure()

    def slope(self) -> Vector:
        """All gradients in one vector."""
        parts = [
            np.zeros(x.size, x.dtype) if x.grad is None else np.ravel(x.grad.taken())
            for x in self.parameters()
        ]
        if here.state.meter is not None:
            here.state.meter.charge(sum(part.size for part in parts) * len(self.memory.pairs) / 100)
        return np.concatenate(parts)

    def move(self, change: Vector) -> None:
        start = 0
        for x in self.parameters():
            part = change[start : start + x.size].reshape(x.shape)
            start += x.size
            overwrite(x, partial(add, part))


def add(part: Vector, value: Vector) -> None:
    value += part


def put(place: Vector, value: Vector) -> None:
    value[...] = place


class Memory:
    """The last steps s and changes y of the gradient along them.

    steps  how many directions were asked for
    """

    def __init__(self, size: int) -> None:
        self.pairs: deque[tuple[Vector, Vector, float]] = deque(maxlen=size)
        self.steps = 0
        self.scale = 1.0
        self.last: tuple[Vector, Vector] | None = None

    def taken(self, slope: Vector, step: Vector) -> None:
        self.last = slope, step

    def direction(self, slope: Vector) -> Vector:
        """Minus the inverse Hessian times the gradient, by two loops over the pairs."""
        self.steps += 1
        if self.last is not None:
            before, s = self.last
            y = slope - before
            curvature = float(y @ s)
            if curvature > LEAST:
                self.pairs.append((s, y, curvature))
                self.scale = curvature / float(y @ y)
        q, shares = -slope, []
        for s, y, curvature in reversed(self.pairs):
            share = float(s @ q) / curvature
            q = q - share * y
            shares.append(share)
        q = q * self.scale
        for (s, y, curvature), share in zip(self.pairs, reversed(shares), strict=True):
            q = q + (share - float(y @ q) / curvature) * s
        return q
