"""Optimizers and schedulers against trajectories of PyTorch 2.13, and what they share."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from gradcli.engine.functions import FUNCTIONS as F
from gradcli.engine.graph import no_grad
from gradcli.engine.tensor import Tensor, tensor
from gradcli.errors import GradcliError, LeafRule, Overwritten, ShapeMismatch, WrongType, WrongValue
from gradcli.nn import Parameter, optim
from gradcli.nn import optimizer as machinery
from gradcli.nn.optim import lr_scheduler

START = [1.0, -2.0, 0.5]

# Where five steps from START end, on the slope of sum a x^2 + x^3 / 10.
ENDS: dict[str, tuple[Callable[[Any], optim.Optimizer], list[float]]] = {
    "SGD": (lambda p: optim.SGD(p, lr=0.1), [0.2901051705, -1.5897201663, 0.0048139238]),
    "SGD with momentum": (
        lambda p: optim.SGD(p, 0.1, momentum=0.9, dampening=0.5, weight_decay=0.1),
        [-0.4336442786, -1.1396629535, -0.465851939],
    ),
    "SGD after Nesterov": (
        lambda p: optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True),
        [-0.4506352604, -0.650335869, 0.032385486],
    ),
    "SGD upwards": (
        lambda p: optim.SGD(p, lr=0.1, maximize=True, weight_decay=0.1),
        [2.8977182347, -2.2795978937, 5.9112834721],
    ),
    "Adam": (
        lambda p: optim.Adam(p, lr=0.1, weight_decay=0.1),
        [0.5090866525, -1.4999927903, 0.0283464747],
    ),
    "Adam, amsgrad, upwards": (
        lambda p: optim.Adam(p, lr=0.1, amsgrad=True, maximize=True),
        [1.5022388767, -2.4979694175, 1.0016521908],
    ),
    "AdamW": (lambda p: optim.AdamW(p, lr=0.1), [0.5052690857, -1.4905158481, 0.0270709023]),
    "RMSprop": (optim.RMSprop, [0.6987867783, -1.672661112, 0.2223111173]),
    "RMSprop, centred, with momentum": (
        lambda p: optim.RMSprop(p, lr=0.1, momentum=0.5, centered=True, weight_decay=0.1),
        [0.1659285347, -0.0787837696, -0.0425245549],
    ),
    "Adagrad": (
        lambda p: optim.Adagrad(
            p, lr=0.1, lr_decay=0.5, weight_decay=0.1, initial_accumulator_value=0.2
        ),
        [0.7996102971, -1.8013340928, 0.3067925382],
    ),
    "Adam, decoupled": (
        lambda p: optim.Adam(p, lr=0.1, weight_decay=0.1, decoupled_weight_decay=True),
        [0.471278445, -1.411398927, 0.0158894462],
    ),
    "Adadelta": (
        lambda p: optim.Adadelta(p, lr=0.5, rho=0.8, eps=1e-3, weight_decay=0.1),
        [0.8178400278, -1.8084533044, 0.3261258325],
    ),
    "Adamax": (
        lambda p: optim.Adamax(p, lr=0.1, betas=(0.8, 0.9), weight_decay=0.1),
        [0.4678489438, -1.4994862033, 0.0383712603],
    ),
    "NAdam": (
        lambda p: optim.NAdam(p, lr=0.1, weight_decay=0.1, momentum_decay=0.1),
        [0.6272234915, -1.59576319, 0.1608501667],
    ),
    "NAdam, decoupled, upwards": (
        lambda p: optim.NAdam(
            p, lr=0.1, weight_decay=0.1, decoupled_weight_decay=True, maximize=True
        ),
        [1.3693257897, -2.2918602652, 0.9091636168],
    ),
    "RAdam": (
        lambda p: optim.RAdam(p, lr=0.1, betas=(0.9, 0.99), weight_decay=0.1),
        [0.1018092022, -1.498497936, -0.2292183275],
    ),
    "RAdam, decoupled": (
        lambda p: optim.RAdam(
            p, lr=0.1, betas=(0.9, 0.9), weight_decay=0.1, decoupled_weight_decay=True
        ),
        [0.1098713208, -1.5030312193, -0.2231982669],
    ),
    "Rprop": (
        lambda p: optim.Rprop(p, lr=0.1, etas=(0.4, 1.3)),
        [0.09569, -1.09569, -0.1187],
    ),
    "ASGD": (
        lambda p: optim.ASGD(p, lr=0.1, lambd=0.01, alpha=0.5, t0=2, weight_decay=0.1),
        [0.2713196947, -1.4907148577, 0.0042174078],
    ),
}
every_optimizer = pytest.mark.parametrize("name", ENDS)


def slope(x: Tensor) -> None:
    F["sum"](x * x * np.array([1, 0.5, 3]) + x**3 / 10).backward()


def steps(x: Tensor, optimizer: optim.Optimizer, count: int) -> None:
    for _ in range(count):
        optimizer.zero_grad()
        slope(x)
        optimizer.step()


@every_optimizer
def test_five_steps_end_where_pytorchs_do(name: str) -> None:
    make, end = ENDS[name]
    x = Parameter(START)
    storage = x.value
    steps(x, make([x]), 5)
    np.testing.assert_allclose(x.value, end, atol=2e-10)
    assert x.value is storage


@every_optimizer
def test_fifty_steps_end_where_pytorchs_do(name: str) -> None:
    torch = pytest.importorskip("torch")
    make, _ = ENDS[name]
    x, other = Parameter(START), torch.tensor(START, dtype=torch.float64, requires_grad=True)
    ours = make([x])
    chosen = {name: x for name, x in ours.options.items() if x != ours.defaults[name]}
    theirs = getattr(torch.optim, type(ours).__name__)([other], **chosen)
    for _ in range(50):
        for optimizer in (ours, theirs):
            optimizer.zero_grad()
        a = np.array([1, 0.5, 3])
        F["sum"](F["cos"](x) * a).backward()
        (torch.cos(other) * torch.from_numpy(a)).sum().backward()
        ours.step()
        theirs.step()
    # PyTorch keeps some factors of these two in single precision.
    rtol = 5e-6 if name.startswith(("NAdam", "ASGD")) else 1e-12
    np.testing.assert_allclose(x.value, other.detach().numpy(), rtol=rtol)


@every_optimizer
def test_large_parameters_go_in_blocks(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    make, end = ENDS[name]
    monkeypatch.setattr(machinery, "BLOCK", 2)
    x = Parameter(START)
    steps(x, make([x]), 5)
    np.testing.assert_allclose(x.value, end, atol=2e-10)


@every_optimizer
def test_a_state_that_is_saved_and_loaded_goes_on(name: str) -> None:
    make, end = ENDS[name]
    x = Parameter(START)
    first = make([x])
    steps(x, first, 2)
    y = Parameter(x.detach())
    second = make([y])
    second.load_state_dict(first.state_dict())
    steps(x, first, 1)  # which the copy does not see
    steps(y, second, 3)
    np.testing.assert_allclose(y.value, end, atol=2e-10)


@every_optimizer
def test_numbers_and_single_precision(name: str) -> None:
    make, end = ENDS[name]
    x = Parameter(np.array(START, np.float32))
    steps(x, make([x]), 5)
    assert x.dtype == np.float32
    np.testing.assert_allclose(x.value, end, rtol=2e-4, atol=1e-6)
    number = Parameter(1.0)
    optimizer = make([number])
    for _ in range(5):
        optimizer.zero_grad()
        (number * number + number**3 / 10).backward()
        optimizer.step()
    np.testing.assert_allclose(number.item(), end[0], atol=2e-10)


def test_groups_have_options_of_their_own() -> None:
    a, b, c = (Parameter([1.0]) for _ in range(3))
    optimizer = optim.SGD([{"params": [a]}, {"params": b, "lr": 0.5}], lr=0.1)
    optimizer.add_param_group({"params": [c], "weight_decay": 1.0})
    F["sum"](a + b + c).backward()
    optimizer.step()
    assert [x.item() for x in (a, b, c)] == [0.9, 0.5, 0.8]


def test_what_has_no_gradient_stays() -> None:
    x, y = Parameter([1.0]), Parameter([1.0])
    optimizer = optim.Adam([x, y])
    (x * 2).backward()
    optimizer.step()
    assert x.item() != 1
    assert y.item() == 1


def test_zero_grad() -> None:
    x = Parameter([1.0])
    optimizer = optim.SGD([x])
    (x * 2).backward()
    kept = x.grad
    optimizer.zero_grad(set_to_none=False)
    assert x.grad is kept
    assert kept.tolist() == [0.0]
    optimizer.zero_grad()
    assert x.grad is None


def test_a_closure_is_called_for_the_loss() -> None:
    x = Parameter([3.0])
    optimizer = optim.SGD([x], lr=0.5)

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = F["sum"](x * x)
        loss.backward()
        return loss

    with no_grad():
        assert optimizer.step(closure).item() == 9
    assert x.item() == 0


def test_a_graph_notices_that_its_parameters_moved() -> None:
    x = Parameter([1.0])
    loss = F["sum"](x * x)
    loss.backward(retain_graph=True)
    optim.SGD([x]).step()
    with pytest.raises(Overwritten):
        loss.backward()


def test_a_gradient_that_a_pass_made_is_not_shared() -> None:
    a, b = Parameter(np.ones((2, 2))), Parameter(np.ones((2, 2)))
    kept = []
    b.register_hook(kept.append)
    F["sum"](a @ b).backward()
    assert not np.shares_memory(a.grad.value, b.grad.value)
    assert not np.shares_memory(kept[0].value, b.grad.value)
    F["sum"](a @ b).backward()
    assert a.grad.tolist() == [[4, 4], [4, 4]]
    assert kept[0].tolist() == [[2, 2], [2, 2]]


REFUSED: dict[str, tuple[Callable[[], Any], type[GradcliError]]] = {
    "nothing": (lambda: optim.SGD([]), WrongValue),
    "a single tensor": (lambda: optim.SGD(Parameter([1.0])), WrongType),
    "a number": (lambda: optim.SGD([1.0]), WrongType),
    "a result": (lambda: optim.SGD([Parameter([1.0]) * 2]), LeafRule),
    "one twice": (lambda: optim.SGD([tensor([1.0])] * 2, lr=-1), WrongValue),
    "a negative rate": (lambda: optim.Adam([Parameter([1.0])], lr=-1), WrongValue),
    "a beta of 1": (lambda: optim.Adam([Parameter([1.0])], betas=(1.0, 0.9)), WrongValue),
    "an unknown option": (
        lambda: optim.SGD([{"params": [Parameter([1.0])], "speed": 1}]),
        WrongType,
    ),
    "a step that is recorded": (
        lambda: optim.Adam([Parameter([1.0])], differentiable=True),
        WrongValue,
    ),
    "nesterov alone": (lambda: optim.SGD([Parameter([1.0])], nesterov=True), WrongValue),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals(name: str) -> None:
    call, error = REFUSED[name]
    with pytest.raises(error):
        call()


def test_a_state_of_other_shapes_is_refused() -> None:
    x, y = Parameter([1.0]), Parameter([1.0, 2.0])
    first, second = optim.Adam([x]), optim.Adam([y])
    steps(x, first, 1)
    with pytest.raises(ShapeMismatch, match="exp_avg"):
        second.load_state_dict(first.state_dict())


# ---- schedulers ---------------------------------------------------------------------------------

HALVES = [1.0, 1.0, 0.5, 0.5, 0.25, 0.25, 0.125, 0.125, 0.0625]
RATES: dict[str, tuple[Callable[[Any], Any], list[float]]] = {
    "StepLR": (lambda o: lr_scheduler.StepLR(o, 2, 0.5), HALVES),
    "MultiStepLR": (
        lambda o: lr_scheduler.MultiStepLR(o, [3, 1, 3], 0.5),
        [1.0, 0.5, 0.5, *[0.125] * 6],
    ),
    "ExponentialLR": (
        lambda o: lr_scheduler.ExponentialLR(o, 0.5),
        [2.0**-k for k in range(9)],
    ),
    "CosineAnnealingLR": (
        lambda o: lr_scheduler.CosineAnnealingLR(o, 3, 0.1),
        [1.0, 0.775, 0.325, 0.1, 0.325, 0.775, 1.0, 0.775, 0.325],
    ),
    "LambdaLR": (
        lambda o: lr_scheduler.LambdaLR(o, lambda epoch: 1 / (1 + epoch)),
        [1 / (1 + k) for k in range(9)],
    ),
    "LinearLR": (
        lambda o: lr_scheduler.LinearLR(o, 0.5, total_iters=4),
        [0.5, 0.625, 0.75, 0.875, *[1.0] * 5],
    ),
    "ConstantLR": (lambda o: lr_scheduler.ConstantLR(o, 0.5, 4), [*[0.5] * 4, *[1.0] * 5]),
    "PolynomialLR": (
        lambda o: lr_scheduler.PolynomialLR(o, 4, 2.0),
        [1.0, 0.5625, 0.25, 0.0625, *[0.0] * 5],
    ),
    "MultiplicativeLR": (
        lambda o: lr_scheduler.MultiplicativeLR(o, lambda epoch: 1 / epoch),
        [1.0, *[1 / math.factorial(k) for k in range(1, 9)]],
    ),
    "CosineAnnealingWarmRestarts": (
        lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 2, 2, 0.1),
        [1.0, 0.55, 1.0, 0.868198051534, 0.55, 0.231801948466, 1.0, 0.96574578963, 0.868198051534],
    ),
    "OneCycleLR": (
        lambda o: lr_scheduler.OneCycleLR(o, 2.0, 9),
        [
            *(0.0800000000000001, 1.3027164704692, 1.98883087090182, 1.79713331869289),
            *(1.4112894579822, 0.92527420533395, 0.457459906319296, 0.121785939516065),
            8.000000000008e-06,
        ],
    ),
    "OneCycleLR, three phases": (
        lambda o: lr_scheduler.OneCycleLR(
            o, 2.0, None, 3, 3, 0.4, anneal_strategy="linear", three_phase=True
        ),
        [
            *(0.08, 0.818461538461538, 1.55692307692308, 1.70461538461538, 0.966153846153846),
            *(0.227692307692308, 0.0571451428571429, 0.0285765714285714, 7.99999999999412e-06),
        ],
    ),
    "CyclicLR": (
        lambda o: lr_scheduler.CyclicLR(o, 0.1, 1.0, 2, mode="triangular2"),
        [0.1, 0.55, 1.0, 0.55, 0.1, 0.325, 0.55, 0.325, 0.1],
    ),
    "CyclicLR, falling": (
        lambda o: lr_scheduler.CyclicLR(o, 0.1, 1.0, 3, 1, mode="exp_range", gamma=0.5),
        [0.1, 0.25, 0.25, 0.2125, 0.1, 0.109375, 0.109375, 0.10703125, 0.1],
    ),
    "SequentialLR": (
        lambda o: lr_scheduler.SequentialLR(
            o, [lr_scheduler.ConstantLR(o, 0.1, 2), lr_scheduler.ExponentialLR(o, 0.5)], [3]
        ),
        [0.1, 0.1, 1.0, 1.0, 0.5, 0.25, 0.125, 0.0625, 0.03125],
    ),
    "ChainedScheduler": (
        lambda o: lr_scheduler.ChainedScheduler(
            [lr_scheduler.ConstantLR(o, 0.5, 2), lr_scheduler.ExponentialLR(o, 0.5)]
        ),
        [0.5, 0.25, 0.25, *[2.0**-k for k in range(3, 9)]],
    ),
}


@pytest.mark.parametrize("name", RATES)
def test_rates_are_pytorchs(name: str) -> None:
    make, rates = RATES[name]
    optimizer = optim.SGD([Parameter([0.0])], lr=1.0, momentum=0.5)
    scheduler = make(optimizer)
    found = [scheduler.get_last_lr()[0]]
    for epoch in range(8):
        if epoch == 4:  # one that is loaded goes on
            state = scheduler.state_dict()
            scheduler = make(optim.SGD([Parameter([0.0])], lr=1.0, momentum=0.5))
            scheduler.optimizer.load_state_dict(optimizer.state_dict())
            scheduler.load_state_dict(state)
        scheduler.step()
        found += scheduler.get_last_lr()
    np.testing.assert_allclose(found, rates, rtol=1e-12)


CYCLES: dict[str, tuple[Callable[[Any], Any], list[float]]] = {
    "one": (
        lambda o: lr_scheduler.OneCycleLR(o, 2.0, 9),
        [0.95, 0.886317, 0.850558, 0.860143, 0.879436, 0.903737, 0.927127, 0.943911, 0.95],
    ),
    "several": (
        lambda o: lr_scheduler.CyclicLR(o, 0.1, 1.0, 2, mode="triangular2"),
        [0.9, 0.85, 0.8, 0.85, 0.9, 0.875, 0.85, 0.875, 0.9],
    ),
}


@pytest.mark.parametrize("name", CYCLES)
def test_the_momentum_goes_against_the_rate(name: str) -> None:
    make, momenta = CYCLES[name]
    sgd = optim.SGD([Parameter([0.0])], lr=1.0, momentum=0.5)
    adam = optim.Adam([Parameter([0.0])])
    schedulers = [make(optimizer) for optimizer in (sgd, adam)]
    for momentum in momenta:
        assert sgd.param_groups[0]["momentum"] == pytest.approx(momentum, abs=1e-6)
        assert adam.param_groups[0]["betas"] == (pytest.approx(momentum, abs=1e-6), 0.999)
        for scheduler in schedulers:
            scheduler.step()


REFUSED_SCHEDULES: dict[str, Callable[[Any], Any]] = {
    "no momentum to cycle": lambda o: lr_scheduler.OneCycleLR(optim.Adagrad(o.parameters()), 1, 9),
    "no number of steps": lambda o: lr_scheduler.OneCycleLR(o, 1.0),
    "rates for more groups": lambda o: lr_scheduler.CyclicLR(o, [0.1, 0.2], 1.0),
    "too few milestones": lambda o: lr_scheduler.SequentialLR(
        o, [lr_scheduler.StepLR(o, 1), lr_scheduler.StepLR(o, 2)], []
    ),
    "schedulers of another": lambda o: lr_scheduler.ChainedScheduler(
        [lr_scheduler.StepLR(o, 1), lr_scheduler.StepLR(optim.SGD([Parameter([1.0])]), 1)]
    ),
}


@pytest.mark.parametrize("name", REFUSED_SCHEDULES)
def test_schedules_that_are_refused(name: str) -> None:
    with pytest.raises(WrongValue):
        REFUSED_SCHEDULES[name](optim.SGD([Parameter([0.0])], lr=1.0))


PLATEAUS: dict[str, tuple[dict[str, Any], list[float], list[float]]] = {
    "less is better": (
        {"patience": 1, "cooldown": 1},
        [3, 2, 2, 2, 2, 2, 2, 2],
        [1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.25, 0.25],
    ),
    "more is better, by a threshold": (
        {"mode": "max", "patience": 0, "threshold": 1, "threshold_mode": "abs", "min_lr": 0.3},
        [1, 2.5, 3, 4, 4, 4],
        [1.0, 1.0, 0.5, 0.5, 0.3, 0.3],
    ),
}


@pytest.mark.parametrize("name", PLATEAUS)
def test_rates_fall_on_a_plateau(name: str) -> None:
    options, numbers, rates = PLATEAUS[name]
    optimizer = optim.SGD([Parameter([0.0])], lr=1.0)
    scheduler = lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, **options)
    found = []
    for number in numbers:
        scheduler.step(number)
        found += scheduler.get_last_lr()
    assert found == rates
