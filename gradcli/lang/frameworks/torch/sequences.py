"""`torch.nn.utils.rnn`: sequences of different lengths side by side."""

from __future__ import annotations

from typing import Any

from gradcli.engine.functions import FUNCTIONS as F
from gradcli.engine.tensor import Tensor
from gradcli.errors import ShapeMismatch, WrongType, WrongValue
from gradcli.lang.frameworks.strictness import builtins_of
from gradcli.lang.operators import truth
from gradcli.lang.sequences import items_of


def pad_sequence(
    sequences: Any,
    batch_first: Any = False,
    padding_value: Any = 0.0,
    padding_side: Any = "right",
) -> Tensor:
    """Tensors (steps, …) as one (steps, batch, …), the shorter ones filled up with a value."""
    rows = items_of(sequences)
    if not rows or any(type(x) is not Tensor or not x.ndim for x in rows):
        raise WrongType("pad_sequence takes a list of tensors with at least one axis")
    if padding_side not in ("left", "right"):
        raise WrongValue("padding_side is 'left' or 'right'")
    if len({x.shape[1:] for x in rows}) > 1:
        raise ShapeMismatch("pad_sequence: the sequences differ in more than their lengths")
    longest = max(x.shape[0] for x in rows)
    filled = []
    for x in rows:
        rest = longest - x.shape[0]
        ends = (0, rest) if padding_side == "right" else (rest, 0)
        widths = [ends, *[(0, 0)] * (x.ndim - 1)]
        filled.append(F["pad"](x, widths, "constant", padding_value))
    return F["stack"](filled, 0 if truth(batch_first) else 1)


def rnn_names(path: str) -> dict[str, Any]:
    return builtins_of(path, {"pad_sequence": pad_sequence})
