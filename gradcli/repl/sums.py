"""`.grad` is a sum of passes: said once, where it may be taken for the gradient of the last."""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from typing import Any

from gradcli.engine.storage import version_of
from gradcli.engine.tensor import Tensor
from gradcli.lang.limits import Meter


class Sums:
    """Remembers which tensors' `.grad` several passes added to, until it is set anew."""

    def __init__(self) -> None:
        self.known: dict[int, tuple[weakref.ref[Tensor], Tensor, int]] = {}
        self.said = False

    def take(self, meter: Meter) -> None:
        """After a statement: what its passes added to."""
        for key, owner in meter.sums.items():
            tensor = owner()
            if tensor is not None and tensor.grad is not None:
                self.known[key] = owner, tensor.grad, version_of(tensor.grad).count
        meter.sums.clear()

    def note(self, value: Any, variables: Mapping[str, Any]) -> str | None:
        """What to say when `value` is shown, if it is such a sum."""
        if self.said or type(value) is not Tensor:
            return None
        for owner, grad, version in self.known.values():
            if grad is value and version_of(value).count == version:
                self.said = True
                name = next((n for n, x in variables.items() if x is owner()), "x")
                return f"note: .grad is a sum over passes; {name}.grad = None begins anew"
        return None
