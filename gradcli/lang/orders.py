"""Derivatives of any order, of functions of one number or elementwise ones of tensors."""

from __future__ import annotations

import math
from contextlib import nullcontext
from typing import Any

import numpy as np

from gradcli.engine.functions import FUNCTIONS
from gradcli.engine.graph import here
from gradcli.engine.jacobians import gradients_of, tangent_of
from gradcli.engine.tape import Tape, taping
from gradcli.engine.tensor import Tensor, edge
from gradcli.engine.transforms import HIGHEST, coefficients_of
from gradcli.errors import WrongType, WrongValue
from gradcli.lang.calculus import answer, check_analytic, nodes_between, recorded, result_of
from gradcli.lang.limits import current
from gradcli.lang.repetition.faithful import forbid
from gradcli.lang.repetition.recordings import repeated
from gradcli.lang.trees import Points
from gradcli.lang.values import Builtin, Derivative, NativeSteps


def order_of(value: Any) -> int:
    """The order of a derivative, within its limit."""
    if type(value) is not int or value < 0:
        raise WrongValue("the order of a derivative is an integer that is not negative")
    meter = current()
    if meter is not None and value > meter.limits.order:
        raise meter.limits.beyond(f"a derivative of order {value}", "order")
    if value > HIGHEST:
        raise WrongValue(f"{value}! is no float64: the highest order is {HIGHEST}")
    return value


def derivative(target: Derivative, x: Any) -> NativeSteps:
    """f^(n) at x, of a number, or of the elements of a tensor (see derivatives_of)."""
    order_of(target.order)

    def calculation(arguments: tuple[Any, ...]) -> NativeSteps:
        with taping(here.state.tape) if target.order > 1 else nullcontext() as tape:
            value, points = yield from recorded(target.function, (0,), arguments, {})
            at = one_leaf(points, target.name)
            y = result_of(value, target.function.name)
        if target.order == 2 and y.size == at.size == 1 and y.dtype.kind == at.dtype.kind == "f":
            (slope,) = gradients_of(y, [at], again=True)
            found = gradients_of(slope, [at])
        else:
            if target.order > 1:  # by Taylor's series, whose steps depend on the numbers
                forbid(target.name)
            found = derivatives_of(y, at, tape, target.order, target.name)
        return answer(found[-1], arguments)

    if target.order > 2:
        return (yield from calculation((x,)))
    return (yield from repeated(target.order, target.function, (0,), (x,), calculation))


def one_leaf(points: Points, name: str) -> Tensor:
    if len(points.leaves) != 1:
        raise WrongType(f"{name} is by a number or a tensor", hint="grad(f) takes dicts, too")
    found: Tensor = points.leaves[0]
    return found


def nth_derivative(function: Any, x: Any, order: Any = 1) -> NativeSteps:
    """derivative(f, x, n)"""
    n = order_of(order)
    return (yield (Derivative(function, n) if n else function, (x,), {}))


def derivatives_of(
    y: Tensor, x: Tensor, tape: Tape | None, order: int, name: str = "it"
) -> list[Tensor]:
    """The derivatives of y by x, from the first to `order`, which needs a tape beyond the first.

    By a number they are those of every element of y; if it is complex, y must be analytic. By a
    tensor, those of an elementwise function are each element's own, and the first of one number is
    its gradient; others have no such thing.
    """
    if edge(y) is None:
        zero = np.zeros(x.shape if y.size == 1 else y.shape, x.dtype)[()]
        return [Tensor(zero) for _ in range(order)]
    if order == 1 and y.size == 1 and y.dtype.kind != "c":
        return gradients_of(y, [x])
    check_analytic(y, x, name)
    if x.size != 1 and not is_elementwise(y, x):
        if y.size == 1:
            hint = "hessian(f)(x) has the second ones"
            raise WrongType(f"{name} of a tensor: higher derivatives are of numbers", hint=hint)
        raise WrongType(
            f"{name} of a tensor: its elements are mixed", hint="jacobian(f)(x) has all derivatives"
        )
    if order == 1:
        found = [tangent_of(y, [x], [Tensor(np.ones_like(x.value))])]
    else:
        assert tape is not None
        terms = coefficients_of(y, x, tape, order)[1:]
        found = [term * float(math.factorial(k)) for k, term in enumerate(terms, 1)]
    if y.size == 1 and y.shape != x.shape:
        return [FUNCTIONS["reshape"](d, x.shape) for d in found]
    return found


def is_elementwise(y: Tensor, x: Tensor) -> bool:
    """Does each element of y depend on x's element at its place alone?

    Elementwise operations only ever spread, so what ends in x's shape has it all the way.
    """
    return y.shape == x.shape and all(node.op.elementwise for node in nodes_between(y, x))


def taylor(function: Any, x: Any, order: Any) -> NativeSteps:
    """The coefficients of the Taylor polynomial about x, stacked: c_0 … c_order."""
    n = order_of(order)
    with taping(here.state.tape) as tape:
        value, points = yield from recorded(function, (0,), (x,), {})
        at = one_leaf(points, "taylor")
        y = result_of(value, function.name)
    if edge(y) is not None:
        check_analytic(y, at, function.name)
        if at.size != 1 and not is_elementwise(y, at):
            raise WrongType(f"taylor: {function.name} mixes the elements of a tensor")
    return FUNCTIONS["stack"](coefficients_of(y, at, tape, n))


BUILTINS = {
    "derivative": Builtin("derivative", nth_derivative, steps=True),
    "taylor": Builtin("taylor", taylor, steps=True),
}
