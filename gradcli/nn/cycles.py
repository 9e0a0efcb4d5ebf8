"""Schedulers that rise and fall, and those that are made of others.

References: I. Loshchilov and F. Hutter, SGDR, 2016 (warm restarts); L. Smith, Cyclical learning
rates, 2015; L. Smith and N. Topin, Super-convergence, 2017 (one cycle).
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise
from typing import Any

from gradcli.errors import WrongType, WrongValue, described
from gradcli.nn.optimizer import Optimizer
from gradcli.nn.schedulers import Scheduler, each


class CosineAnnealingWarmRestarts(Scheduler):
    """Half a cosine down to eta_min, again and again; each T_mult times as long as the last.

    `step(epoch)` goes to an epoch, of which a part may be over.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        T_0: int,
        T_mult: int = 1,
        eta_min: float = 0.0,
        last_epoch: int = -1,
    ) -> None:
        if T_0 < 1 or T_mult < 1:
            raise WrongValue("T_0 and T_mult are at least 1")
        self.T_0, self.T_mult, self.eta_min = T_0, T_mult, eta_min
        super().__init__(optimizer, last_epoch)

    def step(self, epoch: float | None = None) -> None:
        if epoch is None:
            super().step()
        elif epoch < 0:
            raise WrongValue(f"an epoch is not negative: {epoch}")
        else:
            self.last_epoch = math.floor(epoch)
            self.write(epoch)

    def rate(self, _lr: float, base: float, epoch: float, _number: int) -> float:
        length: float = self.T_0
        if self.T_mult == 1:
            epoch %= length
        while epoch >= length:
            epoch -= length
            length *= self.T_mult
        return self.eta_min + (base - self.eta_min) * (1 + math.cos(math.pi * epoch / length)) / 2


class _WithMomentum(Scheduler):
    """Moves the momentum, or the first of the betas, against the rate."""

    cycle_momentum: bool

    def check_momentum(self, optimizer: Optimizer) -> None:
        if self.cycle_momentum and not {"momentum", "betas"} & optimizer.defaults.keys():
            raise WrongValue(
                f"{type(optimizer).__name__} has no momentum to move: cycle_momentum=False"
            )

    def put_momentum(self, number: int, momentum: float) -> None:
        if not self.cycle_momentum:
            return
        group = self.optimizer.param_groups[number]
        if "betas" in group:
            group["betas"] = (momentum, *group["betas"][1:])
        else:
            group["momentum"] = momentum


class OneCycleLR(_WithMomentum):
    """Up to max_lr and then down to next to nothing, once, in `total_steps`.

    pct_start   the part of the steps that go up
    three_phase whether it comes down to the first rate before it goes on down
    """

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: Any,
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: str = "cos",
        cycle_momentum: bool = True,
        base_momentum: Any = 0.85,
        max_momentum: Any = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
        last_epoch: int = -1,
    ) -> None:
        if total_steps is None and None in (epochs, steps_per_epoch):
            raise WrongValue("OneCycleLR takes total_steps, or epochs and steps_per_epoch")
        total = total_steps if total_steps is not None else (epochs or 0) * (steps_per_epoch or 0)
        if total < 1 or not 0 <= pct_start <= 1:
            raise WrongValue("total_steps is at least 1, pct_start from 0 to 1")
        if anneal_strategy not in ("cos", "linear"):
            raise WrongValue("anneal_strategy is 'cos' or 'linear'")
        self.cycle_momentum, self.total_steps = cycle_momentum, total
        self.check_momentum(optimizer)
        self.anneal_strategy = anneal_strategy
        tops = each(optimizer, max_lr, "max_lr")
        firsts = [top / div_factor for top in tops]
        highs = each(optimizer, max_momentum, "max_momentum")
        lows = each(optimizer, base_momentum, "base_momentum")
        for group, first in zip(optimizer.param_groups, firsts, strict=True):
            group["initial_lr"] = first
        up = pct_start * total - 1
        middle = [2 * up] if three_phase else []
        self.ends = [0.0, up, *middle, total - 1]
        # At each end, for each group: the rate and the momentum.
        self.corners = []
        for first, top, high, low in zip(firsts, tops, highs, lows, strict=True):
            between = [(first, high)] if three_phase else []
            end = (first / final_div_factor, high)
            self.corners.append([(first, high), (top, low), *between, end])
        super().__init__(optimizer, last_epoch)

    def rate(self, _lr: float, _base: float, epoch: int, number: int) -> float:
        if epoch > self.total_steps:
            raise WrongValue(f"OneCycleLR was told of {self.total_steps} steps; this is one more")
        last = len(self.ends) - 2
        phase = next(k for k in range(last + 1) if epoch <= self.ends[k + 1] or k == last)
        start, end = self.ends[phase : phase + 2]
        share = (epoch - start) / (end - start)
        if self.anneal_strategy == "cos":
            share = (1 - math.cos(math.pi * share)) / 2
        (lr, momentum), (next_lr, next_momentum) = self.corners[number][phase : phase + 2]
        self.put_momentum(number, momentum + (next_momentum - momentum) * share)
        return float(lr + (next_lr - lr) * share)


