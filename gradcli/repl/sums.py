"""`.grad` is a sum of passes: said once, where it may be taken for the gradient of the last."""

from __future__ import annotations

import re
import weakref
from collections.abc import Mapping
from typing import Any

from gradcli.engine.storage import version_of
from gradcli.engine.tensor import Tensor
from gradcli.lang.limits import Meter
from gradcli.lang.script import Step


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

    def note(self, step: Step, variables: Mapping[str, Any]) -> str | None:
        """What to say of a statement that shows or prints such a sum."""
        if self.said or (step.value is None and not step.printed):
            return None
        for owner, grad, version in self.known.values():
            tensor = owner()
            if tensor is None or tensor.grad is not grad or version_of(grad).count != version:
                continue
            name = next((name for name, x in variables.items() if x is tensor), "x")
            if step.value is grad or shows(step.place.text, f"{name}.grad"):
                self.said = True
                return f"note: .grad is a sum over passes; {name}.grad = None begins anew"
        return None


def shows(text: str, grad: str) -> bool:
    return re.search(rf"\bprint\b.*\b{re.escape(grad)}\b", text) is not None
