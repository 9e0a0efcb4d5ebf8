"""The reciprocals of the circular and hyperbolic functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradcli.engine.apply import ROWS
from gradcli.engine.functions.registry import named
from gradcli.engine.tensor import Tensor

RECIPROCALS = {"sec": "cos", "csc": "sin", "sech": "cosh", "csch": "sinh", "coth": "tanh"}


def reciprocal(name: str, row: str) -> Callable[[Any], Tensor]:
    def call(x: Any) -> Tensor:
        return ROWS["reciprocal"](ROWS[row](x))

    call.__name__ = name
    call.__doc__ = f"1 / {row}(x)."
    return call


for _name, _row in RECIPROCALS.items():
    named(_name)(reciprocal(_name, _row))


@named("cot")
def cot(x: Any) -> Tensor:
    """cos(x) / sin(x), whose derivatives keep their digits where those of 1 / tan(x) cancel."""
    return ROWS["div"](ROWS["cos"](x), ROWS["sin"](x))
