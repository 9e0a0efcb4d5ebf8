"""Occasions on which a mistake in the derivatives of a row would show.

There are two kinds. At a row's example calls differences and twins tell the truth (test_rules.py,
test_forward.py, tests/proof): here a graph is recorded once, and what a pass over it gave is kept.
And there are the tests of special points, such as kinks, which are run as they are.
"""

from __future__ import annotations

import functools
import inspect
import itertools
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from types import CodeType
from typing import Any

import numpy as np
import pytest
from engine_calls import CALLS, Call, leaves, seeded, weights
from test_forward import mixed

from gradcli.engine.backward import run
from gradcli.engine.forward import push
from gradcli.engine.functions import TABLE
from gradcli.engine.kinks import kinks
from gradcli.engine.tensor import Tensor, edge, tensor

# Whether all is as it was, or as it should be.
Occasion = Callable[[], bool]

# ---- example calls ------------------------------------------------------------------------------


# How little a wrong gradient may be off and still not agree with the twins of 50 digits.
BY_TWINS = 1e-11, 1e-12


@functools.cache
def of_row(row: str) -> list[Occasion]:
    return [occasion for call in CALLS if call.row == row for occasion in at_call(call)]


def at_call(call: Call) -> Iterator[Occasion]:
    inputs = leaves(call)
    y = call.function(*inputs)
    close = BY_TWINS if TABLE[call.row].twin else ()
    yield as_it_was(lambda: reverse(y, inputs, weights(call, y.shape)), *close)
    yield as_it_was(lambda: forward(y, inputs, random(call, inputs)))
    for k in range(len(inputs)):
        moves = random(call, inputs, (5,))
        yield as_it_was(functools.partial(forward, y, inputs, moves, 1, only=k))
    for batch in [(5,), (y.shape[-1] if y.shape else 1,)]:
        seeds = seeded(call.label, "seeds").normal(size=batch + y.shape)
        moves = random(call, inputs, batch)
        yield as_it_was(functools.partial(reverse, y, inputs, seeds, 1))
        yield as_it_was(functools.partial(forward, y, inputs, moves, 1))
    if edge(y) is not None:
        yield as_it_was(lambda: [len([*kinks(edge(y))])])
    single = leaves(call, np.float32)
    z = call.function(*single)
    ones = np.ones(z.shape, z.dtype)
    yield as_it_was(lambda: reverse(z, single, ones), 3e-4, 2e-5)
    yield from of_complex_numbers(call)
    yield as_it_was(lambda: mixed(call, True), 2e-7, 1e-8)
    yield as_it_was(lambda: mixed(call, False), 2e-7, 1e-8)


def of_complex_numbers(call: Call) -> Iterator[Occasion]:
    inputs = [tensor(x + 0.3j * np.cos(3 * x), requires_grad=True) for x in call.points]
    try:
        y = call.function(*inputs)
    except (TypeError, ValueError):
        return  # not for complex numbers
    seed = weights(call, y.shape) * (0.8 + 0.6j if y.dtype.kind == "c" else 1)
    moves = [a + 1j * b for a, b in zip(random(call, inputs), random(call, inputs), strict=True)]
    yield as_it_was(lambda: reverse(y, inputs, seed))
    yield as_it_was(lambda: forward(y, inputs, moves))


def as_it_was(act: Callable[[], list[Any]], rtol: float = 2e-8, atol: float = 1e-9) -> Occasion:
    before = act()
    return lambda: all(same(a, b, rtol, atol) for a, b in zip(act(), before, strict=True))


def same(a: Any, b: Any, rtol: float, atol: float) -> bool:
    if a is None or b is None:
        return a is b
    a, b = np.asarray(a), np.asarray(b)
    if (a.shape, a.dtype) != (b.shape, b.dtype):
        return False
    return bool(np.allclose(a, b, rtol, atol, equal_nan=True))


def random(call: Call, inputs: list[Tensor], batch: tuple[int, ...] = ()) -> list[Any]:
    rng = seeded(call.label, "moves")
    return [rng.normal(size=batch + x.shape) for x in inputs]


def reverse(y: Tensor, inputs: list[Tensor], seed: Any, batch: int = 0) -> list[Any]:
    found = run({edge(y): seed}, retain=True, batch=batch)
    return [found.get(edge(x)) for x in inputs]


def forward(
    y: Tensor, inputs: list[Tensor], moves: list[Any], batch: int = 0, only: int | None = None
) -> list[Any]:
    pairs = list(zip(inputs, moves, strict=True))
    some = pairs if only is None else pairs[only : only + 1]
    return [push(edge(y), {edge(x): move for x, move in some}, batch=batch)]


# ---- tests of special points --------------------------------------------------------------------

SPECIAL = ("test_kinks", "test_kink_reports", "test_matrices", "test_neural", "test_parameters")


@functools.cache
def of_code() -> dict[CodeType, list[Occasion]]:
    """Of each function that some special test runs, these tests."""
    found: dict[CodeType, list[Occasion]] = {}
    for module in SPECIAL:
        for test in tests(module):
            for code in run_by(test):
                found.setdefault(code, []).append(functools.partial(passes, test))
    return found


def tests(module: str) -> Iterator[Callable[[], None]]:
    """The tests of a module, with the parameters of each; but not those that want fixtures."""
    for name, function in vars(import_module(module)).items():
        if not name.startswith("test_"):
            continue
        tables = [mark.args for mark in getattr(function, "pytestmark", ())]
        for row in itertools.product(*(values for _, values in tables)):
            given: dict[str, Any] = {}
            for (names, _), value in zip(tables, row, strict=True):
                given |= (
                    dict(zip(names, value, strict=True))
                    if isinstance(names, tuple)
                    else {names: value}
                )
            if given.keys() == inspect.signature(function).parameters.keys():
                yield functools.partial(function, **given)


def run_by(test: Callable[[], None]) -> set[CodeType]:
    """The functions that a test runs; of one that fails anyway, none."""
    codes = set()
    sys.setprofile(lambda frame, event, _: codes.add(frame.f_code) if event == "call" else None)
    try:
        passed = passes(test)
    finally:
        sys.setprofile(None)
    return codes if passed else set()


def passes(test: Callable[[], None]) -> bool:
    try:
        test()
    except (AssertionError, pytest.fail.Exception):
        return False
    return True
