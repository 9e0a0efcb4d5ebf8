"""MindSpore's gradients: of functions by position, of cells by parameter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradcli.engine import positions
from gradcli.engine.tensor import Tensor
from gradcli.lang import calculus
from gradcli.lang.operators import truth
from gradcli.lang.values import LISTS, Builtin, NativeSteps
from gradcli.nn.parameter import ParameterMeta


class Weight:
    """A parameter with the name that `get_grad` finds its gradient by."""

    def __init__(self, name: str, tensor: Tensor) -> None:
        self.name, self.tensor = name, tensor


def weights_of(value: Any) -> Any:
    """Parameters, one or a list of them, as the engine takes them."""
    if type(value) in LISTS:
        return tuple(weight_of(each, f"parameter {k}") for k, each in enumerate(value))
    return None if value is None else weight_of(value, "parameter")


def weight_of(value: Any, otherwise: str) -> Any:
    if type(value) is not Tensor or type(value.meta) is not ParameterMeta:
        return value  # which the engine refuses
    name = value.meta.name
    return Weight(otherwise if name is None else name, value)


def gradient(*, both: bool) -> Callable[..., Any]:
    """`value_and_grad`, or the gradients alone."""

    def make(
        fn: Any,
        grad_position: Any = 0,
        weights: Any = None,
        has_aux: Any = False,
        return_ids: Any = False,
    ) -> Builtin:
        function = calculus.function_of("grad", fn)
        plan = positions.wanted(grad_position, weights_of(weights), has_aux, return_ids)

        def steps(*arguments: Any, **named: Any) -> NativeSteps:
            recorded = calculus.recorded(function, plan.positions, arguments, named)
            value, points = yield from recorded
            result, found = plan.found(value, points.leaves)
            if both:
                return result, found
            return (found, result[1:]) if plan.has_aux else found

        return Builtin(f"grad({function.name})", steps, steps=True)

    return make


def jacobian(fn: Any, grad_position: Any = 0, has_aux: Any = False) -> Builtin:
    return calculus.jacobian(fn, grad_position, has_aux=truth(has_aux))


def grad_operation(
    get_all: Any = False, get_by_list: Any = False, sens_param: Any = False
) -> Builtin:
    """MindSpore's older way: of all arguments, or by parameters; with the cotangent given last."""
    every, by_list, seeded = truth(get_all), truth(get_by_list), truth(sens_param)

    def of(fn: Any, weights: Any = None) -> Builtin:
        function = calculus.function_of("GradOperation", fn)

        def steps(*arguments: Any, **named: Any) -> NativeSteps:
            points = arguments[:-1] if seeded else arguments
            positional = tuple(range(len(points))) if every else None if by_list else 0
            given = weights_of(weights) if by_list else None
            plan = positions.wanted(positional, given, False, False)
            value, where = yield from calculus.recorded(function, plan.positions, points, named)
            return plan.found(value * arguments[-1] if seeded else value, where.leaves)[1]

        return Builtin(f"grad({function.name})", steps, steps=True)

    return Builtin("GradOperation", of)


def get_grad(gradients: Any, identifier: Any) -> Tensor:
    return positions.get_grad(gradients, weight_of(identifier, "parameter"))
