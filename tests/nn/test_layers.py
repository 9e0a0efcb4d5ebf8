"""Layers: values and gradients that PyTorch 2.13 gives, and what each is for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from gradcli import nn
from gradcli.engine.functions import FUNCTIONS as F
from gradcli.engine.randomness import manual_seed
from gradcli.engine.tensor import Tensor, tensor
from gradcli.errors import GradcliError, ShapeMismatch, WrongIndex, WrongType, WrongValue

X = [[[1.0, 2.0], [3.0, 5.0]], [[-1.0, 0.0], [2.0, 2.0]]]
WEIGHTS = np.array([[1.0, 2.0], [3.0, 4.0]])


def close(actual: Any, expected: Any, atol: float = 2e-10) -> None:
    np.testing.assert_allclose(getattr(actual, "value", actual), expected, atol=atol)


# ---- normalizations -----------------------------------------------------------------------------


def test_batch_norm_in_training() -> None:
    layer, x = nn.BatchNorm1d(2), tensor(X, requires_grad=True)
    nn.init.constant_(layer.bias, 0.5)
    layer.weight.value[:] = 2, -1
    layer.bias.value[:] = 0.5, 1
    y = layer(x)
    F["sum"](y * WEIGHTS * x.detach()).backward()
    close(
        y,
        [
            [[1.3944236133, 3.1832708399], [1.0, -0.6329877186]],
            [[-2.1832708399, -0.3944236133], [1.8164938593, 1.8164938593]],
        ],
    )
    close(
        x.grad,
        [
            [[-1.4310663328, 1.0733426816], [1.4288642538, -0.4763352595]],
            [[0.7155045451, -0.3577808939], [0.3402293621, -1.2927583564]],
        ],
    )
    close(layer.weight.grad, [7.1553889065, 21.2288403414])
    close(layer.bias.grad, [4, 43])
    close(layer.running_mean, [0.05, 0.3])
    close(layer.running_var, [1.0666666667, 1.1])
    assert layer.num_batches_tracked.item() == 1
    y = layer.eval()(x)
    close(y[0], [[2.3396584661, 4.2761410619], [-1.5743372895, -3.4812538002]])
    close(layer.running_mean, [0.05, 0.3])


def test_batch_norm_with_the_mean_of_all_batches() -> None:
    layer = nn.BatchNorm2d(1, momentum=None)
    for values in ([1.0, 3.0], [5.0, 7.0]):
        layer(tensor(values).reshape(2, 1, 1, 1))
    close(layer.running_mean, [4])
    close(layer.running_var, [2])


def test_batch_norm_that_follows_nothing() -> None:
    layer = nn.BatchNorm1d(2, affine=False, track_running_stats=False)
    x = tensor(X)
    close(layer(x), layer.eval()(x))
    assert not [*layer.parameters(), *layer.buffers()]


def test_group_norm() -> None:
    layer, x = nn.GroupNorm(1, 2), tensor(X, requires_grad=True)
    y = layer(x)
    F["sum"](y * WEIGHTS).backward()
    close(y[0], [[-1.1832132521, -0.5070913938], [0.1690304646, 1.5212741813]])
    close(x.grad[1], [[-0.0570285846, 0.0855303321], [-0.3991499128, 0.3706481653]])


def test_layer_norm() -> None:
    layer, x = nn.LayerNorm(2), tensor(X, requires_grad=True)
    y = layer(x)
    F["sum"](y * x.detach()).backward()
    close(y[0], [[-0.9999800006, 0.9999800006], [-0.999995, 0.999995]])
    close(x.grad[0], [[-3.99976e-05, 3.99976e-05], [-9.9999e-06, 9.9999e-06]])
    assert nn.LayerNorm((2, 2), bias=False)(x).shape == (2, 2, 2)


def test_their_nodes_have_pytorchs_names() -> None:
    x = tensor(np.ones((2, 4, 3)))
    norms = nn.BatchNorm1d(4), nn.LayerNorm(3), nn.GroupNorm(2, 4)
    layers = *norms, nn.Linear(3, 2), nn.Conv1d(4, 1, 1)
    assert [layer(x).grad_fn.name for layer in layers] == [
        *("NativeBatchNormBackward0", "NativeLayerNormBackward0", "NativeGroupNormBackward0"),
        *("ViewBackward0", "ConvolutionBackward0"),
    ]
    node = nn.Linear(3, 2)(x[0]).grad_fn
    assert node.name == "AddmmBackward0"
    names = [part.name for part, _ in node.next_functions if part]
    assert names == ["AccumulateGrad", "TBackward0"]


# ---- the rest -----------------------------------------------------------------------------------


def test_embedding() -> None:
    layer = nn.Embedding(3, 2, padding_idx=1)
    assert layer.weight[1].tolist() == [0, 0]
    y = layer(tensor([[0, 1], [0, 2]], dtype=np.int64))
    F["sum"](y).backward()
    assert y.shape == (2, 2, 2)
    assert layer.weight.grad.tolist() == [[2, 2], [0, 0], [1, 1]]


def test_dropout() -> None:
    manual_seed(0)
    layer, x = nn.Dropout(0.25), tensor(np.ones(10_000), requires_grad=True)
    y = layer(x)
    kept = y.value != 0
    assert abs(kept.mean() - 0.75) < 0.02
    assert set(y.value.tolist()) == {0, 4 / 3}
    F["sum"](y).backward()
    assert np.array_equal(x.grad.value, y.value)
    assert layer.eval()(x) is x
    assert not np.any(nn.Dropout(1.0)(x).value)


def test_dense_has_an_activation() -> None:
    for activation in ("relu", nn.ReLU(), F["relu"]):
        layer = nn.Dense(2, 1, activation=activation)
        nn.init.constant_(layer.weight, -1)
        nn.init.zeros_(layer.bias)
        assert layer(tensor([[1.0, 2.0]])).tolist() == [[0]]


MODULES: dict[str, tuple[Callable[[], nn.Module], Callable[[Tensor], Tensor]]] = {
    "Identity": (lambda: nn.Identity(3, unused=True), lambda x: x),
    "Flatten": (nn.Flatten, lambda x: x.reshape(2, 16)),
    "Softmax": (lambda: nn.Softmax(dim=1), lambda x: F["softmax"](x, 1)),
    "LogSoftmax": (lambda: nn.LogSoftmax(-1), lambda x: F["log_softmax"](x, -1)),
    "LeakyReLU": (lambda: nn.LeakyReLU(0.2), lambda x: F["leaky_relu"](x, 0.2)),
    "ELU": (lambda: nn.ELU(alpha=0.5), lambda x: F["elu"](x, 0.5)),
    "GELU": (lambda: nn.GELU(approximate="tanh"), lambda x: F["gelu"](x, "tanh")),
    "Hardtanh": (lambda: nn.Hardtanh(-0.5, 0.5), lambda x: F["hardtanh"](x, -0.5, 0.5)),
    "PReLU": (nn.PReLU, lambda x: F["leaky_relu"](x, 0.25)),
    "ReLU in place": (lambda: nn.ReLU(True), F["relu"]),
    "MaxPool2d": (lambda: nn.MaxPool2d(2, stride=1), lambda x: F["max_pool2d"](x, 2, 1)),
    "AvgPool2d": (lambda: nn.AvgPool2d(2, padding=1), lambda x: F["avg_pool2d"](x, 2, None, 1)),
    "AdaptiveAvgPool2d": (
        lambda: nn.AdaptiveAvgPool2d((1, 2)),
        lambda x: F["adaptive_avg_pool2d"](x, (1, 2)),
    ),
}


@pytest.mark.parametrize("name", MODULES)
def test_a_module_is_its_function(name: str) -> None:
    make, function = MODULES[name]
    x = tensor(np.random.default_rng(0).normal(size=(2, 1, 4, 4)))
    expected = function(x).value.copy()
    np.testing.assert_array_equal(make()(x).value, expected)


ACTIVATIONS = [
    *("ReLU", "ReLU6", "SELU", "CELU", "SiLU", "Mish", "Tanh", "Sigmoid", "LogSigmoid"),
    *("Softplus", "Softsign", "Softshrink", "Hardshrink", "Hardsigmoid", "Hardswish", "Tanhshrink"),
]


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations(name: str) -> None:
    x = tensor([-2.0, 0.3, 4.0])
    assert np.array_equal(getattr(nn, name)()(x).value, F[name.lower()](x).value)


LOSSES: dict[str, tuple[Callable[[], nn.Module], list[Any], float]] = {
    "MSELoss": (nn.MSELoss, [[1.0, 2.0], [0.0, 0.0]], 2.5),
    "L1Loss, summed": (lambda: nn.L1Loss(reduction="sum"), [[1.0, 2.0], [0.0, 0.0]], 3.0),
    "HuberLoss": (lambda: nn.HuberLoss(delta=0.5), [[1.0, 2.0], [0.0, 0.0]], 0.625),
    "BCEWithLogitsLoss": (nn.BCEWithLogitsLoss, [[0.0], [1.0]], np.log(2)),
    "BCELoss": (nn.BCELoss, [[0.5], [1.0]], np.log(2)),
    "CrossEntropyLoss": (nn.CrossEntropyLoss, [[[0.0, 0.0]], [1]], np.log(2)),
    "CrossEntropyLoss, weighted": (
        lambda: nn.CrossEntropyLoss(tensor([1.0, 3.0]), reduction="sum"),
        [[[0.0, 0.0]], [1]],
        3 * np.log(2),
    ),
    "NLLLoss": (nn.NLLLoss, [[[-1.0, -2.0]], [1]], 2.0),
    "TripletMarginLoss": (
        lambda: nn.TripletMarginLoss(margin=2.0, eps=1e-12),
        [[[0.0]], [[1.0]], [[2.0]]],
        1.0,
    ),
}


@pytest.mark.parametrize("name", LOSSES)
def test_losses(name: str) -> None:
    make, operands, value = LOSSES[name]
    close(make()(*map(tensor, operands)), value)


REFUSED: dict[str, tuple[Callable[[], Any], type[GradcliError]]] = {
    "an option that is unknown": (lambda: nn.ReLU(slope=2), WrongType),
    "groups that do not divide": (lambda: nn.Conv2d(3, 4, 1, groups=2), WrongValue),
    "features that do not fit": (lambda: nn.Linear(3, 2)(tensor([1.0])), ShapeMismatch),
    "no variance": (lambda: nn.BatchNorm1d(2)(tensor([[1.0, 2.0]])), WrongValue),
    "axes that do not fit": (lambda: nn.BatchNorm2d(2)(tensor([[1.0, 2.0]])), WrongValue),
    "a row that is none": (lambda: nn.Embedding(2, 2)(tensor(np.array([2]))), WrongIndex),
    "a row by a fraction": (lambda: nn.Embedding(2, 2)(tensor([0.5])), WrongType),
    "a probability of 2": (lambda: nn.Dropout(2), WrongValue),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals(name: str) -> None:
    call, error = REFUSED[name]
    with pytest.raises(error):
        call()
