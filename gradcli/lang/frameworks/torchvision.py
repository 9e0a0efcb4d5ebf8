"""`torchvision.models`: residual networks."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gradcli.engine.notice import warn
from gradcli.errors import WrongType
from gradcli.lang.frameworks.strictness import builtins_of
from gradcli.lang.values import Module
from gradcli.nn import resnet

if TYPE_CHECKING:
    from gradcli.lang.session import Session


def network(name: str, build: Callable[[int], Any]) -> Callable[..., Any]:
    def call(*, weights: Any = None, pretrained: Any = False, num_classes: Any = 1000) -> Any:
        if type(num_classes) is not int or num_classes < 1:
            raise WrongType("num_classes is a positive integer")
        if weights is not None or pretrained not in (False, None):
            warn(f"{name}: no trained weights are at hand, so they are random")
        return build(num_classes)

    return call


def names(session: Session) -> dict[str, Any]:
    """Networks are made of float32, as PyTorch's are: importing them brings in `torch`."""
    session.machine.module("torch")
    builders = {
        name: network(name, getattr(resnet, name)) for name in ("resnet18", "resnet34", "resnet50")
    }
    models = Module("torchvision.models", builtins_of("torchvision.models", builders))
    return {"models": models}
