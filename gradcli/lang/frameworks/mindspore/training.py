"""`mindspore.nn`'s cells around a network: its loss, and a step of training.

Importing this module adds their types to the closed set.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradcli import nn
from gradcli.engine import autograd
from gradcli.engine.graph import enable_grad
from gradcli.engine.tensor import Tensor
from gradcli.errors import WrongType, described
from gradcli.lang.frameworks.calling import built_in, maker
from gradcli.lang.frameworks.modules import CELL, admit_module
from gradcli.lang.frameworks.torch.tensor import set_grad
from gradcli.lang.values import Class
from gradcli.nn.optimizer import Optimizer


def cell(value: Any) -> Any:
    if not isinstance(value, nn.Module):
        raise WrongType(f"a network is a cell, not {described(value)}")
    return value


class WithLossCell(nn.Module):
    """The loss of a network's result: of (data, label)."""

    def __init__(self, backbone: Any, loss_fn: Any) -> None:
        super().__init__()
        self.backbone = cell(backbone)
        if not callable(loss_fn):
            raise WrongType(f"a loss is a cell or a function, not {described(loss_fn)}")
        self.loss_fn = loss_fn

    def forward(self, data: Any, label: Any) -> Any:
        return self.loss_fn(self.backbone(data), label)


class TrainOneStepCell(nn.Module):
    """Calls a network for the loss, has its optimizer take one step, and returns the loss.

    sens    what the gradients are multiplied by
    """

    def __init__(self, network: Any, optimizer: Any, sens: Any = 1.0) -> None:
        super().__init__()
        self.network = cell(network)
        if not isinstance(optimizer, Optimizer):
            raise WrongType(f"TrainOneStepCell takes an optimizer, not {described(optimizer)}")
        if sens is not None and type(sens) not in (int, float):
            raise WrongType(f"sens is a number, not {described(sens)}")
        self.optimizer, self.sens = optimizer, 1.0 if sens is None else float(sens)

    def forward(self, *inputs: Any) -> Any:
        with enable_grad():
            loss = self.network(*inputs)
        if type(loss) is not Tensor:
            raise WrongType(f"the network of a step returns its loss, not {described(loss)}")
        stepped(self.optimizer, loss, self.sens)
        return loss.detach()


def stepped(optimizer: Optimizer, loss: Tensor, sens: float) -> None:
    """One step down a loss; `.grad` stays as it is."""
    parameters = [x for x in optimizer.parameters() if x.requires_grad]
    seed = loss.detach() * 0 + sens
    found = autograd.grad(loss, parameters, seed, allow_unused=True)
    before = [x.grad for x in parameters]
    try:
        for x, g in zip(parameters, found, strict=True):
            set_grad(x, None if g is None else g.detach())
        optimizer.step()
    finally:
        for x, g in zip(parameters, before, strict=True):
            x.grad = g


CELLS: dict[str, Callable[..., nn.Module]] = {
    "TrainOneStepCell": TrainOneStepCell,
    "WithLossCell": WithLossCell,
}
CLASSES = {name: Class(name, CELL, call=maker(name, python)) for name, python in CELLS.items()}
admit_module(TrainOneStepCell, CLASSES["TrainOneStepCell"], built_in)
admit_module(WithLossCell, CLASSES["WithLossCell"], built_in)
