"""What an operation whose derivative is written by hand keeps for it."""

from __future__ import annotations

from typing import Any

from gradcli.engine.tensor import Tensor
from gradcli.errors import GraphFreed, WrongType, described


class Context:
    """What forward leaves for backward; any attribute may be set on it besides.

    needs_input_grad  for each argument of apply(), whether its gradient is wanted
    """

    def __init__(self, needs_input_grad: tuple[bool, ...]) -> None:
        self.needs_input_grad = needs_input_grad
        self._saved: tuple[Any, ...] | None = ()
        self._non_differentiable: tuple[Tensor, ...] = ()
        self._dirty: tuple[Tensor, ...] = ()
        self._materialize = True

    def save_for_backward(self, *tensors: Tensor | None) -> None:
        """Keep inputs or results. They are dropped by the pass, and checked for overwriting."""
        for tensor in tensors:
            if tensor is not None and type(tensor) is not Tensor:
                raise WrongType(f"save_for_backward keeps tensors, not {described(tensor)}")
        self._saved = tensors

    @property
    def saved_tensors(self) -> tuple[Any, ...]:
        if self._saved is None:
            raise GraphFreed(
                "the saved tensors are there in backward only, and once",
                hint="the first backward needs retain_graph=True",
            )
        return self._saved

    def mark_non_differentiable(self, *tensors: Tensor) -> None:
        """These results need no gradient."""
        self._non_differentiable = tensors

    def mark_dirty(self, *tensors: Tensor) -> None:
        """These arguments were overwritten by forward, which returns them."""
        self._dirty = tensors

    def set_materialize_grads(self, on: bool) -> None:
        """Whether backward gets zeros, instead of None, for a result that nothing depends on."""
        self._materialize = bool(on)
