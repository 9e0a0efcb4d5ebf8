"""Leaves, seeds, freeing, modes: what gradcli promises beside what PyTorch does."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from engine_calls import CALLS, Call, leaves

from gradcli.engine import autograd, inplace
from gradcli.engine.functions import FUNCTIONS as F
from gradcli.engine.graph import Node, State, enable_grad, here, is_grad_enabled, no_grad
from gradcli.engine.metering import Meter
from gradcli.engine.notice import GradWarning
from gradcli.engine.reach import reachable
from gradcli.engine.tape import taping
from gradcli.engine.tensor import Tensor, tensor
from gradcli.errors import (
    GraphFreed,
    LeafRule,
    LimitExceeded,
    NoGraph,
    Overwritten,
    SeedNeeded,
    ShapeMismatch,
    UnusedInput,
    WrongType,
    WrongValue,
)


def leaf(value: Any = 2.0, dtype: Any = None) -> Tensor:
    return tensor(value, dtype=dtype, requires_grad=True)


# ---- seeds --------------------------------------------------------------------------------------

SEEDS: list[tuple[Any, Any]] = [
    ([1, 2], [2, 4]),
    ((1.0, 2.0), [2, 4]),
    (np.array([1.0, 2.0]), [2, 4]),
    (np.array([1, 2]), [2, 4]),
    (3, [6, 6]),
    (0.5, [1, 1]),
    (True, [2, 2]),
    (tensor(3.0), [6, 6]),
    (tensor([1.0, 2.0], dtype=np.float32), [2, 4]),
    (1 + 5j, [2, 2]),
]


@pytest.mark.parametrize(("seed", "expected"), SEEDS)
def test_a_seed_is_cast_and_a_scalar_one_is_spread(seed: Any, expected: Any) -> None:
    a = leaf([1.0, 1.0])
    (a * 2).backward(seed)
    assert a.grad is not None
    assert a.grad.tolist() == expected
    assert a.grad.dtype == np.float64


@pytest.mark.parametrize("seed", [[1.0], [[1, 2]], np.ones((2, 1)), tensor([1.0, 2, 3])])
def test_a_seed_of_another_shape_is_refused(seed: Any) -> None:
    with pytest.raises(ShapeMismatch):
        (leaf([1.0, 1.0]) * 2).backward(seed)


@pytest.mark.parametrize("seed", ["1", [[1], [2, 3]], {"a": 1}, [None, 1], object()])
def test_a_seed_is_made_of_numbers(seed: Any) -> None:
    with pytest.raises(WrongType):
        (leaf([1.0, 1.0]) * 2).backward(seed)


def test_a_result_of_several_elements_or_complex_needs_a_seed() -> None:
    with pytest.raises(SeedNeeded) as caught:
        (leaf([1.0, 2.0]) * 2).backward()
    assert "sum()" in str(caught.value.hint)
    assert "gradient=" in str(caught.value.hint)
    with pytest.raises(SeedNeeded):
        (leaf() * 1j).backward()


def test_the_seed_is_not_the_gradient_itself() -> None:
    a, seed = leaf([1.0, 2.0]), np.ones(2)
    a.backward(seed)
    seed[0] = 9
    assert a.grad is not None
    assert a.grad.tolist() == [1, 1]


# ---- leaves -------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex64, np.complex128])
def test_the_gradient_has_the_dtype_of_its_leaf(dtype: Any) -> None:
    for other in (np.float32, np.float64, np.complex128):
        a = leaf([1.0, 2.0], dtype)
        F["abs"](a * tensor(np.ones(2), dtype=other)).sum().backward()
        assert a.grad is not None
        assert a.grad.dtype == dtype


def test_grad_setter_checks_shape_dtype_and_type() -> None:
    a = leaf([1.0, 2.0])
    with pytest.raises(ShapeMismatch):
        a.grad = tensor([1.0])
    with pytest.raises(ShapeMismatch):
        a.grad = tensor([1.0, 2.0], dtype=np.float32)
    with pytest.raises(WrongType):
        a.grad = np.ones(2)  # type: ignore[assignment]  # what is refused
    a.grad = tensor([1.0, 2.0])
    a.grad = None
    assert a.grad is None


def test_reading_grad_of_a_non_leaf_warns_every_time_until_retained() -> None:
    b = leaf() * 2
    for _ in range(2):
        with pytest.warns(GradWarning, match="retain_grad"):
            assert b.grad is None
    b.retain_grad()
    assert b.grad is None


def test_backward_with_create_graph_warns_and_grad_does_not() -> None:
    a = leaf()
    autograd.grad(a * a, a, create_graph=True)
    with pytest.warns(GradWarning, match="cycle"):
        (a * a).backward(create_graph=True)


def test_warnings_go_to_the_session_if_there_is_one() -> None:
    notices: list[str] = []
    here.state.notice = notices.append
    try:
        assert (leaf() * 2).grad is None
    finally:
        here.state.notice = None
    assert len(notices) == 1


def test_detach_shares_storage() -> None:
    for value in ([1.0, 2.0], 3.0):
        a = leaf(value)
        b = a.detach()
        assert b.is_leaf
        assert not b.requires_grad
        b.value[...] = 7
        assert np.all(a.value == 7)
        assert (a * 2).sum().item() == 14 * a.size


@pytest.mark.parametrize("data", [True, [True, False], np.array([1, 2])])
def test_only_real_and_complex_tensors_need_gradients(data: Any) -> None:
    with pytest.raises(LeafRule):
        tensor(data, requires_grad=True)


def test_leaf_rules() -> None:
    b = leaf() * 2
    with pytest.raises(LeafRule):
        b.requires_grad = False
    with pytest.raises(LeafRule):
        b.requires_grad_(False)
    with pytest.raises(LeafRule):
        tensor(1.0).retain_grad()


# ---- failing, freeing ---------------------------------------------------------------------------


def test_a_failed_pass_leaves_every_grad_as_it_was() -> None:
    a, b = leaf(), leaf()
    shared = a * a
    shared.backward()
    y = shared * b + b
    with pytest.raises(GraphFreed, match="MulBackward0"):
        y.backward()
    assert a.grad is not None
    assert a.grad.item() == 4
    assert b.grad is None


def test_errors_name_the_remedy() -> None:
    a = leaf()
    y = a * a
    y.backward()
    with pytest.raises(GraphFreed) as freed:
        y.backward()
    assert "retain_graph=True" in str(freed.value.hint)
    with pytest.raises(UnusedInput) as unused:
        autograd.grad(a * 2, [leaf()])
    assert "allow_unused=True" in str(unused.value.hint)
    with pytest.raises(NoGraph):
        tensor(1.0).backward()
    with pytest.raises(NoGraph):
        autograd.grad(a * 2, tensor(1.0))
    with pytest.raises(WrongType):
        autograd.grad(a * 2, 2.0)  # type: ignore[arg-type]  # likewise
    with pytest.raises(WrongValue):
        autograd.backward([a * 2, a * 3], [1.0])


def test_saved_values_are_dropped_node_by_node() -> None:
    """Before the pass ends, what it has passed is gone."""
    a = leaf(np.ones(3))
    start = a * 1
    inner = F["exp"](start * 1)
    y = (inner * F["sin"](inner)).sum()
    saved, seen = weakref.ref(inner.value), []
    start.register_hook(lambda _: seen.append(saved() is None))
    del inner
    assert saved() is not None
    y.backward()
    assert seen == [True]


def test_a_cast_saves_nothing() -> None:
    a = leaf([1.0, 2.0])
    y = a.astype(np.float32).sum()
    y.backward()
    y.backward()
    assert a.grad is not None
    assert a.grad.tolist() == [2, 2]


def test_inputs_get_a_gradient_that_is_read_without_a_warning() -> None:
    b = leaf() * 2
    (b * b).backward(inputs=[b])
    assert b.grad is not None  # and a warning would be an error here
    assert b.grad.item() == 8


def test_freed_by_reference_counting_alone() -> None:
    a = leaf(np.ones(3))
    gc.disable()
    try:
        y = F["exp"](a * 2).sum() + (a.reshape(3, 1) @ a[None]).max()
        refs = [weakref.ref(node) for node in reachable([y.grad_fn])]
        y.backward()
        del y
        assert [ref for ref in refs if ref() is not None] == []
        (g,) = autograd.grad((a * a * a).sum(), a, create_graph=True)
        refs = [weakref.ref(node) for node in reachable([g.grad_fn])]
        del g
        assert [ref for ref in refs if ref() is not None] == []
    finally:
        gc.enable()


BY_ITSELF: dict[str, Callable[[Tensor], object]] = {
    "a function of it": lambda y: y.mul_(F["sin"](y)),
    "itself": lambda y: y.mul_(y),
    "a power": lambda y: y.pow_(y),
    "what is calculated in several steps": lambda y: y.add_((F["exp"](y) * y + 1).sum() * y),
    "one of several operands": lambda y: y.mul_(F["stack"]([y[0], y[1] * y[0]])),
    "an element of it": lambda y: y.__setitem__(0, y[1] * y[1]),
    "a view by another": lambda y: y[:1].mul_(F["exp"](y[1:])),
    "a view by the whole": lambda y: y[0].mul_((y * y).sum()),
    "a mask of it": lambda y: y.__setitem__(y > 1, F["cos"](y[0])),
    "several results of it": lambda y: y.mul_(y.unbind()[0] * y.split(1)[1]),
}


@pytest.mark.parametrize("how", BY_ITSELF)
def test_what_is_overwritten_by_itself_is_freed_by_reference_counting(how: str) -> None:
    gc.disable()
    try:
        x = leaf([1.0, 2.0])
        y, constant = x * 1, tensor([1.0, 2.0])
        BY_ITSELF[how](y)
        constant.add_(x * constant)
        refs = [weakref.ref(found) for found in (y, y.grad_fn, constant, constant.grad_fn)]
        del y, constant
        assert [ref() for ref in refs] == [None] * 4
    finally:
        gc.enable()


def test_what_was_calculated_before_a_write_still_sees_it() -> None:
    for how in ("a function of it", "what is calculated in several steps", "itself"):
        x = leaf([1.0, 2.0])
        y = x * 1
        BY_ITSELF[how](y)
        with pytest.raises(Overwritten):
            y.sum().backward()


def test_what_a_write_looks_through_does_not_grow_with_the_graph(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked: list[Any] = []
    monkeypatch.setattr(inplace, "untangled", lambda saved, base: (looked.append(saved), saved)[1])
    chain = x = leaf([1.0])
    for _ in range(10_000):
        chain = chain + 1.0
    (x * 1).add_(chain)
    assert 0 < len(looked) < 1_000


@pytest.mark.slow
def test_a_million_nodes_build_differentiate_and_free_without_recursion() -> None:
    a = leaf(1.0)
    gc.collect()
    gc.disable()
    try:
        y = a
        for _ in range(500_000):
            y = y * 1.0 + 0.0
        first = y.grad_fn
        assert first is not None
        last = weakref.ref(next(node for node in reachable([first]) if node.next_functions))
        assert sum(type(node) is Node for node in reachable([first])) == 1_000_000
        y.backward()
        del y, first
        assert last() is None
    finally:
        gc.enable()
    assert a.grad is not None
    assert a.grad.item() == 1


def test_fan_out() -> None:
    for value in (1.0, [1.0, 2.0]):
        a = leaf(value)
        total = sum((a for _ in range(100_000)), start=tensor(0.0))
        total.sum().backward()
        assert a.grad is not None
        assert np.all(a.grad.value == 100_000)
        wide = F["stack"]([a] * 10_000).sum()
        assert np.all(autograd.grad(wide, a)[0].value == 10_000)


# ---- modes --------------------------------------------------------------------------------------


def test_modes_nest_and_decorate() -> None:
    a = leaf()

    @no_grad()
    def silent(x: Tensor) -> Tensor:
        with enable_grad():
            assert (x * 2).requires_grad
        return x * 2

    assert not silent(a).requires_grad
    assert is_grad_enabled()
    with pytest.raises(KeyError), no_grad():
        raise KeyError
    assert is_grad_enabled()


def test_threads_have_independent_modes() -> None:
    a = leaf()
    seen: list[bool] = []
    entered, leave = threading.Event(), threading.Event()

    def work() -> None:
        with no_grad():
            entered.set()
            leave.wait(5)
            seen.append((a * 2).requires_grad)

    thread = threading.Thread(target=work)
    thread.start()
    entered.wait(5)
    seen.append((a * 2).requires_grad)
    leave.set()
    thread.join()
    assert seen == [True, False]


# ---- the meter ----------------------------------------------------------------------------------


class Budget(Meter):
    """Refuses results of more than a thousand elements, and counts what it is told."""

    def __init__(self) -> None:
        self.nodes = 0
        self.slopes = 0
        self.held = 0

    def charge(self, units: float) -> None:
        pass

    def work(self, op: Any, operands: tuple[Any, ...], static: tuple[Any, ...]) -> float:
        if op.elements(operands, static) > 1000 or op.nanoseconds(operands, static) > 1e5:
            raise LimitExceeded(f"{op.name} is too large", limit="tensor")
        return float(op.nanoseconds(operands, static))

    def slope(self, op: Any, g: Any) -> None:
        self.slopes += 1

    def hold(self, value: Any) -> None:
        self.held += value.size

    def node(self) -> None:
        self.nodes += 1


@pytest.fixture
def budget() -> Any:
    before, here.state = here.state, State()
    here.state.meter = meter = Budget()
    yield meter
    here.state = before


def test_the_meter_is_told_of_everything(budget: Budget) -> None:
    a = leaf([1.0, 2.0])
    y = (F["exp"](a) * a).sum()
    assert (budget.nodes, budget.slopes, budget.held) == (3, 0, 5)
    y.backward()
    assert (budget.nodes, budget.slopes) == (3, 3)
    assert budget.held > 5  # cotangents and .grad are alive, too


HUGE = {
    "broadcast_to": lambda x: x.broadcast_to((10**6, 10**6, 3)),
    "outer": lambda x: F["outer"](np.broadcast_to(1.0, 10**9), x),
    "add": lambda x: np.broadcast_to(1.0, (10**9, 1)) + x,
    "where": lambda x: F["where"](np.broadcast_to(True, (10**9, 1)), x, 0),
    "matmul": lambda x: np.broadcast_to(1.0, (10**9, 3)) @ x,
    "getitem": lambda x: x[np.zeros((2000, 1), int), None],
    "einsum": lambda x: F["einsum"](",".join("abcdefghijklm") + "->", *[x] * 13),
    "einsum out": lambda x: F["einsum"]("a,b,c,d,e,f,g->abcdefg", *[x] * 7),
    "stack": lambda x: F["stack"]([x] * 400),
}


@pytest.mark.parametrize("name", HUGE)
def test_the_meter_is_asked_before_anything_is_computed(name: str, budget: Budget) -> None:
    with pytest.raises(LimitExceeded):
        HUGE[name](leaf([1.0, 2.0, 3.0]))
    assert budget.held == 0


# ---- storage ------------------------------------------------------------------------------------


OF_THEIR_OPERANDS = [call for call in CALLS if call.row != "as_strided"]


@pytest.mark.parametrize("call", OF_THEIR_OPERANDS, ids=lambda call: call.label)
def test_results_share_storage_exactly_if_they_are_views(call: Call) -> None:
    inputs = leaves(call)
    with no_grad():
        inputs = [x * 1 for x in inputs]
        y = call.function(*inputs)
    shares = any(np.may_share_memory(x.value, y.value) for x in inputs)
    assert shares == (y.meta is not None and any(y.meta.base is x for x in inputs))
    if shares:
        assert y._version == inputs[0]._version == 0


def test_views_are_forgotten_with_their_last_reference() -> None:
    x = leaf(np.ones(3))
    gc.disable()
    try:
        for _ in range(1000):
            x[0]
        assert x.meta is not None
        assert x.meta.views is not None
        assert len(x.meta.views) < 10
        y = x * 1
        y[0] = y[1] * 2
        node = weakref.ref(y.grad_fn)
        y.sum().backward()
        del y
        assert node() is None
    finally:
        gc.enable()


def test_the_overwritten_value_is_named() -> None:
    y = leaf([1.0, 2.0]) * 2
    z = F["sin"](y)
    y[0] = 3.0
    y.add_(1)
    with pytest.raises(Overwritten) as caught:
        z.sum().backward()
    message = caught.value.message
    assert "SinBackward0" in message
    assert "(2,)" in message
    assert "version 2 was found, version 0 expected" in message


INDICES = [0, (1, 2), (slice(None), 1), (..., slice(None, None, -2)), (None, 1, ..., 2)]


@pytest.mark.parametrize("index", INDICES, ids=str)
@pytest.mark.parametrize("order", ["C", "F", "reversed"])
def test_writes_through_views_of_any_layout(order: str, index: Any) -> None:
    """The base's gradient is 10 exactly where a view of it was multiplied by 10."""
    values = np.arange(24.0).reshape(2, 3, 4)
    y = Tensor({"C": values, "F": np.asfortranarray(values), "reversed": values[:, ::-1]}[order])
    ten = leaf(1.0)
    y.mT[index].mul_(ten * 10)
    marks = np.zeros(y.mT.shape)
    marks[index] = 1
    for k in np.ndindex(2, 3, 4):
        found = autograd.grad(y[k], ten, retain_graph=True)[0].item()
        was = float(np.moveaxis(marks, -1, -2)[k]) * 10 * (y[k].item() / 10)
        assert found == pytest.approx(was)


def test_a_tape_follows_writes() -> None:
    x = leaf([1.0, 2.0, 3.0])
    with taping() as tape:
        y = x * 2
        v = y[1:]
        y[0] = y[1] * x[2]
        v.mul_(3)
        total = (v * y[:2]).sum()
    number = tape.enter(total)
    values: dict[int, Any] = {}
    for k in tape.ancestors(number):
        entry = tape.entries[k]
        values[k] = (
            entry.value
            if entry.op is None
            else entry.op.forward(*(values[i] for i in entry.operands), *entry.static)
        )
    assert values[number] == total.item()
    assert {entry.op.name for entry in tape.entries if entry.op} >= {"copy_slices", "as_strided"}
    inputs = [tape.entries[k].value for k in tape.ancestors(number) if not tape.entries[k].op]
    assert [np.asarray(value).tolist() for value in inputs] == [[1.0, 2.0, 3.0], 2.0, 3.0]
