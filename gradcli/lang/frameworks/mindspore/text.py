"""How MindSpore writes tensors: bare when they are printed, in full within others."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.nn.parameter import ParameterMeta


def printed(tensor: Any, digits: int | None) -> str:
    """`[6. 16.]`, rows of matrices aligned; of a parameter what it is."""
    if type(tensor.meta) is ParameterMeta:
        shape, dtype = tensor.shape, called(tensor.dtype.name)
        return (
            f"Parameter (name={tensor.meta.name}, shape={shape}, dtype={dtype}, "
            f"requires_grad={tensor.requires_grad})"
        )
    value = np.asarray(tensor.value)
    if not value.shape:
        return str(tensor.value if digits is None else np.round(tensor.value, digits))
    text = np.array2string(value, precision=digits)
    return text if value.ndim > 1 else " ".join(text.replace("[ ", "[").split()).replace(" ]", "]")


def described(tensor: Any, digits: int | None) -> str:
    """`Tensor(shape=[2], dtype=Float32, value= [ 6.00000000e+00,  1.60000000e+01])`"""
    if type(tensor.meta) is ParameterMeta:
        return printed(tensor, digits)
    value = np.asarray(tensor.value)
    if not value.size:
        text = ""
    elif not value.shape:
        text = f"{value[()]:.6g}" if value.dtype.kind == "f" else str(value[()])
    else:
        places = 8 if digits is None else digits
        written = np.array2string(
            value, separator=", ", formatter={"float_kind": lambda x: f"{float(x): .{places}e}"}
        )
        text = written.replace("\n\n", "\n")
    gap = "\n" if value.ndim > 1 else " "
    shape = list(value.shape)
    return f"Tensor(shape={shape}, dtype={called(tensor.dtype.name)}, value={gap}{text})"


def called(dtype: str) -> str:
    return dtype.capitalize()
