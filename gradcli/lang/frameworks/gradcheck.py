"""`torch.autograd.gradcheck`: derivatives against differences, element by element."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from gradcli.engine import autograd
from gradcli.engine.tensor import Tensor
from gradcli.errors import WrongGradient, WrongType, WrongValue, described
from gradcli.lang.calculus import function_of, jacobian_at
from gradcli.lang.operators import truth
from gradcli.lang.values import LISTS, TUPLES, Builtin, NativeSteps

# What only tunes or adds to PyTorch's own test.
LET_PASS = frozenset(
    (
        *("check_backward_ad", "check_batched_grad", "check_forward_ad", "check_grad_dtypes"),
        *("check_undefined_grad", "fast_mode", "gen_non_contig_grad_outputs", "masked"),
        *("check_fwd_over_rev", "check_rev_over_rev", "nondet_tol"),
    )
)


class Bounds(NamedTuple):
    """How far to move each element, and how close the derivatives must be."""

    eps: float
    atol: float
    rtol: float

    @classmethod
    def of(cls, *given: Any) -> Bounds:
        if any(type(each) not in (int, float) or not each >= 0 for each in given) or not given[0]:
            raise WrongValue("gradcheck: eps, atol and rtol are numbers that are not negative")
        return cls(*map(float, given))


def gradcheck(
    func: Any,
    inputs: Any,
    eps: Any = 1e-6,
    atol: Any = 1e-5,
    rtol: Any = 1e-3,
    raise_exception: Any = True,
    **options: Any,
) -> NativeSteps:
    """True if the derivatives of func at the inputs are what central differences say."""
    function, bounds = function_of("gradcheck", func), Bounds.of(eps, atol, rtol)
    for name in {*options} - LET_PASS:
        raise WrongType(f"gradcheck has no option '{name}'")
    fault = yield from first_fault(function, points_of(inputs), bounds)
    if fault is not None and truth(raise_exception):
        raise WrongGradient(f"gradcheck of {function.name}: {fault}")
    return fault is None


def gradgradcheck(
    func: Any, inputs: Any, grad_outputs: Any = None, *rest: Any, **named: Any
) -> NativeSteps:
    """The same of the function that func's backward pass is, by inputs and cotangents."""
    function, points = function_of("gradgradcheck", func), points_of(inputs)
    outputs = yield from results(function, points)
    if grad_outputs is None:  # any will do that are not all alike
        seeds = [np.cos(np.arange(y.size, dtype=y.dtype)).reshape(y.shape) for y in outputs]
        cotangents = [Tensor(seed[()]).requires_grad_() for seed in seeds]
    else:
        cotangents = points_of(grad_outputs)

    def backward(*given: Any) -> NativeSteps:
        at, seeds = given[: len(points)], given[len(points) :]
        values = yield from results(function, at)
        leaves = [x for x in at if type(x) is Tensor and x.requires_grad]
        return autograd.grad(values, leaves, list(seeds), create_graph=True, materialize_grads=True)

    second = Builtin(f"the backward of {function.name}", backward, steps=True)
    return (yield from gradcheck(second, (*points, *cotangents), *rest, **named))


def points_of(inputs: Any) -> list[Any]:
    given = list(inputs) if type(inputs) in LISTS else [inputs]
    if not any(type(x) is Tensor and x.requires_grad for x in given):
        raise WrongValue(
            "gradcheck needs an input that needs a gradient", hint="requires_grad=True"
        )
    return given


def results(function: Any, arguments: Sequence[Any]) -> NativeSteps:
    """The tensors that a function returns which have a graph."""
    value = yield (function, tuple(arguments), {})
    parts = list(value) if type(value) in TUPLES else [value]
    for part in parts:
        if type(part) is not Tensor:
            raise WrongType(f"gradcheck: {function.name} returns {described(part)}, no tensor")
    return [part for part in parts if part.requires_grad]


def first_fault(function: Any, points: list[Any], bounds: Bounds) -> NativeSteps:
    """What is wrong with the first element that differs, or None."""
    leaves = [x.detach().requires_grad_() if is_point(x) else x for x in points]
    outputs = yield from results(function, leaves)
    differentiated = [x for x in leaves if is_point(x)]
    slopes = [jacobian_at(y, differentiated, function.name) for y in outputs]
    at = [k for k, x in enumerate(leaves) if is_point(x)]
    for place, k in enumerate(at):
        for number in range(leaves[k].size):
            differences = yield from difference(function, leaves, k, number, bounds.eps)
            for y, row, expected in zip(outputs, slopes, differences, strict=True):
                found = row[place].value.reshape(y.size, -1)[:, number]
                off = np.abs(found - expected) > bounds.atol + bounds.rtol * np.abs(expected)
                if np.any(off | np.isnan(found)):
                    worst = int(np.argmax(off | np.isnan(found)))
                    return (
                        f"the derivative by element {number} of input {k} is "
                        f"{found[worst]:.6g}, differences say {expected[worst]:.6g}"
                    )
    return None


def is_point(x: Any) -> bool:
    return type(x) is Tensor and x.requires_grad


def difference(function: Any, leaves: list[Any], k: int, number: int, eps: float) -> NativeSteps:
    """The slopes of every output along one element, from two values beside it."""
    sides = []
    for sign in (1, -1):
        moved = np.array(leaves[k].value)
        moved.reshape(-1)[number] += sign * eps
        beside = [*leaves[:k], Tensor(moved[()]).requires_grad_(), *leaves[k + 1 :]]
        values = yield from results(function, beside)
        sides.append([np.array(y.value, np.float64).reshape(-1) for y in values])
    if len({len(side) for side in sides}) > 1:
        raise WrongValue(f"gradcheck: {function.name} does not return as many tensors each time")
    return [(above - below) / (2 * eps) for above, below in zip(*sides, strict=True)]
