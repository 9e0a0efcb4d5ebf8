"""The op table. Importing this package fills it."""

from gradcli.engine.ops import (
    arithmetic,
    circular,
    cutting,
    elementary,
    linalg,
    reduction,
    shape,
    writing,
)
from gradcli.engine.ops.table import NUMPY, TABLE, Op, Spec

__all__ = [
    "NUMPY",
    "TABLE",
    "Op",
    "Spec",
    "arithmetic",
    "circular",
    "cutting",
    "elementary",
    "linalg",
    "reduction",
    "shape",
    "writing",
]
