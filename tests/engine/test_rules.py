"""Every rule of the op table, against differences and against what its row declares."""

from __future__ import annotations

import dis
from typing import Any

import numpy as np
import pytest
from engine_calls import (
    CALLS,
    DIFFERENTIABLE,
    Call,
    differences,
    leaves,
    weights,
)

from gradcli.engine import autograd
from gradcli.engine.backward import run
from gradcli.engine.functions import FUNCTIONS, TABLE
from gradcli.engine.graph import AccumulateGrad, Node
from gradcli.engine.ops.table import Spec
from gradcli.engine.tensor import Tensor, edge, tensor
from gradcli.errors import WrongType

every_call = pytest.mark.parametrize("call", CALLS, ids=lambda call: call.label)
every_row = pytest.mark.parametrize("name", DIFFERENTIABLE)


def close(actual: Any, expected: Any, rtol: float = 2e-8, atol: float = 1e-9) -> None:
    np.testing.assert_allclose(np.asarray(actual), np.asarray(expected), rtol=rtol, atol=atol)


def loss(call: Call, *points: Any) -> Any:
    """A number that every element of the call's result has its own weight in."""
    y = call.function(*points)
    return FUNCTIONS["sum"](y * weights(call, y.shape))


def node_of(y: Tensor, row: str) -> Node:
    """The node of a row that a call recorded: its result's own or one right behind it."""
    stack = [y.grad_fn]
    while stack:
        node = stack.pop()
        if type(node) is Node:
            if node.op.name == row:
                return node
            stack.extend(target for target, _ in node.next_functions)
    raise AssertionError(f"{row} did not run")


@every_row
def test_every_row_has_an_example(name: str) -> None:
    calls = [call for call in CALLS if call.row == name]
    assert calls, f"add calls of {name} to EXAMPLES in engine_calls.py"
    for call in calls:
        node_of(call.function(*leaves(call)), name)


@every_call
def test_reverse_mode_agrees_with_differences(call: Call) -> None:
    inputs = leaves(call)
    gradients = autograd.grad(loss(call, *inputs), inputs, materialize_grads=True)
    expected = differences(lambda *xs: loss(call, *map(tensor, xs)).item(), call.points)
    for x, g, d in zip(inputs, gradients, expected, strict=True):
        assert g.shape == x.shape
        close(g, d)


@every_call
def test_second_order_agrees_with_differences_of_the_first(call: Call) -> None:
    inputs = leaves(call)

    def slopes(*xs: Tensor) -> Any:
        options = {"create_graph": True, "materialize_grads": True}
        firsts = autograd.grad(loss(call, *xs), xs, **options)
        total: Any = 0.0
        for k, g in enumerate(firsts):
            total = total + FUNCTIONS["sum"](g * (1 + k + weights(call, g.shape)))
        return total

    second = slopes(*inputs)
    if second.requires_grad:
        gradients = autograd.grad(second, inputs, materialize_grads=True)
    else:
        gradients = tuple(tensor(np.zeros(x.shape)) for x in inputs)

    def first(*xs: np.ndarray) -> float:
        from gradcli.engine.graph import enable_grad

        with enable_grad():
            return slopes(*(tensor(x, requires_grad=True) for x in xs)).item()

    for g, d in zip(gradients, differences(first, call.points), strict=True):
        close(g, d, rtol=2e-7, atol=1e-8)


def batches(y: Tensor) -> list[tuple[int, ...]]:
    n = y.shape[-1] if y.shape else 1
    return [(n,), (5,), (n, 5)]


@every_call
def test_batches_of_cotangents_agree_with_a_loop(call: Call) -> None:
    y = call.function(*leaves(call))
    root = edge(y)
    assert root is not None
    for batch in batches(y):
        seeds = np.random.default_rng(7).normal(size=batch + y.shape)
        together = run({root: seeds}, retain=True, batch=len(batch))
        for at in np.ndindex(batch):
            alone = run({root: seeds[at]}, retain=True)
            assert alone.keys() == together.keys()
            for node, g in alone.items():
                assert together[node].shape == batch + np.shape(g)
                close(together[node][at], g, rtol=1e-12, atol=1e-13)


# ---- what a row saves ---------------------------------------------------------------------------


def letters(node: Node) -> dict[str, Any]:
    """What a node saved, by the letters of `saves`."""
    operands = node.x if node.more is not None else (node.x, node.w)[: len(node.op.rules)]
    if node.op.variadic:
        names = ["*"] * len(operands)
    else:
        names = ["x"] if len(operands) == 1 else list("abcdef"[: len(operands)])
    outputs = node.y if node.op.several else (node.y,)
    return dict(zip(names, operands, strict=True)) | {"y": outputs[0]}


