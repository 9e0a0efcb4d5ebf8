"""How PyTorch and OneFlow write tensors, as `set_printoptions` has it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine.display import MOST
from gradcli.errors import WrongType, WrongValue
from gradcli.lang.arrays import is_array
from gradcli.lang.frameworks.layout import Layout, describe
from gradcli.lang.operators import truth
from gradcli.nn.parameter import Parameter

if TYPE_CHECKING:
    from gradcli.lang.session import Session


def suffixes(tensor: Any, prefix: str, usual: set[str]) -> list[str]:
    """What is said of a tensor beside its elements."""
    found = [] if tensor.dtype.name in usual else [f"dtype={prefix}{tensor.dtype.name}"]
    if tensor.grad_fn is not None:
        found.append(f"grad_fn={tensor.grad_fn}")
    elif tensor.requires_grad:
        found.append("requires_grad=True")
    return found


class Printing:
    """How a session writes PyTorch's tensors."""

    def __init__(self, session: Session, prefix: str, usual: Callable[[], set[str]]) -> None:
        self.session, self.prefix, self.usual = session, prefix, usual
        self.layout = Layout()

    def printed(self, tensor: Any, digits: int | None) -> str:
        """What `print` writes: an array is bare."""
        if is_array(tensor):
            return str(array_of(tensor, digits))
        return self.describe(tensor, digits)

    def describe(self, tensor: Any, digits: int | None) -> str:
        if is_array(tensor):
            return repr(array_of(tensor, digits))
        usual = self.usual()
        if not tensor.size:
            usual -= {"bool", "int64"}
        said = self.session.digits if digits is None else digits
        chosen = self.layout if said is None else self.layout._replace(precision=said)
        text = describe(tensor, chosen, suffixes(tensor, self.prefix, usual))
        return f"Parameter containing:\n{text}" if isinstance(tensor, Parameter) else text

    def set(self, *given: Any, **options: Any) -> None:
        """`set_printoptions`: by name, or the precision first; `profile` begins anew."""
        named = dict(zip(Layout._fields, given, strict=False)) | options
        profile = named.pop("profile", None)
        if profile not in (None, "default", "short"):
            raise WrongValue(
                "the profile is 'default' or 'short': at most 1,000 elements are shown"
            )
        new = {"default": Layout(), "short": Layout(precision=2, edgeitems=2)}.get(
            profile, self.layout
        )
        for name, value in named.items():
            if name not in Layout._fields:
                raise WrongType(f"set_printoptions has no '{name}'")
            if name == "sci_mode":
                new = new._replace(sci_mode=None if value is None else truth(value))
            elif value is not None:
                most = 17 if name == "precision" else MOST
                new = Layout(**{**new._asdict(), name: whole(name, value, most)})
        self.session.meter.journal.undo(partial(setattr, self, "layout", self.layout))
        self.layout = new


def array_of(tensor: Any, digits: int | None) -> Any:
    """The raw array, to so many digits."""
    value = np.asarray(tensor.value)
    return value[()] if digits is None or value.dtype.kind not in "fc" else value.round(digits)


def whole(name: str, value: Any, most: int) -> int:
    if type(value) is not int or not 0 <= value <= most:
        raise WrongValue(f"{name} is an integer from 0 to {most:,}")
    return value
