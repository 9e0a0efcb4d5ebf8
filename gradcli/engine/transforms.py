"""Derivatives of functions, as functions: gradients, Jacobians, products with them, series."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from gradcli.engine import autograd
from gradcli.engine.apply import ROWS
from gradcli.engine.functions import FUNCTIONS
from gradcli.engine.graph import here, inference_mode, recording
from gradcli.engine.jacobians import (
    depends_on_more,
    gradients_of,
    hessian_of,
    jacobian_of,
    tangent_of,
)
from gradcli.engine.operands import as_operand
from gradcli.engine.series import series
from gradcli.engine.tape import Tape, repeatable, taping
from gradcli.engine.tensor import Tensor, edge, tensor
from gradcli.errors import SeedNeeded, ShapeMismatch, WrongIndex, WrongType, WrongValue, described

Positions = int | Sequence[int]
Function = Callable[..., Any]


def primal(value: Any) -> Tensor:
    """An input that a function may be differentiated at.

    A tensor that already needs a gradient enters as an alias of its own, so that a derivative
    inside a derivative tells the two uses of it apart.
    """
    if isinstance(value, Tensor):
        if value.requires_grad and here.state.recording:
            return ROWS["positive"](value)
        if here.state.tape is not None and value.dtype.kind in "fc":
            copy = tensor(value.value, requires_grad=True)
            here.state.tape.alias(copy, value)
            return copy
        value = value.taken()
    if isinstance(value, np.ndarray | np.generic) and value.dtype.kind in "fc":
        return tensor(value, requires_grad=True)
    return tensor(value, dtype=None if isinstance(value, complex) else np.float64).requires_grad_()


def result_of(value: Any, name: str) -> Tensor:
    """What a function returned, as a tensor: numbers are constants."""
    if isinstance(value, Tensor):
        return value
    if isinstance(value, int | float | complex):
        return tensor(value)
    raise WrongType(f"{name} needs a tensor from its function, not {described(value)}")


def number_of(value: Any, name: str) -> Tensor:
    """What a function returned, if it is one number."""
    y = result_of(value, name)
    if y.size != 1:
        raise SeedNeeded(
            f"{name} is for functions of one number; this one returns shape {y.shape}",
            hint="sum() the result",
        )
    return y


def settled(value: Any, leaves: Sequence[Tensor]) -> Any:
    """A result, or a tuple of them, without what of its graph leads to `leaves` alone."""
    if isinstance(value, tuple):
        return tuple(settled(item, leaves) for item in value)
    keep = not isinstance(value, Tensor) or depends_on_more(edge(value), leaves)
    return value if keep else value.detach()


def recorded(
    function: Function, argnums: Positions, arguments: Sequence[Any], named: dict[str, Any]
) -> tuple[Any, list[Tensor]]:
    """The function's result, recorded, and those of its arguments that `argnums` names."""
    inputs = list(arguments)
    positions = list(argnums) if isinstance(argnums, Sequence) else [argnums]
    for position in positions:
        if not -len(arguments) <= position < len(arguments):
            raise WrongIndex(f"argnums names argument {position} of {len(arguments)}")
    tracked = here.state.recording
    with inference_mode(False):
        with recording(tracked):
            for position in positions:
                inputs[position] = primal(inputs[position])
        return function(*inputs, **named), [inputs[position] for position in positions]


def one_or_all(found: Sequence[Any], argnums: Positions) -> Any:
    """What was asked for: one thing for a number, a tuple for several."""
    return tuple(found) if isinstance(argnums, Sequence) else found[0]


# ---- of one number ------------------------------------------------------------------------------


def value_and_grad(
    function: Function, argnums: Positions = 0, has_aux: bool = False
) -> Callable[..., tuple[Any, Any]]:
    """A function that returns the value of `function` and its gradient.

    argnums  the position of the argument to differentiate by, or several: then the gradient is a
             tuple. The result must have one element. Arguments may be numbers, arrays or tensors.
    has_aux  the function returns (number, anything): the latter is returned as it is, with the
             value
    """

    def differentiated(*arguments: Any, **named: Any) -> tuple[Any, Any]:
        value, leaves = recorded(function, argnums, arguments, named)
        if has_aux and (not isinstance(value, tuple) or len(value) != 2):
            raise WrongType("has_aux=True needs a function that returns a pair")
        y = number_of(value[0] if has_aux else value, "grad")
        gradients = one_or_all(gradients_of(y, leaves), argnums)
        return (y, value[1]) if has_aux else y, gradients

    return differentiated


