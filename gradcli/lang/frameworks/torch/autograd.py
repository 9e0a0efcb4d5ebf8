"""`torch.autograd` and `torch.func`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from gradcli.engine import graph
from gradcli.engine.functions import FUNCTIONS as F
from gradcli.engine.tensor import Tensor
from gradcli.errors import ShapeMismatch, WrongType, WrongValue, described
from gradcli.lang import contexts, passes
from gradcli.lang.frameworks.autograd_functional import FUNCTIONAL
from gradcli.lang.frameworks.forward_ad import forward_ad
from gradcli.lang.frameworks.gradcheck import gradcheck, gradgradcheck
from gradcli.lang.frameworks.strictness import steps
from gradcli.lang.frameworks.torch.saving import graph_names
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


def gradients(
    outputs: Any,
    inputs: Any,
    grad_outputs: Any = None,
    retain_graph: Any = None,
    create_graph: Any = False,
    only_inputs: Any = True,
    allow_unused: Any = None,
    is_grads_batched: Any = False,
    materialize_grads: Any = False,
) -> Any:
    if not truth(only_inputs):
        raise WrongValue("autograd.grad is by its inputs only", hint="backward() adds to .grad")
    options = {"allow_unused": allow_unused, "materialize_grads": materialize_grads}
    cotangents = seed(grad_outputs)
    if not truth(is_grads_batched):
        return passes.gradients(outputs, inputs, cotangents, retain_graph, create_graph, **options)
    rows = batched(cotangents)
    found = []
    for k, row in enumerate(rows):
        last = k == len(rows) - 1
        retain = retain_graph if last else True
        found.append(passes.gradients(outputs, inputs, row, retain, create_graph, **options))
    return tuple(
        [
            None if column[0] is None else F["stack"](list(column))
            for column in zip(*found, strict=True)
        ]
    )


def batched(cotangents: Any) -> list[Any]:
    """One cotangent an output for each place of their first axis."""
    given = cotangents if type(cotangents) in LISTS else (cotangents,)
    tensors = [x for x in given if x is not None]
    if not tensors or any(type(x) is not Tensor or not x.ndim for x in tensors):
        raise WrongType("is_grads_batched=True takes cotangents with an axis more, the first")
    counts = {x.shape[0] for x in tensors}
    if len(counts) > 1 or not max(counts):
        raise ShapeMismatch(f"is_grads_batched=True: {sorted(counts)} rows of cotangents")
    rows = [[None if x is None else x[k] for x in given] for k in range(max(counts))]
    return rows if type(cotangents) in LISTS else [row[0] for row in rows]


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
        "graph": graph_names(f"{path}.graph"),
        "grad_mode": Module(f"{path}.grad_mode", dict(names)),
    }
