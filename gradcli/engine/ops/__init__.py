"""The op table. Importing this package fills it."""

from gradcli.engine.ops import (
    arithmetic,
    bessel,
    circular,
    convolution,
    cutting,
    elementary,
    linalg,
    pooling,
    reduction,
    shape,
    special,
    spectral,
    windows,
    writing,
)
from gradcli.engine.ops.table import NUMPY, TABLE, Op, Spec

__all__ = [
    "NUMPY",
    "TABLE",
    "Op",
    "Spec",
    "arithmetic",
    "bessel",
    "circular",
    "convolution",
    "cutting",
    "elementary",
    "linalg",
    "pooling",
    "reduction",
    "shape",
    "special",
    "spectral",
    "windows",
    "writing",
]