def grad(target: Any, by: Any = 0, *, argnums: Any = None, **options: Any) -> Any:
    """The gradient, of a function or of a result.

    `grad(f)` and `grad(f, 1)` return a function that computes the gradient of f by its first (by
    the given) arguments, as JAX does. `grad(y, x)` and `grad(y, [x, w])` return a tuple of
    gradients of the tensor y, with the options of `autograd.grad`, as PyTorch does.
    """
    if not callable(target) or isinstance(target, Tensor):
        return autograd.grad(target, by, **options)
    has_aux = bool(options.get("has_aux", False))
    function = value_and_grad(target, by if argnums is None else argnums, **options)

    def gradient(*arguments: Any, **named: Any) -> Any:
        value, found = function(*arguments, **named)
        return (found, value[1]) if has_aux else found

    return gradient


def hessian(function: Function, argnums: Positions = 0) -> Function:
    """A function that returns the second derivatives of `function`, of one number.

    Of shape x.shape + x.shape; for several argnums a tuple of tuples.
    """

    def second(*arguments: Any, **named: Any) -> Any:
        value, leaves = recorded(function, argnums, arguments, named)
        rows = hessian_of(number_of(value, "hessian"), leaves)
        return one_or_all([one_or_all(row, argnums) for row in rows], argnums)

    return second


def hvp(function: Function, x: Any, v: Any) -> Tensor:
    """The Hessian of `function` at x times v, forward over reverse, without the Hessian."""
    value, (leaf,) = recorded(function, 0, [x], {})
    direction = matching(leaf, v)
    (g,) = gradients_of(number_of(value, "hvp"), [leaf], again=True)
    return tangent_of(g, [leaf], [direction])


# ---- of anything --------------------------------------------------------------------------------


def jacobian(function: Function, argnums: Positions = 0) -> Function:
    """A function that returns the derivatives of `function`, of shape y.shape + x.shape.

    For several argnums a tuple; for a function that returns a tuple, a tuple of these.
    """

    def derivative(*arguments: Any, **named: Any) -> Any:
        value, leaves = recorded(function, argnums, arguments, named)
        if isinstance(value, tuple | list):
            return tuple(
                one_or_all(jacobian_of(result_of(y, "jacobian"), leaves), argnums) for y in value
            )
        return one_or_all(jacobian_of(result_of(value, "jacobian"), leaves), argnums)

    return derivative


def matching(x: Tensor, direction: Any) -> Tensor:
    """A tangent of x: a tensor of its shape."""
    t = as_operand(direction, x.value)
    if t.shape != x.shape:
        raise ShapeMismatch(f"a tangent of shape {t.shape} is not one of an input {x.shape}")
    return t


def jvp(
    function: Function, primals: Sequence[Any], tangents: Sequence[Any]
) -> tuple[Tensor, Tensor]:
    """The value of `function(*primals)`, and its derivative along the tangents: forward mode."""
    if len(primals) != len(tangents):
        raise WrongType(f"jvp: {len(primals)} primals and {len(tangents)} tangents")
    value, leaves = recorded(function, range(len(primals)), primals, {})
    y = result_of(value, "jvp")
    moves = [matching(x, t) for x, t in zip(leaves, tangents, strict=True)]
    return y.detach() if not depends_on_more(edge(y), leaves) else y, tangent_of(y, leaves, moves)


def vjp(function: Function, *primals: Any) -> tuple[Tensor, Function]:
    """The value of `function(*primals)`, and a function from its cotangent to those of the primals.

    The latter may be called any number of times, and takes batches no more than `backward` does.
    """
    value, leaves = recorded(function, range(len(primals)), primals, {})
    y = result_of(value, "vjp")
    return y.detach(), lambda cotangent: pulled_back(y, leaves, cotangent)