class CyclicLR(_WithMomentum):
    """Up from base_lr to max_lr and down again, in straight lines, with falling or equal heights.

    mode    'triangular': all heights are equal; 'triangular2': each is half of the last;
            'exp_range': gamma to the power of the step
    """

    def __init__(
        self,
        optimizer: Optimizer,
        base_lr: Any,
        max_lr: Any,
        step_size_up: int = 2000,
        step_size_down: int | None = None,
        mode: str = "triangular",
        gamma: float = 1.0,
        scale_fn: Callable[[float], float] | None = None,
        scale_mode: str = "cycle",
        cycle_momentum: bool = True,
        base_momentum: Any = 0.8,
        max_momentum: Any = 0.9,
        last_epoch: int = -1,
    ) -> None:
        if scale_fn is None and mode not in ("triangular", "triangular2", "exp_range"):
            raise WrongValue("mode is 'triangular', 'triangular2' or 'exp_range'")
        if step_size_up <= 0 or (step_size_down is not None and step_size_down <= 0):
            raise WrongValue("step_size_up and step_size_down are positive")
        self.cycle_momentum, self.mode, self.gamma = cycle_momentum, mode, gamma
        self.check_momentum(optimizer)
        self.scale_fn, self.scale_mode = scale_fn, scale_mode
        self.up = step_size_up
        self.total = step_size_up + (step_size_up if step_size_down is None else step_size_down)
        self.tops = each(optimizer, max_lr, "max_lr")
        self.highs = each(optimizer, max_momentum, "max_momentum")
        self.lows = each(optimizer, base_momentum, "base_momentum")
        bases = each(optimizer, base_lr, "base_lr")
        for group, base in zip(optimizer.param_groups, bases, strict=True):
            group["initial_lr"] = base
        super().__init__(optimizer, last_epoch)

    def height(self, cycle: int, epoch: int) -> float:
        if self.scale_fn is not None:
            return float(self.scale_fn(cycle if self.scale_mode == "cycle" else epoch))
        return {
            "triangular": 1.0,
            "triangular2": 0.5 ** (cycle - 1),
            "exp_range": self.gamma**epoch,
        }[self.mode]

    def rate(self, _lr: float, base: float, epoch: int, number: int) -> float:
        cycle, place = divmod(epoch, self.total)
        up = place <= self.up
        share = place / self.up if up else (self.total - place) / (self.total - self.up)
        height = share * self.height(int(cycle) + 1, epoch)
        high = self.highs[number]
        self.put_momentum(number, high - (high - self.lows[number]) * height)
        return float(base + (self.tops[number] - base) * height)


class _Several:
    """What is made of schedulers of one optimizer."""

    optimizer: Optimizer

    def __init__(self, optimizer: Optimizer | None, schedulers: Iterable[Scheduler]) -> None:
        self.schedulers = list(schedulers)
        if optimizer is None or not self.schedulers:
            raise WrongValue(f"{type(self).__name__} takes at least one scheduler")
        for scheduler in self.schedulers:
            if not isinstance(scheduler, Scheduler):
                raise WrongType(f"{type(self).__name__}: {described(scheduler)} does not fit")
            if scheduler.optimizer is not optimizer:
                raise WrongValue(f"{type(self).__name__}: the schedulers are of one optimizer")
        self.optimizer = optimizer

    def get_last_lr(self) -> list[float]:
        return [group["lr"] for group in self.optimizer.param_groups]

    def state_dict(self) -> dict[str, Any]:
        own = {k: x for k, x in vars(self).items() if k not in ("optimizer", "schedulers")}
        return own | {"schedulers": [scheduler.state_dict() for scheduler in self.schedulers]}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        state = dict(state_dict)
        for scheduler, own in zip(self.schedulers, state.pop("schedulers"), strict=True):
            scheduler.load_state_dict(own)
        vars(self).update(state)


class SequentialLR(_Several):
    """One scheduler after the other; each begins at its milestone, as if anew."""

    def __init__(
        self,
        optimizer: Optimizer,
        schedulers: Iterable[Scheduler],
        milestones: Iterable[int],
        last_epoch: int = -1,
    ) -> None:
        super().__init__(optimizer, schedulers)
        self.milestones, self.last_epoch = list(milestones), last_epoch + 1
        ordered = all(a < b for a, b in pairwise(self.milestones))
        if len(self.milestones) != len(self.schedulers) - 1 or not ordered:
            raise WrongValue("SequentialLR takes rising milestones, one less than schedulers")
        for group in optimizer.param_groups:
            group["lr"] = group["initial_lr"]
        for scheduler in self.schedulers:
            scheduler.last_epoch -= 1
        self.schedulers[bisect_right(self.milestones, 0)].step()

    def step(self) -> None:
        self.last_epoch += 1
        scheduler = self.schedulers[bisect_right(self.milestones, self.last_epoch)]
        if self.last_epoch in self.milestones:
            scheduler.restart()
        else:
            scheduler.step()


class ChainedScheduler(_Several):
    """Several schedulers at a time: each works on the rates that the one before leaves."""

    def __init__(self, schedulers: Iterable[Scheduler], optimizer: Optimizer | None = None) -> None:
        given = list(schedulers)
        if optimizer is None and given and isinstance(given[0], Scheduler):
            optimizer = given[0].optimizer
        super().__init__(optimizer, given)

    def step(self) -> None:
        for scheduler in self.schedulers:
            scheduler.step()
