"""What an exported function is called and says of itself, in any language."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Mapping
from itertools import count
from typing import NamedTuple

from gradcli import __version__

# Of a line of the description.
WIDTH = 92


class Words(NamedTuple):
    """Of a function `name` of an expression, with variables of these shapes."""

    name: str
    expression: str
    shapes: Mapping[str, tuple[int, ...]]
    hessian: bool

    def document(self, names: Mapping[str, str]) -> str:
        """The value and derivatives of …; what the arguments and results are."""
        expression = " ".join(self.expression.split()).replace("\\", "/").replace('"""', "'''")
        expression = expression.replace("*/", "* /").replace("/*", "/ *").replace("??", "? ?")
        kinds = [f"{names[name]}: {kind(shape)}" for name, shape in self.shapes.items()]
        what = "the gradients" + (" and the second derivatives" if self.hessian else "")
        return "\n\n".join(
            textwrap.fill(text, WIDTH, break_long_words=False, break_on_hyphens=False)
            for text in (
                f"{expression}: the value, then {what} by {', '.join(names.values())}.",
                f"{'; '.join(kinds)}. Written by gradcli {__version__}.",
            )
        )


class Letters(NamedTuple):
    """What names of intermediate values, and of constant arrays, begin with."""

    temporary: str
    constant: str


def letters_beside(names: Iterable[str]) -> Letters:
    """Such that no variable's name begins with one of theirs and a number."""
    taken = {re.split(r"\d", name)[0] for name in names}

    def first(letters: str) -> str:
        longer = ("_" * k for k in count())
        every = (letter + line for line in longer for letter in letters)
        return next(name for name in every if name not in taken)

    return Letters(first("tuvw"), first("ck"))


def kind(shape: tuple[int, ...]) -> str:
    return f"an array of shape {shape}" if shape else "a number"
