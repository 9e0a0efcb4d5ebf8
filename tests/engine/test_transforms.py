"""grad and value_and_grad of functions, at any order and nested."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gradcli
from gradcli.engine.tensor import tensor
from gradcli.engine.transforms import grad, value_and_grad
from gradcli.errors import GradcliError, SeedNeeded, WrongIndex, WrongType


def nth(function: Any, order: int) -> Any:
    for _ in range(order):
        function = grad(function)
    return function


def test_any_order() -> None:
    assert [nth(lambda x: x**4, n)(2.0).item() for n in range(1, 7)] == [32, 48, 48, 24, 0, 0]
    assert nth(np.sin, 8)(0.3).item() == pytest.approx(np.sin(0.3), rel=1e-14)
    assert grad(lambda x: 3 * x)(1.0).item() == 3
    assert grad(grad(lambda x: 3 * x))(1.0).item() == 0


def test_perturbations_are_not_confused() -> None:
    """d/dx x * (d/dy (x + y)) is 1: the inner derivative must not see the outer x."""
    assert grad(lambda x: x * grad(lambda y: x + y)(1.0))(1.0).item() == 1
    assert grad(lambda x: x * grad(lambda y: x * y)(2.0))(3.0).item() == 6
    assert grad(lambda x: grad(lambda y: x * y * y)(x))(3.0).item() == 12  # d/dx 2x^2
    assert grad(lambda x: grad(lambda x: x**3)(x) * x)(2.0).item() == 36  # d/dx 3x^3


def test_argnums() -> None:
    def f(x: Any, y: Any, z: Any = 1.0) -> Any:
        return x * x * y + z

    assert grad(f)(3.0, 2.0).item() == 12
    assert grad(f, 1)(3.0, 2.0).item() == 9
    assert grad(f, argnums=-1)(3.0, 2.0).item() == 9
    assert [g.item() for g in grad(f, (1, 0))(3.0, 2.0)] == [9, 12]
    assert [g.item() for g in grad(f, (2, 0))(3.0, 2.0, 5.0)] == [1, 12]
    value, gradient = value_and_grad(f)(3.0, 2.0, z=4.0)
    assert (value.item(), gradient.item()) == (22, 12)
    with pytest.raises(WrongIndex, match="argnums names argument 2 of 2"):
        grad(f, 2)(3.0, 2.0)


def test_arguments_of_many_kinds() -> None:
    expected = [2.0, 4.0]
    for x in ([1, 2], np.array([1, 2]), np.array([1.0, 2.0]), tensor([1, 2])):
        assert grad(lambda x: np.sum(x * x))(x).tolist() == expected
    single = grad(lambda x: np.sum(x * x))(np.array([1, 2], np.float32))
    assert single.dtype == np.float32
    z = grad(np.abs)(3 + 4j)
    assert z.item() == 0.6 + 0.8j


def test_tracked_arguments_and_closures_stay_differentiable() -> None:
    a = tensor(2.0, requires_grad=True)
    g = grad(lambda x: x**3)(a)
    assert g.requires_grad
    g.backward()
    assert a.grad is not None
    assert a.grad.item() == 12
    g = grad(lambda x: x * a)(5.0)
    g.backward()
    assert a.grad.item() == 13
    assert not grad(lambda x: x**3)(2.0).requires_grad


def test_results() -> None:
    assert grad(lambda x: 7.0)(1.0).item() == 0
    assert grad(lambda x: tensor(7.0))([1.0, 2.0]).tolist() == [0, 0]
    with pytest.raises(SeedNeeded, match="shape"):
        grad(lambda x: x * 2)([1.0, 2.0])
    with pytest.raises(WrongType):
        grad(lambda x: "text")(1.0)
    with pytest.raises(GradcliError):
        grad(lambda x: x)("text")


@pytest.mark.parametrize("mode", [gradcli.no_grad, gradcli.inference_mode])
def test_modes_around_a_transform_do_not_matter(mode: Any) -> None:
    with mode():
        assert gradcli.grad(lambda x: x * x)(3.0).item() == 6
        assert gradcli.grad(gradcli.grad(lambda x: x * x * x))(3.0).item() == 18


def test_grad_of_results_as_in_pytorch() -> None:
    x, w = tensor(2.0, requires_grad=True), tensor(3.0, requires_grad=True)
    assert [g.item() for g in gradcli.grad(x * w, [x, w])] == [3, 2]
    (g,) = gradcli.grad(x**3, x, create_graph=True)
    assert gradcli.grad(g, x)[0].item() == 12


def test_the_package_is_lazy_and_closed() -> None:
    assert set(gradcli.__all__) <= set(dir(gradcli))
    assert gradcli.autograd.grad is not gradcli.grad
    with pytest.raises(AttributeError):
        gradcli.nonsense  # noqa: B018  # reading it raises
