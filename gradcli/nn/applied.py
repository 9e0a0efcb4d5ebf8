"""Modules that are a function with options: how activations, pools and losses are made of rows."""

from __future__ import annotations

from typing import Any, ClassVar

from gradcli.engine.functions import FUNCTIONS as F
from gradcli.engine.functions import IN_PLACE
from gradcli.errors import WrongType, WrongValue
from gradcli.nn.module import Module


class _Required:
    """The default of an option that has none."""


REQUIRED = _Required()
# Options of PyTorch's names under the functions' own.
NATIVE = {"dim": "axis", "keepdim": "keepdims"}


class Applied(Module):
    """A function of its inputs, with options that are given when it is made."""

    function: ClassVar[str]
    options: ClassVar[dict[str, Any]]

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__()
        unknown = {*named} - {*self.options}
        if unknown or len(given) > len(self.options):
            name = type(self).__name__
            raise WrongType(f"{name} takes {', '.join(self.options) or 'no options'}")
        self.chosen = self.options | dict(zip(self.options, given, strict=False)) | named
        missing = [name for name, value in self.chosen.items() if value is REQUIRED]
        if missing:
            raise WrongType(f"{type(self).__name__} needs its option '{missing[0]}'")

    def __getattr__(self, name: str) -> Any:
        if name in type(self).options:
            return self.chosen.get(name)
        return super().__getattr__(name)

    def forward(self, *inputs: Any) -> Any:
        chosen = self.chosen
        if not NATIVE.keys().isdisjoint(chosen):
            chosen = {NATIVE.get(name, name): value for name, value in chosen.items()}
        return F[self.function](*inputs, **chosen)

    def extra_repr(self) -> str:
        return ", ".join(f"{name}={value!r}" for name, value in self.chosen.items())


class Activation(Applied):
    """`inplace=True` overwrites the input."""

    def __init__(self, *given: Any, inplace: bool = False, **named: Any) -> None:
        if len(given) > len(self.options) and type(given[-1]) is bool:
            *given, inplace = given  # type: ignore[assignment]  # a list does as well
        super().__init__(*given, **named)
        self.inplace = inplace

    def extra_repr(self) -> str:
        shown = super().extra_repr()
        return ", ".join([shown] * bool(shown) + ["inplace=True"] * self.inplace)

    def forward(self, *inputs: Any) -> Any:
        if self.inplace and f"{self.function}_" in IN_PLACE:
            return IN_PLACE[f"{self.function}_"](*inputs, **self.chosen)
        return super().forward(*inputs)


class Pool(Applied):
    """By windows, which stand side by side where no stride is given."""

    hidden: ClassVar[frozenset[str]] = frozenset()

    def extra_repr(self) -> str:
        chosen = {name: x for name, x in self.chosen.items() if name not in self.hidden}
        if chosen.get("stride", 0) is None:
            chosen["stride"] = chosen["kernel_size"]
        return ", ".join(f"{name}={value!r}" for name, value in chosen.items())


class MaxPool(Pool):
    """The largest of each window; `return_indices` says where it lies, which is lacking here."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        if self.chosen.pop("return_indices", False) is not False:
            raise WrongValue(f"{type(self).__name__} gives no indices here: return_indices=False")


class MeanPool(Pool):
    """The mean of each window."""

    hidden = frozenset({"ceil_mode", "count_include_pad", "divisor_override"})


def reduction(named: dict[str, Any], usual: str = "mean") -> dict[str, Any]:
    """The options with `reduction` for the older `size_average` and `reduce`, if they are told."""
    found = dict(named)
    average, reduce = found.pop("size_average", None), found.pop("reduce", None)
    for name, told in (("size_average", average), ("reduce", reduce)):
        if told is not None and type(told) is not bool:
            raise WrongType(
                f"{name} is True or False",
                hint="reduction='mean', 'sum' or 'none' is its newer form",
            )
    if average is not None or reduce is not None:
        found["reduction"] = "none" if reduce is False else "sum" if average is False else usual
    return found


class Loss(Applied):
    """What is measured says enough of it."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.chosen = reduction(self.chosen)

    def extra_repr(self) -> str:
        return ""


def kind(base: type[Applied], name: str, function: str, **options: Any) -> type[Applied]:
    """The class of this name."""
    summary = (F[function].__doc__ or f"{function} of the input.") if function in F else ""
    facts = {"function": function, "options": options, "__doc__": summary, "__module__": __name__}
    return type(name, (base,), facts)
