"""Kernels in blocks: the same bits and the same layout as in one piece, and an end in between."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from gradcli.engine import blocks
from gradcli.engine.apply import ROWS, record
from gradcli.engine.autograd import backward
from gradcli.engine.functions import FUNCTIONS
from gradcli.engine.graph import State, here
from gradcli.engine.metering import Meter
from gradcli.engine.ops import TABLE
from gradcli.engine.ops.table import Op
from gradcli.engine.tensor import Tensor
from gradcli.errors import Interrupted


class Watch(Meter):
    """Counts the blocks, and stops after so many."""

    def __init__(self, most: int = 10**9) -> None:
        self.count = 0
        self.most = most

    def charge(self, units: float) -> None:
        self.count += 1
        if self.count > self.most:
            raise Interrupted("interrupted")

    def work(self, op: Op, operands: tuple[Any, ...], static: tuple[Any, ...]) -> float:
        return op.nanoseconds(operands, static)

    def slope(self, node: Any, g: Any) -> None: ...
    def hold(self, value: Any) -> None: ...
    def node(self) -> None: ...
    def changing(self, owners: Sequence[Tensor]) -> None: ...


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Little is large here."""
    monkeypatch.setattr(blocks, "MANY", 20)
    monkeypatch.setattr(blocks, "BLOCK", 7)
    monkeypatch.setattr(blocks, "SHORT", 0.0)
    monkeypatch.setattr(blocks, "LONG", 8.0)


def metered(meter: Meter | None, calculate: Callable[[], Any]) -> Any:
    before, here.state = here.state, State()
    here.state.meter = meter
    try:
        return calculate()
    finally:
        here.state = before


ELEMENTWISE = sorted(
    op.name
    for op in TABLE.values()
    if op.elementwise and not op.view and not op.variadic and op.bind is None
)


def operands(op: Op, shapes: list[tuple[int, ...]]) -> list[np.ndarray]:
    """Points of the row's domain, or masks."""
    random = np.random.default_rng(7)
    drawn = []
    for k, domain in enumerate(op.domain[: len(op.rules)]):
        low, high = max(domain.low, -4.0), min(domain.high, 4.0)
        drawn.append(random.uniform(low, high, shapes[k % len(shapes)]))
    if op.infix in ("&", "|", "~") or op.name.startswith(("bitwise", "invert", "logical")):
        return [x > 0 for x in drawn]
    return drawn


@pytest.mark.parametrize(
    "shapes",
    [
        [(100,)],
        [(1, 41)],
        [(41, 1)],
        [(3, 5, 7)],
        [(2, 3, 2, 2, 3)],
        [(6, 1), (1, 8), (1,)],
        [(5, 9), (9,), ()],
    ],
)
@pytest.mark.parametrize("name", ELEMENTWISE)
@pytest.mark.usefixtures("small")
def test_an_elementwise_row_gives_the_same_bits(name: str, shapes: list[tuple[int, ...]]) -> None:
    op = TABLE[name]
    values = operands(op, shapes)
    watch = Watch()
    with np.errstate(all="ignore"):
        whole = op.forward(*values)
        cut = blocks.forward(op, tuple(values), (), watch)
    assert (watch.count > 1) == (whole.size > blocks.MANY)
    assert cut.dtype == whole.dtype
    np.testing.assert_array_equal(cut.view(np.uint8), whole.view(np.uint8))


@pytest.mark.parametrize("turn", [(0, 1, 2), (2, 1, 0), (1, 0, 2), (0, 2, 1)])
def test_the_layout_is_numpys(turn: tuple[int, ...], small: None) -> None:
    x = np.arange(60.0).reshape(3, 4, 5).transpose(turn)
    for values in ((x,), (x, x[:1]), (x, np.float64(3))):
        op = TABLE["sin" if len(values) == 1 else "add"]
        assert blocks.forward(op, values, (), Watch()).strides == op.forward(*values).strides


# Their slopes are sums over the points of a quadrature, which numpy adds in an order of its own.
INTEGRALS = {"gammainc", "gammaincc", "betainc"}


@pytest.mark.parametrize("name", [name for name in ELEMENTWISE if TABLE[name].differentiable])
@pytest.mark.usefixtures("small")
def test_gradients_have_the_same_bits(name: str) -> None:
    op, found = TABLE[name], []
    for meter in (None, Watch()):
        leaves = [Tensor(x).requires_grad_() for x in operands(op, [(5, 9), (9,)])]
        with np.errstate(all="ignore"):
            metered(meter, lambda xs=leaves: backward(ROWS["sum"](record(op, tuple(xs), ()))))
        found.append([x.grad.value for x in leaves if x.grad is not None])
    for whole, cut in zip(*found, strict=True):
        np.testing.assert_allclose(cut, whole, rtol=2e-15 if name in INTEGRALS else 0)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ((9, 4), (4, 5)),
        ((9, 4), (4,)),
        ((5, 3, 4), (5, 4, 2)),
        ((5, 3, 4), (4, 2)),
        ((3, 4), (5, 4, 2)),
        ((1, 9, 4), (1, 4, 2)),
        ((2, 1, 9, 4), (3, 4, 2)),
        ((5, 3, 4), (4,)),
    ],
)
@pytest.mark.usefixtures("small")
def test_products(a: tuple[int, ...], b: tuple[int, ...]) -> None:
    random = np.random.default_rng(7)
    x, w = random.integers(-9, 9, a) * 1.0, random.integers(-9, 9, b) * 1.0
    watch = Watch()
    np.testing.assert_array_equal(
        metered(watch, lambda: FUNCTIONS["matmul"](Tensor(x), Tensor(w))).value, x @ w
    )
    assert watch.count > 1


@pytest.mark.parametrize(
    ("a", "b"),
    [((9, 4), (4, 5)), ((5, 3, 4), (5, 4, 2)), ((3, 4), (5, 4, 2)), ((2, 1, 9, 4), (3, 4, 2))],
)
@pytest.mark.usefixtures("small")
def test_gradients_of_products(a: tuple[int, ...], b: tuple[int, ...]) -> None:
    random = np.random.default_rng(7)
    drawn = [random.integers(-9, 9, shape) * 1.0 for shape in (a, b)]
    watch, found = Watch(), []
    for meter in (None, watch):
        leaves = [Tensor(x).requires_grad_() for x in drawn]
        metered(meter, lambda xs=leaves: backward(ROWS["sum"](FUNCTIONS["matmul"](*xs))))
        found.append([x.grad.value for x in leaves])
    np.testing.assert_array_equal(found[1][0], found[0][0])
    np.testing.assert_array_equal(found[1][1], found[0][1])
    assert watch.count > 4


@pytest.mark.usefixtures("small")
def test_the_meter_can_stop_between_blocks() -> None:
    x = Tensor(np.arange(1.0, 101.0)).requires_grad_()
    for count in range(1, 10**9):
        watch = Watch(count)
        try:
            metered(watch, lambda: backward(ROWS["sum"](ROWS["sin"](x))))
            break
        except Interrupted:
            assert x.grad is None
    assert count > 2 * 100 // blocks.BLOCK
    np.testing.assert_array_equal(x.grad.value, np.cos(x.value))
