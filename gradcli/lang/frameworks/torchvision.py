"""`torchvision.models`: residual networks."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gradcli.engine.notice import warn
from gradcli.errors import WrongType, WrongValue
from gradcli.lang.frameworks.strictness import builtins_of
from gradcli.lang.outside import HINT
from gradcli.lang.values import Module
from gradcli.nn import resnet

if TYPE_CHECKING:
    from gradcli.lang.session import Session

# Networks, the names of their weights, and which those are.
NETWORKS = {
    "resnet18": ("ResNet18_Weights", ("DEFAULT", "IMAGENET1K_V1")),
    "resnet34": ("ResNet34_Weights", ("DEFAULT", "IMAGENET1K_V1")),
    "resnet50": ("ResNet50_Weights", ("DEFAULT", "IMAGENET1K_V1", "IMAGENET1K_V2")),
}


def network(session: Session, name: str) -> Callable[..., Any]:
    build: Callable[[int], Any] = getattr(resnet, name)

    def call(
        pretrained: Any = False,
        progress: Any = True,
        *,
        weights: Any = None,
        num_classes: Any = 1000,
    ) -> Any:
        if type(num_classes) is not int or num_classes < 1:
            raise WrongType("num_classes is a positive integer")
        net = build(num_classes)
        if not trained(name, pretrained, weights):
            return net
        if session.outside.given is None:
            warn(f"{name}: there are no trained weights here, so they are He-initialised: {HINT}")
        else:
            net.load_state_dict(session.outside.state())
        return net

    return call


def trained(name: str, pretrained: Any, weights: Any) -> bool:
    """Are trained weights asked for, in the older way or by their name?"""
    if type(pretrained) is not bool and pretrained is not None:
        raise WrongType("pretrained is True or False", hint=f"{name}(weights='DEFAULT')")
    title, known = NETWORKS[name]
    if weights is None:
        return pretrained is True
    if type(weights) is not str or weights.rpartition(".")[2] not in known:
        names = ", ".join(f"{title}.{each}" for each in known)
        raise WrongValue(f"{name} has no such weights", hint=f"its weights are {names}")
    return True


def names(session: Session) -> dict[str, Any]:
    """Networks are made of float32, as PyTorch's are: importing them brings in `torch`."""
    session.machine.module("torch")
    builders = {name: network(session, name) for name in NETWORKS}
    found: dict[str, Any] = builtins_of("torchvision.models", builders)
    for title, known in NETWORKS.values():
        found[title] = Module(f"torchvision.models.{title}", {k: f"{title}.{k}" for k in known})
    return {"models": Module("torchvision.models", found)}
