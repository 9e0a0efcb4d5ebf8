"""Derivatives of the program's own functions: native steps that call them in between.

What they do with a recorded result is the engine's (engine.jacobians, engine.transforms).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext
from typing import Any, NamedTuple

import numpy as np

from gradcli.engine.forward import ascending
from gradcli.engine.functions import FUNCTIONS
from gradcli.engine.graph import Node, here, inference_mode, recording
from gradcli.engine.jacobians import (
    gradients_of,
    jacobian_of,
    tangent_of,
)
from gradcli.engine.tape import Tape, taping
from gradcli.engine.tensor import Tensor, edge
from gradcli.engine.transforms import (
    HIGHEST,
    coefficients_of,
    gathered,
    matching,
    primal,
    pulled_back,
    settled,
    sliced,
)
from gradcli.errors import LimitExceeded, SeedNeeded, WrongIndex, WrongType, WrongValue, described
from gradcli.lang.limits import current
from gradcli.lang.numbers import NUMBERS
from gradcli.lang.passes import gradients
from gradcli.lang.tensors import as_tensor
from gradcli.lang.values import CALLABLE, CALLED, LISTS, Builtin, Derivative, NativeSteps

# ---- what goes in, what comes out ---------------------------------------------------------------


def recorded(
    function: Any, positions: Sequence[int], arguments: Sequence[Any], named: dict[str, Any]
) -> NativeSteps:
    """What a function returns, recorded, and those of its arguments that stand at `positions`."""
    if type(function) not in CALLABLE:
        raise WrongType(f"{described(function)} is not a function")
    function = function_of("a derivative", function)
    inputs = list(arguments)
    for position in positions:
        if not -len(inputs) <= position < len(inputs):
            raise WrongIndex(
                f"{function.name} has no argument {position} here: it was given {len(inputs)}"
            )
    tracked = here.state.recording
    with inference_mode(False):
        with recording(tracked):
            for position in positions:
                inputs[position] = primal(as_tensor(inputs[position]))
        value = yield (function, tuple(inputs), named)
    return value, [inputs[position] for position in positions]


def result_of(value: Any, name: str) -> Tensor:
    """The value of a function that is to be differentiated."""
    result = as_tensor(value) if type(value) in NUMBERS or type(value) is list else value
    if type(result) is not Tensor:
        raise WrongType(f"{name} returns {described(value)}, which has no derivative")
    return result


def number_of(value: Any, name: str, what: str = "a gradient") -> Tensor:
    """The same of one number."""
    result = result_of(value, name)
    if result.size != 1:
        raise SeedNeeded(
            f"{name} returns {result.size} numbers; {what} is of one",
            hint=f"sum() the result; jacobian({name}) differentiates every element",
        )
    return result


def answer(result: Tensor, inputs: Iterable[Any]) -> Any:
    """A plain number, where only plain numbers came in and no graph must be kept."""
    if result.ndim or result.requires_grad or any(type(x) not in NUMBERS for x in inputs):
        return result
    return result.item()


class Argnums(NamedTuple):
    """Which arguments to differentiate by: one of them, or several, which make a tuple."""

    positions: tuple[int, ...]
    one: bool

    def given(self, found: Sequence[Any]) -> Any:
        return found[0] if self.one else tuple(found)


def argnums_of(name: str, argnums: Any) -> Argnums:
    positions = tuple(argnums) if type(argnums) in LISTS else (argnums,)
    if any(type(position) is not int for position in positions):
        raise WrongType(
            f"{name}: which argument to differentiate by is an integer",
            hint=f"{name}(f)(x) is that of f at x",
        )
    return Argnums(positions, type(argnums) is int)


def function_of(name: str, value: Any) -> Any:
    if type(value) not in CALLABLE:
        raise WrongType(f"{name} takes a function, not {described(value)}")
    return CALLED[type(value)](value) if type(value) in CALLED else value


def refuse_options(what: str, options: Iterable[str]) -> None:
    for option in options:
        raise WrongType(f"{what} has no option '{option}'")


# ---- of one number ------------------------------------------------------------------------------


def value_and_grad_at(
    function: Any, by: Argnums, has_aux: bool, arguments: tuple[Any, ...], named: dict[str, Any]
) -> NativeSteps:
    """The value of a function and its gradients; with `has_aux` (value, the rest)."""
    value, leaves = yield from recorded(function, by.positions, arguments, named)
    if has_aux:
        if type(value) is not tuple or len(value) != 2:
            raise WrongType(f"has_aux=True: {function.name} returns no pair")
        value, aux = value
        aux = settled(aux, leaves)
    y = number_of(value, function.name)
    found = by.given([answer(g, arguments) for g in gradients_of(y, leaves)])
    result = answer(settled(y, leaves), arguments)
    return ((result, aux) if has_aux else result), found


PASS_OPTIONS = {
    "grad_outputs", "retain_graph", "create_graph", "allow_unused", "materialize_grads"
}  # fmt: skip


def transform(name: str, both: bool) -> Builtin:
    """`grad` or `value_and_grad`: of a function a function, of a result its gradients."""

    def make(target: Any, by: Any = 0, argnums: Any = None, **options: Any) -> Any:
        if type(target) not in CALLABLE:
            if both:
                function_of(name, target)
            refuse_options(f"{name} of a tensor", {*options} - PASS_OPTIONS)
            return gradients(target, by, **options)
        target = function_of(name, target)
        has_aux = bool(options.pop("has_aux", False))
        refuse_options(f"{name} of a function", options)
        chosen = argnums_of(name, by if argnums is None else argnums)

        def steps(*arguments: Any, **named: Any) -> NativeSteps:
            value, found = yield from value_and_grad_at(target, chosen, has_aux, arguments, named)
            if both:
                return value, found
            return (found, value[1]) if has_aux else found

        return Builtin(f"{name}({target.name})", steps, steps=True)

    return Builtin(name, make)


def hessian(function: Any, argnums: Any = 0) -> Builtin:
    """hessian(f)(x): the second derivatives, of shape x.shape + x.shape."""
    name, by = function_of("hessian", function).name, argnums_of("hessian", argnums)

    def steps(*arguments: Any, **named: Any) -> NativeSteps:
        value, leaves = yield from recorded(function, by.positions, arguments, named)
        first = gradients_of(number_of(value, name, "a Hessian"), leaves, again=True)
        rows = [jacobian_at(g, leaves, f"the gradient of {name}") for g in first]
        return by.given([by.given([answer(h, arguments) for h in row]) for row in rows])

    return Builtin(f"hessian({name})", steps, steps=True)


def hvp(function: Any, x: Any, v: Any) -> NativeSteps:
    """The Hessian of a function at x times v."""
    value, (leaf,) = yield from recorded(function, (0,), (x,), {})
    direction = matching(leaf, as_tensor(v, leaf.dtype))
    y = number_of(value, function.name, "a Hessian")
    (g,) = gradients_of(y, [leaf], again=True)
    return answer(tangent_of(g, [leaf], [direction]), (x, v))


# ---- of anything --------------------------------------------------------------------------------


def jacobian(function: Any, argnums: Any = 0) -> Builtin:
    """jacobian(f)(x): the derivatives of every element, of shape y.shape + x.shape."""
    name, by = function_of("jacobian", function).name, argnums_of("jacobian", argnums)

    def steps(*arguments: Any, **named: Any) -> NativeSteps:
        value, leaves = yield from recorded(function, by.positions, arguments, named)
        found = [
            by.given([answer(j, arguments) for j in jacobian_at(result_of(y, name), leaves, name)])
            for y in (value if type(value) is tuple else (value,))
        ]
        return tuple(found) if type(value) is tuple else found[0]

    return Builtin(f"jacobian({name})", steps, steps=True)


def jacobian_at(y: Tensor, leaves: Sequence[Tensor], name: str) -> list[Tensor]:
    """d y / d x of each leaf, if there is such a thing."""
    for x in leaves:
        check_analytic(y, x, name, real=True)
    return jacobian_of(y, leaves)


def jvp(function: Any, primals: Any, tangents: Any) -> NativeSteps:
    """The value of f(*primals) and its derivative along the tangents; what is no tuple is one."""
    points, moves = ((x if type(x) is tuple else (x,)) for x in (primals, tangents))
    if len(points) != len(moves):
        raise WrongType(f"jvp: {len(points)} primals and {len(moves)} tangents")
    value, leaves = yield from recorded(function, range(len(points)), points, {})
    y = result_of(value, function.name)
    along = [matching(x, as_tensor(t, x.dtype)) for x, t in zip(leaves, moves, strict=True)]
    t = tangent_of(y, leaves, along)
    return answer(settled(y, leaves), points), answer(t, (*points, *moves))


def vjp(function: Any, *primals: Any) -> NativeSteps:
    """The value of f(*primals), and the function from its cotangent to those of the primals."""
    value, leaves = yield from recorded(function, range(len(primals)), primals, {})
    y = result_of(value, function.name)

    def pullback(cotangent: Any) -> tuple[Any, ...]:
        found = pulled_back(y, leaves, as_tensor(cotangent, y.dtype))
        return tuple([answer(g, (*primals, cotangent)) for g in found if g is not None])

    return answer(y.detach(), primals), Builtin(f"vjp({function.name})", pullback)


def vmap(function: Any, in_axes: Any = 0) -> Builtin:
    """vmap(f)(x): f of every x[k], stacked; in_axes chooses other axes, None for no axis."""
    name = function_of("vmap", function).name
    axes = tuple(in_axes) if type(in_axes) in LISTS else in_axes
    for axis in axes if type(axes) is tuple else (axes,):
        if axis is not None and type(axis) is not int:
            raise WrongType(f"vmap: an axis is an integer or None, not {described(axis)}")

    def steps(*arguments: Any) -> NativeSteps:
        given = [as_tensor(x) if type(x) in LISTS else x for x in arguments]
        results = []
        for slices in sliced(given, axes):
            value = yield (function, slices, {})
            parts = value if type(value) is tuple else (value,)
            found = tuple([result_of(part, name) for part in parts])
            results.append(found if type(value) is tuple else found[0])
        return gathered(results)

    return Builtin(f"vmap({name})", steps, steps=True)


def stop_gradient(x: Any) -> Any:
    """The value of x, as a constant."""
    return x if type(x) in NUMBERS else as_tensor(x).detach()


# ---- of any order -------------------------------------------------------------------------------


def order_of(value: Any) -> int:
    """The order of a derivative, within its limit."""
    if type(value) is not int or value < 0:
        raise WrongValue("the order of a derivative is an integer that is not negative")
    meter = current()
    if meter is not None and value > meter.limits.order:
        raise LimitExceeded(f"a derivative of order {value}", limit="order")
    if value > HIGHEST:
        raise WrongValue(f"{value}! is no float64: the highest order is {HIGHEST}")
    return value


def derivative(target: Derivative, x: Any) -> NativeSteps:
    """f^(n) at x, of a number, or of the elements of a tensor (see derivatives_of)."""
    order_of(target.order)
    with taping(here.state.tape) if target.order > 1 else nullcontext() as tape:
        value, (at,) = yield from recorded(target.function, (0,), (x,), {})
        y = result_of(value, target.function.name)
    return answer(derivatives_of(y, at, tape, target.order, target.name)[-1], (x,))


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


def check_analytic(y: Tensor, x: Tensor, name: str, *, real: bool = False) -> None:
    """A complex derivative is the same along every direction, or there is none.

    real  a real result is as well: its gradient holds the slopes along both axes
    """
    if x.dtype.kind != "c" or edge(y) is None:
        return
    if not (real if y.dtype.kind != "c" else all(n.op.analytic for n in nodes_between(y, x))):
        raise WrongType(
            f"{name} of a complex number: it is not analytic, so it has no such derivative",
            hint="differentiate by the real and the imaginary part",
        )


def nodes_between(y: Tensor, x: Tensor) -> Iterator[Node]:
    """The operations on the way from x to y."""
    for node in ascending(edge(y), [edge(x)]):  # type: ignore[arg-type, list-item]  # not None
        if type(node) is Node and node is not edge(x):
            yield node


def is_elementwise(y: Tensor, x: Tensor) -> bool:
    """Does each element of y depend on x's element at its place alone?

    Elementwise operations only ever spread, so what ends in x's shape has it all the way.
    """
    return y.shape == x.shape and all(node.op.elementwise for node in nodes_between(y, x))


def taylor(function: Any, x: Any, order: Any) -> NativeSteps:
    """The coefficients of the Taylor polynomial about x, stacked: c_0 … c_order."""
    n = order_of(order)
    with taping(here.state.tape) as tape:
        value, (at,) = yield from recorded(function, (0,), (x,), {})
        y = result_of(value, function.name)
    if edge(y) is not None:
        check_analytic(y, at, function.name)
        if at.size != 1 and not is_elementwise(y, at):
            raise WrongType(f"taylor: {function.name} mixes the elements of a tensor")
    return FUNCTIONS["stack"](coefficients_of(y, at, tape, n))
