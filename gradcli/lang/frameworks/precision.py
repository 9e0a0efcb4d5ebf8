"""What the dtypes can hold."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.errors import WrongType
from gradcli.lang.operations import dtype_name
from gradcli.lang.values import Module


def finfo(type: Any = "float32") -> Module:
    """What a dtype of real numbers can hold."""
    name = dtype_name(type)
    if name not in ("float32", "float64"):
        raise WrongType("finfo is of float32 or float64", hint="iinfo(int64) is of integers")
    found = np.finfo(name)
    facts = {key: float(getattr(found, key)) for key in ("eps", "max", "min", "tiny")}
    return Module("finfo", {**facts, "bits": found.bits, "smallest_normal": facts["tiny"]})


def iinfo(type: Any) -> Module:
    kind = np.dtype(dtype_name(type))
    if kind.kind not in "iu":
        raise WrongType("iinfo is of integers", hint="finfo(float32) is of real numbers")
    found = np.iinfo(kind)
    return Module("iinfo", {"bits": found.bits, "max": int(found.max), "min": int(found.min)})
