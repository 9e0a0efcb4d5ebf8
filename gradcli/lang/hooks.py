"""Hooks: functions of the program that a pass calls."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.engine.graph import AccumulateGrad, Node, no_grad
from gradcli.engine.hooks import Handle, Hook
from gradcli.engine.tensor import Tensor
from gradcli.errors import GradcliError, WrongType, described
from gradcli.lang.limits import Meter, current
from gradcli.lang.values import CALLABLE, Function


def on_tensor(tensor: Tensor, function: Any) -> Handle:
    """`x.register_hook(f)`: f gets the gradient, once it is summed, and may return another."""
    return noted(tensor.register_hook(hook_of(function)))


def after_accumulation(leaf: Tensor, function: Any) -> Handle:
    """`f(leaf)`, when a pass has added to the leaf's `.grad`. A tensor that it returns is lost."""
    hook = hook_of(function)

    @no_grad()  # so that it may write into the leaf
    def without_result(variable: Tensor) -> None:
        hook(variable)

    return noted(leaf.register_post_accumulate_grad_hook(without_result))


def before_node(node: Node | AccumulateGrad, function: Any) -> Handle:
    """`f(grad_outputs)` before a node's rules; a tuple that it returns replaces them."""
    return noted(node.register_prehook(hook_of(function)))


def after_node(node: Node | AccumulateGrad, function: Any) -> Handle:
    """`f(grad_inputs, grad_outputs)` after; a tuple that it returns replaces the former."""
    return noted(node.register_hook(hook_of(function)))


def remove(handle: Handle) -> None:
    evaluation().journal.hooks(handle.hooks)
    handle.remove()


def noted(handle: Handle) -> Handle:
    """A handle whose hook goes away again if the statement fails."""
    evaluation().journal.undo(handle.remove)
    return handle


def evaluation() -> Meter:
    """The meter of the evaluation that a method is called in."""
    meter = current()
    assert meter is not None
    return meter


def hook_of(function: Any) -> Hook:
    """The engine's hook that calls a function of the program."""
    if type(function) not in CALLABLE:
        raise WrongType(f"a hook is a function, not {described(function)}")
    call_back = evaluation().call_back

    def hook(*arguments: Any) -> Any:
        try:
            return checked(call_back(function, tuple(map(guarded, arguments))))
        except GradcliError as error:
            if error.location is None and type(function) is Function:
                place = function.code.place
                error.location = place.source.locate(place.span)
            raise

    return hook


def checked(result: Any) -> Any:
    """What a hook returned, which the engine reads: tensors, one or a tuple of them, or None."""
    for item in result if type(result) is tuple else (result,):
        if item is not None and type(item) is not Tensor:
            raise WrongType(f"a hook returns tensors or None, not {described(item)}")
    return result


def guarded(value: Any) -> Any:
    """A gradient that a hook may write into: others read the same array, so it gets a copy then."""
    if type(value) is tuple:
        return tuple(map(guarded, value))
    if type(value) is not Tensor or value.requires_grad or type(value.value) is not np.ndarray:
        return value
    alias = value.value.view()
    alias.flags.writeable = False
    return Tensor(alias)
