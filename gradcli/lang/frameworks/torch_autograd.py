"""`torch.autograd` and `torch.func`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from gradcli.engine import graph
from gradcli.engine.jacobians import gradients_of, tangent_of
from gradcli.engine.tensor import Tensor
from gradcli.engine.transforms import matching, pulled_back, settled
from gradcli.errors import WrongType, WrongValue, described
from gradcli.lang import calculus, contexts, passes
from gradcli.lang.calculus import jacobian_at, number_of, recorded, result_of
from gradcli.lang.operators import truth
from gradcli.lang.values import LISTS, Builtin, Context, Module, NativeSteps

# ---- passes -------------------------------------------------------------------------------------


def seed(value: Any) -> Any:
    """A cotangent: a tensor, several of them, or a number; no list of numbers."""
    for item in value if type(value) in LISTS else (value,):
        if item is not None and type(item) not in (Tensor, int, float):
            raise WrongType(f"a cotangent is a tensor, not {described(item)}")
    if type(value) in LISTS and any(type(item) in (int, float) for item in value):
        raise WrongType("a cotangent is a tensor, not a list of numbers", hint="tensor([…])")
    return value


def backward(
    tensors: Any,
    grad_tensors: Any = None,
    retain_graph: Any = None,
    create_graph: Any = False,
    *,
    inputs: Any = None,
) -> None:
    passes.backward(tensors, seed(grad_tensors), retain_graph, create_graph, inputs)


def backward_of(
    tensor: Tensor,
    gradient: Any = None,
    retain_graph: Any = None,
    create_graph: Any = False,
    inputs: Any = None,
) -> None:
    """The method."""
    passes.backward(tensor, seed(gradient), retain_graph, create_graph, inputs)


def gradients(outputs: Any, inputs: Any, grad_outputs: Any = None, *rest: Any, **named: Any) -> Any:
    return passes.gradients(outputs, inputs, seed(grad_outputs), *rest, **named)


def variable(data: Any, requires_grad: Any = False) -> Tensor:
    """The older name of a tensor."""
    if type(data) is not Tensor:
        raise WrongType(f"Variable takes a tensor, not {described(data)}")
    return data.detach().requires_grad_(truth(requires_grad))


# ---- torch.autograd.functional: of a function and its inputs at once ----------------------------


def points_of(inputs: Any) -> tuple[Any, ...]:
    return tuple(inputs) if type(inputs) in LISTS else (inputs,)


def shaped(inputs: Any, found: Any) -> Any:
    """One result for one input, a tuple for a tuple."""
    return tuple(found) if type(inputs) in LISTS else found[0]


def jacobian_now(func: Any, inputs: Any, create_graph: Any = False, **options: Any) -> NativeSteps:
    check_options(options)
    points = points_of(inputs)
    value, leaves = yield from recorded(func, range(len(points)), points, {})
    several = type(value) is tuple
    found = [
        shaped(inputs, kept(jacobian_at(result_of(y, func.name), leaves, func.name), create_graph))
        for y in (value if several else (value,))
    ]
    return tuple(found) if several else found[0]


def hessian_now(func: Any, inputs: Any, create_graph: Any = False, **options: Any) -> NativeSteps:
    check_options(options)
    points = points_of(inputs)
    value, leaves = yield from recorded(func, range(len(points)), points, {})
    first = gradients_of(number_of(value, func.name, "a Hessian"), leaves, again=True)
    rows = [kept(jacobian_at(g, leaves, func.name), create_graph) for g in first]
    return shaped(inputs, [shaped(inputs, row) for row in rows])


def vjp_now(func: Any, inputs: Any, v: Any = None, create_graph: Any = False) -> NativeSteps:
    points = points_of(inputs)
    value, leaves = yield from recorded(func, range(len(points)), points, {})
    y = result_of(value, func.name)
    found = pulled_back(y, leaves, one_of(v, y))
    return settled(y, leaves), shaped(inputs, kept(found, create_graph))


def jvp_now(func: Any, inputs: Any, v: Any = None, create_graph: Any = False) -> NativeSteps:
    points = points_of(inputs)
    value, leaves = yield from recorded(func, range(len(points)), points, {})
    y = result_of(value, func.name)
    moves = points_of(v) if v is not None else (None,) * len(leaves)
    if len(moves) != len(leaves):
        raise WrongValue(f"jvp: {len(leaves)} inputs and {len(moves)} tangents")
    along = [matching(x, one_of(t, x)) for x, t in zip(leaves, moves, strict=True)]
    return settled(y, leaves), kept([tangent_of(y, leaves, along)], create_graph)[0]


def hvp_now(func: Any, inputs: Any, v: Any = None, create_graph: Any = False) -> NativeSteps:
    """The Hessian times v; it is symmetric, so v times the Hessian too."""
    points = points_of(inputs)
    value, leaves = yield from recorded(func, range(len(points)), points, {})
    y = number_of(value, func.name, "a Hessian")
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


def kept(found: Any, create_graph: Any) -> list[Any]:
    return [g if g is None or truth(create_graph) else g.detach() for g in found]


def check_options(options: dict[str, Any]) -> None:
    """What only tunes how PyTorch computes is let pass."""
    for name in {*options} - {"strict", "vectorize", "strategy", "outer_jacobian_strategy"}:
        raise WrongType(f"there is no option '{name}' here")


# ---- torch.func: of a function a function -------------------------------------------------------


def of_function(name: str, *, both: bool) -> Callable[..., Any]:
    transform = calculus.transform(name, both=both).call

    def make(func: Any, argnums: Any = 0, has_aux: Any = False) -> Any:
        calculus.function_of(name, func)
        return transform(func, argnums, has_aux=truth(has_aux))

    return make


def grad_and_value(func: Any, argnums: Any = 0, has_aux: Any = False) -> Builtin:
    inner = of_function("value_and_grad", both=True)(func, argnums, has_aux)

    def steps(*arguments: Any, **named: Any) -> NativeSteps:
        value, found = yield (inner, arguments, named)
        return found, value

    return Builtin(f"grad_and_value({func.name})", steps, steps=True)


def hessian(func: Any, argnums: Any = 0) -> Builtin:
    """The Jacobian of the Jacobian: of results of any shape."""
    return calculus.jacobian(calculus.jacobian(func, argnums), argnums)


def vmap(func: Any, in_dims: Any = 0, out_dims: Any = 0) -> Builtin:
    if out_dims != 0:
        raise WrongValue("vmap: results are stacked along the first axis: out_dims=0")
    return calculus.vmap(func, in_dims)


def detect_anomaly(check_nan: Any = True) -> Context:
    truth(check_nan)
    return Context("detect_anomaly", graph.detect_anomaly())


@contextmanager
def restoring(anomaly: bool) -> Iterator[None]:
    """Go back to a mode when the context ends."""
    try:
        yield
    finally:
        graph.here.state.anomaly = anomaly


def set_detect_anomaly(mode: Any, check_nan: Any = True) -> Context:
    """Turn the search for nan on or off at once; as a context, until its end."""
    truth(check_nan)
    state = graph.here.state
    before, state.anomaly = state.anomaly, truth(mode)
    return Context("set_detect_anomaly", restoring(before))


def autograd_names(path: str) -> dict[str, Any]:
    functional: dict[str, Callable[..., Any]] = {
        "hessian": hessian_now,
        "hvp": hvp_now,
        "jacobian": jacobian_now,
        "jvp": jvp_now,
        "vhp": hvp_now,
        "vjp": vjp_now,
    }
    names = {
        "Variable": Builtin(f"{path}.Variable", variable),
        "backward": Builtin(f"{path}.backward", backward),
        "detect_anomaly": Builtin(f"{path}.detect_anomaly", detect_anomaly),
        "grad": Builtin(f"{path}.grad", gradients),
        "set_detect_anomaly": Builtin(f"{path}.set_detect_anomaly", set_detect_anomaly),
    }
    names |= {name: Builtin(f"{path}.{name}", make) for name, make in contexts.CONTEXTS.items()}
    return {
        **names,
        "functional": Module(f"{path}.functional", steps(f"{path}.functional", functional)),
        "grad_mode": Module(f"{path}.grad_mode", dict(names)),
    }


def func_names() -> dict[str, Any]:
    plain: dict[str, Callable[..., Any]] = {
        "grad": of_function("grad", both=False),
        "grad_and_value": grad_and_value,
        "hessian": hessian,
        "jacfwd": calculus.jacobian,
        "jacrev": calculus.jacobian,
        "vmap": vmap,
    }
    stepping = {"jvp": calculus.jvp, "vjp": calculus.vjp}
    found = {name: Builtin(f"torch.func.{name}", call) for name, call in plain.items()}
    return found | steps("torch.func", stepping)


def steps(path: str, functions: dict[str, Callable[..., Any]]) -> dict[str, Any]:
    return {name: Builtin(f"{path}.{name}", f, steps=True) for name, f in functions.items()}
