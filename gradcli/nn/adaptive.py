"""Adadelta, Adamax, NAdam, RAdam, Rprop and ASGD: PyTorch's formulas and defaults.

References: M. Zeiler, ADADELTA, 2012; D. Kingma and J. Ba, Adam, 2014 (Adamax); T. Dozat,
Incorporating Nesterov momentum into Adam, 2016; L. Liu and others, On the variance of the adaptive
learning rate and beyond, 2019 (RAdam); M. Riedmiller and H. Braun, A direct adaptive method for
faster backpropagation learning, 1993 (Rprop); B. Polyak and A. Juditsky, Acceleration of
stochastic approximation by averaging, 1992 (ASGD).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from gradcli.errors import WrongValue
from gradcli.nn.optimizer import WAYS, Group, Optimizer
from gradcli.nn.optimizers import decayed


class Adadelta(Optimizer):
    """x -= lr d, d = g sqrt(u + eps) / sqrt(v + eps), of running means v of g^2 and u of d^2."""

    defaults: ClassVar[dict[str, Any]] = {
        "lr": 1.0,
        "rho": 0.9,
        "eps": 1e-6,
        "weight_decay": 0,
        **WAYS,
        "maximize": False,
    }

    def check(self, group: Group) -> None:
        super().check(group)
        if not 0 <= group["rho"] <= 1:
            raise WrongValue(f"rho is from 0 to 1: {group['rho']}")

    def remembers(self, _group: Group) -> tuple[str, ...]:
        return ("square_avg", "acc_delta")

    def terms(self, _step: int, group: Group) -> dict[str, Any]:
        return group

    def update(self, x: Any, g: Any, memory: Sequence[Any], terms: Mapping[str, Any]) -> None:
        v, u = memory
        rho, eps = terms["rho"], terms["eps"]
        g = decayed(x, g, terms["weight_decay"], terms["maximize"])
        v *= rho
        v += (1 - rho) * (g * g)
        move = np.sqrt(u + eps) / np.sqrt(v + eps) * g
        u *= rho
        u += (1 - rho) * (move * move)
        x -= terms["lr"] * move


class Adamax(Optimizer):
    """x -= lr m / u, of a running mean m of g, without its bias, and a fading maximum u of |g|."""

    defaults: ClassVar[dict[str, Any]] = {
        "lr": 2e-3,
        "betas": (0.9, 0.999),
        "eps": 1e-8,
        "weight_decay": 0,
        **WAYS,
        "maximize": False,
    }

    def remembers(self, _group: Group) -> tuple[str, ...]:
        return ("exp_avg", "exp_inf")

    def terms(self, step: int, group: Group) -> dict[str, Any]:
        return {**group, "rate": group["lr"] / (1 - group["betas"][0] ** step)}

    def update(self, x: Any, g: Any, memory: Sequence[Any], terms: Mapping[str, Any]) -> None:
        m, u = memory
        beta1, beta2 = terms["betas"]
        g = decayed(x, g, terms["weight_decay"], terms["maximize"])
        m += (g - m) * (1 - beta1)
        u *= beta2
        np.maximum(u, np.abs(g) + terms["eps"], out=u)
        x -= terms["rate"] * (m / u)


class _Moments(Optimizer):
    """What keeps running means m of g and v of g^2, and may shrink x beside the gradient."""

    def remembers(self, _group: Group) -> tuple[str, ...]:
        return ("exp_avg", "exp_avg_sq")

    def gathered(
        self, x: Any, g: Any, memory: Sequence[Any], terms: Mapping[str, Any]
    ) -> tuple[Any, Any, Any]:
        """The gradient to descend by, m and v, after this step's share."""
        m, v = memory
        beta1, beta2 = terms["betas"]
        decay = terms["weight_decay"]
        if terms["decoupled_weight_decay"]:
            x *= 1 - terms["lr"] * decay
            decay = 0
        g = decayed(x, g, decay, terms["maximize"])
        m += (g - m) * (1 - beta1)
        v *= beta2
        v += (1 - beta2) * (g * g)
        return g, m, v


