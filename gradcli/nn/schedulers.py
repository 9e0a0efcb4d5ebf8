"""Schedulers: they change the learning rates of an optimizer's groups as training goes on."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from gradcli.errors import WrongValue
from gradcli.nn.optimizer import Group, Optimizer


def each(optimizer: Optimizer, given: Any, name: str) -> list[Any]:
    """One value for each group of parameters, or the same for all."""
    count = len(optimizer.param_groups)
    values = list(given) if isinstance(given, list | tuple) else [given] * count
    if len(values) != count:
        raise WrongValue(f"{name}: {len(values)} values for {count} groups of parameters")
    return values


class Scheduler:
    """`step()` after each epoch. Each works on the rates that it finds, so several can be used."""

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        self.optimizer = optimizer
        self.last_epoch = last_epoch
        for group in optimizer.param_groups:
            group.setdefault("initial_lr", group["lr"])
        self.base_lrs = [group["initial_lr"] for group in optimizer.param_groups]
        self.step()

    def step(self) -> None:
        self.last_epoch += 1
        self.write(self.last_epoch)

    def write(self, epoch: Any) -> None:
        pairs = zip(self.optimizer.param_groups, self.base_lrs, strict=True)
        for k, (group, base) in enumerate(pairs):
            group["lr"] = self.rate(group["lr"], base, epoch, k)

    def restart(self) -> None:
        """Go back to the first epoch and its rates."""
        self.last_epoch = 0
        for group, base in zip(self.optimizer.param_groups, self.base_lrs, strict=True):
            group["lr"] = base
        self.write(0)

    def rate(self, lr: float, base: float, epoch: Any, number: int) -> float:
        """The learning rate of a group in this epoch, from that before and that at first."""
        raise NotImplementedError

    def get_last_lr(self) -> list[float]:
        return [group["lr"] for group in self.optimizer.param_groups]

    def state_dict(self) -> dict[str, Any]:
        return {
            name: value
            for name, value in vars(self).items()
            if name != "optimizer" and not callable(value)
        }

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        vars(self).update(state_dict)


class StepLR(Scheduler):
    """Times gamma every `step_size` epochs."""

    def __init__(
        self, optimizer: Optimizer, step_size: int, gamma: float = 0.1, last_epoch: int = -1
    ) -> None:
        if step_size < 1:
            raise WrongValue("step_size is at least 1")
        self.step_size, self.gamma = step_size, gamma
        super().__init__(optimizer, last_epoch)

    def rate(self, lr: float, _base: float, epoch: int, _number: int) -> float:
        return lr * self.gamma if epoch and epoch % self.step_size == 0 else lr


class MultiStepLR(Scheduler):
    """Times gamma at each of the milestones."""

    def __init__(
        self,
        optimizer: Optimizer,
        milestones: Iterable[int],
        gamma: float = 0.1,
        last_epoch: int = -1,
    ) -> None:
        self.milestones, self.gamma = sorted(milestones), gamma
        super().__init__(optimizer, last_epoch)

    def rate(self, lr: float, _base: float, epoch: int, _number: int) -> float:
        return float(lr * self.gamma ** self.milestones.count(epoch))


class ExponentialLR(Scheduler):
    """Times gamma every epoch."""

    def __init__(self, optimizer: Optimizer, gamma: float, last_epoch: int = -1) -> None:
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def rate(self, lr: float, _base: float, epoch: int, _number: int) -> float:
        return lr * self.gamma if epoch else lr


class CosineAnnealingLR(Scheduler):
    """From the first rate to eta_min in T_max epochs, along half a cosine, and so back.

    I. Loshchilov and F. Hutter, SGDR, 2016, without its restarts.
    """

    def __init__(
        self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0, last_epoch: int = -1
    ) -> None:
        if T_max < 1:
            raise WrongValue("T_max is at least 1")
        self.T_max, self.eta_min = T_max, eta_min
        super().__init__(optimizer, last_epoch)

    def rate(self, lr: float, base: float, epoch: int, _number: int) -> float:
        if not epoch:
            return lr
        turn = math.pi / self.T_max
        if (epoch - 1 - self.T_max) % (2 * self.T_max) == 0:  # at the bottom: nothing to multiply
            return lr + (base - self.eta_min) * (1 - math.cos(turn)) / 2
        ratio = (1 + math.cos(turn * epoch)) / (1 + math.cos(turn * (epoch - 1)))
        return ratio * (lr - self.eta_min) + self.eta_min


class LinearLR(Scheduler):
    """In a straight line from `start_factor` of the first rate to `end_factor` of it."""

    def __init__(
        self,
        optimizer: Optimizer,
        start_factor: float = 1 / 3,
        end_factor: float = 1.0,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        if not 0 < start_factor <= 1 or not 0 <= end_factor <= 1:
            raise WrongValue("start_factor and end_factor are from 0 to 1, the first not 0")
        self.start_factor, self.end_factor = start_factor, end_factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def rate(self, lr: float, _base: float, epoch: int, _number: int) -> float:
        if not epoch:
            return lr * self.start_factor
        if epoch > self.total_iters:
            return lr
        rise = self.end_factor - self.start_factor
        return lr * (1 + rise / (self.total_iters * self.start_factor + (epoch - 1) * rise))


class ConstantLR(Scheduler):
    """`factor` of the first rate for `total_iters` epochs, then all of it."""

    def __init__(
        self,
        optimizer: Optimizer,
        factor: float = 1 / 3,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        if not 0 < factor <= 1:
            raise WrongValue("factor is from 0 to 1, and not 0")
        self.factor, self.total_iters = factor, total_iters
        super().__init__(optimizer, last_epoch)

    def rate(self, lr: float, _base: float, epoch: int, _number: int) -> float:
        if not epoch:
            return lr * self.factor
        return lr / self.factor if epoch == self.total_iters else lr


class PolynomialLR(Scheduler):
    """The first rate times (1 - epoch / total_iters) to a power, down to 0."""

    def __init__(
        self,
        optimizer: Optimizer,
        total_iters: int = 5,
        power: float = 1.0,
        last_epoch: int = -1,
    ) -> None:
        self.total_iters, self.power = total_iters, power
        super().__init__(optimizer, last_epoch)

    def rate(self, lr: float, _base: float, epoch: int, _number: int) -> float:
        total = self.total_iters
        if not 0 < epoch <= total:
            return lr
        return float(lr * ((total - epoch) / (total - epoch + 1)) ** self.power)


class LambdaLR(Scheduler):
    """The first rate times a function of the epoch: one for all groups, or one each."""

    def __init__(self, optimizer: Optimizer, lr_lambda: Any, last_epoch: int = -1) -> None:
        self.lr_lambdas: list[Callable[[int], float]] = each(optimizer, lr_lambda, "lr_lambda")
        super().__init__(optimizer, last_epoch)

    def rate(self, _lr: float, base: float, epoch: int, number: int) -> float:
        return float(base * self.lr_lambdas[number](epoch))

    def state_dict(self) -> dict[str, Any]:
        state = super().state_dict()
        del state["lr_lambdas"]
        return state


class MultiplicativeLR(LambdaLR):
    """Each rate times a function of the epoch is the next."""

    def rate(self, lr: float, _base: float, epoch: int, number: int) -> float:
        return float(lr * self.lr_lambdas[number](epoch)) if epoch else lr

    def restart(self) -> None:
        """The rates stay as they are."""
        self.last_epoch = 0


class ReduceLROnPlateau:
    """Times `factor` when a number has not become better for more than `patience` epochs.

    mode            'min' if less is better, else 'max'
    threshold       by how much it must be better: of itself ('rel') or in its own unit ('abs')
    cooldown        epochs after a reduction in which none is counted
    eps             a reduction by less is not made
    """

    def __init__(
        self,
        optimizer: Optimizer,
        mode: str = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: str = "rel",
        cooldown: int = 0,
        min_lr: float = 0.0,
        eps: float = 1e-8,
    ) -> None:
        if factor >= 1:
            raise WrongValue("factor is less than 1")
        if mode not in ("min", "max") or threshold_mode not in ("rel", "abs"):
            raise WrongValue("mode is 'min' or 'max', threshold_mode 'rel' or 'abs'")
        self.optimizer = optimizer
        self.mode, self.threshold, self.threshold_mode = mode, threshold, threshold_mode
        self.factor, self.patience, self.cooldown = factor, patience, cooldown
        self.min_lr, self.eps = min_lr, eps
        self.best = math.inf if mode == "min" else -math.inf
        self.bad_epochs = self.cooling = self.last_epoch = 0

    def step(self, metrics: Any) -> None:
        self.last_epoch += 1
        number = float(metrics)
        if self.better(number):
            self.best, self.bad_epochs = number, 0
        else:
            self.bad_epochs += 1
        if self.cooling:
            self.cooling -= 1
            self.bad_epochs = 0
        if self.bad_epochs > self.patience:
            for group in self.optimizer.param_groups:
                self.reduce(group)
            self.bad_epochs, self.cooling = 0, self.cooldown

    def better(self, number: float) -> bool:
        sign = 1 if self.mode == "min" else -1
        if self.threshold_mode == "abs":
            return number * sign < self.best * sign - self.threshold
        return number * sign < self.best * (sign - self.threshold)

    def reduce(self, group: Group) -> None:
        lr = max(group["lr"] * self.factor, self.min_lr)
        if group["lr"] - lr > self.eps:
            group["lr"] = lr

    def get_last_lr(self) -> list[float]:
        return [group["lr"] for group in self.optimizer.param_groups]
