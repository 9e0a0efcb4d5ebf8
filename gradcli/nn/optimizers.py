"""SGD, Adam, AdamW, RMSprop, Adagrad: PyTorch's formulas and defaults, written into the arrays.

References: I. Sutskever and others, On the importance of initialization and momentum, 2013 (SGD's
momentum); D. Kingma and J. Ba, Adam, 2014; I. Loshchilov and F. Hutter, Decoupled weight decay
regularization, 2017; A. Graves, Generating sequences with recurrent neural networks, 2013
(RMSprop); J. Duchi and others, Adaptive subgradient methods, 2011 (Adagrad).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from gradcli.errors import WrongValue
from gradcli.nn.optimizer import WAYS, Group, Optimizer


def decayed(x: Any, g: Any, weight_decay: float, maximize: bool) -> Any:
    """The gradient to descend by, with that of weight_decay |x|^2 / 2."""
    if maximize:
        g = -g
    return g + weight_decay * x if weight_decay else g


class SGD(Optimizer):
    """x -= lr g, or with momentum x -= lr v, v = momentum v + (1 - dampening) g."""

    defaults: ClassVar[dict[str, Any]] = {
        "lr": 1e-3,
        "momentum": 0,
        "dampening": 0,
        "weight_decay": 0,
        "nesterov": False,
        "maximize": False,
        "foreach": None,
        "differentiable": False,
        "fused": None,
    }

    def check(self, group: Group) -> None:
        super().check(group)
        if group["nesterov"] and (group["momentum"] <= 0 or group["dampening"]):
            raise WrongValue("nesterov needs a momentum, and no dampening")

    def remembers(self, group: Group) -> tuple[str, ...]:
        return ("momentum_buffer",) if group["momentum"] else ()

    def terms(self, step: int, group: Group) -> dict[str, Any]:
        return {**group, "first": step == 1}

    def update(self, x: Any, g: Any, memory: Sequence[Any], terms: Mapping[str, Any]) -> None:
        momentum, lr = terms["momentum"], terms["lr"]
        if terms["weight_decay"] or terms["maximize"]:
            g = decayed(x, g, terms["weight_decay"], terms["maximize"])
        if not momentum:
            x -= lr * g
            return
        (buffer,) = memory
        if terms["first"]:
            buffer[...] = g
        else:
            buffer *= momentum
            buffer += g if not terms["dampening"] else (1 - terms["dampening"]) * g
        x -= lr * (g + momentum * buffer if terms["nesterov"] else buffer)


class Adam(Optimizer):
    """x -= lr m / (sqrt v + eps), of running means m of g and v of g^2, each without its bias."""

    defaults: ClassVar[dict[str, Any]] = {
        "lr": 1e-3,
        "betas": (0.9, 0.999),
        "eps": 1e-8,
        "weight_decay": 0,
        "amsgrad": False,
        "maximize": False,
        **WAYS,
        "fused": None,
        "decoupled_weight_decay": False,
    }

    def remembers(self, group: Group) -> tuple[str, ...]:
        return ("exp_avg", "exp_avg_sq", *(["max_exp_avg_sq"] if group["amsgrad"] else []))

    def terms(self, step: int, group: Group) -> dict[str, Any]:
        beta1, beta2 = group["betas"]
        return {
            "beta1": beta1,
            "beta2": beta2,
            "eps": group["eps"],
            "decay": group["weight_decay"],
            "shrink": 1 - group["lr"] * group["weight_decay"],
            "decoupled": group["decoupled_weight_decay"],
            "maximize": group["maximize"],
            "rate": group["lr"] / (1 - beta1**step),
            "root": math.sqrt(1 - beta2**step),
        }

    def update(self, x: Any, g: Any, memory: Sequence[Any], terms: Mapping[str, Any]) -> None:
        m, v, *largest = memory
        if terms["decoupled"]:
            x *= terms["shrink"]
        g = decayed(x, g, 0.0 if terms["decoupled"] else terms["decay"], terms["maximize"])
        m += (g - m) * (1 - terms["beta1"])
        v *= terms["beta2"]
        square = g * g
        square *= 1 - terms["beta2"]
        v += square
        for most in largest:
            v = np.maximum(most, v, out=most)
        size = np.sqrt(v, out=square)
        size /= terms["root"]
        size += terms["eps"]
        np.divide(m, size, out=size)
        size *= terms["rate"]
        x -= size


class AdamW(Adam):
    """Adam, whose weight decay shrinks the parameters themselves: x *= 1 - lr weight_decay."""

    defaults: ClassVar[dict[str, Any]] = Adam.defaults | {
        "weight_decay": 1e-2,
        "decoupled_weight_decay": True,
    }


class RMSprop(Optimizer):
    """x -= lr g / (sqrt v + eps), of a running mean v of g^2, with `centered` less that of g."""

    defaults: ClassVar[dict[str, Any]] = {
        "lr": 1e-2,
        "alpha": 0.99,
        "eps": 1e-8,
        "weight_decay": 0,
        "momentum": 0,
        "centered": False,
        **WAYS,
        "maximize": False,
    }

    def remembers(self, group: Group) -> tuple[str, ...]:
        more = {"grad_avg": group["centered"], "momentum_buffer": group["momentum"]}
        return ("square_avg", *(name for name, wanted in more.items() if wanted))

    def terms(self, _step: int, group: Group) -> dict[str, Any]:
        return group

    def update(self, x: Any, g: Any, memory: Sequence[Any], terms: Mapping[str, Any]) -> None:
        square, *more = memory
        alpha = terms["alpha"]
        g = decayed(x, g, terms["weight_decay"], terms["maximize"])
        square *= alpha
        square += (1 - alpha) * (g * g)
        if terms["centered"]:
            mean = more[0]
            mean += (g - mean) * (1 - alpha)
            size = np.sqrt(square - mean * mean)
        else:
            size = np.sqrt(square)
        size += terms["eps"]
        move = np.divide(g, size, out=size)
        if terms["momentum"]:
            buffer = more[-1]
            buffer *= terms["momentum"]
            buffer += move
            move = buffer
        x -= terms["lr"] * move


class Adagrad(Optimizer):
    """x -= lr g / (sqrt s + eps), of the sum s of all g^2; lr falls as 1 / (1 + lr_decay t)."""

    defaults: ClassVar[dict[str, Any]] = {
        "lr": 1e-2,
        "lr_decay": 0,
        "weight_decay": 0,
        "initial_accumulator_value": 0,
        "eps": 1e-10,
        **WAYS,
        "fused": None,
        "maximize": False,
    }

    def remembers(self, _group: Group) -> tuple[str, ...]:
        return ("sum",)

    def start(self, _name: str, group: Group) -> float:
        return float(group["initial_accumulator_value"])

    def terms(self, step: int, group: Group) -> dict[str, Any]:
        rate = group["lr"] / (1 + (step - 1) * group["lr_decay"])
        return {**group, "rate": rate}

    def update(self, x: Any, g: Any, memory: Sequence[Any], terms: Mapping[str, Any]) -> None:
        (total,) = memory
        g = decayed(x, g, terms["weight_decay"], terms["maximize"])
        total += g * g
        size = np.sqrt(total)
        size += terms["eps"]
        x -= terms["rate"] * np.divide(g, size, out=size)
