"""gradcli: autograd at the prompt, and as a library over numpy.

    >>> from gradcli import tensor, grad
    >>> import numpy as np
    >>> x = tensor(2.0, requires_grad=True)
    >>> np.sin(x * x).backward()
    >>> x.grad
    tensor(-2.6145744834544478)
    >>> grad(lambda x: x**3)(2.0)
    tensor(12.)

Names are imported when they are first used, so that commands which need no numbers start at once.
"""

from __future__ import annotations

# As typing has it, without importing it: Ctrl-C is answered in our way from the first moment on.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gradcli import nn
    from gradcli.engine import autograd
    from gradcli.engine.compiled import compile
    from gradcli.engine.custom import Function, checkpoint
    from gradcli.engine.graph import (
        detect_anomaly,
        enable_grad,
        inference_mode,
        is_grad_enabled,
        no_grad,
        set_grad_enabled,
    )
    from gradcli.engine.randomness import manual_seed
    from gradcli.engine.tensor import Tensor, tensor
    from gradcli.engine.transforms import (
        derivative,
        grad,
        hessian,
        hvp,
        jacobian,
        jvp,
        stop_gradient,
        taylor,
        value_and_grad,
        vjp,
        vmap,
    )
    from gradcli.nn import optim
    from gradcli.proof.gradients import check_grad

__version__ = "0.1.0"

_HOMES = {
    "Function": "custom",
    "Tensor": "tensor",
    "check_grad": "gradients",
    "checkpoint": "custom",
    "compile": "compiled",
    "derivative": "transforms",
    "detect_anomaly": "graph",
    "enable_grad": "graph",
    "grad": "transforms",
    "hessian": "transforms",
    "hvp": "transforms",
    "inference_mode": "graph",
    "is_grad_enabled": "graph",
    "jacobian": "transforms",
    "jvp": "transforms",
    "manual_seed": "randomness",
    "no_grad": "graph",
    "set_grad_enabled": "graph",
    "stop_gradient": "transforms",
    "taylor": "transforms",
    "tensor": "tensor",
    "value_and_grad": "transforms",
    "vjp": "transforms",
    "vmap": "transforms",
}

_MODULES = {
    "autograd": "gradcli.engine.autograd",
    "nn": "gradcli.nn",
    "optim": "gradcli.nn.optim",
}

__all__ = [
    "Function",
    "Tensor",
    "autograd",
    "check_grad",
    "checkpoint",
    "compile",
    "derivative",
    "detect_anomaly",
    "enable_grad",
    "grad",
    "hessian",
    "hvp",
    "inference_mode",
    "is_grad_enabled",
    "jacobian",
    "jvp",
    "manual_seed",
    "nn",
    "no_grad",
    "optim",
    "set_grad_enabled",
    "stop_gradient",
    "taylor",
    "tensor",
    "value_and_grad",
    "vjp",
    "vmap",
]


def __getattr__(name: str) -> Any:
    """PEP 562: import the engine when one of its names is asked for."""
    if name not in _HOMES and name not in _MODULES:
        raise AttributeError(f"module 'gradcli' has no attribute '{name}'")
    from importlib import import_module  # noqa: PLC0415  # only here

    import_module("gradcli.engine.functions")
    if name in _MODULES:
        value: Any = import_module(_MODULES[name])
    else:
        floor = "proof" if name == "check_grad" else "engine"
        value = getattr(import_module(f"gradcli.{floor}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
