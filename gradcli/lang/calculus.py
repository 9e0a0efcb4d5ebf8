"""Derivatives of the program's own functions: native steps that call them in between.

What they do with a recorded result is the engine's (engine.jacobians, engine.transforms).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import reduce
from operator import add
from typing import Any, NamedTuple

from gradcli.engine.forward import ascending
from gradcli.engine.functions import FUNCTIONS
from gradcli.engine.graph import Node, here, inference_mode, recording
from gradcli.engine.jacobians import (
    gradients_of,
    jacobian_of,
    tangent_of,
)
from gradcli.engine.kinks import kinks
from gradcli.engine.tensor import Tensor, edge
from gradcli.engine.transforms import (
    matching,
    primal,
    pulled_back,
    settled,
    sliced,
)
from gradcli.errors import SeedNeeded, WrongIndex, WrongType, WrongValue, described
from gradcli.lang.dialects import active
from gradcli.lang.numbers import NUMBERS
from gradcli.lang.passes import gradients
from gradcli.lang.repetition.recordings import repeated
from gradcli.lang.tensors import as_tensor
from gradcli.lang.trees import Points, filled, leaves_of, mapped, tensor_tree
from gradcli.lang.values import CALLABLE, CALLED, LISTS, Builtin, Derived, NativeSteps

# What a derivative is, at arguments and named arguments.
Calculation = Callable[[tuple[Any, ...], dict[str, Any]], NativeSteps]

# ---- what goes in, what comes out ---------------------------------------------------------------


def recorded(
    function: Any, positions: Sequence[int], arguments: Sequence[Any], named: dict[str, Any]
) -> NativeSteps:
    """What a function returns, recorded, and where: the arguments that stand at `positions`."""
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
                inputs[position] = mapped(point, inputs[position])
        value = yield (function, tuple(inputs), named)
    return value, Points([inputs[position] for position in positions])


def point(value: Any) -> Tensor:
    return primal(as_tensor(value))


def result_of(value: Any, name: str) -> Tensor:
    """The value of a function that is to be differentiated."""
    result = as_tensor(value) if type(value) in NUMBERS or type(value) is list else value
    if type(result) is not Tensor:
        raise WrongType(f"{name} returns {described(value)}, which has no derivative")
    tell_kinks([result])
    return result


def tell_kinks(results: Iterable[Tensor]) -> None:
    """Of results that are to be differentiated; frameworks say nothing of them."""
    on_kink = here.state.on_kink
    if active.dialect is None and on_kink is not None:
        for y in results:
            for node in kinks(edge(y)):
                on_kink(node)


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
    value, points = yield from recorded(function, by.positions, arguments, named)
    leaves = points.leaves
    value, aux = parted(value, has_aux, function.name, leaves)
    y = number_of(value, function.name)
    found = by.given(points.placed([answer(g, arguments) for g in gradients_of(y, leaves)]))
    result = answer(settled(y, leaves), arguments)
    return ((result, aux) if has_aux else result), found


def parted(value: Any, has_aux: bool, name: str, leaves: Sequence[Tensor]) -> tuple[Any, Any]:
    """What is differentiated, and with `has_aux` what the function returns beside it."""
    if not has_aux:
        return value, None
    if type(value) is not tuple or len(value) != 2:
        raise WrongType(f"has_aux=True: {name} returns no pair")
    return value[0], mapped(lambda part: settled(part, leaves), value[1])


PASS_OPTIONS = {"grad_outputs", "retain_graph", "create_graph", "allow_unused", "materialize_grads"}


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

        def calculation(arguments: tuple[Any, ...], named: dict[str, Any]) -> NativeSteps:
            value, found = yield from value_and_grad_at(target, chosen, has_aux, arguments, named)
            if both:
                return value, found
            return (found, value[1]) if has_aux else found

        what = None if has_aux else name
        return derivative(f"{name}({target.name})", what, target, chosen, calculation)

    return Builtin(name, make)


def derivative(
    name: str, what: str | None, function: Any, by: Argnums, calculation: Calculation
) -> Builtin:
    """What takes the arguments of a function and gives `what` of it (None: what must be
    calculated each time)."""

    def steps(*arguments: Any, **named: Any) -> NativeSteps:
        if named or what is None:
            return (yield from calculation(arguments, named))

        def again(arguments: tuple[Any, ...]) -> NativeSteps:
            return calculation(arguments, {})

        return (yield from repeated((what, by), function, by.positions, arguments, again))

    derived = None if what is None else Derived(function, (what, by))
    return Builtin(name, steps, steps=True, derived=derived)


def hessian(function: Any, argnums: Any = 0) -> Builtin:
    """hessian(f)(x): the second derivatives, of shape x.shape + x.shape."""
    name, by = function_of("hessian", function).name, argnums_of("hessian", argnums)

    def calculation(arguments: tuple[Any, ...], named: dict[str, Any]) -> NativeSteps:
        value, points = yield from recorded(function, by.positions, arguments, named)
        leaves = points.leaves
        first = gradients_of(number_of(value, name, "a Hessian"), leaves, again=True)
        rows = [jacobian_at(g, leaves, f"the gradient of {name}") for g in first]
        parts = [by.given(points.placed([answer(h, arguments) for h in row])) for row in rows]
        return by.given(points.placed(parts))

    return derivative(f"hessian({name})", "hessian", function, by, calculation)


def hvp(function: Any, x: Any, v: Any) -> NativeSteps:
    """The Hessian of a function at x times v."""

    def calculation(arguments: tuple[Any, ...]) -> NativeSteps:
        x, v = arguments
        value, points = yield from recorded(function, (0,), (x,), {})
        leaves = points.leaves
        along = directions(points, [v])
        y = number_of(value, function.name, "a Hessian")
        first = gradients_of(y, leaves, again=True)
        return points.placed([answer(tangent_of(g, leaves, along), (x, v)) for g in first])[0]

    return (yield from repeated("hvp", function, (0,), (x, v), calculation))


def directions(points: Points, moves: Sequence[Any]) -> list[Tensor]:
    """A tangent for each leaf."""
    return [
        matching(x, as_tensor(t, x.dtype))
        for x, t in zip(points.leaves, points.beside(moves, "the tangents"), strict=True)
    ]


# ---- of anything --------------------------------------------------------------------------------


def jacobian(function: Any, argnums: Any = 0, *, has_aux: bool = False) -> Builtin:
    """jacobian(f)(x): the derivatives of every element, of shape y.shape + x.shape.

    has_aux  whether the function returns a pair, whose second part comes beside the derivatives
    """
    name, by = function_of("jacobian", function).name, argnums_of("jacobian", argnums)

    def calculation(arguments: tuple[Any, ...], named: dict[str, Any]) -> NativeSteps:
        value, points = yield from recorded(function, by.positions, arguments, named)
        value, aux = parted(value, has_aux, name, points.leaves)

        def slopes(y: Any) -> Any:
            found = jacobian_at(result_of(y, name), points.leaves, name)
            return by.given(points.placed([answer(j, arguments) for j in found]))

        found = mapped(slopes, value)
        return (found, aux) if has_aux else found

    return derivative(f"jacobian({name})", "jacobian", function, by, calculation)


def jacobian_at(y: Tensor, leaves: Sequence[Tensor], name: str) -> list[Tensor]:
    """d y / d x of each leaf, if there is such a thing."""
    for x in leaves:
        check_analytic(y, x, name, real=True)
    return jacobian_of(y, leaves)


def jvp(function: Any, primals: Any, tangents: Any, *, has_aux: bool = False) -> NativeSteps:
    """The value of f(*primals) and its derivative along the tangents; what is no tuple is one."""
    points, moves = ((x if type(x) is tuple else (x,)) for x in (primals, tangents))
    if len(points) != len(moves):
        raise WrongType(f"jvp: {len(points)} primals and {len(moves)} tangents")
    value, where = yield from recorded(function, range(len(points)), points, {})
    value, aux = parted(value, has_aux, function.name, where.leaves)
    along = directions(where, moves)
    results = tensor_tree(value, function.name, as_tensor)
    tell_kinks(leaves_of(results))

    def moved(y: Tensor) -> Any:
        return answer(tangent_of(y, where.leaves, along), (*points, *moves))

    def still(y: Tensor) -> Any:
        return answer(settled(y, where.leaves), points)

    found = mapped(still, results), mapped(moved, results)
    return (*found, aux) if has_aux else found


def vjp(function: Any, *primals: Any, has_aux: bool = False) -> NativeSteps:
    """The value of f(*primals), and the function from its cotangent to those of the primals."""
    value, points = yield from recorded(function, range(len(primals)), primals, {})
    value, aux = parted(value, has_aux, function.name, points.leaves)
    results = Points([tensor_tree(value, function.name, as_tensor)])
    tell_kinks(results.leaves)

    def pullback(cotangent: Any) -> tuple[Any, ...]:
        seeds = results.beside([cotangent], "the cotangents")
        rows = [
            pulled_back(y, points.leaves, as_tensor(seed, y.dtype))
            for y, seed in zip(results.leaves, seeds, strict=True)
        ]
        found = [reduce(add, column) for column in zip(*rows, strict=True)]
        return tuple(points.placed([answer(g, (*primals, cotangent)) for g in found]))

    (still,) = results.placed([answer(y.detach(), primals) for y in results.leaves])
    found = still, Builtin(f"vjp({function.name})", pullback)
    return (*found, aux) if has_aux else found


def vmap(function: Any, in_axes: Any = 0, out_axes: Any = 0) -> Builtin:
    """vmap(f)(x): f of every x[k], stacked; in_axes chooses other axes, None for no axis."""
    name = function_of("vmap", function).name
    axes = tuple(in_axes) if type(in_axes) in LISTS else in_axes
    for axis in axes if type(axes) is tuple else (axes,):
        if axis is not None and type(axis) is not int:
            raise WrongType(f"vmap: an axis is an integer or None, not {described(axis)}")

    if type(out_axes) is not int:
        raise WrongType(f"vmap: the axis of results is an integer, not {described(out_axes)}")

    def steps(*arguments: Any) -> NativeSteps:
        given = Points([mapped(listed, x) for x in arguments])
        results = []
        for slices in sliced(given.leaves, axes_of_leaves(given, axes)):
            value = yield (function, tuple(given.placed(slices)), {})
            results.append(tensor_tree(value, name, as_tensor))
        if not results:
            raise WrongValue(f"vmap: there is nothing to call {name} with")
        columns = zip(*[leaves_of(each) for each in results], strict=True)
        stacks = [FUNCTIONS["stack"](list(column), out_axes) for column in columns]
        return filled(results[0], iter(stacks))

    return Builtin(f"vmap({name})", steps, steps=True)


def listed(value: Any) -> Any:
    """A list of numbers as a tensor."""
    return as_tensor(value) if type(value) in LISTS else value


def axes_of_leaves(given: Points, axes: Any) -> Any:
    """The axis of each leaf: that of the argument that it is in."""
    if type(axes) is not tuple or len(axes) != len(given.trees):
        return axes
    return [axis for axis, tree in zip(axes, given.trees, strict=True) for _ in leaves_of(tree)]


def stop_gradient(x: Any) -> Any:
    """The value of x, as a constant."""
    return x if type(x) in NUMBERS else as_tensor(x).detach()


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


BUILTINS = {
    "grad": transform("grad", both=False),
    "hessian": Builtin("hessian", hessian),
    "hvp": Builtin("hvp", hvp, steps=True),
    "jacobian": Builtin("jacobian", jacobian),
    "jvp": Builtin("jvp", jvp, steps=True),
    "stop_gradient": Builtin("stop_gradient", stop_gradient),
    "value_and_grad": transform("value_and_grad", both=True),
    "vjp": Builtin("vjp", vjp, steps=True),
    "vmap": Builtin("vmap", vmap),
}
