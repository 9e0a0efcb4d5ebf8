"""The op table as a framework's functions: of tensors only, under the framework's names."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from gradcli.engine.tensor import Tensor
from gradcli.errors import WrongType, described
from gradcli.lang.numbers import NUMBERS
from gradcli.lang.operations import OF_LISTS, OPERATIONS
from gradcli.lang.values import Builtin

# Functions whose first argument need not be a tensor.
FREE = OF_LISTS | {
    *("atleast_1d", "atleast_2d", "atleast_3d", "block_diag", "broadcast_tensors"),
    *(
        "cartesian_prod",
        "einsum",
        "isin",
        "meshgrid",
        "polygamma",
        "pow",
        "tril_indices",
        "triu_indices",
    ),
    "where",
}

# What the first operands are called in calls by name, where it is not input and other.
FIRST = ("condition", "sorted_sequence", "input", "A", "x1", "input1", "anchor", "tensors", "x")
REST: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("bmm", "mm"), ("mat2",)),
    **dict.fromkeys(("cdist", "cosine_similarity", "pairwise_distance"), ("x2",)),
    **dict.fromkeys(("cosine_embedding_loss", "margin_ranking_loss"), ("input2", "target")),
    **dict.fromkeys(("float_power", "pow"), ("exponent",)),
    **dict.fromkeys(("ger", "outer"), ("vec2",)),
    **dict.fromkeys(("permute", "tile"), ("dims",)),
    **dict.fromkeys(("reshape", "view"), ("shape",)),
    "broadcast_to": ("size",),
    "chunk": ("chunks",),
    "dot": ("tensor",),
    "lerp": ("end", "weight"),
    "mv": ("vec",),
    "searchsorted": ("input",),
    "solve": ("B",),
    "split": ("split_size_or_sections",),
    "triplet_margin_loss": ("positive", "negative"),
    "where": ("input", "other"),
}


def positioned(
    name: str,
    arguments: tuple[Any, ...],
    named: dict[str, Any],
    rest: tuple[str, ...] = ("other",),
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The same call with its operands in their places, whatever names they were given by."""
    names = [FIRST, *[(each,) for each in REST.get(name, rest)]]
    found, left = list(arguments), dict(named)
    for synonyms in names[len(arguments) :]:
        given = next((each for each in synonyms if each in left), None)
        if given is None:
            break
        found.append(left.pop(given))
    return tuple(found), left


def of_tensors(
    name: str, call: Callable[..., Any], maker: str, *, numbers: bool = False
) -> Callable[..., Any]:
    """The same function, which takes no bare list for its first operand.

    numbers  whether it may be a number if the second one is a tensor
    """

    def checked(*arguments: Any, **named: Any) -> Any:
        if named:
            arguments, named = positioned(name, arguments, named)
        first = arguments[0] if arguments else None
        beside = numbers and type(first) in NUMBERS and len(arguments) > 1
        if type(first) is not Tensor and not (beside and type(arguments[1]) is Tensor):
            raise WrongType(f"{name} takes a tensor, not {described(first)}", hint=maker)
        return call(*arguments, **named)

    def free(*arguments: Any, **named: Any) -> Any:
        if named:
            arguments, named = positioned(name, arguments, named)
        return call(*arguments, **named)

    return free if name in FREE else checked


def builtins_of(path: str, functions: dict[str, Callable[..., Any]]) -> dict[str, Any]:
    return {name: Builtin(f"{path}.{name}", call) for name, call in functions.items()}


def steps(path: str, functions: dict[str, Callable[..., Any]]) -> dict[str, Any]:
    """Functions that call others of the program."""
    return {name: Builtin(f"{path}.{name}", f, steps=True) for name, f in functions.items()}


def operations(
    path: str, names: Iterable[str], maker: str, *, numbers: bool = False
) -> dict[str, Any]:
    """These rows and compositions of the op table."""
    calls = {name: of_tensors(name, OPERATIONS[name], maker, numbers=numbers) for name in names}
    return builtins_of(path, calls)
