"""Activations and losses: kinks, limits far out, conventions of PyTorch, what is refused."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from gradcli.engine import autograd
from gradcli.engine.functions import FUNCTIONS as F
from gradcli.engine.notice import GradWarning
from gradcli.engine.tensor import tensor
from gradcli.errors import ShapeMismatch, WrongIndex, WrongType, WrongValue

inf, nan = np.inf, np.nan
LOG2 = math.log(2)
FAR = [-inf, -1000, 1000, inf]

# function, operands, expected gradients of the (summed) result
Slopes = tuple[Callable[..., Any], list[Any], list[Any]]

KINKS: dict[str, Slopes] = {
    "relu": (F["relu"], [0], [0]),
    "relu6": (F["relu6"], [[0, 6]], [[0, 0]]),
    "leaky relu": (F["leaky_relu"], [0], [0.01]),
    "prelu": (F["prelu"], [0, 0.25], [0.25, 0]),
    "elu of a small alpha": (lambda x: F["elu"](x, 0.5), [0], [0.5]),
    "celu, smooth": (lambda x: F["celu"](x, 0.5), [0], [1]),
    "threshold": (lambda x: F["threshold"](x, 0.5, 20), [0.5], [0]),
    "hardtanh": (F["hardtanh"], [[-1, 1]], [[0, 0]]),
    "hardsigmoid": (F["hardsigmoid"], [[-3, 3]], [[0, 0]]),
    "hardswish": (F["hardswish"], [[-3, 3]], [[0, 1]]),
    "hardshrink": (F["hardshrink"], [[-0.5, 0.5]], [[0, 0]]),
    "softshrink": (F["softshrink"], [[-0.5, 0.5]], [[0, 0]]),
    "softsign, smooth": (F["softsign"], [0], [1]),
    "sinc": (F["sinc"], [[0, 1]], [[0, -1]]),
    "frac": (F["frac"], [2], [1]),
    "round to decimals": (lambda x: F["round"](x, 1), [0.25], [0]),
    "xlogy": (F["xlogy"], [[0, 0, 0], [0, 2, -1]], [[0, LOG2, 0], [0, 0, 0]]),
    "xlog1py": (F["xlog1py"], [[0, 0, 0], [-1, 1, -3]], [[0, LOG2, 0], [0, 0, 0]]),
    "nan_to_num": (F["nan_to_num"], [[nan, inf, 1]], [[0, 0, 1]]),
    "l1 loss": (F["l1_loss"], [2, 2], [0, 0]),
    "smooth l1 loss of no width": (lambda x, t: F["smooth_l1"](x, t, beta=0), [2, 2], [0, 0]),
    "huber loss": (lambda x: F["huber"](x, [0, 0], "sum"), [[1, -1]], [[1, -1]]),
    "hinge loss": (F["hinge"], [1, 1], [0, 0]),
    "hinge embedding loss": (lambda x: F["hinge_embedding"](x, -1), [1], [-1]),
    "margin ranking loss": (lambda a, b: F["margin_ranking"](a, b, 1), [2, 2], [-1, 1]),
    "binary cross entropy": (
        lambda x: F["bce"](x, [1, 0, 0, 1], reduction="sum"),
        [[0, 1, 0, 1]],
        [[-1e12, 1e12, 1, -1]],
    ),
    "kl_div of nothing": (F["kl_div"], [2, 0], [0, -2]),
    "normalize, origin": (F["normalize"], [[0, 0]], [[1e12, 1e12]]),
}

INFINITIES: dict[str, Slopes] = {
    "sigmoid": (F["sigmoid"], [FAR], [[0, 0, 0, 0]]),
    "logsigmoid": (F["logsigmoid"], [FAR], [[1, 1, 0, 0]]),
    "softplus": (F["softplus"], [FAR], [[0, 0, 1, 1]]),
    "silu": (F["silu"], [FAR], [[0, 0, 1, 1]]),
    "mish": (F["mish"], [FAR], [[0, 0, 1, 1]]),
    "gelu": (F["gelu"], [FAR], [[0, 0, 1, 1]]),
    "gelu by tanh": (lambda x: F["gelu"](x, "tanh"), [FAR], [[0, 0, 1, 1]]),
    "elu": (F["elu"], [FAR], [[0, 0, 1, 1]]),
    "softsign": (F["softsign"], [FAR], [[0, 1001**-2, 1001**-2, 0]]),
    "tanhshrink": (F["tanhshrink"], [[*FAR, 1e-5]], [[1, 1, 1, 1, 9.999999999333334e-11]]),
    "sinc": (F["sinc"], [FAR], [[0, -1e-3, 1e-3, 0]]),
    "log_softmax": (lambda x: F["log_softmax"](x)[0], [[1000, -1000]], [[0, 0]]),
    "cross entropy with logits": (
        lambda x: F["bce_with_logits"](x, [1, 0, 0, 1], reduction="sum"),
        [FAR],
        [[-1, 0, 1, 0]],
    ),
}

VALUES: dict[str, tuple[Callable[..., Any], list[float]]] = {
    "sigmoid": (F["sigmoid"], [0, 0, 1, 1]),
    "logsigmoid": (F["logsigmoid"], [-inf, -1000, 0, 0]),
    "softplus": (F["softplus"], [0, 0, 1000, inf]),
    "silu": (F["silu"], [0, 0, 1000, inf]),
    "mish": (F["mish"], [0, 0, 1000, inf]),
    "gelu": (F["gelu"], [0, 0, 1000, inf]),
    "gelu by tanh": (lambda x: F["gelu"](x, "tanh"), [0, 0, 1000, inf]),
    "celu": (F["celu"], [-1, -1, 1000, inf]),
    "softsign": (F["softsign"], [-1, -1000 / 1001, 1000 / 1001, 1]),
    "hardswish": (F["hardswish"], [0, 0, 1000, inf]),
    "sinc": (F["sinc"], [0, 0, 0, 0]),
}


def gradients(function: Callable[..., Any], operands: list[Any], seed: Any = 1.0) -> list[Any]:
    inputs = [tensor(x, dtype=np.float64, requires_grad=True) for x in operands]
    y = function(*inputs)
    found = autograd.grad(y, inputs, np.broadcast_to(seed, y.shape), materialize_grads=True)
    return [g.tolist() for g in found]


@pytest.mark.parametrize("name", KINKS)
def test_kink(name: str) -> None:
    function, operands, expected = KINKS[name]
    for g, e in zip(gradients(function, operands), expected, strict=True):
        np.testing.assert_array_equal(g, e)


@pytest.mark.parametrize("name", INFINITIES)
def test_slopes_far_out(name: str) -> None:
    function, operands, expected = INFINITIES[name]
    for g, e in zip(gradients(function, operands), expected, strict=True):
        np.testing.assert_allclose(g, e, rtol=1e-15)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", VALUES)
def test_values_far_out(name: str, dtype: Any) -> None:
    function, expected = VALUES[name]
    y = function(tensor(FAR, dtype=dtype))
    assert y.dtype == dtype
    np.testing.assert_array_equal(y.value, np.asarray(expected, dtype))


@pytest.mark.parametrize(
    ("name", "operand", "expected"),
    [("relu", [-1, 2], [0, inf]), ("hardtanh", [0.5, 2], [inf, 0]), ("softshrink", 0.1, 0)],
)
def test_infinite_cotangents_reach_only_what_was_chosen(
    name: str, operand: Any, expected: Any
) -> None:
    assert gradients(F[name], [operand], inf) == [expected]


# ---- values in closed form ----------------------------------------------------------------------

x, t = tensor([[1.0, 2.0], [3.0, 5.0]]), [[1.0, 4.0], [2.0, 2.0]]
logits, likely = [[0.0, math.log(3)]], [[0.25, 0.75]]

EXACT: dict[str, tuple[Callable[[], Any], Any]] = {
    "round": (lambda: F["round"](-1234.5, -2), -1200),
    "lerp meets its ends": (lambda: F["lerp"](0.1, 0.7, [0.0, 1.0]), [0.1, 0.7]),
    "frac": (lambda: F["frac"]([1.25, -1.25]), [0.25, -0.25]),
    "isclose": (lambda: F["isclose"]([1, nan], [1 + 1e-9, nan], equal_nan=True), [True, True]),
    "nan_to_num": (lambda: F["nan_to_num"]([nan, inf, -inf], 1, 2, 3), [1, 2, 3]),
    "tanhshrink of little": (lambda: F["tanhshrink"](1e-5), 3.3333333332e-16),
    "log_softmax of a sure thing": (
        lambda: F["log_softmax"]([0, 40]),
        [-40, -4.248354255291589e-18],
    ),
    "softmax of integers": (lambda: F["softmax"]([7, 7]), [0.5, 0.5]),
    "glu": (lambda: F["glu"]([3.0, 0.0]), [1.5]),
    "prelu by channels": (lambda: F["prelu"]([[-1.0, -1.0]], [0.5, 2]), [[-0.5, -2]]),
    "normalize": (lambda: F["normalize"]([[3.0, 4.0]]), [[0.6, 0.8]]),
    "softplus past its threshold": (lambda: F["softplus"](2.0, 1.0, 1.0), 2),
    "mse": (lambda: F["mse"](x, t), 3.5),
    "mse of small integers": (lambda: F["mse"](np.uint8(3), np.uint8(250)), 247**2),
    "l1, sum": (lambda: F["l1"](x, t, "sum"), 6),
    "smooth l1": (lambda: F["smooth_l1"](x, t, "none"), [[0, 1.5], [0.5, 2.5]]),
    "huber": (lambda: F["huber"](x, t, "none", 2), [[0, 2], [0.5, 4]]),
    "bce of a half": (lambda: F["bce"]([0.5], [1]), LOG2),
    "bce of 0": (lambda: F["bce"]([0.0], [1]), 100),
    "bce with logits": (lambda: F["bce_with_logits"]([0.0], [0.5]), LOG2),
    "nll": (lambda: F["nll"](x, [1, 0]), -2.5),
    "nll, weighted": (lambda: F["nll"](x, [1, 0], [1, 3]), -9 / 4),
    "nll, one ignored": (lambda: F["nll"](x, [1, -100]), -2),
    "cross entropy": (lambda: F["cross_entropy"](logits, [1]), -math.log(0.75)),
    "cross entropy of one sample": (lambda: F["cross_entropy"](logits[0], 1), -math.log(0.75)),
    "cross entropy of probabilities": (
        lambda: F["cross_entropy"](logits, likely),
        -(0.25 * math.log(0.25) + 0.75 * math.log(0.75)),
    ),
    "cross entropy, smoothed": (
        lambda: F["cross_entropy"](logits, [1], label_smoothing=0.5),
        -(0.25 * math.log(0.25) + 0.75 * math.log(0.75)),
    ),
    "kl_div": (lambda: F["kl_div"]([0.0, 0.0], [1.0, 0.0], "sum"), 0),
    "kl_div, batchmean": (
        lambda: F["kl_div"](x, t, "batchmean", log_target=True),
        (2 * math.exp(4) - math.exp(2) - 3 * math.exp(2)) / 2,
    ),
    "gaussian nll": (lambda: F["gaussian_nll"](x, t, [[1.0, 1.0], [1.0, 1.0]]), 1.75),
    "poisson nll": (lambda: F["poisson_nll"]([0.0], [3.0]), 1),
    "hinge": (lambda: F["hinge"]([0.5, -2.0], [1, 1], reduction="none"), [0.5, 3]),
    "cosine similarity": (lambda: F["cosine_similarity"]([3.0, 4.0], [4.0, 3.0]), 0.96),
    "cosine embedding": (lambda: F["cosine_embedding"]([[3.0, 4.0]], [[4.0, 3.0]], [1]), 0.04),
    "pairwise distance": (lambda: F["pairwise_distance"]([3.0, 4.0], [0.0, 0.0], eps=0), 5),
    "triplet": (
        lambda: F["triplet_margin"]([[0.0, 0]], [[3.0, 4]], [[0.0, 2]], eps=0, swap=True),
        1 + 5 - 2,
    ),
}


@pytest.mark.parametrize("name", EXACT)
def test_value(name: str) -> None:
    act, expected = EXACT[name]
    np.testing.assert_allclose(act().value, expected, rtol=1e-14, atol=1e-15)


# Scores of two classes, where the exponential of their difference is nothing or too much.
APART = [[0.0, -40.0], [-40.0, 0.0], [0.0, 1e4], [1e30, 0.0], [0.0, -math.inf], [-math.inf, 0.0]]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("scores", APART)
def test_cross_entropy_of_scores_far_apart(scores: list[float], dtype: Any) -> None:
    """Of a class and its slopes nothing is lost, however near they are to 0."""
    x = tensor(np.array([scores], dtype), requires_grad=True)
    loss = F["cross_entropy"](x, [0])
    loss.backward()
    apart = scores[1] - scores[0]
    share = math.exp(-apart) / (1 + math.exp(-apart)) if apart > 0 else 1 / (1 + math.exp(apart))
    other = math.exp(apart) * share if apart < 0 else 1 - share
    value = math.log1p(math.exp(apart)) if apart < 700 else apart
    rtol = 4 * float(np.finfo(dtype).eps)
    np.testing.assert_allclose(loss.value, dtype(value), rtol=rtol)
    np.testing.assert_allclose(x.grad.value, [[-other, other]], rtol=rtol)


# The nodes that PyTorch's graph has, from the loss down.
NODES = {
    "mse_loss": ["MseLossBackward0"],
    "l1_loss": ["MeanBackward0", "AbsBackward0", "SubBackward0"],
    "smooth_l1_loss": ["SmoothL1LossBackward0"],
    "huber_loss": ["HuberLossBackward0"],
    "binary_cross_entropy": ["BinaryCrossEntropyBackward0"],
    "binary_cross_entropy_with_logits": ["BinaryCrossEntropyWithLogitsBackward0"],
    "cross_entropy": ["NllLossBackward0", "LogSoftmaxBackward0"],
    "nll_loss": ["NllLossBackward0"],
}


@pytest.mark.parametrize("name", NODES)
def test_nodes_are_those_of_pytorch(name: str) -> None:
    target = [0, 1] if name in ("cross_entropy", "nll_loss") else [[0.0, 1.0], [1.0, 0.0]]
    node = F[name](tensor([[0.2, 0.6], [0.4, 0.3]], requires_grad=True), target).grad_fn
    for expected in NODES[name]:
        assert node.name == expected
        node = node.next_functions[0][0]


# ---- refusals -----------------------------------------------------------------------------------

REFUSED: dict[str, tuple[Callable[[], Any], type[Exception]]] = {
    "a slope that needs a gradient": (
        lambda: F["leaky_relu"](x, tensor(0.1, requires_grad=True)),
        WrongType,
    ),
    "an unknown approximation": (lambda: F["gelu"](1.0, "none of these"), WrongValue),
    "halves of an odd axis": (lambda: F["glu"]([1.0, 2.0, 3.0]), ShapeMismatch),
    "weights for other channels": (lambda: F["prelu"](x, [1.0, 2.0, 3.0]), ShapeMismatch),
    "an unknown reduction": (lambda: F["mse"](x, t, "median"), WrongValue),
    "shapes that do not fit": (lambda: F["mse"](x, [1.0, 2.0, 3.0]), ShapeMismatch),
    "complex numbers": (lambda: F["mse"]([1j], [1.0]), WrongType),
    "a probability above 1": (lambda: F["bce"]([1.5], [1.0]), WrongValue),
    "a class that does not exist": (lambda: F["cross_entropy"](x, [0, 2]), WrongIndex),
    "a class between two": (lambda: F["cross_entropy"](x, [0.5, 1]), WrongType),
    "too many classes": (lambda: F["cross_entropy"](x, [0, 1, 1]), ShapeMismatch),
    "a negative variance": (lambda: F["gaussian_nll"]([1.0], [1.0], [-1.0]), WrongValue),
    "class weights that need a gradient": (
        lambda: F["nll"](x, [0, 1], tensor([1.0, 2.0], requires_grad=True)),
        WrongType,
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusal(name: str) -> None:
    act, error = REFUSED[name]
    with pytest.raises(error):
        act()


def test_operands_that_stretch_each_other_are_told_of() -> None:
    with pytest.warns(GradWarning, match="is taken in shape"):
        F["mse"](tensor([1.0, 2.0]), tensor([[1.0], [2.0]]))
