"""Value and partial derivatives of formulas for every row of large columns: one that is given, and
bodies of the same size drawn from a seed.
"""

from __future__ import annotations

import importlib
import tracemalloc
from collections.abc import Callable
from typing import Any

import machine
import numpy as np
import scalar_program
import timing
from timing import Step

Body = Callable[..., Any]
Columns = list[Any]
NAMES = "xyz"
OPERATIONS = 16


def formula(t: Any, x: Any, y: Any, z: Any) -> Any:
    return t.sin(x * y) + t.exp(-(z**2)) * t.log(1 + x**2) / (1 + t.tanh(y) ** 2)


def ours(body: Body, columns: Columns) -> Step:
    import gradcli  # noqa: PLC0415  # as the peers are

    function = gradcli.compile(lambda *xs: body(np, *xs), grad=True, rows=True)
    return lambda: function(*columns)


def torch_step(body: Body, columns: Columns, prepare: Callable[[Any], Any]) -> Step:
    torch = importlib.import_module("torch")
    inputs = [torch.tensor(x, requires_grad=True) for x in columns]
    function = prepare(lambda *xs: body(torch, *xs))

    def step() -> object:
        z = function(*inputs)
        return z, torch.autograd.grad(z, inputs, torch.ones_like(z))

    return step


def eager(body: Body, columns: Columns) -> Step:
    return torch_step(body, columns, lambda function: function)


def torch_compiled(body: Body, columns: Columns) -> Step:
    return torch_step(body, columns, importlib.import_module("torch").compile)


def jax(body: Body, columns: Columns) -> Step:
    module = importlib.import_module("jax")
    module.config.update("jax_enable_x64", True)
    names = importlib.import_module("jax.numpy")
    one = module.value_and_grad(lambda *xs: body(names, *xs), tuple(range(len(columns))))
    function, arrays = module.jit(module.vmap(one)), [names.array(x) for x in columns]
    return lambda: module.block_until_ready(function(*arrays))


def hips_autograd(body: Body, columns: Columns) -> Step:
    autograd = importlib.import_module("autograd")
    names = importlib.import_module("autograd.numpy")
    derivative = autograd.make_vjp(lambda *xs: body(names, *xs), argnum=tuple(range(len(columns))))

    def step() -> object:
        pull, z = derivative(*columns)
        return z, pull(np.ones_like(z))

    return step


def derived(body: Body) -> tuple[Any, list[Any]]:
    """The variables, the value and the partial derivatives, by sympy."""
    sympy = importlib.import_module("sympy")
    xs = sympy.symbols(" ".join(NAMES))
    y = body(sympy, *xs)
    return xs, [y, *(y.diff(x) for x in xs)]


def lambdified(body: Body, columns: Columns) -> Step:
    xs, results = derived(body)
    function = importlib.import_module("sympy").lambdify(xs, results, "numpy", cse=True)
    return lambda: function(*columns)


def numexpr(body: Body, columns: Columns) -> Step:
    module = importlib.import_module("numexpr")
    texts = [str(result) for result in derived(body)[1]]
    names = dict(zip(NAMES, columns, strict=True))
    return lambda: [module.evaluate(text, local_dict=names) for text in texts]


PEERS = {
    "PyTorch": eager,
    "torch.compile": torch_compiled,
    "JAX": jax,
    "autograd": hips_autograd,
    "sympy": lambdified,
    "numexpr": numexpr,
}


def targets() -> dict[str, float]:
    return {"PyTorch": 0.2, "torch.compile": 0.6 if machine.has_avx512() else 1.2, "JAX": 0.5}


def drawn(seed: int, count: int) -> dict[str, Body]:
    """The formula, and bodies of this and the next seeds."""
    others = range(seed, seed + count)
    return {"a formula": formula} | {
        f"body {k}": scalar_program.draw(k, OPERATIONS) for k in others
    }


def measure(seed: int, *, rows: int = 10_000_000, bodies: int = 1) -> list[timing.Row]:
    rng = np.random.default_rng(seed)
    columns: Columns = [rng.uniform(-2, 2, rows) for _ in NAMES]
    found = []
    for label, body in drawn(seed, bodies).items():
        steps = {"gradcli": ours(body, columns)} | timing.available(PEERS, body, columns)
        spent = timing.interleaved(steps, rounds=4)
        cost = {name: seconds / rows for name, seconds in spent.items()}
        found.append(timing.Row(f"{rows:,} rows, {label}", cost, targets()))
    memory = {"gradcli": extra_memory(columns), "64 MB": 64e6}
    label = f"{rows:,} rows, memory beside the results"
    return [*found, timing.Row(label, memory, {"64 MB": 1}, "B")]


def extra_memory(columns: Columns) -> float:
    """Bytes that a call takes beside its results."""
    step = ours(formula, columns)
    tracemalloc.start()
    step()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return float(peak - (1 + len(columns)) * columns[0].nbytes)
