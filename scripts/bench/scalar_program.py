"""Value and gradient of a scalar function of many operations, compiled once and called often."""

from __future__ import annotations

import importlib
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import timing
from timing import Step

INPUTS = [0.3, 0.7, 1.1, 0.9]


# What the operations of a body are: none leaves the range of numbers, and all are smooth.
KINDS: list[Callable[[Any, Any, Any], Any]] = [
    lambda _t, a, b: (a + b) / 2,
    lambda _t, a, b: a - b / 2,
    lambda _t, a, b: a * b / 4,
    lambda _t, a, b: a / (1 + b * b),
    lambda t, a, _b: t.sin(a),
    lambda t, a, _b: t.tanh(a),
    lambda t, a, _b: t.exp(-a * a),
    lambda t, a, _b: t.log(2 + a * a),
]


def draw(seed: int, count: int) -> Callable[..., Any]:
    """A function of a namespace of mathematics and of the inputs, the same for the same seed.

    Every value is used; late ones read the inputs, too, whose derivatives would vanish otherwise.
    """

    rng, steps = random.Random(seed), []
    unused = list(range(len(INPUTS)))
    for k in range(len(INPUTS), len(INPUTS) + count):
        a = unused.pop(rng.randrange(len(unused)))
        b = rng.choice([*range(max(0, k - 12), k), *range(len(INPUTS))])
        steps.append((rng.choice(KINDS), a, b))
        unused.append(k)

    def body(t: Any, *inputs: Any) -> Any:
        # A function of fewer inputs has some of them twice.
        values = [inputs[k % len(inputs)] for k in range(len(INPUTS))]
        for kind, a, b in steps:
            values.append(kind(t, values[a], values[b]))
        return sum([values[k] for k in unused])

    return body


def ours(body: Callable[..., Any]) -> Step:
    import gradcli  # noqa: PLC0415  # as the peers are

    function = gradcli.compile(lambda *xs: body(np, *xs), grad=True)
    return lambda: function(*INPUTS)


def casadi(body: Callable[..., Any]) -> Step:
    """Through buffers, which is its quickest way."""
    sx = importlib.import_module("casadi")
    xs = [sx.SX.sym(f"x{k}") for k in range(len(INPUTS))]
    y = body(sx, *xs)
    function = sx.Function("f", xs, [y, sx.gradient(y, sx.vertcat(*xs))])
    buffer, evaluate = function.buffer()
    inputs = [np.empty(1) for _ in INPUTS]
    value, gradient = np.empty(1), np.empty(len(INPUTS))
    for k, x in enumerate(inputs):
        buffer.set_arg(k, x.data)
    buffer.set_res(0, value.data)
    buffer.set_res(1, gradient.data)

    def step() -> object:
        assert buffer  # it lives as long as what writes into it
        for x, number in zip(inputs, INPUTS, strict=True):
            x[0] = number
        evaluate()
        return value.item(), gradient.tolist()

    return step


def hips_autograd(body: Callable[..., Any]) -> Step:
    autograd = importlib.import_module("autograd")
    names = importlib.import_module("autograd.numpy")
    function = autograd.value_and_grad(
        lambda *xs: body(names, *xs), argnum=tuple(range(len(INPUTS)))
    )
    return lambda: function(*INPUTS)


def jax(body: Callable[..., Any]) -> Step:
    module = importlib.import_module("jax")
    module.config.update("jax_enable_x64", True)
    names = importlib.import_module("jax.numpy")
    function = module.jit(
        module.value_and_grad(lambda *xs: body(names, *xs), tuple(range(len(INPUTS))))
    )
    return lambda: module.block_until_ready(function(*INPUTS))


def pytorch(body: Callable[..., Any]) -> Step:
    torch = importlib.import_module("torch")
    xs = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in INPUTS]
    return lambda: torch.autograd.grad(body(torch, *xs), xs)


def lambdified(body: Callable[..., Any]) -> Step:
    sympy = importlib.import_module("sympy")
    xs = sympy.symbols(f"x:{len(INPUTS)}")
    y = body(sympy, *xs)
    function = sympy.lambdify(xs, [y, *(y.diff(x) for x in xs)], "math", cse=True)
    return lambda: function(*INPUTS)


PEERS = {"PyTorch": pytorch, "JAX": jax, "autograd": hips_autograd, "CasADi": casadi}


def built(prepare: Callable[[Callable[..., Any]], Step], seed: int, count: int) -> float:
    """Seconds from a function to its first result."""
    body = draw(seed, count)

    def build() -> object:
        return prepare(body)()

    return timing.seconds(build)


def measure(seed: int, *, operations: int = 1000) -> list[timing.Row]:
    rows = []
    for count, targets in ((operations // 50, {}), (operations, {"CasADi": 1.1})):
        # sympy takes minutes for many operations.
        peers = PEERS if count > 50 else {**PEERS, "sympy": lambdified}
        body = draw(seed, count)
        steps = {"gradcli": ours(body)} | timing.available(peers, body)
        spent = timing.interleaved(steps, rounds=7)
        cost = {name: seconds / count for name, seconds in spent.items()}
        rows.append(timing.Row(f"{count:,} operations, one of them", cost, targets))
    first = {"gradcli": min(built(ours, seed + k, operations) for k in range(3))}
    if "JAX" in cost:
        first["JAX"] = built(jax, seed + 1, operations)
    label = f"{operations:,} operations, building"
    return [*rows, timing.Row(label, first, {"JAX": 1 / 50})]