class NAdam(_Moments):
    """Adam, whose step looks one step of the momentum ahead, as Nesterov's does."""

    defaults: ClassVar[dict[str, Any]] = {
        "lr": 2e-3,
        "betas": (0.9, 0.999),
        "eps": 1e-8,
        "weight_decay": 0,
        "momentum_decay": 4e-3,
        "decoupled_weight_decay": False,
        "maximize": False,
        **WAYS,
    }

    def terms(self, step: int, group: Group) -> dict[str, Any]:
        beta1, beta2 = group["betas"]
        steps = np.arange(1, step + 2)
        mu = beta1 * (1 - 0.5 * 0.96 ** (steps * group["momentum_decay"]))
        product = float(np.prod(mu[:-1]))
        now, ahead = float(mu[-2]), float(mu[-1])
        return {
            **group,
            "of_slope": group["lr"] * (1 - now) / (1 - product),
            "of_mean": group["lr"] * ahead / (1 - product * ahead),
            "without_bias": 1 / (1 - beta2**step),
        }

    def update(self, x: Any, g: Any, memory: Sequence[Any], terms: Mapping[str, Any]) -> None:
        g, m, v = self.gathered(x, g, memory, terms)
        size = np.sqrt(v * terms["without_bias"]) + terms["eps"]
        x -= (terms["of_slope"] * g + terms["of_mean"] * m) / size


class RAdam(_Moments):
    """Adam, with a smaller step while the running mean of g^2 is of few steps; first without it."""

    defaults: ClassVar[dict[str, Any]] = {
        "lr": 1e-3,
        "betas": (0.9, 0.999),
        "eps": 1e-8,
        "weight_decay": 0,
        "maximize": False,
        **WAYS,
        "decoupled_weight_decay": False,
    }

    def terms(self, step: int, group: Group) -> dict[str, Any]:
        beta1, beta2 = group["betas"]
        bias = 1 - beta2**step
        most = 2 / (1 - beta2) - 1
        length = most - 2 * step * beta2**step / bias  # of the mean, in steps
        rectified = None
        if length > 5:
            share = (length - 4) * (length - 2) * most / ((most - 4) * (most - 2) * length)
            rectified = math.sqrt(share * bias)
        return {**group, "rate": group["lr"] / (1 - beta1**step), "rectified": rectified}

    def update(self, x: Any, g: Any, memory: Sequence[Any], terms: Mapping[str, Any]) -> None:
        g, m, v = self.gathered(x, g, memory, terms)
        if terms["rectified"] is None:
            x -= terms["rate"] * m
        else:
            x -= terms["rate"] * terms["rectified"] * m / (np.sqrt(v) + terms["eps"])


class Rprop(Optimizer):
    """x -= s sign g, of steps s that grow while g keeps its sign and shrink when it turns."""

    defaults: ClassVar[dict[str, Any]] = {
        "lr": 1e-2,
        "etas": (0.5, 1.2),
        "step_sizes": (1e-6, 50),
        **WAYS,
        "maximize": False,
    }

    def check(self, group: Group) -> None:
        super().check(group)
        shrink, grow = group["etas"]
        if not 0 < shrink < 1 < grow:
            raise WrongValue(f"etas are less than 1 and greater: {shrink}, {grow}")

    def remembers(self, _group: Group) -> tuple[str, ...]:
        return ("prev", "step_size")

    def start(self, name: str, group: Group) -> float:
        return float(group["lr"]) if name == "step_size" else 0.0

    def terms(self, _step: int, group: Group) -> dict[str, Any]:
        return group

    def update(self, x: Any, g: Any, memory: Sequence[Any], terms: Mapping[str, Any]) -> None:
        before, size = memory
        shrink, grow = terms["etas"]
        g = decayed(x, g, 0, terms["maximize"])
        product = g * before
        size *= np.where(product > 0, grow, np.where(product < 0, shrink, 1)).astype(x.dtype)
        np.clip(size, *terms["step_sizes"], out=size)
        g = np.where(product < 0, 0, g)
        x -= np.sign(g) * size
        before[...] = g


class ASGD(Optimizer):
    """SGD with falling rates, which keeps the mean `ax` of x from the step t0 on."""

    defaults: ClassVar[dict[str, Any]] = {
        "lr": 1e-2,
        "lambd": 1e-4,
        "alpha": 0.75,
        "t0": 1e6,
        "weight_decay": 0,
        "foreach": None,
        "maximize": False,
        "differentiable": False,
        "capturable": False,
    }

    def remembers(self, _group: Group) -> tuple[str, ...]:
        return ("ax",)

    def terms(self, step: int, group: Group) -> dict[str, Any]:
        lr, before = group["lr"], step - 1
        eta = lr / (1 + group["lambd"] * lr * before) ** group["alpha"]
        return {**group, "eta": eta, "mu": 1 / max(1, before - group["t0"])}

    def update(self, x: Any, g: Any, memory: Sequence[Any], terms: Mapping[str, Any]) -> None:
        (mean,) = memory
        g = decayed(x, g, terms["weight_decay"], terms["maximize"])
        x *= 1 - terms["lambd"] * terms["eta"]
        x -= terms["eta"] * g
        mean += (x - mean) * terms["mu"]
