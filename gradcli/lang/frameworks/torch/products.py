"""PyTorch's products, each for operands of its own ranks: nothing is broadcast."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradcli.engine.functions import FUNCTIONS as F
from gradcli.engine.tensor import Tensor
from gradcli.errors import ShapeMismatch, WrongType, described

KINDS = {1: "a vector", 2: "a matrix", 3: "a batch of matrices"}


def product(name: str, *ranks: int) -> Callable[..., Tensor]:
    """The matrix product of two tensors of these ranks."""

    def call(input: Any, other: Any) -> Tensor:
        check(name, (input, other), ranks)
        return F["matmul"](input, other)

    return call


def check(name: str, operands: tuple[Any, ...], ranks: tuple[int, ...]) -> None:
    for operand, rank in zip(operands, ranks, strict=True):
        if type(operand) is not Tensor:
            raise WrongType(f"{name} takes tensors, not {described(operand)}")
        if operand.ndim != rank:
            raise ShapeMismatch(
                f"{name} takes {KINDS[rank]} here, not a tensor of shape {operand.shape}",
                hint="matmul takes any",
            )
    if ranks == (3, 3) and operands[0].shape[0] != operands[1].shape[0]:
        raise ShapeMismatch(
            f"{name}: the batches {operands[0].shape[0]} and {operands[1].shape[0]} differ"
        )


def added(name: str, combine: Callable[[Any, Any], Tensor], *ranks: int) -> Callable[..., Tensor]:
    """beta times a tensor plus alpha times a product."""

    def call(input: Any, first: Any, second: Any, *, beta: Any = 1, alpha: Any = 1) -> Tensor:
        check(name, (first, second), ranks)
        if type(input) is not Tensor:
            raise WrongType(f"{name} adds to a tensor, not to {described(input)}")
        return scaled(input, beta) + scaled(combine(first, second), alpha)

    return call


def scaled(x: Tensor, factor: Any) -> Tensor:
    if type(factor) not in (int, float):
        raise WrongType(f"alpha and beta are numbers, not {described(factor)}")
    found: Tensor = x if factor == 1 else x * factor
    return found


PRODUCTS: dict[str, Callable[..., Any]] = {
    "addbmm": added("addbmm", lambda a, b: F["sum"](F["matmul"](a, b), 0), 3, 3),
    "addmm": added("addmm", F["matmul"], 2, 2),
    "addmv": added("addmv", F["matmul"], 2, 1),
    "addr": added("addr", F["outer"], 1, 1),
    "baddbmm": added("baddbmm", F["matmul"], 3, 3),
    "bmm": product("bmm", 3, 3),
    "mm": product("mm", 2, 2),
    "mv": product("mv", 2, 1),
}
