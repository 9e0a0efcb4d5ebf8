"""A simple statement is atomic: after an error or an interrupt all is as before it."""

from __future__ import annotations

from typing import Any

import pytest

from gradcli.engine.tensor import Tensor
from gradcli.errors import GradcliError, Interrupted, LimitExceeded, UnknownName
from gradcli.lang.evaluation import Options, evaluate
from gradcli.lang.limits import Limits
from gradcli.lang.session import Session
from gradcli.lang.source import Source

SETUP = (
    "x = tensor([1, 2, 3], requires_grad=True); y = x*2; y.retain_grad(); v = y[0]; w = y[1:];"
    "d = y.detach(); s = sum(x*x); t = s + 1; z = zeros(3); n = [1, [2]]; m = {'a': 1}"
)


STARTED = SETUP + "; sum(y*1).backward(retain_graph=True); (t*1).backward(retain_graph=True)"


def started(setup: str = SETUP) -> Session:
    session = Session()
    session.run(Source(setup))
    return session


def seen(session: Session) -> dict[str, Any]:
    """All that a program can see: values, gradients, versions, nodes, and what is the same."""
    found: dict[str, Any] = {}
    for name, value in session.variables.items():
        found[name] = shown(value)
        if type(value) is Tensor:
            found[f"{name} is"] = id(value)
            grad = None if value.meta is None else value.meta.grad
            found[f"{name}.grad"] = None if grad is None else (id(grad), shown(grad))
    return found


def shown(value: Any) -> Any:
    if type(value) is not Tensor:
        return repr(value) if type(value) in (int, float, list, dict) else id(value)
    return value.value.tolist(), value._version, id(value.grad_fn), value.requires_grad


@pytest.mark.parametrize(
    "change",
    [
        "y.mul_(2)",
        "y.zero_()",
        "v.add_(1)",
        "w.mul_(10)",
        "d.mul_(3)",
        "d[0:1].mul_(3)",
        "z.add_(1)",
        "z.exp_()",
        "t.mul_(2)",
        "s.mul_(2)",
        "y.T.mul_(2)",
        "y.add_(1).mul_(2).add_(y)",
        "[v.mul_(2), y.mul_(2), w.mul_(2), d.mul_(2)]",
        "[d.mul_(2), y.mul_(2), v.mul_(2)]",
        "s.backward()",
        "[s.backward(retain_graph=True), x.grad.mul_(2), t.backward()]",
        "[sum(y).backward(retain_graph=True), y.grad.zero_()]",
        "[z.add_(x), sum(z).backward()]",
    ],
)
@pytest.mark.parametrize("start", [SETUP, STARTED])
def test_what_a_failed_statement_wrote_is_taken_back(change: str, start: str) -> None:
    session = started(start)
    before = seen(session)
    with pytest.raises(GradcliError):
        session.run(Source(f"[{change}, absent]"))
    assert seen(session) == before
    # Histories are whole, so they can go on.
    session.run(Source("sum(y + 2w[0] + 3v).backward(retain_graph=True)"))
    session.run(Source("y.mul_(3); w.add_(1); sum(y*v).backward()"))


@pytest.mark.parametrize("function", ["f(a) = [a.mul_(2), absent]", "f(a) = f(a.mul_(2))"])
def test_writes_in_functions_are_taken_back(function: str) -> None:
    session = started()
    session.run(Source(function))
    before = seen(session)
    with pytest.raises(GradcliError):
        session.run(Source("f(y)"))
    assert seen(session) == before


@pytest.mark.parametrize("target", ["y[0]", "y[0:2]", "y[y > 2]", "n[0]", "m['a']", "x.grad"])
def test_assigned_items_are_taken_back(target: str) -> None:
    session = started()
    before = seen(session)
    value = "ones(3)" if target == "x.grad" else "5"
    with pytest.raises(GradcliError):
        session.run(Source(f"{target}, y[7] = {value}, 5"))
    assert seen(session) == before


def test_a_write_is_kept_once_in_the_ledger_until_the_statement_ends() -> None:
    session = Session(Limits()._replace(memory=2_500_000))
    session.run(Source("y = zeros(100000); f(a) = a.add_(1)"))
    live = session.meter.live
    session.run(Source("f(f(f(f(y))))"))
    assert session.meter.live == live
    with pytest.raises(LimitExceeded) as caught:
        session.run(Source("a = y*1; f(y)"))
    assert caught.value.limit == "memory"
    assert session.variables["y"].value[0] == 4


def test_a_failed_gradient_of_an_evaluation_is_taken_back() -> None:
    session = Session()
    leaves = {"x": session.leaf(Source("3"))}
    session.variables.update(leaves)
    session.run(Source("(5x).backward()"))
    with pytest.raises(UnknownName):
        evaluate(session, Source("x.register_hook(lambda g: g + absent); x*x"), leaves, Options())
    assert leaves["x"].grad is not None
    assert leaves["x"].grad.item() == 5.0


