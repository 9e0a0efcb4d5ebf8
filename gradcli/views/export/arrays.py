"""What the operations on whole arrays are called in numpy, PyTorch and JAX."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.engine.program import Value
from gradcli.errors import WrongType

MATMUL = ("dot", "mv", "vm", "mm", "bmm", "matmul")
TURNS = ("transpose", "t", "swapaxes")
RESHAPES = ("reshape", "ravel", "squeeze", "expand_dims")


def array_form(value: Value, module: str, operands: tuple[str, ...], source: Value | None) -> str:
    """An operation's text. `module` is np, torch or jnp; `source` is the first operand."""
    op, static = value.op, value.static
    assert op is not None
    torch = module == "torch"
    x = operands[0] if operands else ""
    if op.name in MATMUL:
        return " @ ".join(operands)
    if op.name in RESHAPES:
        return f"{module}.reshape({x}, {value.shape})"
    if op.name == "broadcast_to":
        return f"{module}.broadcast_to({x}, {value.shape})"
    if op.name == "outer":
        return f"{operands[0]}[..., None] * {operands[1]}[..., None, :]"
    if op.name in ("sum", "mean"):
        return f"{module}.{op.name}({x}{reduction(static, torch=torch)})"
    if op.name in TURNS and source is not None:
        return f"{module}.{'permute' if torch else 'transpose'}({x}, {order(value, source)})"
    if op.name in ("stack", "concatenate"):
        name = "cat" if torch and op.name == "concatenate" else op.name
        return f"{module}.{name}([{', '.join(operands)}], {'dim' if torch else 'axis'}={static[0]})"
    if op.name == "getitem" and static[0].basic:
        return f"{x}[{static[0]}]"
    if op.name == "scatter_index" and static[0].basic:
        return f"placed({x}, {value.shape}, {static[0].parts})"
    raise WrongType(f"export: {op.name} has no form in {LANGUAGES[module]}")


LANGUAGES = {"np": "numpy", "torch": "PyTorch", "jnp": "JAX"}


def reduction(static: tuple[Any, ...], *, torch: bool) -> str:
    axes, keepdims = static
    text = "" if axes is None else f", {'dim' if torch else 'axis'}={axes}"
    return text + (f", {'keepdim' if torch else 'keepdims'}=True" if keepdims else "")


def order(value: Value, source: Value) -> tuple[int, ...]:
    """The axes of the operand in the order that a turn gives them."""
    assert value.op is not None
    lengths = tuple(range(2, 2 + len(source.shape)))
    probe = np.broadcast_to(np.float64(0), lengths)
    return tuple([n - 2 for n in value.op.forward(probe, *value.static).shape])
