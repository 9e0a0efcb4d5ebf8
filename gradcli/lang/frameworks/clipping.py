"""`torch.nn.utils`: gradients kept small, parameters in one vector."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from gradcli.engine.functions import FUNCTIONS as F
from gradcli.engine.inplace import overwrite
from gradcli.engine.tensor import Tensor
from gradcli.errors import ShapeMismatch, WrongType, WrongValue, described
from gradcli.lang.frameworks.torch.tensor import set_data
from gradcli.lang.operators import truth
from gradcli.lang.sequences import items_of


def tensors_of(parameters: Any) -> list[Tensor]:
    """One tensor, or those of a sequence."""
    found = [parameters] if type(parameters) is Tensor else items_of(parameters)
    for tensor in found:
        if type(tensor) is not Tensor:
            raise WrongType(f"parameters are tensors, not {described(tensor)}")
    return found


def gradients(parameters: Any) -> list[Tensor]:
    return [x.meta.grad for x in tensors_of(parameters) if x.meta and x.meta.grad is not None]


def positive(name: str, value: Any) -> float:
    if type(value) not in (int, float) or not value >= 0:
        raise WrongValue(f"{name} is a number that is not negative")
    return float(value)


def clip_grad_norm_(parameters: Any, max_norm: Any, norm_type: Any = 2.0, **options: Any) -> Tensor:
    """Scale all gradients alike, so that their norm together is at most `max_norm`."""
    refuse_beyond(options, "error_if_nonfinite", "foreach")
    most, order = positive("max_norm", max_norm), positive("norm_type", norm_type)
    found = gradients(parameters)
    norms = np.array([np.linalg.norm(np.ravel(g.taken()), order) for g in found])
    total = float(np.linalg.norm(norms, order)) if found else 0.0
    factor = min(1.0, most / (total + 1e-6))
    if factor < 1:
        for g in found:
            overwrite(g, lambda value: np.multiply(value, factor, out=value, casting="same_kind"))
    return Tensor(np.float32(total) if not found else found[0].dtype.type(total))


def clip_grad_value_(parameters: Any, clip_value: Any, **options: Any) -> None:
    """Bring every element of the gradients between the value and its opposite."""
    refuse_beyond(options, "foreach")
    most = positive("clip_value", clip_value)
    for g in gradients(parameters):
        overwrite(g, lambda value: np.clip(value, -most, most, out=value))


def refuse_beyond(options: dict[str, Any], *known: str) -> None:
    for name in options:
        if name not in known:
            raise WrongType(f"there is no option '{name}' here")


def parameters_to_vector(parameters: Any) -> Tensor:
    return F["concatenate"]([F["ravel"](x) for x in tensors_of(parameters)], 0)


def vector_to_parameters(vec: Any, parameters: Any) -> None:
    """Give parameters the elements of a vector, one after the other."""
    found = tensors_of(parameters)
    if type(vec) is not Tensor or vec.shape != (sum(math.prod(x.shape) for x in found),):
        raise ShapeMismatch("vector_to_parameters takes a vector of all their elements")
    start = 0
    for x in found:
        part = vec.detach()[start : start + x.size]
        set_data(x, F["reshape"](part, x.shape))
        start += x.size


def get_total_norm(
    tensors: Any, norm_type: Any = 2.0, error_if_nonfinite: Any = False, foreach: Any = None
) -> Tensor:
    """The norm of several tensors as of one vector."""
    found = [F["ravel"](x) for x in tensors_of(tensors)]
    norm = F["vector_norm"](F["concatenate"](found, 0), norm_type)
    if truth(error_if_nonfinite) and not np.isfinite(norm.value):
        raise WrongValue(f"the norm is {norm.item()}, not finite")
    return norm


CLIPPING: dict[str, Callable[..., Any]] = {
    "clip_grad_norm_": clip_grad_norm_,
    "clip_grad_value_": clip_grad_value_,
    "get_total_norm": get_total_norm,
    "parameters_to_vector": parameters_to_vector,
    "vector_to_parameters": vector_to_parameters,
}
