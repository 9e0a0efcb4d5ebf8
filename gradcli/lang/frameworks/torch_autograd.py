"""`torch.autograd` and `torch.func`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from gradcli.engine import graph
from gradcli.engine.tensor import Tensor
from gradcli.errors import WrongType, WrongValue, described
from gradcli.lang import contexts, passes
from gradcli.lang.frameworks.autograd_functional import FUNCTIONAL
from gradcli.lang.frameworks.forward_ad import forward_ad
from gradcli.lang.frameworks.gradcheck import gradcheck, gradgradcheck
from gradcli.lang.frameworks.strictness import steps
from gradcli.lang.operators import truth
from gradcli.lang.values import LISTS, Builtin, Context, Module

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
    if named.pop("only_inputs", True) is not True or named.pop("is_grads_batched", False):
        raise WrongValue("autograd.grad is by its inputs only, with one cotangent an output")
    return passes.gradients(outputs, inputs, seed(grad_outputs), *rest, **named)


def variable(data: Any, requires_grad: Any = False) -> Tensor:
    """The older name of a tensor."""
    if type(data) is not Tensor:
        raise WrongType(f"Variable takes a tensor, not {described(data)}")
    return data.detach().requires_grad_(truth(requires_grad))


# ---- the search for nan ----


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
        **steps(path, {"gradcheck": gradcheck, "gradgradcheck": gradgradcheck}),
        "forward_ad": forward_ad(path),
        "functional": Module(f"{path}.functional", steps(f"{path}.functional", FUNCTIONAL)),
        "grad_mode": Module(f"{path}.grad_mode", dict(names)),
    }
