"""Checks of functions at points, in this process or in the child."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from gradcli.engine import autograd
from gradcli.engine.functions import FUNCTIONS
from gradcli.engine.tape import Tape, taping
from gradcli.engine.tensor import Tensor, tensor
from gradcli.proof import crosscheck
from gradcli.proof.calculation import Calculation, from_json, to_json
from gradcli.proof.crosscheck import Check, summed_up
from gradcli.proof.prover import Prover

F = FUNCTIONS
NAMES = "xyzuvw"


class Differentiated:
    """A function of tensors, calculated on a tape and differentiated by the engine."""

    def __init__(
        self,
        function: Callable[..., Tensor],
        *points: Any,
        seed: Any = None,
        order: int = 1,
    ) -> None:
        self.seed = seed
        with taping() as tape:
            inputs = [tensor(point, requires_grad=True) for point in points]
            output = function(*inputs)
            for _ in range(order - 1):
                output = autograd.grad(output, inputs, create_graph=True)[0]
        self.tape: Tape = tape
        self.output = output
        names = [NAMES[k] if len(points) <= len(NAMES) else f"x{k}" for k in range(len(points))]
        self.leaves = dict(zip(names, inputs, strict=True))
        found = autograd.grad(output, inputs, seed, materialize_grads=True)
        self.gradients: dict[str, Any] = dict(zip(names, found, strict=True))

    def calculation(self) -> Calculation:
        """What the child would read."""
        collected = crosscheck.collect(
            self.tape, self.output, self.leaves, self.gradients, self.seed
        )
        assert collected is not None
        return from_json(json.loads(json.dumps(to_json(collected))))

    def proven(self, seconds: float = 20.0) -> Check:
        """Checked in this process, which saves starting another."""
        findings = list(Prover(self.calculation(), seconds).findings())
        return summed_up(json.loads(json.dumps(findings)))

    def checked(self, **limits: Any) -> Check:
        """Checked as users have it."""
        return crosscheck.check(
            self.tape, self.output, self.leaves, self.gradients, self.seed, **limits
        )


def prove(function: Callable[..., Tensor], *points: Any, **options: Any) -> Check:
    return Differentiated(function, *points, **options).proven()
