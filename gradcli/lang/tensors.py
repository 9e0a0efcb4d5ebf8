"""Where numbers and lists become tensors, and the op table as the language calls it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gradcli.engine.functions import FUNCTIONS
from gradcli.engine.tensor import Tensor
from gradcli.engine.tensor import tensor as make_tensor
from gradcli.errors import ShapeMismatch, WrongType, WrongValue
from gradcli.lang.numbers import NUMBERS
from gradcli.lang.values import type_name

# How deep nested lists may be to become a tensor: the largest rank.
DEEPEST = 32


def as_tensor(value: Any, depth: int = DEEPEST) -> Tensor:
    """A number, or nested lists of numbers and tensors, as a tensor that keeps their graph."""
    if type(value) is Tensor:
        return value
    if type(value) is not list and type(value) is not tuple:
        if type(value) in NUMBERS:
            return make_tensor(value)
        raise WrongType(f"a {type_name(value)} is no number")
    if not depth:
        raise WrongValue(f"lists nested more than {DEEPEST} deep are no tensor")
    if value and all(type(item) is bool for item in value):
        return Tensor(np.array(value))
    if all(type(item) in NUMBERS for item in value):
        return make_tensor(value)
    parts = [as_tensor(item, depth - 1) for item in value]
    shapes = {part.shape for part in parts}
    if len(shapes) > 1:
        raise ShapeMismatch("the rows of a list have different shapes, so it is no tensor")
    if any(part.requires_grad for part in parts):
        return FUNCTIONS["stack"](parts)
    return Tensor(np.stack([part.value for part in parts]))


# ---- the op table -------------------------------------------------------------------------------

# These take their operands in a list.
OF_LISTS = {"concatenate", "cat", "concat", "stack"}
# Of two plain numbers these are the larger and the smaller, not a reduction along an axis.
PAIRWISE = {"max": "maximum", "min": "minimum"}
# PyTorch's words for numpy's keywords.
KEYWORDS = {"dim": "axis", "keepdim": "keepdims"}


def operation(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of the table over the language's values: lists are tensors, and a result of
    plain numbers alone is a number."""

    def call(*arguments: Any, **named: Any) -> Any:
        named = {KEYWORDS.get(key, key): value for key, value in named.items()}
        target = function
        if name in OF_LISTS and arguments and type(arguments[0]) in (list, tuple):
            arguments = ([as_tensor(x) for x in arguments[0]], *arguments[1:])
        elif arguments:
            if name in PAIRWISE and len(arguments) == 2 and scalar(arguments[0]):
                target = FUNCTIONS[PAIRWISE[name]]
            first, *rest = arguments
            if type(first) in (list, tuple):
                first = as_tensor(first)
            arguments = (first, *(as_tensor(x) if holds_tensors(x) else x for x in rest))
        result = target(*arguments, **named)
        if not result.ndim and all(type(x) in NUMBERS for x in arguments):
            return result.item()
        return result

    return call


def scalar(value: Any) -> bool:
    return type(value) in NUMBERS or (type(value) is Tensor and not value.ndim)


def holds_tensors(value: Any) -> bool:
    """Is this a list of tensors or of rows, rather than of sizes or axes?"""
    return type(value) in (list, tuple) and any(type(item) in (Tensor, list) for item in value)


OPERATIONS = {name: operation(name, function) for name, function in FUNCTIONS.items()}
