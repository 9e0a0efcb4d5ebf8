"""`torch.autograd.graph`: what becomes of the values that operations save."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from gradcli.engine.graph import here
from gradcli.engine.packing import Packing, packing
from gradcli.engine.tensor import Tensor
from gradcli.errors import WrongType, WrongValue
from gradcli.lang.calculus import function_of
from gradcli.lang.frameworks.strictness import builtins_of
from gradcli.lang.hooks import evaluation
from gradcli.lang.operators import truth
from gradcli.lang.values import Context, Module


def of_program(function: Any, name: str) -> Callable[[Any], Any]:
    target = function_of(name, function)
    return lambda value: evaluation().call_back(target, (value,))


def saved_tensors_hooks(pack_hook: Any, unpack_hook: Any) -> Context:
    """What is saved inside goes through `pack_hook`, and through `unpack_hook` when it is used."""
    pack, unpack = of_program(pack_hook, "a pack hook"), of_program(unpack_hook, "an unpack hook")
    return Context("saved_tensors_hooks", allowed(packing(pack, unpack)))


def save_on_cpu(pin_memory: Any = False, device_type: Any = "cuda") -> Context:
    """Everything is on the CPU: what is saved stays there."""
    truth(pin_memory)
    return Context("save_on_cpu", allowed(packing(kept, kept)))


def kept(tensor: Tensor) -> Tensor:
    return tensor


def disable_saved_tensors_hooks(error_message: Any) -> Context:
    """Hooks that are entered inside are an error, with this message."""
    if type(error_message) is not str:
        raise WrongType("disable_saved_tensors_hooks takes the message of the error")
    return Context("disable_saved_tensors_hooks", disabled(error_message))


class Disabled(Packing):
    """Stands where hooks would, and says why there are none."""

    __slots__ = ("message",)

    def __init__(self, message: str) -> None:
        super().__init__(kept, kept, here.state.tape)
        self.message = message

    def take(self, node: Any) -> None:
        """Values stay as they are saved."""


@contextmanager
def disabled(message: str) -> Iterator[None]:
    state = here.state
    before = state.tape
    state.tape = Disabled(message)
    try:
        yield
    finally:
        state.tape = before


@contextmanager
def allowed(hooks: Any) -> Iterator[None]:
    tape = here.state.tape
    if type(tape) is Disabled:
        raise WrongValue(tape.message[:200])
    with hooks:
        yield


def graph_names(path: str) -> Module:
    functions: list[Callable[..., Any]] = [
        disable_saved_tensors_hooks,
        save_on_cpu,
        saved_tensors_hooks,
    ]
    return Module(path, builtins_of(path, {f.__name__: f for f in functions}))
