"""Forward mode: every row's tangent against differences, batches, nesting, complex numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from engine_calls import CALLS, Call, leaves, seeded

from gradcli.engine import autograd
from gradcli.engine.autograd import saved_result
from gradcli.engine.backward import run
from gradcli.engine.forward import push
from gradcli.engine.functions import FUNCTIONS as F
from gradcli.engine.tensor import Tensor, edge, tensor

every_call = pytest.mark.parametrize("call", CALLS, ids=lambda call: call.label)


def directions(call: Call, batch: tuple[int, ...] = ()) -> list[np.ndarray]:
    rng = seeded(call.label, "directions")
    return [rng.normal(size=batch + x.shape) for x in call.points]


def pushed(y: Tensor, inputs: list[Tensor], moves: list[Any], **options: Any) -> Any:
    """The tangent of y; zeros if it does not depend on the inputs."""
    tangents = {edge(x): move for x, move in zip(inputs, moves, strict=True)}
    found = push(edge(y), tangents, **options)
    batch = moves[0].shape[: options.get("batch", 0)]
    return np.zeros(batch + y.shape) if found is None else found


@every_call
def test_forward_mode_is_the_adjoint_of_reverse_mode(call: Call) -> None:
    """<u, J t> = <J^T u, t>, for every t and u."""
    inputs, moves = leaves(call), directions(call)
    y = call.function(*inputs)
    t = pushed(y, inputs, moves)
    assert np.shape(t) == y.shape
    u = seeded(call.label, "seed").normal(size=y.shape)
    found = run({edge(y): u}, retain=True)
    back = sum(np.sum(found.get(edge(x), 0) * m) for x, m in zip(inputs, moves, strict=True))
    assert np.sum(t * u) == pytest.approx(back, rel=1e-12, abs=1e-13)


@every_call
def test_operands_may_move_alone(call: Call) -> None:
    """The tangent is the sum of those that one operand moves by itself."""
    for batch in [(), (5,)]:
        inputs, moves = leaves(call), directions(call, batch)
        y, n = call.function(*inputs), len(batch)
        pairs = zip(inputs, moves, strict=True)
        alone = [push(edge(y), {edge(x): move}, batch=n) for x, move in pairs]
        total = sum(t for t in alone if t is not None)
        together = pushed(y, inputs, moves, batch=n)
        np.testing.assert_allclose(total, together, rtol=1e-11, atol=1e-12)


@every_call
def test_batches_of_tangents_agree_with_a_loop(call: Call) -> None:
    inputs = leaves(call)
    y = call.function(*inputs)
    n = y.shape[-1] if y.shape else 1
    for batch in [(n,), (5,), (n, 5)]:
        moves = directions(call, batch)
        together = pushed(y, inputs, moves, batch=len(batch))
        assert np.shape(together) == batch + y.shape
        for at in np.ndindex(batch):
            alone = pushed(y, inputs, [move[at] for move in moves])
            np.testing.assert_allclose(together[at], alone, rtol=1e-12, atol=1e-13)


@every_call
def test_a_recorded_tangent_is_the_same_and_can_be_differentiated(call: Call) -> None:
    inputs, moves = leaves(call), directions(call)
    y = call.function(*inputs)
    plain = pushed(y, inputs, moves)
    movers = [tensor(move, requires_grad=True) for move in moves]
    recorded = pushed(y, inputs, movers, wrap=saved_result)
    if not isinstance(recorded, Tensor):
        assert not np.any(plain)
        return
    np.testing.assert_allclose(recorded.value, plain, rtol=1e-14, atol=1e-15)
    root = edge(recorded)
    if root is None:
        assert not np.any(plain)
        return
    # It is linear in the tangents, so pushing them on gives it back.
    again = push(root, {edge(m): m.value for m in movers})
    np.testing.assert_allclose(again, plain, rtol=1e-12, atol=1e-13)


@every_call
def test_reverse_over_forward_is_reverse_over_reverse(call: Call) -> None:
    """The gradients of <u, J t> and of <J^T u, t> by the point."""
    found = [mixed(call, tangent) for tangent in (True, False)]
    for a, b in zip(*found, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-10)


def mixed(call: Call, tangent: bool) -> list[Any]:
    """The gradient of <u, J t> by the point, J t in forward mode or as <J^T u, t>."""
    inputs, moves = leaves(call), directions(call)
    y = call.function(*inputs)
    u = tensor(seeded(call.label, "seed").normal(size=y.shape))
    if tangent:
        moved = pushed(y, inputs, [tensor(move) for move in moves], wrap=saved_result)
        products = [moved * u]
    else:
        options = {"create_graph": True, "materialize_grads": True}
        products = [
            g * m for g, m in zip(autograd.grad(y, inputs, u, **options), moves, strict=True)
        ]
    total = sum((F["sum"](product) for product in products), start=tensor(0.0))
    if not total.requires_grad:
        return [np.zeros(x.shape) for x in inputs]
    return [g.value for g in autograd.grad(total, inputs, materialize_grads=True)]


def turned(call: Call) -> list[Tensor]:
    return [tensor(x + 0.3j * np.cos(3 * x), requires_grad=True) for x in call.points]


@every_call
def test_of_complex_numbers_too_it_is_the_adjoint(call: Call) -> None:
    """Re <u, J t> = Re <J^H u, t>."""
    inputs = turned(call)
    try:
        y = call.function(*inputs)
    except (TypeError, ValueError):
        return  # not for complex numbers
    rng = seeded(call.label, "complex")
    moves = [rng.normal(size=x.shape) + 1j * rng.normal(size=x.shape) for x in inputs]
    t = pushed(y, inputs, moves)
    u = rng.normal(size=y.shape) + (1j * rng.normal(size=y.shape) if y.dtype.kind == "c" else 0)
    found = run({edge(y): u}, retain=True)
    pairs = zip(inputs, moves, strict=True)
    back = sum(np.sum(np.conj(found.get(edge(x), 0)) * move).real for x, move in pairs)
    assert np.sum(np.conj(u) * t).real == pytest.approx(back, rel=1e-11, abs=1e-12)
