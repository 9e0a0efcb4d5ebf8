"""`torch.autograd.functional`: derivatives of a function and its inputs at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from gradcli.engine.jacobians import gradients_of, tangent_of
from gradcli.engine.reach import reachable
from gradcli.engine.tensor import Tensor, edge
from gradcli.engine.transforms import matching, pulled_back, settled
from gradcli.errors import NoGraph, WrongType, WrongValue, described
from gradcli.lang.calculus import jacobian_at, number_of, recorded, result_of
from gradcli.lang.operators import truth
from gradcli.lang.values import LISTS, NativeSteps


def points_of(inputs: Any) -> tuple[Any, ...]:
    return tuple(inputs) if type(inputs) in LISTS else (inputs,)


def shaped(inputs: Any, found: Any) -> Any:
    """One result for one input, a tuple for a tuple."""
    return tuple(found) if type(inputs) in LISTS else found[0]


def jacobian_now(func: Any, inputs: Any, create_graph: Any = False, **options: Any) -> NativeSteps:
    check_options(options)
    points = points_of(inputs)
    value, where = yield from recorded(func, range(len(points)), points, {})
    leaves = where.leaves
    several = type(value) is tuple
    outputs = [result_of(y, func.name) for y in (value if several else (value,))]
    check_strict(options.get("strict", False), func.name, outputs, leaves)
    found = [shaped(inputs, kept(jacobian_at(y, leaves, func.name), create_graph)) for y in outputs]
    return tuple(found) if several else found[0]


def hessian_now(func: Any, inputs: Any, create_graph: Any = False, **options: Any) -> NativeSteps:
    check_options(options)
    points = points_of(inputs)
    value, where = yield from recorded(func, range(len(points)), points, {})
    leaves = where.leaves
    y = number_of(value, func.name, "a Hessian")
    check_strict(options.get("strict", False), func.name, [y], leaves)
    first = gradients_of(y, leaves, again=True)
    rows = [kept(jacobian_at(g, leaves, func.name), create_graph) for g in first]
    return shaped(inputs, [shaped(inputs, row) for row in rows])


def vjp_now(
    func: Any, inputs: Any, v: Any = None, create_graph: Any = False, strict: Any = False
) -> NativeSteps:
    points = points_of(inputs)
    value, where = yield from recorded(func, range(len(points)), points, {})
    leaves = where.leaves
    y = result_of(value, func.name)
    check_strict(strict, func.name, [y], leaves)
    found = pulled_back(y, leaves, one_of(v, y))
    return settled(y, leaves), shaped(inputs, kept(found, create_graph))


def jvp_now(
    func: Any, inputs: Any, v: Any = None, create_graph: Any = False, strict: Any = False
) -> NativeSteps:
    points = points_of(inputs)
    value, where = yield from recorded(func, range(len(points)), points, {})
    leaves = where.leaves
    y = result_of(value, func.name)
    check_strict(strict, func.name, [y], leaves)
    moves = points_of(v) if v is not None else (None,) * len(leaves)
    if len(moves) != len(leaves):
        raise WrongValue(f"jvp: {len(leaves)} inputs and {len(moves)} tangents")
    along = [matching(x, one_of(t, x)) for x, t in zip(leaves, moves, strict=True)]
    return settled(y, leaves), kept([tangent_of(y, leaves, along)], create_graph)[0]


def hvp_now(
    func: Any, inputs: Any, v: Any = None, create_graph: Any = False, strict: Any = False
) -> NativeSteps:
    """The Hessian times v; it is symmetric, so v times the Hessian too."""
    points = points_of(inputs)
    value, where = yield from recorded(func, range(len(points)), points, {})
    leaves = where.leaves
    y = number_of(value, func.name, "a Hessian")
    check_strict(strict, func.name, [y], leaves)
    moves = points_of(v) if v is not None else (None,) * len(leaves)
    along = [matching(x, one_of(t, x)) for x, t in zip(leaves, moves, strict=True)]
    first = gradients_of(y, leaves, again=True)
    found = [tangent_of(g, leaves, along) for g in first]
    return settled(y, leaves), shaped(inputs, kept(found, create_graph))


def one_of(v: Any, like: Tensor) -> Tensor:
    """A cotangent or a tangent; without one, a single 1."""
    if v is None:
        if like.size != 1:
            raise WrongValue("v is missing: only for a single number is it 1 by itself")
        return Tensor(like.value * 0 + 1)
    if type(v) is not Tensor:
        raise WrongType(f"v is a tensor, not {described(v)}")
    return v


def check_strict(
    strict: Any, name: str, outputs: Sequence[Tensor], leaves: Sequence[Tensor]
) -> None:
    """With `strict` every output depends on every input."""
    if not truth(strict):
        return
    for y in outputs:
        root = edge(y)
        if root is None or not {edge(x) for x in leaves} <= {*reachable([root])}:
            raise NoGraph(
                f"strict=True: a result of {name} does not depend on each of its inputs",
                hint="strict=False gives zeros",
            )


def kept(found: Any, create_graph: Any) -> list[Any]:
    return [g if g is None or truth(create_graph) else g.detach() for g in found]


def check_options(options: dict[str, Any]) -> None:
    """What only tunes how PyTorch computes is let pass."""
    for name in {*options} - {"strict", "vectorize", "strategy", "outer_jacobian_strategy"}:
        raise WrongType(f"there is no option '{name}' here")


FUNCTIONAL: dict[str, Callable[..., Any]] = {
    "hessian": hessian_now,
    "hvp": hvp_now,
    "jacobian": jacobian_now,
    "jvp": jvp_now,
    "vhp": hvp_now,
    "vjp": vjp_now,
}
