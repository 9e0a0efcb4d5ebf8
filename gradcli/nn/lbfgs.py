"""L-BFGS: Newton's direction, with the inverse Hessian kept as the last few steps.

Reference: J. Nocedal, Updating quasi-Newton matrices with limited storage, 1980. Lengths of steps
and the ways to stop are PyTorch's, without a line search.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

import numpy as np

from gradcli.engine.graph import enable_grad, here
from gradcli.engine.inplace import overwrite
from gradcli.errors import WrongType, WrongValue
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

    def __init__(
        self,
        params: Any,
        lr: float = 1.0,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search_fn: str | None = None,
    ) -> None:
        given = (lr, max_iter, max_eval, tolerance_grad, tolerance_change, history_size)
        options = dict(zip(self.defaults, given, strict=False))
        super().__init__(params, **options, line_search_fn=line_search_fn)
        if len(self.param_groups) > 1:
            raise WrongValue("LBFGS has one group of parameters")
        self.memory = Memory(history_size)

    def check(self, group: Group) -> None:
        super().check(group)
        if group["line_search_fn"] is not None:
            raise WrongValue("LBFGS searches no line here: line_search_fn=None", hint="a small lr")
        for name in ("max_iter", "history_size"):
            if type(group[name]) is not int or group[name] < 1:
                raise WrongValue(f"{name} is a positive integer")

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Up to `max_iter` steps; the loss before the first of them."""
        if closure is None:
            raise WrongType("LBFGS computes the loss several times", hint="step(closure)")
        group, memory = self.param_groups[0], self.memory
        first = self.evaluated(closure)
        loss, slope = float(first), self.slope()
        most = group["max_eval"] or group["max_iter"] * 5 // 4
        if not slope.size or np.abs(slope).max() <= group["tolerance_grad"]:
            return first
        for turn in range(1, group["max_iter"] + 1):
            direction = memory.direction(slope)
            length = group["lr"]
            if memory.steps == 1:
                length *= min(1.0, 1.0 / float(np.abs(slope).sum()))
            if float(slope @ direction) > -group["tolerance_change"]:
                break
            memory.taken(slope, length * direction)
            self.move(length * direction)
            if turn == group["max_iter"] or turn + 1 > most:
                break
            before, loss = loss, float(self.evaluated(closure))
            slope = self.slope()
            if np.abs(slope).max() <= group["tolerance_grad"]:
                break
            moved = np.abs(length * direction).max()
            if min(moved, abs(loss - before)) <= group["tolerance_change"]:
                break
        return first

    def evaluated(self, closure: Callable[[], Any]) -> Any:
        with enable_grad():
            return closure()

    def slope(self) -> Vector:
        """All gradients in one vector."""
        parts = [
            np.zeros(x.size, x.dtype) if x.grad is None else np.ravel(x.grad.value)
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
