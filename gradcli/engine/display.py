"""How numbers and tensors read: PyTorch's layout, the shortest digits that round-trip."""

from __future__ import annotations

from typing import Any

import numpy as np

MOST = 1000  # elements shown of one tensor
EDGE = 3  # elements shown at either end of an axis, if there are more
WIDTH = 80
OPENING = "tensor("


def number(value: Any, digits: int | None = None) -> str:
    """A Python or numpy number, or an array of one: `2.0`, `nan`, `(1.0+2.0j)`; to `digits`."""
    if isinstance(value, np.ndarray):
        value = value[()]
    if isinstance(value, bool | np.bool_):
        return str(bool(value))
    if isinstance(value, int | np.integer):
        return str(int(value))
    if isinstance(value, complex | np.complexfloating):
        return f"({joined(number(value.real, digits), number(value.imag, digits))})"
    if digits is not None:
        return f"{float(value):.{digits}g}"
    return str(value) if isinstance(value, np.floating) else repr(float(value))


def joined(real: str, imag: str) -> str:
    """A complex number of its two parts."""
    return f"{real}{'' if imag.startswith('-') else '+'}{imag}j"


def element(value: Any, digits: int | None = None) -> str:
    """One element of a tensor: `2.` for a whole number, `1.+2.j`, as PyTorch writes them."""
    if isinstance(value, complex | np.complexfloating):
        return joined(element(value.real, digits), element(value.imag, digits))
    text = number(value, digits)
    if text.endswith(".0"):
        return text[:-1]
    whole = isinstance(value, float | np.floating) and text.removeprefix("-").isdigit()
    return text + "." if whole else text


def array(
    value: Any, digits: int | None = None, *, padded: bool = True, columns: int = WIDTH
) -> str:
    """Nested brackets, one row a line, elements of one width if `padded`, long axes elided."""
    value = np.asarray(value)
    if not value.shape:
        return element(value[()], digits)
    if not value.size:
        return "[]" if value.ndim == 1 else f"[], size={value.shape}"
    shown = value if value.size <= MOST else corners(value)
    width = max(len(element(x, digits)) for x in shown.flat) if padded else 0
    return np.array2string(
        value,
        separator=", ",
        threshold=MOST,
        edgeitems=EDGE,
        max_line_width=columns - len(OPENING),
        formatter={"all": lambda x: element(x, digits).rjust(width)},
    )


def corners(value: np.ndarray[Any, Any], edge: int = EDGE) -> np.ndarray[Any, Any]:
    """The elements that remain when long axes are elided."""
    for axis, n in enumerate(value.shape):
        if n > 2 * edge:
            value = np.take(value, [*range(edge), *range(n - edge, n)], axis=axis)
    return value


def describe(
    tensor: Any,
    digits: int | None = None,
    default: str = "float64",
    *,
    columns: int = WIDTH,
    with_shape: bool = False,
) -> str:
    """`tensor([1., 2.], grad_fn=<MulBackward0>)`: value, then what is not the default."""
    first, *rest = array(tensor.value, digits, columns=columns).split("\n")
    indent = " " * len(OPENING)
    shown = "\n".join([OPENING + first, *(line and indent + line for line in rest)])
    parts = []
    if with_shape:
        parts.append(f"shape={tensor.shape}")
    if str(tensor.dtype) not in (default, "bool", "int64"):
        parts.append(f"dtype={tensor.dtype}")
    if tensor.grad_fn is not None:
        parts.append(f"grad_fn={tensor.grad_fn}")
    elif tensor.requires_grad:
        parts.append("requires_grad=True")
    if not parts:
        return f"{shown})"
    facts = ", ".join(parts)
    room = columns - len(shown.rpartition("\n")[2]) - len(", )")
    return f"{shown}, {facts})" if len(facts) <= room else f"{shown},\n{indent}{facts})"
