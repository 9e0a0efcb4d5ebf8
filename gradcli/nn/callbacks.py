"""Hooks of a module: what is called before it and after it, forward and backward."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gradcli.engine.apply import ROWS
from gradcli.engine.graph import here
from gradcli.engine.hooks import Hooks
from gradcli.engine.tensor import Tensor

if TYPE_CHECKING:
    from gradcli.nn.module import Module


class Callbacks:
    """before    f(module, arguments), which may return others
    after     f(module, arguments, result), which may return another
    first     f(module, grad_outputs) in a pass, which may return others
    backward  f(module, grad_inputs, grad_outputs), which may return other grad_inputs
    """

    __slots__ = ("after", "backward", "before", "first")

    def __init__(self) -> None:
        self.before: Hooks = {}
        self.after: Hooks = {}
        self.first: Hooks = {}
        self.backward: Hooks = {}

    def around(self, module: Module, arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
        """The module's result, with every hook called."""
        arguments = self.entering(module, arguments)
        arguments, watch = self.watched(module, arguments)
        result = self.leaving(module, arguments, module.forward(*arguments, **named))
        return watch(result)

    def entering(self, module: Module, arguments: tuple[Any, ...]) -> tuple[Any, ...]:
        for hook in [*self.before.values()]:
            found = hook(module, arguments)
            if found is not None:
                arguments = found if isinstance(found, tuple) else (found,)
        return arguments

    def leaving(self, module: Module, arguments: tuple[Any, ...], result: Any) -> Any:
        for hook in [*self.after.values()]:
            found = hook(module, arguments, result)
            result = result if found is None else found
        return result

    def watched(
        self, module: Module, arguments: tuple[Any, ...]
    ) -> tuple[tuple[Any, ...], Callable[[Any], Any]]:
        """The arguments, and what to do with the result, so that the pass back is noticed.

        Aliases of both carry hooks of their own: the cotangent of the result is kept until that of
        the argument arrives. Without an argument that needs one, it is reported by itself.
        """
        if not (self.backward or self.first) or not here.state.recording:
            return arguments, lambda result: result
        arrived: list[Any] = []
        at = next((k for k, x in enumerate(arguments) if needs_gradient(x)), None)

        def report(g: Any) -> Any:
            for hook in [*self.backward.values()]:
                found = hook(module, (g,), tuple(arrived))
                if found is not None:
                    g = found[0] if isinstance(found, tuple) else found
            return g

        def keep(g: Any) -> Any:
            for hook in [*self.first.values()]:
                found = hook(module, (g,))
                if found is not None:
                    g = found[0] if isinstance(found, tuple) else found
            arrived[:] = [g]
            if at is None:
                report(None)
            return g

        def watch(result: Any) -> Any:
            if not needs_gradient(result):
                return result
            alias = ROWS["positive"](result)
            alias.register_hook(keep)
            return alias

        if at is not None:
            alias = ROWS["positive"](arguments[at])
            alias.register_hook(report)
            arguments = (*arguments[:at], alias, *arguments[at + 1 :])
        return arguments, watch


def needs_gradient(x: Any) -> bool:
    return type(x) is Tensor and x.requires_grad
