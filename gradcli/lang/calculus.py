"""Derivatives of the program's own functions: native steps that call them in between."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from gradcli.engine import autograd
from gradcli.engine.graph import recording
from gradcli.engine.jacobians import depends_on_more, gradients_of
from gradcli.engine.tensor import Tensor, edge
from gradcli.engine.transforms import primal
from gradcli.errors import SeedNeeded, WrongIndex, WrongType
from gradcli.lang.numbers import NUMBERS
from gradcli.lang.tensors import as_tensor
from gradcli.lang.values import CALLABLE, Builtin, Derivative, NativeSteps, described


def answer(result: Tensor, inputs: Any) -> Any:
    """A plain number, where only plain numbers came in and no graph must be kept."""
    if result.ndim or result.requires_grad or any(type(x) not in NUMBERS for x in inputs):
        return result
    return result.item()


def scalar(value: Any, name: str) -> Tensor:
    """The value of a function that is to be differentiated: one number."""
    result = as_tensor(value) if type(value) in NUMBERS or type(value) is list else value
    if type(result) is not Tensor:
        raise WrongType(f"{name} returns {described(value)}, which has no derivative")
    if result.size != 1:
        raise SeedNeeded(
            f"{name} returns {result.size} numbers; a gradient is of one",
            hint="sum() the result",
        )
    return result


def derivative(target: Derivative, x: Any) -> NativeSteps:
    """The n-th derivative of a function at x; a gradient, if x is a tensor and n is 1."""
    at = primal(as_tensor(x))
    if at.size != 1 and target.order > 1:
        raise WrongType(f"{target.name} of a tensor: higher derivatives are of numbers")
    with recording(True):
        value = yield (target.function, (at,), {})
        y = scalar(value, target.function.name)
        for remaining in reversed(range(target.order)):
            root = edge(y)
            if root is None:
                y = Tensor(np.zeros_like(at.value)[()])
                break
            more = remaining > 0 or depends_on_more(root, [at])
            g = autograd.grad(y, at, create_graph=more, materialize_grads=True)[0]
            y = g if g is not None else y
    return answer(y, [x])


def value_and_grad_at(
    function: Any, positions: tuple[int, ...], arguments: tuple[Any, ...], named: dict[str, Any]
) -> NativeSteps:
    """The value of a function and its gradients by the arguments at these positions."""
    for position in positions:
        if not -len(arguments) <= position < len(arguments):
            raise WrongIndex(
                f"{function.name} has no argument {position} here: it was given {len(arguments)}"
            )
    inputs = list(arguments)
    for position in positions:
        inputs[position] = primal(as_tensor(inputs[position]))
    with recording(True):
        value = yield (function, tuple(inputs), named)
        y = scalar(value, function.name)
        leaves = [inputs[position] for position in positions]
        gradients = [answer(g, arguments) for g in gradients_of(y, leaves)]
        if not depends_on_more(edge(y), leaves):
            y = y.detach()
    return answer(y, arguments), tuple(gradients)


def transform(name: str, both: bool) -> Builtin:
    """`grad` or `value_and_grad`: of a function a function, of a result its gradients."""

    def make(target: Any, by: Any = 0, argnums: Any = None, **options: Any) -> Any:
        if type(target) not in CALLABLE:
            if both:
                raise WrongType(f"{name} takes a function, not {described(target)}")
            refuse_options(f"{name} of a tensor", {*options} - OPTIONS)
            return gradients(target, by, **options)
        refuse_options(f"{name} of a function", options)
        by = by if argnums is None else argnums
        positions = tuple(by) if type(by) in (tuple, list) else (by,)
        if any(type(position) is not int for position in positions):
            raise WrongType(f"{name}: which argument to differentiate by is an integer")

        def steps(*arguments: Any, **named: Any) -> NativeSteps:
            value, gradients = yield from value_and_grad_at(target, positions, arguments, named)
            found = gradients[0] if type(by) is int else gradients
            return (value, found) if both else found

        return Builtin(f"{name}({target.name})", steps, steps=True)

    return Builtin(name, make)


OPTIONS = {"grad_outputs", "retain_graph", "create_graph", "allow_unused", "materialize_grads"}


def refuse_options(what: str, options: Iterable[str]) -> None:
    for option in options:
        raise WrongType(f"{what} has no option '{option}'")


# ---- PyTorch's calls, of values of the language -------------------------------------------------


def outputs_of(value: Any) -> Any:
    """A tensor or a list of them."""
    for item in value if type(value) in (list, tuple) else [value]:
        if type(item) is not Tensor:
            raise WrongType(
                f"a gradient is of tensors and by tensors, not {described(item)}",
                hint="grad(f) takes a function, grad(y, x) tensors",
            )
    return value


def cotangents(outputs: Any, seeds: Any) -> Any:
    """One cotangent an output; lists of numbers become tensors."""
    if type(seeds) not in (list, tuple):
        return seeds if seeds is None else as_tensor(seeds)
    if type(outputs) is Tensor and len(seeds) != 1:
        return as_tensor(seeds)
    return [seed if seed is None else as_tensor(seed) for seed in seeds]


def gradients(
    outputs: Any,
    inputs: Any,
    grad_outputs: Any = None,
    retain_graph: Any = None,
    create_graph: Any = False,
    *,
    allow_unused: Any = None,
    materialize_grads: Any = False,
) -> Any:
    """autograd.grad: the gradients of the summed outputs by each input."""
    return autograd.grad(
        outputs_of(outputs),
        outputs_of(inputs),
        cotangents(outputs, grad_outputs),
        flag(retain_graph),
        bool(flag(create_graph)),
        allow_unused=flag(allow_unused),
        materialize_grads=bool(flag(materialize_grads)),
    )


def backward(
    outputs: Any, gradient: Any = None, retain_graph: Any = None, create_graph: Any = False
) -> None:
    """Add to `.grad` of the leaves."""
    seeds = cotangents(outputs, gradient)
    autograd.backward(outputs_of(outputs), seeds, flag(retain_graph), bool(flag(create_graph)))


def flag(value: Any) -> bool | None:
    if value is not None and type(value) not in (bool, int):
        raise WrongType(f"an option is True or False, not {described(value)}")
    return None if value is None else bool(value)
