"""Derivatives of functions: grad, value_and_grad."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from gradcli.engine import autograd
from gradcli.engine.apply import ROWS
from gradcli.engine.graph import AccumulateGrad, Target, here, reachable, recording
from gradcli.engine.tensor import Tensor, edge, tensor
from gradcli.errors import SeedNeeded, WrongIndex, WrongType


def primal(value: Any) -> Tensor:
    """An input that a function may be differentiated at.

    A tensor that already needs a gradient enters as an alias of its own, so that a derivative
    inside a derivative tells the two uses of it apart.
    """
    if isinstance(value, Tensor):
        if value.requires_grad and here.state.recording:
            return ROWS["positive"](value)
        value = value.value
    if isinstance(value, np.ndarray | np.generic) and value.dtype.kind in "fc":
        return tensor(value, requires_grad=True)
    return tensor(value, dtype=None if isinstance(value, complex) else np.float64).requires_grad_()


def depends_on_more(root: Target, inputs: Sequence[Tensor]) -> bool:
    """Does a result depend on any leaf that is not one of `inputs`? Then its gradient may too."""
    own = {edge(x) for x in inputs}
    return any(type(node) is AccumulateGrad and node not in own for node in reachable([root]))


def value_and_grad(
    function: Callable[..., Any], argnums: int | Sequence[int] = 0
) -> Callable[..., tuple[Tensor, Any]]:
    """A function that returns the value of `function` and its gradient.

    argnums  the position of the argument to differentiate by, or several: then the gradient is a
             tuple. The result must have one element. Arguments may be numbers, arrays or tensors.
    """
    single = not isinstance(argnums, Sequence)
    positions = [argnums] if not isinstance(argnums, Sequence) else list(argnums)

    def differentiated(*arguments: Any, **named: Any) -> tuple[Tensor, Any]:
        for position in positions:
            if not -len(arguments) <= position < len(arguments):
                raise WrongIndex(f"argnums names argument {position} of {len(arguments)}")
        inputs = list(arguments)
        for position in positions:
            inputs[position] = primal(inputs[position])
        leaves = [inputs[position] for position in positions]
        with recording(True):
            value = function(*inputs, **named)
        if not isinstance(value, Tensor):
            value = tensor(value) if isinstance(value, int | float | complex) else value
            if not isinstance(value, Tensor):
                raise WrongType(
                    f"grad needs a number from its function, not {type(value).__name__}"
                )
        if value.size != 1:
            raise SeedNeeded(
                f"grad is for functions of one number; this one returns shape {value.shape}",
                hint="sum() the result",
            )
        gradients = gradients_of(value, leaves)
        return value, gradients[0] if single else tuple(gradients)

    return differentiated


def gradients_of(value: Tensor, inputs: Sequence[Tensor]) -> list[Tensor]:
    """d value / d inputs, zeros if unused; with a graph of their own where something needs it."""
    root = edge(value)
    if root is None:
        return [Tensor(np.zeros_like(x.value)[()]) for x in inputs]
    gradients = autograd.grad(
        value,
        list(inputs),
        create_graph=depends_on_more(root, inputs),
        materialize_grads=True,
    )
    return [g for g in gradients if g is not None]


def grad(target: Any, by: Any = 0, *, argnums: Any = None, **options: Any) -> Any:
    """The gradient, of a function or of a result.

    `grad(f)` and `grad(f, 1)` return a function that computes the gradient of f by its first (by
    the given) arguments, as JAX does. `grad(y, x)` and `grad(y, [x, w])` return a tuple of
    gradients of the tensor y, with the options of `autograd.grad`, as PyTorch does.
    """
    if not callable(target) or isinstance(target, Tensor):
        return autograd.grad(target, by, **options)
    function = value_and_grad(target, by if argnums is None else argnums)
    return lambda *arguments, **named: function(*arguments, **named)[1]
