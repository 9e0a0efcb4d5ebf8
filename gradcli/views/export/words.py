"""What an exported function is called and says of itself, in any language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from gradcli import __version__


class Words(NamedTuple):
    """Of a function `name` of an expression, with variables of these shapes."""

    name: str
    expression: str
    shapes: Mapping[str, tuple[int, ...]]
    hessian: bool

    def temporary(self, names: Iterable[str]) -> str:
        """A letter for intermediate values that no variable begins with."""
        starts = {name[:1] for name in names}
        return next(letter for letter in ("t", "u", "v", "w", "tmp_") if letter not in starts)

    def document(self, names: Mapping[str, str]) -> str:
        """The value and derivatives of …; what the arguments and results are."""
        expression = " ".join(self.expression.split()).replace("\\", "/").replace('"""', "'''")
        expression = expression.replace("*/", "* /")
        kinds = [f"{names[name]}: {kind(shape)}" for name, shape in self.shapes.items()]
        what = "the gradients" + (" and the second derivatives" if self.hessian else "")
        return (
            f"{expression}: the value, then {what} by {', '.join(names.values())}.\n\n"
            f"{'; '.join(kinds)}. Written by gradcli {__version__}."
        )


def kind(shape: tuple[int, ...]) -> str:
    return f"an array of shape {shape}" if shape else "a number"
