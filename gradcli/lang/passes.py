"""PyTorch's passes over recorded results, of values of the language: backward() and grad()."""

from __future__ import annotations

import threading
from typing import Any

from gradcli.engine import autograd
from gradcli.engine.tensor import Tensor
from gradcli.errors import WrongType, described
from gradcli.lang.tensors import as_tensor
from gradcli.lang.values import LISTS


class Untold(threading.local):
    """What backward() does where a call does not say."""

    retain_graph: bool | None = None
    create_graph = False


untold = Untold()


def outputs_of(value: Any) -> Any:
    """A tensor or a list of them."""
    for item in value if type(value) in LISTS else [value]:
        if type(item) is not Tensor:
            raise WrongType(
                f"a gradient is of tensors and by tensors, not {described(item)}",
                hint="grad(f) takes a function, grad(y, x) tensors",
            )
    return value


def cotangents(outputs: Any, seeds: Any) -> Any:
    """One cotangent an output; lists of numbers become tensors."""
    if type(seeds) not in LISTS:
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
    outputs: Any,
    gradient: Any = None,
    retain_graph: Any = None,
    create_graph: Any = None,
    inputs: Any = None,
) -> None:
    """Add to `.grad` of the leaves, or only of `inputs`."""
    seeds = cotangents(outputs, gradient)
    retain, create = flag(retain_graph), flag(create_graph)
    autograd.backward(
        outputs_of(outputs),
        seeds,
        untold.retain_graph if retain is None else retain,
        untold.create_graph if create is None else create,
        None if inputs is None else outputs_of(inputs),
    )


def flag(value: Any) -> bool | None:
    if value is not None and type(value) not in (bool, int):
        raise WrongType(f"an option is True or False, not {described(value)}")
    return None if value is None else bool(value)
