"""The op table as a framework's functions: of tensors only, under the framework's names."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from gradcli.engine.tensor import Tensor
from gradcli.errors import WrongType
from gradcli.lang.operations import OF_LISTS, OPERATIONS
from gradcli.lang.values import Builtin, described

# Functions whose first argument need not be a tensor.
FREE = OF_LISTS | {
    *("atleast_1d", "atleast_2d", "atleast_3d", "broadcast_tensors", "cartesian_prod", "einsum"),
    *("meshgrid", "pow", "where"),
}


def of_tensors(name: str, call: Callable[..., Any], maker: str) -> Callable[..., Any]:
    """The same function, which takes no bare number or list for its first operand."""
    if name in FREE:
        return call

    def checked(*arguments: Any, **named: Any) -> Any:
        named = {"x" if key == "input" and not arguments else key: x for key, x in named.items()}
        first = arguments[0] if arguments else named.get("x")
        if type(first) is not Tensor and not any(type(x) is Tensor for x in arguments[1:2]):
            raise WrongType(f"{name} takes a tensor, not {described(first)}", hint=maker)
        return call(*arguments, **named)

    return checked


def builtins_of(path: str, functions: dict[str, Callable[..., Any]]) -> dict[str, Any]:
    return {name: Builtin(f"{path}.{name}", call) for name, call in functions.items()}


def operations(path: str, names: Iterable[str], maker: str) -> dict[str, Any]:
    """These rows and compositions of the op table."""
    return builtins_of(path, {name: of_tensors(name, OPERATIONS[name], maker) for name in names})
