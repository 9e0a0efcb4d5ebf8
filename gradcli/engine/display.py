"""How numbers and tensors read: PyTorch's shape, the shortest digits that round-trip."""

from __future__ import annotations

from typing import Any

import numpy as np

MOST = 1000


def number(value: Any, digits: int | None = None) -> str:
    """A Python or numpy number: `2.0`, `1e-07`, `nan`, `(1+2j)`; rounded to `digits` if given."""
    if isinstance(value, bool | np.bool_):
        return str(bool(value))
    if isinstance(value, int | np.integer):
        return str(int(value))
    if isinstance(value, complex | np.complexfloating):
        real, imag = number(value.real, digits), number(value.imag, digits)
        return f"({real}{'' if imag.startswith(('-', '+')) else '+'}{imag}j)"
    if digits is not None:
        return f"{float(value):.{digits}g}"
    return str(value) if isinstance(value, np.floating) else repr(float(value))


def element(value: Any, digits: int | None) -> str:
    """One element of a tensor: `2.` for a whole number, as PyTorch writes it."""
    text = number(value, digits)
    return text.removesuffix("0") if text.endswith(".0") else text


def array(value: Any, digits: int | None = None) -> str:
    """Nested brackets, columns aligned, long axes elided."""
    value = np.asarray(value)
    return (
        np.array2string(
            value,
            separator=", ",
            threshold=MOST,
            max_line_width=88,
            formatter={"all": lambda x: element(x, digits)},
        )
        if not value.shape
        else aligned(value, digits)
    )


def aligned(value: np.ndarray[Any, Any], digits: int | None) -> str:
    shown = value if value.size <= MOST else corners(value)
    texts = [element(x, digits) for x in shown.reshape(-1)[:MOST]]
    width = max((len(text) for text in texts), default=0)
    with np.printoptions(threshold=MOST, edgeitems=3):
        return np.array2string(
            value,
            separator=", ",
            max_line_width=88,
            formatter={"all": lambda x: element(x, digits).rjust(width if value.ndim > 1 else 0)},
        )


def corners(value: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The elements that remain when long axes are elided."""
    for axis, n in enumerate(value.shape):
        if n > 6:
            value = np.take(value, [0, 1, 2, n - 3, n - 2, n - 1], axis=axis)
    return value


def describe(tensor: Any, digits: int | None = None, default: str = "float64") -> str:
    """`tensor([1., 2.], grad_fn=<MulBackward0>)`: value, then what is not the default."""
    body = array(tensor.value, digits).replace("\n", "\n" + " " * len("tensor("))
    parts = [body]
    if str(tensor.dtype) not in (default, "bool", "int64"):
        parts.append(f"dtype={tensor.dtype}")
    if tensor.grad_fn is not None:
        parts.append(f"grad_fn={tensor.grad_fn}")
    elif tensor.requires_grad:
        parts.append("requires_grad=True")
    return f"tensor({', '.join(parts)})"
