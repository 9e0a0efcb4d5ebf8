"""Calls of rows that move elements: turned about, repeated, padded, gathered, scattered."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.engine.functions import FUNCTIONS as F

SOME = np.array([[0, 2, 0], [1, 1, 2]])

EXAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "flip": [
        (F["flip"], (2, 3)),
        (lambda x: x.flip(0), (3, 2)),
        (lambda x: x.flip((0, 2)), (2, 3, 2)),
    ],
    "roll": [
        (lambda x: x.roll(-1, 0), (3, 2)),
        (lambda x: x.roll((1, 2), (0, -1)), (2, 3, 2)),
    ],
    "rot90": [
        (F["rot90"], (2, 3)),
        (lambda x: x.rot90(-1, (0, 2)), (2, 3, 2)),
        (lambda x: x.rot90(2), (2, 3)),
    ],
    "tile": [
        (lambda x: x.tile(3), (2,)),
        (lambda x: x.tile(2, 1, 3), (2, 3)),
        (lambda x: x.tile(2), (2, 3)),
        (lambda x: x.tile(2, 3), ()),
    ],
    "repeat": [
        (lambda x: x.repeat(2), (2, 3)),
        (lambda x: x.repeat(3, axis=0), (2, 3)),
        (lambda x: x.repeat([1, 0, 2], -2), (2, 3, 2)),
    ],
    "pad": [
        (lambda x: F["pad"](x, 1), (3,)),
        (lambda x: F["pad"](x, ((0, 1), (2, 0)), constant_values=2.5), (2, 3)),
        (lambda x: F["pad"](x, ((1, 2), (2, 4)), "reflect"), (3, 3)),
        (lambda x: F["pad"](x, ((1, 2), (0, 0)), mode="edge"), (2, 3)),
        (lambda x: F["pad"](x, ((2, 0), (0, 1)), mode="edge"), (2, 3)),
        (lambda x: F["pad"](x, (2, 1), mode="circular"), (2, 3)),
        (lambda x: F["pad"](x, (3, 1), mode="symmetric"), (2,)),
    ],
    "diagonal": [
        (F["diagonal"], (3, 3)),
        (lambda x: x.diagonal(1), (2, 4)),
        (lambda x: x.diagonal(-1, 2, 0), (2, 3, 3)),
        (lambda x: F["diag"](x, -1), (3, 2)),
    ],
    "diag_embed": [
        (F["diag_embed"], (3,)),
        (lambda x: x.diag_embed(-1), (2, 3)),
        (lambda x: F["diagflat"](x, 1), (2, 2)),
    ],
    "tril": [(F["tril"], (3, 3)), (lambda x: x.tril(1), (2, 3, 4))],
    "triu": [(F["triu"], (3, 3)), (lambda x: x.triu(-1), (2, 3, 4))],
    "unfold": [
        (lambda x: x.unfold(0, 2), (4,)),
        (lambda x: x.unfold(0, 3, 2), (6, 2)),
        (lambda x: x.unfold(0, 2), (3, 2, 2)),
        (lambda x: x.unfold(1, 2, 3), (2, 5, 3)),
        (lambda x: F["sliding_window_view"](x, 2, 0), (3, 3)),
    ],
    "gather": [
        (lambda x: x.gather(0, [2, 0, 0, 1]), (3,)),
        (lambda x: x.gather(1, SOME), (3, 3)),
        (lambda x: x.gather(0, SOME), (3, 3)),
        (lambda x: x.gather(1, SOME[:, :, None]), (2, 3, 2)),
        (lambda x: F["take_along_axis"](x, SOME[:, :1], 0), (3, 3)),
    ],
    "scatter": [
        (lambda x, v: x.scatter(0, [1, 0], v), (3,), (2,)),
        (lambda x, v: x.scatter(1, SOME, v), (3, 3), (2, 3)),
        (lambda x, v: x.scatter(0, SOME, v), (3, 3), (3, 3)),
        (lambda x, v: x.scatter(0, SOME, v), (3, 3), ()),
    ],
    "scatter_add": [
        (lambda x, v: x.scatter_add(0, [1, 1], v) * [1, 2, 3], (3,), (2,)),
        (lambda x, v: x.scatter_add(1, SOME, v), (3, 3), (2, 3)),
        (lambda x, v: x.scatter_add(0, SOME[:, :, None], v), (3, 3, 2), (2, 3, 1)),
    ],
    "index_select": [
        (lambda x: x.index_select(0, [2, 0, 2]), (3,)),
        (lambda x: x.index_select(1, [1, 1, 0, 0]), (2, 3, 2)),
    ],
    "embedding": [
        (lambda w: F["embedding"]([[2, 0], [2, 1]], w), (3, 2)),
        (lambda w: F["embedding"](1, w), (2, 3)),
    ],
    "index_add": [
        (lambda x, v: x.index_add(0, [1, 1], v) * [1, 2, 3], (3,), (2,)),
        (lambda x, v: x.index_add(-1, [2, 0, 2], v, alpha=2.5), (2, 3), (2, 3)),
        (lambda x, v: x.index_add(1, [2], v), (2, 3, 2), (2, 1, 2)),
    ],
    "masked_fill": [
        (lambda x: x.masked_fill([True, False, True], 2.5), (2, 3)),
        (lambda x: x.masked_fill(x.real > 0, 0), (4,)),
    ],
}