def pulled_back(y: Tensor, inputs: Sequence[Tensor], cotangent: Any) -> tuple[Tensor | None, ...]:
    """The cotangents of the inputs of a recorded result, whose graph stays."""
    if edge(y) is None:
        return tuple(Tensor(np.zeros_like(x.value)[()]) for x in inputs)
    more = depends_on_more(edge(y), inputs)
    return autograd.grad(
        y, inputs, cotangent, retain_graph=True, create_graph=more, materialize_grads=True
    )


def vmap(function: Function, in_axes: int | Sequence[int | None] = 0) -> Function:
    """A function that maps `function` over an axis of its arguments and stacks the results.

    in_axes  the axis, or one for each argument: None for what every call gets whole
    """

    def mapped(*arguments: Any) -> Any:
        return gathered([function(*slices) for slices in sliced(arguments, in_axes)])

    return mapped


def sliced(
    arguments: Sequence[Any], in_axes: int | Sequence[int | None]
) -> Iterator[tuple[Any, ...]]:
    """The arguments of each call of a function that is mapped over axes of them."""
    axes = list(in_axes) if isinstance(in_axes, Sequence) else [in_axes] * len(arguments)
    if len(axes) != len(arguments):
        raise WrongType(f"vmap: {len(axes)} axes for {len(arguments)} arguments")
    given = [x if axis is None else as_operand(x) for x, axis in zip(arguments, axes, strict=True)]
    if any(axis is not None and not x.ndim for x, axis in zip(given, axes, strict=True)):
        raise ShapeMismatch("vmap: a number has no axis to map over", hint="in_axes=None keeps it")
    columns = [
        x if axis is None else FUNCTIONS["unbind"](x, axis)
        for x, axis in zip(given, axes, strict=True)
    ]
    lengths = {len(x) for x, axis in zip(columns, axes, strict=True) if axis is not None}
    if len(lengths) != 1:
        raise ShapeMismatch("vmap needs an axis to map over, of one length in all arguments")
    for k in range(lengths.pop()):
        yield tuple([x if axis is None else x[k] for x, axis in zip(columns, axes, strict=True)])


def gathered(results: Sequence[Any]) -> Any:
    """The results of all calls, stacked; of a function of several results each of them."""
    if results and isinstance(results[0], tuple):
        return tuple(FUNCTIONS["stack"](list(part)) for part in zip(*results, strict=True))
    return FUNCTIONS["stack"]([result_of(y, "vmap") for y in results])


# ---- of any order -------------------------------------------------------------------------------

# Beyond it n! is no float64.
HIGHEST = 170


def coefficients(function: Function, x: Any, order: int) -> list[Tensor]:
    """The coefficients 0 to `order` of t -> function(x + t), every element of x moved alike."""
    if not 0 <= order <= HIGHEST:
        raise WrongValue(f"an order is 0 to {HIGHEST}, not {order}")
    with taping(here.state.tape if repeatable() else None) as tape:
        value, (leaf,) = recorded(function, 0, [x], {})
    return coefficients_of(result_of(value, "taylor"), leaf, tape, order)


def coefficients_of(y: Tensor, x: Tensor, tape: Tape, order: int) -> list[Tensor]:
    """The same of a result that was recorded, on a tape too."""
    along = np.ones_like(x.value)[()]
    if not depends_on_more(edge(y), [x]):
        return [Tensor(term[()]) for term in series(tape, y, x, along, order)]
    found = [y]
    for k in range(1, order + 1):
        y = tangent_of(y, [x], [Tensor(along)])
        found.append(y / math.factorial(k))
    return found


def taylor(function: Function, x: Any, order: int) -> Tensor:
    """The coefficients of the Taylor polynomial of `function` about x, stacked: c_0 … c_order."""
    return FUNCTIONS["stack"](coefficients(function, x, order))


def derivative(function: Function, x: Any, order: int = 1) -> Tensor:
    """The derivative of this order of a function of one number.

    Of a function of tensors it is that along all ones: of an elementwise one, each element's own.
    """
    return coefficients(function, x, order)[order] * float(math.factorial(order))


def stop_gradient(x: Any) -> Any:
    """The value of x, as a constant."""
    return x.detach() if isinstance(x, Tensor) else x
