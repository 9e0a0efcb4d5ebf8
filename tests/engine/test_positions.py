"""MindSpore's value_and_grad, grad and get_grad: the table of what each call returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from gradcli.engine.positions import get_grad, grad, value_and_grad
from gradcli.engine.tensor import Tensor, tensor
from gradcli.errors import WrongIndex, WrongType, WrongValue


@dataclass
class Weight:
    name: str
    tensor: Tensor


W = Weight("net.w", tensor(5.0, requires_grad=True))
B = Weight("net.b", tensor(7.0, requires_grad=True))


def f(x: Any, y: Any, z: Any) -> Any:
    return x * x * y + z


def net(x: Any) -> Any:
    return W.tensor * x + B.tensor


def two(x: Any) -> Any:
    return x * x, 3 * x


def plain(value: Any) -> Any:
    """Tensors as numbers, tuples kept."""
    if isinstance(value, tuple):
        return tuple(plain(item) for item in value)
    return value.tolist() if isinstance(value, Tensor) else value


@pytest.mark.parametrize(
    ("function", "options", "arguments", "expected"),
    [
        (f, {}, (3.0, 2.0, 1.0), 12.0),
        (f, {"grad_position": 1}, (3.0, 2.0, 1.0), 9.0),
        (f, {"grad_position": (1,)}, (3.0, 2.0, 1.0), 9.0),
        (f, {"grad_position": (2, 1)}, (3.0, 2.0, 1.0), (1.0, 9.0)),
        (net, {"grad_position": None, "weights": [W]}, (3.0,), (3.0,)),
        (net, {"grad_position": None, "weights": W}, (3.0,), 3.0),
        (net, {"grad_position": None, "weights": (W, B)}, (3.0,), (3.0, 1.0)),
        (net, {"grad_position": 0, "weights": [W, B]}, (3.0,), (5.0, (3.0, 1.0))),
        (net, {"grad_position": 0, "weights": W}, (3.0,), (5.0, 3.0)),
        (two, {"has_aux": True}, (2.0,), (4.0, (6.0,))),
        (two, {}, (2.0,), 7.0),
        (lambda x: x * x, {}, ([1.0, 2.0],), [2.0, 4.0]),
        (f, {"grad_position": (1, 2), "return_ids": True}, (3.0, 2.0, 1.0), ((1, 9.0), (2, 1.0))),
        (f, {"grad_position": 1, "return_ids": True}, (3.0, 2.0, 1.0), (1, 9.0)),
        (
            net,
            {"weights": [W, B], "return_ids": True},
            (3.0,),
            ((0, 5.0), (("net.w", 3.0), ("net.b", 1.0))),
        ),
        (lambda x, y: 2 * x, {"grad_position": (0, 1)}, (1.0, [1.0, 2.0]), (2.0, [0.0, 0.0])),
        (lambda x: 2 * x, {"grad_position": None, "weights": [W]}, (1.0,), (0.0,)),
    ],
)
def test_grad(
    function: Any, options: dict[str, Any], arguments: tuple[Any, ...], expected: Any
) -> None:
    assert plain(grad(function, **options)(*arguments)) == expected


def test_value_and_grad() -> None:
    assert plain(value_and_grad(f)(3.0, 2.0, z=1.0)) == (19.0, 12.0)
    value, gradient = value_and_grad(two, has_aux=True)(2.0)
    assert plain((value, gradient)) == ((4.0, 6.0), 4.0)
    assert not any(y.requires_grad for y in value)
    assert W.tensor.grad is None


def test_they_nest() -> None:
    assert plain(grad(grad(lambda x: x * x * x))(2.0)) == 12.0


def test_get_grad() -> None:
    found = grad(net, 0, [W, B], return_ids=True)(3.0)
    assert [get_grad(found, key).item() for key in (0, W, "net.b")] == [5, 3, 1]
    assert get_grad(grad(f, 1, return_ids=True)(3.0, 2.0, 1.0), 1).item() == 9
    with pytest.raises(WrongValue, match="no gradient by 4"):
        get_grad(found, 4)
    with pytest.raises(WrongType):
        get_grad(found, 1.5)  # type: ignore[arg-type]  # the mistake that is tested
    with pytest.raises(WrongType):
        get_grad(grad(f)(3.0, 2.0, 1.0), 0)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"grad_position": None}, WrongValue),
        ({"grad_position": (1, 1)}, WrongValue),
        ({"grad_position": -1}, WrongValue),
        ({"grad_position": ()}, WrongValue),
        ({"grad_position": 1.0}, WrongType),
        ({"grad_position": (0, "a")}, WrongType),
        ({"weights": 3}, WrongType),
        ({"weights": [W, 3]}, WrongType),
        ({"has_aux": 1}, WrongType),
        ({"return_ids": None}, WrongType),
    ],
)
def test_what_cannot_be_asked_for(options: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        value_and_grad(f, **options)


def test_mistakes_that_a_call_shows() -> None:
    with pytest.raises(WrongValue, match="has_aux"):
        grad(lambda x: x, has_aux=True)(1.0)
    with pytest.raises(WrongIndex):
        grad(lambda x: x, 3)(1.0)
