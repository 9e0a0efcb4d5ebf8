"""A graph tells which of its operations lie on a kink, and what its rules take for the slope."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from gradcli.engine.apply import ROWS
from gradcli.engine.functions import FUNCTIONS as F
from gradcli.engine.functions import TABLE
from gradcli.engine.kinks import kinks
from gradcli.engine.tensor import Tensor, edge, tensor

inf = np.inf
Case = tuple[str, Callable[..., Tensor], tuple[Any, ...], tuple[Any, ...]]

# Row, function, arguments on its kink, arguments off it.
CASES: list[Case] = [
    ("abs", F["abs"], ([0.0, 1.0],), ([-1.0, 1.0],)),
    ("maximum", F["maximum"], (2.0, 2.0), (2.0, 3.0)),
    ("minimum", F["minimum"], ([1.0, 2.0], 2.0), ([1.0, 3.0], 2.0)),
    ("fmax", F["fmax"], (2.0, 2.0), (2.0, 3.0)),
    ("fmin", F["fmin"], (2.0, 2.0), (2.0, 3.0)),
    ("clip", lambda x: F["clip"](x, 0, 1), (0.0,), (0.5,)),
    ("clip", lambda x: F["clip"](x, 0, 1), (1.0,), (0.5,)),
    ("pow_tensor", F["pow"], (0.0, 0.0), ([0.0, 2.0], [1.0, 0.0])),
    ("pow_base", lambda n: F["pow"]([0.0, 2.0], n), ([0.0, 1.0],), ([2.0, 0.0],)),
    ("remainder", lambda a, b: a % b, ([4.0, 5.0], 2.0), ([5.0, 4.0], [2.0, 0.0])),
    ("remainder", lambda a, b: a % b, (4.0, 1.0), (4.5, -1.0)),
    ("remainder", lambda a, b: a % b, (4.0, -1.0), (4.5, 1.0)),
    ("hypot", F["hypot"], (0.0, 0.0), (0.0, 1.0)),
    ("arctan2", F["arctan2"], (0.0, 0.0), ([0.0, 1.0], [1.0, 0.0])),
    ("norm2", F["norm"], ([0.0, 0.0],), ([0.0, 1.0],)),
    ("max", F["max"], ([1.0, 2.0, 2.0],), ([1.0, 2.0, 3.0],)),
    ("min", F["min"], ([1.0, 1.0, 2.0],), ([1.0, 2.0, 2.0],)),
    ("max_along", lambda x: F["max"](x, 1), ([[1.0, 1.0], [1.0, 2.0]],), ([[1.0, 2.0]],)),
    ("min_along", lambda x: F["min"](x, 1), ([[1.0, 1.0], [1.0, 2.0]],), ([[1.0, 2.0]],)),
    ("ive", lambda x: ROWS["ive"](x, 2), (0.0,), ([-1.0, 1.0],)),
    ("i0e", F["i0e"], (0.0,), ([-1.0, 1.0],)),
    ("i1e", F["i1e"], (0.0,), ([-1.0, 1.0],)),
    ("max_pool", lambda x: F["max_pool1d"](x, 2), ([[[1.0, 1.0]]],), ([[[1.0, 2.0]]],)),
    ("max_pool", lambda x: F["max_pool1d"](x, 3, padding=1), ([[1.0, 1.0]],), ([[inf, 1.0]],)),
    ("hardtanh", F["hardtanh"], (1.0,), (0.0,)),
    ("hardswish", F["hardswish"], (-3.0,), (0.0,)),
    ("hardshrink", F["hardshrink"], (-0.5,), (0.0,)),
    ("softshrink", F["softshrink"], (-0.5,), (0.0,)),
    ("binary_cross_entropy", lambda x: F["bce"](x, 0.0), (1.0,), (0.0,)),
    ("cummax", lambda x: F["cummax"](x, 0), ([[1.0, 2.0], [1.0, 3.0]],), ([[1.0, 1.0]],)),
    ("sort", lambda x: F["kthvalue"](x, 2)[0], ([1.0, 1.0, 2.0],), ([1.0, 2.0, 3.0],)),
    ("unique", F["unique"], ([[2.0, 1.0], [2.0, 3.0]],), ([[2.0, 1.0], [0.0, 3.0]],)),
    ("angle", F["angle"], ([0j, 1j],), ([1j, -1.0],)),
    ("std", F["std"], ([2.0, 2.0],), ([2.0, 2.5],)),
    ("norm_p", lambda x: F["vector_norm"](x, 0.5), ([0.0, 1.0],), ([2.0, 1.0],)),
    ("norm_p", lambda x: F["vector_norm"](x, 0.5, 1), ([[0.0, 1.0]] * 3,), ([[2.0, 1.0]] * 3,)),
    ("norm_p", lambda x: F["vector_norm"](x, 3), ([0.0, 0.0],), ([0.0, 1.0],)),
    ("cummax", lambda x: F["cummax"](x, 1), ([[1.0, 1.0]],), ([[3.0, 2.0], [1.0, 3.0]],)),
    ("cummax", F["cummax"], ([1.0, 2.0, 2.0],), ([1.0, 2.0, 1.0],)),
    ("cummin", F["cummin"], ([2.0, 1.0, 1.0],), ([2.0, 1.0, 2.0],)),
    ("sort", lambda x: F["kthvalue"](x, 2)[0], ([1.0, 2.0, 2.0],), ([1.0, 2.0, 3.0],)),
    ("sort", lambda x: F["topk"](x, 1)[0], ([1.0, 2.0, 2.0],), ([1.0, 1.0, 2.0],)),
    ("eigh", F["eigvalsh"], ([[1.0, 0.0], [0.0, 1.0]],), ([[1.0, 0.0], [0.0, 2.0]],)),
    ("svd", F["svdvals"], ([[1.0, 0.0], [0.0, 0.0]],), ([[1.0, 0.0], [0.0, 2.0]],)),
    ("relu", F["relu"], ([0.0, 1.0],), ([-1.0, 1.0],)),
    ("leaky_relu", F["leaky_relu"], (0.0,), (1.0,)),
    ("prelu", F["prelu"], (0.0, 0.25), (1.0, 0.25)),
    ("threshold", lambda x: F["threshold"](x, 0.5, 20), (0.5,), (0.0,)),
    ("hardtanh", F["hardtanh"], (-1.0,), (0.0,)),
    ("hardsigmoid", F["hardsigmoid"], (-3.0,), (0.0,)),
    ("hardswish", F["hardswish"], (3.0,), (0.0,)),
    ("hardshrink", F["hardshrink"], (0.5,), (0.0,)),
    ("softshrink", F["softshrink"], (0.5,), (0.0,)),
    ("elu", lambda x: F["elu"](x, 0.5), (0.0,), (1.0,)),
    ("selu", F["selu"], (0.0,), (1.0,)),
    ("xlogy", F["xlogy"], (0.0, 0.0), (0.0, 1.0)),
    ("xlog1py", F["xlog1py"], (0.0, -1.0), (0.0, 1.0)),
    ("smooth_l1_loss", lambda x: F["smooth_l1"](x, 2.0, "sum", 0), (2.0,), (3.0,)),
    ("i0e", F["i0e"], (0.0,), (1.0,)),
    ("i1e", F["i1e"], (0.0,), (1.0,)),
    ("ive", lambda x: TABLE["ive"](x, 2), (0.0,), (1.0,)),
    ("max_pool", lambda x: F["max_pool1d"](x, 2), ([[1.0, 1.0]],), ([[1.0, 2.0]],)),
    ("binary_cross_entropy", lambda x: F["bce"](x, 1.0), (0.0,), (1.0,)),
]


def met(function: Callable[..., Tensor], arguments: tuple[Any, ...]) -> list[str]:
    leaves = [tensor(x, requires_grad=True) for x in arguments]
    return [node.op.name for node in kinks(edge(function(*leaves)))]


@pytest.mark.parametrize(("row", "function", "on", "off"), CASES, ids=[case[0] for case in CASES])
def test_a_kink_is_met_on_it_and_not_beside_it(
    row: str, function: Callable[..., Tensor], on: tuple[Any, ...], off: tuple[Any, ...]
) -> None:
    assert met(function, on) == [row]
    assert met(function, off) == []


# What only other parameters, or another operand, would make a kink.
SMOOTH: dict[str, tuple[Callable[..., Tensor], tuple[Any, ...]]] = {
    "elu of alpha 1": (F["elu"], (0.0,)),
    "smooth_l1 of beta 1": (lambda x: F["smooth_l1"](x, 2.0), (2.0,)),
    "1 log 0": (F["xlogy"], (1.0, 0.0)),
    "0 log1p": (F["xlog1py"], (0.0, -0.75)),
    "1 log1p -1": (F["xlog1py"], (1.0, -1.0)),
    "bce of 0": (lambda x: F["bce"](x, 0.0), (0.0,)),
    "bce of 1": (lambda x: F["bce"](x, 1.0), (1.0,)),
    "norm of order 1.5": (lambda x: F["vector_norm"](x, 1.5), ([0.0, 1.0],)),
    "3rd of 4": (lambda x: F["kthvalue"](x, 3)[0], ([1.0, 1.0, 2.0, 3.0],)),
    "eigenvalues of a batch": (F["eigvalsh"], ([[[1.0, 0.0], [0.0, 2.0]]] * 2,)),
    "singular values of a batch": (F["svdvals"], ([[[1.0, 0.0], [0.0, 2.0]]] * 2,)),
}


@pytest.mark.parametrize("name", SMOOTH)
def test_no_kink(name: str) -> None:
    function, arguments = SMOOTH[name]
    assert met(function, arguments) == []


def test_every_row_that_states_a_kink_is_tried() -> None:
    assert {op.name for op in TABLE.values() if op.kink} == {case[0] for case in CASES}


def test_a_rule_that_does_not_run_has_no_kink() -> None:
    """x % 2 has slope 1 in x at its jumps too; only the slope in the divisor is chosen there."""
    x = tensor(4.0, requires_grad=True)
    assert list(kinks(edge(x % 2))) == []


def test_a_graph_that_was_freed_has_nothing_to_tell() -> None:
    x = tensor(0.0, requires_grad=True)
    y = np.abs(x)
    y.backward()
    assert list(kinks(edge(y))) == []