def gradients_after(call: Call, poison: str) -> tuple[list[Any], set[str]]:
    """Gradients with the saved or the unsaved values (letters in `poison`) turned into nan."""
    inputs = leaves(call)
    y = call.function(*[x * 1 for x in inputs])
    node = node_of(y, call.row)
    kept = letters(node)
    for name, value in kept.items():
        if name not in poison:
            continue
        if isinstance(value, Tensor):
            value.value = value.value * (0 if value.dtype.kind in "iu" else np.nan)
        elif name == "y" and node.op.saves_y:
            several = node.op.several
            node.y = tuple([part * np.nan for part in node.y]) if several else value * np.nan
    found = run({edge(y): np.ones(y.shape)}, retain=True)
    values = {id(n.variable): g for n, g in found.items() if isinstance(n, AccumulateGrad)}
    saved = {k for k, v in kept.items() if not isinstance(v, Spec) and v is not None}
    return [values.get(id(x)) for x in inputs], saved


@every_call
def test_a_node_holds_only_what_its_row_saves(call: Call) -> None:
    """Rules get a Spec or None for the rest, so they cannot read it."""
    clean, saved = gradients_after(call, "")
    op = TABLE[call.row]
    assert saved <= set(op.saves)
    assert all(np.all(np.isfinite(g)) for g in clean if g is not None)


@every_row
def test_every_saved_value_is_read(name: str) -> None:
    """Poisoning one changes a gradient of some example."""
    unread = set(TABLE[name].saves)
    for call in (call for call in CALLS if call.row == name):
        for letter in sorted(unread):
            poisoned, _ = gradients_after(call, letter)
            clean, _ = gradients_after(call, "")
            pairs = zip(clean, poisoned, strict=True)
            if not all(g is None or np.array_equal(g, p) for g, p in pairs):
                unread.discard(letter)
    assert not unread


@every_row
def test_underscores_tell_what_a_rule_reads(name: str) -> None:
    for rule in TABLE[name].rules:
        if rule is None:
            continue
        code = rule.__code__
        loads = [i.argval for i in dis.get_instructions(code) if "LOAD" in i.opname]
        # Since Python 3.13 one instruction may load two names.
        pairs = (names if type(names) is tuple else (names,) for names in loads)
        read = {name for pair in pairs for name in pair} | set(code.co_cellvars)
        for parameter in code.co_varnames[: code.co_argcount]:
            assert (parameter in read) != parameter.startswith("_"), parameter


# ---- dtypes -------------------------------------------------------------------------------------


@every_call
def test_single_precision_stays_single(call: Call) -> None:
    if call.row == "astype":
        return
    single, double = leaves(call, np.float32), leaves(call)
    y = call.function(*single)
    assert y.dtype == np.float32
    FUNCTIONS["sum"](y).backward()
    FUNCTIONS["sum"](call.function(*double)).backward()
    for a, b in zip(single, double, strict=True):
        if b.grad is None:
            assert a.grad is None
            continue
        assert a.grad.dtype == np.float32
        close(a.grad, b.grad, rtol=3e-4, atol=2e-5)


# Rows that are not differentiable at complex points, or that have no order to go by there.
REAL_ONLY = {name for name, op in TABLE.items() if op.ordered} | {
    *("logaddexp", "logaddexp2", "cbrt", "hypot", "arctan2", "copysign", "heaviside"),
    *("radians", "degrees"),
    *("erfinv", "erfcinv", "ndtri", "logit", "entr", "gamma", "lgamma", "loggamma", "digamma"),
    *("erfcx", "log_ndtr", "exp1", "expi", "gamma_density", "beta_density"),
    *("polygamma", "beta", "lbeta", "zeta", "gammainc", "gammaincc", "betainc", "rfft"),
    *(f"{letter}{n}" for letter in "jyik" for n in (0, 1, "v")),
    *(f"{letter}{n}e" for letter in "ik" for n in (0, 1, "v")),
}


@every_call
def test_complex_cotangents_follow_the_conjugate_convention(call: Call) -> None:
    """dL/d(re) + i dL/d(im) of a real L, as PyTorch has it."""
    shift = np.random.default_rng(3)
    points = tuple(x + 1j * shift.uniform(0.1, 0.4, x.shape) for x in call.points)
    inputs = [tensor(x, requires_grad=True) for x in points]
    if call.row in REAL_ONLY:
        with pytest.raises(WrongType):
            call.function(*inputs)
        return
    if call.row == "astype":
        return

    def real_loss(*xs: Tensor) -> Any:
        y = call.function(*xs)
        w = weights(call, y.shape)
        return FUNCTIONS["sum"]((y * (w + 0.3j)).real)

    gradients = autograd.grad(real_loss(*inputs), inputs, materialize_grads=True)
    expected = differences(lambda *xs: real_loss(*map(tensor, xs)).item(), points)
    for g, d in zip(gradients, expected, strict=True):
        assert g.dtype == np.complex128
        close(g, d, rtol=1e-7, atol=1e-8)
