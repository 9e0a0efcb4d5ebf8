"""The op table: one module a family of rows, imported when one of its rows is asked for."""

from gradcli.engine.ops.table import NUMPY, TABLE, Op, Spec

__all__ = ["NUMPY", "TABLE", "Op", "Spec"]