# ---- statements within statements ----------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        "n.append(3)",
        "n.extend([3, 4])",
        "n.insert(0, 3)",
        "n.pop()",
        "n.pop(0)",
        "n.remove(1)",
        "n.reverse()",
        "n.clear()",
        "m.update({'a': 2, 'b': 3})",
        "m.pop('a')",
        "m.setdefault('c', 3)",
        "m.clear()",
        "set_grad_enabled(False)",
        "[n.append(k) for k in [4, 5]]",
    ],
)
def test_changes_of_collections_are_taken_back(change: str) -> None:
    session = started()
    before = seen(session)
    with pytest.raises(UnknownName):
        session.run(Source(f"[{change}, absent]"))
    assert seen(session) == before


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("for i in range(3):\n    k.append(i)\n    [k.append(9), absent]", [0]),
        ("for i in range(3):\n    a = i\n    if i: [k.append(9), absent]\n    k.append(i)", [0]),
        ("while True:\n    k.append(1)\n    k[0], b = 5, absent", [1]),
        ("if True:\n    k.append(1); k.append(2)\n    absent", [1, 2]),
        ("with no_grad():\n    k.append(1)\n    k += absent", [1]),
        ("try:\n    k.append(1)\n    k.append(absent)\nfinally:\n    k.append(2)", [1, 2]),
        ("try: [k.append(1), absent]\nfinally: k.append(2)", [2]),
        ("try: absent\nexcept NameError:\n    k.append(1)\n    [k.append(2), absent]", [1]),
        ("def f():\n    k.append(1)\n    absent\nf()", []),
        ("def f():\n    try: [k.append(1), absent]\n    except: k.append(2)\nf(); absent", [2]),
        ("def f():\n    try: k.append(1)\n    except: pass\n    absent\nf()", []),
        ("def f():\n    try: k.append(1)\n    finally: absent\nfor i in [1]: f()", []),
    ],
)
def test_simple_statements_that_ended_stay(text: str, values: list[int]) -> None:
    session = started()
    session.run(Source("k = []"))
    with pytest.raises(UnknownName):
        session.run(Source(text))
    assert session.variables["k"] == values


# ---- interrupts at every step -------------------------------------------------------------------


STATEMENTS = [
    "s.backward()",
    "t.backward()",
    "sum(y*w[0]).backward()",
    "s.backward(create_graph=True)",
    "autograd.backward([s, t])",
    "y.mul_(2).add_(1)",
    "y[0:2] = [7, 8]",
    "a, y[0], n[0] = [x.sum(), 3, 5]",
    "n[0:1], n[0], y[0] = [[4, 5], 6, 7]",
    "[y.mul_(2), t.backward(), d.add_(1)]",
    "[n.append(3), n.pop(0), m.update(b=1), n.reverse()]",
]


def charges(session: Session, text: str, stop_at: int | None) -> int:
    """Run a text and count how often the stop flag is read; set it before reading `stop_at`."""
    meter = session.meter
    count = 0

    class Watched(type(meter)):  # type: ignore[misc]  # a class that is only known here
        __slots__ = ()

        def __getattribute__(self, name: str) -> Any:
            nonlocal count
            if name != "stop":
                return super().__getattribute__(name)
            count += 1
            return "interrupt" if stop_at is not None and count > stop_at else None

    meter.__class__ = Watched
    try:
        session.run(Source(text))
    finally:
        meter.__class__ = Watched.__base__
    return count


@pytest.mark.parametrize("hook", ["", "x.register_hook(lambda g: 2*g.exp().mul_(g))"])
@pytest.mark.parametrize("text", STATEMENTS)
def test_an_interrupt_at_any_step_leaves_all_as_before(text: str, hook: str) -> None:
    setup = f"{SETUP}; {hook}; x.grad = ones(3)" if hook else SETUP
    total = charges(started(setup), text, None)
    assert total > 2
    for step in range(total):
        session = started(setup)
        before = seen(session)
        with pytest.raises(Interrupted):
            charges(session, text, step)
        assert seen(session) == before, step


# ---- what optimizers remember -------------------------------------------------------------------

TRAINING = """
import torch
w = torch.ones(2, 3, requires_grad=True)
v = torch.ones(2, requires_grad=True)
optimizer = torch.optim.{optimizer}
scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.5)
def closure():
    optimizer.zero_grad()
    loss = (w**2).sum() + w[0].prod() + (v**4).sum()
    loss.backward()
    return loss
"""
STEP = "optimizer.step(closure); scheduler.step()"


@pytest.mark.parametrize(
    "optimizer",
    [
        "SGD([w], 0.1)",
        "SGD([w], 0.1, momentum=0.9)",
        "Adam([w], 0.1, amsgrad=True)",
        "RMSprop([w], 0.1, momentum=0.5)",
        "LBFGS([w], 0.1, max_iter=3)",
    ],
)
@pytest.mark.parametrize(
    "change",
    [
        "optimizer.step(closure)",
        "optimizer.step(closure), optimizer.step(closure)",
        "scheduler.step(), scheduler.step()",
        "optimizer.add_param_group({'params': [v], 'lr': 0.3})",
        "optimizer.step(closure), optimizer.load_state_dict(saved), optimizer.step(closure)",
    ],
)
def test_what_an_optimizer_remembers_is_taken_back(optimizer: str, change: str) -> None:
    ends = []
    for fails in (False, True):
        session = Session()
        session.run(Source(TRAINING.format(optimizer=optimizer)), script=True)
        session.run(Source(f"{STEP}; saved = optimizer.state_dict(); {STEP}"))
        if fails:
            with pytest.raises(GradcliError):
                session.run(Source(f"[{change}, absent]"))
        session.run(Source(f"{STEP}; {STEP}; {STEP}"))
        optimizer_state = session.variables["optimizer"].state_dict()
        ends.append((session.variables["w"].value.tolist(), repr(optimizer_state)))
    assert ends[0] == ends[1]
